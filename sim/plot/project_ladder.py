"""Which project must be there from which multiple of the demand on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.plot.axes import figure_of, new_axes, nothing_to_show, plain
from sim.plot.columns import Flag, Number, Words
from sim.plot.drawing import Drawing
from sim.plot.kind import TableKind
from sim.plot.look import BLUE, FULL_IN, GREY, INK, ORANGE, SMALL_PT
from sim.plot.words import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LETTER_IN = 0.062
"""Width of a letter of a name [inch], rather more."""
NOTHING = "nothing has to be built, or nothing is known to help"


def project_ladder(rungs: pd.DataFrame, projects: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw which project must be there from which multiple of the demand on.

    Parameters
    ----------
    rungs
        `Plan.ladder`.
    projects
        `Plan.table`: a bar for each, from the rung that needs it to the last one; its capital
        stands at the right.
    """
    ax = new_axes(ax, height_in=1.0 + 0.28 * (len(projects) + 1))
    if rungs.empty or projects.empty:
        return nothing_to_show(ax, NOTHING)
    count = len(rungs)
    place = {scale: number for number, scale in enumerate(rungs["scale"])}
    for y, project in enumerate(projects.to_dict("records")):
        _draw_project(ax, y, project, place[project["rung"]], count)
    ax.text(count - 0.42, -0.85, "M USD", va="center", fontsize=SMALL_PT)
    ax.set_xticks(range(count), [_tick(rung) for rung in rungs.to_dict("records")])
    ax.set_xlim(-0.55, count + 0.15)
    ax.set_ylim(len(projects) - 0.5, -1.2)
    ax.set_yticks([])
    for number in range(count):
        ax.axvline(number + 0.5, color=GREY, lw=0.5, ls=":")
    label = "times the demand, tonnes a year, capital up to there"
    if projects["is_assumed"].any():
        label += " (orange, hatched: cost assumed)"
    ax.set_xlabel(label)
    plain(ax)
    ax.spines["left"].set_visible(False)
    return ax


def _draw_project(ax: Axes, y: int, project: dict[str, Any], rung: int, count: int) -> None:
    """Draw the bar of one project from its *rung*, of *count*, with its name and capital."""
    first, last = rung - 0.5, count - 0.5
    style: dict[str, Any] = {"facecolor": BLUE}
    if project["is_assumed"]:
        style = {"facecolor": ORANGE, "hatch": "///"}
    ax.barh(y, last - first, left=first, height=0.62, edgecolor="white", lw=0, **style)
    ax.text(count - 0.42, y, f"{project['capital_musd']:,.0f}", va="center", fontsize=SMALL_PT)
    name = str(project["project"])
    words: dict[str, Any] = {"va": "center", "fontsize": SMALL_PT, "color": INK}
    room_in = (last - first) * FULL_IN / (count + 0.7)
    if len(name) * LETTER_IN < room_in:
        text = ax.text(first + 0.05, y, name, ha="left", **words)
        text.set_bbox({"facecolor": "white", "alpha": 0.85, "lw": 0, "pad": 1.0})
    else:
        # A name that is longer than its bar stands before it.
        ax.text(first - 0.05, y, name, ha="right", **words)


def _tick(rung: dict[str, Any]) -> str:
    """Return multiple, tonnes and capital of a rung, one below the other."""
    bound = "" if rung["verdict"] == "decided" else " at most"
    capital = f"{rung['capital_musd']:,.0f} M USD{bound}"
    return f"{rung['scale']:.3g}x\n{rung['kt_per_year'] / 1000:.3g} Mt\n{capital}"


def caption(rungs: pd.DataFrame, chosen: pd.DataFrame) -> str:
    """Return how many projects are due, for how much, and which comes first."""
    if rungs.empty or chosen.empty:
        return f"{NOTHING.capitalize()}."
    first = chosen.iloc[0]
    total, most = rungs["capital_musd"].iloc[-1], rungs["scale"].iloc[-1]
    return (
        f"To carry {most:.3g} times the demand takes {counted(len(chosen), 'project')} for "
        f"{total:,.0f} million USD; {first['project']} is due first, at {first['rung']:.3g} times."
    )


def draw(rungs: pd.DataFrame, projects: pd.DataFrame) -> Drawing:
    """Draw the projects on their rungs with the caption."""
    figure = figure_of(project_ladder(rungs, projects))
    return Drawing(figure, projects, caption(rungs, projects))


def agree(rungs: pd.DataFrame, projects: pd.DataFrame) -> str:
    """Return which project is due on a rung that the ladder has not; empty if none is."""
    scales = set(rungs["scale"])
    for row, project in enumerate(projects.to_dict("records"), start=1):
        if project["rung"] not in scales:
            return f"plan.csv, row {row}, column rung: ladder.csv has no scale {project['rung']:g}"
    return ""


KIND = TableKind(
    name="project-ladder",
    shows="projects in the order they are due",
    command="plan",
    columns={
        "ladder": {
            "scale": Number(0),
            "kt_per_year": Number(0),
            "capital_musd": Number(0),
            "verdict": Words(),
        },
        "plan": {
            "project": Words(),
            "rung": Number(0),
            "capital_musd": Number(0),
            "is_assumed": Flag(),
        },
    },
    column="scale",
    make=draw,
    agree=agree,
)
