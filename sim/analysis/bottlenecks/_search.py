"""The ladder of bottlenecks: what holds a corridor back, what will next, and the proof of it.

On each rung the corridor runs as it is; what looks short (by the preview, by waits, by who is the
momentary bottleneck) runs again with one more of it on common random numbers, and those that may be
the best run more often, in stages. What gives most is the bottleneck. It is raised, and the next
rung begins, until nothing is overloaded or the budget of replications ends.

How far it is raised: until the preview puts its load at 85 % or less; where the preview sees no
more than that already, by a quarter, by one step at least. If that is too little it comes first
again. Where several cannot be separated, that is reported, and of them the one is raised that gives
most beyond doubt, or else the one that the preview finds fullest.

The budget is meant for `RUNGS` rungs at least: a rung looks again only while it keeps to its share,
to which goes what the rungs before it left. Ending there is no less safe, since every look has its
own part of the error. What-ifs that are the next rung (a fix of one step) are not run, nor counted,
again. The guarantee is for the best of what was tried.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import isfinite

from sim.analysis.bottlenecks._fix import fix_of
from sim.analysis.bottlenecks._metrics import Metrics, active_of, waits_of
from sim.analysis.bottlenecks._result import (
    CARRIED,
    TRANSIT,
    Bottlenecks,
    BottlenecksInterrupted,
    DroppedSuspect,
    GrowingStack,
    Rung,
)
from sim.analysis.bottlenecks._runs import Runs
from sim.analysis.bottlenecks._signs import Signs, in_turn
from sim.analysis.bottlenecks._suspect import Suspect
from sim.analysis.bottlenecks._suspects import one_class_a_service, suspects_of
from sim.analysis.bottlenecks._what_ifs import WhatIfs
from sim.analysis.numbers import outcomes_by_name
from sim.errors import UsageError
from sim.runs.requests import FailedError, Failure, check_replications_and_seed
from sim.runs.runner import Runner, runner_or_new
from sim.spec.load import Scenario
from sim.study.growth import SENTENCES, StackGrowth, State, growth_shares

RUNGS = 3
"""That the budget is divided among; if there are more, they take what is left."""
BUDGET = 120
"""Replications, by default: for each of `RUNGS` rungs the corridor and six what-ifs four times (28),
and 12 more for those that may be the best. Of the fivefold corridor that is less than half an hour
on two processors."""
MOST_BASE = 4
"""How often the corridor itself is run at most, in times the replications of the first look, to
decide whether anything is overloaded."""
MOST_SCALE = 1000


def bottlenecks(
    scenario: Scenario,
    *,
    target: float | None = None,
    budget: int = BUDGET,
    replications: int = 4,
    most_suspects: int = 6,
    seed: int = 1,
    runner: Runner | None = None,
    on_rung: Callable[[Rung], object] = lambda _: None,
    on_drop: Callable[[DroppedSuspect], object] = lambda _: None,
) -> Bottlenecks:
    """Find the bottleneck of *scenario*, raise it, find the next, until nothing is overloaded.

    Parameters
    ----------
    target
        Scale of the demand that is to be carried; default, that of the scenario.
    budget
        Most replications, in all.
    replications
        Of each suspect before the first look; contenders get twice and four times as many.
    on_rung
        Called after each rung.
    on_drop
        Called for each what-if that fails every time. It is dropped for the rest of the ladder.

    Raises
    ------
    UsageError
        A number is out of range, or the horizon is too short to see growth from one year to the
        next.
    FailedError
        The corridor itself fails every time. If a fix did that, the ladder ends there and says so.
    BottlenecksInterrupted
        On Ctrl-C, with the rungs that were finished.
    """
    replications, seed = check_replications_and_seed(replications, seed)
    _check(target, budget, replications, most_suspects)
    if target is not None:
        scenario = scenario.with_({"demand.scale": target})
    with runner_or_new(runner) as active:
        runs = Runs(active, seed, budget)
        search = _Search(scenario, runs, replications, most_suspects, on_drop)
        try:
            ended = search.climb(on_rung)
        except KeyboardInterrupt:
            raise BottlenecksInterrupted(search.result("stopped")) from None
        return search.result(ended)


def _check(target: float | None, budget: int, replications: int, most_suspects: int) -> None:
    if replications < 2:
        raise UsageError("effects need two replications or more, to separate them from chance")
    if most_suspects < 1:
        raise UsageError("one suspect or more must be tried")
    if budget < replications * 2:
        raise UsageError(
            f"a budget of {budget} does not pay for one what-if; give {replications * 2} or more"
        )
    if target is not None and not 0 < target <= MOST_SCALE:
        raise UsageError(
            f"the target is a multiple of the demand above 0, at most {MOST_SCALE}; got {target:g}"
        )


@dataclass(slots=True)
class _Search:
    """What is known while the ladder is climbed."""

    scenario: Scenario
    runs: Runs
    replications: int
    most_suspects: int
    on_drop: Callable[[DroppedSuspect], object]
    rungs: list[Rung] = field(default_factory=list)
    dropped: list[DroppedSuspect] = field(default_factory=list)
    failed: FailedError | None = None
    tried: dict[str, Metrics] = field(default_factory=dict)
    """What ran on the rung below, by hash of the scenario."""

    def result(self, ended: str) -> Bottlenecks:
        """Return the rungs that are finished, and what *ended* the ladder."""
        return Bottlenecks(
            self.scenario,
            self.runs.seed,
            self.runs.budget,
            self.runs.used,
            tuple(self.rungs),
            ended,
            tuple(self.dropped),
            self.failed,
        )

    def climb(self, on_rung: Callable[[Rung], object]) -> str:
        """Climb to the end and return what ended it."""
        at = self.scenario
        while True:
            if self.runs.left < self.replications:
                return "the budget ended before what the last fix gives was known"
            try:
                rung, ended = self._rung(at)
            except FailedError as error:
                if not self.rungs:
                    raise
                self.failed = error
                return "the corridor with the last fix fails every time"
            self.rungs.append(rung)
            on_rung(rung)
            if rung.fix is None:
                return ended
            at = at.with_(rung.fix.changes)

    def _rung(self, at: Scenario) -> tuple[Rung, str]:
        """Return the next rung, and why it is the last if nothing is raised on it.

        The corridor runs as it is; what looks short is tried; the best of it is raised.
        """
        base, growing, state = self._base(at)
        signs = Signs.of(at, base, growing)
        rung = Rung(
            scenario=at,
            state=state,
            growth=growing,
            waits=signs.waits,
            outcome=_outcome(base, state),
            base=_outcomes(base),
            active=signs.active,
        )
        if state != "overloaded" and self.rungs:
            return rung, SENTENCES[state]
        plausible = self._plausible(at, signs)
        affordable = self.runs.left // self.replications
        if not plausible:
            return rung, "nothing that a scenario could have more of looks short"
        if not affordable:
            return rung, "the budget ended"

        tried = plausible[: min(affordable, self.most_suspects)]
        what_ifs = WhatIfs.of(
            self.runs, at, base, outcome=rung.outcome, suspects=tried, on_failure=self._drop
        )
        what_ifs.run(self.replications, most_used=self._share())
        self.tried = what_ifs.metrics_by_hash()
        # The corridor itself ran as often as the contenders: all of it counts.
        rung = replace(
            rung,
            waits=waits_of(at, base),
            base=_outcomes(base),
            active=active_of(base),
            effects=what_ifs.effects(signs),
        )
        if state != "overloaded":
            return rung, SENTENCES[state]
        fix = fix_of(at, what_ifs.suspects, rung.effects)
        return replace(rung, fix=fix), "none of the suspects can be raised"

    def _base(self, at: Scenario) -> tuple[Metrics, tuple[GrowingStack, ...], State]:
        """Run the corridor as it is, more often while it is undecided whether something is
        overloaded."""
        base = self.tried.get(at.hash, {})
        self.tried = {}
        self.runs.extend([at], [base], max(self.replications, len(base)))
        growth = _growth(base)
        most = self.replications * MOST_BASE
        while (
            growth.state == "undecided" and len(base) < most and self.runs.left >= self.replications
        ):
            self.runs.extend([at], [base], len(base) + self.replications)
            growth = _growth(base)
        growing = tuple(
            GrowingStack(where, growth.interval(where), where in growth.overloaded)
            for where in growth.growing
        )
        return base, growing, growth.state

    def _plausible(self, at: Scenario, signs: Signs) -> list[Suspect]:
        """Return what looks short, in the order in which it is tried."""
        dropped = {one.id for one in self.dropped}
        suspects = one_class_a_service(at, suspects_of(at))
        remaining = [suspect for suspect in suspects if suspect.id not in dropped]
        return in_turn(remaining, signs, self.rungs[-1] if self.rungs else None)

    def _share(self) -> float:
        """Return how many replications may have been used when this rung ends."""
        return self.runs.budget * min(1.0, (len(self.rungs) + 1) / RUNGS)

    def _drop(self, name: str, failures: tuple[Failure, ...]) -> None:
        dropped = DroppedSuspect(len(self.rungs) + 1, name, str(failures[0]))
        self.dropped.append(dropped)
        self.on_drop(dropped)


def _growth(base: Metrics) -> StackGrowth:
    return StackGrowth.of([growth_shares(metrics) for metrics in base.values()])


def _outcome(base: Metrics, state: State) -> str:
    """Return what suspects are judged by: cargo carried, or the transit time where it exists and
    nothing is overloaded."""
    times = [outcomes_by_name(metrics)[TRANSIT] for metrics in base.values()]
    if state == "overloaded" or not all(map(isfinite, times)):
        return CARRIED
    return TRANSIT


def _outcomes(base: Metrics) -> dict[int, dict[str, float]]:
    return {number: outcomes_by_name(metrics) for number, metrics in base.items()}
