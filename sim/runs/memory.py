"""Memory limits of a process, which numerical libraries do not survive when they are too tight.

OpenBLAS, which numpy and scipy bring along, takes a buffer for each thread at its first call, and
asks again without end where there is no address space for it; while it asks, it answers no signal.
"""

from __future__ import annotations

import os

from sim.errors import MachineError

LEAST_MB = 1000
"""Address space that the libraries can be loaded in, with room for a replication or figures [MB]."""


def use_one_thread() -> None:
    """Have the linear algebra work in one thread, where the user has not said how many.

    Its matrices here are small, workers share the processors anyway, and the address space that it
    takes does not grow with the processors. Acts before numpy is loaded, also on workers.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def check_memory_limit() -> None:
    """Raise MachineError where this process may not have the address space that is needed."""
    limit_mb = _limit_mb()
    if limit_mb is not None and limit_mb < LEAST_MB:
        what = f"a process here may have {limit_mb:,.0f} MB of address space (ulimit -v)"
        remedy = f"and each needs {LEAST_MB:,} MB; raise that limit, or limit resident memory"
        raise MachineError(f"{what}, {remedy} in its place (MemoryMax of systemd, docker --memory)")


def take_buffers() -> None:
    """Where address space is limited, have the linear algebra take its buffers before it is used up.

    What is short later then raises MemoryError.
    """
    if _limit_mb() is None:
        return
    import numpy as np
    from scipy.linalg import lapack

    one = np.eye(2)
    np.linalg.inv(one)
    lapack.dgesv(one, one)


def _limit_mb() -> float | None:
    """Return the limit of address space [MB]; None if there is none."""
    try:
        import resource
    except ImportError:
        return None  # no such limit on this system
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return None
    return limit / 1e6
