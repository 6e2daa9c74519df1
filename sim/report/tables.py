"""Tables of the report: rows of text, made from the frames of a study, numbers as people read
them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.analysis.observed import validate
from sim.log import names
from sim.spec.evidence import evidence
from sim.spec.sources import SourceRow, source_rows
from sim.study.growth import CONFIDENCE, LIMIT, overloaded_rows
from sim.study.interval import Interval
from sim.units import format_at_precision, format_mean, format_number

if TYPE_CHECKING:
    from sim.spec.scenario import ScenarioSpec
    from sim.study.comparison import Comparison
    from sim.study.study import Study

MOST = 12
"""Rows of a table of the largest of something."""
WRITTEN_BY_A_STUDY = ("differences", "metrics", "replications", "summary", "years", "validation")
"""CSV files that say what the report says in another way, or too much to read."""


@dataclass(frozen=True, slots=True)
class Table:
    """Something to read row by row; the first column names the row."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    @property
    def is_number(self) -> tuple[bool, ...]:
        """Whether each column holds numbers, which stand to the right."""
        columns = zip(*self.rows, strict=True) if self.rows else ()
        return tuple(all(cell[:1] in "0123456789-+" for cell in column) for column in columns)


def with_interval(row: pd.Series[Any] | dict[str, Any], scale: float = 1.0) -> str:
    """Return the mean of *row* with the bounds of its 95 % interval, where it has one."""
    mean, low, high = (float(row[key]) * scale for key in ("mean", "low", "high"))
    return format_mean(mean, low, high)


def _apart(mean: float, low: float, high: float) -> tuple[str, str]:
    """Return a mean, and the bounds of its interval or a dash."""
    shown, *bounds = format_at_precision((high - low) / 2, mean, low, high)
    return shown, "-" if isnan(low) else " to ".join(bounds)


def _range(low: float, high: float) -> str:
    return f"{format_number(low)} to {format_number(high)}"


def named(where: str, scenario: ScenarioSpec) -> str:
    """Return *where* something is in words: a stack by place and carrier, a path by its ends."""
    places = scenario.places

    def place(id_: str) -> str:
        return (places[id_].name or id_) if id_ in places else id_

    name = names.parse(where)
    match name.kind:
        case "stack":
            return f"cargo at {place(name.place)} for {name.carrier}"
        case "path":
            return f"track {place(name.place)} to {place(name.towards)}"
        case "track":
            return f"{place(name.place)}, tracks"
        case "berth" if name.place in places:
            return f"{place(name.place)}, {name.group}"
    return place(where)


def key_numbers(studies: Sequence[Study]) -> Table:
    """Return the numbers of the whole corridor, a column a scenario."""
    rows = []
    for name, label, scale in (
        ("offered_t_per_year", "offered, Mt a year", 1e-6),
        ("carried_t_per_year", "carried, Mt a year", 1e-6),
        ("carried_share", "share carried", 1.0),
        ("transit_days_p50", "half is through after, days", 1.0),
        ("transit_days_p90", "nine tenths are through after, days", 1.0),
        ("censored_share", "share still on its way when the run ends", 1.0),
    ):
        cells = []
        for study in studies:
            found = rows_of(study.summary(), name)
            found = found[found["flow"].isna() & found["where"].isna()]
            cells.append(with_interval(found.iloc[0], scale) if len(found) else "-")
        rows.append((label, *cells))
    heads = ("of the corridor", *(study.scenario.name for study in studies))
    return Table("Main numbers, with the 95 % interval of the mean", heads, tuple(rows), _DASH)


_DASH = "A dash: the number does not exist, such as the transit time of cargo of which much has not arrived."


