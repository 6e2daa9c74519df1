"""The judge of sets of projects: runs them look by look within a budget, and remembers the verdicts.

What follows from a verdict is not run: more projects, less demand and no stress never do worse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sim.analysis.plan._choices import Choices
from sim.analysis.plan._verdict import LOOKS, Judgement, Measured, Variant, Verdict, verdict_of
from sim.network.build import build
from sim.network.preview import Load, preview
from sim.runs.points import run_points
from sim.runs.requests import Request
from sim.runs.runner import Runner
from sim.spec.load import Scenario
from sim.study.interval import NOT_NEGATIVE, Interval

CARRIED, OFFERED = "carried_t_per_year", "offered_t_per_year"
SPENT = Judgement("undecided", ("the budget is spent",))


@dataclass
class Budget:
    """Replications that may be used.

    Those of the store count too, so that the plan does not depend on what the store has.
    """

    total: int
    used: int = 0
    limit: int | None = None
    """What may be used up to now; without one, all."""
    was_refused: bool = False
    """Whether more was asked for than is left."""

    @property
    def left(self) -> int:
        """Replications that may still be used up to now."""
        return (self.limit or self.total) - self.used

    def allow(self, share: float) -> None:
        """Let this share of the budget be used up to now."""
        self.limit = round(share * self.total)
        self.was_refused = False

    def clear_refusal(self) -> None:
        """Clear the refusal, so that a smaller request can pass."""
        self.was_refused = False

    def take(self, count: int) -> bool:
        """Use *count* replications and return True, or refuse them."""
        if count > self.left:
            self.was_refused = True
            return False
        self.used += count
        return True


@dataclass
class Judge:
    """Runs and judges variants, within a budget of replications, and remembers all verdicts."""

    choices: Choices
    seed: int
    runner: Runner
    budget: Budget
    p90_days: float | None = None
    on_verdict: Callable[[Variant, Judgement], object] = lambda _variant, _judgement: None
    verdicts: dict[Variant, Judgement] = field(default_factory=dict)
    """Verdicts from simulation, in the order in which they were reached."""
    _measured: dict[str, dict[int, Measured]] = field(default_factory=dict)
    """By hash of the scenario and number of the replication."""
    _scenarios: dict[Variant, Scenario] = field(default_factory=dict)
    _loads: dict[Variant, tuple[Load, ...]] = field(default_factory=dict)

    @property
    def spent(self) -> int:
        """Replications that were used."""
        return self.budget.used

    def scenario(self, variant: Variant) -> Scenario:
        """Return the scenario of *variant*."""
        if variant not in self._scenarios:
            self._scenarios[variant] = self.choices.scenario.with_(self.choices.changes(*variant))
        return self._scenarios[variant]

    def loads(self, variant: Variant) -> tuple[Load, ...]:
        """Return the preview of *variant*."""
        if variant not in self._loads:
            self._loads[variant] = preview(build(self.scenario(variant)))
        return self._loads[variant]

    def decide(self, variant: Variant, looks: Sequence[int] = LOOKS) -> Verdict:
        """Look at *variant* until it is decided, as far as the budget goes, and return the verdict."""
        self.judge([variant], looks)
        return self.verdict(variant).verdict

    def judge(self, variants: Iterable[Variant], looks: Sequence[int] = LOOKS) -> None:
        """Look at each of *variants* until it is decided, as far as the budget goes.

        All of them have their first look before any has its second.
        """
        undecided = [one for one in dict.fromkeys(variants) if self.inferred(one) is None]
        for n in looks:
            undecided = [variant for variant in undecided if not self._is_decided(variant)]
            unseen = [variant for variant in undecided if self._looked_at(variant) < n]
            for variant in self.run(unseen, n):
                self.verdicts[variant] = verdict_of(self.measured(variant, n), self.p90_days)
                self.on_verdict(variant, self.verdicts[variant])

    def _is_decided(self, variant: Variant) -> bool:
        return variant in self.verdicts and self.verdicts[variant].verdict != "undecided"

    def _looked_at(self, variant: Variant) -> int:
        """Return after how many replications *variant* was looked at last."""
        return self.verdicts[variant].n if variant in self.verdicts else 0

    def verdict(self, variant: Variant) -> Judgement:
        """Return what is known of *variant* by now."""
        return self.inferred(variant) or self.verdicts.get(variant) or SPENT

    def inferred(self, variant: Variant) -> Judgement | None:
        """Return the verdict on *variant* if it was decided, or follows from one that was."""
        if self._is_decided(variant):
            return self.verdicts[variant]
        for other, judgement in self.verdicts.items():
            if judgement.verdict == "fails" and other.is_no_worse_than(variant):
                return Judgement("fails", judgement.because)
            if judgement.verdict == "reaches" and variant.is_no_worse_than(other):
                return Judgement("reaches")
        return None

    def contradictions(self) -> list[tuple[Variant, Variant]]:
        """Return pairs of variants whose verdicts contradict that more never does worse.

        The first of a pair fails, the second reaches the target and has less.
        """
        by_verdict: dict[Verdict, list[Variant]] = {"fails": [], "undecided": [], "reaches": []}
        for variant, judgement in self.verdicts.items():
            by_verdict[judgement.verdict].append(variant)
        pairs: list[tuple[Variant, Variant]] = []
        for failing in by_verdict["fails"]:
            worse = [one for one in by_verdict["reaches"] if failing.is_no_worse_than(one)]
            pairs.extend((failing, one) for one in worse)
        return pairs

    def run(self, variants: Iterable[Variant], n: int) -> list[Variant]:
        """Run *variants* up to *n* replications each, and return those that have them.

        A variant for which the budget is too small is passed over.
        """
        requests: dict[str, Request] = {}
        complete = []
        for variant in variants:
            scenario = self.scenario(variant)
            missing = self._missing(scenario, n)
            if scenario.hash in requests:
                # Another variant is the same scenario.
                missing = []
            if not self.budget.take(len(missing)):
                continue
            complete.append(variant)
            if missing:
                requests[scenario.hash] = Request.of(scenario, self.seed, missing)
        self._collect(list(requests.values()))
        return complete

    def ensure_first_look(self, *variants: Variant) -> None:
        """Run *variants* as often as a first look needs, whatever is known of them."""
        short = [one for one in variants if len(self.measured(one)) < LOOKS[0]]
        self.run(short, LOOKS[0])

    def _missing(self, scenario: Scenario, n: int) -> list[int]:
        have = self._measured.get(scenario.hash, {})
        return [number for number in range(n) if number not in have]

    def _collect(self, requests: Sequence[Request]) -> None:
        by_request = run_points(requests, Measured.of, self.runner).complete()
        for request, values in zip(requests, by_request, strict=True):
            self._measured.setdefault(request.hash, {}).update(values)

    def measured(self, variant: Variant, n: int | None = None) -> list[Measured]:
        """Return what is kept of the replications of *variant*, the first *n* of them or all."""
        have = self._measured.get(self.scenario(variant).hash, {})
        return [have[number] for number in sorted(have)][:n]

    def mean(self, variant: Variant, outcome: str) -> Interval:
        """Return an outcome over the replications of *variant*."""
        values = [one.outcomes[outcome] for one in self.measured(variant)]
        return Interval.of(values, NOT_NEGATIVE)

    def shortfall(self, variant: Variant) -> Interval:
        """Return what is offered and not carried [t/a]."""
        sample = self.measured(variant)
        return Interval.of([one.outcomes[OFFERED] - one.outcomes[CARRIED] for one in sample])

    def difference(self, variant: Variant, base: Variant, outcome: str) -> Interval:
        """Return the paired difference to *base*, over the replications that both have."""
        pairs = zip(self.measured(variant), self.measured(base), strict=False)
        return Interval.of([a.outcomes[outcome] - b.outcomes[outcome] for a, b in pairs])
