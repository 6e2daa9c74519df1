"""Tables of what comes out of a study: main numbers, flows, years, differences, observed values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.analysis.observed import validate
from sim.report.table import (
    DASH,
    MAIN,
    Table,
    change,
    from_to,
    mean_apart,
    of_corridor,
    rows_of,
    with_interval,
)
from sim.study.interval import Interval
from sim.units import format_number

if TYPE_CHECKING:
    from sim.study.comparison import Comparison
    from sim.study.study import Study

KEY_NUMBERS = (
    ("offered_t_per_year", "offered, Mt a year", 1e-6),
    ("accepted_t_per_year", "accepted, Mt a year", 1e-6),
    ("refused_t_per_year", "refused by bans, Mt a year", 1e-6),
    ("carried_t_per_year", "carried, Mt a year", 1e-6),
    ("carried_gross_t_per_year", "carried with tare, Mt a year", 1e-6),
    ("carried_share", MAIN["carried_share"], 1.0),
    ("transit_days_p50", MAIN["transit_days_p50"], 1.0),
    ("transit_days_p90", MAIN["transit_days_p90"], 1.0),
    ("censored_share", "share still on its way when the run ends", 1.0),
)
"""Metric, label and scale of each row of the table of main numbers."""
OF_REFUSALS = frozenset({"accepted_t_per_year", "refused_t_per_year"})
"""Rows that are left out where nothing can be refused."""
DASH_NOTE = (
    "A dash: the number does not exist, such as the transit time of cargo of which much has not "
    "arrived."
)


def key_numbers(studies: Sequence[Study]) -> Table:
    """Return the numbers of the whole corridor, a column a scenario."""
    rows = []
    for name, label, scale in KEY_NUMBERS:
        cells = [_of_corridor(study, name, scale) for study in studies]
        if name in OF_REFUSALS and set(cells) == {DASH}:
            continue
        rows.append((label, *cells))
    heads = ("of the corridor", *(study.scenario.name for study in studies))
    caption = "Main numbers, with the 95 % interval of the mean"
    return Table(caption, heads, tuple(rows), DASH_NOTE)


def _of_corridor(study: Study, name: str, scale: float) -> str:
    rows = of_corridor(rows_of(study.summary(), name))
    return with_interval(rows.iloc[0], scale) if len(rows) else DASH


def flows(study: Study) -> Table:
    """Return the main numbers of every flow."""
    summary = study.summary()
    is_flow = summary["flow"].notna() & summary["where"].isna()
    kept = summary[is_flow & summary["name"].isin(MAIN)]
    rows = []
    for flow, own in kept.groupby("flow", sort=False, observed=True):
        rows.append((str(flow), *_main_cells(own.to_dict("records"))))
    heads = ("flow", *MAIN.values())
    return Table(f"{study.scenario.name}: every flow", heads, tuple(rows), DASH_NOTE)


def _main_cells(rows: list[dict[Any, Any]]) -> tuple[str, ...]:
    """Return the cells of the main outcomes, a dash where there is no row."""
    cells = {row["name"]: with_interval(row) for row in rows}
    return tuple(cells.get(name, DASH) for name in MAIN)


def by_year(study: Study) -> Table | None:
    """Return the main numbers of each calendar year; None where the window lies in one."""
    if study.years.empty:
        return None
    rows = []
    for (year, days), own in of_corridor(study.years).groupby(["year", "days"]):
        cells = _main_cells(own.to_dict("records"))
        rows.append((str(year), format_number(float(days)), *cells))
    heads = ("year", "days", *MAIN.values())
    return Table(f"{study.scenario.name}: by calendar year", heads, tuple(rows))


def differences(comparison: Comparison) -> Table:
    """Return the paired differences of the main outcomes to the first scenario."""
    table = of_corridor(comparison.table())
    rows = []
    for row in table[table["name"].isin(MAIN)].to_dict("records"):
        values = (format_number(row["base"]), format_number(row["value"]))
        difference = mean_apart(Interval.from_row(row, "difference"))
        rows.append((row["scenario"], MAIN[row["name"]], *values, *difference))
    base = comparison.studies[0].scenario.name
    heads = ("scenario", "of the corridor", f"{base} has", "it has", "difference", "95 % interval")
    note = (
        "Every replication is compared with the same replication of the base, on the same random "
        "numbers."
    )
    return Table(f"Differences to {base}", heads, tuple(rows), note)


def observed(study: Study) -> Table | None:
    """Return the targets beside what was simulated; None where nothing was observed."""
    if not study.scenario.spec.observed:
        return None
    validation = validate(study)
    rows = tuple(_target(row) for row in validation.table().to_dict("records"))
    heads = ("what", "use", "observed (range)", "simulated (95 % interval)", "error", "", "unit")
    words = validation.in_words()
    note = (
        f"{words[0].upper()}{words[1:]}. In brackets: follows from other targets and is not counted. "
        "?: more replications may change the verdict."
    )
    return Table(f"{study.scenario.name}: observed beside simulated", heads, rows, note)


def _target(row: dict[Any, Any]) -> tuple[str, ...]:
    """Return the row of one target."""
    simulated = with_interval({**row, "mean": row["simulated"]})
    return (
        row["title"],
        row["use"] if row["counts"] else f"({row['use']})",
        f"{format_number(row['observed'])} ({from_to(row['range_low'], row['range_high'])})",
        simulated,
        change(row["error_share"]),
        row["verdict"] if row["clear"] else f"{row['verdict']}?",
        row["unit"],
    )
