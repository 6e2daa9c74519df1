"""Values with alternatives in place of a range: what is read, refused, listed and varied."""

from __future__ import annotations

import json

import pytest

import sim
from sim.cli.main import run as corridor
from sim.errors import ScenarioError
from sim.spec.parameters import choose, parameters
from sim.spec.sources import source_rows

LINE = """
title: a line
horizon: {days: 100}
places: {a: {}, b: {}}
flows:
  boxes: {unit: wagon, origin: a, destination: b, arrivals: {poisson: {per_day: 5}}}
vessels: {ferry: {capacity: {wagon: 20}}}
services:
  line:
    from: a
    to: b
    vessel: ferry
    vessels: {value: 4, alternatives: [2, 6], assumed: the registers differ}
    crossing: 20h
    departure: RULE
"""
RULE = "{value: at_once, alternatives: [{full: 0.9, longest_wait: 48h}], assumed: nobody says}"
BOTH_ENDS = f"{{a: &rule {RULE}, b: *rule}}"


def line(tmp_path, rule=BOTH_ENDS):
    file = tmp_path / "line.yaml"
    file.write_text(LINE.replace("RULE", rule))
    return file


def test_a_rule_with_alternatives_is_one_parameter_wherever_its_anchor_stands(tmp_path):
    loaded = sim.load(line(tmp_path))
    vessels, rule = parameters(loaded)
    assert rule.paths == ("services.line.departure.a", "services.line.departure.b")
    assert rule.is_choice and rule.is_assumed and (rule.low, rule.value, rule.high) == (0, 0, 1)
    assert rule.name(1.0) == "{full: 0.9, longest_wait: 48h}"
    at = loaded.with_(rule.changes(rule.at(1.0)))
    assert {rule.full for rule in at.spec.services["line"].departure.values()} == {0.9}
    assert [one.id for one in parameters(at)] == ["services.line.vessels"]
    assert vessels.levels == (4, 2, 6)
    assert choose(loaded, ["services.line.departure.b"]) == (rule,)


def test_levels_get_equal_parts_of_the_share(tmp_path):
    vessels, _ = parameters(sim.load(line(tmp_path)))
    shares = [number / 999 for number in range(1000)]
    drawn = [vessels.written(vessels.at(share)) for share in shares]
    assert [drawn.count(level) for level in vessels.levels] == [333, 333, 334]
    own = [vessels.at(vessels.share_of(number)) for number in (0.0, 1.0, 2.0)]
    assert own == [0, 1, 2] and vessels.ends == (0.5, 1.0)


def test_a_written_scenario_keeps_them(tmp_path):
    loaded = sim.load(line(tmp_path))
    (tmp_path / "again.yaml").write_text(loaded.dump_yaml())
    again = sim.load(tmp_path / "again.yaml")
    assert again.hash == loaded.hash
    paths = [one.paths for one in parameters(loaded)]
    # Written out, the places of an anchor stand apart.
    assert [one.paths for one in parameters(again)] == [paths[0], *((path,) for path in paths[1])]


def test_sources_list_them(tmp_path, capsys):
    file = line(tmp_path)
    (vessels,) = [one for one in source_rows(sim.load(file)) if one.path.endswith("vessels")]
    assert vessels.alternatives == [2, 6] and vessels.low is None
    assert corridor(["sources", str(file), "--json", "-"]) == 0
    rows = {row["path"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["services.line.departure.a"]["alternatives"] == [
        {"full": 0.9, "longest_wait": "48h"}
    ]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("{value: at_once, alternatives: [at_once], assumed: x}", "at_once stands twice among"),
        (
            "{value: at_once, alternatives: [{full: 1}, {full: 1}], assumed: x}",
            "{full: 1} stands twice among the value and its alternatives",
        ),
        ("{value: at_once, alternatives: [], assumed: x}", "a list of other values, one or more"),
        ("{value: at_once, alternatives: headway, assumed: x}", "a list of other values"),
        ("{value: at_once, alternatives: [{full: 1}]}", "has neither a source"),
        (
            "{value: at_once, alternatives: [at_onse], assumed: x}",
            "alternative at_onse: services.line.departure: 'at_onse' is no departure rule",
        ),
        (
            "{value: at_once, alternatives: [{full: 2}], assumed: x}",
            "alternative {full: 2}: services.line.departure.full",
        ),
        (
            "{value: at_once, alternatives: [{a: {full: 0.5}, c: at_once}], assumed: x}",
            "services.line.departure.c",
        ),
        (
            "{longest_wait: {value: 9h, low: 5h, high: 12h, alternatives: [8h], assumed: x}}",
            "has a range and alternatives; give low and high, or alternatives",
        ),
    ],
)
def test_what_cannot_stand_where_the_value_stands_is_refused(tmp_path, rule, told):
    with pytest.raises(ScenarioError) as caught:
        sim.load(line(tmp_path, rule))
    (problem,) = caught.value.problems
    assert told in str(problem) and problem.line == 15


def test_a_step_is_taken_from_every_level_and_has_none_itself(tmp_path):
    file = line(tmp_path)
    more = {"plus": {"value": 2, "assumed": "two more"}}
    loaded = sim.load(file).with_({"services.line.vessels": more})
    (vessels,) = choose(loaded, ["services.line.vessels"])
    assert vessels.levels == (6, 4, 8)
    more["plus"]["alternatives"] = [1]
    with pytest.raises(ScenarioError, match="takes an amount with a range, not with alternatives"):
        sim.load(file).with_({"services.line.vessels": more})
