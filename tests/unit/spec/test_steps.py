"""So much more, so many times as much: steps that are taken from what is there."""

from __future__ import annotations

from itertools import permutations

import pytest

from sim.errors import ScenarioError
from sim.spec.load import load
from sim.spec.sources import figure_problems

# ``base`` has 4 vessels on ``line``, a crossing of 20h and a handling of 8h.


def vessels(scenario):
    return scenario.spec.services["line"].vessels


def test_a_step_is_taken_from_what_is_inherited(write):
    assert (
        vessels(load(write("more.yaml", "extends: base\nservices: {line: {vessels: {plus: 2}}}\n")))
        == 6
    )
    assert (
        vessels(
            load(write("less.yaml", "extends: more\nservices: {line: {vessels: {plus: -3}}}\n"))
        )
        == 3
    )
    assert (
        vessels(
            load(write("twice.yaml", "extends: more\nservices: {line: {vessels: {times: 2}}}\n"))
        )
        == 12
    )


def test_steps_on_the_command_line_are_taken_one_after_the_other(write):
    child = load(
        "base.yaml", ["services.line.vessels={plus: 1}", "services.line.vessels={times: 2}"]
    )
    assert vessels(child) == 10
    assert vessels(child.with_({"services.line.vessels": {"plus": 1}})) == 11


def test_a_count_stays_whole_and_a_step_that_does_nothing_is_told(write):
    assert vessels(load("base.yaml", ["services.line.vessels={times: 1.2}"])) == 5
    with pytest.raises(
        ScenarioError,
        match=r"services.line.vessels: 4 times 1.1 is 4 again in whole numbers; write",
    ):
        load("base.yaml", ["services.line.vessels={times: 1.1}"])
    with pytest.raises(ScenarioError, match=r"must be a whole number; got 5\.5"):
        load("base.yaml", ["services.line.vessels={plus: 1.5}"])


def test_durations_keep_their_unit_and_distributions_are_stretched(write):
    crossing = (
        "crossing: {gamma: {mean: {value: 20h, low: 18h, high: 24h, assumed: a guess}, cv: 0.1}}"
    )
    write("mid.yaml", f"extends: base\nservices: {{line: {{{crossing}, handling: 8h}}}}\n")
    child = load(
        "mid.yaml",
        [
            "services.line.handling={plus: 90min}",
            "services.line.crossing={times: {value: 0.5, assumed: faster}}",
        ],
    )
    assert child.tree["services"]["line"]["handling"] == "9.5h"
    assert child.tree["services"]["line"]["crossing"] == {"gamma": {"mean": "10h", "cv": 0.1}}
    sourced = child.sources["services", "line", "crossing", "gamma", "mean"]
    assert (sourced.low, sourced.high, sourced.derived) == ("9h", "12h", "20 * 0.5")


def test_a_list_gets_what_is_not_in_it_yet(write):
    ports = "vessels: {big: {capacity: {wagon: 60}}}\nports: {kuryk: {berths: {rail: {berths: 2, vessels: [ferry]}}}}\n"
    write("mid.yaml", "extends: base\n" + ports)
    child = load("mid.yaml", ["ports.kuryk.berths.rail.vessels={plus: [big, ferry]}"])
    assert child.spec.ports["kuryk"].berths["rail"].vessels == ("ferry", "big")


CATALOGUE = """extends: base
services: {line: {vessels: {value: 4, low: 3, high: 5, assumed: a guess}}}
project_catalogue:
  two: {title: two, change: {services: {line: {vessels: {plus: {value: 2, low: 1, high: 2, source: TMB-002}}}}}}
  three: {title: three, change: {services: {line: {vessels: {plus: {value: 3, source: AKT-003}}}}}}
  quicker: {title: quicker, change: {services: {line: {handling: {times: {value: 0.5, source: B27}}}}}}
"""


