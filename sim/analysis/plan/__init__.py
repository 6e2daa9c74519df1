"""What to build, in which order, to reach a target.

A catalogue of twenty projects has a million sets. `_search` looks through them in order of capital
and asks about one set at a time; `_judge` answers by simulation, in stages (`_verdict`), within a
budget of replications, and `_oracle` stands between the two. `_plan` is the whole process: after the
search it makes the ladder (`_ladder`), what each project does (`_effects`), what is regretted in
other futures (`_regret`) and how far each capital goes (`_reach`). `_catalogue` says what can be
chosen at all.
"""

from sim.analysis.plan._catalogue import choices_of
from sim.analysis.plan._choices import Choices
from sim.analysis.plan._plan import plan
from sim.analysis.plan._result import Plan
from sim.analysis.plan._target import DemandTarget, read_target, tonnes_at_once
from sim.analysis.plan._verdict import CONFIDENCE, LOOKS, Judgement, Variant

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
