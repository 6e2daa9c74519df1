"""Validation: a study compared with what was observed, target by target; a miss is never hidden.

Two questions, which are not the same. Does the mean over replications lie in the range of the
target? And is the observation, which is one draw, one that a season may bring: does it lie in the
forecast interval of a single season (`sim.analysis.observed._forecast`)?
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

import pandas as pd

from sim.analysis.numbers import numbers_of
from sim.analysis.observed._forecast import Forecast, binomial_interval
from sim.analysis.observed._seasons import Seasons
from sim.analysis.observed._targets import Target, check_targets, inputs_behind, targets_of
from sim.errors import UsageError
from sim.study.interval import Interval
from sim.study.study import Study

INSIDE, OUTSIDE, MISSING = "inside", "outside", "no number"
USES = ("fitted", "judged")
REGIMES = ("year", "calm", "stress")
REPLICATIONS, INPUTS, NAIVE = "replications", "inputs", "naive"
FORECASTS = {REPLICATIONS: "season", INPUTS: "inputs", NAIVE: "naive"}
"""Forecasts of a season by what varies, with the beginning of their columns: random numbers alone,
inputs too, and the one that needs no model."""


@dataclass(frozen=True, slots=True)
class CheckedTarget:
    """One target and what was simulated for it."""

    target: Target
    simulated: Interval
    shared_inputs: tuple[str, ...]
    """Inputs that rest on the same row of evidence."""
    forecasts: Mapping[str, Forecast]
    """By what varies, see `FORECASTS`; those that there are."""

    @property
    def is_inside(self) -> bool:
        """Whether the mean lies in the range of the target; one that does not exist does not."""
        return isfinite(self.simulated.mean) and self.target.holds(self.simulated.mean)

    @property
    def is_clear(self) -> bool:
        """Whether the whole interval lies on one side of each bound, so that more replications
        would change nothing."""
        if not self.simulated.has_bounds:
            return False
        ends = (self.target.low, self.target.high)
        return all(self.simulated.excludes(end) for end in ends)

    @property
    def verdict(self) -> str:
        """Inside, outside or no number."""
        if not isfinite(self.simulated.mean):
            return MISSING
        return INSIDE if self.is_inside else OUTSIDE

    def row(self) -> dict[str, Any]:
        """Return its row of the table."""
        target, observation = self.target, self.target.observation
        measured = observation.measured
        observed = observation.value
        range_share = error_share = nan
        if observed:
            range_share = (target.high - target.low) / abs(observed)
            error_share = self.simulated.mean / observed - 1
        return {
            "target": target.id,
            "title": observation.title,
            "use": observation.use,
            "family": observation.family,
            "counts": target.counts,
            "scope": observation.scope,
            "observed": observed,
            "range_low": target.low,
            "range_high": target.high,
            "range_share": range_share,
            **self.simulated.named("simulated"),
            "error_share": error_share,
            "inside": self.is_inside,
            "clear": self.is_clear,
            "verdict": self.verdict,
            "unit": observation.unit,
            "source": target.sourced.origin,
            "shared_inputs": len(self.shared_inputs),
            "note": observation.note,
            "measured": measured.in_words() if measured else "not stated",
            "differs": measured.differs if measured else "",
            "regime": observation.regime,
            "naive": nan if observation.naive is None else observation.naive,
            **self._forecast_columns(),
        }

    def _forecast_columns(self) -> dict[str, Any]:
        """Return the columns of all forecasts; where there is none, no numbers."""
        columns: dict[str, Any] = {}
        none = Forecast(nan, nan, self.target.observation.value)
        for kind, prefix in FORECASTS.items():
            forecast = self.forecasts.get(kind, none)
            columns |= {
                f"{prefix}_low": forecast.low,
                f"{prefix}_high": forecast.high,
                f"{prefix}_verdict": _verdict(forecast),
                f"{prefix}_score": forecast.score,
            }
            if kind != NAIVE:
                columns |= {f"{prefix}_crps": forecast.crps, f"{prefix}_count": forecast.seasons}
        return columns


def _verdict(forecast: Forecast) -> str:
    if not forecast.exists:
        return MISSING
    return INSIDE if forecast.is_inside else OUTSIDE


@dataclass(frozen=True, repr=False)
class Validation:
    """Every target of a scenario, in order."""

    study: Study
    checked: tuple[CheckedTarget, ...]
    seasons: Seasons | None = None
    """Seasons with inputs over their ranges, if they were run."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What varies in the forecasts of the model that there are."""
        return (REPLICATIONS,) if self.seasons is None else (REPLICATIONS, INPUTS)

    def share_inside(self, use: str) -> tuple[int, int]:
        """Return how many of the targets of that *use* lie inside, and how many count; linked ones
        count once."""
        counted = [
            checked
            for checked in self.checked
            if checked.target.observation.use == use and checked.target.counts
        ]
        return sum(checked.is_inside for checked in counted), len(counted)

    def share_forecast(self, kind: str, use: str, regime: str | None = None) -> Interval:
        """Return the share of observations that lie in their forecast interval of one season.

        Of the targets of that *use*, in one *regime* or in all; linked ones count once, and one
        without a number lies outside. The bounds are those of a binomial share, as if targets were
        independent; they share seasons, so that less is known.
        """
        counted = [
            checked
            for checked in self.checked
            if checked.target.observation.use == use
            and checked.target.counts
            and regime in (None, checked.target.observation.regime)
        ]
        hits = [kind in one.forecasts and one.forecasts[kind].is_inside for one in counted]
        return binomial_interval(sum(hits), len(counted))

    def against_naive(self, kind: str) -> pd.DataFrame:
        """Return the forecasts of judged targets beside naive ones that are stated.

        Columns ``target, width, naive_width, sharpness, score, naive_score, skill``: ``sharpness``
        is the ratio of the widths, ``skill`` what is saved of the naive score (1: all of it, below
        0: the naive forecast is the better one). Linked targets are left out.
        """
        rows = []
        for checked in self.checked:
            ours, naive = checked.forecasts.get(kind), checked.forecasts.get(NAIVE)
            is_judged = checked.target.counts and not checked.target.is_fitted
            if ours is None or naive is None or not is_judged:
                continue
            rows.append(
                {
                    "target": checked.target.id,
                    "width": ours.width,
                    "naive_width": naive.width,
                    "sharpness": ours.width / naive.width,
                    "score": ours.score,
                    "naive_score": naive.score,
                    "skill": 1 - ours.score / naive.score,
                }
            )
        columns = ["target", "width", "naive_width", "sharpness", "score", "naive_score", "skill"]
        return pd.DataFrame(rows, columns=columns)

    def table(self) -> pd.DataFrame:
        """Return one row a target.

        Columns ``target, title, use, family, counts, scope, observed, range_low, range_high,
        range_share, simulated, low, high, error_share, inside, clear, verdict, unit, source,
        shared_inputs, note, measured, differs, regime``; ``range_share`` is the width of the range
        over the observed value, ``low`` and ``high`` bound the simulated mean at 95 %. Then the
        forecasts of one season at 90 %, from replications alone (``season_``), with inputs over
        their ranges (``inputs_``) and without a model (``naive``, ``naive_``): ``low, high, verdict``
        of the observation, interval ``score``, ``crps`` and ``count`` of seasons.
        """
        return pd.DataFrame([checked.row() for checked in self.checked])

    def in_words(self) -> str:
        """Return the shares inside, in a sentence."""
        shares = []
        for use in USES:
            inside, count = self.share_inside(use)
            shares.append(f"{inside} of {count} {use}")
        linked = sum(not checked.target.counts for checked in self.checked)
        also = f"; {linked} follow from others and are not counted" if linked else ""
        return f"inside their range: {' and '.join(shares)} targets{also}"

    def __repr__(self) -> str:
        return f"<Validation of {self.study.scenario.name!r}, {self.in_words()}>"

    def _repr_html_(self) -> str:
        columns = [
            "title",
            "use",
            "observed",
            "range_low",
            "range_high",
            "simulated",
            "low",
            "high",
            "verdict",
            "season_low",
            "season_high",
            "season_verdict",
            "unit",
        ]
        return str(self.table()[columns].to_html(index=False))


