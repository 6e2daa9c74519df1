"""CAREC's indicators of a run or of a study that kept a log."""

from __future__ import annotations

import pandas as pd

from sim.errors import UsageError
from sim.metrics.carec import carec
from sim.network.axis import lengths_km
from sim.runs.replication import Run
from sim.study.study import Study


def indicators(run: Run | Study) -> pd.DataFrame:
    """Return the indicators of `sim.metrics.carec`: of a run, or of the replication of a study
    whose log was kept.

    Raises
    ------
    UsageError
        The study keeps no log, or the run does not hold its scenario.
    """
    if isinstance(run, Run):
        if run.loaded is None:
            raise UsageError(
                f"the run of {run.scenario} does not hold its scenario; make it with sim.simulate"
            )
        return carec(run.log, lengths_km(run.loaded), run.metrics())
    log = run.replications[0].log if run.replications else None
    if log is None:
        what = "keeps no log, which the indicators are read from"
        raise UsageError(
            f"the study of {run.scenario.name} {what}; run it with --out, or replicate with keep_log=True"
        )
    return carec(log, lengths_km(run.scenario), run.replications[0].metrics)
