"""The answer in sentences, each of them made from the numbers of the study."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from sim.report.tables import named, overloaded, rows_of, with_interval
from sim.study.growth import CONFIDENCE, LIMIT
from sim.units import format_at_precision

if TYPE_CHECKING:
    import pandas as pd

    from sim.study.comparison import Comparison
    from sim.study.study import Study

NAMED = 3
"""Stacks that a sentence names."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a study says about its scenario."""

    verdict: str
    """``carries``, ``overloaded`` or ``unknown``."""
    headline: str
    sentences: tuple[str, ...]


def answer(study: Study) -> Answer:
    """Return what *study* says: whether the corridor carries what is offered, how much, how fast,
    what gives way."""
    summary = study.summary()
    verdict, headline = _verdict(study, summary)
    sentences = (
        _cargo(summary),
        _growth(study, summary),
        _time(summary),
        _busiest(study, summary),
        _weather(study, summary),
    )
    return Answer(
        verdict, headline, tuple(sentence for sentence in (*sentences, _sure(study)) if sentence)
    )


def _verdict(study: Study, summary: pd.DataFrame) -> tuple[str, str]:
    judged = rows_of(summary, "overloaded")["mean"]
    title = study.scenario.spec.title
    if (judged == 1).any():
        return (
            "overloaded",
            f"{title}: no, the corridor does not carry what is offered; cargo piles up from year to year.",
        )
    if judged.empty or judged.isna().any():
        return (
            "unknown",
            f"{title}: whether the corridor keeps up is not known, since the run has no year to compare with.",
        )
    return (
        "carries",
        f"{title}: yes, the corridor carries what is offered; nothing piles up from year to year.",
    )


def _corridor(summary: pd.DataFrame, name: str) -> dict[str, Any] | None:
    """Return the row of a metric for the whole corridor; None where it does not exist."""
    found = rows_of(summary, name)
    found = found[found["flow"].isna() & found["where"].isna()]
    if found.empty or isnan(found["mean"].iloc[0]):
        return None
    row: dict[str, Any] = found.iloc[0].to_dict()
    return row


def _cargo(summary: pd.DataFrame) -> str:
    offered, carried = (
        _corridor(summary, "offered_t_per_year"),
        _corridor(summary, "carried_t_per_year"),
    )
    if offered is None or carried is None or not offered["mean"]:
        return "No cargo of the corridor is offered."
    whole = with_interval(offered, 1e-6)
    text = f"Of {whole} Mt a year that is offered, {with_interval(carried, 1e-6)} Mt is carried"
    share = _corridor(summary, "carried_share")
    return f"{text}, a share of {with_interval(share)}." if share else f"{text}."


def _growth(study: Study, summary: pd.DataFrame) -> str:
    judged = rows_of(summary, "overloaded")["mean"]
    grown = overloaded(study)
    if grown.empty:
        known = int(judged.notna().sum())
        return (
            f"None of {known} stacks and queues is shown to grow by more than {LIMIT:.0%} of its yearly flow."
            if known
            else ""
        )
    scenario = study.scenario.spec
    most = [
        f"{named(row['where'], scenario)}, by {with_interval(row)} {str(row['unit']).partition('/')[0]} a year, "
        f"a share of {row['share']} of what comes there"
        for row in grown.head(NAMED).to_dict("records")
    ]
    are, grow = ("is", "grows") if len(grown) == 1 else ("are", "grow")
    count = f"{len(grown)} of {len(judged)} stacks and queues {are} overloaded"
    tested = f"that {grow} from year to year by more than {LIMIT:.0%} of what comes there, tested at {CONFIDENCE:.0%}"
    return f"{count}: {tested}. What grows most: {'; '.join(most)}."


def _time(summary: pd.DataFrame) -> str:
    half, most = _corridor(summary, "transit_days_p50"), _corridor(summary, "transit_days_p90")
    if half and most:
        return f"Half of the cargo is through in {with_interval(half)} days, nine tenths in {with_interval(most)}."
    left = _corridor(summary, "censored_share")
    if left and left["mean"] > 0:
        why = f"a share of {with_interval(left)} of the cargo had not arrived when the runs ended"
        return f"No transit time is given: {why}, so it would only tell how long was simulated."
    return ""


def _busiest(study: Study, summary: pd.DataFrame) -> str:
    found = rows_of(summary, "occupancy").nlargest(1, "mean")
    if found.empty or not found["mean"].iloc[0]:
        return ""
    row = found.iloc[0]
    what = named(str(row["where"]), study.scenario.spec)
    return (
        f"The busiest resource, {what}, is in use for a share of {with_interval(row)} of the time."
    )


def _weather(study: Study, summary: pd.DataFrame) -> str:
    found = rows_of(summary, "closed_share")
    found = found[found["activity"].isna()].nlargest(1, "mean")
    if found.empty or not found["mean"].iloc[0]:
        return ""
    row = found.iloc[0]
    what = named(str(row["where"]), study.scenario.spec)
    return f"Weather shuts {what} most, for a share of {with_interval(row)} of the time."


def _sure(study: Study) -> str:
    count = len(study.replications)
    if count == 1:
        return (
            "This is one replication: there are no intervals, and luck cannot be told from effect."
        )
    luck = "what luck does to the mean, not how wrong the inputs may be"
    what = f"the interval that holds the mean over all replications at 95 %, from {count} of them"
    return f"In brackets: {what}. It says {luck}."


def compared(comparison: Comparison) -> tuple[str, ...]:
    """Return a sentence for each scenario after the first: how much more or less it carries."""
    table = comparison.table()
    main = table[
        table["flow"].isna() & table["where"].isna() & (table["name"] == "carried_t_per_year")
    ]
    base = comparison.studies[0].scenario.name
    said = []
    for row in main.to_dict("records"):
        difference, low, high = (row[key] / 1e6 for key in ("difference", "low", "high"))
        more = "more" if difference >= 0 else "less"
        ends = sorted((abs(low), abs(high))) if low * high > 0 else (low, high)
        shown, *bounds = format_at_precision((high - low) / 2, abs(difference), *ends)
        text = f"{row['scenario']} carries {shown} Mt a year {more} than {base}"
        if isnan(low):
            said.append(f"{text}.")
        elif low <= 0 <= high:
            said.append(
                f"{text}, but the interval of the difference ({' to '.join(bounds)}) holds zero: none is shown."
            )
        else:
            said.append(f"{text} ({' to '.join(bounds)}).")
    return tuple(said)
