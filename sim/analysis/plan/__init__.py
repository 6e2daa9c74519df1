"""What to build, in which order, to reach a target.

A catalogue of twenty projects has a million sets. `_search` looks through them in order of capital
and asks about one set at a time; `_judge` answers by simulation, in stages, within a budget of
replications; `_plan` calls them, and adds the ladder (`_ladder`), what each project does
(`_effects`), how far each capital goes (`_reach`) and what is regretted in other futures
(`_regret`).
"""

from sim.analysis.plan._choices import Choices, choices_of
from sim.analysis.plan._judge import CONFIDENCE, LOOKS, Judgement, Variant
from sim.analysis.plan._plan import plan
from sim.analysis.plan._result import Plan
from sim.analysis.plan._target import DemandTarget, read_target, tonnes_at_once

__all__ = [
    "CONFIDENCE",
    "LOOKS",
    "Choices",
    "DemandTarget",
    "Judgement",
    "Plan",
    "Variant",
    "choices_of",
    "plan",
    "read_target",
    "tonnes_at_once",
]
