"""Transit times and what they consist of."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from sim.log import NONE, OPEN, Activity
from sim.metrics.measure import measure
from sim.metrics.transit import transit_times, waits
from sim.units import DAY


def test_units_weigh_the_transit_time(parted_log, value):
    frame = measure(parted_log)
    assert value(frame, "transit_days_mean", flow="wagons") == pytest.approx((6 * 2 + 4 * 5) / 10)
    assert [value(frame, f"transit_days_{q}", flow="wagons") for q in ("p50", "p90", "p95")] == [
        2,
        5,
        5,
    ]
    assert value(frame, "censored_share") == 0


def test_what_parted_has_waited_with_its_ancestor_only_until_then(parted_log, value):
    frame = measure(parted_log)

    def days(where, activity):
        return value(frame, "wait_days", where=where, flow="wagons", activity=activity)

    assert days("kuryk/stack/line", "wait_vessel") == pytest.approx(1.8)
    assert days("line", "sail") == pytest.approx(0.6 * 0.75 + 0.4 * 1.5)
    assert days("alat/ferry", "handle") == pytest.approx(0.6 * 0.25 + 0.4 * 0.5)


def test_a_cohort_that_did_not_arrive_has_no_mean(make_log, value):
    def frame(delivered):
        return measure(
            make_log(
                (0, 10, 20),
                consignments=[(0, 0, 1000, 1)],
                lots=[(0, NONE, 0, 0, 1), (1, 0, 0, 0, 1)],
                deliveries=[(0, 0, 0, delivered, 1, 15)],
            )
        )

    assert value(frame(990), "transit_days_mean", flow="wagons") == 14
    few = frame(989)
    assert value(few, "censored_share", flow="wagons") == pytest.approx(0.011)
    assert math.isnan(value(few, "transit_days_mean", flow="wagons"))
    assert math.isnan(value(few, "transit_days_p50"))


def test_tonnes_by_month_add_up_to_those_of_the_window(parted_log, value):
    frame = measure(parted_log)
    by_month = frame[frame["name"] == "carried_t_per_day"].set_index("activity")["value"]
    days = parted_log.facts.window_end_s - parted_log.facts.warmup_s
    # The window lies in January.
    assert by_month["jan"] * 365 == pytest.approx(value(frame, "carried_t_per_year"))
    assert list(by_month.index) == ["jan"] and days < 31 * DAY


def test_flows_with_no_births_have_no_transit_time(parted_log, value):
    frame = measure(parted_log)
    assert math.isnan(value(frame, "transit_days_mean", flow="boxes"))
    assert math.isnan(value(frame, "censored_share", flow="boxes"))


def test_empties_are_left_out_of_the_transit_time_of_the_corridor(make_log, value):
    log = make_log(
        (0, 10, 20),
        consignments=[(0, 0, 1, 1), (1, 2, 1, 1)],
        lots=[(0, NONE, 0, 0, 1), (1, NONE, 1, 2, 1)],
        deliveries=[(0, 0, 0, 1, 1, 4), (1, 1, 2, 1, 1, 9)],
    )
    assert value(measure(log), "transit_days_mean") == 3


def test_everything_delivered_is_listed_with_its_time(parted_log):
    frame = transit_times(parted_log)
    assert frame["days"].tolist() == [2, 5]
    assert frame["flow"].astype(str).tolist() == ["wagons", "wagons"]
    assert frame["born"].tolist() == [pd.Timestamp("2023-01-02")] * 2


class _Journeys:
    """Consignments through two stacks and two trips each, parting at random in either stack; times in days."""

    def __init__(self, rng):
        self.rng = rng
        self.tables = defaultdict(list, vehicles=[(0, 1, 0, 0, 0)], duties=[(0, 0, 0, OPEN)])
        for consignment in range(40):
            born, units = int(rng.integers(0, 30)), int(rng.integers(1, 20))
            self.tables["consignments"].append((consignment, 0, units, born))
            lot = len(self.tables["lots"])
            self.tables["lots"].append((lot, NONE, consignment, 0, born))
            self._arrive(lot, units, born, 0, consignment)

    def _arrive(self, lot, units, since, leg, consignment):
        if leg == 2:
            if self.rng.random() < 0.9:
                born = self.tables["consignments"][consignment][3]
                self.tables["deliveries"].append((lot, consignment, 0, units, born, since))
            return
        while units > 1 and self.rng.random() < 0.5:
            part = int(self.rng.integers(1, units))
            units -= part
            piece = len(self.tables["lots"])
            self.tables["lots"].append((piece, lot, consignment, 0, since))
            self._leave(piece, part, since, leg, consignment)
        self._leave(lot, units, since, leg, consignment)

    def _leave(self, lot, units, since, leg, consignment):
        leaves = since + int(self.rng.integers(0, 5))
        arrives = leaves + int(self.rng.integers(1, 5))
        trip = len(self.tables["trips"])
        self.tables["stays"].append((lot, units, Activity.WAIT_VESSEL, leg, 3 + leg, since, leaves))
        self.tables["trips"].append((trip, 0, 0, leg, leaves, arrives, units, 50, 50))
        self.tables["aboard"].append((trip, lot, units))
        self.tables["vehicle_log"].append((0, trip, Activity.SAIL, 0, 2, leaves, arrives - 0.5))
        self.tables["vehicle_log"].append(
            (0, trip, Activity.HANDLE, leg, leg, arrives - 0.5, arrives)
        )
        self._arrive(lot, units, arrives, leg + 1, consignment)


def _waits_by_walking(log):
    """Follow every delivered lot to its ancestors, one at a time."""
    cargo = log.cargo.assign(
        end_s=lambda rows: rows["end_s"].where(rows["end_s"] != OPEN, log.facts.end_s)
    )
    lots = log["lots"].set_index("lot")
    spent, total = defaultdict(float), 0
    for row in log["deliveries"].itertuples():
        if not log.facts.warmup_s <= row.born_s < log.facts.window_end_s:
            continue
        total += row.units
        lot, before = row.lot, log.facts.end_s + 1
        while lot != NONE:
            for interval in cargo[(cargo["lot"] == lot) & (cargo["end_s"] <= before)].itertuples():
                key = (log.names.resource[interval.resource], Activity(interval.activity).label)
                spent[key] += row.units * (interval.end_s - interval.start_s) / DAY
            before, lot = lots.loc[lot, "from_s"], lots.loc[lot, "parent"]
    return {key: days / total for key, days in spent.items() if days}


@pytest.mark.parametrize("seed", range(5))
def test_waits_agree_with_following_every_lot_by_hand(make_log, seed):
    log = make_log((5, 25, 60), **_Journeys(np.random.default_rng(seed)).tables)
    assert (log["lots"]["parent"] != NONE).sum() > 20
    got = {(row.where, row.activity): row.value for row in waits(log)}
    want = _waits_by_walking(log)
    assert got.keys() == want.keys()
    assert all(got[key] == pytest.approx(want[key], rel=1e-12) for key in want)
    arrived = transit_times(log)
    arrived = arrived[
        (log["deliveries"]["born_s"] >= 5 * DAY) & (log["deliveries"]["born_s"] < 25 * DAY)
    ]
    mean = (arrived["days"] * arrived["units"]).sum() / arrived["units"].sum()
    assert sum(got.values()) == pytest.approx(mean, rel=1e-12)
