"""Figures of the report as images inside the page, drawn for a wide and for a narrow screen."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from matplotlib import rc_context

from sim.plot.axes import text_as_written
from sim.plot.drawing import Drawing, View, has_log
from sim.plot.kinds import study_kind
from sim.plot.look import COLUMN_IN

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.study.study import Study

OF_ALL: Mapping[str, str] = {
    "carried": "The table of main numbers has the same.",
    "transit": "The table of every flow has the numbers.",
    "waits": "The table of longest waits has the numbers.",
    "occupancy": "The table of busiest resources has the numbers.",
    "stacks": "The table of what is overloaded names the stacks that grow.",
    "warmup": "The text above has the days that are left out.",
}
"""Kinds of figures that show all studies together, and where the page has their numbers."""
OF_EACH: Mapping[str, str] = {
    "map": "The tables of this page name what grows and what waits longest.",
    "validation": "The table above has the numbers.",
}
"""Kinds of figures of single studies, and where the page has their numbers."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure as data URIs, with its caption, and its words for readers who cannot see it."""

    caption: str
    alt: str
    wide: str
    narrow: str
    """Empty where one size serves both."""


def pictures(studies: Sequence[Study]) -> dict[str, Picture]:
    """Return the figures of the report by name; those of one study end in its name."""
    drawn = {name: _picture(name, studies, numbers) for name, numbers in OF_ALL.items()}
    for study in studies:
        for name, numbers in OF_EACH.items():
            if _has(study, name):
                drawn[f"{name}-{study.scenario.name}"] = _picture(name, [study], numbers, studies)
    return drawn


def _has(study: Study, name: str) -> bool:
    """Return whether *study* holds what a figure of a single study shows."""
    if study_kind(name).from_log:
        return has_log(study)
    return bool(study.scenario.spec.observed)


def _picture(
    name: str, studies: Sequence[Study], numbers: str, page: Sequence[Study] = ()
) -> Picture:
    """Return one figure, with the caption that it has wherever it is drawn.

    All studies of a *page* share one scale where the figure has one.
    """
    kind = study_kind(name)
    wide, narrow = kind.draw(studies, View(scaled_with=tuple(page))), ""
    if kind.fits_column:
        narrow = _uri(kind.draw(studies, View(width_in=COLUMN_IN)).figure)
    caption = wide.caption
    if name in OF_EACH:
        caption = f"{studies[0].scenario.name}: {caption}"
    if kind.beside:
        caption = f"{caption} {kind.beside}."
    return Picture(caption, f"{kind.alt} {numbers}", _uri(wide.figure), narrow)


def picture_of(drawing: Drawing, name: str, alt: str, narrow: Drawing | None = None) -> Picture:
    """Return the *drawing* of what has that *name*, and *narrow* for small screens."""
    small = "" if narrow is None else _uri(narrow.figure)
    caption = f"{name}: {drawing.caption}" if name else drawing.caption
    return Picture(caption, alt, _uri(drawing.figure), small)


def _uri(figure: Figure) -> str:
    """Return *figure* as the data URI of an SVG whose letters are shapes.

    It looks the same on every machine.
    """
    out = BytesIO()
    # Fixed ids and no date: the same study gives the same bytes.
    fixed = rc_context({"svg.hashsalt": "corridor", "svg.fonttype": "path"})
    with fixed, text_as_written(figure):
        figure.savefig(out, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + b64encode(out.getvalue()).decode("ascii")
