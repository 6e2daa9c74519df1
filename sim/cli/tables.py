"""Frames as tables on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from sim.spec.messages import printable
from sim.units import format_mean, format_number

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console


def show_number(value: object) -> str:
    """Return a number with three or four significant digits; a dash where there is none."""
    if isinstance(value, str):
        return escape(printable(value))
    if isinstance(value, int | float):
        return format_number(value)
    return "-"


def means_with_intervals(
    frame: pd.DataFrame, mean: str = "mean", ends: str = "", *, factor: float = 1.0
) -> list[str]:
    """Return for each row of *frame* the mean and its bounds as text, each times *factor*.

    *mean* and *ends* name the columns, see `sim.study.interval.interval_columns`.
    """
    from sim.study.interval import interval_columns

    intervals = frame[list(interval_columns(mean, ends))].astype(float) * factor
    return [format_mean(*interval) for interval in intervals.itertuples(index=False)]


def terminal() -> Console:
    """Return a console for results, as wide as the terminal; 160 columns where there is none."""
    from rich.console import Console

    class Results(Console):
        def on_broken_pipe(self) -> None:
            """Leave it to the command line: a reader that stops early is no error."""
            raise BrokenPipeError

    console = Results()
    return console if console.is_terminal else Results(width=160)


def print_line(console: Console, text: str) -> None:
    """Print *text* as it is, however long it is."""
    console.print(printable(text), markup=False, highlight=False, soft_wrap=True)


def print_frame(console: Console, frame: pd.DataFrame, title: str) -> None:
    """Print *frame* under *title*; numbers to the right."""
    table = Table(header_style="bold", box=None, pad_edge=False)
    for column in frame.columns:
        is_text = frame[column].map(lambda value: isinstance(value, str)).any()
        table.add_column(
            escape(printable(str(column))).replace("_", " "),
            justify="left" if is_text else "right",
            overflow="fold",
        )
    for row in frame.itertuples(index=False):
        table.add_row(*map(show_number, row))
    console.print(printable(title), style="italic", markup=False, highlight=False)
    console.print(table)
    console.print()
