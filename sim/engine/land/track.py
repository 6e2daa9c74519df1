"""Single track by layout: blocks between crossing loops, where trains of both directions meet.

A train enters a block when the block is free and, unless it ends the section, its place in the loop
behind the block is free too. A loop holds one train each way. So whoever is in a block can always
leave it, and who waits in a loop waits for a place further on in its own direction: such chains end
at a station, which holds any number, and never close to a circle. Nothing can lock, unless the
station has few tracks (`sim.engine.land.station`): that the search for gridlock reports.
"""

from __future__ import annotations

from collections import deque

import simpy

from sim.engine.kernel.calendar import Calendar, Pace
from sim.engine.kernel.clock import Clock
from sim.engine.kernel.process import ProcessGenerator
from sim.engine.land.station import Stand, tracks_at_end
from sim.engine.world.waiting import wait_for
from sim.engine.world.world import World
from sim.log import OPEN, Activity, Table
from sim.network.parts import Stretch
from sim.units import Seconds


class _Request:
    """A train that wants to enter a block."""

    __slots__ = ("direction", "granted", "number", "row")

    def __init__(self, direction: int, number: int, row: int) -> None:
        self.direction = direction
        self.number = number
        self.row = row
        self.granted: simpy.Event | None = None


class SingleTrack:
    """All blocks of one section; block k lies between loop k and loop k + 1, of which the outer two
    are stations."""

    def __init__(
        self, env: Clock, log: Table, blocks: tuple[int, ...], clearing_s: Seconds, shut: Calendar
    ) -> None:
        self._env = env
        self._log = log
        self.codes = blocks
        self._clearing_s = clearing_s
        self._shut = shut
        """When no train may enter from a station."""
        self._wakes_at_s = -1
        self._free = [True] * len(blocks)
        # By direction and loop, the stations too, which are always free.
        self._place = [[True] * (len(blocks) + 1) for _ in (0, 1)]
        self._waiting: list[dict[tuple[int, int], deque[_Request]]] = [{} for _ in blocks]
        self._count = 0
        self._start, self._end = log.offset["start_s"], log.offset["end_s"]
        self.busy_s = [0] * len(blocks)
        """Time in use, clearing included, by block; what is under way is not in it."""
        self.since_s = [0] * len(blocks)

    def ask(self, block: int, vehicle: int, direction: int, priority: int) -> _Request:
        """Ask to enter *block*; the request has an event to wait for unless it is granted at
        once."""
        row = self._log.begin(self.codes[block], vehicle, self._env.now, OPEN, OPEN)
        request = _Request(direction, self._count, row)
        self._count += 1
        self._waiting[block].setdefault((priority, direction), deque()).append(request)
        self._grant(block)
        if self._log.rows[request.row + self._start] == OPEN:
            request.granted = self._env.event()
        return request

    def entered(self, block: int, direction: int) -> None:
        """Free the place in the loop from which a train has come into *block*."""
        loop = block + direction
        if 0 < loop < len(self.codes):
            self._place[direction][loop] = True
            self._grant(block - 1 + 2 * direction)

    def leave(self, block: int, request: _Request) -> None:
        """Free *block* once it is cleared."""
        self._log.rows[request.row + self._end] = self._env.now + self._clearing_s
        if self._clearing_s:
            timer = self._env.pause(self._clearing_s)
            timer.callbacks.append(lambda _: self._cleared(block))
        else:
            self._cleared(block)

    def busy_until(self, block: int, now: Seconds) -> Seconds:
        """Return how long *block* was in use up to *now*."""
        return self.busy_s[block] + (0 if self._free[block] else now - self.since_s[block])

    def _cleared(self, block: int) -> None:
        self._free[block] = True
        self.busy_s[block] += self._env.now - self.since_s[block]
        self._grant(block)

    def _grant(self, block: int) -> None:
        """Let in the first train, by priority and time of asking, whose place behind the block is
        free."""
        if not self._free[block]:
            return
        first: tuple[int, int] | None = None
        queue: deque[_Request] | None = None
        for (priority, direction), requests in self._waiting[block].items():
            if requests and self._can_enter(block, direction):
                order = (priority, requests[0].number)
                if first is None or order < first:
                    first, queue = order, requests
        if queue is not None:
            self._let_in(block, queue.popleft())

    def _can_enter(self, block: int, direction: int) -> bool:
        """Return whether the next train in *direction* may enter a free block; if a possession
        keeps it at the station, look again when that ends."""
        entry = 0 if direction == 0 else len(self.codes) - 1
        if block == entry:
            opens_s = self._shut.next_open_s(self._env.now)
            if opens_s > self._env.now:
                self._wake(opens_s)
                return False
        return self._place[direction][block + 1 - direction]

    def _let_in(self, block: int, request: _Request) -> None:
        behind = block + 1 - request.direction
        self._free[block] = False
        self.since_s[block] = self._env.now
        if 0 < behind < len(self.codes):
            self._place[request.direction][behind] = False
        self._log.rows[request.row + self._start] = self._env.now
        if request.granted is not None:
            request.granted.succeed()

    def _wake(self, opens_s: Seconds) -> None:
        """Look again at both ends when trains may enter."""
        if self._wakes_at_s != opens_s:
            self._wakes_at_s = opens_s
            timer = self._env.pause(opens_s - self._env.now)
            timer.callbacks.append(self._open)

    def _open(self, _timer: object) -> None:
        self._grant(0)
        self._grant(len(self.codes) - 1)


class Passage:
    """One direction of a section of single track, as a train passes it."""

    def __init__(self, world: World, stretch: Stretch, track: SingleTrack, direction: int) -> None:
        self.tracks = tracks_at_end(world, stretch)
        self._world = world
        self._track = track
        self._direction = direction
        self._place = stretch.place
        self._resource = stretch.resource
        self._pace = Pace(world.facilities.outages.slow("section", stretch.section))

    def run(
        self,
        vehicle: int,
        trip: int,
        running_s: Seconds,
        priority: int,
        stand: Stand | None,
    ) -> ProcessGenerator:
        """Go from block to block; the running time is shared by them evenly.

        Parameters
        ----------
        stand
            Where the train stands. It leaves that as it enters the first block, and takes a track
            at the end, where they are few, before it leaves the last.
        """
        world, track, direction = self._world, self._track, self._direction
        env, log = world.env, world.tables["vehicle_log"]
        where = (self._place, self._resource)
        count = len(track.busy_s)
        for step in range(count):
            block = step if direction == 0 else count - 1 - step
            request = track.ask(block, vehicle, direction, priority)
            yield from wait_for(world, request.granted, vehicle, trip, Activity.WAIT_PATH, *where)
            track.entered(block, direction)
            if stand is not None and not step:
                stand.leave()
            # Rounded such that the blocks add up to the whole.
            part_s = running_s * (step + 1) // count - running_s * step // count
            exit_s = self._pace.end_s(env.now, part_s)
            if exit_s > env.now:
                log.add(log.row(vehicle, trip, Activity.RUN, *where, env.now, exit_s))
                yield exit_s - env.now
            if stand is not None and self.tracks is not None and step == count - 1:
                yield from self.tracks.take(vehicle, trip, stand)
            track.leave(block, request)
