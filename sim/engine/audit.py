"""The audit of every run: exact, in whole numbers, the engine's own counters against the log.

Each law compares two things that were written by different hands: what vehicles and stacks counted while they worked,
and what the log says afterwards. Differences are added up; anything but zero stops the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine.facilities import servers_of
from sim.engine.world import World
from sim.errors import InvariantError
from sim.log import NONE, OPEN, VEHICLE_KINDS, Activity, RunLog, closed_ends
from sim.network.parts import Deck


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
                decks.setdefault((service.carrier, part.vessel_class), []).append((begins_s, part.deck))
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
        equipment=[(pool.fleet, sum(pool.idle.values()), sum(pool.dwelling.values())) for pool in world.rules.pools],
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
        raise InvariantError(f"the audit found {len(broken)} broken law(s): {told}", log.facts.end_s, "audit")
    return 0


def _ledger(log: RunLog) -> pd.DataFrame:
    """Return where every lot was: its stays and its trips, ordered by lot and time.

    Columns ``lot, units, start_s, end_s, is_open``.
    """
    stays, aboard, trips = log["stays"], log["aboard"], log["trips"]
    # Trips and lots are numbered in the order of their tables.
    trip = aboard["trip"].to_numpy()
    start_s = np.concatenate([stays["start_s"].to_numpy(), trips["start_s"].to_numpy()[trip]])
    end_s = np.concatenate([stays["end_s"].to_numpy(), trips["end_s"].to_numpy()[trip]])
    lot = np.concatenate([stays["lot"].to_numpy(), aboard["lot"].to_numpy()])
    units = np.concatenate([stays["units"].to_numpy(), aboard["units"].to_numpy()])
    is_open = end_s == OPEN
    end_s = np.where(is_open, log.facts.end_s, end_s)
    order = np.lexsort((end_s, lot * (log.facts.end_s + 1) + start_s))
    columns = {"lot": lot, "units": units, "start_s": start_s, "end_s": end_s, "is_open": is_open}
    return pd.DataFrame({name: values[order] for name, values in columns.items()})


def _by_code(codes: pd.Series, units: pd.Series, size: int) -> NDArray[np.int64]:
    totals = np.zeros(size, np.int64)
    np.add.at(totals, codes.to_numpy(), units.to_numpy())
    return totals


def _conservation(log: RunLog, counters: Counters, ledger: pd.DataFrame) -> Iterator[Difference]:
    """Units in = units out + inside, per flow, and the log tells the same."""
    size = len(log.flows)
    born, delivered = np.array(counters.born), np.array(counters.delivered)
    inside = np.array(counters.inside)
    yield Difference("units born = units delivered + units inside", _off(born, delivered + inside))
    consignments, deliveries = log["consignments"], log["deliveries"]
    yield Difference("units born as logged", _off(born, _by_code(consignments["flow"], consignments["units"], size)))
    logged = _by_code(deliveries["flow"], deliveries["units"], size)
    yield Difference("units delivered as logged", _off(delivered, logged))
    still = ledger[ledger["is_open"]]
    flow = log["lots"]["flow"].iloc[still["lot"].to_numpy()]
    yield Difference("units inside as logged", _off(inside, _by_code(flow, still["units"], size)))


def _lineage(log: RunLog, ledger: pd.DataFrame) -> Iterator[Difference]:
    """The life of every lot is told without gap or overlap, from parting (or birth) to delivery (or the end)."""
    lots = log["lots"]
    yield Difference("lots are numbered in order", int((lots["lot"].to_numpy() != np.arange(len(lots))).sum()))
    lot, start, end = (ledger[c].to_numpy() for c in ("lot", "start_s", "end_s"))
    same = lot[1:] == lot[:-1]
    yield Difference("a lot's intervals meet", int(np.abs(start[1:] - end[:-1])[same].sum()))
    first = np.concatenate([[True], ~same]) if len(lot) else np.zeros(0, bool)
    last = np.concatenate([~same, [True]]) if len(lot) else np.zeros(0, bool)
    begins = pd.Series(start[first], index=lot[first]).reindex(lots["lot"], fill_value=NONE).to_numpy()
    yield Difference("a lot's life begins when it parted or was born", _off(begins, lots["from_s"].to_numpy()))
    ended = ledger[last & ~ledger["is_open"].to_numpy()]
    told = pd.Series(log["deliveries"]["delivered_s"].to_numpy(), index=log["deliveries"]["lot"].to_numpy())
    if told.index.has_duplicates:
        yield Difference("a lot is delivered once", int(told.index.duplicated().sum()))
        return
    delivered = told.reindex(ended["lot"], fill_value=NONE).to_numpy()
    yield Difference("a lot's life ends with its delivery", _off(delivered, ended["end_s"].to_numpy()))
    yield Difference("what is delivered has ended", abs(len(ended) - len(told)))
    children = lots[lots["parent"] != NONE]
    span = log.facts.end_s + 1
    # The ledger is ordered by just this key, so a search does for the join.
    told_at, parted_at = lot * span + start, children["parent"].to_numpy() * span + children["from_s"].to_numpy()
    found = np.searchsorted(told_at, parted_at)
    parted = (found < len(told_at)) & (told_at[np.minimum(found, len(told_at) - 1)] == parted_at)
    yield Difference("a lot parts from where its parent stayed", int((~parted).sum()))


def _consignments(log: RunLog, ledger: pd.DataFrame) -> Iterator[Difference]:
    """At every instant the units of a consignment that are somewhere sum to its size less what was delivered."""
    consignment = log["lots"]["consignment"].to_numpy()[ledger["lot"].to_numpy()]
    units, born, out = ledger["units"].to_numpy(), log["consignments"], log["deliveries"]
    closed = ~ledger["is_open"].to_numpy()
    who = [consignment, consignment[closed], born["consignment"].to_numpy(), out["consignment"].to_numpy()]
    when = [ledger["start_s"].to_numpy(), ledger["end_s"].to_numpy()[closed]]
    when += [born["born_s"].to_numpy(), out["delivered_s"].to_numpy()]
    change = [units, -units[closed], -born["units"].to_numpy(), out["units"].to_numpy()]
    key = np.concatenate(who) * (log.facts.end_s + 1) + np.concatenate(when)
    order = np.argsort(key)
    key, change_by = key[order], np.concatenate(change)[order]
    if not len(key):
        return
    begins = np.concatenate([[0], np.flatnonzero(np.diff(key)) + 1])
    net = np.add.reduceat(change_by, begins)
    yield Difference("a consignment's units sum to its size at every instant", int(np.abs(net).sum()))


def _vehicles(log: RunLog) -> Iterator[Difference]:
    """States of a vessel fill the run; those of a trip fill the trip."""
    end_s, rows = log.facts.end_s, log["vehicle_log"]
    ends = closed_ends(rows, end_s)
    order = np.lexsort((ends, rows["vehicle"].to_numpy() * (end_s + 1) + rows["start_s"].to_numpy()))
    vehicle, start, end = rows["vehicle"].to_numpy()[order], rows["start_s"].to_numpy()[order], ends[order]
    trip = rows["trip"].to_numpy()[order]
    same = vehicle[1:] == vehicle[:-1]
    yield Difference("a vehicle does one thing after the other", int(np.abs(start[1:] - end[:-1])[same].sum()))
    spent = np.zeros(len(log["vehicles"]), np.int64)
    np.add.at(spent, vehicle, end - start)
    is_vessel = log["vehicles"]["kind"].to_numpy() == VEHICLE_KINDS.index("vessel")
    there_s = end_s - log["vehicles"]["from_s"].to_numpy()[is_vessel]
    yield Difference("a vessel's states fill its life", _off(spent[is_vessel], there_s))
    duties = log["duties"]
    on_duty = np.zeros(len(log["vehicles"]), np.int64)
    np.add.at(on_duty, duties["vehicle"].to_numpy(), closed_ends(duties, end_s) - duties["start_s"].to_numpy())
    yield Difference("a vessel's duties fill its life", _off(on_duty[is_vessel], there_s))
    trips = log["trips"]
    filled = np.zeros(len(trips), np.int64)
    with_cargo = trip != NONE
    np.add.at(filled, trip[with_cargo], (end - start)[with_cargo])
    lasted = closed_ends(trips, end_s) - trips["start_s"].to_numpy()
    yield Difference("a trip's states fill the trip", _off(filled, lasted))


def _resources(log: RunLog, counters: Counters) -> Iterator[Difference]:
    """Busy time as counted is busy time as logged, and never is more in use than there is."""
    end_s, holds = log.facts.end_s, log["resource_log"]
    held = holds[holds["start_s"] != OPEN]
    held = held.assign(end_s=closed_ends(held, end_s))
    by_resource = dict(list(held.groupby("resource")))
    nothing = held.iloc[:0]
    for code, busy_s in counters.busy_s.items():
        mine = by_resource.get(code, nothing)
        name = log.resources[code].id
        yield Difference(f"busy time of {name}", abs(busy_s - int((mine["end_s"] - mine["start_s"]).sum())))
        logged = log["capacities"][log["capacities"]["resource"] == code]
        yield Difference(f"capacity of {name}", _over_capacity(mine, logged))
        begins, there = np.array(counters.servers[code]).T
        should = there[np.searchsorted(begins, logged["start_s"].to_numpy(), side="right") - 1]
        more = np.maximum(logged["servers"].to_numpy() - should, 0)
        yield Difference(f"servers of {name} beyond those there are", int(more.sum()))
    for code, busy_s in counters.blocks_s.items():
        mine = by_resource.get(code, nothing)
        name = log.resources[code].id
        yield Difference(f"busy time of {name}", abs(busy_s - int((mine["end_s"] - mine["start_s"]).sum())))
        yield Difference(f"trains at once in {name}", max(0, _most_at_once(mine) - 1))
    asked = holds.groupby("resource").size()
    for code, sold in counters.paths_sold.items():
        name = log.resources[code].id
        yield Difference(f"train paths of {name}", abs(sold - int(asked.get(code, 0))))
        yield Difference(f"headway of {name}", max(0, _most_at_once(by_resource.get(code, nothing)) - 1))


def _over_capacity(holds: pd.DataFrame, capacities: pd.DataFrame) -> int:
    """Return by how many servers a grant was ever too much: what is in use before a cut is served to the end."""
    if holds.empty:
        return 0
    start_s, end_s = np.sort(holds["start_s"].to_numpy()), np.sort(holds["end_s"].to_numpy())
    at = np.unique(start_s)
    in_use = np.searchsorted(start_s, at, side="right") - np.searchsorted(end_s, at, side="right")
    since, servers = capacities["start_s"].to_numpy(), capacities["servers"].to_numpy()
    # Of a second in which it changes, the largest number may have been the one that counted.
    after = servers[np.searchsorted(since, at, side="right") - 1]
    before = servers[np.maximum(np.searchsorted(since, at, side="left") - 1, 0)]
    return int(np.maximum(in_use - np.maximum(after, before), 0).max())


def _most_at_once(intervals: pd.DataFrame, units: NDArray[np.int64] | None = None) -> int:
    """Return how many (or how many *units*) of half-open *intervals* overlap at most."""
    if intervals.empty:
        return 0
    weight = np.ones(len(intervals), np.int64) if units is None else units
    at = np.concatenate([intervals["start_s"].to_numpy(), intervals["end_s"].to_numpy()])
    change = np.concatenate([weight, -weight])
    # Ends before starts of the same second: intervals are half-open.
    order = np.lexsort((change, at))
    return int(np.cumsum(change[order]).max())


def _stacks(log: RunLog, counters: Counters) -> Iterator[Difference]:
    """Little's identity on each stack, and no more units than there is room."""
    end_s, stays = log.facts.end_s, log["stays"]
    inside = stays[stays["activity"] != Activity.WAIT_ROOM]
    inside = inside.assign(end_s=closed_ends(inside, end_s))
    unit_s = inside["units"] * (inside["end_s"] - inside["start_s"])
    logged = unit_s.groupby(inside["resource"]).sum()
    for code, counted in counters.stack_unit_s.items():
        yield Difference(f"Little's identity of {log.resources[code].id}", abs(counted - int(logged.get(code, 0))))
    if not counters.room:
        return
    unit_codes = {unit: code for code, unit in enumerate(log.names.unit)}
    unit_of = np.array([unit_codes[flow.unit] for flow in log.flows])
    lot_flow = pd.Series(log["lots"]["flow"].to_numpy(), index=log["lots"]["lot"].to_numpy())
    unit = unit_of[lot_flow.reindex(inside["lot"]).to_numpy()]
    for (place, side, kind), limit in counters.room.items():
        activity = Activity.WAIT_VESSEL if side == "sea" else Activity.WAIT_TRAIN
        here = (inside["place"] == place) & (inside["activity"] == activity) & (unit == kind)
        most = _most_at_once(inside[here], inside.loc[here, "units"].to_numpy())
        name = f"{log.names.place[place]} ({side}, {log.names.unit[kind]})"
        yield Difference(f"room at {name}", max(0, most - limit))


