"""The audit of every run: exact, in whole numbers, the engine's own counters against the log.

Each law compares two things that were written by different hands: what vehicles and stacks counted
while they worked, and what the log says afterwards. Differences are added up; anything but zero
stops the run.
"""

from __future__ import annotations

from itertools import chain

from sim.engine.audit import capacity_laws, cargo_laws, vehicle_laws
from sim.engine.audit.counters import Counters
from sim.errors import InvariantError
from sim.log import RunLog


def check(log: RunLog, counters: Counters) -> int:
    """Return the sum of absolute differences over all laws, which is 0.

    Raises
    ------
    InvariantError
        Any law is broken; the message names each and by how much.
    """
    ledger = cargo_laws.ledger_of(log)
    differences = chain(
        cargo_laws.conservation(log, counters, ledger),
        cargo_laws.accounts(log, counters),
        cargo_laws.lineage(log, ledger),
        cargo_laws.consignments(log, ledger),
        vehicle_laws.vehicles(log),
        vehicle_laws.roads(log),
        vehicle_laws.trucks(log),
        capacity_laws.resources(log, counters),
        capacity_laws.stacks(log, counters),
        capacity_laws.quotas(log, counters),
        vehicle_laws.decks(log, counters),
        vehicle_laws.quotas(log, counters),
        cargo_laws.equipment(log, counters, ledger),
    )
    broken = [difference for difference in differences if difference.amount]
    if broken:
        laws = "; ".join(f"{difference.law} (off by {difference.amount})" for difference in broken)
        raise InvariantError(
            f"the audit found {len(broken)} broken law(s): {laws}", log.facts.end_s, "audit"
        )
    return 0
