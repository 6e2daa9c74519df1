"""Terminals: one end of a train line, its loading tracks and the work on them."""

from __future__ import annotations

from sim.engine.kernel.draws import Draw
from sim.engine.kernel.process import ProcessGenerator
from sim.engine.land.station import Stand
from sim.engine.world.lots import Trip
from sim.engine.world.waiting import wait_for
from sim.engine.world.world import World
from sim.log import NONE, Activity
from sim.network.parts import TrainLine


class Terminal:
    """One end of a line: a track, the work on it, and the stacks beside it."""

    def __init__(self, world: World, line: TrainLine, end: int) -> None:
        self._world = world
        self._end = end
        self._line = line
        self.place = line.ends[end]
        self._tracks = world.facilities.tokens_of(line.tracks[end])
        self._resource = line.tracks[end]
        if self._tracks is None:
            self._resource = world.network.stacks[line.carrier, end]
        name = f"handling/{line.id}/{end}"
        self._work_s = Draw(world.streams, line.handling[end], name)

    def adopt(self, line: TrainLine) -> None:
        """Go on by new numbers."""
        self._work_s.renew(line.handling[self._end], self._world.env.now)
        self._line = line

    def work(self, trip: Trip, stand: Stand | None, *, keeps: bool = False) -> ProcessGenerator:
        """Wait for a track, leave *stand* for it and work the train on it.

        Parameters
        ----------
        stand
            None: the train never stands where tracks are few.
        keeps
            The train stays on the track when the work is done.
        """
        tracks, hold = self._tracks, NONE
        if tracks is not None:
            hold, granted = tracks.take(trip.vehicle, self._line.priority)
            if granted is not None:
                what = (trip.vehicle, trip.id, Activity.WAIT_TRACK, self.place, self._resource)
                yield from wait_for(self._world, granted, *what)
        if stand is not None:
            stand.leave()
        work_s = self._work_s.next()
        if work_s:
            log, now = self._world.tables["vehicle_log"], self._world.env.now
            where = (self.place, self._resource)
            log.add(log.row(trip.vehicle, trip.id, Activity.WORK_TRAIN, *where, now, now + work_s))
            yield work_s
        if tracks is None:
            return
        if keeps and stand is not None:
            stand.on(tracks, hold)
        else:
            tracks.give(hold)
