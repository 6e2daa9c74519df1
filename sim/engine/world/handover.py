"""Hand-over interfaces: what the world, cargo and the audit ask of the floors above them.

Whoever acts (dispatchers, roads, routers, embargoes, fleets of equipment) registers here before the
run begins. What a scenario does not switch on stays empty. The protocols state the whole contract:
no floor imports one above it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import simpy

from sim.engine.kernel.meter import Meter
from sim.engine.world.lots import Legs, Lot, Trip
from sim.network.parts import EmbargoPlan, FlowPlan, TrainLine
from sim.units import Seconds


class Dispatcher(Protocol):
    """Sends the trains of one line off in one direction."""

    @property
    def line(self) -> TrainLine:
        """The line as it stands now."""

    def check(self) -> None:
        """Send off every train that may leave now."""

    def resume(self, lots: list[Lot], link: int, arrives_in_s: Seconds) -> None:
        """Have a train go on that is under way when the run begins.

        Parameters
        ----------
        link
            Number of the next link on its route.
        arrives_in_s
            Time until it is there [s].
        """


class Track(Protocol):
    """A section of single track by layout."""

    @property
    def codes(self) -> Sequence[int]:
        """Resource codes of its blocks."""

    def busy_until(self, block: int, now: Seconds) -> Seconds:
        """Return how long block number *block* was in use up to *now* [s]."""


class Vessel(Protocol):
    """A vessel, as the fleet knows it."""

    @property
    def home(self) -> tuple[int, int]:
        """The service it belongs to (`sim.log.NONE`: it is laid up) and its class."""


class FleetOfEquipment(Protocol):
    """One fleet of equipment."""

    of_initial_cargo: int
    """Items under the cargo that was there at the start."""

    @property
    def fleet(self) -> int:
        """Items in all."""

    @property
    def idle(self) -> Mapping[int, int]:
        """Idle items by place."""

    @property
    def dwelling(self) -> Mapping[int, int]:
        """Items that are being readied, by place."""

    def equip(self, lot: Lot) -> None:
        """Let *lot* set out with as many items as there are; the rest of it waits."""

    def release(self, flow: FlowPlan, units: int) -> None:
        """Take back the items of delivered *units*."""


class Router(Protocol):
    """Chooses ways by the queues it sees."""

    def choose(self, lot: Lot, leg: int) -> None:
        """Let *lot* take the fastest way from *leg* on."""

    def note_departure(self, leg: tuple[int, int]) -> None:
        """Note that a train or vessel left with cargo of *leg*."""


class Dwelling(Protocol):
    """What cargo needs before it is ready for its next leg."""

    def takes(self, lot: Lot) -> bool:
        """Let *lot*, which has come, dwell; return whether it does."""

    def preset(self, lot: Lot, left_s: Seconds) -> None:
        """Take up a state: *lot* is ready for its leg after *left_s*."""

    def ready_in_s(self, lot: Lot) -> Seconds | None:
        """Return how long *lot* still dwells [s]; None: it does not."""

    def unit_s_until(self, now: Seconds) -> dict[int, int]:
        """Return the unit-seconds of dwell up to *now*, by resource."""

    def mean_s(self, leg: tuple[int, int], unit: int) -> float:
        """Return what a unit needs before *leg* on average [s]."""


class Gate(Protocol):
    """What passes a ban while it is on."""

    @property
    def number(self) -> int:
        """Number of the ban."""

    @property
    def meters(self) -> Sequence[Meter]:
        """Its meters."""

    def closes(self, flow: FlowPlan, leg: tuple[int, int]) -> bool:
        """Return whether cargo of *flow* for *leg* may have to wait for the ban."""

    def stops(self, lot: Lot, leg: tuple[int, int]) -> bool:
        """Have *lot* stand, unless it may pass; return whether it stands."""

    def admit(self, lot: Lot) -> None:
        """Count *lot*, which was created now and was not refused."""

    def mark_consignment(self, lot: Lot) -> None:
        """Take up a state: *lot* has passed."""


class Embargo(Protocol):
    """A loading ban, as the state at the end describes it."""

    @property
    def stage(self) -> int:
        """-1: it is not on; else the number of the stage that holds."""

    @property
    def plan(self) -> EmbargoPlan:
        """Its plan."""

    def opens_in_s(self) -> list[Seconds]:
        """Return by meter how long nobody can pass; 0 where nobody ever can."""

    def has_passed(self, lot: Lot) -> bool:
        """Return whether a lot that waits for its next leg has passed the ban that is on."""

    def has_passed_under_way(self, trip: Trip) -> bool:
        """Return whether the train of *trip* has passed the ban that is on."""

    @property
    def known_for_s(self) -> Seconds:
        """How long what is worked has been counted, at most over its window."""

    def worked(self) -> list[tuple[Seconds, int]]:
        """Return how long ago units left by sea that still count, and how many."""


StartTruck: TypeAlias = Callable[[Lot, int], object]
"""``start(lot, direction)`` sends a truck off with a lot."""
Refusal: TypeAlias = Callable[[FlowPlan, Legs], bool]
"""``refuses(flow, legs)``: whether a ban turns away a consignment before it is created."""
Hold: TypeAlias = Callable[[Trip, int, int], tuple[int, simpy.Event] | None]
"""``holds(trip, destination, place)``: the ban that holds a train, and the event for which it
waits."""


@dataclass(slots=True)
class Handover:
    """Everybody who acts, by what the others need of them."""

    roads: dict[int, StartTruck] = field(default_factory=dict)
    """By carrier."""
    dispatchers: dict[tuple[int, int], Dispatcher] = field(default_factory=dict)
    """By carrier and direction."""
    vessels: dict[int, Vessel] = field(default_factory=dict)
    """By vehicle number."""
    tracks: list[Track] = field(default_factory=list)
    pools: Sequence[FleetOfEquipment] = ()
    """By code of the fleet of equipment."""
    router: Router | None = None
    """None: all flows go by fixed shares."""
    banned: Counter[tuple[int, int]] = field(default_factory=Counter)
    """By unit and port: how many embargoes that are on close the port to the unit."""
    refusals: list[Refusal] = field(default_factory=list)
    """One of each embargo that turns cargo away."""
    dwelling: Dwelling | None = None
    """None: cargo is ready when it has come."""
    embargoes: Sequence[Embargo] = ()
    """By number."""
    gates: Sequence[Gate] = ()
    """Of bans that let some cargo pass, in the order of the bans."""
    holds: Hold | None = None
    """None: no embargo holds trains."""
    on_the_line: dict[int, dict[int, None]] = field(default_factory=dict)
    """By resource of a section in one direction, the trains that stand at its end on the line, before
    tracks that are full."""
    holding_places: frozenset[int] = frozenset()
    """Where embargoes can hold trains."""
