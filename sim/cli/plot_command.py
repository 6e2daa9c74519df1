"""``corridor plot``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from sim.cli.options import tell_written
from sim.errors import UsageError

FORMATS = ("svg", "png", "pdf")


@click.command()
@click.argument("study", type=click.Path(path_type=Path), required=False)
@click.argument("kind", required=False)
@click.option("--from", "begins", type=click.DateTime(["%Y-%m-%d"]), help="First day that is shown.")
@click.option("--to", "ends", type=click.DateTime(["%Y-%m-%d"]), help="Day before which it ends.")
@click.option("--out", type=click.Path(path_type=Path), help="FILE.svg, .png or .pdf; default: KIND.svg here.")
def plot(
    study: Path | None, kind: str | None, begins: datetime | None, ends: datetime | None, out: Path | None
) -> None:
    """Draw one KIND of figure of STUDY, a folder that --out wrote; without a KIND, list them."""
    import pandas as pd

    from sim.plot.figures import save_figure
    from sim.plot.kinds import KINDS
    from sim.study.saved import load_studies

    if study is None or kind is None:
        for name, known in KINDS.items():
            click.echo(f"{name:12} {known.what}")
        return
    if kind not in KINDS:
        raise UsageError(f"{kind} is no kind of figure; choose one of {', '.join(KINDS)}")
    target = out if out is not None else Path(f"{kind}.svg")
    if target.suffix.removeprefix(".") not in FORMATS:
        raise UsageError(f"--out {target}: ends in none of {', '.join(FORMATS)}")
    if (begins is None) != (ends is None) or (begins is not None and ends is not None and begins >= ends):
        raise UsageError(
            "--from and --to are given together, the first before the second, like 2023-11-01 and 2023-12-01"
        )
    if begins is not None and not KINDS[kind].has_dates:
        dated = ", ".join(name for name, known in KINDS.items() if known.has_dates)
        raise UsageError(f"{kind} shows the whole study; --from and --to are for {dated}")
    span = None if begins is None or ends is None else (pd.Timestamp(begins), pd.Timestamp(ends))
    tell_written([save_figure(KINDS[kind].draw(load_studies(study), span), target)])