def _decks(log: RunLog, counters: Counters) -> Iterator[Difference]:
    """No deck is loaded beyond its size, and what is aboard uses what was booked."""
    trips, vehicles = log["trips"], log["vehicles"]
    yield Difference("decks", int(np.maximum(trips["deck_used"] - trips["deck_limit"], 0).sum()))
    yield Difference("limits of decks", int(np.maximum(trips["deck_limit"] - trips["deck_size"], 0).sum()))
    unit_codes = {unit: code for code, unit in enumerate(log.names.unit)}
    unit_of = np.array([unit_codes[flow.unit] for flow in log.flows], np.int64)
    aboard = log["aboard"]
    units = np.zeros((len(trips), len(log.names.unit)), np.int64)
    unit = unit_of[log["lots"]["flow"].to_numpy()[aboard["lot"].to_numpy()]]
    np.add.at(units, (aboard["trip"].to_numpy(), unit), aboard["units"].to_numpy())
    vessel_class = vehicles["vessel_class"].to_numpy()[trips["vehicle"].to_numpy()]
    begun_s = trips["start_s"].to_numpy()
    for (carrier, of_class), decks in counters.decks.items():
        here = (trips["carrier"].to_numpy() == carrier) & (vessel_class == of_class)
        ends = [begins_s for begins_s, _ in decks[1:]] + [log.facts.end_s + 1]
        for (begins_s, deck), ends_s in zip(decks, ends, strict=True):
            mine = here & (begun_s >= begins_s) & (begun_s < ends_s)
            used = units[mine] @ np.array(deck.per_unit, np.int64)
            yield Difference(f"deck of {log.names.carrier[carrier]}", _off(used, trips["deck_used"].to_numpy()[mine]))


