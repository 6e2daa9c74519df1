r"""Whether a set of projects reaches a target: feasibility in stages, on common random numbers.

A set is looked at after 4, 8 and 16 replications, the same for all sets, and no more once it is
decided. With :math:`\alpha` for a whole verdict, each of the :math:`L` looks has :math:`\alpha / L`
(Bonferroni over looks, as in group sequential tests after Pocock 1977). It *reaches* the target if
for each stack and queue the upper t bound at :math:`1 - \alpha/L` of the mean growth is at most 2 %
of its yearly flow: all must hold, so each may use the whole level (intersection-union, Berger
1982). It *fails* if for one of the :math:`c` constraints the lower bound at :math:`1 - \alpha/(Lc)`
lies above (as feasibility under several constraints by Batur and Kim 2010 divides its level).
Otherwise it is undecided. A limit of the P90 transit time is one constraint more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum, isfinite, nan, sqrt
from typing import NamedTuple

from sim.analysis.plan._choices import Built, Choices
from sim.analysis.plan._search import Verdict
from sim.metrics.outcomes import outcomes_of
from sim.network.build import build
from sim.network.preview import Load, preview
from sim.runs.points import run_points
from sim.runs.replication import Replication
from sim.runs.runner import FailedError, Interrupted, Request, Runner
from sim.spec.load import Scenario
from sim.study.growth import LIMIT, StackGrowth, growth_shares
from sim.study.interval import NOT_NEGATIVE, mean_interval

LOOKS = (4, 8, 16)
"""Replications of a set at which it is looked at."""
CONFIDENCE = 0.95
"""Of one verdict."""
P90 = "transit_days_p90"


class Variant(NamedTuple):
    """A set of projects at a multiple of the demand, under a stress or none."""

    built: Built
    scale: float
    stress: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What is kept of a replication."""

    growth: Mapping[str, float]
    """By stack or queue, growth in a year as a share of its flow."""
    outcomes: Mapping[str, float]
    """The main outcomes by name."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and what it rests on."""

    verdict: Verdict
    because: tuple[str, ...] = ()
    """What is too much, or where that is not decided, the worst first."""
    n: int = 0
    """Replications; 0 where it follows from other sets."""


def seen(replication: Replication) -> Measured:
    """Return what is kept of *replication*."""
    rows = replication.metrics
    return Measured(
        growth_shares(rows), {outcome.name: value for outcome, value in outcomes_of(rows).items()}
    )


def verdict_of(
    found: Sequence[Measured], p90_days: float | None = None, looks: int = len(LOOKS)
) -> Judgement:
    """Return the verdict of one look at the replications *found*, two or more.

    Raises
    ------
    UsageError
        Nothing is watched for two years in a row.
    """
    growth = StackGrowth.of([one.growth for one in found])
    limits = {name: (list(shares), LIMIT) for name, shares in growth.shares.items()}
    if p90_days is not None:
        limits[P90] = ([one.outcomes[P90] for one in found], p90_days)
    alpha = (1 - CONFIDENCE) / looks
    over, open_ = [], []
    for name, (values, limit) in limits.items():
        mean, spread = _mean_and_error(values)
        excess = (mean - limit) / limit
        if not isfinite(mean):
            # A transit time that does not exist, since too much is never delivered, is not known to
            # be short.
            open_.append((float("inf"), name))
        elif mean - _t(alpha / len(limits), len(values)) * spread > limit:
            over.append((excess, name))
        elif mean + _t(alpha, len(values)) * spread > limit:
            open_.append((excess, name))
    if over:
        return Judgement("fails", _worst_first(over), len(found))
    return Judgement("undecided" if open_ else "reaches", _worst_first(open_), len(found))


def _worst_first(named: list[tuple[float, str]]) -> tuple[str, ...]:
    return tuple(name for _, name in sorted(named, key=lambda pair: -pair[0]))


def _mean_and_error(values: list[float]) -> tuple[float, float]:
    if not all(map(isfinite, values)):
        return nan, nan
    mean = fsum(values) / len(values)
    return mean, sqrt(fsum((v - mean) ** 2 for v in values) / (len(values) - 1) / len(values))


