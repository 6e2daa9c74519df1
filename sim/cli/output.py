"""JSON documents, and the list of files that were written."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.errors import MachineError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from sim.spec.load import Scenario


SCENARIO_ENDS = (".yaml", ".yml")
"""Ends of the names of scenario files, whatever they hold."""
_START_BYTES = 1000


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print *text*, whoever wrote what is in it, without what could steer a terminal."""
    from sim.cli.screen import line_width
    from sim.spec.messages import printable

    harmless = printable(text)
    width = line_width(sys.stderr if err else sys.stdout)
    if width is not None:
        from sim.cli.layout import wrapped

        harmless = "\n".join(wrapped(harmless, width))
    click.echo(harmless, err=err, nl=nl)


def document_head(scenario: Scenario, seed: int, replications: int) -> dict[str, Any]:
    """Return the keys with which the JSON document of a simulation begins."""
    from sim.version import __version__

    return {
        "scenario": scenario.name,
        "hash": scenario.hash,
        "version": __version__,
        "seed": seed,
        "replications": replications,
        "audit": "passed",  # a replication that fails it is in no result
    }


def json_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of *frame* for JSON: a number that does not exist is null."""
    return [json_row(row) for row in frame.to_dict("records")]


def json_row(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return one row of a frame for JSON."""
    return {str(key): json_value(value) for key, value in row.items()}


def json_value(value: Any) -> Any:
    """Return *value* for JSON: null for a float that is no number or infinite."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def check_json_file(target: str | None) -> None:
    """Look at where the JSON document goes, before any time is spent on results.

    Raises
    ------
    MachineError
        *target* cannot be written.
    UsageError
        It is a file that holds no JSON document, such as the scenario itself.
    """
    if target is None or target == "-":
        return
    path = Path(target).resolve()
    if path.is_dir():
        raise MachineError(f"{target}: is a folder; choose another --json")
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise MachineError(
            f"{target}: lies in no folder that can be written; choose another --json"
        )
    if Path(target).is_symlink() and (path.is_file() or not path.exists()):
        raise MachineError(f"{target}: is a link to {path}; name that file, or remove the link")
    if path.is_file() and not _may_be_json(path):
        what = "holds something else than a JSON document, and is left as it is"
        raise UsageError(f"{target}: {what}; choose another --json, or remove that file")


def _may_be_json(path: Path) -> bool:
    """Return whether *path*, a file, is empty or looks like a JSON document, and no scenario."""
    if path.suffix in SCENARIO_ENDS:
        return False
    with path.open("rb") as file:
        start = file.read(_START_BYTES).lstrip()
    return start[:1] in (b"", b"{", b"[")


def write_json(document: object, target: str) -> None:
    """Write *document* to a file, whole or not at all, or to stdout for ``-``."""
    text = json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False) + "\n"
    if target == "-":
        print_document(text)
        return
    path = Path(target).resolve()
    if path.exists() and not path.is_file():
        # A device or a pipe is written to, never replaced.
        path.write_text(text, encoding="utf-8")
        return
    from sim.study.files import save_text

    save_text(text, path)


def print_document(text: str) -> None:
    """Print what another program reads: as UTF-8, whatever the code page, but on a terminal."""
    click.echo(text if sys.stdout.isatty() else text.encode(), nl=False)


def print_screen(text: str, *, in_colour: bool) -> None:
    """Print what a `Screen` composed, of words that are harmless already, with its styles."""
    click.echo(text, color=in_colour)


def list_written(paths: Iterable[Path], folder: Path | None = None) -> None:
    """List on stderr the files that were written; on a terminal, how many are in *folder*."""
    from sim.cli.screen import is_full, is_terminal

    files = list(paths)
    if folder is not None and len(files) > 1 and is_terminal(sys.stderr) and not is_full():
        say(f"wrote {len(files)} files into {folder}", err=True)
        return
    for path in files:
        say(f"wrote {path}", err=True)
