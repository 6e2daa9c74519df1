"""Weather, drawn in advance: storms over the basin and the hours in which each port is shut.

One process of storms for all ports. Calm spells end at a rate that makes the share of closed time
that of the month; the most exposed port is shut for the whole storm, a port of exposure e for the
middle e of it. So all ports are hit together, the less exposed for less long, and the closed share
of each is its exposure times that of the most exposed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sim.engine.kernel.calendar import Calendar
from sim.network.parts import Climate
from sim.streams import Streams
from sim.units import DAY, Seconds


def draw_closures(
    climate: Climate | None, streams: Streams, start: date, until_s: Seconds
) -> dict[int, Calendar]:
    """Draw the closures of every exposed port up to *until_s*, by place code."""
    if climate is None:
        return {}
    storms = list(_storms(climate, streams, start, until_s))
    closures = {}
    for place, exposure in climate.exposure.items():
        middle = []
        for begin_s, length_s in storms:
            shut_s = round(length_s * exposure)
            first_s = begin_s + (length_s - shut_s) // 2
            if shut_s:
                middle.append((first_s, first_s + shut_s))
        closures[place] = Calendar(middle)
    return closures


def _storms(
    climate: Climate, streams: Streams, start: date, until_s: Seconds
) -> Iterator[tuple[Seconds, Seconds]]:
    """Yield begin and length of storms.

    In a month with closed share p and mean storm D the calm ends at rate p / ((1 - p) D), so that
    calm and storm alternate with mean lengths (1 - p) D / p and D.
    """
    calm = streams.generator("weather/calm")
    lengths = streams.draws(climate.spell, "weather/spell")
    mean_s = climate.spell.mean
    rates = [share / ((1 - share) * mean_s) for share in climate.closed_share]
    now = 0.0
    while now < until_s:
        patience = float(calm.exponential())
        while now < until_s:
            month_end_s = _month_end_s(start, now)
            rate = rates[_day(start, now).month - 1]
            if rate * (month_end_s - now) >= patience:
                now += patience / rate
                break
            patience -= rate * (month_end_s - now)
            now = month_end_s
        else:
            return
        length_s = next(lengths)
        begin_s = round(now)
        yield begin_s, length_s
        # At least a second of calm keeps intervals apart.
        now = float(begin_s + length_s + 1)


def _day(start: date, now_s: float) -> date:
    return start + timedelta(days=int(now_s // DAY))


def _month_end_s(start: date, now_s: float) -> float:
    day = _day(start, now_s)
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return float((following - start).days * DAY)