def _t(tail: float, n: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, 1 - tail))


@dataclass
class Judge:
    """Runs and judges variants, within a budget of replications, and remembers all it has learnt."""

    choices: Choices
    seed: int
    runner: Runner
    budget: int
    """Replications that may be used, those of the store included, so that the answer does not hang
    on the store."""
    p90_days: float | None = None
    on_verdict: Callable[[Variant, Judgement], object] = lambda _variant, _judgement: None
    known: dict[Variant, Judgement] = field(default_factory=dict)
    """Verdicts from simulation, in the order in which they were reached."""
    spent: int = 0
    cap: int = 0
    """What may be used up to now; 0: the whole budget."""
    is_spent: bool = False
    """Whether something was asked for that the cap did not allow."""
    _seen: dict[str, dict[int, Measured]] = field(default_factory=dict)
    _scenarios: dict[Variant, Scenario] = field(default_factory=dict)
    _loads: dict[Variant, tuple[Load, ...]] = field(default_factory=dict)

    def allow(self, share: float) -> None:
        """Let this share of the budget be used up to now."""
        self.cap, self.is_spent = round(share * self.budget), False

    def go_on(self) -> None:
        """Let less be asked for, after more than is left was refused."""
        self.is_spent = False

    @property
    def left(self) -> int:
        """Replications that may still be used up to now."""
        return (self.cap or self.budget) - self.spent

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

    def judge(self, variants: Iterable[Variant], looks: Sequence[int] = LOOKS) -> None:
        """See that there is a verdict on each of *variants*, look by look, as far as the budget
        goes."""
        wanted = [variant for variant in dict.fromkeys(variants) if self.follows(variant) is None]
        for n in looks:
            wanted = [
                c for c in wanted if c not in self.known or self.known[c].verdict == "undecided"
            ]
            ran = self.run([c for c in wanted if c not in self.known or self.known[c].n < n], n)
            for variant in ran:
                self.known[variant] = verdict_of(self.seen(variant, n), self.p90_days)
                self.on_verdict(variant, self.known[variant])

    def verdict(self, variant: Variant) -> Judgement:
        """Return what is known of *variant* by now."""
        return (
            self.follows(variant)
            or self.known.get(variant)
            or Judgement("undecided", ("the budget is spent",))
        )

    def run(self, variants: Sequence[Variant], n: int) -> list[Variant]:
        """Run *variants* up to so many replications as far as the cap allows, and return those that
        have them."""
        requests, run, news = [], [], {}
        for variant in variants:
            scenario = self.scenario(variant)
            have = self._seen.get(scenario.hash, {})
            missing = [number for number in range(n) if number not in have]
            if scenario.hash in news:
                missing = []
            if len(missing) > self.left:
                self.is_spent = True
                continue
            self.spent += len(missing)
            run.append(variant)
            if missing:
                news[scenario.hash] = missing
                requests.append(Request.of(scenario, self.seed, missing))
        ran = run_points(requests, seen, self.runner)
        if ran.was_stopped:
            raise Interrupted
        if ran.failures:
            raise FailedError(ran.failures)
        for request, values in zip(requests, ran.values, strict=True):
            self._seen.setdefault(request.hash, {}).update(values)
        return run

    def seen(self, variant: Variant, n: int | None = None) -> list[Measured]:
        """Return what is kept of the replications of *variant*, the first *n* of them or all."""
        have = self._seen.get(self.scenario(variant).hash, {})
        return [have[number] for number in sorted(have)][:n]

    def mean(self, variant: Variant, outcome: str) -> tuple[float, float, float]:
        """Return mean and 95 % bounds of an outcome; NaN where there is none."""
        return mean_interval(
            [one.outcomes[outcome] for one in self.seen(variant)], bounds=NOT_NEGATIVE
        )

    def difference_of_outcomes(
        self, variant: Variant, first: str, second: str
    ) -> tuple[float, float, float]:
        """Return the mean of the first outcome less the second, and its 95 % bounds."""
        return mean_interval(
            [one.outcomes[first] - one.outcomes[second] for one in self.seen(variant)]
        )

    def difference(
        self, variant: Variant, base: Variant, outcome: str
    ) -> tuple[float, float, float]:
        """Return the paired difference to *base* and its 95 % bounds, over the replications that
        both have."""
        pairs = zip(self.seen(variant), self.seen(base), strict=False)
        return mean_interval([a.outcomes[outcome] - b.outcomes[outcome] for a, b in pairs])

    def follows(self, variant: Variant) -> Judgement | None:
        """Return the verdict on *variant* if it was simulated, or follows from one that was: more
        projects, less demand and no stress never do worse."""
        mine = self.known.get(variant)
        if mine is not None and mine.verdict != "undecided":
            return mine
        for other, found in self.known.items():
            if found.verdict == "fails" and is_no_worse(other, variant):
                return Judgement("fails", found.because)
            if found.verdict == "reaches" and is_no_worse(variant, other):
                return Judgement("reaches")
        return None

    def contradictions(self) -> list[tuple[Variant, Variant]]:
        """Return pairs that were simulated and do not bear out that more never does worse: one that
        fails, one that reaches the target and has less."""
        decided = [(variant, found.verdict) for variant, found in self.known.items()]
        return [
            (better, worse)
            for better, first in decided
            for worse, second in decided
            if first == "fails" and second == "reaches" and is_no_worse(better, worse)
        ]


