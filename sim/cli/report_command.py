"""``corridor report``: one HTML file of any result."""

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
    """Write the page of STUDY, a folder that --out of any command wrote, as one HTML file.

    It begins with the sentence that the command printed, three numbers and a picture.
    """
    file = page_file(study, out, "report.html")
    write_page(_page_of(study), file)


def _page_of(folder: Path) -> str:
    """Return the page of a study, or of the tables of an analysis."""
    from sim.report.result_page import holds_only_tables, result_page

    if holds_only_tables(folder):
        return result_page(folder)
    from sim.report.page import report_page

    return report_page(read_studies(folder), folder)
