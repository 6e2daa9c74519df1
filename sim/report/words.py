"""The answer in sentences, each of them made from the numbers of the study."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from sim.analysis.labels import resource_name
from sim.report.limit_tables import overloaded
from sim.report.table import of_corridor, rows_of, with_interval
from sim.study.growth import CONFIDENCE, LIMIT
from sim.study.interval import Interval
from sim.units import format_at_precision

if TYPE_CHECKING:
    import pandas as pd

    from sim.study.comparison import Comparison
    from sim.study.study import Study

NAMED = 3
"""Stacks that a sentence names."""
HEADLINES = {
    "overloaded": "no, the corridor does not carry what is offered; cargo piles up or is refused",
    "refuses": f"no, loading bans refuse more than {LIMIT:.0%} of what is offered",
    "unknown": "whether the corridor keeps up is not known, since the run has no year to compare with",
    "carries": "yes, the corridor carries what is offered; nothing piles up from year to year",
}
"""What each verdict means."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a study says about its scenario."""

    verdict: str
    """A key of `HEADLINES`."""
    headline: str
    sentences: tuple[str, ...]


def answer(study: Study) -> Answer:
    """Return what *study* says.

    Whether the corridor carries what is offered, how much, how fast, and what limits it.
    """
    summary = study.summary()
    verdict = _verdict(summary)
    sentences = (
        _cargo(summary),
        _growth(study, summary),
        _time(summary),
        _busiest(study, summary),
        _weather(study, summary),
        _precision(study),
    )
    headline = f"{study.scenario.spec.title}: {HEADLINES[verdict]}."
    return Answer(verdict, headline, tuple(filter(None, sentences)))


def _verdict(summary: pd.DataFrame) -> str:
    judged = rows_of(summary, "overloaded")["mean"]
    if (judged == 1).any():
        return "overloaded"
    if judged.empty or judged.isna().any():
        refused = _corridor(summary, "refused_share")
        return "refuses" if refused and refused["mean"] > LIMIT else "unknown"
    return "carries"


def _corridor(summary: pd.DataFrame, name: str) -> dict[Any, Any] | None:
    """Return the row of a metric for the whole corridor; None where it does not exist."""
    rows = of_corridor(rows_of(summary, name))
    if rows.empty or isnan(rows["mean"].iloc[0]):
        return None
    return rows.iloc[0].to_dict()


def _cargo(summary: pd.DataFrame) -> str:
    """Return how much of what is offered is carried."""
    offered = _corridor(summary, "offered_t_per_year")
    carried = _corridor(summary, "carried_t_per_year")
    if offered is None or carried is None or not offered["mean"]:
        return "No cargo of the corridor is offered."
    text = f"Of {with_interval(offered, 1e-6)} Mt offered a year, {with_interval(carried, 1e-6)} Mt is carried"
    share = _corridor(summary, "carried_share")
    if share is not None:
        text = f"{text}, a share of {with_interval(share)}"
    refused = _corridor(summary, "refused_share")
    if refused is None or not refused["mean"]:
        return f"{text}."
    return f"{text}. Loading bans refuse a share of {with_interval(refused)} of what is offered."


def _growth(study: Study, summary: pd.DataFrame) -> str:
    """Return which stacks and queues grow from year to year, if any was judged."""
    judged = rows_of(summary, "overloaded")["mean"]
    grown = overloaded(study)
    if grown.empty:
        known = int(judged.notna().sum())
        limit = f"is shown to grow by more than {LIMIT:.0%} of its yearly flow"
        return f"None of {known} stacks and queues {limit}." if known else ""
    limit = f"by more than {LIMIT:.0%} of the cargo that comes there, tested at {CONFIDENCE:.0%}"
    largest = [_grows(study, row) for row in grown.head(NAMED).to_dict("records")]
    return (
        f"Overloaded: {len(grown)} of {len(judged)} stacks and queues. Each grows from year to year "
        f"{limit}. The largest growth: {'; '.join(largest)}."
    )


def _grows(study: Study, row: dict[Any, Any]) -> str:
    """Return how much one stack or queue grows."""
    where = resource_name(study.scenario.spec, row["where"])
    unit = str(row["unit"]).partition("/")[0]
    growth = f"by {with_interval(row)} {unit} a year"
    return f"{where}, {growth}, a share of {row['share']} of what comes there"


def _time(summary: pd.DataFrame) -> str:
    """Return how long cargo takes, or why there is no transit time."""
    half, most = _corridor(summary, "transit_days_p50"), _corridor(summary, "transit_days_p90")
    if half and most:
        days = f"{with_interval(half)} days, nine tenths within {with_interval(most)} days"
        return f"Half of the cargo is delivered within {days}."
    left = _corridor(summary, "censored_share")
    if left and left["mean"] > 0:
        why = f"a share of {with_interval(left)} of the cargo had not arrived when the runs ended"
        return (
            f"No transit time is given: {why}, so it would only depend on how long was simulated."
        )
    return ""


def _busiest(study: Study, summary: pd.DataFrame) -> str:
    row = _largest(rows_of(summary, "occupancy"))
    if row is None:
        return ""
    what = resource_name(study.scenario.spec, str(row["where"]))
    return (
        f"The busiest resource is {what}, in use for a share of {with_interval(row)} of the time."
    )


def _weather(study: Study, summary: pd.DataFrame) -> str:
    shares = rows_of(summary, "closed_share")
    row = _largest(shares[shares["activity"].isna()])
    if row is None:
        return ""
    what = resource_name(study.scenario.spec, str(row["where"]))
    return f"Weather shuts {what} most, for a share of {with_interval(row)} of the time."


def _largest(rows: pd.DataFrame) -> dict[Any, Any] | None:
    """Return the row of the largest mean; None where none is above 0."""
    first = rows.nlargest(1, "mean")
    if first.empty or not first["mean"].iloc[0]:
        return None
    return first.iloc[0].to_dict()


def _precision(study: Study) -> str:
    """Return what the intervals say, and what they do not."""
    count = len(study.replications)
    if count == 1:
        return (
            "These numbers come from a single replication. They have no intervals, and random "
            "variation cannot be separated from an effect."
        )
    return (
        f"In brackets: the 95 % interval of the mean, from {count} replications. It shows how far "
        "random variation may move the mean, not how wrong the inputs may be."
    )


def compared(comparison: Comparison) -> tuple[str, ...]:
    """Return a sentence for each scenario after the first: how much more or less it carries."""
    main = of_corridor(rows_of(comparison.table(), "carried_t_per_year"))
    base = comparison.studies[0].scenario.name
    return tuple(_difference(row, base) for row in main.to_dict("records"))


def _difference(row: dict[Any, Any], base: str) -> str:
    """Return how much more or less one scenario carries than *base*, in Mt a year."""
    mean, low, high = (value / 1e6 for value in Interval.from_row(row, "difference"))
    more = "more" if mean >= 0 else "less"
    # Bounds of one sign are written without it, since "more" or "less" says it.
    ends = sorted((abs(low), abs(high))) if low * high > 0 else [low, high]
    shown, *bounds = format_at_precision((high - low) / 2, abs(mean), *ends)
    text = f"{row['scenario']} carries {shown} Mt a year {more} than {base}"
    if isnan(low):
        return f"{text}."
    if low <= 0 <= high:
        interval = f"the interval of the difference ({' to '.join(bounds)})"
        return f"{text}, but {interval} contains zero: no difference is shown."
    return f"{text} ({' to '.join(bounds)})."
