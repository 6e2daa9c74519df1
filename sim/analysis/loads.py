"""Loads of a scenario by resource, from the preview: what is asked of each over what it can do."""

from __future__ import annotations

from sim.network.build import build
from sim.network.preview import preview
from sim.spec.load import Scenario


def loads_of(scenario: Scenario) -> dict[str, float]:
    """Return the highest load of each resource that the preview knows."""
    ratios: dict[str, float] = {}
    for load in preview(build(scenario)):
        ratios[load.resource] = max(ratios.get(load.resource, 0.0), load.ratio)
    return ratios
