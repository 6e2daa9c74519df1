"""What a command prints: one sentence, then what fits on a screen, or with ``--full`` everything.

Every command gives its tables, lines and the commands that may follow to a `Screen`, which prints them
once. On a terminal that is one screen of it: the sentence, the first tables as far as they fit, the
titles of the others, and the next command. Where the results go to a file or to another program,
nothing is left out.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import click

from sim.cli.layout import Column, Panel, is_number, panels, wrapped
from sim.cli.options import FULL
from sim.cli.output import print_screen
from sim.cli.tables import show_number
from sim.spec.messages import printable

if TYPE_CHECKING:
    import pandas as pd

WIDE = 160
"""Characters of a line where there is no terminal."""
SMALLEST = 40
"""Characters of a line of the narrowest terminal."""
PROMPT = 1
"""Lines that stay free for the prompt."""
LEAST = 4
"""Lines from which on a table is begun: its title, its head and two rows."""


@dataclass(frozen=True, slots=True)
class Block:
    """A table or a paragraph."""

    title: str
    columns: tuple[Column, ...] = ()
    is_text: bool = False
    """Whether the title is all there is: a paragraph."""

    def panels(self, width: int) -> list[Panel]:
        """Return its columns within *width*."""
        return panels(self.columns, width)

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.columns[0].cells) if self.columns else 0

    @property
    def name(self) -> str:
        """What it is called where it is not shown."""
        return f"{self.title.partition(' (')[0]} ({self.rows})"


class Screen:
    """Results on their way to stdout; `show` prints them."""

    def __init__(self) -> None:
        self._sentence = ""
        self._numbers: list[tuple[str, str]] = []
        self._blocks: list[Block] = []
        self._next: list[str] = []
        self._is_cut = False
        """Whether a table is shown in part."""

    def headline(self, sentence: str, numbers: Sequence[tuple[str, str]] = ()) -> None:
        """Begin with *sentence*, and *numbers* below it: what each is, and its value in words."""
        self._sentence = sentence
        self._numbers = list(numbers)

    def table(self, frame: pd.DataFrame, title: str) -> None:
        """Add *frame* under *title*, if it has rows; numbers to the right.

        The tables and columns that say most come first: a small screen shows these.
        """
        if frame.empty:
            return
        columns = tuple(_column(str(head), frame[head]) for head in frame.columns)
        self._blocks.append(Block(printable(title), columns))

    def line(self, text: str) -> None:
        """Add a paragraph."""
        self._blocks.append(Block(printable(text), is_text=True))

    def next(self, command: str) -> None:
        """End with a command that may follow."""
        self._next.append(printable(command))

    def show(self) -> None:
        """Print all of it, or on a terminal what fits."""
        lines = self._all() if self._is_all_shown else self._one_screen()
        print_screen("\n".join(lines).rstrip("\n"), in_colour=may_colour())

    @cached_property
    def _is_all_shown(self) -> bool:
        return is_full() or not is_terminal(sys.stdout)

    @cached_property
    def _width(self) -> int:
        return line_width(sys.stdout) or WIDE

    def _all(self) -> list[str]:
        lines = self._head()
        for block in self._blocks:
            lines += self._block(block)
        return [*lines, *self._foot(())]

    def _head(self) -> list[str]:
        lines = []
        if self._sentence:
            sentence = wrapped(printable(self._sentence), self._width)
            lines = [*(_styled(line, bold=True) for line in sentence), *self._figures(), ""]
        return lines

    def _figures(self) -> list[str]:
        """Return the numbers below the sentence, their values in a column."""
        if not self._numbers:
            return []
        size = max(len(label) for label, _ in self._numbers)
        lines = []
        for label, value in self._numbers:
            lines += wrapped(f"  {label.ljust(size)}  {value}", self._width)
        return lines

    def _block(self, block: Block) -> list[str]:
        """Return all of a block, with an empty line below."""
        title = wrapped(block.title, self._width)
        if block.is_text:
            return [*title, ""]
        lines = [_styled(line, italic=True) for line in title]
        for panel in block.panels(self._width):
            lines += _styled_head(panel)
            for row in panel.rows:
                lines += row
            lines.append("")
        return lines

    def _one_screen(self) -> list[str]:
        lines = self._head()
        left_out = [block for block in self._blocks if not block.is_text]
        # The foot is longest where all is left out, so that nothing that is shown makes it longer.
        free = screen_height() - PROMPT - len(lines) - len(self._foot(left_out))
        shown: list[Block] = []
        for block in self._blocks:
            part = self._part(block, free)
            if part:
                lines += part
                free -= len(part)
                shown.append(block)
        hidden = [block for block in left_out if block not in shown]
        return [*lines, *self._foot(hidden, is_cut=self._is_cut)]

    def _part(self, block: Block, free: int) -> list[str]:
        """Return as much of *block* as fits into *free* lines; nothing where too little would."""
        whole = self._block(block)
        if len(whole) <= free:
            return whole
        if block.is_text or free < LEAST + 2:
            return []
        title = [_styled(line, italic=True) for line in wrapped(block.title, self._width)]
        first, *others = block.panels(self._width)
        rows = block.rows
        while rows and len(title) + first.height(rows) + 2 > free:
            rows -= 1
        if not rows:
            return []
        self._is_cut = True
        lines = [*title, *_styled_head(first)]
        for row in first.rows[:rows]:
            lines += row
        hidden = _counted(block.rows - rows, "more row")
        further = sum(len(panel.head) > 0 for panel in others)
        if further and hidden:
            hidden += " and more columns"
        elif further:
            hidden = "more columns"
        return [*lines, _styled(f"... {hidden}", dim=True), ""]

    def _foot(self, hidden: Sequence[Block], *, is_cut: bool = True) -> list[str]:
        """Return what more there is, in at most two lines, and the next commands."""
        lines = []
        if hidden:
            names = ", ".join(block.name for block in hidden)
            more = wrapped(f"--full shows also: {names}", self._width)
            if len(more) > 2:
                more = [more[0], f"{more[1][: self._width - 4].rpartition(' ')[0]} ..."]
            lines += [_styled(line, dim=True) for line in more]
        elif is_cut and not self._is_all_shown:
            lines.append(_styled("--full shows all of it", dim=True))
        for command in self._next:
            lines += wrapped(f"next: {command}", self._width, later="    ")
        return lines


def _column(head: str, cells: pd.Series) -> Column:
    """Return a column of a frame as text."""
    texts = tuple(map(show_number, cells))
    has_words = any(isinstance(cell, str) for cell in cells)
    is_right = not has_words or all(map(is_number, texts))
    return Column(printable(head).replace("_", " "), texts, is_right)


def _styled_head(panel: Panel) -> list[str]:
    return [_styled(line, bold=True) for line in panel.head]


def _counted(count: int, what: str) -> str:
    if not count:
        return ""
    return f"{count} {what}{'s' if count != 1 else ''}"


def _styled(text: str, **style: bool) -> str:
    if not may_colour() or not text:
        return text
    return click.style(text, **style)


def may_colour() -> bool:
    """Return whether stdout is a terminal that shows styles, and nobody asked for none (NO_COLOR)."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return is_terminal(sys.stdout)


def is_terminal(stream: object) -> bool:
    """Return whether *stream* is a terminal."""
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty())


def is_full() -> bool:
    """Return whether ``--full`` was given."""
    context = click.get_current_context(silent=True)
    return bool(context and context.find_root().meta.get(FULL))


def line_width(stream: object) -> int | None:
    """Return how many characters a line of *stream* has; None where it is no terminal."""
    if not is_terminal(stream):
        return None
    return max(SMALLEST, shutil.get_terminal_size((80, 24)).columns)


def screen_height() -> int:
    """Return how many lines the terminal has."""
    return max(12, shutil.get_terminal_size((80, 24)).lines)
