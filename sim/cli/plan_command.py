"""``corridor plan``: what to build to reach a target, in which order, and what is known of the
rest."""

from __future__ import annotations

from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import json_row, prepare_json, runner_options, share, tell_written, write_json
from sim.cli.progress import progress
from sim.cli.running import load_and_warn, prepare_out, running
from sim.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from sim.analysis.plan import Judgement, Plan, Variant

TABLES = ("table", "ladder", "frontier", "transit", "worth", "regret", "judged")


@click.command()
@click.argument("scenario")
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
    help="Also keep P90 transit so short.",
)
@click.option(
    "--budget",
    type=click.IntRange(1, 100_000),
    default=120,
    show_default=True,
    help="Replications.",
)
@click.option(
    "--unknown-cost", "assumed_musd", type=float, metavar="MUSD",
    help="Capital of a project that nobody published; default: the median of the others.",
)  # fmt: skip
@click.option(
    "--growth",
    metavar="SHARE",
    help="Of demand a year, for the timeline; default: the scenario's, or 13%.",
)
@click.option(
    "--stress",
    "stresses",
    multiple=True,
    metavar="NAME",
    help="Stress to tell regret for; default low-sea.",
)
@runner_options
def plan(scenario: str, target: str | None, growth: str | None, **options: Any) -> None:
    """Find the cheapest projects of SCENARIO's catalogue that reach a target, and the order in
    which they are due."""
    from sim.analysis import plan as study
    from sim.analysis.plan import CONFIDENCE, LOOKS, choices_of, read_target

    prepare_json(options["json_file"])
    yearly = None if growth is None else share(growth, "--growth")
    loaded = load_and_warn(scenario, options)
    goal = read_target(target, loaded)
    choices = choices_of(loaded, options["assumed_musd"], goal.scale)
    out, budget = options["out"], options["budget"]
    prepare_out(options)
    looks = ", ".join(map(str, LOOKS))
    head = f"{loaded.name}, hash {loaded.hash}, seed {options['seed']}, target {goal.scale:.4g}x"
    how = f"{len(choices.candidates)} projects, at most {budget} replications, {looks} a set, {CONFIDENCE:.0%} a verdict"
    click.echo(f"{head}, {how}, version {__version__}", err=True)
    for conflict in choices.conflicts():
        click.echo(f"warning: {conflict}", err=True)
    for name, why in choices.left_out.items():
        click.echo(
            f"left out: {name}: {why} (who wants it all the same names it in 'projects')", err=True
        )

    def tell(variant: Variant, found: Judgement) -> None:
        built = ", ".join(choices.ordered(variant.built)) or "nothing"
        left = ", ".join(choices.ordered(choices.everything - variant.built)) or "nothing"
        what = f"all but {left}" if 2 * len(variant.built) > len(choices.candidates) else built
        why = f" ({', '.join(found.because[:3])})" if found.because else ""
        under = f" under {variant.stress}" if variant.stress else ""
        click.echo(
            f"{variant.scale:.4g}x{under}, {found.n} replications: {what}: {found.verdict}{why}",
            err=True,
        )

    with progress(loaded.name, budget) as step, running(options, step) as runner:
        found = study.plan(
            loaded,
            target,
            p90_days=options["p90_days"],
            budget=budget,
            assumed_musd=options["assumed_musd"],
            growth=yearly,
            stresses=options["stresses"] or None,
            seed=options["seed"],
            runner=runner,
            on_verdict=tell,
        )
    if out is not None:
        _save(found, out)
    if options["json_file"] is not None:
        write_json(_document(found), options["json_file"])
    if options["json_file"] != "-":
        _print(found)


def _save(found: Plan, out: Path) -> None:
    from sim.plot.drawing import Provenance
    from sim.plot.kinds import save_results

    tables = {"plan" if name == "table" else name: getattr(found, name)() for name in TABLES}
    source = Provenance(
        found.scenario.name,
        found.scenario.hash,
        found.seed,
        found.judge.spent,
        __version__,
        in_all=True,
    )
    tell_written(save_results(tables, source, out))


