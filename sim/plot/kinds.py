"""Every kind of figure of a study, by name: what it shows, and how it is drawn with caption and source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from sim.errors import UsageError
from sim.metrics.movements import movements
from sim.metrics.places import moved, waiting
from sim.network.axis import axis
from sim.plot.comparison import carried, occupancy
from sim.plot.figures import main_flows, stacks_figure, warmup_figure
from sim.plot.geography import MapFrames, draw_map
from sim.plot.ground import BASE_MAP
from sim.plot.look import Provenance, figure_of, noted
from sim.plot.timespace import draw_time_space, positions
from sim.plot.transit import transit
from sim.plot.validation import validation
from sim.plot.waits import waits
from sim.study.run import Run, closures_of
from sim.study.validation import validate
from sim.version import __version__

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.log import RunLog
    from sim.study.study import Study

Span = tuple[pd.Timestamp, pd.Timestamp] | None
"""First and last moment that is shown; None: the figure's own."""
SHOWN_DAYS = 30
"""Of a diagram of time and space, if nobody says which."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of figure."""

    what: str
    draw: Callable[[Sequence[Study], Span], Figure]
    has_dates: bool = False


def map(study: Study, ax: Axes | None = None) -> Axes:  # noqa: A001 - a name of the notebook interface
    """Draw flows each way, waiting cargo and ports shut by weather on the map, from the log of a replication."""
    log, spec = _log(study), study.scenario.scenario
    rows = [(p, s.name or p, s.lon, s.lat) for p, s in spec.places.items() if s.lon is not None and s.lat is not None]
    summary = study.summary()
    shut = summary[(summary["name"] == "closed_share") & summary["activity"].isna()]
    frames = MapFrames(
        places=pd.DataFrame(rows, columns=["place", "name", "lon", "lat"]),
        flows=moved(log),
        waiting=waiting(log),
        closed=pd.DataFrame({"place": shut["where"], "share": shut["mean"]}),
    )
    drawn = draw_map(frames, ax)
    if ax is None:
        noted(
            figure_of(drawn), _map_caption(frames), replace(_source((study,)), beside=BASE_MAP, replications=1).line()
        )
    return drawn


def _map_caption(frames: MapFrames) -> str:
    if frames.flows.empty or frames.waiting.empty:
        return "Nothing moved or waited in the measured time."
    most = frames.flows.loc[frames.flows["t_per_year"].idxmax()]
    stands = frames.waiting.groupby("place")["tonnes"].sum()
    flow = f"Most moves from {most['from_place']} to {most['to_place']}: {most['t_per_year'] / 1e6:.2f} Mt a year"
    return f"{flow}. Most waits at {stands.idxmax()}: {stands.max() / 1e3:.1f} kt on average. All cargo, net tonnes."


def time_space(run: Run | Study, span: Span = None, via: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw every train and vessel of the longest chain (through *via*) over the days of *span*."""
    if isinstance(run, Run):
        log, loaded = run.log, run.loaded
        if loaded is None:
            raise UsageError(f"the run of {run.scenario} does not hold its scenario; make it with sim.simulate")
    else:
        log, loaded = _log(run), run.scenario
    laid_out = axis(loaded, via)
    start = pd.Timestamp(log.facts.start_date)
    first = start + pd.Timedelta(seconds=log.facts.warmup_s)
    shown = span or (first, first + pd.Timedelta(days=SHOWN_DAYS))
    rows = positions(movements(log), laid_out)
    begin, end = (start + pd.to_timedelta(rows[at], unit="s") for at in ("start_s", "end_s"))
    rows = rows.assign(start=begin, end=end)
    drawn = draw_time_space(rows, laid_out, closures_of(log), shown, ax)
    if ax is None:
        going = rows[(rows["end"] > shown[0]) & (rows["start"] < shown[1]) & (rows["leg"] != "")]
        count = going.groupby("kind", observed=True)["vehicle"].nunique()
        trains, vessels = count.get("train", 0), count.get("vessel", 0)
        told = f"{trains} trains and {vessels} vessels move in these days; a flat line waits."
        if laid_out.estimated:
            told += " Where a leg has no length, its running time stands for it."
        source = Provenance(loaded.name, loaded.hash, log.facts.seed, 1, __version__)
        noted(figure_of(drawn), told, source.line())
    return drawn


def _of_summary(draw: Callable[[pd.DataFrame], Axes], caption: str, *, main: bool) -> Callable[..., Figure]:
    def drawn(studies: Sequence[Study], _span: Span) -> Figure:
        frame = pd.concat([s.summary().assign(scenario=s.scenario.name) for s in studies], ignore_index=True)
        return noted(figure_of(draw(main_flows(frame) if main else frame)), caption, _source(studies).line())

    return drawn


def _validation(studies: Sequence[Study], _span: Span) -> Figure:
    if not studies[0].scenario.scenario.observed:
        raise UsageError(
            f"{studies[0].scenario.name} says nothing of what was observed, so there is nothing to validate"
        )
    table = validate(studies[0]).table()
    told = f"{int(table['inside'].sum())} of {len(table)} targets lie inside their range."
    return noted(figure_of(validation(table)), told, _source(studies[:1]).line())


KINDS: Mapping[str, Kind] = {
    "carried": Kind(
        "offered and carried cargo by scenario",
        _of_summary(carried, "The gap to the outline is what is offered and not carried.", main=False),
    ),
    "map": Kind("flows, waiting cargo and closed ports on the map", lambda s, _: figure_of(map(s[0]))),
    "occupancy": Kind(
        "how busy the busiest resources are",
        _of_summary(occupancy, "Full is 1; 'queue grows' marks what is overloaded.", main=False),
    ),
    "stacks": Kind(
        "cargo in the fullest stacks over time, with bands",
        lambda s, _: noted(stacks_figure(s), "A line that climbs from year to year is an overload.", _source(s).line()),
    ),
    "time-space": Kind(
        "trains and vessels over time and distance", lambda s, span: figure_of(time_space(s[0], span)), has_dates=True
    ),
    "transit": Kind(
        "transit time by flow",
        _of_summary(transit, "A long line is an unreliable flow: one in ten takes longer.", main=True),
    ),
    "validation": Kind("simulated beside observed, target by target", _validation),
    "waits": Kind(
        "where the days of each flow go",
        _of_summary(waits, "Blue and grey is what it takes; the other colours are waits.", main=True),
    ),
    "warmup": Kind(
        "how the cargo inside settles after the start",
        lambda s, _: noted(warmup_figure(s), "What is shaded is left out of all numbers.", _source(s).line()),
    ),
}


def _log(study: Study) -> RunLog:
    log = study.replications[0].log if study.replications else None
    if log is None:
        what = "keeps no log of a replication, which this figure reads"
        raise UsageError(
            f"the study of {study.scenario.name} {what}; run it with --out, or replicate with keep_log=True"
        )
    return log


def _source(studies: Sequence[Study]) -> Provenance:
    first = studies[0]
    names = ", ".join(study.scenario.name for study in studies)
    return Provenance(names, first.scenario.hash, first.seed, len(first.replications), __version__)
