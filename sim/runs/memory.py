"""Memory limits of a process, which numerical libraries do not survive when they are too tight."""

from __future__ import annotations

from sim.errors import MachineError

LEAST_MB = 1000
"""Address space that the libraries can be loaded in, with room for a replication [MB].

Below some 600 MB the linear algebra of numpy and scipy waits for memory without end where it is
loaded, and answers no signal.
"""


def check_memory_limit() -> None:
    """Raise MachineError where this process may not have the address space that is needed."""
    try:
        import resource
    except ImportError:
        return  # no such limit on this system
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < LEAST_MB * 1_000_000:
        what = f"a process here may have {limit / 1e6:,.0f} MB of address space (ulimit -v)"
        remedy = f"and each needs {LEAST_MB:,} MB; raise that limit, or limit resident memory"
        raise MachineError(f"{what}, {remedy} in its place (MemoryMax of systemd, docker --memory)")
