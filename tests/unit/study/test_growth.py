"""Growth over replications: what is overloaded, what is undecided, and what cannot be known."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sim.errors import UsageError
from sim.study.growth import (
    SENTENCES,
    StackGrowth,
    growth_shares,
    overloaded,
    overloaded_rows,
    state_of_summary,
)

SURE, UNSURE, FLAT = [0.05, 0.06, 0.055], [0.00, 0.10, 0.05], [0.0, 0.01, -0.01]


@pytest.mark.parametrize(
    ("shares", "verdict"),
    [
        ([0.021], 1),
        ([0.02], 0),
        ([0.3, 0.3, 0.3], 1),
        # Mean 0.1, s 0.093, n 9: lower bound 0.1 - 2.896 * 0.031 = 0.010.
        ([0.1 + 0.1 * x for x in (-1.5, -1, -0.5, 0, 0, 0, 0.5, 1, 1.5)], 0),
        # The same spread around 0.12: lower bound 0.030.
        ([0.12 + 0.1 * x for x in (-1.5, -1, -0.5, 0, 0, 0, 0.5, 1, 1.5)], 1),
        ([-0.5, -0.4], 0),
    ],
)
def test_overload_is_growth_beyond_doubt(shares, verdict):
    assert overloaded(shares) == verdict


def test_overload_is_unknown_where_growth_is():
    assert math.isnan(overloaded([0.1, math.nan]))
    assert math.isnan(overloaded([]))


def of(**shares):
    replications = [
        dict(zip(shares, row, strict=True)) for row in zip(*shares.values(), strict=True)
    ]
    return StackGrowth.of(replications)


@pytest.mark.parametrize(
    ("shares", "state"),
    [
        ({"a": SURE, "b": UNSURE, "c": FLAT}, "overloaded"),
        ({"b": UNSURE, "c": FLAT}, "undecided"),
        ({"c": FLAT}, "holds"),
    ],
)
def test_the_verdict_on_all_stacks_is_that_of_the_worst(shares, state):
    growth = of(**shares)
    assert growth.state == state and state in SENTENCES
    assert growth.overloaded == tuple(name for name in shares if name == "a")
    assert set(growth.growing) == set(shares) - {"c"}


def test_what_grows_fastest_comes_first():
    growth = of(slow=SURE, fast=[2 * share for share in SURE], flat=FLAT)
    assert growth.growing == growth.overloaded == ("fast", "slow")
    assert growth.fastest(["flat", "slow"]) == "slow"
    assert growth.mean("nowhere") == 0
    assert growth.interval("slow").mean == pytest.approx(0.055)


def test_what_has_no_growth_in_a_replication_is_left_out_and_nothing_at_all_is_refused():
    growth = StackGrowth.of([{"a": 0.1, "b": 0.1, "c": math.nan}, {"a": 0.1, "c": 0.1}])
    assert list(growth.shares) == ["a"]
    with pytest.raises(UsageError, match=r"two years in a row.*longer horizon"):
        StackGrowth.of([{"a": math.nan}, {"a": 0.1}])


def test_growth_is_read_from_metrics_and_from_a_summary():
    metrics = pd.DataFrame(
        [("growth_share_per_year", "a", 0.5), ("stack_mean", "a", 7.0)],
        columns=["name", "where", "value"],
    )
    assert growth_shares(metrics) == {"a": 0.5}
    rows = [
        ("growth_share_per_year", "a", 0.05, 0.04, 0.06, "share"),
        ("growth_share_per_year", "b", 0.03, 0.01, 0.05, "share"),
        ("stack_growth_per_year", "a", 70.0, 60.0, 80.0, "units/a"),
        ("stack_growth_per_year", "b", 90.0, 60.0, 120.0, "units/a"),
        ("overloaded", "a", 1.0, math.nan, math.nan, "0 or 1"),
        ("overloaded", "b", 0.0, math.nan, math.nan, "0 or 1"),
    ]
    summary = pd.DataFrame(rows, columns=["name", "where", "mean", "low", "high", "unit"])
    (row,) = overloaded_rows(summary).to_dict("records")
    assert (row["where"], row["mean"], row["share"], row["share_high"]) == ("a", 70.0, 0.05, 0.06)
    assert state_of_summary(summary) == "overloaded"
    assert state_of_summary(summary[summary["name"] != "overloaded"]) == "undecided"
    assert state_of_summary(summary.iloc[:0]) == "unknown"
