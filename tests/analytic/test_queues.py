"""Queues whose answer is known, written as scenario files of their own: the simulation must agree.

Family-wise 99 % over all cases (Bonferroni), seeds fixed beforehand, and the interval at most 2 % of the value on each
side, so that a sloppy run cannot pass. Exact values come from formulas here, in hours.
"""

from __future__ import annotations

from math import factorial, fsum, sqrt

import pytest
from scipy import stats

from sim.spec.load import load
from sim.study.study import replicate

REPLICATIONS = 16
SEED = 20231123
MOST_HALF_WIDTH = 0.02


def mmc_wait_h(arrivals_per_h: float, servers: int, service_h: float) -> float:
    """Return the mean wait in M/M/c by Erlang's second formula."""
    load_erl = arrivals_per_h * service_h
    tail = load_erl**servers / factorial(servers) * servers / (servers - load_erl)
    wait_probability = tail / (fsum(load_erl**k / factorial(k) for k in range(servers)) + tail)
    return wait_probability * service_h / (servers - load_erl)


def mg1_wait_h(arrivals_per_h: float, service_h: float, cv: float) -> float:
    """Return the mean wait in M/G/1 by Pollaczek and Khinchine."""
    rho = arrivals_per_h * service_h
    return rho * service_h * (1 + cv**2) / (2 * (1 - rho))


CASES = {
    "mm1": mmc_wait_h(0.8, 1, 1) + 1,
    "mm3": mmc_wait_h(2.4, 3, 1) + 1,
    "md1": mg1_wait_h(0.8, 1, 0) + 3,
    "mg1": mg1_wait_h(0.7, 1, 1.5) + 1,
    "mg1-regular": mg1_wait_h(0.8, 1, 0.5) + 1,
    "tandem": mmc_wait_h(1.5, 1, 1 / 3) + 1 / 3 + mmc_wait_h(1.5, 2, 1) + 1,
}
CONFIDENCE = 1 - 0.01 / len(CASES)


def test_the_formulas_agree_where_they_must():
    assert mmc_wait_h(0.8, 1, 1) == pytest.approx(mg1_wait_h(0.8, 1, 1))
    assert mmc_wait_h(0.8, 1, 1) + 1 == pytest.approx(5)


@pytest.mark.parametrize("case", CASES)
def test_mean_transit_time_agrees_with_theory(case):
    study = replicate(load(f"textbook/{case}"), replications=REPLICATIONS, seed=SEED, workers=1)
    mean_days = study.metrics.query("name == 'transit_days_mean' and flow.notna()", engine="python")["value"]
    got_h = [24 * value for value in mean_days]
    mean = fsum(got_h) / len(got_h)
    spread = sqrt(fsum((v - mean) ** 2 for v in got_h) / (len(got_h) - 1))
    half = stats.t.ppf(0.5 + CONFIDENCE / 2, len(got_h) - 1) * spread / sqrt(len(got_h))
    want = CASES[case]
    assert len(got_h) == REPLICATIONS
    assert half <= MOST_HALF_WIDTH * want, f"{case}: half-width {half / want:.2%}"
    assert abs(mean - want) <= half, f"{case}: {mean:.4f} h, theory {want:.4f} h, half-width {half:.4f} h"
