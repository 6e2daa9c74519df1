"""Tables beside a scenario must cover what they are used for, or what is missing is said."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sim.errors import ScenarioError
from sim.spec.load import load

START = datetime(2023, 1, 1)  # noqa: DTZ001 - local time, as the tables hold it
MONTHS = [f"2023-{month:02d}-01" for month in range(1, 13)]
TRACED = """extends: base
horizon: {{start: 2023-01-01, days: {days}, warmup_days: 0, followup_days: 30}}
flows: {{wagons: {{arrivals: {{trace: {{file: t.csv}}}}}}}}
"""
WINDY = """extends: base
horizon: {start: 2023-01-01, days: 8, warmup_days: 0, followup_days: 0}
vessels: {ferry: {limits: {wind_m_s: 12, wave_m: 3}}}
weather: {series: {basin: {file: w.csv, ports: [kuryk]}}}
"""


@pytest.fixture
def trace(write):
    """Return a function that loads a scenario of a year with these rows, or other days."""

    def loaded(rows: list[str], days: int = 365):
        write("t.csv", "\n".join(["time,units", *rows, ""]))
        return load(write("a.yaml", TRACED.format(days=days)))

    return loaded


@pytest.fixture
def series(write):
    """Return a function that loads eight days with these rows of wind and wave."""

    def loaded(rows: list[str]):
        write("w.csv", "\n".join(["time,wind_m_s,wave_m", *rows, ""]))
        return load(write("a.yaml", WINDY))

    return loaded


def hourly(hours: int) -> list[str]:
    times = [START + timedelta(hours=hour) for hour in range(hours)]
    return [f"{time.isoformat()},5,1" for time in times]


def doubts(scenario) -> list[str]:
    return [f"{problem.path}: {problem.what}" for problem in scenario.warnings]


def test_whole_numbers_as_decimals_and_months_of_nothing_are_facts(trace):
    rows = [
        f"{month},{units}" for month, units in zip(MONTHS, ["1250.0", "0", "980"] * 4, strict=True)
    ]
    scenario = trace(rows)
    assert scenario.traces["wagons"][:2] == ((0, 1250), (59 * 86400, 980))
    assert len(scenario.traces["wagons"]) == 8
    assert doubts(scenario) == []


@pytest.mark.parametrize(
    ("rows", "days", "said"),
    [
        (MONTHS, 1095, "ends 730 days before the window does; nothing comes after"),
        (MONTHS[3:], 365, "begins 90 days after the run; nothing comes before"),
        (
            [*MONTHS[:5], *MONTHS[7:]],
            365,
            "between lines 6 and 7 lie 92 days, where rows come every 31 days: nothing comes in between",
        ),
        ([*MONTHS[:5], *MONTHS[4:]], 365, "line 7 has the time of line 6, and both count"),
        (
            ["2022-12-01", *MONTHS],
            365,
            "1 row lies before the run begins (7 units, first in line 2); they are left out",
        ),
        (
            [*MONTHS, "2024-01-01", "2024-02-01"],
            330,
            "2 rows lie after the run may end (14 units, first in line 14); they are left out",
        ),
        (["2023-03-01"], 365, "begins 59 days after the run; nothing comes before"),
    ],
)
def test_what_a_trace_does_not_cover_is_doubtful(trace, rows, days, said):
    scenario = trace([f"{row},7" for row in rows], days)
    assert f"flows.wagons.arrivals.trace.file: t.csv: {said}" in doubts(scenario)
    assert all(at_s >= 0 for at_s, _ in scenario.traces["wagons"])


def test_rows_without_a_step_of_their_own_have_no_gaps(trace):
    days = [1, 2, 5, 6, 14, 15, 19, 30, 31]
    rows = [f"2023-01-{day:02d},{day}" for day in days]
    assert doubts(trace(rows, days=33)) == []


def test_the_last_hour_of_an_hourly_file_holds_for_an_hour(series):
    scenario = series(hourly(8 * 24))
    assert doubts(scenario) == []
    assert scenario.weather["basin"][-1] == (8 * 86400, 5, 1)
    with pytest.raises(ScenarioError, match=r"w\.csv:192:1: ends 1h before the run may"):
        series(hourly(8 * 24 - 1))


def test_a_gap_in_hourly_weather_is_doubtful(series):
    rows = hourly(8 * 24)
    said = "between lines 35 and 36 lie 3 days, where rows come every 1h: the row before holds in between"
    path = "weather.series.basin.file: w.csv: "
    assert doubts(series(rows[:34] + rows[106 - 1 :])) == [path + said]
    two = rows[:34] + rows[105:140] + rows[150:]
    assert doubts(series(two)) == [f"{path}{said} (2 such gaps, 3 days in all)"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "2023-01-01T03:00,99.9,1",
            "wind_m_s",
        ),
        ("2023-01-01T03:00,5,99.00", "wave_m"),
        ("2023-01-01T03:00,999,1", "wind_m_s"),
    ],
)
def test_what_a_buoy_did_not_measure_is_no_weather(series, row, said):
    rows = hourly(8 * 24)
    rows[3] = row
    with pytest.raises(ScenarioError) as caught:
        series(rows)
    (problem,) = caught.value.problems
    assert problem.line == 5
    assert problem.path == said
    assert "what a buoy did not measure" in problem.what


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("2023-01-01T03:00:00", "2023-01-01T03:00:00+00:00"),
            "5:1: time: must be local time without an offset",
        ),
        (
            ("2023-01-01T03:00:00,5", "2023-01-01T03:00:00,"),
            "5:2: wind_m_s: must be a number from 0 to 90 m/s; got ''",
        ),
        (("T03:00:00,5,1", "T03:00:00,nan,1"), "5:2: wind_m_s: must be a number"),
        (
            ("2023-01-01T03", "2023-01-01T02"),
            "5:1: time: this time is not after that of the row before",
        ),
    ],
)
def test_a_wrong_row_of_weather_is_said_by_line_and_column(series, change, said):
    rows = [row.replace(*change) for row in hourly(8 * 24)]
    with pytest.raises(ScenarioError) as caught:
        series(rows)
    assert str(caught.value.problems[0]).startswith(f"w.csv:{said}")
