"""Headlines of searches: saturation, bottlenecks, plan."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from sim.analysis.headlines._headline import Headline, Number, named
from sim.analysis.labels import resource_name
from sim.study.interval import Interval

if TYPE_CHECKING:
    from sim.analysis.bottlenecks import Bottlenecks
    from sim.analysis.plan import Plan
    from sim.analysis.saturation import Saturation

MT = 1e-6


def of_saturation(result: Saturation) -> Headline:
    """Return how many times its demand a scenario carries, and what is overloaded first."""
    name = result.scenario.name
    number = Number("times its demand", result.multiple, result.low, result.high)
    first = resource_name(result.scenario.spec, result.binding) if result.binding else ""
    if isfinite(result.multiple):
        passes = f"{name} carries {result.multiple:.3g} times its demand"
        bounds = f"({result.low:.3g} to {result.high:.3g}, 95 %)"
        sentence = f"{passes} {bounds}; the first to pile up is {first}."
    elif result.binding:
        sentence = f"{name}: {first} piles up even at {result.high:.3g} times its demand."
    else:
        sentence = f"{name}: nothing piles up at {result.low:.3g} times its demand, the most that is tried."
    numbers = [number]
    if result.trials:
        largest = max(result.trials, key=lambda trial: trial.scale)
        at = f"at {largest.scale:.3g} times"
        numbers.append(Number.of(f"carried {at}", largest.carried, "Mt a year", MT))
        numbers.append(Number.of(f"offered {at}", largest.offered, "Mt a year", MT))
    return Headline(sentence, tuple(numbers), "saturation")


def of_bottlenecks(result: Bottlenecks) -> Headline:
    """Return what holds a scenario back, and how far raising one after the other leads."""
    name, rungs = result.scenario.name, result.table()
    if rungs.empty:
        return Headline(f"{name}: no rung was finished; {result.ended}.", (), "ladder")
    first, last = rungs.iloc[0], rungs.iloc[-1]
    carried = [Interval.from_row(rung, "carried_t_per_year", "carried") for rung in (first, last)]
    begins = f"{name} carries {carried[0].mean * MT:.2f} Mt a year"
    fixes = [fix for fix in rungs["fix"].iloc[:-1] if fix]
    if first["bottleneck"]:
        begins += f"; what holds it back is {first['bottleneck']}"
    elif first["state"] == "holds":
        begins += " and nothing is overloaded"
    if fixes:
        begins += f"; raising {len(fixes)} after one another brings {carried[1].mean * MT:.2f} Mt"
    numbers = (
        Number.of("carried today", carried[0], "Mt a year", MT),
        Number.of("carried on the last rung", carried[1], "Mt a year", MT),
        Number.of(
            "what the first step adds",
            Interval.from_row(first, "more_t_per_year", "more"),
            "Mt a year",
            MT,
        ),
    )
    return Headline(f"{begins}.", numbers, "ladder")


def of_plan(result: Plan) -> Headline:
    """Return what to build to reach the target, for how much, or that nothing reaches it."""
    target = f"{result.target.scale:.4g} times the cargo"
    if result.p90_days is not None:
        target += f" within {result.p90_days:g} days"
    choices = result.choices
    built = list(choices.ordered(result.best))
    cost = choices.capital(result.best)
    numbers: tuple[Number, ...] = (
        Number("capital", cost.musd, cost.low, cost.high, "million USD"),
        Number("projects", float(len(built))),
        Number("multiple of the demand carried", result.reached_scale),
    )
    if not built:
        numbers = ()
    because = [resource_name(result.scenario.spec, where) for where in result.everything.because]
    if result.verdict == "reaches":
        kind = "the cheapest set" if result.is_cheapest else "the cheapest set that was found"
        what = f"{len(built)} projects for {cost.musd:,.0f} million USD" if built else "nothing new"
        names = f" ({named(built)})" if built else ""
        sentence = f"To carry {target}: yes, with {what}{names}, {kind}."
        return Headline(sentence, numbers, "project-ladder", "yes")
    if result.verdict == "fails":
        sentence = f"To carry {target}: no, with all projects together {named(because)} piles up."
        return Headline(sentence, numbers, "project-ladder", "no")
    sentence = f"To carry {target}: undecided, even for all projects together ({named(because)})."
    return Headline(sentence, numbers, "project-ladder", "undecided")
