"""``corridor plan``: what to build to reach a target, in which order, and what is undecided."""

from __future__ import annotations

from functools import partial
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenario_names
from sim.cli.options import read_share, simulation_options
from sim.cli.output import say
from sim.cli.progress import note
from sim.cli.study_command import Results, StudyCommand

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from sim.analysis.plan import Choices, DemandTarget, Judgement, Plan, Variant
    from sim.cli.screen import Screen

_TABLES = ("ladder", "frontier", "transit", "worth", "regret", "judged")
"""Tables of a plan, beside that of the projects in order."""
_INTERVALS = {
    "capital_musd": "capital",
    "carried_t": "carried",
    "p90_days": "p90",
    "shortfall_t": "shortfall",
}
"""Numbers that are printed with their bounds."""
_WHOLE_NUMBERS = ("due", "late_years", "projects", "n")


@click.command()
@click.argument("scenario", shell_complete=scenario_names)
@click.option(
    "--target",
    metavar="5x|10Mt",
    help="Multiple of the demand at demand.scale 1, or net tonnes a year.",
)
@click.option(
    "--transit-days-p90",
    "p90_days",
    type=float,
    metavar="DAYS",
    help="Also limit the P90 transit time.",
)
@click.option(
    "--budget",
    type=click.IntRange(1, 100_000),
    metavar="N",
    default=120,
    show_default=True,
    help="Most replications in all.",
)
@click.option(
    "--unknown-cost",
    "assumed_musd",
    type=float,
    metavar="MUSD",
    help="Capital of a project without a published cost; default: the median of the others.",
)
@click.option(
    "--growth",
    metavar="SHARE",
    help="Growth of demand a year, for the timeline; default: the scenario's, or 13%.",
)
@click.option(
    "--stress",
    "stresses",
    multiple=True,
    metavar="NAME",
    help="Stress for which regret is reported; repeat it for more; default: low-sea.",
)
@simulation_options
def plan(scenario: str, target: str | None, growth: str | None, **options: Any) -> None:
    """Find the cheapest projects of SCENARIO's catalogue that reach a target, and the order in
    which they are due."""
    from sim.analysis.headlines import of_plan
    from sim.analysis.plan import choices_of, read_target
    from sim.analysis.plan import plan as search

    command = StudyCommand(options)
    growth_share = None if growth is None else read_share(growth, "--growth")
    loaded = command.load(scenario)
    assumed_musd, budget = options["assumed_musd"], options["budget"]
    demand = read_target(target, loaded)
    choices = choices_of(loaded, assumed_musd, demand.scale)
    command.announce(loaded, _work(demand, choices, budget))
    _warn(choices)
    analysis = partial(
        search,
        loaded,
        target,
        p90_days=options["p90_days"],
        budget=budget,
        assumed_musd=assumed_musd,
        growth=growth_share,
        stresses=options["stresses"] or None,
        on_verdict=partial(_print_verdict, choices),
    )
    result = command.run(loaded.name, budget, analysis)
    projects = result.table()
    tables = {name: getattr(result, name)() for name in _TABLES}
    command.give(
        Results(
            scenario=loaded,
            replications=result.judge.spent,
            facts={**_facts(result), "timeline": projects, **tables},
            files={"plan": projects, **tables},
            headline=of_plan(result),
            show=partial(_print, result),
            is_total=True,
        )
    )


def _work(demand: DemandTarget, choices: Choices, budget: int) -> str:
    from sim.analysis.plan import CONFIDENCE, LOOKS

    projects = f"target {demand.scale:.4g}x, {len(choices.candidates)} projects"
    looks = ", ".join(map(str, LOOKS))
    return f"{projects}, at most {budget} replications, {looks} a set, {CONFIDENCE:.0%} a verdict"


def _warn(choices: Choices) -> None:
    for conflict in choices.conflicts():
        say(f"warning: {conflict}", err=True)
    for name, why in choices.left_out.items():
        say(f"left out: {name}: {why} (to build it anyway, name it in 'projects')", err=True)


def _print_verdict(choices: Choices, variant: Variant, judgement: Judgement) -> None:
    what = _names(choices, variant.built)
    if 2 * len(variant.built) > len(choices.candidates):
        what = f"all but {_names(choices, choices.everything - variant.built)}"
    why = f" ({', '.join(judgement.because[:3])})" if judgement.because else ""
    under = f" under {variant.stress}" if variant.stress else ""
    head = f"{variant.scale:.4g}x{under}, {judgement.n} replications"
    note(f"{head}: {what}: {judgement.verdict}{why}")


def _names(choices: Choices, built: frozenset[str]) -> str:
    return ", ".join(choices.ordered(built)) or "nothing"


