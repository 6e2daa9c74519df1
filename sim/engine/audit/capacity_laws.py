"""Laws of capacity: busy time as counted, and never more in use, in a stack or past a meter than
there may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from sim.engine.audit.arithmetic import Difference, Use, highest, unit_of
from sim.engine.audit.counters import Counters
from sim.engine.kernel.meter import PER_UNIT
from sim.log import NONE, OPEN, Activity, Columns, RunLog, closed_ends, names, sum_by_code
from sim.units import Seconds


def resources(log: RunLog, counters: Counters) -> Iterator[Difference]:
    """Busy time as counted is busy time as logged, and never is more in use than there is."""
    holds, size = log.tables["resource_log"], len(log.resources)
    asked = np.bincount(holds["resource"], minlength=size).tolist()
    holds = holds.where(holds["start_s"] != OPEN)
    holds = holds.with_(end_s=closed_ends(holds, log.facts.end_s))
    busy_s = sum_by_code(holds["end_s"] - holds["start_s"], (holds["resource"], size)).tolist()
    use = Use.of(holds["resource"], holds, np.ones(len(holds), np.int64), log.facts.end_s)
    together = use.most(size).tolist()
    over = _over_capacity(log, use, counters).tolist()
    more = _too_many_servers(log, counters).tolist()
    for code, counted_s in counters.busy_s.items():
        name = log.resources[code].id
        yield Difference(f"busy time of {name}", abs(counted_s - busy_s[code]))
        yield Difference(f"capacity of {name}", over[code])
        yield Difference(f"servers of {name} beyond those there are", more[code])
    for code, counted_s in counters.blocks_s.items():
        name = log.resources[code].id
        yield Difference(f"busy time of {name}", abs(counted_s - busy_s[code]))
        yield Difference(f"trains at once in {name}", max(0, together[code] - 1))
    for code, sold in counters.paths_sold.items():
        name = log.resources[code].id
        yield Difference(f"train paths of {name}", abs(sold - asked[code]))
        yield Difference(f"headway of {name}", max(0, together[code] - 1))


def _listed(codes: Iterable[int], size: int) -> NDArray[np.bool_]:
    """Return which of *size* codes are among *codes*."""
    listed = np.zeros(size, bool)
    listed[list(codes)] = True
    return listed


def _over_capacity(log: RunLog, use: Use, counters: Counters) -> NDArray[np.int64]:
    """Return by how many servers a grant was ever too much: what is in use before a cut is served
    to the end."""
    size, span = len(log.resources), log.facts.end_s + 1
    limited = _listed(counters.busy_s, size)[use.group]
    resource, at_s, in_use = use.group[limited], use.at_s[limited], use.level[limited]
    table = log.tables["capacities"]
    since = table["resource"] * span + table["start_s"]
    order = np.argsort(since, kind="stable")
    since, servers = since[order], table["servers"][order]
    at = resource * span + at_s
    first = np.searchsorted(since, resource * span)
    last = np.searchsorted(since, at, side="right") - 1
    # Of a second in which it changes, the largest number may have been the one that counted.
    before = np.clip(np.searchsorted(since, at) - 1, first, last)
    there = np.where(first <= last, np.maximum(servers[last], servers[before]), 0)
    return highest(resource, np.maximum(in_use - there, 0), size)


def _too_many_servers(log: RunLog, counters: Counters) -> NDArray[np.int64]:
    """Return how many servers the log has beyond those of the network, added up over its changes,
    by resource."""
    size, span = len(log.resources), log.facts.end_s + 1
    logged = log.tables["capacities"]
    logged = logged.where(_listed(counters.servers, size)[logged["resource"]])
    listed = []
    for code, eras in counters.servers.items():
        listed += [(code * span + begins_s, servers) for begins_s, servers in eras]
    since, there = np.array(listed, np.int64).reshape(-1, 2).T
    order = np.argsort(since, kind="stable")
    since, there = since[order], there[order]
    should = there[
        np.searchsorted(since, logged["resource"] * span + logged["start_s"], side="right") - 1
    ]
    return sum_by_code(np.maximum(logged["servers"] - should, 0), (logged["resource"], size))


SIDES = ("sea", "land")


def _sides(log: RunLog) -> NDArray[np.int64]:
    """Return the side of each stack, by resource code; `NONE` for what is no stack."""
    kinds = {carrier.id: carrier.kind for carrier in log.carriers}
    sides = np.full(len(log.resources), NONE)
    for code, resource in enumerate(log.resources):
        if resource.kind == "stack":
            carrier = names.parse(resource.id, "stack").carrier
            sides[code] = SIDES.index("sea" if kinds[carrier] == "service" else "land")
    return sides


def stacks(log: RunLog, counters: Counters) -> Iterator[Difference]:
    """Little's identity on each stack, and no more units than there is room."""
    stays = log.tables["stays"]
    inside = stays.where(stays["activity"] != Activity.WAIT_ROOM)
    inside = inside.with_(end_s=closed_ends(inside, log.facts.end_s))
    unit_s = inside["units"] * (inside["end_s"] - inside["start_s"])
    dwells = inside["activity"] == Activity.DWELL
    is_beside = dwells | (inside["activity"] == Activity.WAIT_EMBARGO)
    for what, rows, counts in (
        ("", ~is_beside, counters.stack_unit_s),
        ("dwell before ", dwells, counters.dwell_unit_s),
    ):
        logged = sum_by_code(unit_s[rows], (inside["resource"][rows], len(log.resources))).tolist()
        for code, counted in counts.items():
            law = f"Little's identity of {what}{log.resources[code].id}"
            yield Difference(law, abs(counted - logged[code]))
    if not counters.room:
        return
    number = np.full((len(log.names.place), len(SIDES), len(log.names.unit)), NONE)
    for room, (place, side, kind) in enumerate(counters.room):
        number[place, SIDES.index(side), kind] = room
    unit = unit_of(log)[inside["lot"]]
    # What dwells, or stands for a ban, before a leg takes room on the side of its stack.
    side_of = _sides(log)[inside["resource"]]
    is_in_yard = side_of != NONE
    inside, unit, side_of = inside.where(is_in_yard), unit[is_in_yard], side_of[is_in_yard]
    room_of = number[inside["place"], side_of, unit]
    limited = room_of != NONE
    inside, room_of = inside.where(limited), room_of[limited]
    use = Use.of(room_of, inside, inside["units"], log.facts.end_s)
    most = use.most(len(counters.room)).tolist()
    for ((place, side, kind), limit), units in zip(counters.room.items(), most, strict=True):
        name = f"{log.names.place[place]} ({side}, {log.names.unit[kind]})"
        yield Difference(f"room at {name}", max(0, units - limit))


