"""``corridor bottlenecks``: the bottleneck of a corridor, the next one, and the evidence."""

from __future__ import annotations

from functools import partial
from math import isnan, nan
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenario_names
from sim.cli.options import replications_option, simulation_options
from sim.cli.progress import note
from sim.cli.study_command import Results, StudyCommand
from sim.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.bottlenecks import Bottlenecks, DroppedSuspect, Rung
    from sim.cli.screen import Screen

SHOWN = 12
"""Places that are printed of where the days go."""
GROWING = 5
"""Stacks and queues that are printed of each rung."""


@click.command()
@click.argument("scenario", shell_complete=scenario_names)
@click.option(
    "--target",
    metavar="5x",
    help="Multiple of the demand that is to be carried; default: that of the scenario.",
)
@click.option(
    "--budget",
    type=click.IntRange(4, 100_000),
    metavar="N",
    default=120,
    show_default=True,
    help="Most replications in all, a third for each rung and what it leaves for the next. The default is enough for "
    "three rungs: the corridor and six what-ifs, four times each (28), then 12 more of those that may be the best.",
)
@click.option(
    "--suspects",
    "most_suspects",
    type=click.IntRange(1, 1000),
    metavar="N",
    default=6,
    show_default=True,
    help="Most what-ifs on each rung.",
)
@replications_option(
    4, "of each what-if at first; those that may be the best get more", most=10_000
)
@simulation_options
def bottlenecks(scenario: str, target: str | None, **options: Any) -> None:
    """Find the bottleneck of SCENARIO, raise it, find the next, until nothing is overloaded: a
    ladder with 95 % intervals."""
    from sim.analysis.bottlenecks import BottlenecksInterrupted
    from sim.analysis.bottlenecks import bottlenecks as climb
    from sim.analysis.headlines import of_bottlenecks

    scale = _scale(target)
    command = StudyCommand(options)
    loaded = command.load(scenario)
    settings = {key: options[key] for key in ("budget", "replications", "most_suspects")}
    budget = options["budget"]
    work = f"at most {budget} replications, {options['replications']} of each what-if at first"
    command.announce(loaded, work)
    analysis = partial(
        climb, loaded, target=scale, **settings, on_rung=_print_rung, on_drop=_warn_of_dropped
    )
    try:
        result = command.run(loaded.name, budget, analysis)
        trouble: BaseException | None = result.failed
    except BottlenecksInterrupted as stop:
        result, trouble = stop.finished, stop
    tables = {
        "suspects": result.suspects(),
        "dropped": result.dropped(),
        "waits": result.waits(),
        "active": result.active(),
        "growth": result.growth(),
    }
    rungs = result.table()
    command.give(
        Results(
            scenario=loaded,
            replications=result.used,
            facts={"budget": budget, "ended": result.ended, "rungs": rungs, **tables},
            files={"ladder": rungs, **tables},
            headline=of_bottlenecks(result),
            show=partial(_print, result),
            is_total=True,
            trouble=trouble,
        )
    )


def _scale(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        scale = float(text.strip().removesuffix("x"))
    except ValueError:
        scale = nan
    if not 0 < scale <= 1000:
        raise UsageError(f"--target {text}: a multiple of the demand is needed, like --target 5x")
    return scale


def _print_rung(rung: Rung) -> None:
    carried, low, high = rung.mean("carried_t_per_year")
    verdict = rung.verdict or f"{rung.state}, nothing tried"
    note(f"carried {carried:,.0f} t/a ({low:,.0f} to {high:,.0f}): {verdict}; raised: {rung.fix}")


def _warn_of_dropped(dropped: DroppedSuspect) -> None:
    note(f"warning: {dropped}")


def _print(result: Bottlenecks, screen: Screen) -> None:

    if not result.rungs:
        what = f"no rung was finished; {result.ended}"
        screen.line(f"{what}, after {result.used} replications")
        return
    name = result.scenario.name
    _print_waits(screen, result.rungs[0])
    _print_active(screen, result.rungs[0])
    _print_overloaded(screen, result.growth())
    _print_suspects(screen, result.suspects())
    title = f"{name}: the ladder of bottlenecks (95 % intervals)"
    screen.table(_ladder(result.table()), title)
    for dropped in result.without:
        what = f"{dropped.id} (rung {dropped.rung}), whose what-if fails every time"
        screen.line(f"not tried to the end: {what}")
    screen.line(f"ended after {result.used} replications: {result.ended}")


def _print_waits(screen: Screen, first: Rung) -> None:
    """Print where the days go before anything is raised."""
    from sim.cli.tables import means_with_intervals

    waits = first.waits.head(SHOWN)
    shown = waits[["activity", "where"]].assign(days=means_with_intervals(waits, "days"))
    what = "adds up to the transit time"
    if isnan(first.mean("transit_days_mean").mean):
        what = "of delivered cargo alone: there is no transit time"
    total_days = float(first.waits["days"].sum())
    title = f"where the days go, the longest {len(shown)} of {total_days:.4g} d ({what})"
    screen.table(shown, title)


def _print_active(screen: Screen, first: Rung) -> None:
    """Print what is the momentary bottleneck before anything is raised."""
    import pandas as pd

    from sim.cli.tables import means_with_intervals

    active = first.active[first.active["kind"] == "all"].head(SHOWN)
    shares = means_with_intervals(active, "share")
    shown = pd.DataFrame({"where": active["where"], "share of time": shares})
    title = "momentary bottlenecks (longest active without interruption)"
    screen.table(shown, title)


def _print_overloaded(screen: Screen, growth: pd.DataFrame) -> None:
    """Print what is overloaded on each rung."""
    import pandas as pd

    from sim.cli.tables import means_with_intervals

    overloaded = growth[growth["is_overloaded"].astype(bool)]
    rows = overloaded.groupby("rung", sort=False).head(GROWING)
    if rows.empty:
        return
    shown = pd.DataFrame(
        {
            "rung": rows["rung"],
            "where": rows["where"],
            "growth from year to year, of its yearly flow": means_with_intervals(rows, "share"),
        }
    )
    title = f"what is overloaded: grows by more than 2 % at 99 %, up to {GROWING} a rung"
    screen.table(shown, title)


def _print_suspects(screen: Screen, suspects: pd.DataFrame) -> None:
    """Print what one more of each suspect gives."""
    import pandas as pd

    from sim.cli.tables import means_with_intervals

    if suspects.empty:
        return
    shown = pd.DataFrame(
        {
            "rung": suspects["rung"],
            "one more of": suspects["id"],
            "step": suspects["unit"],
            "gain": means_with_intervals(suspects, "gain"),
            "unit": suspects["gain_unit"],
            "n": suspects["n"],
            "preview load": suspects["load"],
            "days waited": suspects["waited_days"],
            "verdict": [
                "may be the best" if is_contender else "not the best"
                for is_contender in suspects["is_contender"]
            ],
        }
    )
    screen.table(shown, "what one more gives, with common random numbers")


def _ladder(rungs: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    from sim.cli.tables import means_with_intervals

    return pd.DataFrame(
        {
            "rung": rungs["rung"],
            "carried [t/a]": means_with_intervals(rungs, "carried_t_per_year", "carried"),
            "overloaded": rungs["overloaded"],
            "n": rungs["n"],
            "bottleneck": rungs["bottleneck"],
            "raised": rungs["fix"],
            "which adds [t/a]": means_with_intervals(rungs, "more_t_per_year", "more"),
        }
    )