def test_projects_add_up_in_any_order_and_keep_ranges_and_sources(write):
    write("mid.yaml", CATALOGUE)
    built = [
        load("mid.yaml", {"projects": list(order)})
        for order in permutations(["two", "three", "quicker"])
    ]
    assert {scenario.hash for scenario in built} == {built[0].hash}
    assert vessels(built[0]) == 9
    sourced = built[0].sources["services", "line", "vessels"]
    assert (sourced.low, sourced.high, sourced.derived) == (7, 10, "6 + 3")
    assert sourced.assumed == "6 (assumed: 4 (assumed: a guess) plus 2 (TMB-002)) plus 3 (AKT-003)"
    assert str(built[0].origins["services", "line", "vessels"]).startswith("mid.yaml:")
    assert figure_problems(built[0]) == ()


def test_two_rows_give_a_value_that_its_arithmetic_proves(write):
    base = "extends: base\nservices: {line: {vessels: {value: 3, source: AKT-003}}}\n"
    write("mid.yaml", base)
    child = load(
        write(
            "child.yaml",
            "extends: mid\nservices: {line: {vessels: {plus: {value: 2, source: TMB-002}}}}\n",
        )
    )
    sourced = child.sources["services", "line", "vessels"]
    assert (sourced.value, sourced.source, sourced.confidence) == (5, "TMB-002", "derived")
    assert figure_problems(child) == ()


def test_what_is_stepped_without_a_source_has_none_as_any_plain_value(write):
    write("mid.yaml", CATALOGUE)
    assert ("services", "line", "vessels") not in load(
        "mid.yaml", ["services.line.vessels={plus: 1}"]
    ).sources


def test_a_step_whose_figure_is_not_in_its_row_is_found(write):
    write("mid.yaml", CATALOGUE.replace("value: 3, source: AKT-003", "value: 7, source: AKT-003"))
    assert [
        "'project_catalogue.three" in repr(problem.path)
        for problem in figure_problems(load("mid.yaml"))
    ] == [True]


def test_projects_that_open_on_the_same_day_add_up_then(write):
    text = CATALOGUE.replace("title: two,", "title: two, opens: 2023-06-01,")
    text = text.replace("title: three,", "title: three, opens: 2023-06-01,")
    write("mid.yaml", text)
    for order in permutations(["two", "three", "quicker"]):
        child = load("mid.yaml", {"projects": list(order)})
        assert vessels(child) == 4
        (era,) = child.eras
        assert era.spec.services["line"].vessels == 9
        again = load(write("copy.yaml", child.dump_yaml()))
        assert again.hash == child.hash


def test_steps_of_two_kinds_for_the_same_day_are_refused(write):
    text = CATALOGUE.replace("title: two,", "title: two, opens: 2023-06-01,")
    text = text.replace("title: three,", "title: three, opens: 2023-06-01,").replace(
        "{plus: {value: 3,", "{times: {value: 3,"
    )
    write("mid.yaml", text)
    with pytest.raises(ScenarioError, match="takes 'times' where 'plus' is kept for the same day"):
        load("mid.yaml", {"projects": ["two", "three"]})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            "services.line.longest={plus: 1}",
            "there is nothing here from which to take 'plus'; give a value",
        ),
        (
            "services.line.vessels={plus: many}",
            "'plus' with 'many' cannot be taken from 4; give a value",
        ),
        ("services.line.vessels={times: -1}", "'times' takes a number that is not below 0; got -1"),
        (
            "services.line.vessels={plus: null}",
            "'plus' takes a number, a duration or a list; got None",
        ),
        (
            "services.line.handling={plus: 2}",
            "'plus' on the duration '8h' takes a duration like 2h; got 2",
        ),
        ("services.line={times: 2}", "'times' with 2 cannot be taken from {"),
        (
            "services.line.vessels={plus: {value: 2, source: NOWHERE}}",
            "source 'NOWHERE' is no row of the evidence",
        ),
    ],
)
def test_a_step_that_cannot_be_taken_is_told_once(write, change, told):
    write("mid.yaml", "extends: base\nservices: {line: {handling: 8h}}\n")
    with pytest.raises(ScenarioError) as refused:
        load("mid.yaml", [change])
    (problem,) = refused.value.problems
    assert told in problem.what
