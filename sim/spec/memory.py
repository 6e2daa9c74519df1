"""How much memory a run may take: a limit that whoever runs it can raise, never the scenario."""

from __future__ import annotations

import os
from math import inf, isfinite

from sim.errors import UsageError
from sim.spec.messages import shown

DEFAULT_GB = 4.0
"""Fivefold cargo takes 0.5 GB a year; with a process for each processor, machines have some 4 GB
for each."""
PROCESS_GB = 0.15
"""What a worker takes before it runs anything: the interpreter and the libraries."""
VARIABLE = "CORRIDOR_MEMORY_GB"
"""Environment variable that sets the limit for all commands and notebooks."""


def memory_limit_gb() -> float:
    """Return the memory that one replication, or a study that is read, may take [GB].

    Raises
    ------
    UsageError
        The environment variable is set to something else than a number above 0.
    """
    written = os.environ.get(VARIABLE)
    if written is None:
        return DEFAULT_GB
    try:
        limit_gb = float(written)
    except ValueError:
        limit_gb = 0.0
    if not (isfinite(limit_gb) and limit_gb > 0):
        raise UsageError(f"{VARIABLE} must be a number of GB above 0; got {shown(written)}")
    return limit_gb


def machine_memory_gb() -> float:
    """Return the memory of this machine [GB]; infinity where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (AttributeError, OSError, ValueError):
        return inf
