"""The log as events: every case has rows from creation to delivery."""

from __future__ import annotations

import pandas as pd
import pytest

import sim
from sim.metrics.events import COLUMNS, events
from sim.metrics.window import Window
from sim.units import DAY


def test_what_parted_has_the_history_it_shares(parted_log):
    frame = events(parted_log)
    assert tuple(frame.columns) == COLUMNS
    rows = [
        (
            row.case,
            row.activity,
            row.start.day,
            row.resource,
            row.units,
            row.vehicle if row.vehicle == row.vehicle else "",
        )
        for row in frame.itertuples()
    ]
    assert rows == [
        (0, "wait_vessel", 2, "kuryk/stack/line", 4, ""),
        (0, "sail", 5, "line", 4, "vessel 0"),
        (0, "handle", 6, "alat/ferry", 4, "vessel 0"),
        (1, "wait_vessel", 2, "kuryk/stack/line", 6, ""),
        (1, "sail", 3, "line", 6, "vessel 0"),
        (1, "handle", 3, "alat/ferry", 6, "vessel 0"),
    ]


@pytest.fixture(scope="module")
def log():
    changes = {"horizon.days": 60, "horizon.warmup_days": 20, "horizon.followup_days": 30}
    return sim.simulate(sim.load("baseline-2023", changes), seed=3).log


def test_the_events_of_a_case_tile_its_life(log):
    frame = events(log)
    begin = pd.Timestamp(log.facts.start_date)
    seconds = frame.assign(
        start=(frame["start"] - begin).dt.total_seconds().astype(int),
        end=(frame["end"] - begin).dt.total_seconds().astype(int),
    )
    lives = seconds.groupby("case").agg(created=("start", "min"), done=("end", "max"))
    lives["spent"] = (seconds["end"] - seconds["start"]).groupby(seconds["case"]).sum()
    assert (lives["spent"] == lives["done"] - lives["created"]).all()
    following = seconds.groupby("case")["start"].shift(-1)
    assert (following.dropna() == seconds["end"][following.notna()]).all()
    deliveries = log["deliveries"].set_index("lot")
    lasting = deliveries[deliveries["delivered_s"] > deliveries["born_s"]]
    assert len(lasting) > 1000
    assert sorted(lives.index) == sorted(lasting.index)
    assert (lives["created"] == lasting["born_s"].reindex(lives.index)).all()
    assert (lives["done"] == lasting["delivered_s"].reindex(lives.index)).all()


def test_cases_are_chosen_by_birth_and_flow(log):
    window = Window(30 * DAY, 40 * DAY)
    frame = events(log, window, ("trucks-east",))
    deliveries = log["deliveries"]
    code = log.names.flow.index("trucks-east")
    wanted = deliveries[
        (deliveries["flow"] == code) & window.contains(deliveries["born_s"].to_numpy())
    ]
    assert len(wanted) > 50
    assert frame.groupby("case")["units"].first().sum() == wanted["units"].sum()
    assert set(frame["flow"]) == {"trucks-east"}
    assert events(log, Window(0, 0)).empty
