"""Stations with few tracks: where a train stands that waits on its way.

A train that comes to a place with holding tracks takes one of those for its side, and keeps it until
it enters what comes next. One that finds none stands on the line: nobody enters the section behind
it from the other end, and on single track by layout it keeps its block. So how far back trains stand
is an outcome. Each side has tracks of its own: whom a train waits for is ahead of it.
"""

from __future__ import annotations

import simpy

from sim.engine.kernel.process import ProcessGenerator
from sim.engine.kernel.tokens import Tokens
from sim.engine.world.waiting import wait_for
from sim.engine.world.world import World
from sim.log import Activity
from sim.network.parts import Crossing, Stretch


class Stand:
    """The track on which one train stands, if it does on one that is limited."""

    __slots__ = ("_hold", "_tracks")

    def __init__(self) -> None:
        self._tracks: Tokens | None = None
        self._hold = 0

    @property
    def is_limited(self) -> bool:
        """Whether the train stands where few can."""
        return self._tracks is not None

    def on(self, tracks: Tokens, hold: int) -> None:
        """Stand on one of *tracks*, which is held."""
        self._tracks, self._hold = tracks, hold

    def leave(self) -> None:
        """Give the track to the next."""
        tracks, self._tracks = self._tracks, None
        if tracks is not None:
            tracks.give(self._hold)


class HoldingTracks:
    """The holding tracks at the end of one section or border, for trains that come over it."""

    def __init__(self, world: World, tracks: Tokens, place: int) -> None:
        self.place = place
        self.on_the_line: dict[int, None] = {}
        """Trains that stand before them, in order."""
        self._world = world
        self._tracks = tracks
        self._cleared: simpy.Event | None = None

    def take(self, vehicle: int, trip: int, stand: Stand) -> ProcessGenerator:
        """Take a track for the train of a trip; it stands on the line until one is free."""
        # In the order of coming: nobody overtakes on the line.
        hold, granted = self._tracks.take(vehicle)
        if granted is not None:
            self.on_the_line[vehicle] = None
            what = (vehicle, trip, Activity.WAIT_TRACK, self.place, self._tracks.code)
            yield from wait_for(self._world, granted, *what)
            del self.on_the_line[vehicle]
            if self._cleared is not None and not self.on_the_line:
                cleared, self._cleared = self._cleared, None
                cleared.succeed()
        stand.on(self._tracks, hold)

    def cleared(self) -> simpy.Event | None:
        """Return the event of nobody standing on the line any more; None: nobody does."""
        if not self.on_the_line:
            return None
        if self._cleared is None:
            self._cleared = self._world.env.event()
        return self._cleared


def tracks_at_end(world: World, link: Stretch | Crossing) -> HoldingTracks | None:
    """Return the holding tracks at the end of *link*, or None where any number of trains can
    stand."""
    tokens = world.facilities.tokens_of(link.holding)
    if tokens is None:
        return None
    tracks = HoldingTracks(world, tokens, link.end)
    if isinstance(link, Stretch):
        world.handover.on_the_line[link.resource] = tracks.on_the_line
    return tracks
