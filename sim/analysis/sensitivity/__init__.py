"""Which of the values that carry a range a response depends on.

`_study` runs it: `_responses` names the numbers that are asked about, `_screening` finds which
parameters matter at all, `_sobol` whose the variance is; `_result` holds the tables.
"""

from sim.analysis.sensitivity._responses import MAIN_RESPONSES
from sim.analysis.sensitivity._result import Sensitivity
from sim.analysis.sensitivity._study import sensitivity, sensitivity_runs

__all__ = ["MAIN_RESPONSES", "Sensitivity", "sensitivity", "sensitivity_runs"]
