"""What a map shows: places, flows, waiting cargo and closed ports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from sim.analysis.labels import place_name
from sim.metrics.places import moved, waiting
from sim.plot.drawing import log_of
from sim.plot.look import GROUP_OF

if TYPE_CHECKING:
    from sim.study.study import Study

WIDEST_PT = 7.0
"""Width of the widest band."""
LARGEST_PT = 20.0
"""Diameter of the largest circle."""


class Scale(NamedTuple):
    """What marks of full size stand for."""

    widest_t_per_year: float
    largest_t: float


@dataclass(frozen=True, slots=True)
class MapFrames:
    """What a map shows."""

    places: pd.DataFrame
    """``place, name, lon, lat``."""
    flows: pd.DataFrame
    """`sim.metrics.places.moved`."""
    waiting: pd.DataFrame
    """`sim.metrics.places.waiting`."""
    closed: pd.DataFrame
    """``place, share``: of the time in which the weather shuts a port."""
    scale: Scale | None = None
    """What the widest band and the largest circle stand for; None: what is largest on this map."""

    def table(self) -> pd.DataFrame:
        """Return all of it as one table.

        Columns ``what, leg, kind, place, to_place, activity, value, unit, width_pt``.
        """
        flows = self.flows.rename(columns={"from_place": "place", "t_per_year": "value"})
        stands = self.waiting.rename(columns={"tonnes": "value"})
        shut = self.closed.rename(columns={"share": "value"})
        parts = [
            flows.assign(what="moves", unit="t/a", width_pt=widths_pt(self)),
            stands.assign(what="waits", unit="t"),
            shut.assign(what="shut", unit="share"),
        ]
        filled = [part for part in parts if len(part)]
        columns = [
            "what",
            "leg",
            "kind",
            "place",
            "to_place",
            "activity",
            "value",
            "unit",
            "width_pt",
        ]
        return pd.concat(filled or parts, ignore_index=True).reindex(columns=columns)


def frames_of(study: Study) -> MapFrames:
    """Return what the map of *study* shows.

    Flows and waiting cargo come from the log of a replication, closures from the summary.
    """
    log, spec = log_of(study), study.scenario.spec
    places = [
        (name, place_name(spec, name), place.lon, place.lat) for name, place in spec.places.items()
    ]
    summary = study.summary()
    shut = summary[
        (summary["name"] == "closed_share")
        & summary["activity"].isna()
        & summary["where"].isin(spec.places)
    ]
    return MapFrames(
        places=pd.DataFrame(places, columns=["place", "name", "lon", "lat"]).dropna(),
        flows=moved(log),
        waiting=waiting(log),
        closed=pd.DataFrame({"place": shut["where"], "share": shut["mean"]}),
    )


def scale_of(frames: MapFrames) -> Scale:
    """Return the scale of a map: its own, or that which it shares with others."""
    if frames.scale is not None:
        return frames.scale
    return Scale(max(frames.flows["t_per_year"], default=0.0), max(_stands(frames), default=0.0))


def on_one_scale(maps: Sequence[MapFrames]) -> list[MapFrames]:
    """Return *maps* with the scale of the largest of them, so that they can be compared by eye."""
    scales = [scale_of(frames) for frames in maps]
    common = Scale(*(max(sizes) for sizes in zip(*scales, strict=True)))
    return [replace(frames, scale=common) for frames in maps]


def widths_pt(frames: MapFrames) -> pd.Series[float]:
    """Return the width of each flow on paper [pt]: in proportion to its tonnes a year."""
    most = scale_of(frames).widest_t_per_year
    return frames.flows["t_per_year"] / (most or 1.0) * WIDEST_PT


def _stands(frames: MapFrames) -> pd.Series[float]:
    """Return the cargo that waits at each place on the map [t]."""
    rows = frames.waiting[frames.waiting["place"].isin(frames.places["place"])]
    totals = rows.groupby("place", sort=False)["tonnes"].sum()
    return totals[totals > 0]


def sizes_pt(frames: MapFrames) -> pd.Series[float]:
    """Return the diameter of the circle of each place on the map with waiting cargo [pt]."""
    totals = _stands(frames)
    return LARGEST_PT * np.sqrt(totals / (scale_of(frames).largest_t or 1.0))


def main_waits(waiting: pd.DataFrame) -> dict[str, str]:
    """Return for each place the group of activities in which most of its cargo waits."""
    rows = waiting.assign(group=waiting["activity"].map(GROUP_OF))
    totals = rows.groupby(["place", "group"], sort=False)["tonnes"].sum()
    largest = totals.groupby("place", sort=False).idxmax()
    return {str(place): str(group) for place, group in largest}


def weight(tonnes: float) -> str:
    """Return *tonnes* as people say them: t, kt or Mt."""
    for size, unit in ((1e6, "Mt"), (1e3, "kt")):
        if tonnes >= 0.9995 * size:
            return f"{tonnes / size:.3g} {unit}"
    return f"{tonnes:.3g} t"
