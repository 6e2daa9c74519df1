"""Running a study: so many replications, or as many as a precision asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from math import ceil
from pathlib import Path

from sim.errors import UsageError
from sim.metrics.outcomes import MAIN, outcomes_of
from sim.runs.replication import Replication
from sim.runs.requests import (
    MOST_REPLICATIONS,
    FailedError,
    Interrupted,
    Request,
    check_replications_and_seed,
)
from sim.runs.runner import Runner, runner_or_new
from sim.runs.store import Store
from sim.spec.load import Scenario
from sim.study.interval import Interval
from sim.study.study import Study

DEFAULT = 10
"""Replications, if neither a number nor a precision is given."""
MOST_FOR_PRECISION = 1000
FIRST_STAGE = 20
"""Replications before the precision is looked at for the first time: with fewer, stopping early
costs coverage."""
MARGIN = 1.1
"""Factor on the number of replications that should be enough."""


def replicate(
    scenario: Scenario,
    *,
    replications: int | None = None,
    precision: float | None = None,
    first: int = 0,
    seed: int = 1,
    workers: int | None = None,
    scheduler: str | None = None,
    store: Store | Path | str | None = None,
    keep_log: bool = True,
    on_done: Callable[[], object] = lambda: None,
    runner: Runner | None = None,
) -> Study:
    """Run replications of *scenario*; each has its own random streams and depends on no other.

    Parameters
    ----------
    replications
        How many, 10 by default; with *precision*, the most there may be, 1,000 by default.
    precision
        Run until the half-width of the 95 % interval of every main outcome that exists is at most
        this share of its mean; `Study.precision_missed` says so where the most were not enough.
    first
        Number of the first replication.
    scheduler
        Address of a Dask scheduler, or ``local``.
    store
        Folder of finished replications: what is in it is not computed again.
    keep_log
        Whether the log of the first replication is kept.
    on_done
        Called after each replication, read or computed.
    runner
        Runs the replications in place of *workers*, *scheduler* and *store*; it is left open.

    Raises
    ------
    Interrupted
        On Ctrl-C, with what was finished.
    FailedError
        Some replications fail every time; the others come with it.
    UsageError
        A number is out of range.
    """
    count = _count(replications, precision)
    count, seed = check_replications_and_seed(count, seed)
    if not 0 <= first <= MOST_REPLICATIONS:
        raise UsageError(
            f"the first replication has a number from 0 to {MOST_REPLICATIONS:,}; got {first}"
        )
    if precision is not None and not 0.0001 <= precision < 1:
        raise UsageError(f"a precision lies between 0.01 % and 100 %; got {precision:g}")
    numbers = range(first, first + count)
    with runner_or_new(
        runner, workers=workers, scheduler=scheduler, store=store, on_done=on_done
    ) as active:
        return _in_stages(scenario, seed, numbers, precision, active, keep_log=keep_log)


def extend(study: Study, count: int, runner: Runner) -> Study:
    """Return *study* with *count* replications in all; *runner* runs those that are missing."""
    done = study.replications
    if count <= len(done):
        return study
    rest = replicate(
        study.scenario,
        replications=count - len(done),
        first=len(done),
        seed=study.seed,
        keep_log=False,
        runner=runner,
    )
    return replace(study, replications=(*done, *rest.replications))


def _count(replications: int | None, precision: float | None) -> int:
    """Return how many replications there are to be, at most."""
    if replications is not None:
        return replications
    return DEFAULT if precision is None else MOST_FOR_PRECISION


def _in_stages(
    scenario: Scenario,
    seed: int,
    allowed: range,
    precision: float | None,
    runner: Runner,
    *,
    keep_log: bool,
) -> Study:
    """Run all that are *allowed*, or stage after stage until the precision is reached.

    A look after every replication would stop at the first moment at which the interval happens to
    be narrow, and the intervals would cover less often than they say. So each stage runs as many as
    the spread seen so far asks for, and a tenth more, before the next look.
    """
    finished: dict[int, Replication] = {}
    most = len(allowed)
    wanted = most if precision is None else min(most, FIRST_STAGE)
    while True:
        numbers = allowed[len(finished) : wanted]
        request = Request.of(scenario, seed, numbers, with_log=keep_log and not finished)
        _run(request, runner, finished)
        study = Study(scenario, seed, _ordered(finished))
        if precision is None:
            return study
        needed = _needed(study.replications, precision)
        if needed <= wanted:
            return study
        if wanted == most:
            return replace(study, precision_missed=precision)
        wanted = min(most, max(wanted + 1, ceil(MARGIN * needed)))


def _run(request: Request, runner: Runner, finished: dict[int, Replication]) -> None:
    """Add the replications of *request* to *finished*.

    Raises
    ------
    Interrupted, FailedError
        With all that is finished.
    """
    try:
        for _, replication in runner.collect([request]):
            finished[replication.number] = replication
    except KeyboardInterrupt:
        raise Interrupted(_ordered(finished)) from None
    except FailedError as error:
        raise FailedError(error.failures, _ordered(finished)) from None


def _ordered(finished: Mapping[int, Replication]) -> tuple[Replication, ...]:
    return tuple(finished[number] for number in sorted(finished))


def _needed(replications: Iterable[Replication], precision: float) -> int:
    """Return how many replications the spread of the main outcomes asks for.

    An outcome that does not exist asks for none.
    """
    outcomes = [outcomes_of(replication.metrics) for replication in replications]
    needed = 2
    for outcome in MAIN:
        # Not cut at the bounds of its kind: the stages are planned by the spread.
        interval = Interval.of(values[outcome] for values in outcomes)
        if interval.has_bounds and interval.mean:
            excess = interval.half_width / abs(interval.mean) / precision
            needed = max(needed, ceil(interval.count * excess**2))
    return needed
