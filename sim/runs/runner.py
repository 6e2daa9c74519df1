"""Runs replications, each once: reads it from the store or has a pool compute it.

A worker that is killed costs a retry. The replications that were under way with it are then tried
one at a time: the one that kills its worker every time is found, reported and left out, and the
others are kept. A replication is in the store before it is yielded.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from sim.bounds import DAMAGED
from sim.errors import CorridorError, MachineError, UsageError
from sim.log.disk import from_bytes
from sim.runs.doubts import Doubts
from sim.runs.memory import check_memory_limit
from sim.runs.part import decode
from sim.runs.pools import Here, LostError, Parts, Task, WorkerPool, default_workers, open_pool
from sim.runs.replication import Replication
from sim.runs.requests import FailedError, Failure, Request
from sim.runs.store import Key, Store, engine_digest
from sim.spec.messages import harmless

if TYPE_CHECKING:
    from filelock import FileLock

TRIES = 3
"""How often a replication is begun whose worker is lost, before it counts as failed."""
_LESS = "use fewer --workers, or make the scenario smaller"
"""What helps where memory is short."""
POLL_S = 0.2
"""How often the store is asked for what another process computes."""


class Runner:
    """Computes replications, keeps them in a store if there is one, and holds on to its workers.

    Parameters
    ----------
    workers
        Local processes; default, one for each processor.
    scheduler
        Address of a Dask scheduler, or ``local`` for one on this machine.
    store
        Folder, or nothing for no store.
    on_done
        Called after each replication, read or computed.

    Raises
    ------
    MachineError
        The process has a memory limit that the libraries do not fit into.
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        scheduler: str | None = None,
        store: Store | Path | str | None = None,
        on_done: Callable[[], object] = lambda: None,
    ) -> None:
        check_memory_limit()
        self._workers = workers or default_workers()
        self._scheduler = scheduler
        self.store = Store(Path(store)) if isinstance(store, Path | str) else store
        self.on_done = on_done
        self._pool: WorkerPool | None = None
        self.computed = 0
        """Replications that were not in the store."""
        self.read = 0
        """Replications that were in the store."""
        self.doubts = Doubts()
        """Warnings of all scenarios that were asked for."""

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

    def store_message(self) -> str:
        """Return what was damaged in the store, and how much came from it; empty without one."""
        if self.store is None:
            return ""
        lines = [f"damaged: {message}" for message in self.store.damaged]
        counts = f"{self.computed} replications computed, {self.read} read"
        return "\n".join([*lines, f"{counts} from {self.store.folder}"])

    def how_to_go_on(self) -> str:
        """Return the end of a message about being stopped."""
        if self.store is None:
            return "; nothing is kept, since there is no --store"
        where = f"what is finished lies in {self.store.folder}"
        return f"; {where}, and the same command goes on from there"

    def collect(self, requests: Sequence[Request]) -> Iterator[tuple[int, Replication]]:
        """Yield the number of the request and a replication, as they come; those of the store
        first.

        Raises
        ------
        FailedError
            After all others: some replications fail every time.
        MachineError
            The store cannot be written, or the cluster is gone.
        """
        for request in requests:
            self.doubts.note(request.warnings, request.changes, request.hash)
        missing: list[_Job] = []
        for job in _jobs(requests):
            replication = self._kept(job)
            if replication is None:
                missing.append(job)
            else:
                yield job.request, replication
        work = _Work(self, requests)
        yield from work.compute(missing)
        while work.elsewhere:
            # Another process computes these; where it ends without a result, it is done here.
            time.sleep(POLL_S)
            waiting, work.elsewhere = work.elsewhere, []
            yield from work.compute(waiting)
        if work.failures:
            raise FailedError(tuple(work.failures))

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
        return _replication(part, log)

    def _keep(self, job: _Job, parts: Parts, title: str) -> Replication:
        """Put a result of the scenario of that *title* into the store, and return it."""
        part, log = parts
        try:
            if self.store is not None:
                self.store.name(job.key.scenario, title)
                self.store.put(job.key, part, log)
        finally:
            job.release()
        self.computed += 1
        self.on_done()
        return _replication(part, log)

    def _pool_for(self, tasks: int) -> WorkerPool:
        """Return the pool, opened, or replaced by one of several workers, for so many *tasks*."""
        may_have_many = self._workers > 1 or self._scheduler is not None
        is_too_small = isinstance(self._pool, Here) and tasks > 1 and may_have_many
        if self._pool is None or is_too_small:
            self._pool = open_pool(self._workers, self._scheduler, tasks)
        return self._pool


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


@dataclass(slots=True)
class _Job:
    """One replication that is not there yet."""

    request: int
    """Number of its request."""
    key: Key
    task: Task
    lock: FileLock | None = None
    tries: int = 0

    def release(self) -> None:
        """Release its lock, if it has one."""
        if self.lock is not None:
            self.lock.release()


def _jobs(requests: Sequence[Request]) -> Iterator[_Job]:
    """Yield all that is requested, one replication after the other."""
    engine = engine_digest()
    for number, request in enumerate(requests):
        for replication in request.numbers:
            with_log = request.with_log and replication == request.numbers[0]
            yield _Job(
                number,
                Key(request.hash, engine, request.seed, replication),
                Task(request.network, engine, request.seed, replication, with_log),
            )


