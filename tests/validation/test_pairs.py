"""Each rule against its absence: two scenarios that differ in that rule alone, on common random numbers.

What is certain is compared with a calculation by hand, to the second; what is left to chance with an exact mean or with
bounds, by the paired 99 % t interval. The files are in ``scenarios/pairs``; the first line of each says what to expect.
"""

from __future__ import annotations

import json
from functools import cache
from math import exp
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pytest

import sim
from sim.errors import GridlockError, ScenarioError
from sim.log import Activity, closed_ends
from sim.metrics.measure import measure_years
from sim.runs.replication import Run
from sim.study.interval import Interval
from sim.verify import theory

FOLDER = Path(__file__).parents[2] / "scenarios" / "pairs"
SEED = 20_240_101
"""Fixed before the first run."""

Changes: TypeAlias = tuple[str, ...]
"""As after ``--set``."""


@cache
def _run(name: str, replication: int = 0, changes: Changes = ()) -> Run:
    return sim.simulate(
        sim.load(FOLDER / f"{name}.yaml", changes), seed=SEED, replication=replication
    )


@cache
def _metrics(name: str, replication: int = 0) -> pd.DataFrame:
    return _run(name, replication).metrics()


def _value(name: str, metric: str, replication: int = 0, **keys: str) -> float:
    """Return one number; a wait that did not happen took no time."""
    rows = _metrics(name, replication)
    rows = rows[rows["name"] == metric]
    for key in ("where", "flow", "activity"):
        rows = rows[rows[key] == keys[key]] if key in keys else rows[rows[key].isna()]
    if rows.empty and metric == "wait_days":
        return 0.0
    (value,) = rows["value"]
    return float(value)


def _effect(
    rule: str, without: str, metric: str, replications: int, **keys: str
) -> tuple[float, Interval]:
    """Return the mean without the rule, and mean and 99 % interval of the paired difference that the rule makes."""
    pairs = [
        (_value(without, metric, n, **keys), _value(rule, metric, n, **keys))
        for n in range(replications)
    ]
    base = float(np.mean([a for a, _ in pairs]))
    return base, Interval.of([b - a for a, b in pairs], confidence=0.99)


def _assert_is(effect: Interval, exact: float, within: float) -> None:
    """Assert that the exact effect lies in the interval, and that the interval is narrow enough to tell."""
    mean, low, high = effect
    assert low <= exact <= high, f"{mean:.4g} ({low:.4g} to {high:.4g}), exactly {exact:.4g}"
    assert high - low <= 2 * within * abs(exact), (
        f"{mean:.4g} ({low:.4g} to {high:.4g}) is too wide"
    )


def _trips(run: Run, activity: Activity) -> list[float]:
    """Return the hours that each trip with cargo spent in *activity*, in order of the trips, zeros included."""
    log = run.log
    rows = log["vehicle_log"]
    rows = rows[(rows["activity"] == activity) & (rows["trip"] >= 0)]
    lasted = (closed_ends(rows, log.facts.end_s) - rows["start_s"].to_numpy()) / 3600
    by_trip = pd.Series(lasted).groupby(rows["trip"].to_numpy()).sum()
    with_cargo = log["trips"][log["trips"]["trip"].isin(log["aboard"]["trip"])]["trip"]
    return [float(by_trip.get(trip, 0.0)) for trip in with_cargo]


def _deliveries(run: Run) -> list[tuple[float, int]]:
    """Return ``(hour, units)`` of all deliveries in order, lots of one second together."""
    rows = run.log["deliveries"]
    by_time = rows.groupby("delivered_s")["units"].sum()
    return [(at_s / 3600, int(units)) for at_s, units in by_time.items()]


def _delay_h(rule: str, without: str, changes: Changes = ()) -> list[float]:
    """Return how many hours later each consignment was delivered with the rule; all of them must be."""
    tables = [
        _run(name, 0, changes).log["deliveries"].set_index("consignment")
        for name in (rule, without)
    ]
    late, early = (table["delivered_s"].sort_index() for table in tables)
    assert late.index.is_unique and early.index.is_unique and set(late.index) == set(early.index)
    return [float(hours) for hours in (late - early) / 3600]


def _some(values: list[float]) -> list[float]:
    """Return what is not zero."""
    return [value for value in values if value]


# -- weather ------------------------------------------------------------------------------------------------------------

OPEN_H, CLOSED_H, CROSSING_H, FORECAST_H = 96.0, 24.0, 18.0, 6.0


def test_a_window_costs_the_open_spells_that_are_too_short():
    # Fails if the window looks at the moment of sailing only (no effect), or further than the crossing (48 h: + 66 h).
    base, effect = _effect(
        "window",
        "window-without",
        "wait_days",
        8,
        where="port/roads",
        flow="wagons",
        activity="wait_weather",
    )
    departure, window = (
        theory.closure_wait_h(OPEN_H, CLOSED_H),
        theory.window_wait_h(OPEN_H, CLOSED_H, CROSSING_H),
    )
    assert base * 24 == pytest.approx(departure, rel=0.1)
    _assert_is(effect, (window - departure) / 24, 0.12)


def _turning_back_h() -> float:
    """Return the mean time that turning back costs a sailing [h], by renewal.

    A storm meets a vessel o hours out, between the end of the forecast and half-way, with probability q. It loses 2 o,
    then what is left of the storm if that (or another) is on, then the wait for the next window, and begins anew.
    """
    half = CROSSING_H / 2
    hours = np.linspace(FORECAST_H, half, 2001)
    density = np.exp(-hours / OPEN_H) / OPEN_H
    storm = theory.storm_share(OPEN_H, CLOSED_H)
    still = storm + (1 - storm) * np.exp(-hours * (1 / OPEN_H + 1 / CLOSED_H))
    until_window = (OPEN_H + CLOSED_H) * (exp(FORECAST_H / OPEN_H) - 1) - FORECAST_H
    lost = float(np.trapezoid(density * (2 * hours + still * CLOSED_H + until_window), hours))
    # The window itself is sure to be open, so all is given that the vessel was at sea for the forecast.
    sure = exp(-FORECAST_H / OPEN_H)
    again = float(np.trapezoid(density, hours)) / sure
    return lost / sure / (1 - again)


