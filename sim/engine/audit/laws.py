"""The audit of every run: exact, in whole numbers, the engine's own counters against the log.

Each law compares two things that were written by different hands: what vehicles and stacks counted
while they worked, and what the log says afterwards. Differences are added up; anything but zero
stops the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.world.facilities import servers_of
from sim.engine.world.world import World
from sim.errors import InvariantError
from sim.log import (
    NONE,
    OPEN,
    VESSEL,
    Activity,
    Columns,
    RunLog,
    closed_ends,
    running_sum,
    sum_by_code,
)
from sim.network.parts import Deck
from sim.units import Seconds


@dataclass(frozen=True, slots=True)
class Counters:
    """What the engine counted by itself, at the end of the run."""

    born: tuple[int, ...]
    delivered: tuple[int, ...]
    inside: tuple[int, ...]
    stack_unit_s: Mapping[int, int]
    busy_s: Mapping[int, int]
    servers: Mapping[int, Sequence[tuple[int, int]]]
    """Of what has a limit: how many there should be by the network, from each second on."""
    paths_sold: Mapping[int, int]
    room: Mapping[tuple[int, str, int], int]
    """The most there ever was."""
    decks: Mapping[tuple[int, int], Sequence[tuple[int, Deck]]]
    """By carrier and vessel class (`NONE` for trains), from each second on."""
    blocks_s: Mapping[int, int]
    """Time in use of each block of single track."""
    equipment: Sequence[tuple[int, int, int]]
    """Of each fleet: items, idle and being readied."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One law that does not hold."""

    law: str
    amount: int


def count(world: World) -> Counters:
    """Read the counters of *world*."""
    now = world.env.now
    stages = [stage for stage in world.facilities.stages if stage[0] <= now]
    decks: dict[tuple[int, int], list[tuple[int, Deck]]] = {}
    room: dict[tuple[int, str, int], int] = {}
    for begins_s, network in stages:
        for line in network.trains:
            decks.setdefault((line.carrier, NONE), []).append((begins_s, line.deck))
        for service in network.services:
            for part in service.fleet:
                decks.setdefault((service.carrier, part.vessel_class), []).append(
                    (begins_s, part.deck)
                )
        for key, limit in network.room.items():
            room[key] = max(limit, room.get(key, 0))
    return Counters(
        born=tuple(world.born),
        delivered=tuple(world.delivered),
        inside=tuple(world.inside()),
        stack_unit_s={stack.code: stack.unit_s_until(now) for stack in world.stacks.values()},
        servers={
            code: [(begins_s, servers_of(network.resources[code])) for begins_s, network in stages]
            for code in world.facilities.tokens
        },
        busy_s={code: tokens.busy_until(now) for code, tokens in world.facilities.tokens.items()},
        paths_sold={code: paths.sold for code, paths in world.facilities.paths.items()},
        room=room,
        decks=decks,
        blocks_s={
            code: track.busy_until(number, now)
            for track in world.rules.tracks.values()
            for number, code in enumerate(track.codes)
        },
        equipment=[
            (pool.fleet, sum(pool.idle.values()), sum(pool.dwelling.values()))
            for pool in world.rules.pools
        ],
    )


def check(log: RunLog, counters: Counters) -> int:
    """Return the sum of absolute differences over all laws, which is 0.

    Raises
    ------
    InvariantError
        Any law is broken; the message names each and by how much.
    """
    ledger = _ledger(log)
    broken = [
        difference
        for law in (
            _conservation(log, counters, ledger),
            _lineage(log, ledger),
            _consignments(log, ledger),
            _vehicles(log),
            _resources(log, counters),
            _stacks(log, counters),
            _decks(log, counters),
            _equipment(log, counters, ledger),
        )
        for difference in law
        if difference.amount
    ]
    if broken:
        told = "; ".join(f"{difference.law} (off by {difference.amount})" for difference in broken)
        raise InvariantError(
            f"the audit found {len(broken)} broken law(s): {told}", log.facts.end_s, "audit"
        )
    return 0


@dataclass(frozen=True, slots=True)
class _Ledger:
    """Where every lot was: its stays and its trips, ordered by lot and time."""

    lot: NDArray[np.int64]
    units: NDArray[np.int64]
    start_s: NDArray[np.int64]
    end_s: NDArray[np.int64]
    is_open: NDArray[np.bool_]
    same: NDArray[np.bool_]
    """Whether the next row is of the same lot; of all rows but the last."""


def _ledger(log: RunLog) -> _Ledger:
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
    return _Ledger(
        lot, units[order], start_s[order], end_s[order], is_open[order], lot[1:] == lot[:-1]
    )


