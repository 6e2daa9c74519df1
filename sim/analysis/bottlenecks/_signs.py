"""What makes a suspect: signs that something is short, and in which order suspects are tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import pandas as pd

from sim.analysis.bottlenecks._result import Growth, Rung
from sim.analysis.bottlenecks._suspects import Suspect, load_of

PLAUSIBLE = 0.5
"""Load by the preview from which a resource is suspected."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of a corridor before anything is tried."""

    base: Mapping[int, pd.DataFrame]
    """Metrics by replication."""
    waits: pd.DataFrame
    active: pd.DataFrame
    growth: Sequence[Growth]
    ratios: Mapping[str, float]
    """Load by resource, from the preview."""

    def load(self, suspect: Suspect) -> float:
        """Return the load by the preview, where it is high enough to be a sign."""
        load = load_of(suspect, self.ratios)
        return load if load >= PLAUSIBLE else 0.0

    def waited(self, suspect: Suspect) -> float:
        """Return the days that a delivered unit waits for *suspect* [d]."""
        mine = self.waits[
            (self.waits["activity"] == suspect.activity)
            & self.waits["where"].isin(suspect.waits_at)
        ]
        return float(mine["days"].sum())

    def share(self, suspect: Suspect) -> float:
        """Return the share of time in which *suspect* is the momentary bottleneck."""
        mine = self.active[
            (self.active["kind"] == "all") & self.active["where"].isin(suspect.groups)
        ]
        return float(mine["share"].sum())

    def grows(self, suspect: Suspect) -> float:
        """Return the growth of what is overloaded before *suspect*; nothing for what vessels lie at
        berths for."""
        full = self._overloaded()
        return (
            0.0
            if suspect.lying
            else max((full.get(where, 0.0) for where in suspect.stacks), default=0.0)
        )

    def lies(self, suspect: Suspect) -> float:
        """Return the share of time that vessels wait for cargo at berths, of the class of *suspect*
        that does so most.

        Where something is overloaded, only what lies there while cargo for it piles up counts: at
        its other end.
        """
        full = self._overloaded()
        if not suspect.lying or (full and not any(where in full for where in suspect.stacks)):
            return 0.0
        rows = pd.concat(
            [
                m[(m["name"] == "time_share") & (m["activity"] == "wait_cargo")]
                for m in self.base.values()
            ]
        )
        mine = rows[rows["where"].isin(suspect.lying)]
        return float(mine.groupby("where")["value"].mean().max()) if len(mine) else 0.0

    def _overloaded(self) -> dict[str, float]:
        return {growth.where: growth.share for growth in self.growth if growth.is_overloaded}


def in_turn(suspects: Sequence[Suspect], signs: Signs, below: Rung | None) -> list[Suspect]:
    """Return what looks short: the first by each sign in turn, then the second by each, and so on.

    Before them all comes what gave something beyond doubt on the rung *below* and was not raised.
    What gave nothing there may have been hidden behind the bottleneck, so it is judged anew.
    """
    kinds: tuple[Callable[[Suspect], float], ...] = (
        signs.load,
        signs.waited,
        signs.share,
        signs.grows,
        signs.lies,
    )
    ranked = []
    for kind in kinds:
        found = {suspect.id: kind(suspect) for suspect in suspects}
        shown = [suspect for suspect in suspects if found[suspect.id] > 0]
        ranked.append(
            [shown[at] for at in np.argsort([-found[s.id] for s in shown], kind="stable")]
        )
    proven = (
        {}
        if below is None
        else {e.id: e.gain for e in below.effects if e.low > 0 and not _is_raised(e.id, below)}
    )
    first = sorted((s for s in suspects if s.id in proven), key=lambda s: -proven[s.id])
    listed = [
        *first,
        *(suspect for row in zip_longest(*ranked) for suspect in row if suspect is not None),
    ]
    return list({suspect.id: suspect for suspect in listed}.values())


def _is_raised(name: str, rung: Rung) -> bool:
    return rung.fix is not None and rung.fix.id == name
