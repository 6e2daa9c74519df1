"""Fleets of wagons, platforms and containers as a scenario file writes them."""

from __future__ import annotations

from collections.abc import Mapping

from sim.spec.fields import NO_TIME, Count, DurationDistribution, Id, Spec, Text


class Equipment(Spec):
    """Wagons, platforms or containers: a fleet that is conserved.

    An item carries one unit. It is idle where it was delivered, after ``dwell``, until cargo there
    needs it; flows with ``arrivals: {surplus: ...}`` take it back.
    """

    name: Text = ""
    fleet: Mapping[Id, Count]
    """Items by place at the start."""
    dwell: DurationDistribution = NO_TIME
    """From delivery to fit for the next load: unloading, cleaning, inspection."""
