"""The first sentence of a result and the numbers beside it: one home for terminal and page.

One function for each kind of result. The sentence says what passes, what stops it and what would
carry it, as far as the result knows; a verdict that the runs do not settle is called undecided.
"""

from sim.analysis.headlines._fit import of_calibration, of_sensitivity, of_validation
from sim.analysis.headlines._headline import Headline, Number
from sim.analysis.headlines._questions import of_disruption, of_policies, of_sweep, of_worth
from sim.analysis.headlines._searches import of_bottlenecks, of_plan, of_saturation
from sim.analysis.headlines._studies import of_answer, of_comparison, of_study

__all__ = [
    "Headline",
    "Number",
    "of_answer",
    "of_bottlenecks",
    "of_calibration",
    "of_comparison",
    "of_disruption",
    "of_plan",
    "of_policies",
    "of_saturation",
    "of_sensitivity",
    "of_study",
    "of_sweep",
    "of_validation",
    "of_worth",
]
