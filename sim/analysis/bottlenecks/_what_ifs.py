"""The what-ifs of a rung: one more of each suspect on common random numbers, in stages.

All suspects run as often as the corridor itself. After each look (`_contenders`) only those that may
be the best run on, twice as often, while the rung keeps to its share of the budget. That no suspect
helps is a contender, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from sim.analysis.bottlenecks._contenders import contenders
from sim.analysis.bottlenecks._metrics import Metrics
from sim.analysis.bottlenecks._result import NOTHING, TRANSIT, SuspectEffect
from sim.analysis.bottlenecks._runs import Runs
from sim.analysis.bottlenecks._signs import Signs
from sim.analysis.bottlenecks._suspect import Suspect
from sim.analysis.numbers import outcomes_by_name
from sim.runs.requests import Failure
from sim.spec.load import Scenario
from sim.study.interval import Interval

STAGES = 3
"""Looks at the contenders of a rung; each doubles their replications."""
ERROR = 0.05
"""Probability, a rung, that the best of the suspects is lost."""


class WhatIf(NamedTuple):
    """The corridor with one more of a suspect."""

    suspect: Suspect
    scenario: Scenario
    metrics: Metrics


@dataclass(slots=True)
class WhatIfs:
    """All what-ifs of a rung."""

    runs: Runs
    at: Scenario
    """The corridor as it is."""
    base: Metrics
    """Its metrics; it runs as often as the contenders."""
    outcome: str
    """What suspects are judged by."""
    by_id: dict[str, WhatIf]
    """What-ifs that did not fail, by id of the suspect."""
    on_failure: Callable[[str, tuple[Failure, ...]], object]
    staying: tuple[str, ...] = ()
    """What may be the best after the last look, `NOTHING` included."""
    at_first: int = field(init=False)

    def __post_init__(self) -> None:
        self.at_first = len(self.by_id)

    @classmethod
    def of(
        cls,
        runs: Runs,
        at: Scenario,
        base: Metrics,
        *,
        outcome: str,
        suspects: Iterable[Suspect],
        on_failure: Callable[[str, tuple[Failure, ...]], object],
    ) -> WhatIfs:
        """Return the what-ifs of those *suspects* of which there can be one more."""
        by_id = {}
        for suspect in suspects:
            with_one_more = suspect.raised(at)
            if with_one_more is not None:
                by_id[suspect.id] = WhatIf(suspect, with_one_more, {})
        return cls(runs, at, base, outcome, by_id, on_failure)

    def run(self, replications: int, most_used: float) -> None:
        """Run all, then the contenders twice and four times as often, until one is left.

        Parameters
        ----------
        replications
            Of each what-if before the first look.
        most_used
            Replications that may have been used by all rungs up to this one. The first stage is run
            in any case.
        """
        alive = tuple(self.by_id)
        for stage in range(STAGES):
            upto = replications * 2**stage
            if stage and self.runs.used + self._missing(alive, upto) > most_used:
                break
            has_failures = self._extend(alive, upto)
            alive = tuple(name for name in alive if name in self.by_id)
            if has_failures and stage:
                # What the failed one had beaten is compared anew, by the replications that all of
                # them have.
                alive, upto = tuple(self.by_id), replications
            self.staying = self._look(alive, upto)
            alive = tuple(name for name in alive if name in self.staying)
            if len(self.staying) <= 1 or not alive:
                break

    def _missing(self, alive: Iterable[str], upto: int) -> int:
        """Return how many replications a stage would add."""
        metrics = [self.base, *(self.by_id[name].metrics for name in alive)]
        return sum(max(0, upto - len(one)) for one in metrics)

    def _extend(self, alive: tuple[str, ...], upto: int) -> bool:
        """Run the corridor and what is *alive* up to so many replications; drop what fails every
        time, and return whether anything did."""
        what_ifs = [self.by_id[name] for name in alive]
        failed = self.runs.extend(
            [self.at, *(one.scenario for one in what_ifs)],
            [self.base, *(one.metrics for one in what_ifs)],
            upto,
        )
        for place, failures in failed.items():
            name = alive[place - 1]
            del self.by_id[name]
            self.on_failure(name, failures)
        return bool(failed)

    def _look(self, alive: Iterable[str], upto: int) -> tuple[str, ...]:
        """Return which of *alive*, and of `NOTHING`, may be the best."""
        gains = {name: self._gains(name, upto) for name in alive}
        gains[NOTHING] = [0.0] * upto
        return contenders(gains, ERROR / STAGES, of=self.at_first + 1)

    def _gains(self, name: str, upto: int) -> list[float]:
        """Return what one more of a suspect gives, replication by replication; of transit time, the
        days saved."""
        sign = -1.0 if self.outcome == TRANSIT else 1.0
        with_more, gains = self.by_id[name].metrics, []
        for number in range(upto):
            before = outcomes_by_name(self.base[number])[self.outcome]
            after = outcomes_by_name(with_more[number])[self.outcome]
            gains.append(sign * (after - before))
        return gains

    @property
    def suspects(self) -> list[Suspect]:
        """The suspects whose what-ifs did not fail."""
        return [one.suspect for one in self.by_id.values()]

    def metrics_by_hash(self) -> dict[str, Metrics]:
        """Return what was run, by hash of the scenario."""
        return {one.scenario.hash: one.metrics for one in self.by_id.values()}

    def effects(self, signs: Signs) -> tuple[SuspectEffect, ...]:
        """Return what one more of each suspect gives, beside its *signs*."""
        return tuple(self._effect(one, signs) for one in self.by_id.values())

    def _effect(self, what_if: WhatIf, signs: Signs) -> SuspectEffect:
        suspect = what_if.suspect
        return SuspectEffect(
            suspect.id,
            suspect.unit,
            now=suspect.now,
            then=suspect.at(1),
            gain=Interval.of(self._gains(suspect.id, len(what_if.metrics))),
            is_contender=suspect.id in self.staying,
            may_be_nothing=NOTHING in self.staying,
            load=suspect.load(signs.ratios),
            waited_days=signs.waited_days(suspect),
            bottleneck_share=signs.bottleneck_share(suspect),
        )
