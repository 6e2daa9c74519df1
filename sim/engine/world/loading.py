"""Loading by other rules than strict priority: who goes on deck first, and how much of it each kind
may fill.

Strict priority is `Stack.take`, which knows nothing of this. All other rules go over the stack in
passes: what has a part of the deck fills it, then whoever may borrow fills what is left; within a
pass, units that prefer another class come after all others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sim.engine.world.lots import Lot, Queue, Stack
from sim.network.parts import Deck, LoadingPlan
from sim.units import Seconds

Rank: TypeAlias = Callable[[Queue, Deck], tuple[float, ...]]
"""Of the head of a queue; the least goes first."""


def _by_priority(queue: Queue, deck: Deck) -> tuple[float, ...]:  # noqa: ARG001 - a rank takes both
    return queue.priority, queue.lots[0].sequence


def _by_age(queue: Queue, deck: Deck) -> tuple[float, ...]:  # noqa: ARG001 - a rank takes both
    return (queue.lots[0].sequence,)


def _by_revenue(queue: Queue, deck: Deck) -> tuple[float, ...]:
    per_room = queue.fare_usd / deck.per_unit[queue.unit]
    return -per_room, queue.priority, queue.lots[0].sequence


RANKS: Mapping[str, Rank] = {
    "priority": _by_priority,
    "oldest_first": _by_age,
    "highest_revenue": _by_revenue,
}


@dataclass(frozen=True, slots=True)
class Quota:
    """Parts of one deck that kinds of unit keep to."""

    part_of: tuple[int, ...]
    """By unit code; `NONE` for a kind that the vessel cannot carry."""
    rooms: tuple[int, ...]
    """Room of each part."""
    per_unit: tuple[int, ...]


class Loading:
    """How one class of vessels loads at one end of a service.

    Parameters
    ----------
    after
        By unit code, whether it prefers another class and is loaded after all others.
    """

    def __init__(self, plan: LoadingPlan, after: tuple[bool, ...]) -> None:
        self._rank = RANKS[plan.order]
        self._part_of = plan.part_of
        self._shares = plan.shares
        self._borrows = plan.borrowing or not plan.part_of
        self._after = after
        self._has_last = any(after)

    def quota(self, deck: Deck) -> Quota | None:
        """Return the parts of *deck* that nothing may exceed; None: there are none."""
        if self._borrows:
            return None
        return Quota(self._part_of, self._rooms(deck), deck.per_unit)

    def usable(self, deck: Deck) -> int:
        """Return how much of *deck* can be filled at all: what departure rules count as full."""
        return deck.size if self._borrows else sum(self._rooms(deck))

    def fill(self, stack: Stack, deck: Deck, kept: Mapping[int, int], *, apart: bool) -> int:
        """Return how much of *deck* the stack could fill, at most all that is usable.

        Parameters
        ----------
        kept
            By unit code, how many units stay for vessels of other classes.
        apart
            As in `Stack.take`.
        """
        group = self._first_group(stack, deck, kept) if apart else None
        wanted = self._room_wanted(stack, deck, kept, group)
        if self._borrows:
            return min(deck.size, sum(wanted))
        filled = [0] * len(self._shares)
        for unit, room in enumerate(wanted):
            if room:
                filled[self._part_of[unit]] += room
        rooms = self._rooms(deck)
        return sum(min(room, most) for room, most in zip(filled, rooms, strict=True))

    def take(
        self, stack: Stack, deck: Deck, now: Seconds, kept: Mapping[int, int], *, apart: bool
    ) -> tuple[list[Lot], int]:
        """Take what goes on *deck*; return the lots and the room they use. Parameters as in
        `fill`."""
        group = self._first_group(stack, deck, kept) if apart else None
        deal = _Deal(self, stack, deck, kept, group)
        for with_parts in self._passes():
            deal.go_over(with_parts=with_parts, last=False)
            if self._has_last:
                deal.go_over(with_parts=with_parts, last=True)
        stack.book_out(deal.taken, now)
        return deal.taken, deck.size - deal.free

    def _passes(self) -> tuple[bool, ...]:
        """Return for each pass whether units keep to their part of the deck."""
        if not self._part_of:
            return (False,)
        return (True, False) if self._borrows else (True,)

    def _rooms(self, deck: Deck) -> tuple[int, ...]:
        """Return the room of each part: whole units, where it is for one kind."""
        rooms = []
        for part, share in enumerate(self._shares):
            # 1e-9 forgives the binary fraction: 0.6 of a deck of 5 is 3, not 2.
            room = int(share * deck.size + 1e-9)
            sizes = [
                size
                for unit, size in enumerate(deck.per_unit)
                if size and self._part_of[unit] == part
            ]
            if len(sizes) == 1:
                room -= room % sizes[0]
            rooms.append(room if sizes else 0)
        return tuple(rooms)

    def _room_wanted(
        self, stack: Stack, deck: Deck, kept: Mapping[int, int], group: int | None
    ) -> list[int]:
        """Return the room that waiting units want, by unit code, less those that are kept."""
        units = [0] * len(deck.per_unit)
        for queue in stack.queues:
            if group is None or queue.group == group:
                units[queue.unit] += queue.units
        for unit, count in kept.items():
            units[unit] = max(0, units[unit] - count)
        return [count * size for count, size in zip(units, deck.per_unit, strict=True)]

    def _first_group(self, stack: Stack, deck: Deck, kept: Mapping[int, int]) -> int | None:
        """Return the segregation group of what comes first."""
        deal = _Deal(self, stack, deck, kept, None)
        for with_parts in self._passes():
            for last in (False, True):
                first = deal.first(with_parts=with_parts, last=last)
                if first is not None:
                    return first.group
        return None


class _Deal:
    """One loading of a deck, pass after pass."""

    def __init__(
        self, loading: Loading, stack: Stack, deck: Deck, kept: Mapping[int, int], group: int | None
    ) -> None:
        self.taken: list[Lot] = []
        self.free = deck.size
        self._loading = loading
        self._stack = stack
        self._deck = deck
        self._group = group
        self._rooms = list(loading._rooms(deck))
        self._left = _units_left(stack, kept)

    def go_over(self, *, with_parts: bool, last: bool) -> None:
        """Take from the stack until nothing more of this pass fits."""
        while queue := self.first(with_parts=with_parts, last=last):
            unit = queue.unit
            size = self._deck.per_unit[unit]
            count = self.free // size
            if with_parts:
                count = min(count, self._rooms[self._loading._part_of[unit]] // size)
            if unit in self._left:
                count = min(count, self._left[unit])
            lot = self._stack.draw(queue, count)
            self.free -= lot.units * size
            self.taken.append(lot)
            if self._rooms:
                self._rooms[self._loading._part_of[unit]] -= lot.units * size
            if unit in self._left:
                self._left[unit] -= lot.units

    def first(self, *, with_parts: bool, last: bool) -> Queue | None:
        """Return the queue whose head comes first among those of which a unit may still be taken."""
        best: Queue | None = None
        best_rank: tuple[float, ...] = ()
        for queue in self._stack.queues:
            if queue.lots and self._may_take(queue, with_parts=with_parts, last=last):
                rank = self._loading._rank(queue, self._deck)
                if best is None or rank < best_rank:
                    best, best_rank = queue, rank
        return best

    def _may_take(self, queue: Queue, *, with_parts: bool, last: bool) -> bool:
        """Return whether one unit of *queue* may be taken in this pass."""
        unit = queue.unit
        size = self._deck.per_unit[unit]
        if self._loading._after[unit] != last or not 0 < size <= self.free:
            return False
        if self._group is not None and queue.group != self._group:
            return False
        if with_parts and self._rooms[self._loading._part_of[unit]] < size:
            return False
        return self._left.get(unit, 1) > 0


def _units_left(stack: Stack, kept: Mapping[int, int]) -> dict[int, int]:
    """Return how many units may be taken of each kind of which some are kept."""
    waiting = dict.fromkeys(kept, 0)
    for queue in stack.queues:
        if queue.unit in waiting:
            waiting[queue.unit] += queue.units
    return {unit: max(0, count - kept[unit]) for unit, count in waiting.items()}