def _conservation(log: RunLog, counters: Counters, ledger: _Ledger) -> Iterator[Difference]:
    """Units in = units out + inside, per flow, and the log tells the same."""
    size = len(log.flows)
    born, delivered = np.array(counters.born), np.array(counters.delivered)
    inside = np.array(counters.inside)
    yield Difference("units born = units delivered + units inside", _off(born, delivered + inside))
    for law, counted, table in (
        ("born", born, "consignments"),
        ("delivered", delivered, "deliveries"),
    ):
        rows = log.tables[table]
        logged = sum_by_code(rows["units"], (rows["flow"], size))
        yield Difference(f"units {law} as logged", _off(counted, logged))
    yield Difference("units inside as logged", _off(inside, _units_inside(log, ledger)))


def _units_inside(log: RunLog, ledger: _Ledger) -> NDArray[np.int64]:
    """Return the units whose last interval is open, by flow."""
    flow = log.tables["lots"]["flow"][ledger.lot[ledger.is_open]]
    return sum_by_code(ledger.units[ledger.is_open], (flow, len(log.flows)))


def _lineage(log: RunLog, ledger: _Ledger) -> Iterator[Difference]:
    """The life of every lot is told without gap or overlap, from parting (or birth) to delivery (or
    the end)."""
    lots, same = log.tables["lots"], ledger.same
    yield Difference("lots are numbered in order", int((lots["lot"] != np.arange(len(lots))).sum()))
    yield Difference("a lot's intervals meet", _gaps(ledger.start_s, ledger.end_s, same))
    edge = np.ones(min(len(ledger.lot), 1), bool)
    first, last = np.concatenate([edge, ~same]), np.concatenate([~same, edge])
    begins = _looked_up(lots["lot"], ledger.lot[first], ledger.start_s[first])
    yield Difference("a lot's life begins when it parted or was born", _off(begins, lots["from_s"]))
    told = log.tables["deliveries"]
    told = told.where(np.argsort(told["lot"], kind="stable"))
    if twice := int((told["lot"][1:] == told["lot"][:-1]).sum()):
        yield Difference("a lot is delivered once", twice)
        return
    ended = last & ~ledger.is_open
    delivered = _looked_up(ledger.lot[ended], told["lot"], told["delivered_s"])
    yield Difference("a lot's life ends with its delivery", _off(delivered, ledger.end_s[ended]))
    yield Difference("what is delivered has ended", abs(len(delivered) - len(told)))
    children = lots.where(lots["parent"] != NONE)
    span = log.facts.end_s + 1
    # The ledger is ordered by just this key, so a search does for the join.
    told_at, parted_at = (
        ledger.lot * span + ledger.start_s,
        children["parent"] * span + children["from_s"],
    )
    _, parted = _found(parted_at, told_at)
    yield Difference("a lot parts from where its parent stayed", int((~parted).sum()))


def _gaps(start_s: NDArray[np.int64], end_s: NDArray[np.int64], same: NDArray[np.bool_]) -> int:
    """Return by how much intervals do not meet the next one, where that is of the *same*."""
    return int(np.abs(start_s[1:] - end_s[:-1])[same].sum())


def _found(
    wanted: NDArray[np.int64], keys: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return where each of *wanted* stands in the ordered *keys*, and whether it does."""
    if not len(keys):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return at, keys[at] == wanted


def _looked_up(
    wanted: NDArray[np.int64], keys: NDArray[np.int64], values: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the value of each of *wanted* in the ordered *keys*, `NONE` for what is not there."""
    at, is_there = _found(wanted, keys)
    found = np.full(len(wanted), NONE)
    found[is_there] = values[at[is_there]]
    return found


def _consignments(log: RunLog, ledger: _Ledger) -> Iterator[Difference]:
    """At every instant the units of a consignment that are somewhere sum to its size less what was
    delivered."""
    born, out, units = log.tables["consignments"], log.tables["deliveries"], ledger.units
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
        born["consignment"],
        out["consignment"],
    ]
    when = [ledger.start_s[begins], ledger.end_s[ends], born["born_s"], out["delivered_s"]]
    change = np.concatenate([units[begins], -units[ends], -born["units"], out["units"]])
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


