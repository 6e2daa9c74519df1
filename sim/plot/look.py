"""One visual language: what a colour, a hatch, a line and a mark mean, in every figure of the
project.

Colours are Okabe and Ito's, which colour-blind readers can tell apart. A figure colours one kind of
thing: activities, directions, units or scenarios. Nothing is told by hue alone: activities and
scenarios have hatches, lines have dashes, directions differ in lightness, so that a grey copy says
the same.

=================
==================================================================================================
blue               movement: running, sailing, westward; light blue: eastward grey
work and formalities: what takes time and is no wait yellow to red      waits for a train, for a
vessel, for a berth or room green              waits on the railway and at gates purple
weather: closed ports, waits for weather black              out of service =================
==================================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

COLUMN_IN = 3.5
"""Width of a column in print [inch]."""
FULL_IN = 7.2
"""Width of a page in print [inch]."""

SMALL_PT = 7
"""Text beside the data: ticks, legends, labels. Axes take one point more, titles two."""
TINY_PT = 6
"""The least size of text anywhere."""
HAIR, THIN, LINE, BOLD = 0.4, 0.8, 1.2, 2.0
"""Line weights [pt]: grids and outlines, marks and references, data, what is meant."""

BLUE, ORANGE, GREEN, RED, SKY, PURPLE, YELLOW, BLACK = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#56B4E9",
    "#CC79A7",
    "#F0E442",
    "#000000",
)
GREY = "#9a9a9a"
"""Grids, bands and references."""
INK, MUTED, PALE = "#222222", "#5c5c5c", "#c9c9c9"
"""Text, text of second rank (7:1 on white), and bars of what is no wait."""
LAND, SEA, FRONTIER = "#f4f1ea", "#dfe9f1", "#b3aca0"
"""The base map; all frontiers are drawn alike."""

SERIES = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY)
"""Scenarios, in the order they are named."""
HATCHES = ("", "///", "...", "xxx", "\\\\\\", "++")
DASHES = ("-", "--", "-.", ":")
MARKS = ("o", "s", "^", "D", "v", "P")

ACTIVITY_GROUPS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "moving": (BLUE, "", ("run", "sail", "drive")),
    "handling and formalities": (PALE, "...", ("border", "work_train", "gate", "handle", "load")),
    "waiting for a train, wagon or embargo": (
        YELLOW,
        "///",
        ("wait_train", "wait_equipment", "wait_embargo"),
    ),
    "waiting for a vessel": (ORANGE, "xxx", ("wait_vessel",)),
    "waiting for a berth, room or departure": (
        RED,
        "\\\\\\",
        ("wait_berth", "wait_room", "wait_cargo"),
    ),
    "waiting for weather": (PURPLE, "++", ("wait_weather",)),
    "waiting on the railway or at a gate": (
        GREEN,
        "---",
        ("wait_locomotive", "wait_path", "wait_border", "wait_track", "wait_gate"),
    ),
    "in repair, laid up or changing service": (BLACK, "", ("repair", "laid_up", "transfer")),
}
"""Colour, hatch and activities of each group, in the order in which they are stacked."""
FREE_FLOW = ("moving", "handling and formalities")
"""Groups that are no wait."""
GROUP_OF: Mapping[str, str] = {
    activity: group for group, (_, _, those) in ACTIVITY_GROUPS.items() for activity in those
}
"""Group of each activity."""

CLOSED = PURPLE
"""Ports shut by weather: shaded bands over time, crosses on the map."""
DIRECTIONS: tuple[tuple[str, str], tuple[str, str]] = (("westward", BLUE), ("eastward", SKY))
"""Name and colour of the direction from China to the Black Sea, and back."""
VEHICLES: Mapping[str, tuple[str, str]] = {
    "train": ("s", "-"),
    "vessel": ("^", "-"),
    "truck": ("o", ":"),
}
"""Mark and dashes by kind of vehicle; the colour is that of its direction, hollow is empty."""
UNITS: Mapping[str, str] = {
    "wagon": BLUE,
    "teu": ORANGE,
    "truck": GREEN,
    "car": SKY,
    "bulk": RED,
    "tank": BLACK,
}
"""Colour by unit of cargo, where a figure tells them apart; others are grey."""
PLACES: Mapping[str, tuple[str, float]] = {
    "port": ("o", 5.0),
    "border": ("D", 3.5),
    "station": ("o", 2.5),
}
"""Mark and its size [pt] by kind of place, filled white with a dark edge."""


MOST_ROUNDS = 8
"""Of laying out a figure."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the numbers of a figure come from."""

    scenario: str
    hash: str
    seed: int
    replications: int
    """How many; 0: nothing was simulated."""
    version: str
    beside: str = ""
    """What else is used, such as a base map."""
    in_all: bool = False
    """Whether the replications are those of all points that were tried together."""

    def line(self) -> str:
        """Return the source line of a figure."""
        count = f"{self.replications} replication{'s' if self.replications != 1 else ''}"
        count += " of all points together" if self.in_all else ""
        luck = f", seed {self.seed}, {count}" if self.replications else ""
        beside = f". {self.beside}" if self.beside else ""
        return f"Source: scenario {self.scenario} ({self.hash[:12]}){luck}; middle-corridor-sim {self.version}{beside}"


