"""Trains, track, borders, locomotives and roads."""

from __future__ import annotations

from dataclasses import dataclass

from sim.distributions import Distribution
from sim.log import NONE
from sim.network.parts._line import Deck, DeparturePlan
from sim.units import Seconds


@dataclass(frozen=True, slots=True)
class Checks:
    """Inspection of a share of trains or trucks, and the hours in which work may begin."""

    share: float
    time: Distribution | None
    open_s: Seconds
    close_s: Seconds
    """Opening and closing in seconds after midnight; equal: always open."""


@dataclass(frozen=True, slots=True)
class UserPlan:
    """Trains or trucks that are dealt with in a way of their own."""

    id: str
    flows: frozenset[int]
    """Some of what is aboard is of one of these."""
    weightless: frozenset[int] | None
    """All that is aboard is of these flows; None: whatever it is."""
    carriers: frozenset[int]
    """Trains or roads; empty: any."""
    own_works: tuple[tuple[str, Distribution], ...]
    """Parts of the stay with a time of their own."""
    kept_works: tuple[tuple[str, Distribution], ...]
    """Parts of the stay with the time of all others."""
    checks: Checks
    priority: int | None
    """None: that of all others."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One section run in one direction."""

    id: str
    place: int
    """Where the train stands before it."""
    resource: int
    running: Distribution
    headway_s: Seconds
    """Least time between two trains that enter; 0: no limit."""
    pool: int
    """Resource code of the locomotive pool, or `sim.log.NONE`."""
    section: int
    """Resource code of the section, both directions."""
    blocks: tuple[int, ...] = ()
    """Resource codes of the blocks of a single track by layout, in the order in which this
    direction meets them."""
    clearing_s: Seconds = 0
    possessions: tuple[tuple[Seconds, Seconds], ...] = ()
    """Begin, in seconds after Monday midnight (below zero: of every day, less one week), and
    length."""
    holding: int = NONE
    """Resource code of the tracks at its end on which trains stand that wait, or `sim.log.NONE`."""
    end: int = NONE
    """Place at its end."""
    background_s: Seconds = 0
    """Interval of other trains on a single track by layout; 0: none."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """One border crossed by train, either way."""

    id: str
    place: int
    resource: int
    tracks: int
    """0: no limit."""
    works: tuple[tuple[str, Distribution], ...]
    """Named parts of the stay in this direction, one after the other."""
    checks: Checks
    stream: str
    """What its random numbers are named after; each direction has its own."""
    priority: int | None = None
    """In the queue for a track; None: that of the train."""
    users: tuple[UserPlan, ...] = ()
    """Of this direction, the first that fits is taken."""
    hours_differ: bool = False
    """Whether trains that share its tracks keep other hours than each other."""
    holding: int = NONE
    """Resource code of the tracks at its end on which trains stand that wait, or `sim.log.NONE`."""
    end: int = NONE
    """Place at its end."""


@dataclass(frozen=True, slots=True)
class TrainLine:
    """Block trains to and fro on one path."""

    id: str
    carrier: int
    ends: tuple[int, int]
    deck: Deck
    links: tuple[tuple[Stretch | Crossing, ...], tuple[Stretch | Crossing, ...]]
    """Sections and borders that are passed, per direction."""
    departure: tuple[DeparturePlan, DeparturePlan]
    handling: tuple[Distribution, Distribution]
    tracks: tuple[int, int]
    """Resource code of the loading tracks at each end, or `sim.log.NONE`."""
    priority: int
    is_tight: tuple[bool, bool] = (False, False)
    """Whether few trains can stand at each end: one that begins there keeps its loading track until
    it leaves."""


@dataclass(frozen=True, slots=True)
class BreakdownPlan:
    """Failures of locomotives one by one."""

    every: Distribution
    lasting: Distribution
    workshop: int
    """Resource code of the crews, or `sim.log.NONE`."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """Gate of a terminal as the trucks of one road meet it; roads may share it."""

    resource: int
    lanes: int
    time: Distribution
    checks: Checks
    stream: str
    """What its random numbers are named after; each road that shares it has its own."""
    users: tuple[UserPlan, ...] = ()
    """On this road, the first that fits is taken."""
    hours_differ: bool = False
    """Whether trucks that share its lanes keep other hours than each other."""


@dataclass(frozen=True, slots=True)
class RoadLine:
    """A road between two places."""

    id: str
    carrier: int
    ends: tuple[int, int]
    resource: int
    running: Distribution
    gates: tuple[Gateway | None, Gateway | None]
    """Gate met on entering each end."""
