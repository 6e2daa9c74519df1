"""Cargo that waits: lots, the stacks they lie in, and the room there is for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeAlias

from sim.log import Activity
from sim.network.parts import Deck, FlowPlan
from sim.units import Seconds

Legs: TypeAlias = tuple[tuple[int, int], ...]
"""A way, ``(carrier, direction)`` leg by leg."""


class Consignment:
    """Goods that were created together."""

    __slots__ = ("created_s", "dwells", "flow", "id", "in_cohort", "mark")

    def __init__(
        self,
        number: int,
        flow: FlowPlan,
        created_s: Seconds,
        mark: float = 0.0,
    ) -> None:
        self.id = number
        self.flow = flow
        """As it stood when the consignment was created. A date may change its numbers since; ask
        the network for those."""
        self.created_s = created_s
        self.in_cohort = False
        """Whether the run waits for its delivery."""
        self.mark = mark
        """Number that it got at its birth: what is drawn later for it is drawn from streams of this
        name."""
        self.dwells = 0
        """How often lots of it have begun to dwell."""


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
        self.leg = 0
        """Number of the leg it travels or waits for."""
        self.since_s = since_s
        """Begin of its stay."""
        self.sequence = 0
        """Order of arrival in the stack."""


class Trip:
    """One way of a vehicle with the cargo that is aboard."""

    __slots__ = ("id", "lots", "row", "vehicle")

    def __init__(self, number: int, vehicle: int, lots: list[Lot], row: int) -> None:
        self.id = number
        self.vehicle = vehicle
        self.lots = lots
        self.row = row
        """Where its row begins in the table of trips."""

    def units_by_kind(self) -> dict[int, int]:
        """Return how many units of each kind are aboard."""
        units: dict[int, int] = {}
        for lot in self.lots:
            kind = lot.consignment.flow.unit
            units[kind] = units.get(kind, 0) + lot.units
        return units


class Queue:
    """Lots of one unit, priority class, segregation group and fare in a stack, in order of
    arrival."""

    __slots__ = ("fare_usd", "group", "lots", "priority", "unit", "units")

    def __init__(self, flow: FlowPlan, fare_usd: float) -> None:
        self.fare_usd = fare_usd
        self.priority = flow.priority
        self.unit = flow.unit
        self.group = flow.segregation
        self.lots: deque[Lot] = deque()
        self.units = 0


class Stack:
    """Cargo at one place for one carrier in one direction, taken by (priority, arrival).

    Parameters
    ----------
    flows
        By code, as they stand now: their priorities hold for all cargo, whenever it was created.
    part
        Called with a lot and a number of units; returns a new lot of that size that parted from it.
    """

    __slots__ = (
        "_fares",
        "_flows",
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
        self,
        code: int,
        place: int,
        activity: Activity,
        flows: Sequence[FlowPlan],
        part: Callable[[Lot, int], Lot],
    ) -> None:
        self.code = code
        self.place = place
        self.activity = activity
        self.queues: list[Queue] = []
        self._queue_of: dict[int, Queue] = {}
        """By flow."""
        self.on_put: Callable[[], None] = _no_listener
        """Called when cargo has come."""
        self.on_change: list[Callable[[], None]] = []
        """Called when cargo has come or gone, before anybody acts on it."""
        self._flows = flows
        self._fares: Sequence[float] = ()
        """What a unit pays, by flow; empty where no vessel loads by revenue."""
        self._part = part
        self._sequence = 0
        self._level = 0
        self._unit_s = 0
        """Sum over units of the time at which each left, less that at which each came: the stack's
        own count, for Little's law."""

    def put(self, lot: Lot, now: Seconds) -> None:
        """Lay *lot* down and call whoever waits for cargo."""
        units, flow = lot.units, lot.consignment.flow
        lot.since_s = now
        lot.sequence = self._sequence
        self._sequence += 1
        queue = self._queue_of.get(flow.code) or self._queue(flow.code)
        queue.lots.append(lot)
        queue.units += units
        self._level += units
        self._unit_s -= units * now
        for listener in self.on_change:
            listener()
        self.on_put()

    def take(self, deck: Deck, now: Seconds, *, apart: bool = False) -> tuple[list[Lot], int]:
        """Take what goes on *deck*; return the lots and the room they use.

        Parameters
        ----------
        apart
            Take only goods of the segregation group of what comes first: others must not share the
            deck with them.
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
        for listener in self.on_change:
            listener()
        return taken, deck.size - free

    def draw(self, queue: Queue, most: int) -> Lot:
        """Take the first lot of *queue*, or as many of its units as are allowed; `book_out` must
        follow."""
        lot = queue.lots[0]
        if lot.units <= most:
            queue.lots.popleft()
        else:
            lot = self._part(lot, most)
        queue.units -= lot.units
        return lot

    def book_out(self, lots: Sequence[Lot], now: Seconds) -> None:
        """Count out the lots that were drawn, and tell whoever looks at the level."""
        gone = sum(lot.units for lot in lots)
        self._level -= gone
        self._unit_s += gone * now
        for listener in self.on_change:
            listener()

    def withdraw(self, lots: list[Lot], now: Seconds) -> None:
        """Take these lots out, wherever they stand."""
        for lot in lots:
            queue = self._queue_of[lot.consignment.flow.code]
            queue.lots.remove(lot)
            queue.units -= lot.units
            self._level -= lot.units
            self._unit_s += lot.units * now
        for listener in self.on_change:
            listener()

    def adopt(self, flows: Sequence[FlowPlan]) -> None:
        """Go on by the priorities of *flows*: all that waits stands in line by them from now on."""
        before, self._flows = self._flows, flows
        if [flow.priority for flow in before] != [flow.priority for flow in flows]:
            self._line_up()

    def price(self, fares: Sequence[float]) -> None:
        """Keep cargo apart by what a unit pays from now on, by flow code [USD]; empty: no longer."""
        if tuple(self._fares) != tuple(fares):
            self._fares = fares
            self._line_up()

    def _line_up(self) -> None:
        """Make the queues anew, all lots in their order of arrival."""
        waiting = sorted(self.lots(), key=lambda lot: lot.sequence)
        self.queues = []
        self._queue_of = {}
        for lot in waiting:
            code = lot.consignment.flow.code
            queue = self._queue_of.get(code) or self._queue(code)
            queue.lots.append(lot)
            queue.units += lot.units

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

    def units_by_kind(self) -> dict[int, int]:
        """Return how many units of each kind lie here."""
        units: dict[int, int] = {}
        for queue in self.queues:
            units[queue.unit] = units.get(queue.unit, 0) + queue.units
        return units

    def oldest_s(self, deck: Deck) -> Seconds:
        """Return since when the cargo for *deck* that came first has been waiting.

        There must be some.
        """
        per_unit = deck.per_unit
        return min(
            queue.lots[0].since_s for queue in self.queues if queue.lots and per_unit[queue.unit]
        )

    def lots(self) -> list[Lot]:
        """Return everything that lies here."""
        lots: list[Lot] = []
        for queue in self.queues:
            lots += queue.lots
        return lots

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

    def _queue(self, code: int) -> Queue:
        """Return the queue in which cargo of a flow stands, made when it is first needed."""
        flow = self._flows[code]
        fare_usd = self._fares[code] if self._fares else 0.0
        kind = (flow.unit, flow.priority, flow.segregation, fare_usd)
        for queue in self.queues:
            if (queue.unit, queue.priority, queue.group, queue.fare_usd) == kind:
                break
        else:
            queue = Queue(flow, fare_usd)
            self.queues.append(queue)
        self._queue_of[code] = queue
        return queue


def _no_listener() -> None:
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
        """Take places for *units*: True if they are free, else *wake* is called once they are."""
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
        """Set how many places there are; what takes them now stays."""
        self.limit = limit
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self.level + self._waiting[0][0] <= self.limit:
            first, wake = self._waiting.popleft()
            self.level += first
            wake()
