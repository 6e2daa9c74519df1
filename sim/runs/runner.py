"""Who sees that replications are computed: from the store where it has them, else by a pool, once
each.

A worker that is killed costs a retry; those that were under way with it are then tried one at a
time, so that the one that kills its worker every time is known, told, and left out, and the others
are kept. What is finished is in the store before anybody is told of it.
"""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from types import TracebackType
from typing import TYPE_CHECKING, Any
from zlib import compress

from sim.errors import CorridorError, MachineError, UsageError
from sim.log.disk import from_bytes
from sim.network.build import build
from sim.runs.part import decode
from sim.runs.pools import Here, LostError, Parts, Pool, Task, default_workers, open_pool
from sim.runs.replication import Replication
from sim.runs.store import Key, Store, engine_digest
from sim.spec.load import Scenario

if TYPE_CHECKING:
    from filelock import FileLock

MOST_REPLICATIONS = 100_000
TRIES = 3
"""How often a replication is begun whose worker is lost, before it counts as failed."""
POLL_S = 0.2


def check_replications_and_seed(replications: int, seed: int) -> None:
    """Refuse a count of replications or a seed out of range.

    Raises
    ------
    UsageError
        The message states the range.
    """
    if not isinstance(replications, int) or not 1 <= replications <= MOST_REPLICATIONS:
        raise UsageError(
            f"replications must be a whole number from 1 to {MOST_REPLICATIONS:,}; got {replications}"
        )
    if not isinstance(seed, int) or not 0 <= seed < 2**63:
        raise UsageError(f"a seed is a whole number from 0 to 2^63 - 1; got {seed}")


class Interrupted(KeyboardInterrupt):
    """Stopped by the user; carries the replications that were finished."""

    def __init__(self, finished: tuple[Replication, ...] = ()) -> None:
        super().__init__(finished)
        self.finished = finished


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
    """Of the first of them."""

    @classmethod
    def of(
        cls, scenario: Scenario, seed: int, numbers: Sequence[int], *, with_log: bool = False
    ) -> Request:
        """Return the request for replications of *scenario*."""
        network = compress(pickle.dumps(build(scenario)), 1)
        return cls(scenario.file, scenario.changes, scenario.hash, network, seed, numbers, with_log)


@dataclass(frozen=True, slots=True)
class Failure:
    """A replication that fails every time."""

    request: Request
    replication: int
    why: str
    exit_code: int

    def __str__(self) -> str:
        request = self.request
        sets = "".join(
            f" --set {quote(f'{path}={json.dumps(value)}')}" for path, value in request.changes
        )
        again = f"corridor run {quote(str(request.file))}{sets} --seed {request.seed} --replication {self.replication}"
        return f"replication {self.replication}, seed {request.seed}, failed: {self.why}; to see it again: {again}"


class FailedError(CorridorError):
    """Some replications fail every time; the others are kept."""

    def __init__(
        self, failures: tuple[Failure, ...], finished: tuple[Replication, ...] = ()
    ) -> None:
        super().__init__(failures, finished)
        self.failures = failures
        self.finished = finished
        self.exit_code = max(failure.exit_code for failure in failures)

    def __str__(self) -> str:
        head = f"{len(self.failures)} replication(s) failed every time; all others are finished"
        return "\n".join([head, *(f"  - {failure}" for failure in self.failures)])


@dataclass(slots=True)
class _Job:
    """One replication that nobody has yet."""

    request: int
    key: Key
    task: Task
    lock: FileLock | None = None
    tries: int = 0


