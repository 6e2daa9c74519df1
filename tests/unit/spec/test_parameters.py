"""Values with a range: which are one parameter, how they are varied and written."""

from __future__ import annotations

import pytest

import sim
from sim.errors import UsageError
from sim.spec.parameters import choose, parameters

LINE = """
title: a line
horizon: {days: 100}
places: {a: {}, b: {}}
flows:
  boxes: {unit: wagon, origin: a, destination: b, arrivals: {poisson: {per_day: {value: 5, low: 4, high: 8, assumed: x}}}}
vessels: {ferry: {capacity: {wagon: {value: 20, low: 18, high: 24, assumed: x}}}}
services:
  line:
    from: a
    to: b
    vessel: ferry
    vessels: {value: 4, low: 3, high: 6, assumed: x}
    crossing: {gamma: {mean: {value: 20h, low: 18h, high: 1d 2h, source: TT_SEA_MIN, fitted: calls}, cv: 0.1}}
    handling: {a: &work {value: 8h, low: 6h, high: 12h, assumed: x}, b: *work}
    departure: {full: {value: 1, low: 0.5, high: 1, assumed: x}, longest_wait: {value: 9h, assumed: no range}}
project_catalogue:
  more: {title: more, change: {services: {line: {vessels: {value: 8, low: 7, high: 9, assumed: x}}}}}
"""


@pytest.fixture
def line(tmp_path):
    file = tmp_path / "line.yaml"
    file.write_text(LINE)
    return sim.load(file)


def test_every_range_that_a_run_reads_is_a_parameter_and_an_anchor_is_one(line):
    found = {parameter.id: parameter for parameter in parameters(line)}
    assert set(found) == {
        "flows.boxes.arrivals.poisson.per_day",
        "vessels.ferry.capacity.wagon",
        "services.line.vessels",
        "services.line.crossing.gamma.mean",
        "services.line.handling.a",
        "services.line.departure.full",
    }
    assert found["services.line.handling.a"].paths == (
        "services.line.handling.a",
        "services.line.handling.b",
    )
    assert found["services.line.vessels"].is_whole
    assert not found["flows.boxes.arrivals.poisson.per_day"].is_whole  # written whole, and a rate
    assert found["services.line.crossing.gamma.mean"].is_duration
    assert not found["services.line.crossing.gamma.mean"].is_assumed
    assert found["services.line.crossing.gamma.mean"].sourced.confidence == "fitted"


def test_a_share_of_the_range_becomes_a_value_and_the_value_a_scenario(line):
    crossing, vessels, work = choose(
        line,
        ["services.line.crossing.gamma.mean", "services.line.vessels", "services.line.handling.b"],
    )
    assert crossing.at(0.5) == 22 * 3600
    assert crossing.changes(crossing.at(0.5)) == {"services.line.crossing.gamma.mean": "22h"}
    assert [vessels.at(share) for share in (0, 0.24, 0.26, 0.99, 1)] == [3, 3, 4, 6, 6]
    assert crossing.share_of(crossing.at(0.3)) == pytest.approx(0.3)
    changed = line.with_(work.changes(work.at(1)) | vessels.changes(5.0))
    handling = changed.spec.services["line"].handling
    assert {end: time.mean for end, time in handling.items()} == {"a": 12 * 3600, "b": 12 * 3600}
    assert changed.spec.services["line"].vessels == 5


def test_what_was_set_from_outside_is_a_parameter_by_itself(line):
    again = line.with_(
        {"services.line.handling.b": {"value": "7h", "low": "6h", "high": "9h", "fitted": "calls"}}
    )
    found = {parameter.id: parameter.paths for parameter in parameters(again)}
    assert found["services.line.handling.a"] == ("services.line.handling.a",)
    assert found["services.line.handling.b"] == ("services.line.handling.b",)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (
            ["services.line.vesels"],
            "services.line.vesels is no value with a range or alternatives; did you mean 'services.line.vessels'",
        ),
        (["services.line.departure.longest_wait"], "is no value with a range"),
        (["services.line.handling.a", "services.line.handling.b"], "is named twice"),
    ],
)
def test_what_is_no_parameter_is_refused(line, names, told):
    with pytest.raises(UsageError, match=told):
        choose(line, names)


@pytest.mark.parametrize("step", [8, pytest.param(1, marks=pytest.mark.long)])
def test_each_parameter_of_the_corridor_can_be_anywhere_in_its_range(step):
    """Alone; the other of two routes gets what is left of the shares."""
    corridor, refused = sim.load("baseline-2023"), set()
    for parameter in parameters(corridor)[::step]:
        for share in (0.0, 1.0):
            try:
                corridor.with_(parameter.changes(parameter.at(share)))
            except sim.ScenarioError:
                refused.add(parameter.id)
    assert refused == set()
