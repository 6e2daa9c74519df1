"""The measured window, and intervals cut to it."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.log import RunLog, closed_ends
from sim.units import DAY, YEAR, Seconds


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of the run, in seconds since its start."""

    start_s: Seconds
    end_s: Seconds

    @property
    def length_s(self) -> Seconds:
        """Its length."""
        return self.end_s - self.start_s

    @property
    def years(self) -> float:
        """Its length in years of 365 days."""
        return self.length_s / YEAR

    def contains(self, at_s: pd.Series) -> NDArray[np.bool_]:
        """Return which times lie in it."""
        values = at_s.to_numpy()
        return np.asarray((values >= self.start_s) & (values < self.end_s))

    def overlap_s(self, start_s: NDArray[np.int64], end_s: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how long each interval lies in it."""
        return np.maximum(np.minimum(end_s, self.end_s) - np.maximum(start_s, self.start_s), 0)

    def shifted(self, by_s: Seconds) -> Window:
        """Return the window that much later."""
        return Window(self.start_s + by_s, self.end_s + by_s)


def measured(log: RunLog) -> Window:
    """Return the window that is measured: after the warm-up, to the end of the stated days."""
    return Window(log.facts.warmup_s, log.facts.window_end_s)


def growth_windows(log: RunLog) -> tuple[Window, Window] | None:
    """Return a window at the end of the measured one and the same calendar window a year before.

    It is as long as fits, at most a year and at most half of the measured window, so that a run-in of a year before a
    measured year gives a comparison without the start-up. None where the run is too short.
    """
    window = measured(log)
    length_s = min(YEAR, window.length_s // 2 // DAY * DAY)
    late = Window(window.end_s - length_s, window.end_s)
    early = late.shifted(-YEAR)
    return (early, late) if length_s > 0 and early.start_s >= 0 else None


def ends(frame: pd.DataFrame, log: RunLog) -> NDArray[np.int64]:
    """Return ``end_s`` of *frame*, what is open counted to the end of the run."""
    return closed_ends(frame, log.facts.end_s)


def mean_level(frame: pd.DataFrame, log: RunLog, weight: NDArray[np.int64], window: Window) -> NDArray[np.float64]:
    r"""Return the time-mean of what overlaps *window*, by resource code: :math:`\sum_i w_i |I_i \cap T| / |T|`."""
    overlap = window.overlap_s(frame["start_s"].to_numpy(), ends(frame, log))
    totals = np.bincount(frame["resource"].to_numpy(), weights=overlap * weight, minlength=len(log.resources))
    return totals / window.length_s


def growth_per_year(frame: pd.DataFrame, log: RunLog, weight: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return by resource code how much higher the mean level is in the later of `growth_windows`; NaN without them."""
    pair = growth_windows(log)
    if pair is None:
        return np.full(len(log.resources), nan)
    early, late = pair
    return mean_level(frame, log, weight, late) - mean_level(frame, log, weight, early)


def share_of_flow(growth: float, per_year: float) -> float:
    """Return *growth* over the yearly flow: 0 where nothing grows, used or not; NaN where it has no measure."""
    if growth == 0:
        return 0.0
    return growth / per_year if per_year else nan