def quotas(log: RunLog, counters: Counters) -> Iterator[Difference]:
    """What passed an embargo as counted is what passed as logged, at a quota that held, and each
    lot or train only when those before it had taken their time at the quota."""
    passes, held = log.tables["passes"], log.tables["quotas"]
    for (ban, meter), counted in counters.passed.items():
        name = f"meter {meter} of {log.names.embargo[ban]}"
        mine = passes.where((passes["embargo"] == ban) & (passes["meter"] == meter))
        yield Difference(f"units past {name}", abs(counted - int(mine["units"].sum())))
        rates = held.where((held["embargo"] == ban) & (held["meter"] == meter))
        yield Difference(f"quota of {name}", _beyond_quota(mine, rates, log.facts.end_s))


def _beyond_quota(passes: Columns, rates: Columns, end_s: Seconds) -> int:
    """Return by how many units more passed than the quotas let pass, or that passed with none."""
    since_s, until_s = rates["start_s"], closed_ends(rates, end_s)
    paid = np.concatenate([[0], np.cumsum(rates["units_per_1000_days"] * (until_s - since_s))])
    # A ban that is imposed anew owes nothing: each has an account of its own.
    is_first = np.concatenate([np.ones(min(len(rates), 1), bool), since_s[1:] != until_s[:-1]])
    account = np.cumsum(is_first) - 1
    at = np.searchsorted(since_s, passes["at_s"], side="right") - 1
    beyond, owed_until, last = 0, 0, NONE
    for row, units, at_s in zip(
        at.tolist(), passes["units"].tolist(), passes["at_s"].tolist(), strict=True
    ):
        if row < 0:
            beyond += units
            continue
        now = int(paid[row] + rates["units_per_1000_days"][row] * (at_s - since_s[row]))
        if account[row] != last:
            owed_until, last = now, account[row]
        beyond += -(-max(0, owed_until - now) // PER_UNIT)
        owed_until = max(owed_until, now) + units * PER_UNIT
    return beyond
