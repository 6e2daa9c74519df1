"""Random corridors with mistakes in them: refused with a place, or simulated like any other.

Values go to nothing, to one, far too high or below zero, keys are lost, and things are added that nothing uses. What
is accepted passes the audit, its numbers are finite, and its end state begins another run.
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

import sim
from sim.errors import GridlockError, ScenarioError
from sim.spec.load import Scenario, load
from sim.spec.merge import leaves
from tests.property.other_values import others
from tests.property.test_random_corridors import corridors, ruled_corridors

UNUSED = (
    (("places", "moon"), {}),
    (("units", "pallet"), {"tonnes": 1}),
    (("vessels", "hulk"), {"capacity": {"box": 3}}),
    (("locomotives", "shunters"), {"locomotives": 2}),
    (("ports", "mine"), {"berths": {"quay": {"berths": 1}}}),
    (("ports", "port", "berths", "quay", "units_per_h", "pallet"), 3),
    (("trains", "freight", "capacity", "truck"), 4),
    (("roads", "street", "gates", "city"), {"lanes": 1, "time": "1h"}),
    (("weather", "exposure", "mine"), 1),
    (("sections", "inland", "tracks"), 2),
    (("flows", "empty", "consignment_units"), 5),
)
"""Statements of which each is without effect in every random corridor."""


@st.composite
def mistaken(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a corridor with one to three mistakes in it."""
    tree = deepcopy(draw(st.one_of(corridors(), ruled_corridors())))
    for _ in range(draw(st.integers(1, 3))):
        places = [path for path, value in leaves(tree) if others(value)]
        path = draw(st.sampled_from(places))
        kind = draw(st.sampled_from(["value", "value", "key", "unused"]))
        if kind == "unused":
            put(tree, *draw(st.sampled_from(UNUSED)))
        elif kind == "key":
            remove(tree, path)
        else:
            put(tree, path, draw(st.sampled_from(others(at(tree, path)))))
    return tree


def at(tree: Any, path: tuple[str, ...]) -> Any:
    """Return what stands at *path*."""
    for key in path:
        tree = tree[int(key) if isinstance(tree, list) else key]
    return tree


def put(tree: Any, path: tuple[str, ...], value: Any) -> None:
    """Set *value* at *path*; what is on the way is made."""
    for key in path[:-1]:
        tree = tree[int(key)] if isinstance(tree, list) else tree.setdefault(key, {})
    tree[int(path[-1]) if isinstance(tree, list) else path[-1]] = value


def remove(tree: Any, path: tuple[str, ...]) -> None:
    """Remove what stands at *path*."""
    holder = at(tree, path[:-1])
    del holder[int(path[-1]) if isinstance(holder, list) else path[-1]]


def written(tree: dict[str, Any], folder: Path) -> Path:
    file = folder / "random.yaml"
    with file.open("w") as out:
        YAML(typ="safe", pure=True).dump(tree, out)
    return file


def outcome(tree: dict[str, Any], folder: Path, seed: int) -> str:
    """Return ``refused``, ``gridlock`` or ``held``."""
    try:
        scenario = load(written(tree, folder))
    except ScenarioError:
        return "refused"
    try:
        state = _run(scenario, seed)
        _run(scenario.with_(state), seed)
    except GridlockError:
        return "gridlock"
    return "held"


def _run(scenario: Scenario, seed: int) -> dict[str, Any]:
    """Run *scenario* and return its end state."""
    run = sim.simulate(scenario, seed=seed)
    assert run.log.facts.audit_residual == 0
    values = run.metrics()["value"].dropna()
    assert np.isfinite(values).all()
    return dict(run.end_state())


@settings(max_examples=15)
@given(tree=mistaken(), seed=st.integers(0, 1000))
def test_a_corridor_with_mistakes_is_refused_or_holds(tmp_path, tree, seed):
    outcome(tree, tmp_path, seed)


@pytest.mark.long
@settings(max_examples=400)
@given(tree=mistaken(), seed=st.integers(0, 1000))
def test_many_corridors_with_mistakes_are_refused_or_hold(tmp_path, tree, seed):
    outcome(tree, tmp_path, seed)


@settings(max_examples=10)
@given(tree=corridors(), added=st.lists(st.sampled_from(UNUSED), min_size=1, unique_by=str))
def test_what_reaches_nothing_is_named_where_it_stands(tmp_path, tree, added):
    for path, value in added:
        put(tree, path, value)
    if any("pallet" in path for path, _ in added):
        put(tree, ("units", "pallet"), {"tonnes": 1})
    said = [warning.path for warning in load(written(tree, tmp_path)).warnings]
    for path, _ in added:
        assert any(f"{one}.".startswith(f"{'.'.join(path)}.") for one in said), (path, said)