def test_turning_back_costs_the_way_out_and_back_and_the_next_window():
    # Fails if storms on the second half turn vessels back too (+ 5 h), or if no vessel ever turns (no effect).
    _, effect = _effect("turn-back", "turn-back-without", "transit_days_mean", 8, flow="wagons")
    _assert_is(effect, _turning_back_h() / 24, 0.15)


def test_work_that_pauses_takes_longer_by_the_storms_it_meets():
    # Fails if paused work is lost and done again, or if work begins in a storm.
    _, effect = _effect(
        "work-pauses",
        "work-pauses-without",
        "wait_days",
        8,
        where="port/quay",
        flow="wagons",
        activity="handle",
    )
    _assert_is(effect, (theory.paused_work_h(10, 32, 8) - 10) / 24, 0.08)


def test_berthing_that_goes_on_saves_the_wait_for_the_storm():
    # Fails if vessels wait at the roads all the same, or if work stops with them.
    _, effect = _effect(
        "berthing-goes-on", "work-pauses-without", "transit_days_mean", 8, flow="wagons"
    )
    _assert_is(effect, -theory.closure_wait_h(32, 8) / 24, 0.1)


def test_wind_and_wave_above_the_limits_shut_the_port_for_these_hours():
    # Fails if a limit that is just reached counts, if wave is not looked at, or if a row does not hold until the next.
    delays = _delay_h("series", "series-without")
    assert delays == [0, 0, 6, 0, 0, 24, 0, 0, 2, 0]
    assert _some(_trips(_run("series"), Activity.WAIT_WEATHER)) == [6, 24, 2]
    assert _value("series", "closed_share", where="port/ferry") == pytest.approx(
        (12 + 36 + 4) / 240
    )


def test_work_pauses_while_wind_keeps_the_port_shut():
    # Fails if only storms that are drawn stop work, and not the wind of a series.
    assert _delay_h("series-work", "series-work-without") == [10]


# -- embargoes ----------------------------------------------------------------------------------------------------------


def _highest(run: Run, stack: str) -> int:
    """Return the most units that ever lay in a stack, looked at when all of a second is done."""
    log = run.log
    code = next(number for number, resource in enumerate(log.resources) if resource.id == stack)
    rows = log["stays"][log["stays"]["resource"] == code]
    ended = rows[rows["end_s"] >= 0]
    at = pd.concat([rows.set_index("start_s")["units"], -ended.set_index("end_s")["units"]])
    return int(at.groupby(level=0).sum().sort_index().cumsum().max())


QUEUE = "port/stack/line"


def test_an_embargo_bounds_the_queue_at_the_port():
    # Fails if trains beyond the yard are not all there is after the ban is on, or if the ban starves the ferry.
    for replication in range(3):
        run = _run("embargo-waits", replication)
        # Below the level, and one train more lifts it above; then those between yard and port, a path every 3 h.
        assert 100 <= _highest(run, QUEUE) <= 99 + 10 + 40
        assert _highest(_run("embargo-without", replication), QUEUE) > 700
        assert _value("embargo-waits", "embargo_days", replication, where="ban") > 10
        held = run.log.labelled(run.log["vehicle_log"]).query("activity == 'wait_embargo'")
        assert len(held) and held["place"].eq("yard").all()
        assert _value(
            "embargo-waits", "carried_units_per_year", replication, flow="wagons"
        ) == _value("embargo-without", "carried_units_per_year", replication, flow="wagons")
        offered = [
            _value(name, "offered_units_per_year", replication, flow="wagons")
            for name in ("embargo-waits", "embargo-without")
        ]
        assert offered[0] == offered[1]


def test_a_train_that_stands_at_the_yard_is_held_there():
    # Trains that leave the mine all at once queue at the yard for a path. Fails if those run on when the ban comes.
    run = _run("embargo-waits", 0, ("trains.freight.departure=at_once",))
    assert 100 <= _highest(run, QUEUE) <= 99 + 10 + 40


def test_an_embargo_that_refuses_turns_away_what_the_ferry_cannot_take():
    # Fails if anything is refused and accepted, or neither; or if it refuses so much that the ferry sails half empty.
    # A demand of 40 a day, of which the ferry takes 20: half is carried, which used to read "share 1.000".
    for replication in range(3):
        born = _value("embargo-refuses", "accepted_units_per_year", replication, flow="wagons")
        offered = _value("embargo-refuses", "offered_units_per_year", replication, flow="wagons")
        refused = _value("embargo-refuses", "refused_units_per_year", replication, flow="wagons")
        all_of_it = _value("embargo-without", "offered_units_per_year", replication, flow="wagons")
        assert born + refused == pytest.approx(offered, rel=1e-12)
        assert offered == all_of_it
        share = _value("embargo-refuses", "carried_share", replication, flow="wagons")
        assert share == pytest.approx(7300 / offered, rel=0.01)
        assert 0.92 * 7300 < born < 1.08 * 7300
        assert refused > 5000
        assert _value(
            "embargo-refuses", "carried_units_per_year", replication, flow="wagons"
        ) == pytest.approx(7300)


def test_a_ban_of_a_winter_lets_its_quota_pass_and_the_rest_stands_where_it_is():
    # The ship that loads on day 10, 02:00 takes the train of day 9. Those that come at 09:00 on days 10 to 14 are the
    # 50 that impose the ban. Two trains are short of the yard then: one passes as it comes (day 14, 21:00), the other
    # two days later, having stood a day; then a train every two days from the mine. By day 30, 120 wagons lie at the
    # port; 20 leave a day and three trains come, so on day 35, 02:00, 20 are left and the ban is lifted. Eleven
    # trains have passed by then, nine of them of the 21 that were to leave the mine: 12 stand there.
    # Fails if a train passes too soon or too late, or cargo at the mine before the trains at the yard.
    run = _run("winter-ban")
    passed_h = [hours for hours, _ in _passes(run)]
    assert passed_h == [14 * 24 + 21 + 48 * number for number in range(11)]
    assert {units for _, units in _passes(run)} == {10}
    assert _value("winter-ban", "embargo_days", where="ban") == pytest.approx(20 + 17 / 24)
    assert _value("winter-ban", "embargo_passed_units", where="ban") == 110
    assert _value("winter-ban", "held_units_most", where="mine") == 120
    assert _value("winter-ban", "held_units_most", where="yard") == 10
    assert _highest(run, QUEUE) == 120
    assert _highest(_run("winter-ban-without"), QUEUE) == 200