def _vehicles(log: RunLog) -> Iterator[Difference]:
    """States of a vessel fill the run; those of a trip fill the trip."""
    end_s, rows, fleet = log.facts.end_s, log.tables["vehicle_log"], log.tables["vehicles"]
    vehicle, start, end = rows["vehicle"], rows["start_s"], closed_ends(rows, end_s)
    lasted_s = end - start
    order = np.lexsort((end, vehicle * (end_s + 1) + start))
    ordered = vehicle[order]
    gaps = _gaps(start[order], end[order], ordered[1:] == ordered[:-1])
    yield Difference("a vehicle does one thing after the other", gaps)
    is_vessel = fleet["kind"] == VESSEL
    there_s = end_s - fleet["from_s"][is_vessel]
    spent_s = sum_by_code(lasted_s, (vehicle, len(fleet)))
    yield Difference("a vessel's states fill its life", _off(spent_s[is_vessel], there_s))
    duties = log.tables["duties"]
    on_duty_s = sum_by_code(
        closed_ends(duties, end_s) - duties["start_s"], (duties["vehicle"], len(fleet))
    )
    yield Difference("a vessel's duties fill its life", _off(on_duty_s[is_vessel], there_s))
    trips, with_cargo = log.tables["trips"], rows["trip"] != NONE
    filled_s = sum_by_code(lasted_s[with_cargo], (rows["trip"][with_cargo], len(trips)))
    yield Difference(
        "a trip's states fill the trip",
        _off(filled_s, closed_ends(trips, end_s) - trips["start_s"]),
    )


def _resources(log: RunLog, counters: Counters) -> Iterator[Difference]:
    """Busy time as counted is busy time as logged, and never is more in use than there is."""
    holds, size = log.tables["resource_log"], len(log.resources)
    asked = np.bincount(holds["resource"], minlength=size).tolist()
    holds = holds.where(holds["start_s"] != OPEN)
    holds = holds.with_(end_s=closed_ends(holds, log.facts.end_s))
    busy_s = sum_by_code(holds["end_s"] - holds["start_s"], (holds["resource"], size)).tolist()
    use = _Use.of(holds["resource"], holds, np.ones(len(holds), np.int64), log.facts.end_s)
    together = use.most(size).tolist()
    over, more = (
        _over_capacity(log, use, counters).tolist(),
        _too_many_servers(log, counters).tolist(),
    )
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


@dataclass(frozen=True, slots=True)
class _Use:
    """How many (or how many units) of half-open intervals there are at each begin of one, group by
    group."""

    group: NDArray[np.int64]
    at_s: NDArray[np.int64]
    level: NDArray[np.int64]
    """Where several begin together, the last of them has the level of that second, those before it
    less."""

    @classmethod
    def of(
        cls, group: NDArray[np.int64], intervals: Columns, units: NDArray[np.int64], end_s: Seconds
    ) -> _Use:
        """Count *intervals* that begin and end by *end_s*."""
        span = end_s + 1
        begins, ends = group * span + intervals["start_s"], group * span + intervals["end_s"]
        in_order, out_order = np.argsort(begins, kind="stable"), np.argsort(ends, kind="stable")
        begins = begins[in_order]
        # What was in the groups before has come and gone.
        gone = np.concatenate([[0], np.cumsum(units[out_order])])
        level = (
            np.cumsum(units[in_order])
            - gone[np.searchsorted(ends[out_order], begins, side="right")]
        )
        return cls(group[in_order], intervals["start_s"][in_order], level)

    def most(self, size: int) -> NDArray[np.int64]:
        """Return the highest level of each of *size* groups."""
        return _highest(self.group, self.level, size)


