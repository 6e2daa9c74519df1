"""Headlines of sweeps, closures, policies and appraisals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.analysis.headlines._headline import Headline, Number
from sim.study.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from sim.analysis.worth import Worth

MT = 1e-6
CARRIED, OFFERED = "carried_t_per_year", "offered_t_per_year"


def of_sweep(name: str, table: pd.DataFrame, paths: tuple[str, ...]) -> Headline:
    """Return at which of the points of `Sweep.table` most is carried."""
    carried, offered = f"{CARRIED} [t/a]", f"{OFFERED} [t/a]"
    if carried not in table or not table[carried].notna().any():
        return Headline(f"{name}: no point was finished.", (), "sweep")
    row = table[carried].idxmax()
    most = table.loc[row].to_dict()
    least = table.loc[table[carried].idxmin()].to_dict()
    at = ", ".join(f"{path}={table[path][row]}" for path in paths)
    sentence = (
        f"{name}: most is carried at {at}, {most[carried] * MT:.2f} of {most[offered] * MT:.2f} Mt "
        f"offered a year; {len(table)} points were run."
    )
    numbers = (
        Number.of("most carried", _of_point(most), "Mt a year", MT),
        Number.of("least carried", _of_point(least), "Mt a year", MT),
        Number("offered where most is carried", most[offered] * MT, unit="Mt a year"),
    )
    return Headline(sentence, numbers, "sweep")


def _of_point(row: Mapping[Any, Any]) -> Interval:
    mean, low, high = (float(row[f"{CARRIED}{end} [t/a]"]) for end in ("", " low", " high"))
    return Interval(mean, low, high)


def of_disruption(name: str, part: str, table: pd.DataFrame) -> Headline:
    """Return what the longest closure of `Disruption.table` costs."""
    last = table.iloc[-1].to_dict()
    recovery = Interval.from_row(last, "recovery_days", "recovery")
    peak = Interval.from_row(last, "peak_t", "peak")
    delayed = Interval.from_row(last, "delayed_t_days", "delayed")
    what = (
        f"{name} without {part} for {last['days']:g} days: at most {peak.mean:,.0f} t wait longer"
    )
    if last["not_recovered"]:
        runs = f"{last['not_recovered']} of {last['n']} runs"
        sentence = f"{what}; in {runs} it had not recovered when the run ended."
    else:
        sentence = f"{what}, and all is made up for {recovery.mean:.3g} days later."
    numbers = (
        Number.of("days to recover", recovery, "days"),
        Number.of("delayed", delayed, "tonne-days"),
        Number.of("most held back", peak, "t"),
    )
    return Headline(sentence, numbers, "disruption")


def of_policies(table: pd.DataFrame) -> Headline:
    """Return how much hangs on what no source settles, in the table of policies."""
    base = table.iloc[0].to_dict()
    name = base["scenario"]
    own = table[table["scenario"] == name]
    low = own.loc[own["carried"].idxmin()].to_dict()
    high = own.loc[own["carried"].idxmax()].to_dict()
    others = own.iloc[1:]
    sentence = f"{name} carries {base['carried'] * MT:.2f} Mt a year, and nothing about it is open."
    if len(others):
        most = others.loc[others["change"].abs().fillna(0.0).idxmax()]
        ends = f"{low['carried'] * MT:.2f} to {high['carried'] * MT:.2f} Mt a year"
        sentence = (
            f"{name} carries {ends} by what no source settles; most hangs on {most['input']}."
        )
    numbers = tuple(
        Number.of(label, Interval.from_row(row, "carried", "carried"), "Mt a year", MT)
        for label, row in (("carried as it is", base), ("least", low), ("most", high))
    )
    return Headline(sentence, numbers, "policies")


def of_worth(result: Worth) -> Headline:
    """Return whether the projects are worth their capital, by the sign of the whole interval."""
    rows = result.table().set_index("what")
    value = Interval.from_row(rows.loc["net present value"], "value")
    name, base = result.study.scenario.name, result.base.scenario.name
    verdict = "undecided"
    if value.has_bounds and value.low > 0:
        verdict = "yes"
    if value.has_bounds and value.high < 0:
        verdict = "no"
    words = {"yes": "worth building", "no": "not worth building", "undecided": "undecided"}
    shown = Number.of("", value, "million USD").text
    sentence = f"{name} against {base}: {words[verdict]}, net present value {shown}."
    numbers = (
        Number.of("net present value", value, "million USD"),
        Number.of("benefit a year", Interval.from_row(rows.loc["benefit a year"], "value"), "million USD"),
        Number.of("internal rate of return", Interval.from_row(rows.loc["internal rate of return"], "value"), "a year"),
    )  # fmt: skip
    return Headline(sentence, numbers, "worth", verdict)
