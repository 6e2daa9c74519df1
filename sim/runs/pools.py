"""Where replications are computed: here, in local processes, or on the workers of a Dask cluster.

All give the same bytes, since a replication depends on its task alone. A pool takes one task at a
time and gives a future. The runner waits for it, keeps the result and goes on after trouble.
"""

from __future__ import annotations

import logging
import os
import pickle
import re
import signal
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from multiprocessing import get_context, parent_process
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from zlib import decompress

from sim.errors import MachineError, UsageError
from sim.runs.memory import take_buffers

if TYPE_CHECKING:
    from sim.network.parts import Network

CONNECT_S = 10
"""How long a Dask scheduler may take to answer."""
_CLOSE_S = 2
"""How long Dask may take to close a connection that failed."""
LOST_S = 30
"""How long it may be silent before it counts as gone."""
RECOUNT_S = 5
"""How often the threads of a cluster are counted."""

_ADDRESS = re.compile(r"\w+://[^:/\s]+:\d+")

Parts: TypeAlias = tuple[bytes, bytes | None]
"""A finished replication, and its log where that was requested."""


@dataclass(frozen=True, slots=True)
class Task:
    """One replication to compute: all that a worker needs."""

    network: bytes
    """Pickled and compressed; tasks of one scenario share it."""
    engine: str
    """Digest of the engine that is to compute it."""
    seed: int
    replication: int
    with_log: bool


def compute(task: Task) -> Parts:
    """Compute one replication."""
    from sim.engine.run import simulate
    from sim.log.disk import to_bytes
    from sim.runs.part import encode
    from sim.runs.replication import replication_of
    from sim.runs.store import engine_digest

    if task.engine != engine_digest():
        what = "a worker has another version of the simulator, or of numpy, than the command"
        raise MachineError(f"{what}; install the same everywhere")
    log = simulate(_network(task.network), seed=task.seed, replication=task.replication)
    return encode(replication_of(log)), to_bytes(log) if task.with_log else None


@lru_cache(maxsize=8)
def _network(packed: bytes) -> Network:
    return pickle.loads(decompress(packed))  # noqa: S301 - packed by the client


def default_workers() -> int:
    """Return the number of processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class LostError(MachineError):
    """No worker is left that could compute anything."""


class WorkerPool(Protocol):
    """Somewhere to compute."""

    @property
    def most(self) -> int:
        """Tasks that should be under way at once."""

    def submit(self, task: Task) -> Future[Parts]:
        """Begin a task; raise LostError where no result will ever come."""

    def has_lost(self, error: BaseException) -> bool:
        """Return whether a worker was lost, and not the task failed; replace what was lost."""

    def check_alive(self) -> None:
        """Raise LostError where no result will ever come again."""

    def close(self, *, now: bool) -> None:
        """End the workers; *now*: also what they compute."""


class Here:
    """This process, one task after the other."""

    most = 1

    def submit(self, task: Task) -> Future[Parts]:
        """Compute the task."""
        future: Future[Parts] = Future()
        try:
            future.set_result(compute(task))
        except Exception as error:  # noqa: BLE001 - the future carries it to the runner
            future.set_exception(error)
        return future

    def has_lost(self, error: BaseException) -> bool:
        """Return False: this process is not lost."""
        del error
        return False

    def check_alive(self) -> None:
        """Do nothing."""

    def close(self, *, now: bool) -> None:
        """Do nothing."""


class Local:
    """Processes on this machine."""

    def __init__(self, workers: int, work: Callable[[Task], Parts] = compute) -> None:
        self._workers = workers
        self._work = work
        self.most = workers + 1
        """One waits ready, so that no worker does."""
        self._pool = self._open()

    def submit(self, task: Task) -> Future[Parts]:
        """Hand the task to a worker."""
        try:
            return self._pool.submit(self._work, task)
        except BrokenProcessPool as error:
            future: Future[Parts] = Future()
            future.set_exception(error)
            return future

    def has_lost(self, error: BaseException) -> bool:
        """Return whether a worker was killed; that breaks the whole pool, and another is opened."""
        if not isinstance(error, BrokenProcessPool):
            return False
        if getattr(self._pool, "_broken", False):
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = self._open()
        return True

    def check_alive(self) -> None:
        """Do nothing: a worker that ends breaks the pool, and with it every future."""

    def close(self, *, now: bool) -> None:
        """End the workers."""
        if now:
            end_workers(self._pool)
        self._pool.shutdown(wait=not now, cancel_futures=True)

    def _open(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._workers, get_context("spawn"), initializer=_begin_worker)


def _begin_worker() -> None:
    take_buffers()
    _leave_signals_to_the_parent()


def _leave_signals_to_the_parent() -> None:
    """Ignore Ctrl-C and end when the parent ends.

    The terminal sends Ctrl-C to all; the parent decides what to keep.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def end_workers(pool: ProcessPoolExecutor) -> None:
    """End the workers of *pool* at once."""
    for process in list((getattr(pool, "_processes", None) or {}).values()):
        process.terminate()


