"""What objects show at a glance: the numbers of their tables, escaped, with intervals and provenance."""

from __future__ import annotations

import re

import pytest

import sim
from sim.units import format_mean, format_number

SHORT = {
    "horizon.days": 60,
    "horizon.warmup_days": 10,
    "horizon.followup_days": 10,
    "title": "a <b>bold</b> line",
}


@pytest.fixture(scope="module")
def studies():
    line = sim.load("textbook/one-ferry-line", SHORT)
    slow = line.with_({"services.line.vessels": 2, "services.line.crossing": "60h"})
    return [sim.replicate(scenario, replications=3, workers=1) for scenario in (line, slow)]


def cells(page):
    rows = re.findall(r"<tr>(.*?)</tr>", page)
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows[1:]]


def row_of(frame, name):
    whole = frame[
        (frame["name"] == name)
        & frame["where"].isna()
        & frame["flow"].isna()
        & frame["activity"].isna()
    ]
    return whole.iloc[0]


def mean(frame, name, column="mean"):
    row = row_of(frame, name)
    return format_mean(row[column], row["low"], row["high"])


def test_a_study_shows_its_main_outcomes_with_intervals_and_provenance(studies):
    page, summary = studies[0]._repr_html_(), studies[0].summary()
    shown = {row[0]: row[1:] for row in cells(page)}
    assert shown["carried"][0] == mean(summary, "carried_t_per_year")
    assert shown["transit time, mean"] == [mean(summary, "transit_days_mean"), "d"]
    assert " to " in shown["transit time, mean"][0]
    assert studies[0].scenario.hash in page and "seed 1, 3 replications" in page
    assert "&lt;b&gt;bold" in page and "<b>bold" not in page


def test_a_comparison_shows_paired_differences_and_tells_scenarios_of_one_name_apart(studies):
    comparison = sim.compare(*studies, studies[0])
    page, table = comparison._repr_html_(), sim.compare(*studies).table()
    rows = {tuple(row[:2]): row[2:] for row in cells(page)}
    assert len(rows) == 10
    second = "textbook/one-ferry-line (2)"
    longer = rows[second, "transit time, mean"]
    assert longer[2] == mean(table, "transit_days_mean", "difference") and longer[3] == "yes"
    assert rows["textbook/one-ferry-line (3)", "carried"][2:4] == ["0 (0 to 0)", "no"]
    assert f"Changed in {second}: horizon.days" in page and "services.line.crossing" in page


def test_what_is_overloaded_is_named_with_its_growth():
    line = sim.load("textbook/one-ferry-line", {"horizon.days": 760, "horizon.warmup_days": 365})
    more = line.with_({"services.line.vessels": 1, "demand.scale": 4})
    page = sim.replicate(more, replications=3, workers=1)._repr_html_()
    assert re.search(r"Overloaded: kuryk/stack/line \(\+[\d,]+ units a year\)", page)
    assert [row[1] for row in cells(page) if row[0] == "transit time, mean"] == ["-"]


def test_a_run_and_a_scenario_show_where_they_come_from(studies):
    scenario = studies[0].scenario
    run = sim.simulate(scenario, seed=4, replication=2)
    page = run._repr_html_()
    assert f"Hash {scenario.hash}, seed 4, replication 2" in page and "audit residual 0" in page
    carried = row_of(run.metrics(), "carried_t_per_year")["value"]
    assert {row[0]: row[1] for row in cells(page)}["carried"] == format_number(carried)
    base = sim.load("baseline-2023")
    page = base._repr_html_()
    assert base.hash in page and str(len(base.spec.flows)) in cells(page)[0]
