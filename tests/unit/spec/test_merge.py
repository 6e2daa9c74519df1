"""Parents, children, projects and single changes."""

from __future__ import annotations

import pytest

from sim.errors import ScenarioError
from sim.spec.load import load


def line(loaded):
    return loaded.tree["services"]["line"]


def test_a_child_says_only_what_differs(write):
    child = load(write("child.yaml", "extends: base\nservices: {line: {vessels: 6}}\n"))
    assert line(child)["vessels"] == 6
    assert line(child)["crossing"] == "20h"
    assert child.spec.title == "one ferry line"
    assert child.name == "child"


def test_lists_and_plain_values_are_replaced(write):
    season = "flows: {wagons: {season: [2,1,1,1,1,1,1,1,1,1,1,1]}}\n"
    write("mid.yaml", "extends: base\n" + season)
    child = load(write("child.yaml", "extends: mid.yaml\n" + season.replace("2,1,1", "3,3,3")))
    assert child.spec.flows["wagons"].season[:4] == (3, 3, 3, 1)


def test_null_deletes_what_was_inherited(write):
    write(
        "mid.yaml",
        "extends: base\nweather: {closed_share: [0,0,0,0,0,0,0,0,0,0,0,0.5], spell: 2d, exposure: {kuryk: 1}}\n",
    )
    parent = load("mid.yaml")
    assert parent.spec.weather is not None
    assert any(path[0] == "weather" for path in parent.origins)
    child = load(write("child.yaml", "extends: mid\nweather: null\n"))
    assert child.spec.weather is None
    assert not any(path[0] == "weather" for path in child.origins)
    assert child.hash == load("base.yaml").hash


@pytest.mark.parametrize(
    "rule",
    [
        "{gamma: {mean: 21h, cv: 0.2}}",
        "{lognormal: {mean: 21h, cv: 0.1}}",
        "21h",
        "{fixed: {value: 21h}}",
    ],
)
def test_a_distribution_is_replaced_as_a_whole(write, rule):
    write(
        "mid.yaml",
        "extends: base\nservices: {line: {crossing: {triangular: {low: 18h, mode: 20h, high: 22h}}}}\n",
    )
    child = load(write("child.yaml", f"extends: mid\nservices: {{line: {{crossing: {rule}}}}}\n"))
    assert child.spec.services["line"].crossing.mean == pytest.approx(21 * 3600)


def test_a_departure_rule_is_replaced_and_the_other_end_stays(write):
    text = "extends: base\nservices: {line: {departure: {kuryk: {headway: 12h}, alat: at_once}}}\n"
    departure = load(write("child.yaml", text)).spec.services["line"].departure
    assert departure["kuryk"].headway == 12 * 3600
    assert departure["kuryk"].full is None
    assert departure["alat"].at_once


def test_another_arrival_process_replaces_the_first(write):
    text = "extends: base\nflows: {wagons: {arrivals: {scheduled: {every: 12h}}}}\n"
    arrivals = load(write("child.yaml", text)).spec.flows["wagons"].arrivals
    assert arrivals.poisson is None
    assert arrivals.scheduled.every == 12 * 3600


def test_things_that_are_named_like_a_distribution_still_merge(write):
    write("mid.yaml", "extends: base\nplaces: {fixed: {name: a}, full: {name: b}}\n")
    child = load(write("child.yaml", "extends: mid\nplaces: {fixed: {lat: 43}}\n"))
    assert child.spec.places["fixed"].name == "a"
    assert child.spec.places["fixed"].lat == 43
    assert set(child.spec.places) == {"kuryk", "alat", "fixed", "full"}


def test_a_sourced_value_replaces_and_is_replaced_as_a_whole(write):
    write(
        "mid.yaml",
        "extends: base\nservices: {line: {vessels: {value: 5, low: 4, high: 6, assumed: a guess}}}\n",
    )
    mid = load("mid.yaml")
    assert mid.spec.services["line"].vessels == 5
    assert mid.sources["services", "line", "vessels"].high == 6
    child = load(write("child.yaml", "extends: mid\nservices: {line: {vessels: 7}}\n"))
    assert child.spec.services["line"].vessels == 7
    assert ("services", "line", "vessels") not in child.sources


