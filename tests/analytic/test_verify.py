"""`corridor verify` itself: a few of its rows, and that it can say no."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.spec.load import load
from sim.verify.cases import CASES
from sim.verify.verify import SEED, judge, verify

QUICK = ("mm5", "closed-fleet-4", "siding-waits", "siding-passes", "paused-work")


def test_rows_that_are_quick_hold():
    cases = [case for case in CASES if case.id in QUICK]
    # Judged as strictly as among all rows: fewer rows would only make the interval narrower.
    for verdict in verify(cases, workers=1):
        assert verdict.holds, verdict


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_case_has_an_exact_value_from_the_numbers_of_its_file(case):
    exact = case.exact(load(f"textbook/{case.file}", case.changes).spec)
    assert 0 < exact < 1e4


def test_a_wrong_rule_does_not_hold():
    case = next(case for case in CASES if case.id == "siding-waits")
    off = replace(case, exact=lambda scenario: case.exact(scenario) + 10 / 86_400)
    (verdict,) = verify([off], seed=SEED, workers=1)
    assert not verdict.holds


def test_a_mean_that_is_near_by_chance_alone_does_not_hold():
    case = next(case for case in CASES if case.id == "mm1")
    scattered = judge(case, 1.0, [0.5, 1.5, 0.9, 1.1], rows=1)
    assert scattered.agrees
    assert not scattered.is_near
    biased = judge(case, 1.0, [1.004, 1.005, 1.006, 1.005], rows=1)
    assert biased.is_near
    assert not biased.agrees


def test_controls_narrow_the_interval_and_keep_what_it_says():
    case = next(case for case in CASES if case.id == "mm1")
    rng = np.random.default_rng(20231123)
    trials, covered, ratios = 2000, 0, []
    for _ in range(trials):
        control = rng.normal(size=20)
        values = 1 + 0.05 * (2 * control + rng.normal(size=20))
        with_control = judge(case, 1.0, values.tolist(), rows=1, deviations=[control.tolist()])
        covered += with_control.agrees
        ratios.append(
            with_control.half_width / judge(case, 1.0, values.tolist(), rows=1).half_width
        )
    # 99 % of 2,000, give or take 3.3 standard deviations.
    assert abs(covered / trials - 0.99) < 3.3 * (0.99 * 0.01 / trials) ** 0.5
    # Four fifths of the variance is that of the control.
    assert np.mean(ratios) == pytest.approx(0.2**0.5, rel=0.1)
