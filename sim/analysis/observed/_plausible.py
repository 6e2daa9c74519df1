r"""What a calibration knows: how far every point that was run is from the targets, and what is
plausible by them.

How far a point :math:`\theta` of the parameters' ranges is from the targets :math:`y_j` that count
and may be fitted:

.. math:: D(\theta) = \sum_j \frac{(\bar m_j(\theta) - y_j)^2}{s_j^2 + v_j (1 + 1/n)}

with :math:`\bar m_j` the mean of *n* replications, the same at every point; :math:`s_j` the
observation's standard deviation, its range taken as an interval of 95 %; and :math:`v_j` the
variance between replications, pooled over all points: once for the one year that was lived through,
and an n-th of it for the simulated mean. With a model that is right this is chi-square at the true
point, and :math:`D(\theta) - \min D` with as many degrees of freedom as there are parameters.

Over a box of the ranges every target is laid as a polynomial of second degree; what is left over
counts as variance beside :math:`s_j` and :math:`v_j`. On these surfaces many thousand points are
drawn evenly and refused where :math:`D - \min D` is above the 95 % quantile: rejection as in
approximate Bayesian computation, uniform over the ranges [1]_. What is kept is the plausible set.

.. [1] Beaumont (2010), Approximate Bayesian computation in evolution and ecology, Annu. Rev. Ecol.
Evol. Syst. 41.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.observed._surface import Surface
from sim.analysis.observed._targets import Target
from sim.spec.load import Scenario
from sim.spec.parameters import Parameter

CONFIDENCE = 0.95
DRAWN = 14
"""Points drawn on the surfaces, as a power of two."""
IDENTIFIED = 0.5
"""A parameter is identified where the plausible set spans at most this share of its range."""
MOVES_WITH = 0.7
"""Correlation in the plausible set from which on two parameters count as standing for each other."""
FEWEST_TO_CORRELATE = 4
"""Plausible points from which on a correlation is looked at."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FittedParameter:
    """What is known of one parameter."""

    parameter: Parameter
    best: float
    low: float
    high: float
    """Ends of the plausible set."""
    moves_with: str
    """The parameter that stands for it best in the plausible set, if one does."""

    plausible_levels: tuple[int, ...] = ()
    """Of a parameter with alternatives: those in the plausible set."""

    @property
    def share_of_range(self) -> float:
        """Width of the plausible set over that of the range; of alternatives, the share of them that
        is ruled out no more than the best."""
        if self.parameter.is_choice:
            return len(self.plausible_levels) / len(self.parameter.levels)
        return (self.high - self.low) / (self.parameter.high - self.parameter.low)

    @property
    def is_identified(self) -> bool:
        """Whether the data say anything of it: the plausible set is at most half as wide as the
        range, or one alternative is left."""
        if self.parameter.is_choice:
            return len(self.plausible_levels) == 1
        return self.share_of_range <= IDENTIFIED

    def row(self) -> dict[str, Any]:
        """Return its row of the table; durations in hours, alternatives by their number."""
        parameter = self.parameter
        numbers = {
            "value": parameter.value,
            "range_low": parameter.low,
            "range_high": parameter.high,
            "best": self.best,
            "low": self.low,
            "high": self.high,
        }
        unit, scale = ("h", 3600) if parameter.is_duration else ("as written", 1)
        if parameter.is_choice:
            unit = "number of the level"
        return {
            "parameter": parameter.id,
            "unit": unit,
            **{name: number / scale for name, number in numbers.items()},
            "share_of_range": self.share_of_range,
            "identified": self.is_identified,
            "moves_with": self.moves_with,
            "plausible_levels": "; ".join(self.level_names()),
        }

    def level_names(self) -> list[str]:
        """Return the alternatives that are plausible, the best first; none for a range."""
        if not self.parameter.is_choice:
            return []
        others = [level for level in self.plausible_levels if level != self.best]
        return [self.parameter.name(level) for level in (self.best, *others)]

    def sourced(self) -> dict[str, Any]:
        """Return what a scenario file says of the fitted value and of what stays plausible."""
        written = self.parameter.written
        if self.parameter.is_choice:
            return {"value": written(self.best)}
        ends = {"value": self.best, "low": self.low, "high": self.high}
        return {key: written(number) for key, number in ends.items()}


