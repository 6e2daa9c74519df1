"""Laws of cargo: units are conserved, lots and consignments are somewhere at every instant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.audit.arithmetic import Difference, gaps, looked_up, off, positions
from sim.engine.audit.counters import Counters
from sim.log import NONE, OPEN, Activity, RunLog, running_sum, sum_by_code


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where every lot was: its stays and its trips, ordered by lot and time."""

    lot: NDArray[np.int64]
    units: NDArray[np.int64]
    start_s: NDArray[np.int64]
    end_s: NDArray[np.int64]
    is_open: NDArray[np.bool_]
    same: NDArray[np.bool_]
    """Whether the next row is of the same lot; of all rows but the last."""


def ledger_of(log: RunLog) -> Ledger:
    stays, aboard, trips = log.tables["stays"], log.tables["aboard"], log.tables["trips"]
    # Trips and lots are numbered in the order of their tables.
    trip = aboard["trip"]
    start_s = np.concatenate([stays["start_s"], trips["start_s"][trip]])
    end_s = np.concatenate([stays["end_s"], trips["end_s"][trip]])
    lot = np.concatenate([stays["lot"], aboard["lot"]])
    units = np.concatenate([stays["units"], aboard["units"]])
    is_open = end_s == OPEN
    end_s[is_open] = log.facts.end_s
    order = np.lexsort((end_s, lot * (log.facts.end_s + 1) + start_s))
    lot = lot[order]
    return Ledger(
        lot, units[order], start_s[order], end_s[order], is_open[order], lot[1:] == lot[:-1]
    )


def conservation(log: RunLog, counters: Counters, ledger: Ledger) -> Iterator[Difference]:
    """Units created = delivered + inside, by flow, and the log says the same."""
    size = len(log.flows)
    created, delivered = np.array(counters.created), np.array(counters.delivered)
    inside = np.array(counters.inside)
    yield Difference(
        "units created = units delivered + units inside", off(created, delivered + inside)
    )
    for law, counted, table in (
        ("created", created, "consignments"),
        ("delivered", delivered, "deliveries"),
    ):
        rows = log.tables[table]
        logged = sum_by_code(rows["units"], (rows["flow"], size))
        yield Difference(f"units {law} as logged", off(counted, logged))
    yield Difference("units inside as logged", off(inside, _units_inside(log, ledger)))


def accounts(log: RunLog, counters: Counters) -> Iterator[Difference]:
    """Offered = accepted + refused, by flow: what was drawn to come before the run, and what
    was there at its start, is in the log as a consignment or as a refusal."""
    size = len(log.flows)
    accepted, refused = (
        sum_by_code(log.tables[table]["units"], (log.tables[table]["flow"], size))
        for table in ("consignments", "refusals")
    )
    yield Difference("units refused as logged", off(np.array(counters.refused), refused))
    for flow, drawn in counters.drawn.items():
        offered = drawn + counters.there_at_start[flow]
        answered = int(accepted[flow]) + int(refused[flow])
        what = f"units of {log.names.flow[flow]} offered = units accepted + units refused"
        yield Difference(what, abs(offered - answered))


def _units_inside(log: RunLog, ledger: Ledger) -> NDArray[np.int64]:
    """Return the units whose last interval is open, by flow."""
    flow = log.tables["lots"]["flow"][ledger.lot[ledger.is_open]]
    return sum_by_code(ledger.units[ledger.is_open], (flow, len(log.flows)))


