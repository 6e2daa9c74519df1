"""Frames as tables on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from sim.units import format_number

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console


def show_number(value: object) -> str:
    """Return a number as people read it: three or four significant digits, thousands apart; a dash
    if there is none."""
    if isinstance(value, str):
        return escape(value)
    return format_number(value) if isinstance(value, int | float) else "-"


def terminal() -> Console:
    """Return a console for results: as wide as the terminal, or wide enough for tables where there
    is none."""
    from rich.console import Console

    class Results(Console):
        def on_broken_pipe(self) -> None:
            """Leave it to the command line, which knows that the reader has seen enough."""
            raise BrokenPipeError

    console = Results()
    return console if console.is_terminal else Results(width=160)


def print_frame(console: Console, frame: pd.DataFrame, title: str) -> None:
    """Print *frame* under *title*; numbers to the right."""
    table = Table(header_style="bold", box=None, pad_edge=False)
    for column in frame.columns:
        is_text = frame[column].map(lambda v: isinstance(v, str)).any()
        table.add_column(
            escape(str(column)).replace("_", " "),
            justify="left" if is_text else "right",
            overflow="fold",
        )
    for row in frame.itertuples(index=False):
        table.add_row(*(show_number(value) for value in row))
    console.print(title, style="italic", markup=False, highlight=False)
    console.print(table)
    console.print()
