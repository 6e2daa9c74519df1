"""What was observed beside what was simulated, as tables on a terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from sim.analysis.observed import FORECASTS, INPUTS, NAIVE, REGIMES, REPLICATIONS, USES
from sim.cli.tables import means_with_intervals, show_number
from sim.units import format_mean

if TYPE_CHECKING:
    from sim.analysis.observed import Validation
    from sim.cli.screen import Screen
    from sim.study.interval import Interval

_HEADS = {REPLICATIONS: "one season", INPUTS: "inputs over ranges", NAIVE: "naive"}
"""Heads of the columns of forecasts by what varies in them."""
_MARKS = {"inside": "", "outside": "OUT", "no number": "-"}
"""Marks beside an interval by where the observation lies."""


def print_validation(screen: Screen, validation: Validation) -> None:
    """Print every target: observed with its range, simulated with its interval, and the verdict."""
    name = validation.study.scenario.name
    title = f"{name}: observed beside simulated (95 % interval of the mean)"
    screen.table(_targets(validation.table()), title)
    screen.line(f"{name}, {validation.in_words()}")
    screen.line(
        "(fitted) or (judged): follows from other targets and is not counted\n"
        "'?': the interval holds an end of the range, so more replications could change the verdict",
    )
    screen.table(_measured(validation.table()), f"{name}: what the sources counted")
    for checked in validation.checked:
        if checked.shared_inputs and not checked.target.is_fitted:
            what = (
                f"judged by a row of evidence on which {len(checked.shared_inputs)} inputs depend"
            )
            screen.line(f"{checked.target.id} is {what}: {checked.target.observation.note}")


def _targets(table: pd.DataFrame) -> pd.DataFrame:
    uses = table["use"].where(table["counts"], "(" + table["use"] + ")")
    verdicts = table["verdict"].where(table["clear"], table["verdict"] + " ?")
    return pd.DataFrame(
        {
            "target": table["target"],
            "use": uses,
            "observed": table["observed"].map(show_number),
            "range": [
                f"{show_number(low)} to {show_number(high)}"
                for low, high in zip(table["range_low"], table["range_high"], strict=True)
            ],
            "width": [f"{share:.0%}" for share in table["range_share"]],
            "simulated": means_with_intervals(table, "simulated"),
            "error": table["error_share"].map(_error),
            "": verdicts,
            "unit": table["unit"],
        }
    )


def _measured(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the source of each target counted, and how the metric counts otherwise."""
    return pd.DataFrame(
        {
            "target": table["target"],
            "the source counted": table["measured"],
            "the metric differs": table["differs"],
        }
    )


def _error(share: float) -> str:
    return "-" if math.isnan(share) else f"{share:+.1%}"


def print_forecasts(screen: Screen, validation: Validation) -> None:
    """Print the interval of one season of every target, and how many observations lie in theirs."""
    name = validation.study.scenario.name
    title = f"{name}: 90 % interval of one season over what was observed; OUT: it does not hold 1"
    screen.table(_forecasts(validation), title)
    screen.table(_coverage(validation), f"{name}: observations in the 90 % interval")
    for kind in validation.kinds:
        beside = validation.against_naive(kind)
        if len(beside):
            title = f"{name}: judged targets beside a naive forecast, {_HEADS[kind]}"
            screen.table(_rounded(beside), title)
    _print_missing(screen, validation)
    screen.line(
        "one season: replications, inputs as written; inputs over ranges: inputs drawn as well\n"
        "95 % in brackets as if targets were independent; they share seasons\n"
        "sharpness: width over that of the naive interval; score: interval score, the less the better\n"
        "skill: share of the naive score that is saved; below 0 the naive forecast is the better one",
    )


def _forecasts(validation: Validation) -> pd.DataFrame:
    """Return the intervals as multiples of what was observed, which are short and compare."""
    table = validation.table()
    columns = {
        "target": table["target"],
        "use": table["use"].where(table["counts"], "(" + table["use"] + ")"),
        "regime": table["regime"],
    }
    for kind in (*validation.kinds, NAIVE):
        columns[_HEADS[kind]] = _intervals(table, FORECASTS[kind])
    return pd.DataFrame(columns)


def _intervals(table: pd.DataFrame, prefix: str) -> list[str]:
    """Return the interval of each row, marked where the observation lies outside."""
    cells = []
    for row in table.to_dict("records"):
        verdict, observed = row[f"{prefix}_verdict"], row["observed"]
        if verdict == "no number" or not observed:
            cells.append(_MARKS[verdict] or "-")
            continue
        ends = sorted(row[f"{prefix}_{end}"] / observed for end in ("low", "high"))
        cells.append(f"{ends[0]:.2f} to {ends[1]:.2f} {_MARKS[verdict]}")
    return cells


def _coverage(validation: Validation) -> pd.DataFrame:
    """Return how many observations lie in their interval, by use and regime."""
    rows = []
    for use in USES:
        for regime in (None, *REGIMES):
            shares = [validation.share_forecast(kind, use, regime) for kind in validation.kinds]
            if not shares[0].count:
                continue
            cells = [_share(share) for share in shares]
            row = {"targets": use, "regime": regime or "all", "of": str(shares[0].count)}
            heads = [_HEADS[kind] for kind in validation.kinds]
            rows.append(row | dict(zip(heads, cells, strict=True)))
    return pd.DataFrame(rows)


def _share(share: Interval) -> str:
    """Return how many of how many, and the share with its interval."""
    return f"{round(share.mean * share.count)}: {format_mean(*share)}"


def _print_missing(screen: Screen, validation: Validation) -> None:
    """Print of which targets not every season has a number."""
    if validation.seasons is None:
        return
    of = len(validation.seasons.values)
    for checked in validation.checked:
        count = checked.forecasts[INPUTS].seasons
        if count < of:
            what = f"{count} of {of} seasons over inputs have a number of {checked.target.id}"
            screen.line(f"{what}; its interval is of these alone")


def _rounded(beside: pd.DataFrame) -> pd.DataFrame:
    shares = {column: beside[column].map("{:.2f}".format) for column in ("sharpness", "skill")}
    heads = {"naive_width": "naive width", "naive_score": "naive score"}
    return beside.assign(**shares).rename(columns=heads)