def _document(found: Plan) -> dict[str, Any]:
    capital = found.choices.capital(found.best)
    facts = {
        "scenario": found.scenario.name,
        "hash": found.scenario.hash,
        "version": __version__,
        "seed": found.seed,
        "replications": found.judge.spent,
        "budget": found.budget,
        "audit": "passed",
        "target": {
            "text": found.target.text,
            "scale": found.target.scale,
            "transit_days_p90": found.p90_days,
        },
        "verdict": found.verdict,
        "is_cheapest": found.is_cheapest,
        "carried_scale": found.reached_scale,
        "projects": list(found.choices.ordered(found.best)),
        "capital_musd": capital._asdict(),
        "no_cheaper_than_musd": found.found.bound_musd
        if isfinite(found.found.bound_musd)
        else None,
        "undecided": [list(found.choices.ordered(built)) for built in found.found.undecided],
        "left_out": dict(found.choices.left_out),
        "assumed_musd": found.choices.assumed_musd,
        "growth_per_year": found.growth,
        "contradictions": len(found.judge.contradictions()),
    }
    names = {"table": "timeline"}
    tables = {names.get(name, name): getattr(found, name)() for name in TABLES}
    return facts | {
        name: [json_row(row) for row in _nulled(frame)] for name, frame in tables.items()
    }


def _nulled(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return rows


def _print(found: Plan) -> None:
    from sim.cli.tables import print_frame, terminal

    console = terminal()
    titles = {
        "table": f"order and dates, if demand is once in {found.base_year} and grows by {found.growth:.0%} a year",
        "ladder": "the ladder: what must be built by then",
        "worth": "what each project does at the target demand (paired, 95 %)",
        "frontier": "capital against the multiple of the demand that is carried, between two verdicts of 95 %",
        "regret": "what is regretted in other futures",
    }
    for name, title in titles.items():
        frame = getattr(found, name)()
        if not frame.empty:
            print_frame(console, _shown(frame), f"{found.scenario.name}: {title}")
    for line in _in_words(found):
        click.echo(line)


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Return *frame* with each number and its bounds in one column."""
    from sim.cli.tables import show_number

    shown = frame.copy()
    for name, short in (
        ("capital_musd", "capital"),
        ("carried_t", "carried"),
        ("p90_days", "p90"),
        ("shortfall_t", "shortfall"),
    ):
        low, high = f"{short}_low", f"{short}_high"
        if low in frame:
            values = zip(frame[name], frame[low], frame[high], strict=True)
            shown[name] = [_with_bounds(show_number, *map(float, of)) for of in values]
            shown = shown.drop(columns=[low, high])
    for name in ("due", "late_years", "projects", "n"):
        if name in shown:
            shown[name] = [
                "-" if value is None or isnan(value) else str(int(value)) for value in shown[name]
            ]
    return shown.drop(columns=["title"], errors="ignore").astype(object).where(shown.notna(), None)


def _with_bounds(show: Any, mean: float, low: float, high: float) -> str:
    return (
        str(show(mean))
        if isnan(low) or low == high
        else f"{show(mean)} ({show(low)} to {show(high)})"
    )


def _in_words(found: Plan) -> list[str]:
    choices, goal = found.choices, found.target
    what = (
        f"{goal.scale:.4g}x ({goal.tonnes_per_year / 1e6:.3g} Mt a year)"
        if goal.tonnes_per_year
        else goal.text
    )
    if found.p90_days is not None:
        what += f" with a P90 transit time of at most {found.p90_days:g} days"
    cost = choices.capital(found.best)
    told = f"{cost.musd:,.0f} (range {cost.low:,.0f} to {cost.high:,.0f}) million USD"
    if cost.assumed:
        told += f", {cost.assumed:,.0f} of it assumed for projects without a published cost"
    names = ", ".join(choices.ordered(found.best)) or "nothing"
    lines = []
    if found.chosen is not None:
        word = "the cheapest set that reaches" if found.is_cheapest else "a set that reaches"
        lines.append(f"{word} {what}: {names}; {told}")
        if not found.is_cheapest:
            ended = (
                "the budget ended before the search"
                if found.found.was_cut_short
                else "cheaper ones are undecided"
            )
            lines.append(
                f"undecided: whether a cheaper one does ({ended}; none below {found.found.bound_musd:,.0f} does)"
            )
    elif found.verdict == "fails":
        lines.append(
            f"no set of projects reaches {what}: with all of them {', '.join(found.everything.because[:5])} is too much"
        )
    else:
        why = ", ".join(found.everything.because[:5])
        lines.append(
            f"undecided: whether all projects together reach {what} ({why}); a larger --budget may tell"
        )
    if found.chosen is None and found.rungs:
        lines.append(
            f"the highest rung that is known to be carried is {found.reached_scale:.4g}x: {names}; {told}"
        )
    open_ = [", ".join(choices.ordered(built)) or "nothing" for built in found.found.undecided]
    lines.extend(f"undecided: {built}" for built in open_)
    wrong = found.judge.contradictions()
    simulated = len(found.judge.known)
    lines.append(
        f"assumed: more projects never do worse; of {simulated} sets and demands simulated, "
        f"{len(wrong)} pairs contradict it; {found.judge.spent} of {found.budget} replications used"
    )
    return lines
