"""The page of any result: first the sentence, three numbers and a picture, then everything folded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.analysis.headlines import Headline
from sim.bounds import read_whole
from sim.errors import UsageError
from sim.plot.drawing import Drawing
from sim.plot.kinds import TABLE_KINDS, draw_tables
from sim.plot.look import COLUMN_IN
from sim.report.pictures import Picture, picture_of
from sim.report.project_tables import further
from sim.report.templates import render
from sim.spec.messages import harmless
from sim.study.contents import (
    AGAIN,
    CONTENTS,
    ON_REQUEST,
    STUDY,
    headline_file,
    incomplete_file,
    read_contents,
)
from sim.study.sealed import verified
from sim.version import __version__

_MOST_BYTES = 1_000_000
"""Of a headline, and of a reason why results are incomplete."""
_BEFORE, _AFTER = headline_file("*").split("*")


@dataclass(frozen=True, slots=True)
class Written:
    """A headline as a command left it in a folder."""

    by: str
    """The command."""
    command: str
    """The whole command line."""
    headline: Headline


def read_headlines(folder: Path) -> list[Written]:
    """Return the headlines of all results in *folder*."""
    if not (folder / CONTENTS).is_file():
        return []
    names = [
        name
        for name in sorted(read_contents(folder))
        if name.startswith(_BEFORE) and name.endswith(_AFTER)
    ]
    return [_read(folder / name) for name in names]


def _read(file: Path) -> Written:
    try:
        written = json.loads(read_whole(file, _MOST_BYTES))
        by = file.name.removeprefix(_BEFORE).removesuffix(_AFTER)
        return Written(by, str(written["command"]), Headline.read(written))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        why = harmless(str(error).partition("\n")[0], 200)
        raise UsageError(f"{file} cannot be read as a headline ({why}); {AGAIN}") from None


def holds_only_tables(folder: Path) -> bool:
    """Return whether *folder* holds results of an analysis, and no study."""
    if not (folder / CONTENTS).is_file():
        return False
    contents = read_contents(folder)
    has_study = any(entry.by == STUDY for entry in contents.values())
    return not has_study and any(entry.by != ON_REQUEST for entry in contents.values())


def result_page(folder: Path) -> str:
    """Return the page of the tables that a command wrote into *folder* with ``--out``.

    Raises
    ------
    UsageError
        It holds no results, or they were changed since.
    """
    if verified(folder) is None:
        raise UsageError(f"{folder}: holds no results; give a folder that --out wrote")
    written = read_headlines(folder)
    if not written:
        raise UsageError(f"{folder}: holds no results with a headline; {AGAIN}")
    drawings, columns = draw_tables(folder), draw_tables(folder, COLUMN_IN)
    main = written[0]
    chosen = _chosen(drawings, main.headline.picture)
    first = _picture(chosen, drawings, columns) if chosen else None
    rest = [_picture(name, drawings, columns) for name in drawings if name != chosen]
    sources = [one.source.line() for one in drawings.values() if one.source is not None]
    return render(
        "result.html.j2",
        title=f"corridor {main.by}",
        incomplete=_why_incomplete(folder, main.by),
        headline=main.headline,
        picture_first=first,
        others=[one.headline for one in written[1:]],
        figures=rest,
        tables=further(folder),
        commands=[one.command for one in written],
        source=sources[0] if sources else "",
        version=__version__,
    )


def _chosen(drawings: dict[str, Drawing], kind: str) -> str:
    """Return the name of the figure of this *kind*, else of the first there is; empty: none."""
    for name in drawings:
        if name == kind or name.startswith(f"{kind}-"):
            return name
    return next(iter(drawings), "")


def _picture(name: str, drawings: Mapping[str, Drawing], columns: Mapping[str, Drawing]) -> Picture:
    """Return a figure, as wide as a page and as a column where it fits one."""
    kinds = [kind for kind in TABLE_KINDS if name == kind or name.startswith(f"{kind}-")]
    shows = TABLE_KINDS[kinds[-1]].shows if kinds else name
    alt = f"{shows}. The tables of this page have the numbers.".capitalize()
    part = name.removeprefix(kinds[-1]).strip("-") if kinds else name
    return picture_of(drawings[name], part, alt, columns.get(name))


def _why_incomplete(folder: Path, command: str) -> str:
    """Return why the results of *command* are not all that was asked for; empty if they are."""
    try:
        return read_whole(folder / incomplete_file(command), _MOST_BYTES).decode().strip()
    except (OSError, UnicodeDecodeError):
        return ""
