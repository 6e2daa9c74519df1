"""Who acts in a world beside its vehicles: the rules a scenario switches on, and where cargo meets
them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import simpy

from sim.network.parts import FlowPlan

if TYPE_CHECKING:
    from sim.engine.cargo.equipment import Pool
    from sim.engine.land.track import SingleTrack
    from sim.engine.land.trains import Dispatcher
    from sim.engine.sea.vessel import Quay, Vessel
    from sim.engine.world.lots import Legs, Lot


@dataclass(slots=True)
class Rules:
    """Set up by the parts of the engine before the run begins; what a scenario does not switch on
    stays empty."""

    roads: dict[int, Callable[[Lot, int], object]] = field(default_factory=dict)
    """By carrier: starts a truck with a lot in a direction."""
    dispatchers: dict[tuple[int, int], Dispatcher] = field(default_factory=dict)
    """By carrier and direction: who sends trains off."""
    quays: dict[tuple[int, int], Quay] = field(default_factory=dict)
    """By carrier and end: where vessels lie ready."""
    homes: dict[int, Vessel] = field(default_factory=dict)
    """Vessels by number."""
    tracks: dict[int, SingleTrack] = field(default_factory=dict)
    """Single tracks by layout, by section."""
    pools: list[Pool] = field(default_factory=list)
    """Fleets of equipment."""
    choose_way: Callable[[Lot, int], None] | None = None
    """Lets a lot choose its way from a leg on, where flows go by the queues they see."""
    departed: Callable[[tuple[int, int]], None] | None = None
    """Is told of departures, where flows go by the queues they see."""
    banned: Counter[tuple[int, int]] = field(default_factory=Counter)
    """Embargoes that are on: how many keep a kind of unit from the port of a place."""
    refuses: list[Callable[[FlowPlan, Legs], bool]] = field(default_factory=list)
    """Embargoes: each tells whether a newborn consignment is turned away."""
    holds: Callable[[list[Lot], int, int], tuple[int, simpy.Event] | None] | None = None
    """Embargoes: what holds cargo for one place at another, and the event of its end."""
    holding_places: frozenset[int] = frozenset()
    """Embargoes: where trains can be held."""
