"""A bar with the time left, on stderr, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(name: str, count: int | None) -> Iterator[Callable[[], None]]:
    """Give a function to call after each of *count* replications; None: their number is not known."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns,
        console=console,
        disable=not console.is_terminal,
        transient=True,
        # Results stay on stdout.
        redirect_stdout=False,
    ) as bar:
        task = bar.add_task(escape(name), total=count)
        yield lambda: bar.advance(task)


def note(line: str) -> None:
    """Print *line* on stderr, above the bar where there is one."""
    from sim.cli.layout import wrapped
    from sim.cli.screen import line_width
    from sim.spec.messages import printable

    harmless = printable(line)
    width = line_width(sys.stderr)
    if width is not None:
        harmless = "\n".join(wrapped(harmless, width))
    # The bar stands in for `sys.stderr`; click would write past it.
    print(harmless, file=sys.stderr)
