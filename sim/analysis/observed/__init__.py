"""The corridor compared with what was observed.

`_targets` holds what was observed, `_validate` compares a study with it. An observation is one draw,
so `_forecast` says in which interval one season lies and scores it, from replications or from
`_seasons` with inputs over their ranges. `_calibrate` fits parameters to what was observed:
`_plausible` is what a calibration knows, on response surfaces (`_surface`).
"""

from sim.analysis.observed._calibrate import calibrate, calibration_runs
from sim.analysis.observed._forecast import Forecast
from sim.analysis.observed._plausible import Calibration
from sim.analysis.observed._seasons import DEFAULT_SEASONS, Seasons, draw_seasons
from sim.analysis.observed._targets import Target, targets_of
from sim.analysis.observed._validate import (
    FORECASTS,
    INPUTS,
    NAIVE,
    REGIMES,
    REPLICATIONS,
    USES,
    Validation,
    validate,
)

__all__ = [
    "DEFAULT_SEASONS",
    "FORECASTS",
    "INPUTS",
    "NAIVE",
    "REGIMES",
    "REPLICATIONS",
    "USES",
    "Calibration",
    "Forecast",
    "Seasons",
    "Target",
    "Validation",
    "calibrate",
    "calibration_runs",
    "draw_seasons",
    "targets_of",
    "validate",
]
