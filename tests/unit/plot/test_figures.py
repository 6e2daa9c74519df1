"""Figures: what is written on them, and that empty, tiny and full frames are drawn without a warning."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sim.plot import carried, draw_study, occupancy, stacks, transit, waits
from sim.plot.axes import reach
from sim.plot.look import ACTIVITY_GROUPS
from sim.spec.load import load
from sim.study.replicate import replicate

COLUMNS = ["scenario", "name", "where", "flow", "activity", "mean", "low", "high"]
ONE_FERRY_LINE = "scenarios/textbook/one-ferry-line.yaml"


def summary(*rows):
    """Return a summary of rows ``scenario, name, mean`` with whatever else they say."""
    frame = pd.DataFrame(
        [{"low": math.nan, "high": math.nan, **row} for row in rows], columns=COLUMNS
    )
    return frame.astype({"mean": float, "low": float, "high": float})


def flow_rows(scenario, flow, days):
    """Return the transit rows of a flow and one wait; *days* NaN: not delivered."""
    names = ("transit_days_mean", "transit_days_p50", "transit_days_p90")
    rows = [
        {"scenario": scenario, "name": name, "flow": flow, "mean": days * k}
        for k, name in enumerate(names, 1)
    ]
    wait = {
        "scenario": scenario,
        "name": "wait_days",
        "flow": flow,
        "where": "line",
        "activity": "sail",
    }
    return [*rows, {**wait, "mean": 300.0 if math.isnan(days) else days}]


@pytest.fixture
def two_scenarios():
    return summary(
        *flow_rows("today", "wagons", 5.0),
        *flow_rows("fivefold", "wagons", math.nan),
        {"scenario": "today", "name": "offered_t_per_year", "mean": 1e6},
        {
            "scenario": "today",
            "name": "carried_t_per_year",
            "mean": 0.9e6,
            "low": 0.8e6,
            "high": 1.2e6,
        },
        {"scenario": "fivefold", "name": "offered_t_per_year", "mean": 5e6},
        {"scenario": "fivefold", "name": "carried_t_per_year", "mean": 2e6},
        {"scenario": "today", "name": "occupancy", "where": "kuryk/rail", "mean": 0.4},
        {"scenario": "fivefold", "name": "occupancy", "where": "kuryk/rail", "mean": 1.0},
        {"scenario": "fivefold", "name": "overloaded", "where": "kuryk/rail", "mean": 1.0},
    )


def texts(ax):
    """Return everything that is written inside the axes."""
    return [text.get_text().strip() for text in ax.texts]


def render(ax):
    """Draw for real: overlapping or missing glyphs warn, and warnings are errors."""
    ax.get_figure(root=True).draw_without_rendering()


@pytest.mark.parametrize("draw", [carried, occupancy, transit, waits])
def test_nothing_to_draw_is_said(draw):
    ax = draw(summary())
    render(ax)
    assert len(texts(ax)) == 1


@pytest.mark.parametrize(
    ("draw", "label"),
    [
        (carried, "cargo of the corridor [Mt net a year]"),
        (occupancy, "occupancy [share of the time in use]"),
        (transit, "transit time [days]"),
        (waits, "days from creation to delivery"),
    ],
)
def test_axes_say_what_is_drawn_and_in_what_unit(draw, label, two_scenarios):
    ax = draw(two_scenarios)
    render(ax)
    assert ax.get_xlabel().splitlines()[0].split(",")[0] == label


@pytest.mark.parametrize("draw", [carried, occupancy, transit, waits])
def test_given_axes_are_drawn_on_and_returned(draw, two_scenarios):
    own = draw(summary())
    own.clear()
    assert draw(two_scenarios, own) is own


@pytest.mark.parametrize("draw", [transit, waits])
def test_a_flow_without_a_transit_time_is_named_and_not_drawn(draw, two_scenarios):
    ax = draw(two_scenarios)
    assert any("fivefold" in text and "no transit time" in text for text in texts(ax))
    assert ax.get_xlim()[1] < 30


def test_bars_of_a_flow_add_up_to_its_days(two_scenarios):
    ax = waits(two_scenarios[two_scenarios["scenario"] == "today"])
    assert sum(bar.get_width() for bar in ax.patches) == pytest.approx(5.0)


def test_overload_is_written_beside_the_bar(two_scenarios):
    assert texts(occupancy(two_scenarios)) == ["the queue grows"]


def test_a_stack_that_grows_is_named_though_it_has_no_occupancy(two_scenarios):
    stack = two_scenarios[two_scenarios["name"] == "overloaded"].assign(
        where="a/stack/line", mean=1.0
    )
    ax = occupancy(pd.concat([two_scenarios, stack], ignore_index=True))
    assert ax.get_yticklabels()[0].get_text() == "a/stack/line"
    assert "fivefold: the queue grows" in texts(ax)


def test_an_axis_shows_all_marks_and_only_so_much_of_wide_intervals():
    assert reach([0.0, 10.0], [2.0, 12.0]) == (0.0, 12.0)
    assert reach([0.0, 10.0], [-100.0, 100.0]) == (-5.0, 15.0)
    assert reach([4.0, np.nan], [np.nan]) == (4.0, 8.0)
    assert reach([0.0], []) == (0.0, 1.0)
    assert reach([np.nan], []) == (0.0, 1.0)


def test_the_number_stands_right_of_its_interval(two_scenarios):
    ax = carried(two_scenarios)
    assert texts(ax) == ["0.90 of 1.00", "2.00 of 5.00"]
    assert ax.texts[0].get_position()[0] == pytest.approx(1.2)


def test_every_activity_has_one_group():
    from sim.log import Activity

    listed = [activity for _, _, activities in ACTIVITY_GROUPS.values() for activity in activities]
    assert sorted(listed) == sorted(activity.label for activity in Activity)


def levels(*days):
    """Return levels of replications that last so many days."""
    frames = [
        pd.DataFrame(
            {
                "scenario": "today",
                "replication": n,
                "day": pd.date_range("2023-01-01", periods=d),
                "level": np.arange(d),
            }
        )
        for n, d in enumerate(days)
    ]
    return pd.concat(frames, ignore_index=True)


@pytest.mark.parametrize("days", [(1,), (2, 2), (700, 700)])
def test_stacks_draw_short_and_long_runs(days):
    shut = pd.DataFrame(
        {"start": [pd.Timestamp("2023-01-01")], "end": [pd.Timestamp("2023-01-02")]}
    )
    ax = stacks(levels(*days), shut)
    render(ax)
    assert "[units]" in ax.get_ylabel()


def test_stacks_end_where_the_first_replication_ends():
    ax = stacks(levels(10, 30), pd.DataFrame({"start": [], "end": []}))
    assert len(ax.lines[0].get_xdata()) == 10


@pytest.fixture(scope="module")
def study():
    scenario = load(ONE_FERRY_LINE).with_({"horizon.days": 60, "horizon.warmup_days": 10})
    return replicate(scenario, replications=2, workers=1)


def test_a_study_draws_the_same_bytes_twice(study, tmp_path):
    first, second = draw_study([study], tmp_path / "a"), draw_study([study], tmp_path / "b")
    assert [path.name for path in first] == [path.name for path in second]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(first, second, strict=True))
    assert {path.suffix for path in first} == {".png", ".svg"}
    told = [path.read_text(encoding="utf-8") for path in first if path.suffix == ".svg"]
    assert len(told) == len(first) / 2 > 5
    assert all("Source: scenario one-ferry-line" in text for text in told)


def test_drawing_opens_no_window_and_changes_no_setting(study, tmp_path):
    import matplotlib as mpl
    from matplotlib import pyplot

    pyplot.close("all")
    before = dict(mpl.rcParams)
    draw_study([study], tmp_path)
    assert dict(mpl.rcParams) == before
    assert pyplot.get_fignums() == []
