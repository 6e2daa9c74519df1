"""What a study says, as tables on a terminal and as one JSON document."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.analysis.observed import USES, validate
from sim.cli.options import json_row
from sim.cli.tables import print_frame, show_number
from sim.study.growth import CONFIDENCE, LIMIT, SENTENCES, overloaded_rows, state_of_summary
from sim.study.interval import Interval
from sim.units import format_mean, format_mean_and_half
from sim.version import __version__

if TYPE_CHECKING:
    from rich.console import Console

    from sim.analysis.observed import Validation
    from sim.study.comparison import Comparison
    from sim.study.study import Study

_SHOWN_RESOURCES = 12


def document(study: Study) -> dict[str, Any]:
    """Return the JSON document of one study."""
    years = study.years
    by_year = {} if years.empty else {"years": _year_rows(years)}
    return {
        **_head(study),
        "metrics": _metric_rows(study),
        "observed": observed_rows(study),
        **by_year,
    }


def _year_rows(years: pd.DataFrame) -> list[dict[str, Any]]:
    keys = ["year", "days", "name", "where", "flow", "activity", "value", "low", "high", "unit"]
    return [
        json_row(row) for row in years.rename(columns={"mean": "value"})[keys].to_dict("records")
    ]


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """Return the JSON document of a comparison: the base's head, all metrics, and the paired
    differences."""
    studies, table = comparison.studies, comparison.table()
    keys = [
        "name",
        "scenario",
        "where",
        "flow",
        "activity",
        "base",
        "value",
        "difference",
        "low",
        "high",
        "unit",
    ]
    return {
        **_head(studies[0]),
        "scenarios": [{"scenario": s.scenario.name, "hash": s.scenario.hash} for s in studies],
        "metrics": [row for study in studies for row in _metric_rows(study)],
        "differences": [json_row(row) for row in table[keys].to_dict("records")],
    }


def _head(study: Study) -> dict[str, Any]:
    return {
        "scenario": study.scenario.name,
        "hash": study.scenario.hash,
        "version": __version__,
        "seed": study.seed,
        "replications": len(study.replications),
        "audit": "passed",
    }


def _metric_rows(study: Study) -> list[dict[str, Any]]:
    frame = study.summary().rename(columns={"mean": "value"}).assign(scenario=study.scenario.name)
    keys = ["name", "scenario", "where", "flow", "activity", "value", "low", "high", "unit"]
    return [json_row(row) for row in frame[keys].to_dict("records")]


def observed_rows(study: Study) -> list[dict[str, Any]]:
    """Return what was observed beside what came out; none where the scenario says nothing of it."""
    if not study.scenario.spec.observed:
        return []
    return [json_row(row) for row in validate(study).table().to_dict("records")]


def validation_document(validation: Validation) -> dict[str, Any]:
    """Return the JSON document of a validation: ``target_inside`` of each target, and all that is
    known of it."""
    study = validation.study
    rows = [json_row(row) for row in validation.table().to_dict("records")]
    keys = ("flow", "activity", "low", "high")
    metrics = [
        {
            "name": "target_inside",
            "scenario": study.scenario.name,
            "where": row["target"],
            "group": row["use"],
            **dict.fromkeys(keys),
            "value": float(row["inside"]),
            "unit": "1",
        }
        for row in rows
    ]
    shares = {
        use: dict(zip(("inside", "of"), validation.share_inside(use), strict=True)) for use in USES
    }
    return {**_head(study), "metrics": metrics, "shares": shares, "targets": rows}


def print_validation(console: Console, validation: Validation) -> None:
    """Print every target: observed with its range, simulated with its interval, and whether it is
    inside."""
    table, study = validation.table(), validation.study
    shown = pd.DataFrame(
        {
            "target": table["target"],
            "use": [
                use if counts else f"({use})"
                for use, counts in zip(table["use"], table["counts"], strict=True)
            ],
            "observed": [show_number(v) for v in table["observed"]],
            "range": [
                f"{show_number(low)} to {show_number(high)}"
                for low, high in zip(table["range_low"], table["range_high"], strict=True)
            ],
            "width": [f"{share:.0%}" for share in table["range_share"]],
            "simulated": [
                format_mean(*bounds)
                for bounds in zip(table["simulated"], table["low"], table["high"], strict=True)
            ],
            "error": ["-" if math.isnan(e) else f"{e:+.1%}" for e in table["error_share"]],
            "": [
                v if clear else f"{v} ?"
                for v, clear in zip(table["verdict"], table["clear"], strict=True)
            ],
            "unit": table["unit"],
        }
    )
    print_frame(
        console,
        shown,
        f"{study.scenario.name}: observed beside simulated (95 % interval of the mean)",
    )
    console.print(f"{study.scenario.name}, {validation.in_words()}", markup=False, highlight=False)
    console.print(_READING, markup=False, highlight=False)
    for checked in validation.checked:
        if checked.shared_inputs and not checked.target.is_fitted:
            what = f"{checked.target.id} is judged by a row of evidence on which {len(checked.shared_inputs)} inputs lean"
            console.print(
                f"{what}: {checked.target.observation.note}", markup=False, highlight=False
            )


_READING = (
    "(fitted) or (judged): follows from other targets and is not counted; '?': the interval holds an end of the range, "
    "so more replications could turn it"
)


def print_study(console: Console, study: Study) -> None:
    """Print what one study says: cargo, overload, resources, and what was observed."""
    summary, name = study.summary(), study.scenario.name
    print_frame(
        console,
        _cargo(summary),
        f"{name}: cargo (95 % interval of the mean in brackets; the last row is the corridor)",
    )
    print_overload(console, summary, name)
    print_frame(console, _resources(summary), f"{name}: busiest resources")
    if not study.years.empty:
        print_frame(
            console,
            _by_year(study.years),
            f"{name}: the corridor by calendar year, rates per 365 days",
        )
    if study.scenario.spec.observed:
        print_validation(console, validate(study))


def print_overload(console: Console, summary: pd.DataFrame, name: str) -> None:
    """Print which stacks and queues grow from year to year, or that none does."""
    state = state_of_summary(summary)
    if state != "overloaded":
        console.print(f"{name}: {SENTENCES[state]}\n", markup=False)
        return
    rows = overloaded_rows(summary)
    table = pd.DataFrame(
        {
            "where": rows["where"],
            "growth a year": [_with_interval(row) for _, row in rows.iterrows()],
            "of": rows["unit"],
            "over its yearly flow": [
                format_mean_and_half(*Interval.from_row(row, "share", "share"))
                for _, row in rows.iterrows()
            ],
        }
    )
    what = f"grows by over {LIMIT:.0%} of its yearly flow (tested at {CONFIDENCE:.0%})"
    print_frame(console, table, f"{name}: overloaded, {what}")


def _cargo(summary: pd.DataFrame) -> pd.DataFrame:
    columns = {
        "offered_t_per_year": "offered t/a",
        "carried_t_per_year": "carried t/a",
        "carried_share": "carried share",
        "transit_days_p50": "transit p50 d",
        "transit_days_p90": "transit p90 d",
    }
    rows = []
    cargo = summary[summary["where"].isna() & summary["name"].isin(list(columns))]
    for flow in dict.fromkeys(cargo["flow"].tolist()):
        mine = cargo[cargo["flow"].isna() if flow is None else cargo["flow"] == flow]
        told = {row["name"]: _with_interval(row) for _, row in mine.iterrows()}
        rows.append(
            {
                "flow": flow or "corridor",
                **{label: told.get(key, "-") for key, label in columns.items()},
            }
        )
    return pd.DataFrame(rows)


def _by_year(years: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (year, days), mine in years[years["where"].isna()].groupby(["year", "days"]):
        rows.append(
            {"year": str(year), "days": f"{days:g}", **_cargo(mine).iloc[-1].drop("flow").to_dict()}
        )
    return pd.DataFrame(rows)


def _with_interval(row: pd.Series[Any]) -> str:
    return format_mean_and_half(*Interval.from_row(row))


def _resources(summary: pd.DataFrame) -> pd.DataFrame:
    busy = summary[summary["name"] == "occupancy"].nlargest(_SHOWN_RESOURCES, "mean")
    queue = summary[summary["name"] == "queue_mean"].set_index("where")["mean"]
    return pd.DataFrame(
        {
            "resource": busy["where"],
            "occupancy": [_with_interval(row) for _, row in busy.iterrows()],
            "vehicles waiting": [show_number(float(queue[where])) for where in busy["where"]],
        }
    )


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print every study's overload and the paired differences of the main outcomes."""
    for study in comparison.studies:
        print_overload(console, study.summary(), study.scenario.name)
    table = comparison.table()
    corridor = table["flow"].isna() & table["where"].isna()
    of_corridor = table["name"].isin(
        ["offered_t_per_year", "carried_t_per_year", "transit_days_p50", "transit_days_p90"]
    )
    of_flow = (table["name"] == "carried_share") & table["base"].notna()
    main = table[(corridor & of_corridor) | of_flow]
    shown = pd.DataFrame(
        {
            "scenario": main["scenario"],
            "flow": ["corridor" if f is None else f for f in main["flow"]],
            "metric": main["name"],
            "base": [show_number(v) for v in main["base"]],
            "scenario's": [show_number(v) for v in main["value"]],
            "difference": [show_number(v) for v in main["difference"]],
            "95 % interval": [
                f"{show_number(lo)} .. {show_number(hi)}"
                for lo, hi in zip(main["low"], main["high"], strict=True)
            ],
        }
    )
    print_frame(
        console,
        shown,
        f"paired differences to {comparison.studies[0].scenario.name}, same random numbers",
    )
    for study in comparison.studies:
        print_frame(
            console, _resources(study.summary()), f"{study.scenario.name}: busiest resources"
        )