def new_axes(ax: Axes | None, width_in: float = FULL_IN, height_in: float = 3.6) -> Axes:
    """Return *ax*, or the axes of a new figure that no window knows."""
    if ax is not None:
        return ax
    return Figure(figsize=(width_in, height_in), layout="constrained").add_subplot()


def figure_of(ax: Axes) -> Figure:
    """Return the figure that *ax* is drawn in."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("axes without a figure")
    return figure


def settle(figure: Figure) -> None:
    """Lay *figure* out until its axes stay where they are: with a fixed aspect that takes the
    layout some rounds."""
    before: list[tuple[float, ...]] = []
    for _ in range(MOST_ROUNDS):
        figure.draw_without_rendering()
        now = [tuple(np.round(ax.get_position().bounds, 6).tolist()) for ax in figure.axes]
        if now == before:
            return
        before = now


def is_wide(ax: Axes) -> bool:
    """Return whether the figure of *ax* is wider than a column in print."""
    figure = ax.get_figure(root=True)
    return figure is not None and float(figure.get_size_inches()[0]) > 1.3 * COLUMN_IN


def plain(ax: Axes) -> None:
    """Take away ink that says nothing, and keep grids behind the data."""
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=SMALL_PT)
    ax.xaxis.label.set_fontsize(SMALL_PT + 1)
    ax.yaxis.label.set_fontsize(SMALL_PT + 1)
    ax.title.set_fontsize(SMALL_PT + 2)


def dates(ax: Axes) -> None:
    """Let the horizontal axis tell dates, as few as fit."""
    locator = AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    ax.xaxis.get_offset_text().set_fontsize(SMALL_PT)


def thousands(axis: Axis) -> None:
    """Let *axis* tell large numbers with commas."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))


def intervals(ax: Axes, y: Any, low: Any, high: Any) -> None:
    """Draw intervals of 95 % along the horizontal axis, at *y*, where they exist."""
    at, ends = (
        np.atleast_1d(np.asarray(y, float)),
        [np.atleast_1d(np.asarray(end, float)) for end in (low, high)],
    )
    known = np.isfinite(ends[0]) & np.isfinite(ends[1])
    if known.any():
        middle, half = (ends[0] + ends[1])[known] / 2, (ends[1] - ends[0])[known] / 2
        ax.errorbar(
            middle,
            at[known],
            xerr=half,
            fmt="none",
            ecolor=INK,
            elinewidth=THIN,
            capsize=1.5,
            capthick=THIN,
        )


def reach(marks: Any, bounds: Any, room: float = 0.5) -> tuple[float, float]:
    """Return the ends of an axis that shows all *marks*, and *bounds* beyond them by at most *room*
    of their span.

    Few replications have intervals that would leave nothing to see of what they are about.
    """
    shown, far = (np.asarray(values, float) for values in (marks, bounds))
    shown, far = shown[np.isfinite(shown)], far[np.isfinite(far)]
    if not shown.size:
        return 0.0, 1.0
    low, high = float(shown.min()), float(shown.max())
    span = (high - low) or abs(high) or 1.0
    if far.size:
        low, high = (
            max(min(low, float(far.min())), low - room * span),
            min(max(high, float(far.max())), high + room * span),
        )
    return low, high if high > low else low + span


def sentence(text: str) -> str:
    """Return *text* with a capital at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]


def nothing_to_show(ax: Axes, what: str) -> Axes:
    """Say on the axes that there is nothing to draw."""
    ax.text(
        0.5,
        0.5,
        what,
        ha="center",
        va="center",
        transform=ax.transAxes,
        fontsize=SMALL_PT + 1,
        color=MUTED,
    )
    ax.set(xticks=[], yticks=[])
    return ax


def legend_above(ax: Axes, columns: int, **more: Any) -> None:
    """Put the legend above the axes, where no data can be."""
    ax.legend(
        fontsize=SMALL_PT,
        frameon=False,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=columns,
        **more,
    )


def noted(figure: Figure, caption: str, source: str) -> Figure:
    """Write *caption* (what to see) and *source* below all that is drawn, in room that is added for
    them.

    A legend of the figure belongs above its axes (``outside upper``): one below would stand in that
    room.
    """
    width_in, height_in = (float(side) for side in figure.get_size_inches())
    told = [(caption, SMALL_PT, INK), (source, TINY_PT, MUTED)]
    # A letter is a little over half as wide as its size; a line takes 1.25 of it.
    blocks = [
        (wrap(text, int((width_in - 0.15) * 72 / (0.54 * size))), size, color)
        for text, size, color in told
        if text
    ]
    heights_in = [1.25 * size * len(lines) / 72 + 0.03 for lines, size, _ in blocks]
    added_in = sum(heights_in) + 0.06
    figure.set_size_inches(width_in, height_in + added_in)
    whole_in = height_in + added_in
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.set(rect=(0, added_in / whole_in, 1, height_in / whole_in))  # type: ignore[call-arg]
    top_in = added_in - 0.02
    for (lines, size, color), used_in in zip(blocks, heights_in, strict=True):
        place: dict[str, Any] = {
            "va": "top",
            "ha": "left",
            "fontsize": size,
            "color": color,
            "linespacing": 1.2,
        }
        figure.text(0.07 / width_in, top_in / whole_in, "\n".join(lines), **place)
        top_in -= used_in
    return figure
