"""Figures as a notebook asks for them: of a run or of studies, with or without axes of one's
own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.errors import UsageError
from sim.plot.drawing import Span, View, log_of
from sim.plot.geography import draw_map, frames_of
from sim.plot.kinds import KINDS
from sim.plot.look import Provenance
from sim.plot.timespace import chain_of
from sim.runs.replication import Run
from sim.study.comparison import Comparison
from sim.study.study import Study
from sim.version import __version__

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(
    study: Study | Comparison | Sequence[Study],
    kind: str,
    *,
    span: Span | None = None,
    at: str | None = None,
    via: str | None = None,
    flow: str | None = None,
) -> Figure:
    """Return one *kind* of figure with caption and source, as ``corridor plot`` draws it.

    Raises
    ------
    UsageError
        There is no such kind, or the studies lack what it shows.
    """
    if kind not in KINDS:
        raise UsageError(f"{kind} is no kind of figure; choose one of {', '.join(KINDS)}")
    studies = (
        (study,)
        if isinstance(study, Study)
        else study.studies
        if isinstance(study, Comparison)
        else study
    )
    return KINDS[kind].draw(tuple(studies), View(span, at, via, flow)).figure


def map(study: Study, ax: Axes | None = None) -> Axes:  # noqa: A001 - a name of the notebook interface
    """Draw flows each way, waiting cargo and ports shut by weather on the map, from the log of a
    replication."""
    return draw_map(frames_of(study), ax) if ax is not None else draw(study, "map").axes[0]


def time_space(
    run: Run | Study, span: Span | None = None, via: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw every train and vessel of the longest chain (through *via*) over the days of *span*."""
    log, loaded = (run.log, run.loaded) if isinstance(run, Run) else (log_of(run), run.scenario)
    if loaded is None:
        raise UsageError(
            f"the run of {run.scenario} does not hold its scenario; make it with sim.simulate"
        )
    drawing = chain_of(log, loaded, View(span=span, via=via), ax)
    if ax is None:
        drawing.with_source(Provenance(loaded.name, loaded.hash, log.facts.seed, 1, __version__))
    return ax or drawing.figure.axes[0]
