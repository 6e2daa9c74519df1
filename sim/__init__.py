"""Reference simulator of the Middle Corridor, the rail-sea-rail freight route over the Caspian.

>>> import sim
>>> base = sim.load("baseline-2023")
>>> run = sim.simulate(base, seed=1)            # one replication: run.log, run.metrics(), run.transit(), run.stacks()
>>> study = sim.replicate(base, replications=5)
>>> more = sim.replicate(base.with_({"demand.scale": 5}), replications=5)
>>> sim.compare(study, more).table()            # paired, same random numbers

Importing the package costs nothing: every name is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sim.version import __version__

if TYPE_CHECKING:
    from sim import plot, report
    from sim.errors import CorridorError, InvariantError, MachineError, ScenarioError, UsageError
    from sim.network.capacity import capacity
    from sim.spec.library import shipped as scenarios
    from sim.spec.load import LoadedScenario, load
    from sim.study.answer import answer
    from sim.study.bottlenecks import bottlenecks
    from sim.study.calibration import calibrate
    from sim.study.disrupt import Disrupted, disrupt
    from sim.study.indicators import indicators
    from sim.study.ladder import Bottlenecks
    from sim.study.plan import Plan, plan
    from sim.study.plausible import Calibration
    from sim.study.run import Run, simulate
    from sim.study.runner import Runner
    from sim.study.saturation import Saturation, saturation
    from sim.study.sensitivity import Sensitivity, sensitivity
    from sim.study.study import Comparison, Study, compare, replicate
    from sim.study.sweep import Sweep, grid, latin_hypercube, sweep
    from sim.study.validation import Validation, validate
    from sim.study.worth import Worth, worth


_HOMES = {
    "Bottlenecks": "sim.study.ladder",
    "Calibration": "sim.study.plausible",
    "Comparison": "sim.study.study",
    "CorridorError": "sim.errors",
    "Disrupted": "sim.study.disrupt",
    "InvariantError": "sim.errors",
    "LoadedScenario": "sim.spec.load",
    "MachineError": "sim.errors",
    "Plan": "sim.study.plan",
    "Run": "sim.study.run",
    "Runner": "sim.study.runner",
    "Saturation": "sim.study.saturation",
    "ScenarioError": "sim.errors",
    "Sensitivity": "sim.study.sensitivity",
    "Study": "sim.study.study",
    "Sweep": "sim.study.sweep",
    "UsageError": "sim.errors",
    "Validation": "sim.study.validation",
    "Worth": "sim.study.worth",
    "answer": "sim.study.answer",
    "bottlenecks": "sim.study.bottlenecks",
    "calibrate": "sim.study.calibration",
    "capacity": "sim.network.capacity",
    "compare": "sim.study.study",
    "disrupt": "sim.study.disrupt",
    "grid": "sim.study.sweep",
    "indicators": "sim.study.indicators",
    "latin_hypercube": "sim.study.sweep",
    "load": "sim.spec.load",
    "plan": "sim.study.plan",
    "plot": "sim.plot",
    "replicate": "sim.study.study",
    "report": "sim.report",
    "saturation": "sim.study.saturation",
    "scenarios": "sim.spec.library",
    "sensitivity": "sim.study.sensitivity",
    "simulate": "sim.study.run",
    "sweep": "sim.study.sweep",
    "validate": "sim.study.validation",
    "worth": "sim.study.worth",
}

__all__ = [
    "Bottlenecks",
    "Calibration",
    "Comparison",
    "CorridorError",
    "Disrupted",
    "InvariantError",
    "LoadedScenario",
    "MachineError",
    "Plan",
    "Run",
    "Runner",
    "Saturation",
    "ScenarioError",
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
    if name in ("plot", "report"):
        return home
    return getattr(home, {"scenarios": "shipped"}.get(name, name))


def __dir__() -> list[str]:
    return list(__all__)
