"""``corridor verify``: the rules of the engine against theory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from sim.cli.options import full_option, json_option
from sim.cli.output import check_json_file, json_rows, say, write_json
from sim.cli.progress import note
from sim.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from sim.verify.case import Case
    from sim.verify.verify import Verdict


@click.command()
@click.argument("cases", nargs=-1, metavar="[CASE]...")
@click.option(
    "--seed",
    type=click.IntRange(0),
    metavar="N",
    help="Base seed; default: the one that was fixed beforehand.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    help="Local processes; default: one for each processor.",
)
@json_option
@full_option
def verify(
    cases: tuple[str, ...], seed: int | None, workers: int | None, json_file: str | None
) -> None:
    """Run the textbook scenarios, or the CASEs named, and compare each with its exact value.

    A row holds if the interval of its mean contains the exact value (99 % over all rows together)
    and the mean is shown to be within 1 % of it (3 % at a load of 0.9).
    """
    from sim.cli.screen import Screen
    from sim.verify.verify import FAMILY, SEED, frame
    from sim.verify.verify import verify as run

    check_json_file(json_file)
    base_seed = SEED if seed is None else seed
    verdicts = run(_chosen(cases), seed=base_seed, workers=workers, on_row=_print_progress)
    table = frame(verdicts)
    if json_file is not None:
        write_json({"seed": base_seed, "rows": json_rows(table)}, json_file)
    if json_file != "-":
        title = f"Rules against theory, half-widths at {1 - FAMILY:.0%} over all rows together"
        screen = Screen()
        screen.table(_shown(table, verdicts), title)
        screen.show()
    held = sum(verdict.holds for verdict in verdicts)
    say(f"{held} of {len(verdicts)} rows hold", err=True)
    if held < len(verdicts):
        click.get_current_context().exit(1)


def _chosen(names: tuple[str, ...]) -> list[Case]:
    from sim.spec.messages import known_names
    from sim.verify.cases import CASES

    by_id = {case.id: case for case in CASES}
    for name in names:
        if name not in by_id:
            raise UsageError(f"{name!r} is no case of verify {known_names(name, by_id)}")
    return [case for case in CASES if not names or case.id in names]


def _print_progress(verdict: Verdict) -> None:
    note(f"{verdict.case.id}: {_word(verdict)}")


def _word(verdict: Verdict) -> str:
    return "holds" if verdict.holds else "DOES NOT HOLD"


def _shown(table: pd.DataFrame, verdicts: Sequence[Verdict]) -> pd.DataFrame:
    return table[["case", "what", "unit"]].assign(
        exact=[f"{verdict.exact:.5g}" for verdict in verdicts],
        simulated=[f"{verdict.mean:.5g}" for verdict in verdicts],
        half_width=[f"{verdict.half_width / verdict.exact:.2%}" for verdict in verdicts],
        off=[f"{verdict.mean / verdict.exact - 1:+.2%}" for verdict in verdicts],
        verdict=[_word(verdict) for verdict in verdicts],
    )