def validate(study: Study, seasons: Seasons | None = None) -> Validation:
    """Compare *study* with what its scenario says was observed.

    Parameters
    ----------
    seasons
        Seasons of the same scenario with inputs over their ranges; without them a season is judged
        by replications alone.

    Raises
    ------
    UsageError
        The scenario has no targets, one of a metric that no run has, or the seasons are those of another scenario.
    """
    if seasons is not None and seasons.scenario.hash != study.scenario.hash:
        raise UsageError(
            f"the seasons are those of {seasons.scenario.name}, which differs from the study of "
            f"{study.scenario.name}; draw them of the same scenario"
        )
    numbers = [numbers_of(replication.metrics) for replication in study.replications]
    checked, targets = [], targets_of(study.scenario)
    check_targets(targets, numbers[0])
    for target in targets:
        values = [target.of(one) for one in numbers]
        drawn = None if seasons is None else seasons.of(target.id)
        checked.append(
            CheckedTarget(
                target,
                Interval.of(values, target.bounds),
                inputs_behind(study.scenario, target),
                _forecasts(target, values, drawn),
            )
        )
    return Validation(study, tuple(checked), seasons)


def _forecasts(
    target: Target, values: list[float], drawn: list[float] | None
) -> dict[str, Forecast]:
    """Return the forecasts of one season: from replications, over inputs and without a model."""
    observed, bounds = target.observation.value, target.bounds
    forecasts = {REPLICATIONS: Forecast.of_seasons(values, observed, bounds)}
    if drawn is not None:
        forecasts[INPUTS] = Forecast.of_seasons(drawn, observed, bounds)
    if target.naive is not None:
        forecasts[NAIVE] = target.naive
    return forecasts