def test_every_leaf_knows_where_it_was_written(write):
    child = load(
        write("child.yaml", "extends: base\nservices:\n  line:\n    vessels: 6\n"),
        ["demand.scale=5"],
    )
    assert str(child.origins["services", "line", "vessels"]) == "child.yaml:4"
    assert str(child.origins["services", "line", "crossing"]) == "base.yaml:8"
    assert str(child.origins["demand", "scale"]) == "--set"


CATALOGUE = """extends: base
demand: {scale: 2}
project_catalogue:
  more: {title: more ferries, change: {services: {line: {vessels: {value: 8, assumed: a plan}}}}}
  fast: {title: fast, needs: [more], change: {services: {line: {crossing: 15h, handling: null}}, demand: {scale: 3}}}
"""


def test_projects_are_built_in_order_over_the_child(write):
    child = load(write("child.yaml", CATALOGUE + "projects: [more, fast]\n"))
    assert child.spec.services["line"].vessels == 8
    assert child.spec.services["line"].handling == {}
    assert child.spec.demand.scale == 3
    assert child.sources["services", "line", "vessels"].assumed == "a plan"
    assert str(child.origins["services", "line", "crossing"]) == "child.yaml:5"


def test_a_project_that_is_not_chosen_changes_nothing(write):
    child = load(write("child.yaml", CATALOGUE))
    assert child.spec.services["line"].vessels == 4
    assert child.hash == load("base.yaml", {"demand.scale": 2}).hash


def test_a_change_comes_after_the_projects_and_can_choose_them(write):
    write("child.yaml", CATALOGUE)
    child = load("child.yaml", ["services.line.vessels=12", "projects=[more]"])
    assert child.spec.projects == ("more",)
    assert child.spec.services["line"].vessels == 12
    assert ("services", "line", "vessels") not in child.sources


def test_a_change_may_alter_a_project_before_it_is_built(write):
    write("child.yaml", CATALOGUE + "projects: [more]\n")
    child = load("child.yaml", ["project_catalogue.more.change.services.line.vessels=9"])
    assert child.spec.services["line"].vessels == 9


def test_a_project_cannot_choose_projects(write):
    text = (
        "extends: base\nprojects: [a]\nproject_catalogue: {a: {title: a, change: {projects: []}}}\n"
    )
    with pytest.raises(ScenarioError, match="'a' changes 'projects', which no project can"):
        load(write("child.yaml", text))


def test_a_file_may_carry_the_name_of_the_shipped_one_it_extends(write):
    write(
        "textbook/one-ferry-line.yaml",
        "extends: textbook/one-ferry-line\nservices: {line: {vessels: 5}}\n",
    )
    write("corridor.yaml", "extends: textbook/one-ferry-line\n")
    assert load("corridor.yaml").spec.services["line"].vessels == 5


def test_parameters_of_a_distribution_and_entries_of_a_list_can_be_set(write):
    text = "extends: base\nservices: {line: {crossing: {gamma: {mean: {value: 20h, assumed: x}, cv: 0.1}}}}\n"
    months = "flows: {wagons: {season: [1,1,1,1,1,1,1,1,1,1,1,1]}}\n"
    base = load(write("child.yaml", text + months))
    crossing = (
        base.with_({"services.line.crossing.gamma.mean": "22h"}).spec.services["line"].crossing
    )
    assert crossing.parameters == (22 * 3600, 0.1)
    assert base.with_({"flows.wagons.season.11": 4}).spec.flows["wagons"].season == (1,) * 11 + (4,)
    with pytest.raises(ScenarioError, match="season is a list of 12, counted from 0"):
        base.with_({"flows.wagons.season.12": 4})