def _facts(result: Plan) -> dict[str, Any]:
    choices, demand = result.choices, result.target
    bound_musd = result.search.bound_musd
    return {
        "budget": result.budget,
        "target": {
            "text": demand.text,
            "scale": demand.scale,
            "transit_days_p90": result.p90_days,
        },
        "verdict": result.verdict,
        "is_cheapest": result.is_cheapest,
        "carried_scale": result.reached_scale,
        "projects": list(choices.ordered(result.best)),
        "capital_musd": choices.capital(result.best)._asdict(),
        "no_cheaper_than_musd": bound_musd if isfinite(bound_musd) else None,
        "undecided": [list(choices.ordered(built)) for built in result.search.undecided],
        "left_out": dict(choices.left_out),
        "assumed_musd": choices.assumed_musd,
        "growth_per_year": result.growth,
        "contradictions": len(result.judge.contradictions()),
    }


def _print(result: Plan, screen: Screen) -> None:

    titles = {
        "table": f"order and dates, if demand is once in {result.base_year} and grows by {result.growth:.0%} a year",
        "ladder": "the ladder: what must be built by then",
        "worth": "what each project does at the target demand (paired, 95 %)",
        "frontier": "capital against the multiple of the demand that is carried, between two verdicts of 95 %",
        "regret": "regret in other futures",
    }
    for name, title in titles.items():
        frame = getattr(result, name)()
        if not frame.empty:
            screen.table(_shown(frame), f"{result.scenario.name}: {title}")
    for line in _sentences(result):
        screen.line(line)


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Return *frame* with each number and its bounds in one column."""
    shown = frame.drop(columns=["title"], errors="ignore")
    for column, ends in _INTERVALS.items():
        low, high = f"{ends}_low", f"{ends}_high"
        if low in frame:
            intervals = frame[[column, low, high]].astype(float).itertuples(index=False)
            shown[column] = [_with_bounds(*interval) for interval in intervals]
            shown = shown.drop(columns=[low, high])
    for column in shown.columns.intersection(_WHOLE_NUMBERS):
        shown[column] = [_whole_number(value) for value in shown[column]]
    return shown.astype(object).where(shown.notna(), None)


def _with_bounds(mean: float, low: float, high: float) -> str:
    from sim.cli.tables import show_number

    if isnan(low) or low == high:
        return show_number(mean)
    return f"{show_number(mean)} ({show_number(low)} to {show_number(high)})"


def _whole_number(value: float | None) -> str:
    return "-" if value is None or isnan(value) else str(int(value))


def _sentences(result: Plan) -> Iterator[str]:
    """Yield what was found, what is undecided, and what is assumed."""
    choices, search = result.choices, result.search
    names = _names(choices, result.best)
    if result.chosen is not None:
        yield from _chosen_set(result)
    else:
        yield _no_set(result)
        if result.rungs:
            rung = f"the highest rung that is known to be carried is {result.reached_scale:.4g}x"
            yield f"{rung}: {names}; {_capital(result)}"
    for built in search.undecided:
        yield f"undecided: {_names(choices, built)}"
    contradictions = len(result.judge.contradictions())
    yield (
        f"assumed: more projects never do worse; of {len(result.judge.verdicts)} sets and demands simulated, "
        f"{contradictions} pairs contradict it; {result.judge.spent} of {result.budget} replications used"
    )


def _chosen_set(result: Plan) -> Iterator[str]:
    names = _names(result.choices, result.best)
    kind = "the cheapest set" if result.is_cheapest else "a set"
    yield f"{kind} that reaches {_target(result)}: {names}; {_capital(result)}"
    if not result.is_cheapest:
        why = "cheaper ones are undecided"
        if result.search.was_cut_short:
            why = "the budget ended before the search"
        bound = f"none below {result.search.bound_musd:,.0f} does"
        yield f"undecided: whether a cheaper one does ({why}; {bound})"


def _no_set(result: Plan) -> str:
    why = ", ".join(result.everything.because[:5])
    if result.verdict == "fails":
        return f"no set of projects reaches {_target(result)}: with all of them {why} is overloaded"
    what = f"whether all projects together reach {_target(result)} ({why})"
    return f"undecided: {what}; a larger --budget may decide it"


def _target(result: Plan) -> str:
    demand = result.target
    text = demand.text
    if demand.tonnes_per_year:
        text = f"{demand.scale:.4g}x ({demand.tonnes_per_year / 1e6:.3g} Mt a year)"
    if result.p90_days is not None:
        text += f" with a P90 transit time of at most {result.p90_days:g} days"
    return text


def _capital(result: Plan) -> str:
    cost = result.choices.capital(result.best)
    text = f"{cost.musd:,.0f} (range {cost.low:,.0f} to {cost.high:,.0f}) million USD"
    if cost.assumed:
        text += f", {cost.assumed:,.0f} of it assumed for projects without a published cost"
    return text
