"""What figures share: new axes, their ticks and grids, intervals, legends and limits."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from textwrap import fill
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib import rc_context
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

from sim.plot.look import COLUMN_IN, FULL_IN, GREY, HAIR, INK, MUTED, SMALL_PT, THIN

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

    from sim.plot.drawing import Span

NARROW_LETTERS = 38
"""Letters of a line below the axes in a column of print."""
MOST_ROUNDS = 12
"""Of laying out a figure."""


def new_figure(height_in: float, width_in: float = FULL_IN) -> Figure:
    """Return a figure that no window knows."""
    return Figure(figsize=(width_in, height_in), layout="constrained")


def new_axes(ax: Axes | None, width_in: float = FULL_IN, height_in: float = 3.6) -> Axes:
    """Return *ax*, or the axes of a new figure."""
    if ax is not None:
        return ax
    return new_figure(height_in, width_in).add_subplot()


def figure_of(ax: Axes) -> Figure:
    """Return the figure that *ax* is drawn in."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("axes without a figure")
    return figure


@contextmanager
def text_as_written(figure: Figure) -> Iterator[None]:
    """Draw *figure* with names as they are: no dollar begins a formula.

    Letters that the font lacks are noted once, in place of a warning for each of them.
    """
    for text in figure.findobj(Text):
        text.set_parse_math(False)
    with rc_context({"text.parse_math": False}), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        if str(warning.message).startswith("Glyph "):
            _note_missing_letters()
        else:
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )


@cache
def _note_missing_letters() -> None:
    """Say once that boxes stand for letters."""
    if sys.stderr is not None:
        what = "the font of the figures lacks letters of some names; boxes stand for them"
        sys.stderr.write(f"note: {what}\n")


def settle(figure: Figure) -> None:
    """Lay *figure* out until its axes stay where they are.

    Axes with a fixed aspect take the layout some rounds, and rest for two of them in between.
    """
    is_fixed = any(ax.get_aspect() != "auto" for ax in figure.axes)
    rests = 3 if is_fixed else 1
    before: list[tuple[float, ...]] = []
    rested = 0
    for _ in range(MOST_ROUNDS):
        with text_as_written(figure):
            figure.draw_without_rendering()
        now = [tuple(np.round(ax.get_position().bounds, 6).tolist()) for ax in figure.axes]
        rested = rested + 1 if now == before else 0
        if rested == rests:
            return
        before = now


def is_wide(ax: Axes) -> bool:
    """Return whether the figure of *ax* is wider than a column in print."""
    figure = ax.get_figure(root=True)
    return figure is not None and float(figure.get_size_inches()[0]) > 1.3 * COLUMN_IN


def plain(ax: Axes) -> None:
    """Remove ink that says nothing, and keep grids behind the data."""
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=SMALL_PT)
    ax.xaxis.label.set_fontsize(SMALL_PT + 1)
    ax.yaxis.label.set_fontsize(SMALL_PT + 1)
    ax.title.set_fontsize(SMALL_PT + 2)


def title(ax: Axes, text: str, **more: Any) -> None:
    """Write the title of one panel of several, at its left."""
    ax.set_title(text, loc="left", fontsize=SMALL_PT + 1, **more)


def label_below(ax: Axes, *lines: str) -> None:
    """Write *lines* below the horizontal axis, in a column of print so short that they fit."""
    if not is_wide(ax):
        lines = tuple(fill(line, NARROW_LETTERS) for line in lines)
    ax.set_xlabel("\n".join(lines))


def grid(ax: Axes, axis: Literal["x", "y"] = "x") -> None:
    """Draw a grid along *axis*."""
    ax.grid(axis=axis, lw=HAIR, color=GREY, alpha=0.4)


def dates(ax: Axes) -> None:
    """Show dates on the horizontal axis, as few as fit."""
    locator = AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    ax.xaxis.get_offset_text().set_fontsize(SMALL_PT)


def shade(ax: Axes, spans: Sequence[Span], colour: str, alpha: float, **more: Any) -> None:
    """Shade *spans* of time over the whole height of the axes."""
    for start, end in spans:
        ax.axvspan(start, end, color=colour, alpha=alpha, lw=0, **more)


def thousands(axis: Axis) -> None:
    """Write large numbers on *axis* with commas."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))


def name_rows(ax: Axes, names: Sequence[str], pad: float = 0.6) -> None:
    """Name the rows of a chart of bars, the first on top; *pad* rows are free at either end."""
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 1 + pad, -pad)


def bar_rows(rows: int, number: int, count: int, height: float) -> Any:
    """Return where the bars of scenario *number* of *count* stand in each of *rows* rows."""
    return np.arange(rows) + (number - (count - 1) / 2) * height


def intervals(ax: Axes, y: Any, low: Any, high: Any) -> None:
    """Draw 95 % intervals along the horizontal axis, at *y*, where they exist."""
    at = np.atleast_1d(np.asarray(y, float))
    lower, upper = (np.atleast_1d(np.asarray(end, float)) for end in (low, high))
    known = np.isfinite(lower) & np.isfinite(upper)
    if not known.any():
        return
    middle, half = (lower + upper)[known] / 2, (upper - lower)[known] / 2
    style: dict[str, Any] = {"ecolor": INK, "elinewidth": THIN, "capsize": 1.5, "capthick": THIN}
    ax.errorbar(middle, at[known], xerr=half, fmt="none", **style)


def reach(marks: Any, bounds: Any, room: float = 0.5) -> tuple[float, float]:
    """Return the ends of an axis that shows all *marks*, and *bounds* as far as there is *room*.

    Bounds show beyond the marks by at most *room* times the span of the marks: few replications
    have intervals that would leave nothing to see of what they are about.
    """
    shown, far = (np.asarray(values, float) for values in (marks, bounds))
    shown, far = shown[np.isfinite(shown)], far[np.isfinite(far)]
    if not shown.size:
        return 0.0, 1.0
    low, high = float(shown.min()), float(shown.max())
    span = (high - low) or abs(high) or 1.0
    if far.size:
        nearest, farthest = low - room * span, high + room * span
        low = max(min(low, float(far.min())), nearest)
        high = min(max(high, float(far.max())), farthest)
    if high <= low:
        high = low + span
    return low, high


def nothing_to_show(ax: Axes, what: str) -> Axes:
    """Write on the axes that there is nothing to draw."""
    style: dict[str, Any] = {"fontsize": SMALL_PT + 1, "color": MUTED}
    ax.text(0.5, 0.5, what, ha="center", va="center", transform=ax.transAxes, **style)
    ax.set(xticks=[], yticks=[])
    return ax


def legend_above(
    ax: Axes,
    columns: int,
    side: Literal["left", "center", "right"] = "left",
    **more: Any,
) -> None:
    """Put the legend above the axes, where no data can be, at the left, center or right."""
    x = {"left": 0.0, "center": 0.5, "right": 1.0}[side]
    place: dict[str, Any] = {"loc": f"lower {side}", "bbox_to_anchor": (x, 1.0), "ncols": columns}
    style: dict[str, Any] = {"fontsize": SMALL_PT, "frameon": False}
    ax.legend(**(place | style | more))


def legend_of_figure(figure: Figure, *entries: Any, columns: int = 3, **more: Any) -> None:
    """Put the legend above all panels; what is written below them has room of its own."""
    style: dict[str, Any] = {"fontsize": SMALL_PT, "frameon": False, "ncols": columns, **more}
    figure.legend(*entries, loc="outside upper center", **style)
