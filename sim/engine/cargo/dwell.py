"""Dwell: what cargo needs between its arrival at a node and being ready for its next leg.

A lot is set aside when it comes, with the room that it takes in the yard, and laid down when it is
ready; nothing waits, so a lot costs one event. Its time belongs to its consignment: it is drawn from
a stream named after the number that the consignment got at its birth.
"""

from __future__ import annotations

from functools import partial

from sim.engine.cargo.journeys import Journeys
from sim.engine.kernel.calendar import Pace, weekly
from sim.engine.world.lots import Lot
from sim.engine.world.world import World
from sim.log import NONE, Activity
from sim.network.parts import DwellPlan, Network
from sim.units import DAY, Seconds

BEYOND_S = 60 * DAY
"""How long after the run pauses are still known: the state at the end says when cargo will be ready."""


def start(world: World, journeys: Journeys) -> None:
    """Let cargo dwell, where the scenario says so."""
    if world.network.dwells:
        world.handover.dwelling = Dwelling(world, journeys)


class Dwelling:
    """All dwells of a world."""

    def __init__(self, world: World, journeys: Journeys) -> None:
        self._world = world
        self._journeys = journeys
        self._before = world.network.dwell_before
        self._adopt(world.network)
        self._ready_s: dict[int, Seconds] = {}
        """By lot, when it will be ready."""
        self._left_s: dict[int, tuple[int, Seconds]] = {}
        """By consignment that is there at the start, its leg and the time that it still needs."""
        self.unit_s: dict[int, int] = {}
        """By resource, the sum over units of when each became ready, less when it came: what is
        audited with the log."""
        self.units: dict[int, int] = {}
        """By resource, the units that dwell now."""
        world.on_change.append(self._adopt)

    def takes(self, lot: Lot) -> bool:
        """Let *lot*, which has come, dwell; return whether it does."""
        by_unit = self._before.get(lot.legs[lot.leg])
        if by_unit is None:
            return False
        number = by_unit[lot.consignment.flow.unit]
        if number == NONE:
            return False
        env, dwell = self._world.env, self._plans[number]
        preset = self._left_s.get(lot.consignment.id)
        if preset is not None and preset[0] == lot.leg:
            ready_s = env.now + preset[1]
        elif lot.leg == 0 and not dwell.at_origin:
            return False
        else:
            ready_s = self._paces[number].end_s(env.now, self._work_s(dwell, lot))
        if ready_s <= env.now:
            return False
        self._begin(lot, ready_s)
        return True

    def preset(self, lot: Lot, left_s: Seconds) -> None:
        """Take up a state: *lot* is ready for its leg after *left_s*, pauses included."""
        self._left_s[lot.consignment.id] = (lot.leg, left_s)

    def ready_in_s(self, lot: Lot) -> Seconds | None:
        """Return how long *lot* still dwells [s]; None: it does not."""
        ready_s = self._ready_s.get(lot.id)
        return None if ready_s is None else ready_s - self._world.env.now

    def unit_s_until(self, now: Seconds) -> dict[int, int]:
        """Return the unit-seconds of dwell up to *now*, by resource."""
        return {code: self.unit_s[code] + self.units[code] * now for code in self.unit_s}

    def mean_s(self, leg: tuple[int, int], unit: int) -> float:
        """Return what a unit needs before *leg* on average [s], pauses left out."""
        by_unit = self._before.get(leg)
        if by_unit is None or by_unit[unit] == NONE:
            return 0.0
        return self._plans[by_unit[unit]].mean_s

    def _adopt(self, network: Network) -> None:
        self._plans = network.dwells
        until_s, monday_s = self._world.latest_end_s + BEYOND_S, network.start_weekday_s
        self._paces = []
        for plan in self._plans:
            pauses = weekly(plan.pauses, monday_s, until_s)
            self._paces.append(Pace((start_s, end_s, 0.0) for start_s, end_s in pauses))

    def _work_s(self, plan: DwellPlan, lot: Lot) -> Seconds:
        """Draw what *lot* needs [s]; lots of one consignment each draw their own."""
        consignment = lot.consignment
        consignment.dwells += 1
        if plan.time.is_constant and plan.fault_time is None:
            return round(plan.time.mean)
        birth = f"{consignment.flow.id}/{consignment.mark!r}/{consignment.dwells}"
        generator = self._world.streams.generator(f"dwell/{plan.id}/{birth}")
        work_s = int(plan.time.sample(generator, 1)[0])
        if plan.fault_time is None:
            return work_s
        # Drawn for every lot, so that another share picks others and changes nothing else.
        fault_s = int(plan.fault_time.sample(generator, 1)[0])
        return work_s + fault_s if generator.random() < plan.fault_share else work_s

    def _begin(self, lot: Lot, ready_s: Seconds) -> None:
        world, leg = self._world, lot.legs[lot.leg]
        now = world.env.now
        code = world.resource_before(leg)
        self._ready_s[lot.id] = ready_s
        self.unit_s[code] = self.unit_s.get(code, 0) - lot.units * now
        self.units[code] = self.units.get(code, 0) + lot.units
        world.set_aside(lot, Activity.DWELL, world.end_of(*leg), code)
        timer = world.env.pause(ready_s - now)
        timer.callbacks.append(partial(self._end, lot, code))

    def _end(self, lot: Lot, code: int, _timer: object) -> None:
        del self._ready_s[lot.id]
        self.unit_s[code] += lot.units * self._world.env.now
        self.units[code] -= lot.units
        self._world.take_back(lot)
        self._journeys.lay_down(lot)
