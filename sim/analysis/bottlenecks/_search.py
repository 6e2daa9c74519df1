"""What holds a corridor back, what will next, and the proof of it: the ladder of bottlenecks.

On each rung the corridor runs as it is; what looks short (by the preview, by waits, by who is the
momentary bottleneck) runs again with one more of it on the same luck, and those that may be the
best run more often, in stages (`sim.analysis.bottlenecks._contenders`). What gives most is the
bottleneck. It is raised, and the next rung begins, until nothing is overloaded or the budget of
replications ends.

How far it is raised: until the preview puts its load at 85 % or less; where the preview sees no
more than that already, by a quarter, by one step at least. If that is too little it comes first
again. Where several cannot be told apart, that is said, and of them the one is raised that gives
most beyond doubt, or else the one that the preview finds fullest.

The budget is meant for `RUNGS` rungs at least: a rung looks again only while it keeps to its share,
to which goes what the rungs before it left. Ending there is no less safe, since every look has its
own part of the error. What-ifs that are the next rung (a fix of one step) are not run, nor counted,
again. The guarantee is for the best of what was tried.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil, isfinite

import pandas as pd

from sim.analysis.bottlenecks import _waiting as waiting
from sim.analysis.bottlenecks._contenders import contenders
from sim.analysis.bottlenecks._result import (
    CARRIED,
    NOTHING,
    TRANSIT,
    Bottlenecks,
    BottlenecksInterrupted,
    DroppedSuspect,
    Fix,
    Growth,
    Rung,
    SuspectEffect,
)
from sim.analysis.bottlenecks._signs import Signs, in_turn
from sim.analysis.bottlenecks._suspects import (
    Suspect,
    load_of,
    one_class_a_service,
    raised,
    suspects_of,
)
from sim.analysis.loads import loads_of
from sim.errors import UsageError
from sim.metrics.outcomes import outcomes_of
from sim.runs.points import run_points
from sim.runs.requests import FailedError, Failure, Request, check_replications_and_seed
from sim.runs.runner import Runner, runner_or_new
from sim.spec.load import Scenario
from sim.study.growth import SENTENCES, StackGrowth, State, growth_shares
from sim.study.interval import SHARE, Interval, interval_columns

RUNGS = 3
"""That the budget is divided among; if there are more, they take what is left."""
BUDGET = 120
"""Replications, if nobody says how many: for each of `RUNGS` rungs the corridor and six what-ifs
four times (28), and 12 more for those that may be the best. Of the fivefold corridor that is less
than half an hour on two processors."""
STAGES = 3
"""Looks at the contenders of a rung; each doubles their replications."""
ERROR = 0.05
"""Probability, a rung, that the best of the suspects is lost."""
ROOMY = 0.85
"""Load by the preview up to which a resource is raised."""
MOST_STEPS = 4096

Metrics = dict[int, pd.DataFrame]
"""By number of the replication."""


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
        Of each suspect before anybody looks; contenders get twice and four times as many.
    on_drop
        Told of each what-if that fails every time. It is dropped for the rest of the ladder.

    Raises
    ------
    UsageError
        A number cannot be, or the horizon is too short to see growth from one year to the next.
    FailedError
        The corridor itself fails every time. If a fix did that, the ladder ends there and says so.
    BottlenecksInterrupted
        On Ctrl-C, with the rungs that were finished.
    """
    check_replications_and_seed(replications, seed)
    if replications < 2:
        raise UsageError("effects need two replications or more, to tell them from luck")
    if most_suspects < 1:
        raise UsageError("one suspect or more must be tried")
    if budget < replications * 2:
        raise UsageError(
            f"a budget of {budget} does not pay for one what-if; give {replications * 2} or more"
        )
    if target is not None:
        if not 0 < target <= 1000:
            raise UsageError(
                f"the target is a multiple of the demand above 0, at most 1000; got {target:g}"
            )
        scenario = scenario.with_({"demand.scale": target})
    with runner_or_new(runner) as active:
        search = _Search(scenario, active, seed, budget, replications, most_suspects, on_drop)
        try:
            ended = search.climb(on_rung)
        except KeyboardInterrupt:
            raise BottlenecksInterrupted(search.found("stopped")) from None
        return search.found(ended)


