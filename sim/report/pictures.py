"""Figures of the report as images inside the page, drawn for a wide and for a narrow screen."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure

from sim.analysis.observed import validate
from sim.plot.comparison import carried, occupancy
from sim.plot.figures import main_flows, stacks_figure, warmup_figure
from sim.plot.kinds import KINDS
from sim.plot.look import COLUMN_IN, FULL_IN
from sim.plot.transit import transit
from sim.plot.validation import validation
from sim.plot.waits import waits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.study.study import Study


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure as data URIs, and what it says to who cannot see it."""

    caption: str
    alt: str
    wide: str
    narrow: str
    """Empty where one size does."""


def pictures(studies: Sequence[Study]) -> dict[str, Picture]:
    """Return the figures of the report by name."""
    frame = pd.concat(
        [s.summary().assign(scenario=s.scenario.name) for s in studies], ignore_index=True
    )
    main = main_flows(frame)
    names = ", ".join(study.scenario.name for study in studies)
    found = {
        "carried": _both(
            lambda ax: carried(frame, ax),
            "Cargo offered (outline) and carried (filled), with the 95 % interval of the mean.",
            f"Bars of the cargo offered and carried by scenario: {names}. The table of main numbers has the same.",
            0.8 + 0.5 * len(studies),
        ),
        "transit": _both(
            lambda ax: transit(main, ax),
            "Median and 90th percentile of the transit time of the largest flows.",
            "Points of the transit time by flow. The numbers are in the table of every flow.",
            1.0 + 0.24 * main["flow"].nunique(),
        ),
        "waits": _both(
            lambda ax: waits(main, ax),
            "What the cargo of the largest flows does with its time: moving, handling, and every kind of wait.",
            "Stacked bars of the days that cargo spends moving, in handling and waiting, by flow. "
            "The longest waits are in the table below.",
            1.6 + 0.3 * main["flow"].nunique() * len(studies),
        ),
        "occupancy": _both(
            lambda ax: occupancy(frame, ax),
            "Share of the time in which the busiest resources are in use; where a queue grows it is written beside.",
            "Bars of the occupancy of the busiest resources. The numbers are in the table of busiest resources.",
            4.2,
        ),
        "stacks": Picture(
            "Cargo in the fullest stacks over time: median and 5 to 95 % of the replications; shaded: shut by weather.",
            "Lines of the cargo in the fullest stacks over time. What grows is in the table of what is overloaded.",
            _uri(stacks_figure(studies)),
            "",
        ),
        "warmup": Picture(
            "How the cargo in all stacks settles at the beginning, and the run-in that is left out of the results.",
            "Lines of the cargo in all stacks from the beginning of the run, and where the measured window begins.",
            _uri(warmup_figure(studies)),
            "",
        ),
    }
    for study in studies:
        found |= _of_one(study)
    return found


def _of_one(study: Study) -> dict[str, Picture]:
    """Return the figures of one study alone: its map, if it kept a log, and what was observed, if
    anything was."""
    found: dict[str, Picture] = {}
    if study.replications and study.replications[0].log is not None:
        found[f"map-{study.scenario.name}"] = Picture(
            f"{study.scenario.name}: flows as width of the lines, waiting cargo as circles (first replication).",
            "Map of the corridor with the cargo that flows over each leg and waits at each place. "
            "The tables of this page have what grows and what waits longest.",
            _uri(KINDS["map"].draw((study,)).figure),
            "",
        )
    if study.scenario.spec.observed:
        table = validate(study).table()
        found[f"validation-{study.scenario.name}"] = _both(
            lambda ax: validation(table, ax),
            f"{study.scenario.name}: simulated over observed; the bar is the range of the observation.",
            "Points of what is simulated over what was observed. The numbers are in the table below.",
            1.2 + 0.24 * len(table),
        )
    return found


def _both(draw: Callable[[Axes], Axes], caption: str, alt: str, height_in: float) -> Picture:
    wide, narrow = (_uri(_figure(draw, width, height_in)) for width in (FULL_IN, COLUMN_IN))
    return Picture(caption, alt, wide, narrow)


def _figure(draw: Callable[[Axes], Axes], width_in: float, height_in: float) -> Figure:
    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    draw(figure.add_subplot())
    return figure


def _uri(figure: Figure) -> str:
    """Return *figure* as the data URI of an SVG whose letters are shapes: it looks the same on
    every machine."""
    out = BytesIO()
    # Fixed ids and no date: the same study gives the same bytes.
    with rc_context({"svg.hashsalt": "corridor", "svg.fonttype": "path"}):
        figure.savefig(out, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + b64encode(out.getvalue()).decode("ascii")
