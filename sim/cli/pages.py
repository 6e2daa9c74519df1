"""HTML files made of a folder that ``--out`` wrote."""

from __future__ import annotations

from pathlib import Path

from sim.cli.output import list_written
from sim.errors import UsageError


def page_file(study: Path, out: Path | None, name: str) -> Path:
    """Return where the page goes: *out*, else *name* in the folder *study*.

    Raises
    ------
    UsageError
        No file can be written there; the page takes time, so this is checked before.
    """
    file = out if out is not None else study / name
    remedy = "give the name of an HTML file with --out"
    if file.is_dir():
        raise UsageError(f"{file} is a folder; {remedy}")
    if out is not None and not file.parent.is_dir():
        raise UsageError(f"{file} lies in no folder that exists; {remedy}")
    return file


def write_page(page: str, file: Path) -> None:
    """Write *page* and list the file."""
    from sim.study.files import save_text

    save_text(page, file)
    list_written([file])
