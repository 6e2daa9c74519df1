"""Results of one study: tables on a terminal, and the JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.analysis.observed import validate
from sim.cli.output import document_head, json_rows
from sim.cli.tables import show_number
from sim.cli.validation_tables import print_validation
from sim.study.growth import CONFIDENCE, LIMIT, SENTENCES, overloaded_rows, state_of_summary
from sim.study.interval import Interval
from sim.units import format_mean_and_half

if TYPE_CHECKING:
    from sim.cli.screen import Screen
    from sim.study.study import Study

_SHOWN_RESOURCES = 12
_CARGO = {
    "offered_t_per_year": "offered t/a",
    "accepted_t_per_year": "accepted t/a",
    "refused_t_per_year": "refused t/a",
    "refused_share": "refused share",
    "carried_t_per_year": "carried t/a",
    "carried_gross_t_per_year": "gross t/a",
    "carried_share": "carried share",
    "transit_days_p50": "transit p50 d",
    "transit_days_p90": "transit p90 d",
}
"""Metrics of the table of cargo, with the heads of their columns."""
_OF_REFUSALS = ("accepted_t_per_year", "refused_t_per_year", "refused_share")
"""Those that are shown where a ban may refuse cargo."""
_METRIC = ["name", "where", "flow", "activity", "value", "low", "high", "unit"]


def study_document(study: Study) -> dict[str, Any]:
    """Return the JSON document of one study."""
    document = {
        **document_head(study.scenario, study.seed, len(study.replications)),
        "metrics": metric_rows(study),
        "observed": _observed_rows(study),
    }
    if not study.years.empty:
        years = study.years.rename(columns={"mean": "value"})
        document["years"] = years[["year", "days", *_METRIC]]
    return document


def metric_rows(study: Study) -> list[dict[str, Any]]:
    """Return the metrics of a study for JSON."""
    frame = study.summary().rename(columns={"mean": "value"}).assign(scenario=study.scenario.name)
    return json_rows(frame[["name", "scenario", *_METRIC[1:]]])


def _observed_rows(study: Study) -> list[dict[str, Any]]:
    """Return observed and simulated values, none where the scenario has no targets."""
    if not study.scenario.spec.observed:
        return []
    return json_rows(validate(study).table())


def print_study(screen: Screen, study: Study) -> None:
    """Print cargo, overload, resources, calendar years and targets of a study."""
    summary, name = study.summary(), study.scenario.name
    screen.table(
        _cargo(summary),
        f"{name}: cargo (95 % interval of the mean in brackets; the last row is the corridor)",
    )
    print_overload(screen, summary, name)
    screen.table(busiest_resources(summary), f"{name}: busiest resources")
    if not study.years.empty:
        title = f"{name}: the corridor by calendar year, rates per 365 days"
        screen.table(_by_year(study.years), title)
    if study.scenario.spec.observed:
        print_validation(screen, validate(study))


def print_overload(screen: Screen, summary: pd.DataFrame, name: str) -> None:
    """Print which stacks and queues are overloaded, and by how much they grow."""
    state = state_of_summary(summary)
    if state != "overloaded":
        screen.line(f"{name}: {SENTENCES[state]}")
        return
    rows = overloaded_rows(summary)
    table = pd.DataFrame(
        {
            "where": rows["where"],
            "growth a year": _means(rows),
            "of": rows["unit"],
            "over its yearly flow": _means(rows, "share", "share"),
        }
    )
    limit = f"grows by over {LIMIT:.0%} of its yearly flow (tested at {CONFIDENCE:.0%})"
    screen.table(table, f"{name}: overloaded, {limit}")


def busiest_resources(summary: pd.DataFrame) -> pd.DataFrame:
    """Return occupancy and queue of the resources that are used most."""
    busy = summary[summary["name"] == "occupancy"].nlargest(_SHOWN_RESOURCES, "mean")
    queues = summary[summary["name"] == "queue_mean"].set_index("where")["mean"]
    return pd.DataFrame(
        {
            "resource": busy["where"],
            "occupancy": _means(busy),
            "vehicles waiting": [show_number(float(queues[where])) for where in busy["where"]],
        }
    )


def _cargo(summary: pd.DataFrame) -> pd.DataFrame:
    rows = []
    cargo = summary[summary["where"].isna() & summary["name"].isin(list(_CARGO))]
    columns = dict(_CARGO)
    if not (cargo["name"] == "refused_share").any():
        for name in _OF_REFUSALS:
            del columns[name]
    for flow in dict.fromkeys(cargo["flow"].tolist()):
        is_of_flow = cargo["flow"].isna() if flow is None else cargo["flow"] == flow
        of_flow = cargo[is_of_flow]
        texts = dict(zip(of_flow["name"], _means(of_flow), strict=True))
        cells = {head: texts.get(name, "-") for name, head in columns.items()}
        rows.append({"flow": flow or "corridor", **cells})
    return pd.DataFrame(rows)


def _by_year(years: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (year, days), of_year in years[years["where"].isna()].groupby(["year", "days"]):
        corridor = _cargo(of_year).iloc[-1].drop("flow")
        rows.append({"year": str(year), "days": f"{days:g}", **corridor.to_dict()})
    return pd.DataFrame(rows)


def _means(rows: pd.DataFrame, mean: str = "mean", ends: str = "") -> list[str]:
    """Return the mean of each row with its half-width."""
    intervals = [Interval.from_row(row, mean, ends) for row in rows.to_dict("records")]
    return [format_mean_and_half(*interval) for interval in intervals]
