"""Many scenarios made of one, each with its replications on the same luck, and what is kept of each
replication."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sim.runs.replication import Replication
from sim.runs.runner import FailedError, Failure, Request, Runner

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Points(Generic[T]):
    """What was kept, by point and number of the replication."""

    values: tuple[dict[int, T], ...]
    failures: tuple[Failure, ...] = ()
    """Replications that fail every time, and are not in the values."""
    was_stopped: bool = False
    """Whether the user ended it before all was finished."""


def run_points(
    requests: Sequence[Request], keep: Callable[[Replication], T], runner: Runner
) -> Points[T]:
    """Run what is requested and *keep* something of each replication; the rest of it is let go at
    once."""
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
    return Points(tuple({n: of[n] for n in sorted(of)} for of in values), failures, was_stopped)
