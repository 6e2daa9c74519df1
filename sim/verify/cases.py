"""All cases of the verification, in the order in which they are listed."""

from __future__ import annotations

from sim.verify import land, queues, sea, weather
from sim.verify.case import Case

CASES: tuple[Case, ...] = (
    *queues.GATES,
    *queues.BY_THE_HOUR,
    *queues.PATHS,
    *queues.BANS,
    *queues.DWELLS,
    *queues.PRIORITIES,
    *queues.BORDERS,
    *queues.TANDEMS,
    *sea.DEPARTURES,
    *sea.DECKS,
    *sea.FLEETS,
    *land.LOCOMOTIVES,
    *weather.STORMS,
    *land.MEETING,
)
