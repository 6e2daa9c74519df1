"""Loading bans of a scenario as plans in codes and units."""

from __future__ import annotations

from sim.network.codes import Codes
from sim.network.parts import EmbargoPlan
from sim.spec.rules import Level


def embargo(codes: Codes, name: str) -> EmbargoPlan:
    """Return a loading ban with its levels in units."""
    ban = codes.spec.embargoes[name]
    units_per_day = ban.worked_per_day or 0.0
    codes.resources.code(name, "embargo", ban.port, 0)
    return EmbargoPlan(
        id=name,
        port=codes.places[ban.port],
        units=tuple(codes.units[unit] for unit in ban.units or codes.units if unit in codes.units),
        impose=_units(ban.impose, units_per_day),
        lift=_units(ban.lift, units_per_day),
        holds_at=frozenset(codes.places[place] for place in ban.holds_at),
        refuses=ban.cargo == "refused",
    )


def _units(level: Level, units_per_day: float) -> float:
    if level.units is not None:
        return level.units
    return (level.days or 0.0) * units_per_day
