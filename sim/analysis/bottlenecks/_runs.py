"""Runs of a search: replications of several scenarios side by side, within a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.analysis.bottlenecks._metrics import Metrics
from sim.runs.points import run_points
from sim.runs.requests import FailedError, Failure, Request
from sim.runs.runner import Runner
from sim.spec.load import Scenario


@dataclass(slots=True)
class Runs:
    """Computes replications and counts them against the budget."""

    runner: Runner
    seed: int
    budget: int
    used: int = 0
    """Replications, read or computed, and those that failed."""

    @property
    def left(self) -> int:
        """Replications that may still be used."""
        return self.budget - self.used

    def extend(
        self, scenarios: Sequence[Scenario], into: Sequence[Metrics], upto: int
    ) -> dict[int, tuple[Failure, ...]]:
        """Add to *into* the replications of each scenario that it does not have, up to that number.

        Returns
        -------
        dict
            What failed every time, by place in *scenarios*.

        Raises
        ------
        FailedError
            The first of *scenarios*, the corridor itself, failed every time.
        KeyboardInterrupt
            On Ctrl-C, after what was finished was added.
        """
        requests = [
            Request.of(scenario, self.seed, range(len(metrics), max(upto, len(metrics))))
            for scenario, metrics in zip(scenarios, into, strict=True)
        ]
        points = run_points(requests, lambda replication: replication.metrics, self.runner)
        for metrics, new in zip(into, points.values, strict=True):
            metrics.update(new)
            self.used += len(new)
        self.used += len(points.failures)
        if points.was_stopped:
            raise KeyboardInterrupt
        failed: dict[int, tuple[Failure, ...]] = {}
        for place, request in enumerate(requests):
            failures = tuple(one for one in points.failures if one.request is request)
            if failures:
                failed[place] = failures
        if 0 in failed:
            raise FailedError(failed[0])
        return failed
