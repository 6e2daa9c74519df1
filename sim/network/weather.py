"""Storms, wind and wave, and the level of the sea as parts of the network of a scenario."""

from __future__ import annotations

from sim.network.codes import Codes
from sim.network.parts import Climate, SeaLevelPlan
from sim.spec.series import beyond
from sim.units import DAY, Seconds


def climate(codes: Codes) -> Climate | None:
    """Return the storms, with shares and spells of the most exposed port; None: no storms."""
    weather = codes.spec.weather
    if weather is None or not any(weather.closed_share) or not any(weather.exposure.values()):
        return None
    most = max(weather.exposure.values())
    return Climate(
        closed_share=tuple(share * most for share in weather.closed_share),
        spell=weather.spell.scaled(most),
        exposure={
            codes.places[place]: exposure / most for place, exposure in weather.exposure.items()
        },
    )


def closures_by_class(codes: Codes) -> dict[tuple[int, int], tuple[tuple[Seconds, Seconds], ...]]:
    """Return, by place and vessel class, when wind or wave exceeds the limits of the class.

    Of several series for one port each holds.
    """
    closures: dict[tuple[int, int], tuple[tuple[Seconds, Seconds], ...]] = {}
    weather = codes.spec.weather
    if weather is None:
        return closures
    for name, series in weather.series.items():
        rows = codes.scenario.weather[name]
        for vessel, ship in codes.spec.vessels.items():
            spells = beyond(rows, ship.limits)
            if not spells:
                continue
            for port in series.ports:
                key = codes.places[port], codes.classes[vessel]
                closures[key] = _either(closures.get(key, ()), spells)
    return closures


def _either(
    some: tuple[tuple[Seconds, Seconds], ...], others: tuple[tuple[Seconds, Seconds], ...]
) -> tuple[tuple[Seconds, Seconds], ...]:
    """Return when one of two series closes a port or both do: intervals in order and apart."""
    joined: list[tuple[Seconds, Seconds]] = []
    for start_s, end_s in sorted((*some, *others)):
        if joined and start_s <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end_s))
        else:
            joined.append((start_s, end_s))
    return tuple(joined)


def sea_level(codes: Codes) -> SeaLevelPlan | None:
    """Return the level of the sea above the datum over time."""
    sea, start = codes.spec.sea_level, codes.spec.horizon.start
    if sea is None:
        return None
    points = sorted(sea.level_m.items())
    return SeaLevelPlan(
        at_s=tuple((day - start).days * DAY for day, _ in points),
        level_m=tuple(level - sea.datum_m for _, level in points),
        under_keel_m=sea.under_keel_m,
    )
