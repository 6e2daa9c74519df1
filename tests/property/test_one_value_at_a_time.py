"""Every value of the baseline at 0, at 1, huge and negative: refused, or the run means something.

A sample stands in the usual suite; ``pytest -m long`` tries all of them. Whatever is accepted is looked at by the
preview of capacity and run for a few days: no traceback, no broken audit, no number that is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

import sim
from sim.errors import ScenarioError
from sim.network.build import build
from sim.network.preview import preview
from sim.spec.load import Scenario, load
from sim.spec.merge import leaves
from sim.spec.messages import Path, dotted
from sim.spec.shape import is_model
from tests.property.other_values import others

SHORT = {
    "horizon.start": "2023-01-01",
    "horizon.days": 6,
    "horizon.warmup_days": 1,
    "horizon.followup_days": 2,
}
NOT_RUN = ("project_catalogue", "stress_catalogue", "observed", "horizon")
MAY_BE_NEGATIVE = ("growth", "npv", "net")
LARGEST = 1e15
"""Beyond it no metric of a corridor has a meaning: in dollars, grammes or seconds."""


@cache
def base() -> Scenario:
    return load("baseline-2023")


def pattern(path: Path) -> str:
    """Return *path* with a star for every id and number of a list."""
    steps = [key if is_model(path[:depth]) else "*" for depth, key in enumerate(path)]
    return ".".join(steps)


@cache
def every_case() -> tuple[tuple[Path, Any], ...]:
    cases: list[tuple[Path, Any]] = []
    for path, written in leaves(base().tree):
        if path[0] not in NOT_RUN:
            cases += [(path, other) for other in others(written)]
    return tuple(cases)


def one_of_each_kind() -> Iterator[tuple[Path, Any]]:
    """Yield, for every kind of value, one place and one of what may stand there, in turn."""
    by_kind: dict[str, list[tuple[Path, Any]]] = {}
    for path, other in every_case():
        by_kind.setdefault(pattern(path), []).append((path, other))
    for number, cases in enumerate(by_kind.values()):
        yield cases[(7 * number) % len(cases)]


def outcome(path: Path, value: Any) -> str:
    """Return ``refused``, ``warned`` or ``accepted``; a run of what is not refused must hold."""
    try:
        scenario = base().with_({**SHORT, dotted(path): value})
    except ScenarioError:
        return "refused"
    preview(build(scenario))
    metrics = sim.simulate(scenario, seed=1).metrics()
    values = metrics["value"].dropna()
    assert np.isfinite(values).all()
    assert (values.abs() < LARGEST).all()
    below = metrics[metrics["value"] < -1e-9]
    assert below["name"].str.contains("|".join(MAY_BE_NEGATIVE)).all(), below
    known = {warning.what for warning in base().with_(SHORT).warnings}
    return "warned" if {warning.what for warning in scenario.warnings} - known else "accepted"


@pytest.mark.parametrize(("path", "value"), list(one_of_each_kind()), ids=str)
def test_one_value_of_each_kind(path, value):
    outcome(path, value)


PARTS = tuple(dict.fromkeys(path[0] for path, _ in every_case()))


@pytest.mark.long
@pytest.mark.parametrize("part", PARTS)
def test_every_value_at_0_at_1_huge_and_negative(part):
    cases = [(path, value) for path, value in every_case() if path[0] == part]
    counts = Counter(outcome(path, value) for path, value in cases)
    # What is below zero is refused of every number and duration that is no place on the map.
    assert part == "places" or counts["refused"] >= len(cases) / 4, counts