def _highest(group: NDArray[np.int64], values: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Return the highest of *values* in each of *size* groups, 0 for one without; rows of a group
    stand together."""
    highest = np.zeros(size, np.int64)
    if len(group):
        first = np.flatnonzero(np.diff(group, prepend=NONE))
        highest[group[first]] = np.maximum.reduceat(values, first)
    return highest


def _over_capacity(log: RunLog, use: _Use, counters: Counters) -> NDArray[np.int64]:
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
    first, last = (
        np.searchsorted(since, resource * span),
        np.searchsorted(since, at, side="right") - 1,
    )
    # Of a second in which it changes, the largest number may have been the one that counted.
    before = np.clip(np.searchsorted(since, at) - 1, first, last)
    there = np.where(first <= last, np.maximum(servers[last], servers[before]), 0)
    return _highest(resource, np.maximum(in_use - there, 0), size)


def _too_many_servers(log: RunLog, counters: Counters) -> NDArray[np.int64]:
    """Return how many servers the log has beyond those of the network, added up over its changes,
    by resource."""
    size, span = len(log.resources), log.facts.end_s + 1
    logged = log.tables["capacities"]
    logged = logged.where(_listed(counters.servers, size)[logged["resource"]])
    listed = [
        (code * span + begins_s, there)
        for code, eras in counters.servers.items()
        for begins_s, there in eras
    ]
    since, there = np.array(listed, np.int64).reshape(-1, 2).T
    order = np.argsort(since, kind="stable")
    since, there = since[order], there[order]
    should = there[
        np.searchsorted(since, logged["resource"] * span + logged["start_s"], side="right") - 1
    ]
    return sum_by_code(np.maximum(logged["servers"] - should, 0), (logged["resource"], size))


def _stacks(log: RunLog, counters: Counters) -> Iterator[Difference]:
    """Little's identity on each stack, and no more units than there is room."""
    stays = log.tables["stays"]
    inside = stays.where(stays["activity"] != Activity.WAIT_ROOM)
    inside = inside.with_(end_s=closed_ends(inside, log.facts.end_s))
    unit_s = inside["units"] * (inside["end_s"] - inside["start_s"])
    logged = sum_by_code(unit_s, (inside["resource"], len(log.resources))).tolist()
    for code, counted in counters.stack_unit_s.items():
        yield Difference(
            f"Little's identity of {log.resources[code].id}", abs(counted - logged[code])
        )
    if not counters.room:
        return
    number = np.full((len(log.names.place), len(Activity), len(log.names.unit)), NONE)
    for room, (place, side, kind) in enumerate(counters.room):
        number[place, Activity.WAIT_VESSEL if side == "sea" else Activity.WAIT_TRAIN, kind] = room
    unit = _unit_of(log)[inside["lot"]]
    room_of = number[inside["place"], inside["activity"], unit]
    limited = room_of != NONE
    inside, room_of = inside.where(limited), room_of[limited]
    most = (
        _Use.of(room_of, inside, inside["units"], log.facts.end_s).most(len(counters.room)).tolist()
    )
    for ((place, side, kind), limit), units in zip(counters.room.items(), most, strict=True):
        name = f"{log.names.place[place]} ({side}, {log.names.unit[kind]})"
        yield Difference(f"room at {name}", max(0, units - limit))


def _unit_of(log: RunLog) -> NDArray[np.int64]:
    """Return the kind of unit of every lot."""
    codes = {unit: code for code, unit in enumerate(log.names.unit)}
    return np.array([codes[flow.unit] for flow in log.flows], np.int64)[log.tables["lots"]["flow"]]


def _decks(log: RunLog, counters: Counters) -> Iterator[Difference]:
    """No deck is loaded beyond its size, and what is aboard uses what was booked."""
    trips, aboard = log.tables["trips"], log.tables["aboard"]
    yield Difference("decks", int(np.maximum(trips["deck_used"] - trips["deck_limit"], 0).sum()))
    yield Difference(
        "limits of decks", int(np.maximum(trips["deck_limit"] - trips["deck_size"], 0).sum())
    )
    listed = [
        (*key, begins_s, deck) for key, decks in counters.decks.items() for begins_s, deck in decks
    ]
    if not listed:
        return
    number = _deck_of(log, [deck[:3] for deck in listed])
    per_unit = np.array([deck.per_unit for *_, deck in listed], np.int64)
    checked = number != NONE
    rows = checked[aboard["trip"]]
    trip, unit = aboard["trip"][rows], _unit_of(log)[aboard["lot"][rows]]
    used = sum_by_code(aboard["units"][rows] * per_unit[number[trip], unit], (trip, len(trips)))
    off = np.abs(used - trips["deck_used"])[checked]
    by_deck = sum_by_code(off, (number[checked], len(listed))).tolist()
    for (carrier, *_), amount in zip(listed, by_deck, strict=True):
        yield Difference(f"deck of {log.names.carrier[carrier]}", amount)


def _deck_of(log: RunLog, decks: Sequence[tuple[int, int, Seconds]]) -> NDArray[np.int64]:
    """Return which of *decks* each trip has, `NONE` where none is listed; of each: carrier, class,
    since when."""
    trips, span, classes = log.tables["trips"], log.facts.end_s + 1, len(log.names.vessel_class) + 1
    carrier, vessel_class, begins_s = np.array(decks, np.int64).T
    group = carrier * classes + vessel_class % classes
    order = np.argsort(group * span + begins_s, kind="stable")
    wanted = (
        trips["carrier"] * classes
        + log.tables["vehicles"]["vessel_class"][trips["vehicle"]] % classes
    )
    found = (
        np.searchsorted(
            (group * span + begins_s)[order], wanted * span + trips["start_s"], side="right"
        )
        - 1
    )
    return np.where((found >= 0) & (group[order[found]] == wanted), order[found], NONE)


def _equipment(log: RunLog, counters: Counters, ledger: _Ledger) -> Iterator[Difference]:
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


def _off(a: NDArray[np.int64], b: NDArray[np.int64]) -> int:
    return int(np.abs(a - b).sum())
