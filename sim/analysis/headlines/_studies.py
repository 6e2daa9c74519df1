"""Headlines of scenarios that were simulated: one, several compared, the family of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.analysis.headlines._headline import Headline, Number, named
from sim.analysis.labels import resource_name
from sim.study.growth import GROWTH_SHARE, LIMIT, overloaded_names, state_of_summary
from sim.study.interval import MISSING, Interval
from sim.units import format_mean

if TYPE_CHECKING:
    import pandas as pd

    from sim.study.comparison import Comparison
    from sim.study.growth import State
    from sim.study.study import Study

MT = 1e-6
VERDICTS: dict[State, str] = {
    "overloaded": "no",
    "undecided": "undecided",
    "holds": "yes",
    "unknown": "undecided",
}
OFFERED, CARRIED, SHARE = "offered_t_per_year", "carried_t_per_year", "carried_share"
P90 = "transit_days_p90"


def of_study(study: Study) -> Headline:
    """Return whether the scenario of *study* carries what it is offered, and what stops it."""
    summary = study.summary()
    numbers = (
        Number.of("carried", of_corridor(summary, CARRIED), "Mt a year", MT),
        Number.of("share of what is offered", of_corridor(summary, SHARE)),
        Number.of("nine tenths delivered within", of_corridor(summary, P90), "days"),
        Number.of("offered", of_corridor(summary, OFFERED), "Mt a year", MT),
    )
    verdict = VERDICTS[state_of_summary(summary)]
    return Headline(f"{_title(study)}: {_what_passes(study)}.", numbers, "carried", verdict)


def of_comparison(comparison: Comparison) -> Headline:
    """Return what the scenarios after the first carry, and how much more than the first."""
    base, *others = comparison.studies
    last = others[-1]
    table = comparison.table()
    is_carried = (table["name"] == CARRIED) & table["flow"].isna() & table["where"].isna()
    rows = table[is_carried & (table["scenario"] == last.scenario.name)]
    more = MISSING
    if len(rows):
        more = Interval.from_row(rows.iloc[0], "difference")
    summary = last.summary()
    numbers = (
        Number.of(f"carried by {last.scenario.name}", of_corridor(summary, CARRIED), "Mt a year", MT),
        Number.of(f"more than {base.scenario.name}", more, "Mt a year", MT),
        Number.of("share of what it is offered", of_corridor(summary, SHARE)),
    )  # fmt: skip
    verdict = VERDICTS[state_of_summary(summary)]
    if len(others) > 1:
        return Headline(_how_many(comparison.studies), numbers, "carried", verdict)
    sentence = f"{_title(last)}: {_what_passes(last)}; {_against(more, _title(base))}."
    return Headline(sentence, numbers, "carried", verdict)


def of_answer(table: pd.DataFrame) -> Headline:
    """Return how many scenarios of `sim.analysis.answer.answer` carry what they are offered."""
    count = len(table)
    carry = int((table["state"] == "holds").sum())
    least = table.loc[table["share"].idxmin()].to_dict()
    passes = f"{least['carried'] * MT:.2f} of {least['offered'] * MT:.2f} Mt a year pass"
    stops = f", and {least['first']} grows first" if least["first"] else ""
    sentence = (
        f"{carry} of {count} scenarios carry all they are offered; "
        f"least of all does {least['scenario']}: {passes}{stops}."
    )
    ends = [least]
    if count > 1:
        ends.append(table.loc[table["share"].idxmax()].to_dict())
    numbers = [
        Number.of(f"share carried, {row['scenario']}", Interval.from_row(row, "share", "share"))
        for row in ends
    ]
    carried = Interval.from_row(least, "carried", "carried")
    numbers.append(Number.of(f"carried, {least['scenario']}", carried, "Mt a year", MT))
    return Headline(sentence, tuple(numbers), "answer")


def of_corridor(summary: pd.DataFrame, name: str) -> Interval:
    """Return a metric of the whole corridor."""
    is_whole = summary["flow"].isna() & summary["where"].isna()
    rows = summary[is_whole & (summary["name"] == name)]
    return Interval.from_row(rows.iloc[0]) if len(rows) else MISSING


def _title(study: Study) -> str:
    return study.scenario.spec.title


def _what_passes(study: Study) -> str:
    """Return the verdict, how much of what is offered passes, and what stops the rest."""
    summary = study.summary()
    offered, carried = of_corridor(summary, OFFERED), of_corridor(summary, CARRIED)
    if not offered.mean > 0:
        return "nothing is offered"
    amount = f"{carried.mean * MT:.2f} of {offered.mean * MT:.2f} Mt a year pass"
    if offered.mean * MT < 0.1:
        amount = f"{carried.mean:,.0f} of {offered.mean:,.0f} t a year pass"
    state = state_of_summary(summary)
    if state == "holds":
        return f"yes, {amount} and nothing piles up"
    if state == "unknown":
        return f"{amount}; whether cargo piles up is not known, since the run has no second year"
    what = resource_name(study.scenario.spec, _fastest(summary))
    if state == "overloaded":
        return f"no, {amount}; the first to pile up is {what}"
    return f"undecided, {amount}; {what} may pile up"


def _fastest(summary: pd.DataFrame) -> str:
    """Return what grows most for its flow: of what is overloaded, else of what grows on average."""
    growth = summary[(summary["name"] == GROWTH_SHARE) & summary["mean"].notna()]
    names = overloaded_names(summary)
    of_these = growth["where"].isin(names) if names else growth["mean"] > LIMIT
    kept: pd.Series[Any] = growth[of_these].set_index("where")["mean"]
    return str(kept.idxmax())


def _against(more: Interval, base: str) -> str:
    """Return the paired difference to *base* in words."""
    if more.has_bounds and more.low <= 0 <= more.high:
        return f"no difference to {base} is shown"
    word = "more" if more.mean >= 0 else "less"
    ends = sorted((abs(more.low), abs(more.high)))
    return f"{format_mean(*(MT * v for v in (abs(more.mean), *ends)))} Mt {word} than {base}"


def _how_many(studies: tuple[Study, ...]) -> str:
    """Return which of several scenarios carry what they are offered, and which carries least."""
    by_verdict: dict[str, list[str]] = {"yes": [], "no": [], "undecided": []}
    for study in studies:
        by_verdict[VERDICTS[state_of_summary(study.summary())]].append(study.scenario.name)
    carry = by_verdict["yes"]
    parts = [f"{len(carry)} of {len(studies)} scenarios carry what they are offered"]
    if carry:
        parts[0] += f" ({named(carry)})"
    if by_verdict["no"]:
        worst = min(studies, key=lambda study: of_corridor(study.summary(), SHARE).mean)
        parts.append(f"{worst.scenario.name} least: {_what_passes(worst)}")
    if by_verdict["undecided"]:
        parts.append(f"undecided: {named(by_verdict['undecided'])}")
    return f"{'; '.join(parts)}."