def _silence() -> None:
    """Have Dask print nothing beside the messages of this package."""
    for name in ("distributed", "distributed.client", "tornado.application", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _connected(dask: Any, target: Any, address: str) -> Any:
    """Return a client of the scheduler at *target*, which *address* names.

    Raises
    ------
    MachineError
        None answers within `CONNECT_S`. Dask has no deadline of its own for a host that accepts a
        connection and stays silent, so that the thread that waits for it is left behind.
    """
    client: Future[Any] = Future()
    # One that never was connected would try to say goodbye, and complain, when it is deleted.
    quiet_client: Any = type("Client", (dask.Client,), {"__del__": lambda _client: None})

    def connect() -> None:
        try:
            client.set_result(quiet_client(target, timeout=CONNECT_S, set_as_default=False))
        except Exception as error:  # noqa: BLE001 - the future carries it
            client.set_exception(error)

    Thread(target=connect, daemon=True).start()
    try:
        return client.result(timeout=CONNECT_S + _CLOSE_S)
    except Exception as error:  # noqa: BLE001 - of Dask, of TLS, of the network: the same to the user
        reason = str(error).split("\n", maxsplit=1)[0] or f"no answer within {CONNECT_S} s"
    what = f"no Dask scheduler answers at {address} ({reason})"
    remedy = "start one with 'dask scheduler', and give the address it prints"
    if address.startswith("tls:"):
        remedy = "it needs the certificates of this cluster, see 'Many machines' in the README"
    raise MachineError(f"{what}; {remedy}")


class Cluster:
    """Workers of a Dask cluster.

    Parameters
    ----------
    address
        Of its scheduler, or ``local`` for a cluster on this machine.
    workers
        Of a local cluster.

    Raises
    ------
    MachineError
        No scheduler answers at the address.
    UsageError
        Dask is not installed.
    """

    def __init__(self, address: str, workers: int) -> None:
        try:
            dask: Any = import_module("distributed")
        except ImportError:
            what = "--scheduler needs Dask: pip install 'middle-corridor-sim[cluster]'"
            raise UsageError(
                f"{what}, or leave the option out to use the processes of this machine"
            ) from None
        if address != "local" and not _ADDRESS.fullmatch(address):
            what = "--scheduler is an address like tls://host:8786 or tcp://127.0.0.1:8786"
            raise UsageError(f"{what}, or 'local'; got {address!r}")
        _silence()
        self._address = address
        self._cluster: Any = None
        self._alone_since: float | None = None
        if address == "local":
            self._cluster = dask.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                silence_logs=50,
            )
        self._client = _connected(dask, self._cluster or address, address)
        self._lost: tuple[type[BaseException], ...] = (CancelledError, dask.KilledWorker)
        self._executor = self._client.get_executor(pure=False)
        self._threads = 0
        self._counted_s = monotonic() - RECOUNT_S

    @property
    def most(self) -> int:
        """Two for each thread of the cluster, counted often, since workers die and join."""
        if monotonic() - self._counted_s >= RECOUNT_S and self._client.status == "running":
            self._threads = sum(self._client.nthreads().values())
            self._counted_s = monotonic()
        return max(2 * self._threads, 2)

    def submit(self, task: Task) -> Future[Parts]:
        """Hand the task to the cluster."""
        try:
            future: Future[Parts] = self._executor.submit(compute, task)
        except Exception:
            # Dask has an error of its own, and not the same in every version, for a client that was
            # closed under way.
            if self._client.status == "running":
                raise
            raise self._lost_connection() from None
        return future

    def has_lost(self, error: BaseException) -> bool:
        """Return whether a worker died, or the scheduler forgot the task."""
        return isinstance(error, self._lost)

    def check_alive(self) -> None:
        """Raise LostError once the scheduler, or all its workers, have been silent for too long."""
        status = self._client.status
        if status == "running" and self._client.scheduler_info().get("workers"):
            self._alone_since = None
            return
        if self._alone_since is None:
            self._alone_since = monotonic()
        if status == "closed" or monotonic() - self._alone_since > LOST_S:
            if status == "running":
                raise LostError(f"no workers are left at the Dask scheduler {self._address}")
            raise self._lost_connection()

    def _lost_connection(self) -> LostError:
        return LostError(f"the connection is lost to the Dask scheduler {self._address}")

    def close(self, *, now: bool) -> None:
        """Leave the cluster, and end a local one."""
        del now
        with suppress(Exception):  # the scheduler may be gone
            self._client.close(timeout=2)
        if self._cluster is not None:
            with suppress(Exception):
                self._cluster.close(timeout=5)


def open_pool(workers: int, scheduler: str | None, tasks: int) -> WorkerPool:
    """Return the pool for so many *tasks*: this process where there is one or one worker."""
    if scheduler is not None:
        return Cluster(scheduler, workers)
    if workers <= 1 or tasks <= 1:
        return Here()
    return Local(min(workers, tasks))
