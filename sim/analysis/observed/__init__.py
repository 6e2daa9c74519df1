"""The corridor compared with what was observed.

`_targets` holds what was observed, `_validate` compares a study with it, `_calibrate` fits parameters
to it: `_plausible` is what a calibration knows, on response surfaces (`_surface`).
"""

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
