r"""Disruption: what a closure of so many days costs, against how long it lasts.

The scenario runs with and without the closure on common random numbers. The excess :math:`E(t)` is
the cargo of scope ``titr`` inside the corridor with it, less that without it, at each midnight.
Recovery is from the end of the closure to the first midnight at which no more than a tenth of the
highest excess is left; what is delayed is :math:`\sum_t E(t)^+` over the days from the beginning of
the closure to that midnight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import isfinite, nan
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.runs.points import Points, run_points
from sim.runs.requests import Request, check_replications_and_seed
from sim.runs.runner import Runner, runner_or_new
from sim.spec.load import Scenario
from sim.study.interval import NOT_NEGATIVE, Interval

CLOSURE = "closure"
"""Id of the disruption that is added."""
LEFT = 0.1
"""Share of the highest excess at which the corridor counts as recovered."""
TARGETS = ("section", "port", "berths", "border", "locomotives", "service")
"""Parts of a scenario that can be closed."""
MEASURES = {"recovery_days": "recovery", "delayed_t_days": "delayed", "peak_t": "peak"}
"""What is measured of a closure, and how the columns of its bounds begin."""


@dataclass(frozen=True, slots=True)
class ClosureImpact:
    """One closure in one replication."""

    recovery_days: float
    """NaN where it was still felt when the run ended."""
    delayed_t_days: float
    peak_t: float


@dataclass(frozen=True, repr=False)
class Disrupted:
    """A closure of several lengths."""

    scenario: Scenario
    what: Mapping[str, Any]
    begins: date
    seed: int
    impacts: Mapping[float, tuple[ClosureImpact, ...]]
    """By days of closure, one for each replication."""

    def table(self) -> pd.DataFrame:
        """Return one row for each length of closure.

        Columns ``days, recovery_days, recovery_low, recovery_high, delayed_t_days, delayed_low,
        delayed_high, peak_t, peak_low, peak_high, not_recovered, n``: means over replications with
        their 95 % intervals; none where a replication did not recover before the run ended.
        """
        rows = []
        for days, impacts in self.impacts.items():
            row: dict[str, Any] = {"days": days}
            for name, short in MEASURES.items():
                interval = Interval.of((getattr(one, name) for one in impacts), NOT_NEGATIVE)
                row |= interval.named(name, short)
            missed = sum(not isfinite(one.recovery_days) for one in impacts)
            rows.append({**row, "not_recovered": missed, "n": len(impacts)})
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        what = ", ".join(f"{key} {value}" for key, value in self.what.items())
        return f"<Disrupted {self.scenario.name!r}, {what}, {len(self.impacts)} lengths>"

    def _repr_html_(self) -> str:
        return str(self.table().to_html(index=False))


def disrupt(
    scenario: Scenario,
    what: Mapping[str, Any],
    days: Sequence[float],
    *,
    begins: date | None = None,
    replications: int = 10,
    seed: int = 1,
    runner: Runner | None = None,
) -> Disrupted:
    """Close a part of *scenario* for so many *days*.

    Parameters
    ----------
    what
        As a disruption of a scenario file says it, without its time: ``{"port": "kuryk"}``, and
        ``lost``, ``rate`` or ``inside`` if need be.
    begins
        Midnight at which it begins; default, the first of the measured window.

    Raises
    ------
    UsageError
        There is no length, or the closure ends after the measured window.
    ScenarioError
        The scenario has no such part.
    """
    replications, seed = check_replications_and_seed(replications, seed)
    horizon = scenario.spec.horizon
    if begins is None:
        begins = horizon.start + timedelta(days=horizon.warmup_days)
    lengths = _checked_lengths(scenario, days, begins)
    closed = [_closed(scenario, what, length, begins) for length in lengths]
    requests = [Request.of(at, seed, range(replications)) for at in (scenario, *closed)]
    with runner_or_new(runner) as active:
        points: Points[NDArray[np.int64]] = run_points(
            requests, lambda replication: replication.inside_kg, active
        )
    without, *others = points.complete()
    start_day = (begins - horizon.start).days
    impacts = {}
    for length, inside in zip(lengths, others, strict=True):
        impacts[length] = tuple(
            impact_of(without[n], inside[n], start_day, length) for n in range(replications)
        )
    return Disrupted(scenario, what, begins, seed, impacts)


def _checked_lengths(scenario: Scenario, days: Sequence[float], begins: date) -> list[float]:
    """Return the lengths of closure in order, all within the run."""
    lengths = sorted(set(days))
    if not lengths or lengths[0] <= 0:
        raise UsageError("a closure lasts some days; give one length or more, such as 1,3,7,14")
    horizon = scenario.spec.horizon
    last = horizon.start + timedelta(days=horizon.days)
    if begins < horizon.start or begins + timedelta(days=lengths[-1]) > last:
        raise UsageError(
            f"a closure of {lengths[-1]:g} days from {begins} "
            f"must lie between {horizon.start} and {last}"
        )
    return lengths


def _closed(scenario: Scenario, what: Mapping[str, Any], days: float, begins: date) -> Scenario:
    lasting = f"{round(days * 24 * 60)}min"
    return scenario.with_(
        {f"disruptions.{CLOSURE}": {**what, "from": begins.isoformat(), "lasting": lasting}}
    )


def impact_of(
    without: NDArray[np.int64], inside: NDArray[np.int64], start_day: int, days: float
) -> ClosureImpact:
    """Return what the closure did: both runs at the midnights that both have."""
    common = min(len(without), len(inside))
    excess_t = (inside[start_day:common] - without[start_day:common]) / 1000
    ends = int(np.ceil(days))
    peak_t = float(max(excess_t.max(), 0.0))
    back = np.flatnonzero(excess_t[ends:] <= LEFT * peak_t)
    if not len(back):
        return ClosureImpact(nan, nan, peak_t)
    recovered = ends + int(back[0])
    delayed = float(np.maximum(excess_t[: recovered + 1], 0.0).sum())
    return ClosureImpact(recovered - days, delayed, peak_t)