@dataclass(frozen=True, repr=False)
class Calibration:
    """Every point that was tried, and what follows from them."""

    scenario: Scenario
    parameters: tuple[Parameter, ...]
    targets: tuple[Target, ...]
    """Those that are fitted and count."""
    seed: int
    replications: int
    shares: Floats
    """Of each range, by point and parameter."""
    values: Floats
    """By point, replication and target; NaN where a point is no scenario, or has no such number."""
    box: Floats
    """Lower and upper ends of what the last wave was spread over, by parameter."""

    @cached_property
    def means(self) -> Floats:
        """Means over replications, by point and target."""
        return np.asarray(self.values.mean(axis=1))

    @cached_property
    def spread(self) -> Floats:
        """Variance between replications by target, pooled over points."""
        if self.replications == 1:
            return np.zeros(len(self.targets))
        ran = self.values[np.isfinite(self.values).all(axis=(1, 2))]
        return np.asarray(ran.var(axis=1, ddof=1).mean(axis=0))

    @cached_property
    def observed(self) -> Floats:
        """Values of the targets."""
        return np.array([target.observation.value for target in self.targets])

    @cached_property
    def variance(self) -> Floats:
        """How far the mean of a point may be from each target by chance, squared."""
        of_observation = np.array([target.sd**2 for target in self.targets])
        return of_observation + self.spread * (1 + 1 / self.replications)

    @cached_property
    def terms(self) -> Floats:
        """Terms of the discrepancy, by point and target; infinite where there is no number."""
        terms = (self.means - self.observed) ** 2 / self.variance
        return np.where(np.isfinite(self.means), terms, np.inf)

    @cached_property
    def discrepancy(self) -> Floats:
        """By point."""
        return np.asarray(self.terms.sum(axis=1))

    @property
    def best(self) -> int:
        """The point with the smallest discrepancy."""
        return int(np.argmin(self.discrepancy))

    @cached_property
    def surface(self) -> Surface:
        """Every target over the box, by the points that lie in it."""
        low, high = self.box
        is_inside = ((self.shares >= low) & (self.shares <= high)).all(axis=1)
        is_whole = np.isfinite(self.means).all(axis=1)
        kept = is_inside & is_whole
        return Surface.through(self.shares[kept], self.means[kept], levels_of(self.parameters))

    @cached_property
    def plausible(self) -> Floats:
        """Points of the box, as shares of the ranges, that are as good as the best within
        chance."""
        from scipy.stats import qmc

        low, high = self.box
        drawn = qmc.Sobol(len(low), rng=np.random.default_rng(self.seed)).random_base2(DRAWN)
        shares = allowed(self.parameters, low + drawn * (high - low))
        squared = (self.surface.at(shares) - self.observed) ** 2
        discrepancy = (squared / (self.variance + self.surface.residual)).sum(axis=1)
        most = _chi_square(CONFIDENCE, len(self.parameters))
        return np.asarray(shares[discrepancy - discrepancy.min() <= most])

    @property
    def explains(self) -> bool:
        """Whether even the best point is as near as chance allows, at 99 %."""
        return bool(self.discrepancy[self.best] <= _chi_square(0.99, len(self.targets)))

    @cached_property
    def fits(self) -> tuple[FittedParameter, ...]:
        """What is known of each parameter."""
        return tuple(self._fit(number) for number in range(len(self.parameters)))

    def _fit(self, number: int) -> FittedParameter:
        parameter, plausible = self.parameters[number], self.plausible[:, number]
        best = float(self.shares[self.best, number])
        # The best point was run, the others were drawn on the surfaces.
        low, high = min(best, float(plausible.min())), max(best, float(plausible.max()))
        return FittedParameter(
            parameter,
            best=_at(parameter, best),
            low=_at(parameter, low),
            high=_at(parameter, high),
            moves_with=self._moves_with(number),
            plausible_levels=self._plausible_levels(number, best),
        )

    def _plausible_levels(self, number: int, best: float) -> tuple[int, ...]:
        """Return the levels of a parameter with alternatives that are in the plausible set."""
        parameter = self.parameters[number]
        if not parameter.is_choice:
            return ()
        shares = np.append(self.plausible[:, number], best)
        levels = np.unique(np.round(shares * parameter.high).astype(int))
        return tuple(levels.tolist())

    def _moves_with(self, number: int) -> str:
        """Return which other parameter is correlated most with one in the plausible set; empty if
        none is by `MOVES_WITH`."""
        kept = self.plausible
        others = [n for n in range(kept.shape[1]) if n != number and np.ptp(kept[:, n]) > 0]
        # Numbers of three levels or more have no order that a correlation could speak of.
        others = [n for n in others if levels_of(self.parameters)[n] < 3]
        if levels_of(self.parameters)[number] > 2:
            return ""
        if len(kept) < FEWEST_TO_CORRELATE or not others or np.ptp(kept[:, number]) == 0:
            return ""
        strength = [abs(float(np.corrcoef(kept[:, number], kept[:, n])[0, 1])) for n in others]
        strongest = int(np.argmax(strength))
        if strength[strongest] < MOVES_WITH:
            return ""
        return self.parameters[others[strongest]].id

    def table(self) -> pd.DataFrame:
        """Return one row a parameter.

        Columns ``parameter, unit, value, range_low, range_high, best, low, high, share_of_range,
        identified, moves_with, plausible_levels``; ``low`` and ``high`` are the ends of the plausible
        set. Alternatives are counted from 0, the scenario's own; ``plausible_levels`` names those
        that the targets leave, the best first.
        """
        return pd.DataFrame([fit.row() for fit in self.fits])

    def target_table(self) -> pd.DataFrame:
        """Return one row a target: ``target, family, observed, range_low, range_high, simulated,
        term, inside``.

        ``simulated`` is the mean at the best point, ``term`` what it adds to the discrepancy.
        """
        return pd.DataFrame([self._target_row(n) for n in range(len(self.targets))])

    def _target_row(self, number: int) -> dict[str, Any]:
        target, simulated = self.targets[number], float(self.means[self.best, number])
        return {
            "target": target.id,
            "family": target.observation.family,
            "observed": target.observation.value,
            "range_low": target.low,
            "range_high": target.high,
            "simulated": simulated,
            "term": float(self.terms[self.best, number]),
            "inside": target.holds(simulated),
        }

    def left_out(self) -> pd.DataFrame:
        """Return what a fit without a family of targets says of them.

        Of the points that were tried, the best by the other targets predicts the family.

        Returns
        -------
        DataFrame
            ``family, target, observed, predicted, error_share, inside``; one row a target, families
            in order. Empty where all targets are of one family.
        """
        families = np.array([target.observation.family for target in self.targets])
        rows = []
        for family in dict.fromkeys(families.tolist()):
            others = families != family
            if not others.any():
                continue
            best = int(np.argmin(self.terms[:, others].sum(axis=1)))
            numbers = np.flatnonzero(~others).tolist()
            rows += [self._predicted_row(number, best) for number in numbers]
        columns = ["family", "target", "observed", "predicted", "error_share", "inside"]
        return pd.DataFrame(rows, columns=columns)

    def _predicted_row(self, number: int, point: int) -> dict[str, Any]:
        """Return what a *point* gives for a target."""
        target, predicted = self.targets[number], float(self.means[point, number])
        observed = target.observation.value
        return {
            "family": target.observation.family,
            "target": target.id,
            "observed": observed,
            "predicted": predicted,
            "error_share": predicted / observed - 1 if observed else np.nan,
            "inside": target.holds(predicted),
        }

    def points(self) -> pd.DataFrame:
        """Return every point that was run: parameters as written, the mean of each target, and
        ``discrepancy``."""
        columns: dict[str, Any] = {}
        for number, parameter in enumerate(self.parameters):
            shares = self.shares[:, number].tolist()
            columns[parameter.id] = [parameter.written(_at(parameter, one)) for one in shares]
        for number, target in enumerate(self.targets):
            columns[target.id] = self.means[:, number]
        return pd.DataFrame({**columns, "discrepancy": self.discrepancy})

    def changes(self) -> dict[str, Any]:
        """Return the changes that give every identified parameter its fitted value, with its
        plausible range.

        What the data do not identify stays as it is.
        """
        fitted = f"to {', '.join(target.id for target in self.targets)}"
        changes: dict[str, Any] = {}
        for fit in self.fits:
            if fit.is_identified:
                changes |= fit.parameter.changes(fit.best, {**fit.sourced(), "fitted": fitted})
        return changes

    def __repr__(self) -> str:
        known = sum(fit.is_identified for fit in self.fits)
        count = f"{known} of {len(self.fits)} parameters identified"
        return f"<Calibration of {self.scenario.name!r}: {count}>"

    def _repr_html_(self) -> str:
        return str(self.table().to_html(index=False))


def _chi_square(confidence: float, degrees: int) -> float:
    from scipy.special import chdtri

    return float(chdtri(degrees, 1 - confidence))


def _at(parameter: Parameter, share: float) -> float:
    """Return the value at a *share* of a range, not rounded where only whole numbers are allowed."""
    return parameter.low + share * (parameter.high - parameter.low)


def levels_of(parameters: Sequence[Parameter]) -> tuple[int, ...]:
    """Return how many levels each parameter has; 0 for one with a range."""
    return tuple(len(one.levels) if one.is_choice else 0 for one in parameters)


def allowed(parameters: Sequence[Parameter], shares: Floats) -> Floats:
    """Return *shares* rounded to what is allowed where only whole numbers are."""
    rounded = shares.copy()
    for number, parameter in enumerate(parameters):
        if parameter.is_whole:
            column = shares[:, number].tolist()
            rounded[:, number] = [parameter.share_of(parameter.at(share)) for share in column]
    return rounded