def rows_of(summary: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the rows of one metric."""
    return summary[summary["name"] == name]


def flows(study: Study) -> Table:
    """Return what comes of every flow."""
    summary = study.summary()
    columns = (
        "offered_t_per_year",
        "carried_t_per_year",
        "carried_share",
        "transit_days_p50",
        "transit_days_p90",
    )
    kept = summary[
        summary["name"].isin(columns) & summary["flow"].notna() & summary["where"].isna()
    ]
    told = {(row["flow"], row["name"]): with_interval(row) for row in kept.to_dict("records")}
    names = dict.fromkeys(kept["flow"].tolist())
    rows = tuple((flow, *(told.get((flow, column), "-") for column in columns)) for flow in names)
    heads = (
        "flow",
        "offered, t a year",
        "carried, t a year",
        "share carried",
        "half through, d",
        "nine tenths, d",
    )
    return Table(f"{study.scenario.name}: every flow", heads, rows, _DASH)


def overloaded(study: Study) -> pd.DataFrame:
    """Return the growth of every overloaded stack and queue, the largest first.

    With ``share``: the growth over the yearly flow with its interval, in words. That is what is
    tested; the interval of the growth itself is wider where the flow varies.
    """
    rows = overloaded_rows(study.summary())
    shares = [
        format_mean(*Interval.from_row(row, "share", "share")) for row in rows.to_dict("records")
    ]
    return rows.assign(share=shares)


def growing(study: Study) -> Table:
    """Return what is overloaded, the largest growth first."""
    grown, scenario = overloaded(study), study.scenario.spec
    rows = [
        (named(r["where"], scenario), with_interval(r), str(r["unit"]), r["share"])
        for r in grown.to_dict("records")
    ]
    heads = ("where", "grows by", "of", "over its yearly flow")
    note = f"Overloaded: the growth over the yearly flow exceeds {LIMIT:.0%}, tested at {CONFIDENCE:.0%}."
    return Table(
        f"{study.scenario.name}: overloaded, grows from year to year", heads, tuple(rows), note
    )


def busiest(study: Study) -> Table:
    """Return the resources that are in use most of the time."""
    summary = study.summary()
    rows = rows_of(summary, "occupancy").nlargest(MOST, "mean")
    beside = {
        name: dict(zip(found["where"], found["mean"], strict=True))
        for name in ("queue_mean", "unavailable_share")
        for found in [rows_of(summary, name)]
    }
    told = tuple(
        (
            named(row["where"], study.scenario.spec),
            with_interval(row),
            *(
                format_number(float(beside[name].get(row["where"], float("nan"))))
                for name in beside
            ),
        )
        for row in rows.to_dict("records")
    )
    heads = (
        "resource",
        "share of time in use",
        "vehicles waiting, mean",
        "share of time not available",
    )
    return Table(f"{study.scenario.name}: busiest resources", heads, told)


def waits(study: Study) -> Table:
    """Return where a unit of cargo waits longest, by flow."""
    found = rows_of(study.summary(), "wait_days")
    found = found[found["activity"].astype(str).str.startswith("wait_")].nlargest(MOST, "mean")
    scenario = study.scenario.spec
    rows = tuple(
        (
            named(str(r["where"]), scenario),
            str(r["flow"]),
            str(r["activity"])[5:].replace("_", " "),
            with_interval(r),
        )
        for r in found.to_dict("records")
    )
    heads = ("where", "flow", "waits for", "days, mean of a unit that was delivered")
    return Table(f"{study.scenario.name}: longest waits", heads, rows)


def closed(study: Study) -> Table:
    """Return how much of the time each port was shut by weather."""
    found = rows_of(study.summary(), "closed_share")
    of_all = found[found["activity"].isna()]
    stormy = {
        row["where"]: with_interval(row)
        for row in found[found["activity"] == "nov-dec"].to_dict("records")
    }
    scenario = study.scenario.spec
    rows = tuple(
        (named(row["where"], scenario), with_interval(row), stormy.get(row["where"], "-"))
        for row in of_all.to_dict("records")
    )
    heads = ("port", "share of the time", "in November and December")
    return Table(f"{study.scenario.name}: shut by weather", heads, rows)


def differences(comparison: Comparison) -> Table:
    """Return the paired differences of the main outcomes to the first scenario."""
    table = comparison.table()
    of_corridor = table["flow"].isna() & table["where"].isna()
    main = [
        "offered_t_per_year",
        "carried_t_per_year",
        "carried_share",
        "transit_days_p50",
        "transit_days_p90",
    ]
    rows = tuple(
        (
            row["scenario"],
            f"{row['name'].replace('_', ' ')} [{row['unit']}]",
            format_number(row["base"]),
            format_number(row["value"]),
            *_apart(row["difference"], row["low"], row["high"]),
        )
        for row in table[of_corridor & table["name"].isin(main)].to_dict("records")
    )
    base = comparison.studies[0].scenario.name
    heads = ("scenario", "of the corridor", f"{base} has", "it has", "difference", "95 % interval")
    note = "Every replication is compared with the same replication of the base, on the same random numbers."
    return Table(f"Differences to {base}", heads, rows, note)


def observed(study: Study) -> Table | None:
    """Return what was observed beside what came out; None where the scenario says nothing of it."""
    if not study.scenario.spec.observed:
        return None
    validation = validate(study)
    rows = tuple(
        (
            row["title"],
            row["use"] if row["counts"] else f"({row['use']})",
            f"{format_number(row['observed'])} ({_range(row['range_low'], row['range_high'])})",
            with_interval({**row, "mean": row["simulated"]}),
            "-" if isnan(row["error_share"]) else f"{row['error_share']:+.1%}",
            row["verdict"] if row["clear"] else f"{row['verdict']}?",
            row["unit"],
        )
        for row in validation.table().to_dict("records")
    )
    heads = ("what", "use", "observed (range)", "simulated (95 % interval)", "error", "", "unit")
    note = f"{validation.in_words()}. In brackets: follows from others, not counted. ?: more replications may turn it."
    return Table(
        f"{study.scenario.name}: observed beside simulated", heads, rows, note[0].upper() + note[1:]
    )


def by_year(study: Study) -> Table | None:
    """Return the main numbers of each calendar year; None where the window lies in one."""
    if study.years.empty:
        return None
    rows = []
    for (year, days), mine in study.years[
        study.years["where"].isna() & study.years["flow"].isna()
    ].groupby(["year", "days"]):
        told = {row["name"]: with_interval(row) for row in mine.to_dict("records")}
        names = (
            "offered_t_per_year",
            "carried_t_per_year",
            "carried_share",
            "transit_days_p50",
            "transit_days_p90",
        )
        rows.append(
            (str(year), format_number(float(days)), *(told.get(name, "-") for name in names))
        )
    heads = (
        "year",
        "days",
        "offered, t a year",
        "carried, t a year",
        "share carried",
        "half through, d",
        "nine tenths, d",
    )
    return Table(f"{study.scenario.name}: by calendar year", heads, tuple(rows))


def projects(study: Study) -> Table | None:
    """Return what could be built; None where the scenario has no catalogue."""
    catalogue, sources = study.scenario.spec.project_catalogue, study.scenario.sources
    rows = []
    for name, project in catalogue.items():
        cost = sources.get(("project_catalogue", name, "capital_musd"))
        capital = "-" if project.capital_musd is None else format_number(project.capital_musd)
        if cost is not None and cost.low is not None and cost.high is not None:
            capital += f" ({_range(float(cost.low), float(cost.high))})"
        opens = project.opens.isoformat() if project.opens else "-"
        needs = ", ".join(project.needs) or "-"
        rows.append(
            (project.title, name, opens, capital, needs, "-" if cost is None else cost.origin)
        )
    heads = ("project", "id", "opens", "capital, MUSD (range)", "needs", "source of the cost")
    return Table("Projects that could be built", heads, tuple(rows)) if rows else None


def further(folder: Path | None) -> list[Table]:
    """Return results that other commands have written as CSV into *folder*, such as plans and
    bottlenecks."""
    if folder is None:
        return []
    found = []
    for file in sorted(folder.glob("*.csv")):
        if file.stem in WRITTEN_BY_A_STUDY:
            continue
        frame = pd.read_csv(file)
        if not frame.empty and not _is_trace(frame):
            rows = tuple(
                tuple(_cell(value) for value in row)
                for row in frame.head(60).itertuples(index=False)
            )
            heads = tuple(str(column).replace("_", " ") for column in frame.columns)
            note = (
                f"The first 60 of {len(frame)} rows of {file.name}."
                if len(frame) > 60
                else f"From {file.name}."
            )
            found.append(
                Table(file.stem.replace("_", " ").replace("-", " ").capitalize(), heads, rows, note)
            )
    return found


def _is_trace(frame: pd.DataFrame) -> bool:
    """Return whether it is input: a table of hours or arrivals, with a column of times."""
    return any(str(column) in ("time", "hour", "at") for column in frame.columns)


def _cell(value: object) -> str:
    if isinstance(value, bool | str):
        return str(value)
    return format_number(float(value)) if isinstance(value, int | float) else str(value)


def numbers_used(studies: Sequence[Study]) -> list[tuple[str, SourceRow]]:
    """Return every number of the first scenario, then what is otherwise in the next ones, with the
    scenario's name."""
    told: set[str] = set()
    found = []
    for study in studies:
        for row in source_rows(study.scenario):
            key = json.dumps([row.path, row.value, row.source], default=str)
            if key not in told:
                told.add(key)
                found.append((study.scenario.name, row))
    return found


def sources(numbers: Iterable[tuple[str, SourceRow]]) -> Table:
    """Return every number with its range and where it comes from."""
    rows = tuple(
        (row.path, _shown(row.value), _shown_range(row), row.source or "-", row.confidence, name)
        for name, row in numbers
    )
    return Table(
        "Every number", ("number", "value", "range", "source", "confidence", "scenario"), rows
    )


def _shown_range(row: SourceRow) -> str:
    return "-" if row.low is None else f"{_shown(row.low)} to {_shown(row.high)}"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def evidence_used(numbers: Iterable[tuple[str, SourceRow]]) -> Table:
    """Return the rows of evidence that stand behind the numbers."""
    used = dict.fromkeys(row.source for _, row in numbers if row.source in evidence())
    found = [evidence()[row] for row in sorted(key for key in used if key is not None)]
    rows = tuple(
        (e.id, e.quantity, f"{e.value} {e.unit}".strip(), e.period, e.source, e.confidence)
        for e in found
    )
    return Table(
        "Rows of evidence", ("id", "quantity", "value", "period", "source", "confidence"), rows
    )


def assumptions(numbers: Iterable[tuple[str, SourceRow]]) -> Table:
    """Return what is assumed, and which numbers lean on it."""
    leaning: dict[str, list[str]] = {}
    for _, row in numbers:
        if row.source is not None and row.source.startswith("assumed:"):
            leaning.setdefault(row.source.removeprefix("assumed:").strip(), []).append(row.path)
    rows = tuple(
        (why, str(len(paths)), ", ".join(paths[:3]) + (" ..." if len(paths) > 3 else ""))
        for why, paths in leaning.items()
    )
    return Table("Assumptions", ("assumed, since", "numbers", "such as"), rows)


def confidence(numbers: Iterable[tuple[str, SourceRow]]) -> Table:
    """Return how many numbers there are by confidence; those the schema sets by itself are told
    apart."""
    count = Counter(row.confidence for _, row in numbers)
    written = sum(many for kind, many in count.items() if kind != "default")
    rows = tuple(
        (kind, str(many), f"{many / written:.0%}" if kind != "default" else "-")
        for kind, many in count.most_common()
    )
    return Table(
        "Numbers by confidence", ("confidence", "numbers", "share of what is written"), rows
    )
