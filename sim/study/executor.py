"""Replications on local processes: order in, order out, whatever the number of workers."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from sim.errors import MachineError
from sim.spec.load import LoadedScenario
from sim.study.run import Replication, replication_of, simulate


class Interrupted(KeyboardInterrupt):
    """Stopped by the user; carries the replications that were finished."""

    def __init__(self, finished: tuple[Replication, ...]) -> None:
        super().__init__(finished)
        self.finished = finished


def default_workers() -> int:
    """Return the number of processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_all(
    scenario: LoadedScenario, numbers: Iterable[int], *, seed: int, workers: int, on_done: Callable[[], None]
) -> tuple[Replication, ...]:
    """Run the replications *numbers* of *scenario* and return them in order.

    Raises
    ------
    Interrupted
        On Ctrl-C, with what was finished.
    MachineError
        A worker was killed.
    """
    wanted = list(numbers)
    if workers <= 1 or len(wanted) == 1:
        return _run_here(scenario, wanted, seed, on_done)
    return _run_in_pool(scenario, wanted, (seed, workers), on_done)


def _one(scenario: LoadedScenario, seed: int, number: int) -> Replication:
    run = simulate(scenario, seed=seed, replication=number)
    return replication_of(run, with_log=number == 0)


def _run_here(
    scenario: LoadedScenario, numbers: list[int], seed: int, on_done: Callable[[], None]
) -> tuple[Replication, ...]:
    finished: list[Replication] = []
    try:
        for number in numbers:
            finished.append(_one(scenario, seed, number))
            on_done()
    except KeyboardInterrupt:
        raise Interrupted(tuple(finished)) from None
    return tuple(finished)


def _run_in_pool(
    scenario: LoadedScenario, numbers: list[int], seed_and_workers: tuple[int, int], on_done: Callable[[], None]
) -> tuple[Replication, ...]:
    seed, workers = seed_and_workers
    pool = ProcessPoolExecutor(
        min(workers, len(numbers)),
        mp_context=get_context("spawn"),
        initializer=_begin_worker,
        initargs=(scenario, seed),
    )
    finished: dict[int, Replication] = {}
    try:
        futures = {pool.submit(_one_in_worker, number): number for number in numbers}
        for future in as_completed(futures):
            finished[futures[future]] = future.result()
            on_done()
    except KeyboardInterrupt:
        end_workers(pool)
        raise Interrupted(tuple(finished[number] for number in sorted(finished))) from None
    except BrokenProcessPool:
        lost = [str(number) for number in numbers if number not in finished]
        what = f"a worker process was killed (out of memory?) with replications {', '.join(lost)} not finished"
        raise MachineError(f"{what}; try fewer workers, e.g. --workers 1") from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return tuple(finished[number] for number in numbers)


_IN_WORKER: dict[str, tuple[LoadedScenario, int]] = {}
"""What a worker was started for: sent once, so that a task is a number and no scenario clogs the queue."""


def _begin_worker(scenario: LoadedScenario, seed: int) -> None:
    """Prepare a worker process; Ctrl-C, which the terminal sends to all, is for the parent to deal with."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _IN_WORKER["task"] = (scenario, seed)


def _one_in_worker(number: int) -> Replication:
    scenario, seed = _IN_WORKER["task"]
    return _one(scenario, seed, number)


def end_workers(pool: ProcessPoolExecutor) -> None:
    """End workers that compute what nobody wants any more."""
    for process in list((getattr(pool, "_processes", None) or {}).values()):
        process.terminate()