def _equipment(log: RunLog, counters: Counters, ledger: pd.DataFrame) -> Iterator[Difference]:
    """Items idle, being readied and under cargo are the fleet, and those idle are never fewer than none."""
    if not counters.equipment:
        return
    flow = log["lots"]["flow"].to_numpy()
    waits = log["stays"]
    waits = waits[(waits["activity"] == Activity.WAIT_EQUIPMENT) & (waits["end_s"] == OPEN)]
    inside = _by_code(pd.Series(flow[ledger["lot"].to_numpy()]), ledger["units"] * ledger["is_open"], len(log.flows))
    inside -= _by_code(pd.Series(flow[waits["lot"].to_numpy()]), waits["units"], len(log.flows))
    changes = log["equipment"]
    for code, (fleet, idle, dwelling) in enumerate(counters.equipment):
        name = log.names.equipment[code]
        users = [number for number, facts in enumerate(log.flows) if facts.equipment == name]
        under_cargo = int(inside[users].sum())
        yield Difference(f"items of {name}", abs(fleet - idle - dwelling - under_cargo))
        mine = changes[changes["equipment"] == code]
        yield Difference(f"idle items of {name} as logged", abs(idle - int(mine["change"].sum())))
        levels = mine.groupby("place")["change"].cumsum()
        yield Difference(f"idle items of {name} below none", int(np.maximum(-levels.to_numpy(), 0).sum()))


def _off(a: NDArray[np.int64], b: NDArray[np.int64]) -> int:
    return int(np.abs(np.asarray(a) - np.asarray(b)).sum())
