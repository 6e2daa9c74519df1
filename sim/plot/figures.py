"""The figures of a study, as files: PNG to look at, SVG to print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure

from sim.plot.drawing import place_name
from sim.plot.look import FULL_IN, INK, SMALL_PT, THIN, figure_of, nothing_to_show, settle
from sim.plot.stacks import stacks
from sim.plot.waits import main_flows
from sim.plot.warmup import warmup
from sim.study.files import whole

if TYPE_CHECKING:
    from sim.study.study import Study

__all__ = [
    "figure_of",
    "main_flows",
    "save_figure",
    "save_figures",
    "stacks_figure",
    "warmup_figure",
]

DPI = 200
FULLEST = 6
"""Stacks that are drawn: those whose level is highest."""


def save_figures(figures: Mapping[str, Figure], folder: Path) -> list[Path]:
    """Write *figures* by name into *folder* and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    return [path for name, figure in figures.items() for path in _save(figure, folder, name)]


def stacks_figure(studies: Sequence[Study]) -> Figure:
    """Return one panel for each of the fullest stacks, scenarios together, closures of its port
    shaded."""
    levels = levels_of(studies)
    shut = studies[0].replications[0].closures
    names = fullest(levels)
    figure = Figure(figsize=(FULL_IN, 1.0 + 1.5 * max(len(names), 1)), layout="constrained")
    if not names:
        nothing_to_show(figure.add_subplot(), "no stack was used")
        return figure
    for number, name in enumerate(names):
        ax = figure.add_subplot(len(names), 1, number + 1)
        place = name.split("/")[0]
        stacks(levels[levels["stack"] == name], shut[shut["place"] == place], ax)
        for moment in _measured(studies):
            ax.axvline(moment, color=INK, lw=THIN, ls=":")
        ax.set_title(
            f"{name}: cargo at {place_name(studies[0], place)} for {name.rsplit('/', 1)[-1]}",
            loc="left",
            fontsize=SMALL_PT + 1,
        )
    ends = figure.axes[0].get_legend_handles_labels()
    figure.legend(*ends, loc="outside upper center", ncols=3, fontsize=SMALL_PT, frameon=False)
    return figure


def _measured(studies: Sequence[Study]) -> list[pd.Timestamp]:
    """Return where the measured time of any of *studies* begins and ends."""
    horizons = [study.scenario.spec.horizon for study in studies]
    ends = [
        pd.Timestamp(h.start) + pd.Timedelta(days=days)
        for h in horizons
        for days in (h.warmup_days, h.days)
    ]
    return list(dict.fromkeys(ends))


def warmup_figure(studies: Sequence[Study]) -> Figure:
    """Return one panel for each scenario: how its cargo settles, and the run-in that is left
    out."""
    figure = Figure(figsize=(FULL_IN, 0.4 + 2.2 * len(studies)), layout="constrained")
    for number, study in enumerate(studies):
        ax = figure.add_subplot(len(studies), 1, number + 1)
        warmup(study.cargo_waiting, study.scenario.spec.horizon.warmup_days, study.warmup, ax)
        # Above the legend.
        ax.set_title(study.scenario.name, loc="left", fontsize=SMALL_PT + 1, pad=18)
    return figure


def fullest(levels: pd.DataFrame) -> list[str]:
    """Return the stacks whose level was highest."""
    highest = levels.groupby("stack", sort=False)["level"].max().nlargest(FULLEST)
    return [str(name) for name in highest[highest > 0].index]


def levels_of(studies: Sequence[Study]) -> pd.DataFrame:
    """Return ``scenario, replication, day, stack, level`` of every study."""
    return pd.concat([_levels(study) for study in studies], ignore_index=True)


def _levels(study: Study) -> pd.DataFrame:
    frames = [
        r.levels.rename_axis(index="day", columns="stack")
        .stack()
        .rename("level")
        .reset_index()
        .assign(replication=r.number)
        for r in study.replications
    ]
    return pd.concat(frames, ignore_index=True).assign(scenario=study.scenario.name)


def _save(figure: Figure, folder: Path, name: str) -> Iterator[Path]:
    for kind in ("png", "svg"):
        yield save_figure(figure, folder / f"{name}.{kind}")


def save_figure(figure: Figure, path: Path) -> Path:
    """Write *figure* as SVG, PNG or PDF by the ending of *path*, with fixed ids and no date: always
    the same bytes."""
    _settle(figure)
    kind = path.suffix.removeprefix(".")
    metadata = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[
        kind
    ]
    with rc_context({"svg.hashsalt": "corridor", "svg.fonttype": "none"}), whole(path) as part:
        figure.savefig(part, format=kind, dpi=DPI, metadata=metadata)
    return path


def _settle(figure: Figure) -> None:
    """Lay *figure* out for good, on round places: the solver of the layout ends anywhere within its
    last digits."""
    settle(figure)
    figure.set_layout_engine("none")
    for ax in figure.axes:
        ax.set_position(tuple(round(value, 6) for value in ax.get_position(original=True).bounds))
