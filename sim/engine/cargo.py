"""Cargo that waits: lots, the stacks they lie in, and the room there is for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from sim.log import Activity
from sim.network.parts import Deck, FlowPlan
from sim.units import Seconds


class Consignment:
    """Goods that were born together and travel one itinerary."""

    __slots__ = ("born_s", "flow", "id", "in_cohort", "legs")

    def __init__(self, number: int, flow: FlowPlan, legs: tuple[tuple[int, int], ...], born_s: Seconds) -> None:
        self.id = number
        self.flow = flow
        self.legs = legs
        self.born_s = born_s
        self.in_cohort = False


class Lot:
    """Identical units of one consignment that are together and share all their times."""

    __slots__ = ("consignment", "id", "leg", "sequence", "since_s", "units")

    def __init__(self, number: int, consignment: Consignment, units: int) -> None:
        self.id = number
        self.consignment = consignment
        self.units = units
        self.leg = 0
        """Next leg of the itinerary."""
        self.since_s = 0
        self.sequence = 0
        """Order of arrival in the stack."""


class Queue:
    """Lots of one unit and one priority class in a stack, in order of arrival."""

    __slots__ = ("lots", "priority", "unit", "units")

    def __init__(self, priority: int, unit: int) -> None:
        self.priority = priority
        self.unit = unit
        self.lots: deque[Lot] = deque()
        self.units = 0


class Stack:
    """Cargo at one place for one carrier in one direction, taken by (priority, arrival).

    Parameters
    ----------
    part
        Called with a lot and a number of units; returns a new lot of that size that parted from it.
    leave
        Called with each lot that is taken, and whether it waited at all is its business.
    """

    __slots__ = (
        "_leave",
        "_level",
        "_part",
        "_sequence",
        "_since_s",
        "activity",
        "code",
        "on_put",
        "place",
        "queues",
        "unit_s",
    )

    def __init__(self, code: int, place: int, activity: Activity, part: Callable[[Lot, int], Lot]) -> None:
        self.code = code
        self.place = place
        self.activity = activity
        self.queues: list[Queue] = []
        self.on_put: Callable[[], None] = _nobody_waits
        self._part = part
        self._sequence = 0
        self._level = 0
        self._since_s = 0
        self.unit_s = 0
        """Unit-seconds up to the last change: the stack's own count, for Little's law."""

    def put(self, lot: Lot, now: Seconds) -> None:
        """Lay *lot* down and tell whoever waits for cargo."""
        self._count(now, lot.units)
        lot.since_s = now
        lot.sequence = self._sequence
        self._sequence += 1
        flow = lot.consignment.flow
        queue = self._queue(flow.priority, flow.unit)
        queue.lots.append(lot)
        queue.units += lot.units
        self.on_put()

    def take(self, deck: Deck, now: Seconds) -> tuple[list[Lot], int]:
        """Take what goes on *deck*; return the lots and the room they use."""
        taken: list[Lot] = []
        free = deck.size
        while queue := self._first(deck, free):
            size = deck.per_unit[queue.unit]
            lot, count = queue.lots[0], free // size
            if lot.units <= count:
                queue.lots.popleft()
            else:
                lot = self._part(lot, count)
            queue.units -= lot.units
            free -= lot.units * size
            taken.append(lot)
        self._count(now, -sum(lot.units for lot in taken))
        return taken, deck.size - free

    def room_used(self, deck: Deck) -> int:
        """Return how much of *deck* the stack could fill, at most all of it."""
        per_unit, used = deck.per_unit, 0
        for queue in self.queues:
            used += queue.units * per_unit[queue.unit]
        return min(deck.size, used)

    def oldest_s(self) -> Seconds:
        """Return since when the cargo that came first has been waiting; the stack must not be empty."""
        return min(queue.lots[0].since_s for queue in self.queues if queue.lots)

    def lots(self) -> list[Lot]:
        """Return everything that lies here."""
        return [lot for queue in self.queues for lot in queue.lots]

    def unit_s_until(self, now: Seconds) -> int:
        """Return unit-seconds from the start to *now*."""
        return self.unit_s + self._level * (now - self._since_s)

    def _first(self, deck: Deck, free: int) -> Queue | None:
        """Return the queue whose head comes first among those whose unit still fits."""
        best: Queue | None = None
        for queue in self.queues:
            size = deck.per_unit[queue.unit]
            if not queue.lots or not 0 < size <= free:
                continue
            if best is None or (queue.priority, queue.lots[0].sequence) < (best.priority, best.lots[0].sequence):
                best = queue
        return best

    def _queue(self, priority: int, unit: int) -> Queue:
        for queue in self.queues:
            if queue.unit == unit and queue.priority == priority:
                return queue
        self.queues.append(Queue(priority, unit))
        return self.queues[-1]

    def _count(self, now: Seconds, change: int) -> None:
        self.unit_s += self._level * (now - self._since_s)
        self._since_s = now
        self._level += change


def _nobody_waits() -> None:
    """Stand in for a listener until there is one."""


class Room:
    """Places for units of one kind on one side of a port, handed out in the order of asking."""

    __slots__ = ("_waiting", "level", "limit", "number")

    def __init__(self, number: int, limit: int) -> None:
        self.number = number
        self.limit = limit
        self.level = 0
        self._waiting: deque[tuple[int, Callable[[], object]]] = deque()

    def take(self, units: int, wake: Callable[[], object]) -> bool:
        """Take places for *units*: True if they are there, else *wake* is called once they are."""
        if not self._waiting and self.level + units <= self.limit:
            self.level += units
            return True
        self._waiting.append((units, wake))
        return False

    def give(self, units: int) -> None:
        """Give places back and let in those who wait, in order."""
        self.level -= units
        while self._waiting and self.level + self._waiting[0][0] <= self.limit:
            first, wake = self._waiting.popleft()
            self.level += first
            wake()
