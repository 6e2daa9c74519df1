"""Loading bans of a scenario as plans in codes and units."""

from __future__ import annotations

from sim.network.codes import Codes
from sim.network.parts import EmbargoPlan


def embargo(codes: Codes, name: str) -> EmbargoPlan:
    """Return a loading ban with its levels in units."""
    ban = codes.spec.embargoes[name]
    codes.resources.code(name, "embargo", ban.port, 0)
    return EmbargoPlan(
        id=name,
        port=codes.places[ban.port],
        units=tuple(codes.units[unit] for unit in ban.units or codes.units if unit in codes.units),
        impose=ban.units_of(ban.impose),
        lift=ban.units_of(ban.lift),
        holds_at=frozenset(codes.places[place] for place in ban.holds_at),
        refuses=ban.cargo == "refused",
    )
