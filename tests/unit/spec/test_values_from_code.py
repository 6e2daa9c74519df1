"""Values set from a notebook are read as the file would have them, and kinds of arrivals replaced."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

from sim.errors import ScenarioError
from sim.spec.load import load


@pytest.mark.parametrize(
    ("path", "value", "plain"),
    [
        ("horizon.start", np.datetime64("2024-02-29"), "2024-02-29"),
        ("horizon.start", pd.Timestamp("2024-02-29"), "2024-02-29"),
        (
            "horizon.start",
            pd.Series(["2024-02-29"], dtype="datetime64[ns]").to_numpy()[0],
            "2024-02-29",
        ),
        ("horizon.start", date(2024, 2, 29), "2024-02-29"),
        ("services.line.crossing", pd.Timedelta("20h"), "20h"),
        ("services.line.crossing", np.timedelta64(1200, "m"), "20h"),
        ("flows.wagons.season", np.ones(12), [1.0] * 12),
        ("flows.wagons.season", pd.Series([1] * 12), [1] * 12),
        ("services.line.vessels", np.int64(7), 7),
        ("demand.scale", np.float32(0.5), 0.5),
    ],
)
@pytest.mark.usefixtures("write")
def test_values_of_numpy_and_pandas_are_plain_values(path, value, plain):
    scenario = load("base.yaml")
    assert scenario.with_({path: value}).hash == scenario.with_({path: plain}).hash


@pytest.mark.usefixtures("write")
def test_a_time_of_the_day_and_a_truth_are_not_taken_for_others():
    for path, value in (
        ("horizon.start", datetime.fromisoformat("2024-02-29T06:00")),
        ("demand.scale", np.bool_(True)),
    ):
        with pytest.raises(ScenarioError):
            load("base.yaml").with_({path: value})


def test_an_inherited_kind_of_arrivals_is_replaced(write):
    new = "{renewal: {interval: 6h}}"
    texts = (new, new.replace("{renewal", "{poisson: null, renewal"))
    one, other = (
        load(write("a.yaml", f"extends: base\nflows: {{wagons: {{arrivals: {text}}}}}\n"))
        for text in texts
    )
    assert one.spec.flows["wagons"].arrivals.kind == "renewal"
    assert other.hash == one.hash
    with pytest.raises(ScenarioError, match="there is nothing here"):
        load("a.yaml", ["flows.wagons.arrivals={scheduled: null, poisson: {per_day: 3}}"])


def test_three_shipped_scenarios_are_named_and_not_all():
    with pytest.raises(Exception, match=r"did you mean 'baseline-2023'\?") as caught:
        load("baselin-2023")
    named = str(caught.value).partition("shipped are ")[2].partition(" and others")[0]
    assert len(named.split(", ")) == 3
