"""Every kind of figure of a study, by name: what it shows, and how it is drawn with caption and
source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.analysis.observed import validate
from sim.errors import UsageError
from sim.plot import captions
from sim.plot.budgets import draw_budgets
from sim.plot.comparison import carried, occupancy
from sim.plot.drawing import Drawing, View, log_of, source_of, summaries
from sim.plot.figures import (
    FULLEST,
    fullest,
    levels_of,
    main_flows,
    save_figures,
    stacks_figure,
    warmup_figure,
)
from sim.plot.gantt import draw_gantt
from sim.plot.geography import map_drawing
from sim.plot.ground import BASE_MAP
from sim.plot.look import figure_of
from sim.plot.seasons import draw_calendar
from sim.plot.timespace import chain_drawing
from sim.plot.transit import percentiles, spread, transit
from sim.plot.validation import validation
from sim.plot.waits import waits
from sim.plot.waterfall import draw_waterfall

if TYPE_CHECKING:
    from sim.study.study import Study


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of figure."""

    what: str
    make: Callable[[Sequence[Study], View], Drawing]
    takes: tuple[str, ...] = ()
    """Fields of `View` that it heeds."""
    from_log: bool = False
    """Whether it shows one replication of the first study, from its log."""
    beside: str = ""
    """Another source."""

    def draw(self, studies: Sequence[Study], view: View | None = None) -> Drawing:
        """Draw it with caption and source.

        Raises
        ------
        UsageError
            The studies lack what it shows.
        """
        shown = studies[:1] if self.from_log else studies
        source = source_of(shown, from_log=self.from_log, beside=self.beside)
        return self.make(shown, view or View()).with_source(source)


def _of_summary(
    draw: Callable[[pd.DataFrame], object],
    told: Callable[[pd.DataFrame], str],
    names: tuple[str, ...],
    *,
    main: bool,
) -> Callable[[Sequence[Study], View], Drawing]:
    """Return what draws rows of the summary; *main*: of the flows with most tonnes alone."""

    def drawn(studies: Sequence[Study], _: View) -> Drawing:
        frame = summaries(studies)
        frame = main_flows(frame) if main else frame
        frame = frame[frame["name"].isin(names)].reset_index(drop=True)
        return Drawing(figure_of(draw(frame)), frame, told(frame))  # type: ignore[arg-type]

    return drawn


def _transit(studies: Sequence[Study], _: View) -> Drawing:
    frame = main_flows(summaries(studies))
    frame = frame[frame["name"].isin(["transit_days_p50", "transit_days_p90"])]
    kept = [
        study for study in studies if study.replications and study.replications[0].log is not None
    ]
    found = [spread(log_of(study)).assign(scenario=study.scenario.name) for study in kept]
    spreads = pd.concat(found, ignore_index=True) if found else None
    ax = transit(frame, spreads=spreads)
    wide = [
        percentiles(frame, what).add_suffix(f"_{what}" if what != "mean" else "")
        for what in ("mean", "low", "high")
    ]
    table = pd.concat(wide, axis="columns").reset_index().rename_axis(columns=None)
    if spreads is not None:
        table = table.merge(spreads, on=["scenario", "flow"], how="left")
    return Drawing(figure_of(ax), table, captions.transit(frame))


def _stacks(studies: Sequence[Study], _: View) -> Drawing:
    levels = levels_of(studies)
    names = fullest(levels)
    table = levels[levels["stack"].isin(names)].reset_index(drop=True)
    return Drawing(stacks_figure(studies), table, captions.stacks(levels, names))


def _warmup(studies: Sequence[Study], _: View) -> Drawing:
    told = []
    for study in studies:
        stated, found = study.scenario.spec.horizon.warmup_days, study.warmup
        settled = "MSER-5 cannot tell"
        if found is not None:
            settled = (
                f"cargo settles after {found.days} days"
                if found.is_settled
                else "cargo does not settle"
            )
        told.append(f"{study.scenario.name}: {settled}, {stated} days are left out")
    table = pd.concat(
        [s.cargo_waiting.assign(scenario=s.scenario.name) for s in studies], ignore_index=True
    )
    return Drawing(warmup_figure(studies), table, f"{'. '.join(told)}.")


def _validation(studies: Sequence[Study], _: View) -> Drawing:
    if not studies[0].scenario.spec.observed:
        what = "says nothing of what was observed, so there is nothing to validate"
        raise UsageError(f"{studies[0].scenario.name} {what}")
    table = validate(studies[0]).table()
    return Drawing(figure_of(validation(table)), table, captions.validation(table))


_DATED = ("span",)
KINDS: Mapping[str, Kind] = {
    "budgets": Kind("what vessels and berths do with their time", lambda s, _: draw_budgets(s)),
    "calendar": Kind(
        "weather, calls and cargo of the ports by month", lambda s, _: draw_calendar(s)
    ),
    "carried": Kind(
        "offered and carried cargo by scenario",
        _of_summary(
            carried, captions.carried, ("offered_t_per_year", "carried_t_per_year"), main=False
        ),
    ),
    "gantt": Kind(
        "berths of a port and its vessels over time",
        lambda s, v: draw_gantt(s[0], v),
        ("span", "at"),
        from_log=True,
    ),
    "map": Kind(
        "flows, waiting cargo and closed ports on the map",
        lambda s, _: map_drawing(s[0]),
        from_log=True,
        beside=BASE_MAP,
    ),
    "occupancy": Kind(
        "how busy the busiest resources are",
        _of_summary(occupancy, captions.occupancy, ("occupancy", "overloaded"), main=False),
    ),
    "stacks": Kind(f"cargo in the {FULLEST} fullest stacks over time, with bands", _stacks),
    "time-space": Kind(
        "trains and vessels over time and distance",
        lambda s, v: chain_drawing(s[0], v),
        ("span", "via"),
        from_log=True,
    ),
    "transit": Kind("transit time by flow, and its spread", _transit),
    "validation": Kind("simulated beside observed, target by target", _validation),
    "waits": Kind(
        "where the days of each flow go",
        _of_summary(
            waits,
            captions.waits,
            ("wait_days", "transit_days_mean", "offered_t_per_year"),
            main=True,
        ),
    ),
    "warmup": Kind("how the cargo inside settles after the start", _warmup),
    "waterfall": Kind(
        "from free flow to transit time, wait by wait",
        lambda s, v: draw_waterfall(s, v.flow),
        ("flow",),
    ),
}

_ALWAYS = (
    "carried",
    "transit",
    "waits",
    "waterfall",
    "budgets",
    "calendar",
    "occupancy",
    "stacks",
    "warmup",
)
"""Kinds that every study can show, log or not."""


def draw_study(studies: Sequence[Study], folder: Path) -> list[Path]:
    """Draw every figure that needs no log of *studies* into *folder* and return the files."""
    return save_figures({name: KINDS[name].draw(studies).figure for name in _ALWAYS}, folder)