@dataclass(slots=True)
class _Search:
    """What is known while the ladder is climbed."""

    scenario: Scenario
    runner: Runner
    seed: int
    budget: int
    replications: int
    most_suspects: int
    on_drop: Callable[[DroppedSuspect], object]
    used: int = 0
    rungs: list[Rung] = field(default_factory=list)
    dropped: list[DroppedSuspect] = field(default_factory=list)
    failed: FailedError | None = None
    tried: dict[str, Metrics] = field(default_factory=dict)
    """What ran on the rung below, by hash of the scenario."""

    def found(self, ended: str) -> Bottlenecks:
        facts = (self.scenario, self.seed, self.budget, self.used, tuple(self.rungs), ended)
        return Bottlenecks(*facts, tuple(self.dropped), self.failed)

    def climb(self, on_rung: Callable[[Rung], object]) -> str:
        """Climb to the end and return what ended it."""
        at = self.scenario
        while True:
            if self.budget - self.used < self.replications:
                return "the budget ended before what the last fix gives was known"
            try:
                rung, fix, ended = self._rung(at)
            except FailedError as error:
                if not self.rungs:
                    raise
                self.failed = error
                return "the corridor with the last fix fails every time"
            self.rungs.append(rung)
            on_rung(rung)
            if ended or fix is None:
                return ended
            at = at.with_(fix.changes)

    def _rung(self, at: Scenario) -> tuple[Rung, Fix | None, str]:
        base, growth, state = self._base(at)
        outcome = CARRIED if state == "overloaded" or not _all_known(base, TRANSIT) else TRANSIT
        ratios = loads_of(at)
        flows = waiting.corridor_flows(at)
        waits = waiting.table(
            {n: waiting.days_spent(metrics, flows) for n, metrics in base.items()}
        )
        facts = {
            "scenario": at,
            "state": state,
            "growth": growth,
            "waits": waits,
            "outcome": outcome,
        }
        kept = {"base": {n: outcomes_by_name(m) for n, m in base.items()}, "active": shares(base)}
        if state != "overloaded" and self.rungs:
            return Rung(**facts, **kept), None, SENTENCES[state]
        signs = Signs(base, waits, kept["active"], growth, ratios)
        lost = {dropped.id for dropped in self.dropped}
        suspects = [s for s in one_class_a_service(at, suspects_of(at)) if s.id not in lost]
        plausible = in_turn(suspects, signs, self.rungs[-1] if self.rungs else None)
        left = (self.budget - self.used) // self.replications
        if not plausible or not left:
            ended = (
                "the budget ended"
                if plausible
                else "nothing that a scenario could have more of looks short"
            )
            return Rung(**facts, **kept), None, ended
        effects = self._what_ifs(at, base, plausible[: min(left, self.most_suspects)], outcome)
        listed = tuple(
            effect.seen(load_of(suspect, ratios), signs.waited(suspect), signs.share(suspect))
            for suspect, effect in effects
        )
        # The base ran as often as the contenders: all of it counts.
        facts["waits"] = waiting.table(
            {n: waiting.days_spent(metrics, flows) for n, metrics in base.items()}
        )
        kept = {"base": {n: outcomes_by_name(m) for n, m in base.items()}, "active": shares(base)}
        if state != "overloaded":
            return Rung(**facts, **kept, effects=listed), None, SENTENCES[state]
        fix = self._fix(at, [suspect for suspect, _ in effects], listed)
        ended = "" if fix else "none of the suspects can be raised"
        return Rung(**facts, **kept, effects=listed, fix=fix), fix, ended

    def _base(self, at: Scenario) -> tuple[Metrics, tuple[Growth, ...], State]:
        """Run the corridor as it is, more often while it is open whether something is
        overloaded."""
        base = self.tried.get(at.hash, {})
        self.tried = {}
        while True:
            self._run([at], [base], max(self.replications, len(base)))
            growth, state = grown(base)
            can_go_on = self.budget - self.used >= self.replications
            if state != "undecided" or len(base) >= self.replications * 4 or not can_go_on:
                return base, growth, state
            self._run([at], [base], len(base) + self.replications)

    def _what_ifs(
        self, at: Scenario, base: Metrics, suspects: Sequence[Suspect], outcome: str
    ) -> list[tuple[Suspect, SuspectEffect]]:
        """Run one more of each suspect, and more replications of those that may be the best."""
        more = {s.id: with_one for s in suspects if (with_one := raised(at, s)) is not None}
        found: dict[str, Metrics] = {name: {} for name in more}
        alive: tuple[str, ...] = tuple(more)
        staying: tuple[str, ...] = ()
        for stage in range(STAGES):
            upto = self.replications * 2**stage
            missing = sum(max(0, upto - len(of)) for of in (base, *(found[name] for name in alive)))
            if stage and self.used + missing > self._share():
                break
            lost = self._run(
                [at, *(more[name] for name in alive)],
                [base, *(found[name] for name in alive)],
                upto,
            )
            for number in lost:
                self._drop(alive[number - 1], lost[number])
                del found[alive[number - 1]]
            alive = tuple(name for name in alive if name in found)
            if lost and stage:
                # What it had beaten is compared anew, by the replications that all of them have.
                alive, upto = tuple(found), self.replications
            gains = {name: _gains(base, found[name], outcome, upto) for name in alive}
            # That none of them helps is a contender, too.
            all_of = {**gains, NOTHING: [0.0] * upto}
            staying = contenders(all_of, ERROR / STAGES, of=len(more) + 1)
            alive = tuple(name for name in alive if name in staying)
            if len(staying) <= 1 or not alive:
                break
        self.tried = {more[name].hash: of for name, of in found.items()}
        by_id = {suspect.id: suspect for suspect in suspects}
        return [
            (
                by_id[name],
                SuspectEffect.of(
                    by_id[name],
                    _gains(base, of, outcome, len(of)),
                    name in staying,
                    NOTHING in staying,
                ),
            )
            for name, of in found.items()
        ]

    def _share(self) -> float:
        """Return how many replications may have been used when this rung ends."""
        return self.budget * min(1.0, (len(self.rungs) + 1) / RUNGS)

    def _run(
        self, scenarios: Sequence[Scenario], into: Sequence[Metrics], upto: int
    ) -> dict[int, tuple[Failure, ...]]:
        """Add to *into* the replications of each scenario that it does not have, up to that number.

        Returns what failed every time, by place in *scenarios*; the first of them, the corridor
        itself, must not.
        """
        requests = [
            Request.of(scenario, self.seed, range(len(done), max(upto, len(done))))
            for scenario, done in zip(scenarios, into, strict=True)
        ]
        ran = run_points(requests, lambda replication: replication.metrics, self.runner)
        for done, new in zip(into, ran.values, strict=True):
            done.update(new)
            self.used += len(new)
        self.used += len(ran.failures)
        if ran.was_stopped:
            raise KeyboardInterrupt
        lost = {
            number: failures
            for number, request in enumerate(requests)
            if (
                failures := tuple(failure for failure in ran.failures if failure.request is request)
            )
        }
        if 0 in lost:
            raise FailedError(lost[0])
        return lost

    def _drop(self, name: str, failures: tuple[Failure, ...]) -> None:
        self.dropped.append(DroppedSuspect(len(self.rungs) + 1, name, str(failures[0])))
        self.on_drop(self.dropped[-1])

    def _fix(
        self, at: Scenario, suspects: Sequence[Suspect], effects: Sequence[SuspectEffect]
    ) -> Fix | None:
        """Return by how much which suspect is raised."""
        order = {effect.id: effect for effect in effects if effect.is_contender} or {
            e.id: e for e in effects
        }
        sure = [name for name, effect in order.items() if effect.low > 0]
        ranked = sorted(
            sure or order, key=lambda name: -(order[name].gain if sure else order[name].load)
        )
        by_id = {suspect.id: suspect for suspect in suspects}
        for name in ranked:
            steps = enough_steps(at, by_id[name])
            if steps:
                suspect = by_id[name]
                return Fix(
                    name, suspect.unit, suspect.now, suspect.at(steps), suspect.changes(steps)
                )
        return None


