"""Growth of stacks and queues from year to year over replications, and the verdict on it.

The growth of a stack or queue is its level less that of a year before, as a share of the flow of a
year. Something is overloaded if what is offered grows faster than it is carried, beyond doubt. Cargo that a
ban turns away would stand before it: of each flow it counts as a queue that grows by what is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum, isfinite, isnan, nan
from typing import Literal, TypeAlias

import pandas as pd

from sim.errors import UsageError
from sim.study.interval import Interval

LIMIT = 0.02
"""Growth in a year, as a share of the yearly flow, above which a stack or queue is overloaded."""
CONFIDENCE = 0.99
"""Of the lower bound of the growth that must exceed the limit."""

State: TypeAlias = Literal["overloaded", "undecided", "holds", "unknown"]
"""Verdict on all stacks and queues together, see `state_of`."""
SENTENCES: Mapping[State, str] = {
    "overloaded": "something is overloaded",
    "undecided": "it is undecided whether something is overloaded: "
    f"it grows by more than {LIMIT * 100:g} % on average, and not at {CONFIDENCE * 100:g} %",
    "holds": "nothing is overloaded",
    "unknown": "whether anything is overloaded is unknown (no year to compare with; see horizon)",
}
"""What a state says, to the end of a sentence."""

GROWTH_SHARE = "growth_share_per_year"
"""The metric."""
_GROWTH = ("stack_growth_per_year", "queue_growth_per_year", "refused_growth_per_year")


def overloaded(shares: Sequence[float]) -> float:
    """Return 1 if the lower 99 % bound of the mean growth exceeds `LIMIT`, else 0.

    Parameters
    ----------
    shares
        Growth of one stack or queue in a year as a share of its yearly flow, one value a
        replication. A single one is taken as it is.

    Returns
    -------
    float
        0 or 1; NaN where a value does not exist.
    """
    # The lower end of a two-sided interval is a one-sided bound with half of the error.
    growth = Interval.of(shares, confidence=2 * CONFIDENCE - 1)
    if isnan(growth.mean):
        return nan
    bound = growth.low if growth.has_bounds else growth.mean
    return float(bound > LIMIT)


def state_of(*, overloaded: int, growing: int, watched: int) -> State:
    """Return the verdict on all stacks and queues together.

    Parameters
    ----------
    overloaded
        How many are overloaded.
    growing
        How many grow by more than the limit on average.
    watched
        Of how many the growth is known.
    """
    if overloaded:
        return "overloaded"
    if growing:
        return "undecided"
    return "holds" if watched else "unknown"


def growth_shares(metrics: pd.DataFrame) -> dict[str, float]:
    """Return the growth of every stack and queue as a share of its flow, in one replication."""
    rows = metrics[metrics["name"] == GROWTH_SHARE]
    return dict(zip(rows["where"].tolist(), rows["value"].astype(float).tolist(), strict=True))


@dataclass(frozen=True)
class StackGrowth:
    """Growth of every stack and queue as a share of its flow, replication by replication."""

    shares: Mapping[str, tuple[float, ...]]

    @classmethod
    def of(cls, replications: Sequence[Mapping[str, float]]) -> StackGrowth:
        """Return the growth of what is watched in every one of *replications*.

        A stack or queue without growth in some replication (nothing came there) is left out.

        Parameters
        ----------
        replications
            `growth_shares` of each.

        Raises
        ------
        UsageError
            The horizon is too short to see growth from one year to the next.
        """
        places: dict[str, None] = {}
        for shares in replications:
            places.update(dict.fromkeys(shares))
        by_place = {
            where: tuple(shares.get(where, nan) for shares in replications) for where in places
        }
        watched = {
            where: values for where, values in by_place.items() if all(map(isfinite, values))
        }
        if not watched:
            raise UsageError(
                "no stack or queue is watched for two years in a row, so nothing can be said to "
                "grow; give the scenario a longer horizon (a year of run-in and a year of window)"
            )
        return cls(watched)

    def mean(self, where: str) -> float:
        """Return the mean growth of a stack or queue; one that nothing came to does not grow."""
        shares = self.shares.get(where, ())
        return fsum(shares) / len(shares) if shares else 0.0

    def interval(self, where: str) -> Interval:
        """Return the growth of a stack or queue over replications, at 95 %."""
        return Interval.of(self.shares[where])

    def fastest(self, among: Iterable[str]) -> str:
        """Return which *among* these grows most, by its mean."""
        return max(among, key=self.mean)

    @cached_property
    def growing(self) -> tuple[str, ...]:
        """What grows by more than the limit on average, the fastest first."""
        growing = [where for where in self.shares if self.mean(where) > LIMIT]
        return tuple(sorted(growing, key=lambda where: -self.mean(where)))

    @cached_property
    def overloaded(self) -> tuple[str, ...]:
        """What is overloaded, the fastest first."""
        return tuple(where for where in self.growing if overloaded(self.shares[where]) == 1)

    @property
    def state(self) -> State:
        """The verdict."""
        return state_of(
            overloaded=len(self.overloaded), growing=len(self.growing), watched=len(self.shares)
        )


def overloaded_names(summary: pd.DataFrame) -> list[str]:
    """Return which stacks and queues of `Study.summary` are overloaded, in its order."""
    is_hit = (summary["name"] == "overloaded") & (summary["mean"] == 1)
    return summary.loc[is_hit, "where"].tolist()


def state_of_summary(summary: pd.DataFrame) -> State:
    """Return the verdict on the stacks and queues of `Study.summary`."""
    growth = summary.loc[summary["name"] == GROWTH_SHARE, "mean"].dropna()
    return state_of(
        overloaded=len(overloaded_names(summary)),
        growing=int((growth > LIMIT).sum()),
        watched=len(growth),
    )


def overloaded_rows(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the growth of every overloaded stack and queue [units/a], the largest first.

    Returns
    -------
    DataFrame
        Rows of `Study.summary`, with the columns ``share, share_low, share_high``: the growth over
        the yearly flow, which is what is tested. The interval of the growth itself is wider where
        the flow varies.
    """
    is_growth = summary["name"].isin(_GROWTH)
    rows = summary[is_growth & summary["where"].isin(overloaded_names(summary))]
    rows = rows.sort_values("mean", ascending=False, kind="stable")
    shares = summary[summary["name"] == GROWTH_SHARE].set_index("where")
    for column, of in (("share", "mean"), ("share_low", "low"), ("share_high", "high")):
        rows = rows.assign(**{column: rows["where"].map(shares[of])})
    return rows
