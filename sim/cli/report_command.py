"""``corridor report``: one HTML file of a study."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.options import FILE, study_argument
from sim.cli.pages import page_file, write_page
from sim.cli.study_folder import read_studies


@click.command()
@study_argument
@click.option("--out", type=FILE, help="HTML file; default: STUDY/report.html.")
def report(study: Path, out: Path | None) -> None:
    """Write the report of STUDY, a folder that --out of run, compare or validate wrote, as one HTML
    file."""
    from sim.report.page import report_page

    file = page_file(study, out, "report.html")
    write_page(report_page(read_studies(study), study), file)
