"""Several scenarios compared on common random numbers, replication by replication."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sim.errors import UsageError
from sim.study.interval import Interval, interval_columns
from sim.study.study import Study
from sim.study.summary import KEY_COLUMNS, none_for_empty, values_by_number


@dataclass(frozen=True, repr=False)
class Comparison:
    """Studies of several scenarios on common random numbers, all against the first."""

    studies: tuple[Study, ...]

    def table(self) -> pd.DataFrame:
        """Return paired differences to the first scenario, metric by metric.

        Returns
        -------
        DataFrame
            ``name, where, flow, activity, unit, scenario, base, value, difference, low, high, n``:
            means of the base and of the scenario, their paired difference and its 95 % interval.
        """
        base = self.studies[0]
        return pd.concat([_paired(base, other) for other in self.studies[1:]], ignore_index=True)

    def summary(self) -> pd.DataFrame:
        """Return the summaries of all scenarios, one below the other, with a column
        ``scenario``."""
        frames = [study.summary().assign(scenario=study.scenario.name) for study in self.studies]
        return pd.concat(frames, ignore_index=True)

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(study.scenario.name for study in self.studies)}>"

    def _repr_html_(self) -> str:
        from sim.study.glance import comparison_page

        return comparison_page(self)


def compare(base: Study, *others: Study) -> Comparison:
    """Compare studies pairwise with *base*.

    Raises
    ------
    UsageError
        The studies do not share seed and replications, so nothing can be paired.
    """
    studies = (base, *others)
    random_numbers = {
        (study.seed, tuple(replication.number for replication in study.replications))
        for study in studies
    }
    if not others or len(random_numbers) > 1:
        raise UsageError(
            "studies can be compared if there are two or more with the same seed and replications"
        )
    return Comparison(studies)


def _paired(base: Study, other: Study) -> pd.DataFrame:
    """Return the rows of `Comparison.table` for one scenario: numbers that both have."""
    first, second = values_by_number(base.metrics), values_by_number(other.metrics)
    shared = first.index[first.index.isin(second.index)]
    rows = []
    for key, a, b in zip(
        shared, first.loc[shared].to_numpy(float), second.loc[shared].to_numpy(float), strict=True
    ):
        means = (Interval.of(values.tolist()).mean for values in (a, b))
        difference = Interval.of((b - a).tolist())
        rows.append((*key, other.scenario.name, *means, *difference, difference.count))
    columns = [*KEY_COLUMNS, "scenario", "base", "value", *interval_columns("difference"), "n"]
    return none_for_empty(pd.DataFrame(rows, columns=columns))
