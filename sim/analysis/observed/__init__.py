"""The corridor compared with what was observed: targets, validation, calibration."""

from sim.analysis.observed._calibrate import calibrate, calibration_runs
from sim.analysis.observed._plausible import Calibration
from sim.analysis.observed._targets import Target, targets_of
from sim.analysis.observed._validate import USES, Validation, validate

__all__ = [
    "USES",
    "Calibration",
    "Target",
    "Validation",
    "calibrate",
    "calibration_runs",
    "targets_of",
    "validate",
]
