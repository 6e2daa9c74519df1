"""What a sensitivity study leaves: its runs, and the tables that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.sensitivity._responses import Response
from sim.analysis.sensitivity._screening import ElementaryEffects, effects
from sim.analysis.sensitivity._sobol import Factor, Indices, indices
from sim.spec.load import Scenario
from sim.spec.parameters import Parameter
from sim.spec.sourced import level_name
from sim.study.interval import MISSING, Interval

RANDOM = "random numbers"
"""Factor of the replication, the last of all."""
OTHERS, EVIDENCE = "all others", f"evidence and {RANDOM}"
RUN = 10
"""Replications of an ordinary run, for whose mean the shares are reported beside those of one
year."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LostPoints:
    """Points that gave no numbers."""

    stage: str
    points: int
    of: int
    why: str
    """Of the first of them."""

    def __str__(self) -> str:
        return (
            f"{self.stage}: {self.points} of {self.of} runs gave no numbers; the first: {self.why}"
        )


@dataclass(frozen=True, repr=False)
class Sensitivity:
    """What was run, and what follows from it."""

    scenario: Scenario
    parameters: tuple[Parameter, ...]
    responses: tuple[Response, ...]
    seed: int
    trajectories: Floats
    """Trajectories x steps x (parameters, then random numbers), as shares of the ranges."""
    screened: Floats
    """Trajectories x steps x responses; NaN for what does not exist."""
    chosen: tuple[int, ...]
    """Parameters with an index of their own, the most important first."""
    factors: tuple[Factor, ...]
    blocks: Floats
    """Blocks x rows of the design x responses."""
    ends: tuple[Floats, ...]
    """For each chosen parameter its ends, or its alternatives, x replications x responses."""
    base: Floats
    """Of the scenario as it is: replications x responses."""
    lost: tuple[LostPoints, ...] = ()

    @cached_property
    def effects(self) -> tuple[ElementaryEffects, ...]:
        """Elementary effects of every parameter, and of the random numbers, by response."""
        numbers = range(len(self.responses))
        return tuple(effects(self.trajectories, self.screened[:, :, n]) for n in numbers)

    @cached_property
    def sobol(self) -> tuple[Indices, ...]:
        """Indices of the factors, by response."""
        numbers = range(len(self.responses))
        return tuple(indices(self.blocks[:, :, n], seed=self.seed) for n in numbers)

    @property
    def missing(self) -> dict[str, int]:
        """How many runs have no number for a response, by its label; lost runs are among them."""
        parts = (self.screened, self.blocks, *self.ends, self.base)
        flat = np.concatenate([part.reshape(-1, len(self.responses)) for part in parts])
        absent = (~np.isfinite(flat)).sum(axis=0).tolist()
        counts = zip(self.responses, absent, strict=True)
        return {response.label: count for response, count in counts if count}

    @property
    def runs(self) -> int:
        """Replications of all points together."""
        parts = (self.screened, self.blocks, *self.ends, self.base)
        return sum(part.size for part in parts) // len(self.responses)

    def screening(self) -> pd.DataFrame:
        """Return the elementary effects: one row a response and parameter, in the order of the
        file, random numbers last.

        Columns ``outcome, unit, parameter, confidence, mu, mu_star, sigma, n, mu_star_of_luck,
        chosen``; effects in the unit of the outcome, for the whole range of the parameter;
        ``mu_star_of_luck`` is the size of the effect of the random numbers.
        """
        rows = []
        for response, effects_on in zip(self.responses, self.effects, strict=True):
            for number, (name, confidence) in enumerate(self._inputs()):
                rows.append(
                    {
                        "outcome": response.label,
                        "unit": response.unit,
                        "parameter": name,
                        "confidence": confidence,
                        "mu": float(effects_on.mean[number]),
                        "mu_star": float(effects_on.size[number]),
                        "sigma": float(effects_on.spread[number]),
                        "n": int(effects_on.count[number]),
                        "mu_star_of_luck": float(effects_on.size[-1]),
                        "chosen": number in self.chosen,
                    }
                )
        return pd.DataFrame(rows)

    def indices(self) -> pd.DataFrame:
        """Return the Sobol indices: one row a response and factor, the ten, then all others, then
        random numbers.

        Columns ``outcome, factor, confidence, first, first_low, first_high, total, total_low,
        total_high, noise, above_noise, blocks``; ``noise`` is the total index of the random
        numbers, and what is above it by its whole interval is.
        """
        rows = []
        for response, of_response in zip(self.responses, self.sobol, strict=True):
            noise = float(of_response.total[-1])
            for number, factor in enumerate(self.factors):
                if factor.name == EVIDENCE:
                    continue
                total = of_response.bounds("total", number)
                rows.append(
                    {
                        "outcome": response.label,
                        "factor": factor.name,
                        "confidence": self._confidence(factor),
                        **of_response.bounds("first", number).named("first", "first"),
                        **total.named("total", "total"),
                        "noise": noise,
                        "above_noise": total.low > noise and factor.name != RANDOM,
                        "blocks": of_response.blocks,
                    }
                )
        return pd.DataFrame(rows)

    def tornado(self) -> pd.DataFrame:
        """Return what each of the ten does alone: one row a response and parameter, the widest
        swing first.

        Columns ``outcome, unit, parameter, confidence, low_end, high_end`` (as written), ``base,
        at_low, at_high`` (means over replications), ``low_change, low_change_low, low_change_high``
        and the same for ``high``: paired differences to the scenario with their 95 % intervals;
        ``n``. NaN where a replication has no number. Of alternatives the ends are those, the
        scenario's own among them, at which the outcome is least and greatest.
        """
        rows: list[dict[str, Any]] = []
        for number in range(len(self.responses)):
            of_response = [self._tornado_row(number, place) for place in range(len(self.chosen))]
            rows += sorted(of_response, key=_swing, reverse=True)
        return pd.DataFrame(rows)

    def _tornado_row(self, number: int, place: int) -> dict[str, Any]:
        response, parameter = self.responses[number], self.parameters[self.chosen[place]]
        base = self.base[:, number]
        (low_end, at_low), (high_end, at_high) = self._ends_of(number, place)
        return {
            "outcome": response.label,
            "unit": response.unit,
            "parameter": parameter.id,
            "confidence": parameter.sourced.confidence,
            "low_end": low_end,
            "high_end": high_end,
            "base": float(base.mean()),
            "at_low": float(at_low.mean()),
            "at_high": float(at_high.mean()),
            **Interval.of((at_low - base).tolist()).named("low_change", "low_change"),
            **Interval.of((at_high - base).tolist()).named("high_change", "high_change"),
            "n": len(base),
        }

    def _ends_of(self, number: int, place: int) -> tuple[tuple[str, Floats], tuple[str, Floats]]:
        """Return the two ends of a chosen parameter, each as it is written with a response in every
        replication."""
        parameter, values = self.parameters[self.chosen[place]], self.ends[place][:, :, number]
        names = [parameter.name(parameter.at(share)) for share in parameter.ends]
        ends = list(zip(names, values, strict=True))
        if not parameter.is_choice:
            return ends[0], ends[1]
        ends.insert(0, (parameter.name(parameter.value), self.base[:, number]))
        existing = [end for end in ends if np.isfinite(end[1]).all()]
        if len(existing) < len(ends):
            # Where one has no number, that is what is to be seen.
            return ends[0], next(end for end in ends if not np.isfinite(end[1]).all())
        existing.sort(key=lambda end: float(end[1].mean()))
        return existing[0], existing[-1]

    def alternatives(self) -> pd.DataFrame:
        """Return what each alternative of a chosen parameter does alone: one row a response,
        parameter and level, the scenario's own first.

        Columns ``outcome, unit, parameter, confidence, level, mean, change, change_low,
        change_high, n``; changes are paired differences to the scenario with 95 % intervals.
        """
        rows: list[dict[str, Any]] = []
        for number in range(len(self.responses)):
            for place, index in enumerate(self.chosen):
                if self.parameters[index].is_choice:
                    rows += self._alternative_rows(number, place)
        columns = ["outcome", "unit", "parameter", "confidence", "level", "mean"]
        columns += ["change", "change_low", "change_high", "n"]
        return pd.DataFrame(rows, columns=columns)

    def _alternative_rows(self, number: int, place: int) -> list[dict[str, Any]]:
        """Return the rows of one chosen parameter and response."""
        response, parameter = self.responses[number], self.parameters[self.chosen[place]]
        base = self.base[:, number]
        rows = []
        for level, at in zip(
            parameter.levels, [base, *self.ends[place][:, :, number]], strict=True
        ):
            rows.append(
                {
                    "outcome": response.label,
                    "unit": response.unit,
                    "parameter": parameter.id,
                    "confidence": parameter.sourced.confidence,
                    "level": level_name(level),
                    "mean": float(at.mean()),
                    **Interval.of((at - base).tolist()).named("change", "change"),
                    "n": len(base),
                }
            )
        return rows

    def shares(self) -> pd.DataFrame:
        """Return where the spread of each response comes from: one row a response.

        Columns ``outcome, unit, mean, p5, p95`` of one year over all ranges and random numbers;
        ``inputs, replication`` shares of that variance with ``replication_low,
        replication_high``; ``replication_of_mean``, its share in the mean of `RUN` replications;
        ``assumptions`` of the variance from inputs, with ``assumptions_low, assumptions_high``;
        and ``years``, how many there were.
        """
        rows = []
        for number, response in enumerate(self.responses):
            of_response = self.sobol[number]
            years = self.blocks[:, [0, -1], number]
            years = years[np.isfinite(years)]
            replication = of_response.bounds("total", len(self.factors) - 1)
            noise = replication.mean
            rows.append(
                {
                    "outcome": response.label,
                    "unit": response.unit,
                    **_spread(years),
                    "inputs": 1 - noise,
                    **replication.named("replication", "replication"),
                    "replication_of_mean": noise / RUN / (1 - noise + noise / RUN),
                    **self._assumptions(of_response).named("assumptions", "assumptions"),
                    "years": len(years),
                }
            )
        return pd.DataFrame(rows)

    def _assumptions(self, of_response: Indices) -> Interval:
        """Return the share of the inputs' variance that rests on assumptions, with its interval;
        between 0 and 1."""
        names = [factor.name for factor in self.factors]
        if not np.isfinite(of_response.total).all():
            return MISSING
        if EVIDENCE not in names:
            share = float(all(parameter.is_assumed for parameter in self.parameters))
            return Interval(share, share, share)
        evidence, noise = names.index(EVIDENCE), names.index(RANDOM)
        draws = _assumed_share(
            of_response.total_draws[:, evidence], of_response.total_draws[:, noise]
        )
        low, high = np.quantile(draws, (0.025, 0.975)).tolist()
        share = float(_assumed_share(of_response.total[[evidence]], of_response.total[[noise]])[0])
        return Interval(share, low, high)

    def _inputs(self) -> list[tuple[str, str]]:
        """Return name and confidence of each input: the parameters, then the random numbers."""
        named = [(parameter.id, parameter.sourced.confidence) for parameter in self.parameters]
        return [*named, (RANDOM, RANDOM)]

    def _confidence(self, factor: Factor) -> str:
        if len(factor.inputs) > 1:
            return "several"
        _, confidence = self._inputs()[factor.inputs[0]]
        return confidence

    def __repr__(self) -> str:
        count = f"{len(self.parameters)} parameters, {self.runs:,} runs"
        return f"<Sensitivity of {self.scenario.name!r}: {count}>"

    def _repr_html_(self) -> str:
        return str(self.indices().to_html(index=False))


def _spread(years: Floats) -> dict[str, float]:
    """Return mean and quantiles of single years."""
    if not len(years):
        return dict.fromkeys(("mean", "p5", "p95"), np.nan)
    p5, p95 = np.quantile(years, (0.05, 0.95)).tolist()
    return {"mean": float(years.mean()), "p5": p5, "p95": p95}


def _assumed_share(evidence: Floats, noise: Floats) -> Floats:
    """Return shares of the inputs' variance that assumptions explain alone; where inputs explain
    nothing, none.

    *evidence* and *noise* are total indices: of all that is no assumption, and of the random
    numbers.
    """
    inputs = 1 - noise
    shares = np.divide(1 - evidence, inputs, out=np.zeros_like(inputs), where=inputs > 0)
    return np.clip(shares, 0, 1)


def _swing(row: Mapping[str, Any]) -> float:
    """Return the larger of the two changes of a row of the tornado; those without are last."""
    sizes = [abs(row[name]) for name in ("low_change", "high_change") if np.isfinite(row[name])]
    return max(sizes, default=-1.0)
