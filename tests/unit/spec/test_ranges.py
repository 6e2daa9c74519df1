"""Ends of ranges that could not stand where their value stands."""

from __future__ import annotations

import pytest

from sim.spec.library import shipped
from sim.spec.load import load
from sim.spec.ranges import range_problems

LINE = """title: one ferry line
places: {kuryk: {}, alat: {}}
vessels: {ferry: {capacity: {wagon: 54}}}
flows: {wagons: {unit: wagon, origin: kuryk, destination: alat, arrivals: {poisson: {per_day: 10}}}}
services:
  line:
    from: kuryk
    to: alat
    vessel: ferry
    vessels: {value: 4, low: 3.5, high: 5, assumed: so}
    crossing: {value: 20h, low: 15h, high: 30h, assumed: so}
    departure: {full: {value: 0.9, low: 0.5, high: 1.4, assumed: so}, longest_wait: 30h}
"""


def test_an_end_that_the_key_does_not_allow_is_listed_with_its_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line.yaml").write_text(LINE)
    assert [str(problem) for problem in range_problems(load("line.yaml"))] == [
        "line.yaml:10:5: services.line.vessels: low: must be a whole number; got 3.5",
        "line.yaml:12:17: services.line.departure.full: high: must be less than or equal to 1; got 1.4",
    ]


@pytest.mark.parametrize(
    "name", [name for name in shipped() if "/" not in name and name != "corridor"]
)
def test_no_shipped_range_leaves_its_key(name):
    assert not range_problems(load(name))
