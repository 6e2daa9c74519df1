"""One visual language: what a colour, a hatch, a line and a mark mean in every figure.

Colours are Okabe and Ito's, which colour-blind readers can tell apart. A figure colours one kind of
thing: activities, directions, units or scenarios. Hue never stands alone: activities and scenarios
have hatches, lines have dashes, directions differ in lightness, so that a grey copy says the same.

=================  ==========================================================================
blue               movement: running, sailing, westward; light blue: eastward
grey               work and formalities: what takes time and is no wait
yellow to red      waits for a train, for a vessel, for a berth or room
green              waits on the railway and at gates
purple             weather: closed ports, waits for weather
black              out of service
=================  ==========================================================================
"""

from __future__ import annotations

from typing import Any, NamedTuple

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

BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PURPLE, YELLOW, BLACK = "#56B4E9", "#CC79A7", "#F0E442", "#000000"
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


class Group(NamedTuple):
    """How a group of activities looks, and which activities it holds."""

    colour: str
    hatch: str
    activities: tuple[str, ...]

    def bar(self) -> dict[str, Any]:
        """Return the style of its bars."""
        return {"facecolor": self.colour, "hatch": self.hatch, "edgecolor": "white"}


ACTIVITY_GROUPS: dict[str, Group] = {
    "moving": Group(BLUE, "", ("run", "sail", "drive")),
    "handling and formalities": Group(
        PALE, "...", ("border", "work_train", "gate", "handle", "load", "manoeuvre")
    ),
    "papers and dwell at a node": Group(SKY, "ooo", ("dwell",)),
    "waiting for a train, wagon or embargo": Group(
        YELLOW, "///", ("wait_train", "wait_equipment", "wait_embargo")
    ),
    "waiting for a vessel": Group(ORANGE, "xxx", ("wait_vessel",)),
    "waiting for a berth, room or departure": Group(
        RED, "\\\\\\", ("wait_berth", "wait_pool", "wait_room", "wait_cargo", "wait_roads")
    ),
    "waiting for weather": Group(PURPLE, "++", ("wait_weather",)),
    "waiting on the railway or at a gate": Group(
        GREEN, "---", ("wait_locomotive", "wait_path", "wait_border", "wait_track", "wait_gate")
    ),
    "in repair, laid up or changing service": Group(BLACK, "", ("repair", "laid_up", "transfer")),
}
"""The groups of activities, in the order in which they are stacked."""
FREE_FLOW = ("moving", "handling and formalities", "papers and dwell at a node")
"""Groups that are no wait."""
GROUP_OF: dict[str, str] = {}
"""Group of each activity."""
for _name, _group in ACTIVITY_GROUPS.items():
    GROUP_OF |= dict.fromkeys(_group.activities, _name)

CLOSED = PURPLE
"""Ports shut by weather: shaded bands over time, crosses on the map."""
DIRECTIONS: tuple[tuple[str, str], tuple[str, str]] = (("westward", BLUE), ("eastward", SKY))
"""Name and colour of the direction from China to the Black Sea, and back."""


def series_bar(number: int) -> dict[str, Any]:
    """Return the style of the bars of the scenario of this *number*, from 0."""
    return {
        "color": SERIES[number % len(SERIES)],
        "hatch": HATCHES[number % len(HATCHES)],
        "edgecolor": "white",
    }
