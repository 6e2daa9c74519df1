"""Cargo that waits: lots, the stacks they lie in, and the room there is for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from sim.log import Activity
from sim.network.parts import Deck, FlowPlan
from sim.units import Seconds

Legs: TypeAlias = tuple[tuple[int, int], ...]


class Consignment:
    """Goods that were born together."""

    __slots__ = ("born_s", "flow", "id", "in_cohort")

    def __init__(self, number: int, flow: FlowPlan, born_s: Seconds) -> None:
        self.id = number
        self.flow = flow
        self.born_s = born_s
        self.in_cohort = False


class Lot:
    """Identical units of one consignment that are together and share all their times."""

    __slots__ = ("consignment", "id", "leg", "legs", "sequence", "since_s", "units")

    def __init__(
        self, number: int, consignment: Consignment, units: int, legs: Legs, since_s: Seconds
    ) -> None:
        self.id = number
        self.consignment = consignment
        self.units = units
        self.legs = legs
        """Its way, ``(carrier, direction)`` leg by leg."""
        self.leg = 0
        """Next leg of the itinerary."""
        self.since_s = since_s
        self.sequence = 0
        """Order of arrival in the stack."""


class Queue:
    """Lots of one unit, priority class and segregation group in a stack, in order of arrival."""

    __slots__ = ("group", "lots", "priority", "unit", "units")

    def __init__(self, flow: FlowPlan) -> None:
        self.priority = flow.priority
        self.unit = flow.unit
        self.group = flow.segregation
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
        "_queue_of",
        "_sequence",
        "_unit_s",
        "activity",
        "code",
        "on_change",
        "on_put",
        "place",
        "queues",
    )

    def __init__(
        self, code: int, place: int, activity: Activity, part: Callable[[Lot, int], Lot]
    ) -> None:
        self.code = code
        self.place = place
        self.activity = activity
        self.queues: list[Queue] = []
        self._queue_of: dict[int, Queue] = {}
        """By flow."""
        self.on_put: Callable[[], None] = _nobody_waits
        """Told when cargo comes."""
        self.on_change: list[Callable[[], None]] = []
        """Told when cargo has come or gone, before anybody acts on it."""
        self._part = part
        self._sequence = 0
        self._level = 0
        self._unit_s = 0
        """What has gone, each unit by its time, less what has come: the stack's own count, for
        Little's law."""

    def put(self, lot: Lot, now: Seconds) -> None:
        """Lay *lot* down and tell whoever waits for cargo."""
        units, flow = lot.units, lot.consignment.flow
        lot.since_s = now
        lot.sequence = self._sequence
        self._sequence += 1
        queue = self._queue_of.get(flow.code) or self._queue(flow)
        queue.lots.append(lot)
        queue.units += units
        self._level += units
        self._unit_s -= units * now
        for tell in self.on_change:
            tell()
        self.on_put()

    def take(self, deck: Deck, now: Seconds, *, apart: bool = False) -> tuple[list[Lot], int]:
        """Take what goes on *deck*; return the lots and the room they use.

        *apart*: only goods of the group of what comes first, since others must not share the deck
        with them.
        """
        taken: list[Lot] = []
        free, gone = deck.size, 0
        group = self._first_group(deck) if apart else None
        while queue := self._first(deck, free, group):
            size = deck.per_unit[queue.unit]
            lot, count = queue.lots[0], free // size
            if lot.units <= count:
                queue.lots.popleft()
            else:
                lot = self._part(lot, count)
            queue.units -= lot.units
            gone += lot.units
            free -= lot.units * size
            taken.append(lot)
        self._level -= gone
        self._unit_s += gone * now
        for tell in self.on_change:
            tell()
        return taken, deck.size - free

    def withdraw(self, lots: list[Lot], now: Seconds) -> None:
        """Take these lots out, wherever they stand."""
        for lot in lots:
            queue = self._queue(lot.consignment.flow)
            queue.lots.remove(lot)
            queue.units -= lot.units
            self._level -= lot.units
            self._unit_s += lot.units * now
        for tell in self.on_change:
            tell()

    def room_used(self, deck: Deck, *, apart: bool = False) -> int:
        """Return how much of *deck* the stack could fill, at most all of it; *apart* as in
        `take`."""
        waiting = self.waiting(deck, apart=apart)
        return min(deck.size, waiting)

    def waiting(self, deck: Deck, *, apart: bool = False) -> int:
        """Return the room that all cargo takes which *deck* could carry."""
        per_unit, used = deck.per_unit, 0
        group = self._first_group(deck) if apart else None
        for queue in self.queues:
            if group is None or queue.group == group:
                used += queue.units * per_unit[queue.unit]
        return used

    def oldest_s(self, deck: Deck) -> Seconds:
        """Return since when the cargo for *deck* that came first has been waiting; there must be
        some."""
        return min(
            queue.lots[0].since_s
            for queue in self.queues
            if queue.lots and deck.per_unit[queue.unit]
        )

    def lots(self) -> list[Lot]:
        """Return everything that lies here."""
        return [lot for queue in self.queues for lot in queue.lots]

    @property
    def holds_cargo(self) -> bool:
        """Whether anything lies here."""
        return self._level > 0

    def unit_s_until(self, now: Seconds) -> int:
        """Return unit-seconds from the start to *now*."""
        return self._unit_s + self._level * now

    def _first_group(self, deck: Deck) -> int | None:
        """Return the segregation group of what comes first."""
        first = self._first(deck, deck.size, None)
        return None if first is None else first.group

    def _first(self, deck: Deck, free: int, group: int | None) -> Queue | None:
        """Return the queue whose head comes first among those whose unit still fits."""
        best: Queue | None = None
        for queue in self.queues:
            size = deck.per_unit[queue.unit]
            if (
                not queue.lots
                or not 0 < size <= free
                or (group is not None and queue.group != group)
            ):
                continue
            if best is None or (queue.priority, queue.lots[0].sequence) < (
                best.priority,
                best.lots[0].sequence,
            ):
                best = queue
        return best

    def _queue(self, flow: FlowPlan) -> Queue:
        kind = (flow.unit, flow.priority, flow.segregation)
        for queue in self.queues:
            if (queue.unit, queue.priority, queue.group) == kind:
                break
        else:
            queue = Queue(flow)
            self.queues.append(queue)
        self._queue_of[flow.code] = queue
        return queue


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
        self._let_in()

    def renew(self, limit: int) -> None:
        """Set how many places there are; what is there stays."""
        self.limit = limit
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self.level + self._waiting[0][0] <= self.limit:
            first, wake = self._waiting.popleft()
            self.level += first
            wake()
