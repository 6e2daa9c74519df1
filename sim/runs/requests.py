"""What is asked of a runner, and what is raised where it is not all there in the end."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from shlex import quote
from typing import Any
from zlib import compress

from sim.errors import CorridorError, GridlockError, Problem, UsageError
from sim.network.build import build
from sim.runs.replication import Replication
from sim.spec.library import scenario_name
from sim.spec.load import Scenario

MOST_REPLICATIONS = 100_000


def check_replications_and_seed(replications: int, seed: int) -> tuple[int, int]:
    """Return a count of replications and a seed, those of numpy as Python's own.

    Raises
    ------
    UsageError
        One is out of range; the message states the range.
    """
    if not _is_whole(replications) or not 1 <= replications <= MOST_REPLICATIONS:
        allowed = f"a whole number from 1 to {MOST_REPLICATIONS:,}"
        raise UsageError(f"replications must be {allowed}; got {replications!r}")
    if not _is_whole(seed) or not 0 <= seed < 2**63:
        raise UsageError(f"a seed is a whole number from 0 to 2^63 - 1; got {seed!r}")
    return int(replications), int(seed)


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Request:
    """Replications that are wanted of one scenario; small, since a sweep has thousands."""

    file: Path
    changes: tuple[tuple[str, Any], ...]
    hash: str
    network: bytes
    """Pickled and compressed."""
    seed: int
    numbers: Sequence[int]
    with_log: bool
    """Whether the log of the first of them is wanted."""
    warnings: tuple[Problem, ...] = ()
    """Of the scenario."""

    @classmethod
    def of(
        cls, scenario: Scenario, seed: int, numbers: Sequence[int], *, with_log: bool = False
    ) -> Request:
        """Return the request for replications of *scenario*."""
        network = compress(pickle.dumps(build(scenario)), 1)
        return cls(
            file=scenario.file,
            changes=scenario.changes,
            hash=scenario.hash,
            network=network,
            seed=seed,
            numbers=numbers,
            with_log=with_log,
            warnings=scenario.warnings,
        )

    @property
    def title(self) -> str:
        """The scenario and what was changed, as on a command line."""
        changes = [f"{path}={json.dumps(value)}" for path, value in self.changes]
        return " ".join([scenario_name(self.file), *changes])


@dataclass(frozen=True, slots=True)
class Failure:
    """A replication that fails every time."""

    request: Request
    replication: int
    why: str
    exit_code: int

    @property
    def command(self) -> str:
        """The command that repeats it."""
        request = self.request
        parts = ["corridor run", quote(str(request.file))]
        for path, value in request.changes:
            parts += ["--set", quote(f"{path}={json.dumps(value)}")]
        parts += ["--seed", str(request.seed), "--replication", str(self.replication)]
        return " ".join(parts)

    def __str__(self) -> str:
        which = f"replication {self.replication}, seed {self.request.seed}"
        return f"{which}, failed: {self.why}; to see it again: {self.command}"


class FailedError(CorridorError):
    """Some replications fail every time; the others are kept."""

    def __init__(
        self, failures: tuple[Failure, ...], finished: tuple[Replication, ...] = ()
    ) -> None:
        super().__init__(failures, finished)
        self.failures = failures
        self.finished = finished
        codes = {failure.exit_code for failure in failures}
        # A defect or a failing machine beside a gridlock is what must be seen.
        self.exit_code = max(codes - {GridlockError.exit_code}, default=GridlockError.exit_code)

    def __str__(self) -> str:
        head = f"{len(self.failures)} replication(s) failed every time; all others are finished"
        return "\n".join([head, *(f"  - {failure}" for failure in self.failures)])


class Interrupted(KeyboardInterrupt):
    """Stopped by the user; carries the replications that were finished."""

    def __init__(self, finished: tuple[Replication, ...] = ()) -> None:
        super().__init__(finished)
        self.finished = finished
