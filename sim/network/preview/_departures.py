"""What timetables and headways allow, and what weather takes off."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, fsum, inf

from sim.log import names
from sim.network.parts import DeparturePlan, Network, SeaLine, TrainLine
from sim.network.preview._load import Load
from sim.units import WEEK, YEAR


def departure_loads(
    network: Network, line: TrainLine | SeaLine, direction: int, needed: float, berths: float = inf
) -> Iterator[Load]:
    """Yield the full departures that a year's cargo needs against those that the clock allows.

    A vessel whose turn comes in a storm takes it and waits for weather at its berth. Once all
    *berths* are taken by such, the rest of the storm is lost: of storms with exponential lengths
    :math:`e^{-bh/l}` of their time, with :math:`b` berths, a turn every :math:`h` and a mean length
    :math:`l`. Berths count as the line's own.
    """
    every_s = _interval_s(line.departure[direction])
    if every_s is None:
        return
    end = line.ends[direction]
    place, lost = network.names.place[end], 0.0
    shut = closed_share(network, place)
    if network.climate is not None and shut:
        storm_s = network.climate.exposure[end] * network.climate.spell.mean
        lost = shut * exp(-berths * every_s / storm_s)
    allowed = YEAR / every_s * (1 - lost)
    yield Load(names.departures(line.id, place), "departures", "departures", needed, allowed)


def _interval_s(rule: DeparturePlan) -> float | None:
    """Return the mean time between two departures if only the clock lets vehicles leave, else None.

    Of a headway beside a timetable it is a lower bound: what the one lets go delays the other.
    """
    if not rule.by_clock_alone:
        return None
    if rule.times_of_week and rule.headway_s:
        per_s = len(rule.times_of_week) / WEEK + 1 / rule.headway_s
        return 1 / per_s
    if rule.times_of_week:
        return WEEK / len(rule.times_of_week)
    return rule.headway_s


def closed_share(network: Network, place: str) -> float:
    """Return the share of the year in which storms close the port of *place*."""
    if network.climate is None:
        return 0.0
    exposure = network.climate.exposure.get(network.names.place.index(place), 0.0)
    return exposure * fsum(network.climate.closed_share) / 12