def _passes(run: Run) -> list[tuple[float, int]]:
    """Return when [h] and how many units passed bans."""
    passes = run.log["passes"]
    return list(zip(passes["at_s"] / 3600, passes["units"], strict=True))


def test_a_ban_is_lifted_in_steps():
    # On day 34, 02:00 40 lie at the port. The next train was to pass at 21:00; of its 19 hours a quarter is left at four
    # times the quota. Fails if a step does not count at once, or forgets what has passed.
    steps = "embargoes.ban.steps=[{units: 40, quota: {wagon: 20}}]"
    run = _run("winter-ban", 0, (steps,))
    quotas = run.log["quotas"]
    assert quotas["units_per_1000_days"].tolist() == [5000, 20000]
    begins_s, ends_s = quotas["start_s"].tolist(), quotas["end_s"].tolist()
    assert begins_s[1] == ends_s[0] == (34 * 24 + 2) * 3600
    assert [hours for hours, _ in _passes(run)][9:11] == [32 * 24 + 21, 34 * 24 + 2 + 19 / 4]


def test_what_is_exempt_passes_a_ban_and_uses_no_quota():
    # Fails if exempt cargo is held, or is counted by the meter.
    run = _run("winter-ban", 0, ("embargoes.ban.exempt=[wagons]", "embargoes.ban.quota={}"))
    assert len(run.log["embargoes"]) == 1
    assert not len(run.log["passes"])
    assert _highest(run, QUEUE) == _highest(_run("winter-ban-without"), QUEUE)


