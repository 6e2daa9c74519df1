"""`corridor verify` itself: a few of its rows, and that it can say no."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.spec.load import load
from sim.verify.cases import CASES
from sim.verify.verify import SEED, judge, verify

QUICK = ("mm2", "closed-fleet-4", "siding-waits", "siding-passes", "paused-work")


def test_rows_that_are_quick_hold():
    cases = [case for case in CASES if case.id in QUICK]
    # Judged as strictly as among all rows: fewer rows would only make the interval narrower.
    for verdict in verify(cases, workers=1):
        assert verdict.holds, verdict


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_case_has_an_exact_value_from_the_numbers_of_its_file(case):
    exact = case.exact(load(f"textbook/{case.file}", case.changes).scenario)
    assert 0 < exact < 1e4


def test_a_wrong_rule_is_told():
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
