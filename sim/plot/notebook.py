"""Figures as a notebook asks for them: of a run or of studies, on given axes or on new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sim.errors import UsageError
from sim.plot.drawing import Provenance, Span, View, log_of
from sim.plot.kinds import study_kind
from sim.plot.map import draw_map
from sim.plot.map_data import frames_of
from sim.plot.time_space import chain_of
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
    view = View(span, at, via, flow)
    return study_kind(kind).draw(_studies(study), view).noted().figure


def _studies(given: Study | Comparison | Sequence[Study]) -> tuple[Study, ...]:
    if isinstance(given, Study):
        return (given,)
    if isinstance(given, Comparison):
        return tuple(given.studies)
    return tuple(given)


def map(study: Study, ax: Axes | None = None) -> Axes:  # noqa: A001 - a name of the notebook interface
    """Draw flows each way, waiting cargo and ports shut by weather, from the log of a replication."""
    if ax is not None:
        return draw_map(frames_of(study), ax)
    return draw(study, "map").axes[0]


def time_space(
    run: Run | Study, span: Span | None = None, via: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw every train and vessel of the longest chain (through *via*) over the days of *span*."""
    if isinstance(run, Run):
        log, scenario = run.log, run.loaded
        if scenario is None:
            what = "does not hold its scenario; make it with sim.simulate"
            raise UsageError(f"the run of {run.scenario} {what}")
    else:
        log, scenario = log_of(run), run.scenario
    drawing = chain_of(log, scenario, View(span=span, via=via), ax)
    if ax is not None:
        return ax
    source = Provenance(scenario.name, scenario.hash, log.facts.seed, 1, __version__)
    return replace(drawing, source=source).noted().figure.axes[0]