def lineage(log: RunLog, ledger: Ledger) -> Iterator[Difference]:
    """Every lot is somewhere without gap or overlap, from its parting or creation to its delivery
    or the end of the run."""
    lots, same = log.tables["lots"], ledger.same
    yield Difference("lots are numbered in order", int((lots["lot"] != np.arange(len(lots))).sum()))
    yield Difference("a lot's intervals meet", gaps(ledger.start_s, ledger.end_s, same))
    edge = np.ones(min(len(ledger.lot), 1), bool)
    first, last = np.concatenate([edge, ~same]), np.concatenate([~same, edge])
    begins = looked_up(lots["lot"], ledger.lot[first], ledger.start_s[first])
    yield Difference("a lot begins when it parted or was created", off(begins, lots["from_s"]))
    deliveries = log.tables["deliveries"]
    deliveries = deliveries.where(np.argsort(deliveries["lot"], kind="stable"))
    if twice := int((deliveries["lot"][1:] == deliveries["lot"][:-1]).sum()):
        yield Difference("a lot is delivered once", twice)
        return
    ended = last & ~ledger.is_open
    delivered = looked_up(ledger.lot[ended], deliveries["lot"], deliveries["delivered_s"])
    yield Difference("a lot ends with its delivery", off(delivered, ledger.end_s[ended]))
    yield Difference("what is delivered has ended", abs(len(delivered) - len(deliveries)))
    children = lots.where(lots["parent"] != NONE)
    span = log.facts.end_s + 1
    # The ledger is ordered by just this key, so a search does for the join.
    begins_at = ledger.lot * span + ledger.start_s
    parted_at = children["parent"] * span + children["from_s"]
    _, parted = positions(parted_at, begins_at)
    yield Difference("a lot parts from where its parent stayed", int((~parted).sum()))


def consignments(log: RunLog, ledger: Ledger) -> Iterator[Difference]:
    """At every instant the units of a consignment that are somewhere sum to its size less what was
    delivered."""
    created, out, units = log.tables["consignments"], log.tables["deliveries"], ledger.units
    # A lot that goes on as it was changes nothing; it is left out, twice, where its intervals meet.
    goes_on = (
        ledger.same
        & (ledger.start_s[1:] == ledger.end_s[:-1])
        & (units[1:] == units[:-1])
        & ~ledger.is_open[:-1]
    )
    begins, ends = np.ones(len(units), bool), ~ledger.is_open
    begins[1:] &= ~goes_on
    ends[:-1] &= ~goes_on
    consignment = log.tables["lots"]["consignment"]
    who = [
        consignment[ledger.lot[begins]],
        consignment[ledger.lot[ends]],
        created["consignment"],
        out["consignment"],
    ]
    when = [ledger.start_s[begins], ledger.end_s[ends], created["born_s"], out["delivered_s"]]
    change = np.concatenate([units[begins], -units[ends], -created["units"], out["units"]])
    key = np.concatenate(who) * (log.facts.end_s + 1) + np.concatenate(when)
    if not len(key):
        return
    order = np.argsort(key, kind="stable")
    key = key[order]
    firsts = np.concatenate([[0], np.flatnonzero(np.diff(key)) + 1])
    net = np.add.reduceat(change[order], firsts)
    yield Difference(
        "a consignment's units sum to its size at every instant", int(np.abs(net).sum())
    )


def equipment(log: RunLog, counters: Counters, ledger: Ledger) -> Iterator[Difference]:
    """Items idle, being readied and under cargo are the fleet, and those idle are never fewer than
    none."""
    if not counters.equipment:
        return
    waits, changes, size = log.tables["stays"], log.tables["equipment"], len(counters.equipment)
    waits = waits.where((waits["activity"] == Activity.WAIT_EQUIPMENT) & (waits["end_s"] == OPEN))
    waiting = sum_by_code(
        waits["units"], (log.tables["lots"]["flow"][waits["lot"]], len(log.flows))
    )
    inside = _units_inside(log, ledger) - waiting
    logged = sum_by_code(changes["change"], (changes["equipment"], size)).tolist()
    key = changes["equipment"] * len(log.names.place) + changes["place"]
    changes = changes.where(np.argsort(key, kind="stable"))
    missing = np.maximum(-running_sum(np.sort(key), changes["change"]), 0)
    below_none = sum_by_code(missing, (changes["equipment"], size)).tolist()
    for code, (fleet, idle, dwelling) in enumerate(counters.equipment):
        name = log.names.equipment[code]
        users = [number for number, facts in enumerate(log.flows) if facts.equipment == name]
        under_cargo = int(inside[users].sum())
        yield Difference(f"items of {name}", abs(fleet - idle - dwelling - under_cargo))
        yield Difference(f"idle items of {name} as logged", abs(idle - logged[code]))
        yield Difference(f"idle items of {name} below none", below_none[code])
