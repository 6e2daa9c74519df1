"""What objects show of themselves in a notebook: the numbers of their tables, escaped."""

from __future__ import annotations

import pytest

import sim

SHORT = {"horizon.days": 120, "horizon.warmup_days": 20, "title": "<i>line</i>"}


@pytest.fixture(scope="module")
def studies():
    base = sim.load("textbook/one-ferry-line", SHORT)
    more = base.with_({"services.line.vessels": 5})
    return [sim.replicate(scenario, replications=3, workers=1) for scenario in (base, more)]


def test_a_study_shows_its_main_outcomes_with_intervals(studies):
    page, summary = studies[0]._repr_html_(), studies[0].summary()
    row = summary[(summary["name"] == "carried_t_per_year") & summary["flow"].isna()].iloc[0]
    assert f"{row['mean']:,.0f}" in page
    assert f"{row['low']:,.0f} to {row['high']:,.0f}" in page
    assert studies[0].scenario.hash in page and "audit passed" in page


def test_a_run_shows_its_dates_and_no_intervals():
    run = sim.simulate(sim.load("textbook/one-ferry-line", SHORT), seed=2)
    page = run._repr_html_()
    assert "2023-01-21 to 2023-05-01" in page and "no intervals" in page and "audit residual 0" in page


def test_a_comparison_shows_paired_differences(studies):
    page = sim.compare(*studies)._repr_html_()
    assert "paired on the same luck" in page and "carried" in page
    assert page.count("<tr>") == 1 + 5


def test_titles_are_escaped(studies):
    for shown in (studies[0], studies[0].scenario):
        assert "<i>" not in shown._repr_html_()
        assert "&lt;i&gt;line&lt;/i&gt;" in shown._repr_html_()
