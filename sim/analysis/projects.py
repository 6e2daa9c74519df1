"""Facts of a project that several questions read: the range of its capital, and its first year."""

from __future__ import annotations

from datetime import date

from sim.spec.load import Scenario


def capital_range(scenario: Scenario, project: str, capital_musd: float) -> tuple[float, float]:
    """Return the stated range of a project's capital [M USD]; the value itself where none is
    stated."""
    sourced = scenario.sources.get(("project_catalogue", project, "capital_musd"))
    if sourced is None or sourced.value != capital_musd:
        return capital_musd, capital_musd
    low = capital_musd if sourced.low is None else float(sourced.low)
    high = capital_musd if sourced.high is None else float(sourced.high)
    return low, high


def first_full_year(opens: date) -> int:
    """Return the first year in which what *opens* on a date is there from January on."""
    return opens.year + (opens > date(opens.year, 1, 1))