class Runner:
    """Computes replications, keeps them in a store if there is one, and holds on to its workers
    meanwhile.

    Parameters
    ----------
    workers
        Local processes; default, one for each processor.
    scheduler
        Address of a Dask scheduler, or ``local`` for one on this machine.
    store
        Folder, or nothing for no store.
    on_done
        Told after each replication, read or computed.
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        scheduler: str | None = None,
        store: Store | Path | str | None = None,
        on_done: Callable[[], object] = lambda: None,
    ) -> None:
        self._workers = workers or default_workers()
        self._scheduler = scheduler
        self.store = Store(Path(store)) if isinstance(store, Path | str) else store
        self.on_done = on_done
        self._pool: Pool | None = None
        self.computed = 0
        """Replications that were not in the store."""
        self.read = 0
        """Those that were."""

    def __enter__(self) -> Runner:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close(now=kind is not None)

    def told(self) -> str:
        """Return in words what came from the store and what was found wrong there."""
        if self.store is None:
            return ""
        damaged = [f"damaged: {what}" for what in self.store.damaged]
        return "\n".join(
            [
                *damaged,
                f"{self.computed} replications computed, {self.read} read from {self.store.folder}",
            ]
        )

    def collect(self, requests: Sequence[Request]) -> Iterator[tuple[int, Replication]]:
        """Yield the number of the request and a replication, as they come: those of the store
        first.

        Raises
        ------
        FailedError
            After all others: some replications fail every time.
        MachineError
            The store cannot be written, or the cluster is gone.
        """
        jobs: list[_Job] = []
        for number, request in enumerate(requests):
            for replication in request.numbers:
                with_log = request.with_log and replication == request.numbers[0]
                key = Key(request.hash, engine_digest(), request.seed, replication)
                job = _Job(
                    number,
                    key,
                    Task(request.network, engine_digest(), request.seed, replication, with_log),
                )
                found = self._kept(job)
                if found is None:
                    jobs.append(job)
                else:
                    yield number, found
        failures: list[Failure] = []
        elsewhere: list[_Job] = []
        yield from self._compute(iter(jobs), len(jobs), requests, failures, elsewhere)
        while elsewhere:
            # Another process is at these; where it ends without a result they are ours.
            time.sleep(POLL_S)
            waiting, elsewhere = elsewhere, []
            yield from self._compute(iter(waiting), len(waiting), requests, failures, elsewhere)
        if failures:
            raise FailedError(tuple(failures))

    def _kept(self, job: _Job) -> Replication | None:
        """Return what the store has of *job*."""
        if self.store is None or not self.store.has(job.key, with_log=job.task.with_log):
            return None
        log = self.store.log(job.key) if job.task.with_log else None
        part = self.store.part(job.key)
        if part is None or (job.task.with_log and log is None):
            return None
        self.read += 1
        self.on_done()
        return decode(part, None if log is None else from_bytes(log))

    def _compute(
        self,
        jobs: Iterator[_Job],
        count: int,
        requests: Sequence[Request],
        failures: list[Failure],
        elsewhere: list[_Job],
    ) -> Iterator[tuple[int, Replication]]:
        """Yield replications as they are computed (or come from another process meanwhile)."""
        under_way: dict[Future[Parts], _Job] = {}
        suspects: list[_Job] = []
        try:
            while True:
                while self._has_room(under_way, suspects):
                    job = suspects.pop(0) if suspects else next(jobs, None)
                    if job is None:
                        break
                    is_ours, found = self._claim(job, elsewhere)
                    if found is not None:
                        yield job.request, found
                    elif is_ours:
                        under_way[self._begin(job, count)] = job
                if not under_way:
                    return
                done, _ = wait(under_way, timeout=1.0, return_when=FIRST_COMPLETED)
                if not done and self._pool is not None:
                    self._pool.see_that_it_lives()
                for future in [future for future in under_way if future in done]:
                    job = under_way.pop(future)
                    parts = self._parts_of(future, job, requests, failures, suspects)
                    if parts is not None:
                        yield job.request, self._keep(job, parts)
        except LostError as error:
            raise MachineError(f"{error}{self.how_to_go_on()}") from None
        finally:
            for job in [*under_way.values(), *suspects]:
                _let_go(job)

    def _begin(self, job: _Job, count: int) -> Future[Parts]:
        job.tries += 1
        try:
            return self._pool_for(count).submit(job.task)
        except LostError:
            _let_go(job)
            raise

    def _claim(self, job: _Job, elsewhere: list[_Job]) -> tuple[bool, Replication | None]:
        """Return whether *job* is to be computed here, or what another process has finished of it
        meanwhile."""
        if self.store is None or job.tries:
            return True, None
        job.lock = self.store.claim(job.key)
        if job.lock is None:
            elsewhere.append(job)
            return False, None
        found = self._kept(job)
        if found is not None:
            _let_go(job)
        return True, found

    def _has_room(self, under_way: dict[Future[Parts], _Job], suspects: list[_Job]) -> bool:
        """Return whether another task may begin: one that may have killed its worker is alone, to
        be found out."""
        is_alone = bool(suspects) or any(job.tries > 1 for job in under_way.values())
        most = 1 if is_alone or self._pool is None else self._pool.most
        return len(under_way) < most

    def _parts_of(
        self,
        future: Future[Parts],
        job: _Job,
        requests: Sequence[Request],
        failures: list[Failure],
        suspects: list[_Job],
    ) -> Parts | None:
        """Return the result, or note what becomes of a job that has none."""
        error = CancelledError() if future.cancelled() else future.exception()
        if error is None:
            return future.result()
        pool = self._pool
        if pool is not None and pool.has_lost(error):
            if job.tries < TRIES:
                suspects.append(job)
                return None
            why, code = f"its worker was killed {job.tries} times (out of memory?)", 4
            if (
                failures
                and not self.computed
                and all(failure.exit_code == code for failure in failures)
            ):
                what = "no worker has lived to finish anything (out of memory?)"
                raise MachineError(
                    f"{what}; in a script, put the calls under if __name__ == '__main__', or workers=1"
                )
        elif isinstance(error, CorridorError):
            why, code = str(error), error.exit_code
        elif isinstance(error, MemoryError):
            why, code = "the machine has no memory left for it", 4
        else:
            why, code = f"{type(error).__name__}: {error} (a defect of the simulator)", 3
        failures.append(Failure(requests[job.request], job.key.replication, why, code))
        _let_go(job)
        return None

    def _keep(self, job: _Job, parts: Parts) -> Replication:
        """Put a result into the store, and return it."""
        part, log = parts
        try:
            if self.store is not None:
                self.store.put(job.key, part, log)
        finally:
            _let_go(job)
        self.computed += 1
        self.on_done()
        return decode(part, None if log is None else from_bytes(log))

    def _pool_for(self, tasks: int) -> Pool:
        has_more = self._workers > 1 or self._scheduler is not None
        if self._pool is None or (isinstance(self._pool, Here) and tasks > 1 and has_more):
            self._pool = open_pool(self._workers, self._scheduler, tasks)
        return self._pool

    def how_to_go_on(self) -> str:
        """Return the end of a message about being stopped."""
        if self.store is None:
            return "; nothing is kept, since there is no --store"
        return f"; what is finished lies in {self.store.folder}, and the same command goes on from there"


def runner_or_new(
    runner: Runner | None,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    store: Store | Path | str | None = None,
    on_done: Callable[[], object] = lambda: None,
) -> AbstractContextManager[Runner]:
    """Return a context that gives *runner* and leaves it open, or where there is none, a new one.

    The other parameters are those of the new `Runner`, which is closed when the context ends.
    """
    if runner is not None:
        return nullcontext(runner)
    return Runner(workers=workers, scheduler=scheduler, store=store, on_done=on_done)


def _let_go(job: _Job) -> None:
    if job.lock is not None:
        job.lock.release()
