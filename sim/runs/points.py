"""Replications of many scenarios, of each of which only something small is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sim.runs.replication import Replication
from sim.runs.requests import FailedError, Failure, Interrupted, Request
from sim.runs.runner import Runner

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Points(Generic[T]):
    """What is kept, by point and number of the replication."""

    values: tuple[dict[int, T], ...]
    failures: tuple[Failure, ...] = ()
    """Replications that fail every time, and are not in the values."""
    was_stopped: bool = False
    """Whether the user stopped it before all was finished."""

    def complete(self) -> tuple[dict[int, T], ...]:
        """Return the values, of which none is missing.

        Raises
        ------
        Interrupted
            The user stopped it.
        FailedError
            Some replications fail every time.
        """
        if self.was_stopped:
            raise Interrupted
        if self.failures:
            raise FailedError(self.failures)
        return self.values


def run_points(
    requests: Sequence[Request], keep: Callable[[Replication], T], runner: Runner
) -> Points[T]:
    """Run the *requests* and return what *keep* gives for each replication.

    Nothing else of a replication stays in memory.
    """
    values: list[dict[int, T]] = [{} for _ in requests]
    failures: tuple[Failure, ...] = ()
    was_stopped = False
    try:
        for point, replication in runner.collect(requests):
            values[point][replication.number] = keep(replication)
    except FailedError as error:
        failures = error.failures
    except KeyboardInterrupt:
        was_stopped = True
    by_number = tuple(dict(sorted(kept.items())) for kept in values)
    return Points(by_number, failures, was_stopped)