def test_a_ban_in_days_of_work_counts_what_was_worked_of_late():
    # 10 a day by the fixed figure: a ban of 5 days is on at 50 wagons. By the last 10 days it is on sooner: on day 14 at
    # 02:00 six trains have left by sea in them, so that five days are 30 wagons, and 40 lie there.
    # Fails if the window counts what left before it, or nothing without a change of the queue.
    levels = (
        "embargoes.ban.impose={units: null, days: 5}",
        "embargoes.ban.lift={units: null, days: 2}",
    )
    by_figure = _run("winter-ban", 0, (*levels, "embargoes.ban.worked_per_day=10"))
    assert by_figure.log["embargoes"]["start_s"].tolist()[0] / 3600 == 14 * 24 + 9
    window = ("embargoes.ban.worked_per_day=10", "embargoes.ban.worked_over=10d")
    by_window = _run("winter-ban", 0, (*levels, *window))
    begins_h = by_window.log["embargoes"]["start_s"].tolist()[0] / 3600
    left_h = [2 + 24 * day for day in range(3, 11)]
    queue = {hour: 10 * sum(9 + 24 * day <= hour for day in range(10, 37)) for hour in range(720)}
    worked = {hour: 10 * sum(hour - 240 < at <= hour for at in left_h) for hour in range(720)}
    expected = next(
        hour for hour in range(240, 720) if queue[hour] and queue[hour] >= 5 * worked[hour] / 10
    )
    # It is looked at when the queue changes and at midnight.
    assert begins_h in (expected, -(-expected // 24) * 24)


def test_a_run_goes_on_under_the_ban_that_was_on():
    # Cut in the ban: the rest of the passes are those of the whole run. Fails if the meter, or what has passed, is lost.
    days = 22
    cut = _run("winter-ban", 0, (f"horizon.days={days}",))
    state = cut.end_state()
    whole = sim.load(FOLDER / "winter-ban.yaml")
    rest = {
        "horizon.days": 10,
        "horizon.start": "2024-01-23",
        "disruptions.storm.from": "2024-01-23",
    }
    scenario = whole.with_({**state, **rest, "disruptions.storm.lasting": "8d"})
    assert scenario.spec.initial.embargoes["ban"].stage == 0
    went_on = sim.simulate(scenario, seed=SEED)
    # The state is that of a second after day 22, when a run ends; the next pass is that of day 22, 21:00.
    assert went_on.log["passes"]["at_s"].tolist()[0] == 21 * 3600 - 1


def _standing(run: Run) -> dict[int, tuple[str, str, float]]:
    """Return by train what it waits for at the end: activity, resource and since when [h]."""
    log = run.log
    rows = log.labelled(log["vehicle_log"])
    rows = rows[(rows["end_s"] < 0) & (rows["trip"] >= 0)]
    trains = log["vehicles"][log["vehicles"]["kind"] == 0]["vehicle"]
    rows = rows[rows["vehicle"].isin(trains)].sort_values("vehicle")
    return [(row.activity, row.resource, row.start_s / 3600) for row in rows.itertuples()]


def test_trains_before_a_full_port_stand_as_far_back_as_tracks_are_few():
    # The ship of day 10, 02:00 takes the train of day 7; those of days 8 to 12 fill the port (days 10 to 14, 17:00). Each
    # next train takes the place that is free: the port's track, the line before it (and with that the section), the
    # yard's track, the line before it, where another follows that was under way, the halt's track, the line before it.
    # The others have a mine to stand in. Fails if a train stands on no track, or jumps one.
    stands = _standing(_run("full-port"))
    assert stands[:7] == [
        ("wait_room", "port/stack/line", 15 * 24 + 17),
        ("wait_track", "port:holding:coast", 16 * 24 + 17),
        ("wait_path", "coast:yard>port", 17 * 24 + 5),
        ("wait_track", "yard:holding:second", 18 * 24 + 5),
        ("wait_track", "yard:holding:second", 19 * 24 + 5),
        ("wait_path", "second:halt>yard", 18 * 24 + 23),
        ("wait_track", "halt:holding:first", 19 * 24 + 23),
    ]
    assert stands[7:] == [("wait_path", "first:mine>halt", 24 * day + 1) for day in range(20, 25)]
    assert _value("full-port", "line_units_most", where="yard:holding:second") == 20
    outside = _standing(_run("full-port-without"))
    assert {what for what, _, _ in outside} == {"run", "wait_room"}
    # Without tracks those of days 13 to 22 all stand at the port.
    assert sum(what == "wait_room" for what, _, _ in outside) == 10


def test_trains_move_up_once_the_port_is_open():
    # Fails if a track that is free again is not given on, or the section stays shut.
    run = _run("full-port", 0, ("horizon.days=60",))
    delivered = run.log["deliveries"]["units"].sum()
    # Until day 10 ten a day, then none for twenty days, then twenty a day until all is gone.
    assert (
        delivered
        == _run("full-port-without", 0, ("horizon.days=60",)).log["deliveries"]["units"].sum()
    )
    assert not [what for what in _standing(run) if what[0] == "wait_track"]


def test_a_port_with_too_few_tracks_locks_and_the_chain_says_so():
    with pytest.raises(GridlockError) as caught:
        _run("holding-lock")
    chain = " ".join(caught.value.chain)
    assert "port:holding:track" in chain
    assert "port/tracks" in chain
    # Without the key any number can stand, and with an hour over the block none has to: both move.
    for changes in ("places.port.holding_tracks=", "sections.track.running=1h"):
        assert _run("holding-lock", 0, (changes,)).log.facts.audit_residual == 0


# -- dwell -------------------------------------------------------------------------------------------------------------


def _stays(run: Run, activity: str) -> pd.DataFrame:
    """Return the stays of one activity in order, with begin and end in hours."""
    stays = run.log.labelled(run.log["stays"]).query(f"activity == '{activity}'")
    hours = {"start_h": stays["start_s"] / 3600, "end_h": stays["end_s"] / 3600}
    return stays.assign(**hours).sort_values("start_h")


def test_boxes_dwell_in_working_hours_and_miss_the_ship_of_the_day():
    # Monday: come at 06:00, begun at 08:00, ready at 16:00, gone on Tuesday at 12:00. Saturday and Sunday: begun on Monday.
    # Fails if dwell is counted outside hours, or boxes sail before they are ready.
    dwelt = _stays(_run("dwell"), "dwell")
    week = [(day, day, 16) for day in range(5)] + [(5, 7, 16), (6, 7, 16)]
    # The train of the second Monday stands outside a full yard, see below.
    assert dwelt["start_h"].tolist()[:7] == [24 * day + 6 for day, _, _ in week]
    assert dwelt["end_h"].tolist()[:7] == [24 * ready + hour for _, ready, hour in week]
    waited = _stays(_run("dwell"), "wait_vessel")
    assert (waited["start_h"].tolist()[:5], waited["end_h"].tolist()[:5]) == (
        [24 * day + 16 for day in range(5)],
        [24 * day + 36 for day in range(5)],
    )
    assert set(_stays(_run("dwell-without"), "wait_vessel").eval("end_h - start_h")) == {6}


def test_boxes_that_dwell_take_room_in_the_yard():
    # On the second Monday 20 boxes of the weekend lie in a yard for 25: the train of that day unloads on Tuesday at
    # 12:00. Fails if what dwells takes no room.
    run = _run("dwell")
    waits = run.log.labelled(run.log["vehicle_log"]).query("activity == 'wait_room'")
    first = waits.iloc[0]
    assert (first["start_s"], first["end_s"]) == ((7 * 24 + 6) * 3600, (8 * 24 + 12) * 3600)
    held = _run("dwell-without").log["vehicle_log"]
    assert not len(held[held["activity"] == Activity.WAIT_ROOM])


def test_a_dwell_belongs_to_its_consignment():
    # Drawn from the consignment's own stream: more ships change no dwell, and another share of faults only those picked.
    # Fails if lots draw in the order in which they come.
    times = "dwell.papers.time={lognormal: {mean: 8h, cv: 0.8}}"
    faults = "dwell.papers.faults={share: 0.2, time: {exponential: 30h}}"
    more_faults = "dwell.papers.faults={share: 0.6, time: {exponential: 30h}}"
    calm = ("dwell.papers.hours=", "dwell.papers.closed=", times)
    lasted = [
        _stays(_run("dwell", 0, (*calm, *changes)), "dwell").eval("end_h - start_h").tolist()
        for changes in ((faults,), (faults, "services.line.vessels=6"), (more_faults,))
    ]
    base, ships, faulty = (np.array(hours[:20]) for hours in lasted)
    assert (base == ships).all()
    assert (faulty >= base).all()
    assert 0 < (faulty > base).sum() < 20


def test_lots_of_one_consignment_that_come_apart_are_ready_apart():
    # Trains of five bring a consignment of ten in halves; each half draws its own time.
    changes = ("trains.freight.capacity.box=5", "dwell.papers.time={exponential: 8h}")
    run = _run("dwell", 0, changes)
    dwelt = _stays(run, "dwell").merge(run.log["lots"][["lot", "consignment"]], on="lot")
    ready = dwelt.groupby("consignment")["end_h"].nunique()
    assert (dwelt["units"] == 5).all()
    assert ready.max() == 2


def test_a_run_goes_on_with_what_dwells():
    # Cut on Sunday at 00:00: ten boxes of Saturday dwell until Monday, 16:00. Fails if they are ready at once, or begin anew.
    state = _run("dwell", 0, ("horizon.days=6",)).end_state()
    (stock,) = state["initial"]["stocks"]
    assert (stock["units"], stock["at"]) == (10, "port")
    went_on = sim.load(FOLDER / "dwell.yaml").with_({**state, "horizon.start": "2024-01-07"})
    dwelt = _stays(sim.simulate(went_on, seed=SEED), "dwell")
    # The state is that of a second after midnight.
    assert dwelt["end_h"].iloc[0] == pytest.approx(40, abs=1 / 3600)


# -- equipment and priority ---------------------------------------------------------------------------------------------


def test_a_fleet_carries_its_number_over_its_turn():
    # Fails if items are lost or made, if the dwell is not waited for, or if empties come back without being asked.
    carried = [
        _value(name, "carried_units_per_year", flow="loaded")
        for name in ("equipment-without", "equipment")
    ]
    assert carried == pytest.approx([8 * 365, 4 * 365])
    # "From one load of an item to its next": an empty way back is no load.
    assert _value("equipment", "equipment_turn_days", where="wagons") == pytest.approx(1.0)


def test_empty_wagons_that_go_first_take_the_room_of_loaded_ones():
    # Fails if the priority of flows is not looked at, or is looked at the wrong way round.
    names = ("empties-first-without", "empties-first")
    assert [
        _value(name, "carried_units_per_year", flow="loaded") for name in names
    ] == pytest.approx([2190, 1460])
    assert [
        _value(name, "carried_units_per_year", flow="empty") for name in names
    ] == pytest.approx([1460, 2190])


def test_express_trains_gain_at_a_border_what_the_others_lose():
    # Fails if priority is not looked at (no effect), or interrupts what is being dealt with (- 1.07 h).
    fair = theory.mmc_wait_h(0.6, 1, 1.0)
    waits = theory.priority_waits_h([0.3, 0.3], 1.0)
    for flow, wait in zip(("express", "slow"), waits, strict=True):
        _, effect = _effect("priority", "priority-without", "transit_days_mean", 12, flow=flow)
        _assert_is(effect, (wait - fair) / 24, 0.14)


# -- the sea ------------------------------------------------------------------------------------------------------------


def test_a_falling_sea_takes_intake_by_the_formula_of_draught():
    # Fails if draught does not grow in proportion, if the level goes in steps, or if cargo is loaded beyond the intake.
    run = _run("sea-level")
    sailings = run.log["trips"].query("direction == 0")
    assert len(sailings) == 366  # 4 + 8 + 4 + 8 h; the last one leaves in the last day
    fallen_m = sailings["start_s"].to_numpy() / (366 * 86400)
    formula = np.floor(100 * (5 - fallen_m - 3) / (5 - 3) + 1e-9)
    assert (sailings["deck_limit"] == formula).all()
    assert (sailings["deck_used"] == sailings["deck_limit"]).all()
    names = ("sea-level-without", "sea-level")
    shares = [_value(name, "intake_share", where="line:port>far") for name in names]
    assert shares == pytest.approx([1, formula.mean() / 100])
    assert 0.74 < shares[1] < 0.75


def test_dangerous_goods_have_their_own_sailings():
    # Fails if a deck is ever shared, or if goods of one group wait for each other.
    trips = _run("segregation").log["trips"]
    aboard = (
        _run("segregation")
        .log["aboard"]
        .merge(_run("segregation").log["lots"][["lot", "flow"]], on="lot")
    )
    assert aboard.groupby("trip")["flow"].nunique().eq(1).all()
    mixed = (
        _run("segregation-without")
        .log["aboard"]
        .merge(_run("segregation-without").log["lots"][["lot", "flow"]], on="lot")
    )
    assert mixed.groupby("trip")["flow"].nunique().eq(2).all()
    loaded = [
        (_run(name).log["trips"]["deck_used"] > 0).sum()
        for name in ("segregation-without", "segregation")
    ]
    assert loaded == [50, 100]
    assert (trips.query("deck_used > 0")["deck_used"] == 5).all()
    waits = [
        (
            _value("segregation", "transit_days_mean", flow=flow)
            - _value("segregation-without", "transit_days_mean", flow=flow)
        )
        for flow in ("general", "explosives")
    ]
    assert waits == pytest.approx([0, 0.5])


# -- demand, dates, the beginning ---------------------------------------------------------------------------------------


def _offered_by_year(name: str, replication: int) -> list[float]:
    rows = measure_years(_run(name, replication).log)
    rows = rows[(rows["name"] == "offered_units_per_year") & (rows["flow"] == "trucks")]
    return [float(value) for value in rows["value"]]


@pytest.mark.parametrize("name", ["growth", "growth-own"])
def test_demand_grows_by_a_tenth_a_year(name):
    # Fails if growth adds up (1.2 in the third year), begins a year early, or draws other numbers than without it.
    pairs = [(_offered_by_year(name, n), _offered_by_year("growth-without", n)) for n in range(6)]
    ratios = np.array([np.array(grown) / np.array(plain) for grown, plain in pairs])
    assert ratios.shape == (6, 3)
    assert (ratios[:, 0] == 1).all()
    for year, exact in ((1, 1.1), (2, 1.21)):
        _assert_is(Interval.of((ratios[:, year] - 1).tolist(), confidence=0.99), exact - 1, 0.1)


def test_a_berth_that_is_out_on_dates_makes_these_ferries_wait():
    # Fails if a date is off by a day, or if the berth does not come back at midnight.
    delays = _delay_h("berths-by-date", "berths-by-date-without")
    assert delays == [0] * 10 + [36, 14] + [0] * 8


def test_vessels_come_and_go_on_dates():
    # Fails if the second ferry is not there from the first day, or does not stop at the last.
    units = [
        sum(units for _, units in _deliveries(_run(name)))
        for name in ("vessels-by-date-without", "vessels-by-date")
    ]
    assert units == [60 * 20, 60 * 20 + 15 * 20]


def test_the_number_of_tracks_changes_on_a_date_and_a_limit_that_appears_is_refused():
    # Fails if the date does nothing: with one track of two left, one of the two trains of a day waits 3 h.
    assert sorted(_delay_h("tracks-by-date", "tracks-by-date-without")) == [0] * 15 + [3] * 5
    with pytest.raises(ScenarioError, match="a limit for the whole run or none"):
        sim.load(
            "pairs/tracks-by-date-without", {"ports.port.train_tracks": None, "changes": TRACKS}
        )


TRACKS = {"2024-01-06": {"ports": {"port": {"train_tracks": 1}}}}
DATE = "2024-01-15"
NUMBERS = {
    "flows.wagons.consignment_units": 5,
    "flows.wagons.routing": "least_time",
    "flows.empty.arrivals": {"returns": {"flow": "wagons", "share": 0.5, "after": "50h"}},
    "locomotives.pool.turn": "20h",
    "locomotives.pool.breakdowns.lasting": "60h",
    "locomotives.pool.breakdowns.crews": None,
    "sections.inland.possessions": [{"from": "08:00", "lasting": "12h"}],
    "sections.coast.clearing": "5h",
    "sections.coast.possessions": [{"from": "08:00", "lasting": "12h"}],
    "sections.coast.background_trains_per_day": 3,
    "sections.inland.paths_per_day": 3,
    "sections.inland.running": "15h",
    "roads.street.gates": {"port": {"lanes": 1, "time": "1h"}},
    "ports.port.in_storm.berthing": "goes_on",
    "ports.port.in_storm.work": "pauses",
    "ports.port.stacks": {"sea": {"wagon": 25}},
    "ports.port.berths.quay.units_per_h": {"wagon": 2},
    "vessels.ferry.repair.lasting": "5d",
    "vessels.ferry.handling": "9h",
    "services.line.crossing": "30h",
}


def _later(path: str, value: Any) -> Changes:
    for key in reversed(path.split(".")):
        value = {key: value}
    return (f"changes.{DATE}={json.dumps(value)}",)


@pytest.mark.parametrize("path", NUMBERS)
def test_a_number_on_a_date_does_something_or_is_refused(path):
    # Fails if a date is taken and nothing comes of it, or if it moves the codes of resources in the books.
    same = _run("dates-without", 0, _later("demand.scale", 1.0)).log
    try:
        dated = _run("dates-without", 0, _later(path, NUMBERS[path])).log
    except ScenarioError:
        return
    day = (pd.Timestamp(DATE) - pd.Timestamp("2024-01-01")).days * 86400
    rows = [log.labelled(log["vehicle_log"]) for log in (same, dated)]
    early = [
        [tuple(row) for row in frame[frame["start_s"] < day][["vehicle", "start_s"]].to_numpy()]
        for frame in rows
    ]
    late = [frame[frame["start_s"] >= day].to_csv(index=False) for frame in rows]
    is_as_before, does_nothing = early[0] == early[1], late[0] == late[1]
    assert is_as_before and not does_nothing
    for activity, where in (("handle", {"port/quay", "far/roads"}), ("drive", {"street"})):
        assert set(rows[1][rows[1]["activity"] == activity]["resource"]) == where


def test_faster_trains_on_a_date_are_faster_from_that_day():
    # Fails if trains of the days before run faster too, or those after do not.
    log = _run("dates").log
    rows = log.labelled(log["vehicle_log"]).query(
        "activity == 'run' and resource == 'inland:mine>yard' and end_s >= 0"
    )
    lasted = (rows["end_s"] - rows["start_s"]) / 3600
    early = rows["start_s"] < 14 * 86400
    assert set(lasted[early]) == {5} and set(lasted[rows["start_s"] > 15 * 86400]) == {1}


def test_what_is_there_at_the_start_goes_on_from_there():
    # Fails if a stock is not laid down, if the ferry or the train begins elsewhere, or if it forgets its cargo.
    assert _deliveries(_run("initial-without")) == []
    assert _deliveries(_run("initial")) == [(12, 30), (13, 20), (27, 40), (57, 40), (87, 20)]


def test_a_ferry_beside_a_stock_takes_it_at_once():
    # Fails if the ferry casts off before the stock that is there at the start is laid down.
    assert _deliveries(_run("initial-at-once-without")) == [(20, 40), (40, 40), (60, 20)]
    assert _deliveries(_run("initial-at-once")) == [(10, 40), (30, 40), (50, 20)]


# -- disruptions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", [(), ("sections.track.loops=1",)])
def test_a_shut_section_holds_trains_before_it(layout):
    # Fails if a train enters during the outage, or if the one inside is held too. With a loop the trains that waited
    # follow each other block by block, 5 h apart; the second of them waits 1 h more (4 h before, and 1 h of the block).
    delays = _delay_h("outage-section-finish", "outage-section-without", layout)
    assert delays == ([0] * 3 + [28, 9 if layout else 4] + [0] * 5)


@pytest.mark.parametrize("layout", [(), ("sections.track.loops=1",)])
def test_a_train_inside_stands_still_until_the_section_opens(layout):
    # Fails if the work done before the outage is lost, or if it is counted twice.
    delays = _delay_h("outage-section-pause", "outage-section-finish", layout)
    # With a loop the train of the 3rd has 1 h left to it when all goes on; those of the 4th and 5th follow 5 h apart
    # behind it: in at 1, 6 h and through at 11, 16 h, in place of 10, 15 h; the next finds the section free.
    assert delays == [0, 0, 48, *([1, 1] if layout else [0, 0])] + [0] * 5


def _calls(name: str, changes: Changes = ()) -> list[tuple[float, float]]:
    """Return begin and end of work on trips with cargo, in hours from the beginning of the outage."""
    rows = _run(name, 0, changes).log["vehicle_log"]
    rows = rows[(rows["activity"] == Activity.HANDLE) & (rows["trip"] >= 0) & (rows["end_s"] >= 0)]
    day = 25 * 86400
    hours = sorted(
        ((start - day) / 3600, (end - day) / 3600)
        for start, end in zip(rows["start_s"], rows["end_s"], strict=True)
    )
    return [(start, end) for start, end in hours if start > -120]


def test_with_one_berth_of_two_ferries_queue():
    # Fails if both berths are lost, if work under way is broken off, or if the berth does not come back after 48 h.
    waits = [wait for wait in _trips(_run("outage-berths-lost"), Activity.WAIT_BERTH)[-60:] if wait]
    assert waits == [6, 12, 18, 11, 12, 5, 6]
    assert _trips(_run("outage-berths-without"), Activity.WAIT_BERTH)[-60:] == [0] * 60


def test_work_at_half_the_pace_takes_these_hours():
    # Fails if work under way keeps its pace, or if what is left when the outage ends stays slow.
    lasted = [end - start for start, end in _calls("outage-berths-rate")]
    assert [hours for hours in lasted if hours != 18] == [25, 36, 35, 23.5]
    assert {end - start for start, end in _calls("outage-berths-without")} == {18}


BOTH_AT_WORK = ("flows.wagons.arrivals.scheduled.first=1h",)
"""Ferries come at 07:00 and 19:00, so that two are worked when the outage begins at midnight."""


def test_ferries_at_a_berth_that_is_lost_are_served_to_the_end_and_a_pause_of_one_of_two_is_refused():
    # Nobody says which of two calls would stand still, so a pause is for an outage of all.
    in_time = [end for start, end in _calls("outage-berths-lost", BOTH_AT_WORK) if start < 0 < end]
    assert in_time == [1, 13]
    with pytest.raises(ScenarioError, match="'pause' stops everything"):
        sim.load("pairs/outage-berths-lost", {"disruptions.damage.inside": "pause"})


def test_random_outages_take_their_share_of_time():
    # Fails if the next outage is counted from the begin of the last (2 / 10), or if trains enter during one.
    days = Interval.of(
        [_value("outage-random", "outage_days", n, where="failure") for n in range(20)],
        confidence=0.99,
    )
    _assert_is(days, 2000 * 2 / 12, 0.08)
    _, effect = _effect(
        "outage-random", "outage-random-without", "transit_days_mean", 28, flow="wagons"
    )
    _assert_is(effect, theory.closure_wait_h(240, 48) / 24, 0.14)


def test_an_outage_that_outlasts_the_run_is_reported():
    # Fails if an outage is written down when it ends, and not when it begins.
    units = [
        sum(units for _, units in _deliveries(_run(name)))
        for name in ("outage-open-without", "outage-open")
    ]
    assert units == [20, 10]
    assert _value("outage-open", "outage_days", where="collapse") == pytest.approx(10)
    assert _value("outage-open", "outages_not_recovered", where="collapse") == 1


def test_cargo_before_a_shut_section_goes_round():
    # Fails if what waits stays, or if it goes over and does not go on with those that come after it.
    tables = [_run(name).log["deliveries"] for name in ("divert-without", "divert")]
    waiting = [t[(t["born_s"] > 127 * 3600) & (t["born_s"] < 168 * 3600)] for t in tables]
    assert [t["units"].sum() for t in waiting] == [6, 6]
    assert set(waiting[0]["delivered_s"] / 3600) == {418}
    assert set(waiting[1]["delivered_s"] / 3600) == {287}


def test_cargo_goes_round_where_there_are_no_locomotives():
    # Fails if a planner that diverts cargo from a section does not see that locomotives (or berths) are out.
    tables = [
        _run(name).log["deliveries"]
        for name in ("divert-locomotives-without", "divert-locomotives")
    ]
    waiting = [t[(t["born_s"] > 127 * 3600) & (t["born_s"] < 168 * 3600)] for t in tables]
    assert [t["units"].sum() for t in waiting] == [6, 6]
    assert set(waiting[0]["delivered_s"] / 3600) == {418}
    assert set(waiting[1]["delivered_s"] / 3600) == {287}


def test_a_border_without_a_limit_of_tracks_can_be_shut():
    # Fails if an outage takes out tracks only where they are counted.
    assert _delay_h("outage-border", "outage-border-without") == [0, 0, 0, 42, 18, 0, 0, 0]


def test_a_port_is_shut_as_by_a_storm():
    # Fails if work that pauses in storms goes on in a port that an outage shuts.
    assert _delay_h("outage-port", "outage-port-without") == [48]


def test_what_nobody_meets_changes_nothing():
    # Fails if a limit, or an outage elsewhere, moves any other random number or order.
    for replication in range(3):
        plain = _metrics("no-effect-without", replication)
        assert _metrics("no-effect-limit", replication).to_csv() == plain.to_csv()


def test_an_outage_where_nobody_passes_changes_nothing():
    for replication in range(3):
        rows = _metrics("no-effect-outage", replication)
        rows = rows[~rows["name"].str.startswith("outage")]
        plain = _metrics("no-effect-without", replication)
        assert rows.reset_index(drop=True).to_csv() == plain.to_csv()


# -- railways -----------------------------------------------------------------------------------------------------------


def test_loops_let_trains_meet_and_follow():
    # Fails if a loop holds nobody (no effect), or if trains pass each other on a block (no wait at all).
    keys = {"flow": "eastbound"}
    waits = {
        name: Interval.of(
            [_value(name, "transit_days_mean", n, **keys) * 24 - 4 for n in range(8)],
            confidence=0.99,
        )
        for name in ("loops-without", "loops")
    }
    _assert_is(waits["loops-without"], theory.mdc_wait_h(4 / 24, 1, 4.0), 0.08)
    # By hand: a train meets 2 / 24 x 8 = 0.67 others on the way, of each meeting one waits, half a block on average:
    # 0.17 h; it waits for one ahead that has just entered as well, 2 / 24 x 1 h / 2 = 0.04 h. Queues add to it.
    _, low, high = waits["loops"]
    assert low > 0.15 and high < 0.5
    _, effect = _effect("loops", "loops-without", "transit_days_mean", 8, **keys)
    assert effect.high < -3 / 24


def test_clearing_lengthens_the_time_that_a_train_takes_the_track():
    # Fails if the next train enters at once (no effect), or if clearing lengthens the run itself.
    _, effect = _effect("clearing", "loops-without", "transit_days_mean", 14, flow="eastbound")
    _assert_is(
        effect, (theory.mdc_wait_h(4 / 24, 1, 4.5) - theory.mdc_wait_h(4 / 24, 1, 4.0)) / 24, 0.14
    )


def test_trains_wait_for_the_end_of_a_possession():
    # Fails if the weekday is counted from the first day of the year, or if trains run into the possession.
    week = [0, 12, 6, 0] + [0] * 24  # Monday 02:00, 08:00, 14:00, 20:00, and the other days
    delays = _delay_h("possessions", "possessions-without")
    assert delays[: 4 * 28] == week * 4
    # One block: 08:00, 14:00 and 20:00 follow each other from 20:00 on, 4 h apart; so do the first three of Tuesday.
    single = _delay_h("possessions", "possessions-without", ("sections.track.loops=0",))
    assert single[: 4 * 28] == ([0, 12, 10, 8, 6, 4, 2, 0] + [0] * 20) * 4


def test_more_crews_bring_locomotives_back():
    # Fails if crews are not waited for (no effect), or if what is mended fails at once.
    _, effect = _effect("crews", "crews-without", "unavailable_share", 8, where="pool")
    up = [theory.machines_up(10, crews, 100.0, 12.0) for crews in (1, 3)]
    _assert_is(effect, (up[0] - up[1]) / 10, 0.08)


# -- routes and fleets --------------------------------------------------------------------------------------------------


def test_by_least_time_all_take_the_faster_service():
    # Fails if shares hold all the same, or if the faster service is shunned for no queue.
    _, effect = _effect("routing", "routing-without", "transit_days_mean", 8, flow="wagons")
    _assert_is(effect, -15 / 24, 0.03)
    assert _value("routing", "sailings_per_day", where="slow:here>there") == 0


@pytest.mark.parametrize("way", ["rule", "date"])
def test_a_second_ferry_doubles_what_is_carried(way):
    # Fails if the ferry does not come, comes too late by more than a trip, or goes back while cargo waits.
    names = ("reassignment-without", f"reassignment-{way}")
    carried = [_value(name, "carried_units_per_year", flow="to-north") for name in names]
    trip = 20 / 40 * 365
    assert carried[0] == pytest.approx(7300)
    assert 14_600 - 1.5 * trip < carried[1] <= 14_600 + 0.5 * trip
    moved = _run(names[1]).log["duties"]
    assert len(moved) == 4 and (moved["end_s"] >= 0).sum() == 1


# -- locks --------------------------------------------------------------------------------------------------------------


def test_two_lines_at_one_berth_lock_and_the_chain_is_reported():
    # Fails if the lock is not seen, or if it is seen where there is none.
    with pytest.raises(GridlockError, match="feeder waits for room in hub/stack/liner") as caught:
        _run("gridlock")
    assert "liner waits for hub/quay" in str(caught.value)
    # It is one circle: told with when its last vehicle began to wait, and not as a broken law.
    assert caught.value.exit_code == 5 and len(caught.value.chain) == 2
    # The liner takes 10 in 2 + 22 + 2 + 22 h.
    assert _value("gridlock-without", "carried_units_per_year", flow="boxes") == pytest.approx(
        10 / 2 * 365
    )


@pytest.mark.parametrize("days", [20, 29, 31, 200])
def test_a_lock_is_seen_whenever_the_run_ends(days):
    # Fails if a run between two looks at the world passes, or if when it closed depends on when one looked.
    scenario = sim.load("pairs/gridlock", {"horizon.days": days, "horizon.warmup_days": 0})
    with pytest.raises(GridlockError) as caught:
        sim.simulate(scenario)
    with pytest.raises(GridlockError) as first:
        _run("gridlock")
    assert caught.value.since_s == first.value.since_s == 2 * 24 * 3600


def test_wagons_that_are_split_never_fill_a_deck_and_the_wait_is_reported():
    # Fails if a wait for a full load counts as one that cargo will end, though the wagons for it are all in the stack.
    with pytest.raises(GridlockError, match=r"waits at (here|there) for a full load"):
        _run("equipment-lock")
    assert _value("equipment-lock-without", "carried_share") > 0.5


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("border-hours", {"inward": 23, "early": 2, "late": 2}),
        ("border-hours-without", {"inward": 3.5, "early": 2, "late": 3.5}),
        ("border-empties", {"boxes": 4, "empties": 5}),
        ("border-empties-without", {"boxes": 4, "empties": 8}),
        ("two-borders", {"boxes": 2, "tanks": 5}),
        ("two-borders-without", {"boxes": 2, "tanks": 4}),
        ("shared-gate", {"parcels": 1, "ore": 2}),
        ("shared-gate-without", {"parcels": 1, "ore": 1}),
        ("gate-by-cargo", {"plain": 1, "chilled": 4}),
        ("gate-by-cargo-without", {"plain": 2, "chilled": 4}),
    ],
)
def test_formalities_by_who_comes(name, hours):
    for flow, expected_h in hours.items():
        transit_h = _value(name, "transit_days_mean", flow=flow) * 24
        assert transit_h == pytest.approx(expected_h), flow


def test_each_truck_of_a_consignment_takes_a_lane_of_its_own():
    gate = {"where": "street:gate:port", "flow": "trucks"}
    for name, wait_h in (("trucks-at-once", 4), ("trucks-at-once-without", 0)):
        waited = _value(name, "wait_days", activity="wait_gate", **gate)
        assert waited * 24 == pytest.approx(wait_h)
        assert _value(name, "wait_days", activity="gate", **gate) * 24 == pytest.approx(2)
        assert _value(name, "carried_units_per_year", flow="trucks") == pytest.approx(5 * 365)


@pytest.mark.parametrize(
    ("name", "inward_h", "outward_h"),
    [("border-two-ways", 3, 4), ("border-two-ways-without", 2, 4)],
)
def test_a_border_takes_its_time_each_way(name, inward_h, outward_h):
    for flow, hours in (("inward", inward_h), ("outward", outward_h)):
        assert _value(name, "transit_days_mean", flow=flow) * 24 == pytest.approx(hours)
