"""``corridor verify``: the rules against theory."""

from __future__ import annotations

import click

from sim.cli.options import json_option, json_row, write_json


@click.command()
@click.argument("cases", nargs=-1, metavar="[CASE]...")
@click.option(
    "--seed",
    type=click.IntRange(0),
    help="Base seed; without it, the one that was fixed beforehand.",
)
@click.option(
    "--workers", type=click.IntRange(1), help="Processes; default, one for each processor."
)
@json_option
def verify(
    cases: tuple[str, ...], seed: int | None, workers: int | None, json_file: str | None
) -> None:
    """Run the textbook scenarios and hold each against its exact value.

    A row holds if the interval of its mean has the exact value in it (99 % over all rows together)
    and the mean is shown to be within 1 % of it (3 % at a load of 0.9). Some CASE of the list alone
    can be named.
    """
    from sim.cli.tables import print_frame, terminal
    from sim.errors import UsageError
    from sim.verify.cases import CASES
    from sim.verify.verify import FAMILY, SEED, Verdict, frame
    from sim.verify.verify import verify as run

    known = {case.id: case for case in CASES}
    unknown = [name for name in cases if name not in known]
    if unknown:
        raise UsageError(f"{unknown[0]!r} is no case of verify (known: {', '.join(known)})")

    def tell(verdict: Verdict) -> None:
        click.echo(f"{verdict.case.id}: {'holds' if verdict.holds else 'DOES NOT HOLD'}", err=True)

    chosen = [case for case in CASES if not cases or case.id in cases]
    verdicts = run(chosen, seed=SEED if seed is None else seed, workers=workers, on_row=tell)
    table = frame(verdicts)
    if json_file is not None:
        rows = [json_row(row) for row in table.to_dict("records")]
        write_json({"seed": SEED if seed is None else seed, "rows": rows}, json_file)
    if json_file != "-":
        shown = table[["case", "what", "unit"]].assign(
            exact=[f"{v.exact:.5g}" for v in verdicts],
            simulated=[f"{v.mean:.5g}" for v in verdicts],
            half_width=[f"{v.half_width / v.exact:.2%}" for v in verdicts],
            off=[f"{v.mean / v.exact - 1:+.2%}" for v in verdicts],
            verdict=["holds" if v.holds else "DOES NOT HOLD" for v in verdicts],
        )
        print_frame(
            terminal(),
            shown,
            f"Rules against theory, half-widths at {1 - FAMILY:.0%} over all rows together",
        )
    failed = [verdict.case.id for verdict in verdicts if not verdict.holds]
    click.echo(f"{len(verdicts) - len(failed)} of {len(verdicts)} rows hold", err=True)
    if failed:
        click.get_current_context().exit(1)
