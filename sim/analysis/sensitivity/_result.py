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
from sim.study.interval import Interval

OTHERS, EVIDENCE, LUCK = "all others", "evidence and luck", "luck"
RUN = 10
"""Replications of an ordinary run, for whose mean the shares are told beside those of one year."""

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
    answers: tuple[Response, ...]
    seed: int
    trajectories: Floats
    """Trajectories x steps x (parameters, then luck), as shares of the ranges."""
    screened: Floats
    """Trajectories x steps x answers; NaN for what does not exist."""
    chosen: tuple[int, ...]
    """Parameters with an index of their own, the most important first."""
    factors: tuple[Factor, ...]
    blocks: Floats
    """Blocks x rows of the design x answers."""
    ends: Floats
    """Chosen x (low, high) x replications x answers."""
    base: Floats
    """Of the scenario as it is: replications x answers."""
    lost: tuple[LostPoints, ...] = ()

    @cached_property
    def effects(self) -> tuple[ElementaryEffects, ...]:
        """Elementary effects of every parameter, and of luck, by answer."""
        return tuple(
            effects(self.trajectories, self.screened[:, :, n]) for n in range(len(self.answers))
        )

    @cached_property
    def sobol(self) -> tuple[Indices, ...]:
        """Indices of the factors, by answer."""
        return tuple(
            indices(self.blocks[:, :, n], seed=self.seed) for n in range(len(self.answers))
        )

    @property
    def missing(self) -> dict[str, int]:
        """How many runs have no number for an answer, by its label; lost runs are among them."""
        parts = (self.screened, self.blocks, self.ends, self.base)
        flat = np.concatenate([part.reshape(-1, len(self.answers)) for part in parts])
        absent = (~np.isfinite(flat)).sum(axis=0).tolist()
        return {
            answer.label: count for answer, count in zip(self.answers, absent, strict=True) if count
        }

    @property
    def runs(self) -> int:
        """Replications of all points together."""
        return (self.screened.size + self.blocks.size + self.ends.size + self.base.size) // len(
            self.answers
        )

    def screening(self) -> pd.DataFrame:
        """Return the elementary effects: one row an answer and parameter, in the order of the file,
        luck last.

        Columns ``outcome, unit, parameter, confidence, mu, mu_star, sigma, n, mu_star_of_luck,
        chosen``; effects in the unit of the outcome, for the whole range of the parameter.
        """
        rows = []
        for answer, found in zip(self.answers, self.effects, strict=True):
            for number, (name, confidence) in enumerate(self._inputs()):
                numbers = (found.mean, found.size, found.spread)
                told = [float(of[number]) for of in numbers]
                about = (int(found.count[number]), float(found.size[-1]), number in self.chosen)
                rows.append((answer.label, answer.unit, name, confidence, *told, *about))
        columns = [
            "outcome",
            "unit",
            "parameter",
            "confidence",
            "mu",
            "mu_star",
            "sigma",
            "n",
            "mu_star_of_luck",
        ]
        return pd.DataFrame(rows, columns=[*columns, "chosen"])

    def indices(self) -> pd.DataFrame:
        """Return the Sobol indices: one row an answer and factor, the ten, then all others, then
        luck.

        Columns ``outcome, factor, confidence, first, first_low, first_high, total, total_low,
        total_high, noise, above_noise, blocks``; ``noise`` is the total index of luck, and what is
        above it by its whole interval is.
        """
        rows = []
        for answer, found in zip(self.answers, self.sobol, strict=True):
            luck = float(found.total[-1])
            for number, factor in enumerate(self.factors):
                if factor.name != EVIDENCE:
                    bounds = (
                        _bounds(found.first, found.first_half, number),
                        _bounds(found.total, found.total_half, number),
                    )
                    above = bool(bounds[1][1] > luck) and factor.name != LUCK
                    about = (
                        self._confidence(factor),
                        *bounds[0],
                        *bounds[1],
                        luck,
                        above,
                        found.blocks,
                    )
                    rows.append((answer.label, factor.name, *about))
        names = [f"{kind}{end}" for kind in ("first", "total") for end in ("", "_low", "_high")]
        columns = ["outcome", "factor", "confidence", *names, "noise", "above_noise", "blocks"]
        return pd.DataFrame(rows, columns=columns)

    def tornado(self) -> pd.DataFrame:
        """Return what each of the ten does alone: one row an answer and parameter, the widest swing
        first.

        Columns ``outcome, unit, parameter, confidence, low_end, high_end`` (as written), ``base,
        at_low, at_high`` (means over replications), ``low_change, low_change_low, low_change_high``
        and the same for ``high``: paired differences to the scenario with their 95 % intervals;
        ``n``. NaN where a replication has no number.
        """
        rows = []
        for number, answer in enumerate(self.answers):
            base = self.base[:, number]
            for order, index in enumerate(self.chosen):
                parameter, ends = self.parameters[index], self.ends[order, :, :, number]
                row: dict[str, Any] = {
                    "outcome": answer.label,
                    "unit": answer.unit,
                    "parameter": parameter.id,
                }
                row |= {"confidence": parameter.sourced.confidence}
                row |= {
                    "low_end": _end(parameter, 0),
                    "high_end": _end(parameter, 1),
                    "base": float(base.mean()),
                }
                row |= {"at_low": float(ends[0].mean()), "at_high": float(ends[1].mean())}
                for name, values in zip(("low", "high"), ends, strict=True):
                    change = Interval.of((values - base).tolist())
                    row |= change.named(f"{name}_change", f"{name}_change")
                rows.append({**row, "n": len(base), "order": number, "swing": _swing(row)})
        frame = pd.DataFrame(rows).sort_values(
            ["order", "swing"], ascending=[True, False], kind="stable"
        )
        return frame.drop(columns=["order", "swing"]).reset_index(drop=True)

    def shares(self) -> pd.DataFrame:
        """Return where the spread of each answer comes from: one row an answer.

        Columns ``outcome, unit, mean, p5, p95`` of one year over all ranges and luck; ``inputs,
        replication`` shares of that variance with ``replication_low, replication_high``;
        ``replication_of_mean``, its share in the mean of `RUN` replications; ``assumptions`` of the
        variance from inputs, with ``assumptions_low, assumptions_high``; and ``years``, how many
        there were.
        """
        rows = []
        for number, (answer, found) in enumerate(zip(self.answers, self.sobol, strict=True)):
            years = self.blocks[:, [0, -1], number]
            years = years[np.isfinite(years)]
            luck, low, high = _bounds(found.total, found.total_half, len(self.factors) - 1)
            numbers = (
                (float(years.mean()), *np.quantile(years, (0.05, 0.95)).tolist())
                if len(years)
                else (np.nan,) * 3
            )
            share = luck / RUN / (1 - luck + luck / RUN)
            replication = (1 - luck, luck, low, high, share)
            rows.append(
                (
                    answer.label,
                    answer.unit,
                    *numbers,
                    *replication,
                    *self._assumptions(found),
                    len(years),
                )
            )
        spread = [
            "inputs",
            "replication",
            "replication_low",
            "replication_high",
            "replication_of_mean",
        ]
        assumed = ["assumptions", "assumptions_low", "assumptions_high"]
        return pd.DataFrame(
            rows, columns=["outcome", "unit", "mean", "p5", "p95", *spread, *assumed, "years"]
        )

    def _assumptions(self, found: Indices) -> tuple[float, float, float]:
        """Return the share of the inputs' variance that rests on assumptions, with its interval;
        between 0 and 1."""
        names = [factor.name for factor in self.factors]
        if not np.isfinite(found.total).all():
            return np.nan, np.nan, np.nan
        if EVIDENCE not in names:
            share = float(all(parameter.is_assumed for parameter in self.parameters))
            return share, share, share
        evidence, luck = names.index(EVIDENCE), names.index(LUCK)
        draws = _ratio(found.total_draws[:, evidence], found.total_draws[:, luck])
        low, high = np.quantile(draws, (0.025, 0.975)).tolist()
        return float(_ratio(found.total[[evidence]], found.total[[luck]])[0]), low, high

    def _inputs(self) -> list[tuple[str, str]]:
        return [(parameter.id, parameter.sourced.confidence) for parameter in self.parameters] + [
            (LUCK, LUCK)
        ]

    def _confidence(self, factor: Factor) -> str:
        return self._inputs()[factor.inputs[0]][1] if len(factor.inputs) == 1 else "several"

    def __repr__(self) -> str:
        return f"<Sensitivity of {self.scenario.name!r}: {len(self.parameters)} parameters, {self.runs:,} runs>"

    def _repr_html_(self) -> str:
        return str(self.indices().to_html(index=False))


def _bounds(values: Floats, halves: Floats, number: int) -> tuple[float, float, float]:
    value, half = float(values[number]), float(halves[number])
    return value, value - half, value + half


def _ratio(evidence: Floats, luck: Floats) -> Floats:
    """Return shares of the inputs' variance that assumptions explain alone; where inputs explain
    nothing, none."""
    inputs = 1 - luck
    return np.clip(
        np.divide(1 - evidence, inputs, out=np.zeros_like(inputs), where=inputs > 0), 0, 1
    )


def _end(parameter: Parameter, share: int) -> str:
    written = parameter.written(parameter.at(share))
    return written if isinstance(written, str) else f"{written:g}"


def _swing(row: Mapping[str, Any]) -> float:
    sizes = [abs(row[name]) for name in ("low_change", "high_change") if np.isfinite(row[name])]
    return max(sizes, default=-1.0)
