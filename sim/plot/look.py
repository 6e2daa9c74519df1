"""One visual language: colours that colour-blind readers can tell apart, told apart in grey by hatch and order too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMN_IN = 3.5
"""Width of a column in print [inch]."""
FULL_IN = 7.2
"""Width of a page in print [inch]."""
SMALL_PT = 7

# Okabe and Ito's palette, ordered from light to dark where order matters.
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
SERIES = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY)
"""Scenarios, in the order they are named."""
HATCHES = ("", "///", "...", "xxx", "\\\\\\", "++")

ACTIVITY_GROUPS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "moving": (BLUE, "", ("run", "sail", "drive")),
    "handling and formalities": (SKY, "...", ("border", "work_train", "gate", "handle", "load")),
    "waiting for a train, wagon or embargo": (YELLOW, "///", ("wait_train", "wait_equipment", "wait_embargo")),
    "waiting for a vessel": (ORANGE, "xxx", ("wait_vessel",)),
    "waiting for a berth or room": (
        RED,
        "\\\\\\",
        ("wait_berth", "wait_room", "wait_cargo", "repair", "laid_up", "transfer"),
    ),
    "waiting for weather": (PURPLE, "++", ("wait_weather",)),
    "waiting on the railway or at a gate": (
        GREEN,
        "---",
        ("wait_locomotive", "wait_path", "wait_border", "wait_track", "wait_gate"),
    ),
}
"""Colour, hatch and activities of each group, in the order in which they are stacked."""


def new_axes(ax: Axes | None, width_in: float = FULL_IN, height_in: float = 3.6) -> Axes:
    """Return *ax*, or the axes of a new figure that no window knows."""
    if ax is not None:
        return ax
    return Figure(figsize=(width_in, height_in), layout="constrained").add_subplot()


def is_wide(ax: Axes) -> bool:
    """Return whether the figure of *ax* is wider than a column in print."""
    figure = ax.get_figure(root=True)
    return figure is not None and float(figure.get_size_inches()[0]) > 1.3 * COLUMN_IN


def plain(ax: Axes) -> None:
    """Take away ink that says nothing."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=SMALL_PT)
    ax.xaxis.label.set_fontsize(SMALL_PT + 1)
    ax.yaxis.label.set_fontsize(SMALL_PT + 1)
    ax.title.set_fontsize(SMALL_PT + 2)


def nothing_to_show(ax: Axes, what: str) -> Axes:
    """Say on the axes that there is nothing to draw."""
    ax.text(0.5, 0.5, what, ha="center", va="center", transform=ax.transAxes, fontsize=SMALL_PT + 1, color=GREY)
    ax.set(xticks=[], yticks=[])
    return ax
