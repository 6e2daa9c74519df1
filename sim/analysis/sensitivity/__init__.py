"""Which uncertain values a response depends on."""

from sim.analysis.sensitivity._responses import MAIN_RESPONSES
from sim.analysis.sensitivity._result import Sensitivity
from sim.analysis.sensitivity._study import sensitivity, sensitivity_runs

__all__ = ["MAIN_RESPONSES", "Sensitivity", "sensitivity", "sensitivity_runs"]
