"""Reference simulator of the Middle Corridor, the rail-sea-rail freight route over the Caspian.

>>> import sim
>>> base = sim.load("baseline-2023")
>>> run = sim.simulate(base, seed=1)       # one replication: log, metrics(), transit(), stacks()
>>> study = sim.replicate(base, replications=5)
>>> more = sim.replicate(base.with_({"demand.scale": 5}), replications=5)
>>> sim.compare(study, more).table()       # paired, common random numbers

Importing the package is fast: every name is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sim.version import __version__

if TYPE_CHECKING:
    from sim import plot, report
    from sim.analysis.answer import answer
    from sim.analysis.bottlenecks import Bottlenecks, bottlenecks
    from sim.analysis.disrupt import Disrupted, disrupt
    from sim.analysis.indicators import indicators
    from sim.analysis.observed import (
        Calibration,
        Seasons,
        Validation,
        calibrate,
        draw_seasons,
        validate,
    )
    from sim.analysis.plan import Plan, plan
    from sim.analysis.saturation import Saturation, saturation
    from sim.analysis.sensitivity import Sensitivity, sensitivity
    from sim.analysis.sweep import Sweep, grid, latin_hypercube, sweep
    from sim.analysis.worth import Worth, worth
    from sim.errors import (
        CorridorError,
        GridlockError,
        InvariantError,
        MachineError,
        ScenarioError,
        UsageError,
    )
    from sim.network.preview import capacity
    from sim.runs.replication import Run, simulate
    from sim.runs.runner import Runner
    from sim.spec.library import shipped as scenarios
    from sim.spec.load import Scenario, load
    from sim.study.comparison import Comparison, compare
    from sim.study.replicate import replicate
    from sim.study.study import Study

_HOMES = {
    "Bottlenecks": "sim.analysis.bottlenecks",
    "Calibration": "sim.analysis.observed",
    "Comparison": "sim.study.comparison",
    "CorridorError": "sim.errors",
    "Disrupted": "sim.analysis.disrupt",
    "GridlockError": "sim.errors",
    "InvariantError": "sim.errors",
    "Scenario": "sim.spec.load",
    "Seasons": "sim.analysis.observed",
    "MachineError": "sim.errors",
    "Plan": "sim.analysis.plan",
    "Run": "sim.runs.replication",
    "Runner": "sim.runs.runner",
    "Saturation": "sim.analysis.saturation",
    "ScenarioError": "sim.errors",
    "Sensitivity": "sim.analysis.sensitivity",
    "Study": "sim.study.study",
    "Sweep": "sim.analysis.sweep",
    "UsageError": "sim.errors",
    "Validation": "sim.analysis.observed",
    "Worth": "sim.analysis.worth",
    "answer": "sim.analysis.answer",
    "bottlenecks": "sim.analysis.bottlenecks",
    "calibrate": "sim.analysis.observed",
    "capacity": "sim.network.preview",
    "compare": "sim.study.comparison",
    "disrupt": "sim.analysis.disrupt",
    "draw_seasons": "sim.analysis.observed",
    "grid": "sim.analysis.sweep",
    "indicators": "sim.analysis.indicators",
    "latin_hypercube": "sim.analysis.sweep",
    "load": "sim.spec.load",
    "plan": "sim.analysis.plan",
    "plot": "sim.plot",
    "replicate": "sim.study.replicate",
    "report": "sim.report",
    "saturation": "sim.analysis.saturation",
    "scenarios": "sim.spec.library",
    "sensitivity": "sim.analysis.sensitivity",
    "simulate": "sim.runs.replication",
    "sweep": "sim.analysis.sweep",
    "validate": "sim.analysis.observed",
    "worth": "sim.analysis.worth",
}
"""Modules of the public names."""

_NAMES_AT_HOME = {"scenarios": "shipped"}
"""Names that are others in their module."""

__all__ = [
    "Bottlenecks",
    "Calibration",
    "Comparison",
    "CorridorError",
    "Disrupted",
    "GridlockError",
    "InvariantError",
    "MachineError",
    "Plan",
    "Run",
    "Runner",
    "Saturation",
    "Scenario",
    "ScenarioError",
    "Seasons",
    "Sensitivity",
    "Study",
    "Sweep",
    "UsageError",
    "Validation",
    "Worth",
    "__version__",
    "answer",
    "bottlenecks",
    "calibrate",
    "capacity",
    "compare",
    "disrupt",
    "draw_seasons",
    "grid",
    "indicators",
    "latin_hypercube",
    "load",
    "plan",
    "plot",
    "replicate",
    "report",
    "saturation",
    "scenarios",
    "sensitivity",
    "simulate",
    "sweep",
    "validate",
    "worth",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}; it has {', '.join(__all__)}")
    home = import_module(_HOMES[name])
    if home.__name__ == f"{__name__}.{name}":
        return home
    return getattr(home, _NAMES_AT_HOME.get(name, name))


def __dir__() -> list[str]:
    return list(__all__)
