"""What makes a suspect: signs that something is short, and in which order suspects are tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import pandas as pd

from sim.analysis.bottlenecks._metrics import Metrics, active_of, lying_shares, waits_of
from sim.analysis.bottlenecks._result import GrowingStack, Rung
from sim.analysis.bottlenecks._suspect import Suspect
from sim.analysis.loads import loads_of
from sim.spec.load import Scenario

PLAUSIBLE = 0.5
"""Load by the preview from which a resource is suspected."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of a corridor before anything is tried."""

    waits: pd.DataFrame
    active: pd.DataFrame
    lying_shares: pd.DataFrame
    growing: Sequence[GrowingStack]
    ratios: Mapping[str, float]
    """Load by resource, from the preview."""

    @classmethod
    def of(cls, scenario: Scenario, base: Metrics, growing: Sequence[GrowingStack]) -> Signs:
        """Return the signs in the metrics *base* of a corridor."""
        return cls(
            waits_of(scenario, base),
            active_of(base),
            lying_shares(base),
            growing,
            loads_of(scenario),
        )

    def load(self, suspect: Suspect) -> float:
        """Return the load by the preview, where it is high enough to be a sign."""
        load = suspect.load(self.ratios)
        return load if load >= PLAUSIBLE else 0.0

    def waited_days(self, suspect: Suspect) -> float:
        """Return the days that a delivered unit waits for *suspect* [d]."""
        is_activity = self.waits["activity"] == suspect.activity
        is_here = self.waits["where"].isin(suspect.waits_at)
        return float(self.waits.loc[is_activity & is_here, "days"].sum())

    def bottleneck_share(self, suspect: Suspect) -> float:
        """Return the share of time in which *suspect* is the momentary bottleneck."""
        is_all = self.active["kind"] == "all"
        is_here = self.active["where"].isin(suspect.groups)
        return float(self.active.loc[is_all & is_here, "share"].sum())

    def growth(self, suspect: Suspect) -> float:
        """Return the growth of what is overloaded before *suspect*; nothing for what vessels lie at
        berths for."""
        if suspect.lying:
            return 0.0
        overloaded = self._overloaded()
        return max((overloaded.get(where, 0.0) for where in suspect.stacks), default=0.0)

    def lying_share(self, suspect: Suspect) -> float:
        """Return the share of time that vessels wait for cargo at berths, of the class of *suspect*
        that does so most.

        Where something is overloaded, only what lies there while cargo for it piles up counts: at
        its other end.
        """
        overloaded = self._overloaded()
        if not suspect.lying or (overloaded and overloaded.keys().isdisjoint(suspect.stacks)):
            return 0.0
        rows = self.lying_shares[self.lying_shares["where"].isin(suspect.lying)]
        if rows.empty:
            return 0.0
        return float(rows.groupby("where")["value"].mean().max())

    def _overloaded(self) -> dict[str, float]:
        return {one.where: one.share.mean for one in self.growing if one.is_overloaded}


def in_turn(suspects: Sequence[Suspect], signs: Signs, below: Rung | None) -> list[Suspect]:
    """Return what looks short: the first by each sign in turn, then the second by each, and so on.

    Before them all comes what gave something beyond doubt on the rung *below* and was not raised.
    What gave nothing there may have been hidden behind the bottleneck, so it is judged anew.
    """
    rankings = [
        _ranked(suspects, signs.load),
        _ranked(suspects, signs.waited_days),
        _ranked(suspects, signs.bottleneck_share),
        _ranked(suspects, signs.growth),
        _ranked(suspects, signs.lying_share),
    ]
    listed = _proven(suspects, below)
    for row in zip_longest(*rankings):
        listed.extend(suspect for suspect in row if suspect is not None)
    # Each once, where it comes first.
    return list({suspect.id: suspect for suspect in listed}.values())


def _ranked(suspects: Sequence[Suspect], sign: Callable[[Suspect], float]) -> list[Suspect]:
    """Return the suspects that have a *sign*, the strongest first."""
    strength = {suspect.id: sign(suspect) for suspect in suspects}
    shown = [suspect for suspect in suspects if strength[suspect.id] > 0]
    order = np.argsort([-strength[suspect.id] for suspect in shown], kind="stable")
    return [shown[place] for place in order]


def _proven(suspects: Sequence[Suspect], below: Rung | None) -> list[Suspect]:
    """Return the suspects that gave something beyond doubt on the rung *below* and were not raised,
    the best first."""
    if below is None:
        return []
    raised = "" if below.fix is None else below.fix.id
    gains = {effect.id: effect.gain.mean for effect in below.effects if effect.gain.low > 0}
    gains.pop(raised, None)
    proven = [suspect for suspect in suspects if suspect.id in gains]
    return sorted(proven, key=lambda suspect: -gains[suspect.id])
