"""Text and tables within a width: lines end between words, and no name or number is broken.

A table that is too wide becomes several panels, one below the other, which all begin with its first
column. Only a name longer than half of a line is broken, behind one of `JOINTS`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import TextWrapper

GAP = 2
"""Blanks between columns."""
NARROWEST = 14
"""Characters to which a column of words is narrowed at most, if its words are not longer."""
JOINTS = "/.:>,_-"
"""Characters behind which a long name may be broken."""
_INDENT = re.compile(" *")
_NUMBER = re.compile(r"[-+±]?[\d.,]*\d")


@dataclass(frozen=True, slots=True)
class Panel:
    """Some columns of a table, as lines of text."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """Lines of each row."""

    def height(self, rows: int) -> int:
        """Return how many lines the head and the first *rows* take."""
        return len(self.head) + sum(map(len, self.rows[:rows]))


@dataclass(frozen=True, slots=True)
class Column:
    """A head and its cells."""

    head: str
    cells: tuple[str, ...]
    is_right: bool
    """Whether it stands to the right, as numbers do."""

    @property
    def longest(self) -> int:
        """Length of the longest cell, the head included."""
        return max(map(len, (self.head, *self.cells)))

    @property
    def least(self) -> int:
        """Length of the longest word, the head included."""
        words = " ".join((self.head, *self.cells)).split()
        return max(map(len, words), default=0)


def wrapped(text: str, width: int, *, later: str = "") -> list[str]:
    """Return *text* in lines of at most *width*; further lines of a paragraph begin with *later*.

    The indent of a line is kept. A word that is longer than a line has a line of its own.
    """
    lines = []
    for line in text.split("\n"):
        indent = _INDENT.match(line)
        before = "" if indent is None else indent[0]
        lines += _wrapper(width, before, before + later).wrap(line[len(before) :]) or [""]
    return lines


def _wrapper(width: int, first: str = "", later: str = "") -> TextWrapper:
    return TextWrapper(
        width=max(width, 1),
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )


def panels(columns: Sequence[Column], width: int) -> list[Panel]:
    """Return a table of *columns* as panels of at most *width* characters."""
    groups = _groups([_breakable(column, width // 2) for column in columns], width)
    return [_panel(group, width) for group in groups]


def _breakable(column: Column, most: int) -> Column:
    """Return *column* with blanks where names longer than *most* may be broken."""
    if column.least <= most:
        return column
    cells = tuple(_broken(cell, most) for cell in column.cells)
    return Column(_broken(column.head, most), cells, column.is_right)


def _broken(text: str, most: int) -> str:
    return " ".join(" ".join(_pieces(word, most)) for word in text.split())


def _pieces(word: str, most: int) -> list[str]:
    """Return *word* in pieces of at most *most* characters that end in one of `JOINTS`."""
    pieces = []
    while len(word) > most:
        end = max(word.rfind(joint, 1, most) for joint in JOINTS) + 1
        if not end:
            break
        pieces.append(word[:end])
        word = word[end:]
    return [*pieces, word]


def _narrowest(column: Column) -> int:
    """Return the least width that *column* is given: numbers stay on one line with their range."""
    if column.is_right:
        numbers = max(map(len, column.cells), default=0)
        return max(column.least, numbers) if numbers < 2 * NARROWEST else column.least
    return max(column.least, min(column.longest, NARROWEST))


def _groups(columns: Sequence[Column], width: int) -> list[list[Column]]:
    """Return the columns of each panel, the first column in all of them."""
    if not columns:
        return []
    key, *others = columns
    groups, used = [[key]], _narrowest(key)
    for column in others:
        needed = GAP + _narrowest(column)
        if used + needed > width and len(groups[-1]) > 1:
            groups.append([key])
            used = _narrowest(key)
        groups[-1].append(column)
        used += needed
    return groups


def _panel(columns: Sequence[Column], width: int) -> Panel:
    widths = _widths(columns, width)
    heads = [column.head for column in columns]
    rows = zip(*(column.cells for column in columns), strict=True)
    return Panel(
        tuple(_row(columns, widths, heads)), tuple(tuple(_row(columns, widths, r)) for r in rows)
    )


def _widths(columns: Sequence[Column], width: int) -> list[int]:
    """Return the width of each column: as it needs, the widest narrowed until all fit."""
    widths = [column.longest for column in columns]
    least = [_narrowest(column) for column in columns]
    too_much = sum(widths) + GAP * (len(widths) - 1) - width
    while too_much > 0:
        spare = [have - need for have, need in zip(widths, least, strict=True)]
        if not any(spare):
            break
        widest = max(range(len(widths)), key=lambda at: (spare[at] > 0, widths[at]))
        widths[widest] -= 1
        too_much -= 1
    return widths


def _row(columns: Sequence[Column], widths: Sequence[int], cells: Sequence[str]) -> list[str]:
    """Return the lines of one row."""
    blocks = [_wrapper(size).wrap(cell) for cell, size in zip(cells, widths, strict=True)]
    lines = []
    for number in range(max(1, *map(len, blocks))):
        parts = []
        for column, block, size in zip(columns, blocks, widths, strict=True):
            text = block[number] if number < len(block) else ""
            parts.append(text.rjust(size) if column.is_right else text.ljust(size))
        lines.append((" " * GAP).join(parts).rstrip())
    return lines


def is_number(text: str) -> bool:
    """Return whether *text* begins with a number, or stands for one that does not exist."""
    return not text or text == "-" or bool(_NUMBER.match(text))