class _Work:
    """The jobs of some requests: waiting, under way, computed elsewhere, failed."""

    def __init__(self, runner: Runner, requests: Sequence[Request]) -> None:
        self._runner = runner
        self._requests = requests
        self._waiting: deque[_Job] = deque()
        self._under_way: dict[Future[Parts], _Job] = {}
        self._suspects: list[_Job] = []
        """Jobs whose worker was killed: any of them may have been the reason."""
        self._tasks = 0
        self.elsewhere: list[_Job] = []
        """Jobs that another process computes."""
        self.failures: list[Failure] = []

    def compute(self, jobs: Iterable[_Job]) -> Iterator[tuple[int, Replication]]:
        """Yield replications as they are computed, here or by another process meanwhile."""
        self._waiting = deque(jobs)
        self._tasks = len(self._waiting)
        try:
            while True:
                yield from self._begin()
                if not self._under_way:
                    return
                yield from self._finish()
        except LostError as error:
            raise MachineError(f"{error}{self._runner.how_to_go_on()}") from None
        finally:
            for job in [*self._under_way.values(), *self._suspects]:
                job.release()

    def _begin(self) -> Iterator[tuple[int, Replication]]:
        """Submit jobs while there is room, and yield those that another process has finished."""
        while self._has_room() and (self._suspects or self._waiting):
            job = self._suspects.pop(0) if self._suspects else self._waiting.popleft()
            if not self._claim(job):
                self.elsewhere.append(job)
                continue
            replication = self._kept_or_submitted(job)
            if replication is not None:
                job.release()
                yield job.request, replication

    def _kept_or_submitted(self, job: _Job) -> Replication | None:
        """Return what another process has finished before the lock was free, or submit *job*."""
        try:
            replication = None if job.tries else self._runner._kept(job)
            if replication is None:
                self._under_way[self._submit(job)] = job
        except BaseException:
            # Of a command that is interrupted here nobody else would release it.
            job.release()
            raise
        return replication

    def _has_room(self) -> bool:
        """Return whether another job may begin: a suspect runs alone, so that it can be found."""
        pool = self._runner._pool
        is_alone = bool(self._suspects) or any(job.tries > 1 for job in self._under_way.values())
        most = 1 if is_alone or pool is None else pool.most
        return len(self._under_way) < most

    def _claim(self, job: _Job) -> bool:
        """Return whether *job* is to be computed here, and not by another process."""
        store = self._runner.store
        if store is None or job.tries:
            return True
        job.lock = store.claim(job.key)
        return job.lock is not None

    def _submit(self, job: _Job) -> Future[Parts]:
        job.tries += 1
        return self._runner._pool_for(self._tasks).submit(job.task)

    def _finish(self) -> Iterator[tuple[int, Replication]]:
        """Wait for a job that is under way, and yield what comes of it."""
        done, _ = wait(self._under_way, timeout=1.0, return_when=FIRST_COMPLETED)
        pool = self._runner._pool
        if not done and pool is not None:
            pool.check_alive()
        # In the order in which they were submitted: a set has none.
        for future in [future for future in self._under_way if future in done]:
            job = self._under_way.pop(future)
            parts = self._parts_of(future, job)
            if parts is not None:
                yield job.request, self._runner._keep(job, parts, self._requests[job.request].title)

    def _parts_of(self, future: Future[Parts], job: _Job) -> Parts | None:
        """Return the result of *job*; without one, it is tried again or has failed."""
        error = CancelledError() if future.cancelled() else future.exception()
        if error is None:
            return future.result()
        pool = self._runner._pool
        is_lost = pool is not None and pool.has_lost(error)
        if is_lost and job.tries < TRIES:
            self._suspects.append(job)
            return None
        job.release()
        if is_lost:
            self._check_that_a_worker_lives()
            why, code = f"its worker was killed {job.tries} times (out of memory?); {_LESS}", 4
        else:
            why, code = _reason(error)
        self.failures.append(Failure(self._requests[job.request], job.key.replication, why, code))
        return None

    def _check_that_a_worker_lives(self) -> None:
        """Raise MachineError where every worker so far was killed at its first replication."""
        if self._runner.computed or not self.failures:
            return
        if all(failure.exit_code == 4 for failure in self.failures):
            raise MachineError(
                f"no worker has lived to finish anything (out of memory?): {_LESS}; "
                "in a script, put the calls under if __name__ == '__main__', or workers=1"
            )


def _reason(error: BaseException) -> tuple[str, int]:
    """Return why a replication failed with *error*, and the exit code."""
    if isinstance(error, CorridorError):
        return str(error), error.exit_code
    if isinstance(error, MemoryError):
        return f"the machine has no memory left for it; {_LESS}", 4
    return f"{type(error).__name__}: {error} (a defect of the simulator)", 3


def _replication(part: bytes, log: bytes | None) -> Replication:
    try:
        return decode(part, None if log is None else from_bytes(log))
    except DAMAGED as error:
        # Its checksum is right, so that no accident made it what it is.
        why = harmless(str(error).partition("\n")[0], 200)
        what = f"a replication in the store is none ({why}); choose another --store"
        raise UsageError(what) from None