def enough_steps(at: Scenario, suspect: Suspect) -> int:
    """Return the steps by which a bottleneck is raised; 0 if it cannot be.

    So many that the preview puts its load at `ROOMY`, if it is above; else a quarter of what there
    is.
    """

    def load(steps: int) -> float:
        with_more = raised(at, suspect, steps)
        return -1.0 if with_more is None else load_of(suspect, loads_of(with_more))

    if load_of(suspect, loads_of(at)) <= ROOMY:
        quarter = max(1, ceil(suspect.now / 4 / abs(suspect.numbers[0].step) - 1e-9))
        return next((steps for steps in (quarter, 1) if load(steps) >= 0), 0)
    low, high = 0, 1
    while load(high) > ROOMY and high < MOST_STEPS:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if load(middle) <= ROOMY else (middle, high)
    while high and load(high) < 0:
        # More than that there cannot be.
        high -= 1
    return high


def grown(base: Metrics) -> tuple[tuple[Growth, ...], State]:
    """Return what grows by more than the limit, the fastest first, and the verdict on it."""
    growth = StackGrowth.of([growth_shares(metrics) for metrics in base.values()])
    growing = tuple(
        Growth.of(where, growth.interval(where), where in growth.overloaded)
        for where in growth.growing
    )
    return growing, growth.state


def outcomes_by_name(metrics: pd.DataFrame) -> dict[str, float]:
    """Return the main outcomes of a replication by name."""
    return {outcome.name: value for outcome, value in outcomes_of(metrics).items()}


def shares(base: Metrics) -> pd.DataFrame:
    """Return who is the momentary bottleneck: ``where, kind, share, low, high``; ``kind`` is all,
    sole or shifting."""
    found: dict[tuple[str, str], dict[int, float]] = {}
    for number, metrics in base.items():
        rows = metrics[metrics["name"] == "bottleneck_share"]
        for where, kind, value in zip(rows["where"], rows["activity"], rows["value"], strict=True):
            found.setdefault((where, kind or "all"), {})[number] = float(value)
    listed = [
        (*key, *Interval.of((of.get(n, 0.0) for n in base), SHARE)) for key, of in found.items()
    ]
    frame = pd.DataFrame(listed, columns=["where", "kind", *interval_columns("share")])
    return frame.sort_values("share", ascending=False, kind="stable", ignore_index=True)


def _gains(base: Metrics, more: Metrics, outcome: str, upto: int) -> list[float]:
    """Return what one more of a suspect gives, replication by replication; of transit time, the
    days saved."""
    sign = -1.0 if outcome == TRANSIT else 1.0
    both = [
        (outcomes_by_name(base[n])[outcome], outcomes_by_name(more[n])[outcome])
        for n in range(upto)
    ]
    return [sign * (with_more - without) for without, with_more in both]


def _all_known(base: Metrics, outcome: str) -> bool:
    return all(isfinite(outcomes_by_name(metrics)[outcome]) for metrics in base.values())