def is_no_worse(one: Variant, than: Variant) -> bool:
    return one.built >= than.built and one.scale <= than.scale and one.stress in ("", than.stress)


@dataclass(frozen=True)
class AtScale:
    """A judge as the search asks it: at one multiple of the demand, under one stress or none."""

    judge_of: Judge
    scale: float
    stress: str = ""

    def _variant(self, built: Built) -> Variant:
        return Variant(built, self.scale, self.stress)

    def judge(self, built: Built) -> Verdict:
        """Return the verdict on *built*."""
        self.judge_of.judge([self._variant(built)])
        return self.judge_of.verdict(self._variant(built)).verdict

    def seems_to_fail(self, built: Built, room: float = 1.0) -> bool:
        """Return whether the preview asks more of a resource than its *room*, and nobody has found
        otherwise."""
        if self.judge_of.follows(self._variant(built)) is not None:
            return False
        of_all = (
            self.judge_of.loads(self._variant(self.judge_of.choices.everything)) if room < 1 else ()
        )
        least = {(load.resource, load.kind, load.unit): load.ratio for load in of_all}
        return any(
            load.ratio > max(room, least.get((load.resource, load.kind, load.unit), 0.0)) + LIMIT
            for load in self.judge_of.loads(self._variant(built))
        )

    def helping(self, built: Built) -> set[str]:
        """Return projects that change, by the preview, anything with a name in common with what
        *built* fails of."""
        variant = self._variant(built)
        tokens = {
            token for name in self.judge_of.verdict(variant).because for token in _tokens(name)
        }
        before = _tight(self.judge_of.loads(variant), tokens)
        helping = set()
        for name in self.judge_of.choices.candidates:
            more = self.judge_of.choices.with_needs(built | {name})
            if (
                name not in built
                and _tight(self.judge_of.loads(self._variant(more)), tokens) != before
            ):
                helping.add(name)
        return helping

    def failing(self) -> list[Built]:
        """Return the sets that are known to fail here, whatever is in them that others lack."""
        found = []
        for variant, judgement in self.judge_of.known.items():
            is_harder = self.scale >= variant.scale and variant.stress in ("", self.stress)
            if judgement.verdict == "fails" and is_harder:
                found.append(variant.built)
        return found

    @property
    def is_spent(self) -> bool:
        """Whether the budget did not allow what was asked."""
        return self.judge_of.is_spent


def _tokens(name: str) -> set[str]:
    return {
        part
        for part in name.replace(":", "/").replace(">", "/").split("/")
        if part not in ("stack", "tracks")
    }


def _tight(loads: Sequence[Load], tokens: set[str]) -> dict[tuple[str, str, str], float]:
    return {
        (load.resource, load.kind, load.unit): round(load.ratio, 9)
        for load in loads
        if _tokens(load.resource) & tokens
    }
