"""Values with a source, the evidence table, and arithmetic on its rows."""

from __future__ import annotations

import pytest

from sim.errors import ScenarioError
from sim.spec.evidence import EvidenceRow, derive, evidence
from sim.spec.library import shipped
from sim.spec.load import load
from sim.spec.sourced import Sourced, check_sourced, is_sourced, read_sourced, source_problem
from sim.spec.sources import figure_problems, source_rows


def row(name: str, value: str) -> EvidenceRow:
    return EvidenceRow(name, "", value, "", "", "", "", "official", "")


TABLE = {
    "CALLS": row("CALLS", "599"),
    "UNITS": row("UNITS", "27.5 / 39.5"),
    "HOURS": row("HOURS", "18-22"),
    "LEVEL": row("LEVEL", "-29.8 / -30.0"),
    "RULE": row("RULE", "no timetable"),
}


def test_numbers_of_a_row_are_in_order_and_a_dash_between_digits_is_a_range():
    assert TABLE["UNITS"].numbers == (27.5, 39.5)
    assert TABLE["HOURS"].numbers == (18, 22)
    assert TABLE["LEVEL"].numbers == (-29.8, -30.0)
    assert TABLE["RULE"].numbers == ()


@pytest.mark.parametrize(
    ("arithmetic", "value"),
    [
        ("[CALLS] * 365 / 304", 599 * 365 / 304),
        ("[UNITS:2] - [UNITS]", 12),
        ("-[LEVEL:2] ** 2", -900),
        ("sqrt(min([HOURS], [HOURS:2]) * 2)", 6),
        ("max(1, 2, (3 + 4) * 2)", 14),
    ],
)
def test_arithmetic_on_rows(arithmetic, value):
    assert derive(arithmetic, TABLE) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("arithmetic", "what"),
    [
        ("[NONE] * 2", "no evidence row 'NONE'"),
        ("[CALLS:2]", r"evidence row CALLS has 1 number\(s\), no number 2"),
        ("[CALLS] / 0", "is not arithmetic on evidence rows"),
        ("[CALLS] *", "is not arithmetic on evidence rows"),
        ("__import__('os')", "only numbers"),
        ("9 ** 9 ** 9", "a power that large"),
        ("(1).real", "only numbers"),
        ("[x for x in (1, 2)]", "only numbers"),
        ("1 if True else 2", "only numbers"),
        ("(0 - 8) ** 0.5", "root of a negative number"),
        ("sqrt(0 - 8)", "root of a negative number"),
        ("1" * 400, "more than 300 characters"),
        ("(" * 250 + "1", "is not arithmetic on evidence rows"),
    ],
)
def test_what_is_no_arithmetic_is_refused(arithmetic, what):
    with pytest.raises(ValueError, match=what):
        derive(arithmetic, TABLE)


@pytest.mark.parametrize(
    ("sourced", "what"),
    [
        (Sourced(599, source="CALLS"), None),
        (Sourced("22h", source="HOURS"), None),
        (Sourced([27.5, 39.5], source="UNITS"), None),
        (Sourced(719, source="CALLS", derived="[CALLS] * 365 / 304"), None),
        (Sourced("12h", assumed="half", derived="[UNITS:2] - [UNITS]"), None),
        (Sourced(7, assumed="a guess"), None),
        (Sourced("2023-05-20", source="CALLS"), None),
        (
            Sourced(600, source="CALLS"),
            "600 is not in row CALLS (599); correct it, or add 'derived'",
        ),
        (
            Sourced("19h", source="HOURS"),
            "'19h' is not in row HOURS (18-22); correct it, or add 'derived'",
        ),
        (
            Sourced(730, source="CALLS", derived="[CALLS] * 365 / 304"),
            "730 is not what 'derived' gives: 719.194",
        ),
        (
            Sourced([1, 2], assumed="x", derived="1"),
            "a list has no single derivation; source each entry by itself",
        ),
    ],
)
def test_a_value_is_what_its_row_or_its_derivation_says(sourced, what):
    assert check_sourced(sourced, TABLE) == what


def test_what_counts_as_sourced():
    assert is_sourced({"value": 1, "source": "x"})
    assert not is_sourced({"source": "x"})
    assert not is_sourced({"value": 1, "metric": "x"})
    assert not is_sourced(3)


def test_an_assumption_may_stand_in_source():
    assert read_sourced({"value": 1, "source": "assumed: a guess"}) == Sourced(1, assumed="a guess")
    assert read_sourced({"value": 1, "source": "assumed: a guess"}).confidence == "assumption"
    assert source_problem(read_sourced({"value": 1, "source": "assumed:"})) is not None


@pytest.mark.parametrize(
    ("low", "high", "is_fine"), [("90min", "2h", True), ("2h", None, False), (None, "1h", False)]
)
def test_ranges_of_durations_are_compared_as_times(low, high, is_fine):
    assert (source_problem(Sourced("100min", low, high, assumed="x")) is None) == is_fine


def test_dates_have_ranges_too():
    assert source_problem(Sourced("2025-01-01", "2024-01-01", "2026-01-01", assumed="x")) is None
    assert source_problem(Sourced("2025-01-01", "2025-02-01", assumed="x")) is not None


def test_sourced_values_stand_anywhere(write):
    text = """extends: base
services:
  line:
    vessels: {value: 5, low: 4, high: 6, assumed: seen at berth}
    crossing: {value: {triangular: {low: 18h, mode: 20h, high: 22h}}, assumed: told}
    handling: {gamma: {mean: {value: 8h, low: 6h, high: 12h, source: 'assumed: told'}, cv: 0.2}}
flows: {wagons: {season: [{value: 2, assumed: strong}, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}}
"""
    loaded = load(write("child.yaml", text))
    rows = {row.path: row for row in source_rows(loaded)}
    assert loaded.spec.services["line"].handling["both"].mean == 8 * 3600
    assert rows["services.line.handling.gamma.mean"].high == "12h"
    assert rows["services.line.crossing"].value == {
        "triangular": {"low": "18h", "mode": "20h", "high": "22h"}
    }
    assert rows["flows.wagons.season.0"].confidence == "assumption"
    assert rows["flows.wagons.season.1"].source is None
    assert rows["demand.scale"].source == "schema default"
    assert "services.line.crossing.triangular.low" not in rows


def test_the_bare_parameter_of_a_fixed_time_needs_no_source(write):
    assert (
        load("base.yaml", ["services.line.crossing={fixed: {value: 21h}}"])
        .spec.services["line"]
        .crossing.mean
    )
    with pytest.raises(ScenarioError, match="has neither a source"):
        load("base.yaml", ["services.line.crossing={value: 21h}"])


@pytest.mark.parametrize("name", [name for name in shipped() if name != "corridor"])
def test_every_figure_of_a_shipped_scenario_is_what_its_source_says(name):
    assert [str(problem) for problem in figure_problems(load(name))] == []


@pytest.mark.parametrize(
    "name", [name for name in shipped() if "/" not in name and name != "corridor"]
)
def test_every_number_that_a_shipped_scenario_writes_has_a_source(name):
    unsourced = [row.path for row in source_rows(load(name)) if row.source is None]
    assert [
        path for path in unsourced if not path.startswith(("horizon.", "demand.", "places."))
    ] == []


def test_evidence_ids_are_unique():
    from csv import DictReader

    from sim.spec.library import scenario_folder

    with (scenario_folder() / "evidence.csv").open(encoding="utf-8", newline="") as file:
        ids = [line["id"] for line in DictReader(file)]
    assert len(ids) == len(set(ids)) == len(evidence())
