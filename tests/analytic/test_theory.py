"""The theory itself, each formula against a derivation of its own: limits, chains solved state by state, simulation.

A chain here is written as moves from a state, cut off far out, and solved by sparse elimination; a simulation follows
single customers by recursion, seed fixed, and must agree within three standard errors that are small themselves.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import pairwise
from math import comb, exp, fsum, sqrt

import numpy as np
import pytest
from scipy import sparse, stats

from sim.verify import chains, theory
from sim.verify.shores import two_shores_waits_h
from sim.verify.theory import (
    batch_wait_h,
    blocked_tandem_sojourn_h,
    bulk_wait_h,
    closure_wait_h,
    ferry_round_trips_per_h,
    full_deck_wait_h,
    jackson_sojourn_h,
    machines_up,
    mdc_wait_h,
    merlang_wait_h,
    mg1_wait_h,
    mhyper_wait_h,
    mmc_wait_h,
    paused_work_h,
    priority_waits_h,
    storm_share,
    timetable_wait_h,
    window_wait_h,
)

SEED = 20240229
UNITS = 400_000
BATCHES = 40
EXACT = 1e-9


def near(value, rel=EXACT):
    return pytest.approx(value, rel=rel, abs=1e-12)


def mean_over(start, moves, value):
    """Mean of value(state) in the steady state; moves(state) gives pairs of next state and rate."""
    index, todo, rows, columns, rates = {start: 0}, [start], [], [], []
    while todo:
        state = todo.pop()
        for target, rate in moves(state):
            if rate > 0 and target != state:
                if target not in index:
                    index[target] = len(index)
                    todo.append(target)
                rows += [index[target], index[state]]
                columns += [index[state], index[state]]
                rates += [rate, -rate]
    size = len(index)
    balance = sparse.coo_matrix((rates, (rows, columns)), shape=(size, size)).tocsc()
    # One share is set to one and its own balance left out: the others follow.
    rest = sparse.linalg.spsolve(balance[1:, 1:], -balance[1:, [0]].toarray().ravel())
    shares = np.concatenate([[1.0], np.atleast_1d(rest)])
    return float(shares @ [value(state) for state in index] / shares.sum())


def assert_agrees(waits, want, most=0.02):
    means = np.array([part.mean() for part in np.array_split(waits[len(waits) // 20 :], BATCHES)])
    error = means.std(ddof=1) / sqrt(BATCHES)
    assert 3 * error <= most * want
    assert abs(means.mean() - want) <= 3 * error, (
        f"{means.mean():.5f}, want {want:.5f}, standard error {error:.5f}"
    )


def rising(values):
    return all(a < b for a, b in pairwise(values))


# Queues


def test_two_classes_wait_as_in_mmc_where_they_are_alike_and_as_by_pollaczek_at_one_server():
    assert mhyper_wait_h((0.2, 0.3), (2, 2), 3) == near(mmc_wait_h(0.5, 3, 2))
    rates, services = (0.2, 0.3), (2.0, 0.7)
    load = fsum(a * s for a, s in zip(rates, services, strict=True))
    second_moment = fsum(a * 2 * s**2 for a, s in zip(rates, services, strict=True))
    assert mhyper_wait_h(rates, services, 1) == near(second_moment / 2 / (1 - load))


@pytest.mark.parametrize(("load", "servers"), [(0.3, 1), (2.4, 3), (0.5, 6), (9.5, 10)])
def test_mmc_is_its_birth_and_death_chain(load, servers):
    most = 900
    logs = np.cumsum([0.0, *(np.log(load / min(n, servers)) for n in range(1, most))])
    shares = np.exp(logs - logs.max())
    want = shares @ np.maximum(np.arange(most) - servers, 0) / shares.sum() / load
    assert mmc_wait_h(load, servers, 1) == near(want)
    assert mmc_wait_h(load / 7, servers, 7) == near(7 * want)


def test_mmc_by_hand():
    assert mmc_wait_h(0.8, 1, 1) == near(4)
    assert mmc_wait_h(1, 2, 1) == near(1 / 3)


def test_mg1_is_linear_in_the_squared_cv():
    assert mg1_wait_h(0.8, 1, 1) == near(mmc_wait_h(0.8, 1, 1))
    assert mg1_wait_h(0.8, 1, 0) == near(2)
    assert mg1_wait_h(0.7, 1, 1.5) - mg1_wait_h(0.7, 1, 0) == near(1.5**2 * mg1_wait_h(0.7, 1, 0))


@pytest.mark.parametrize("load", [0.05, 0.5, 0.89, 0.91, 0.99, 0.9999])
def test_md1_is_pollaczek_khinchine(load):
    assert mdc_wait_h(load / 3, 1, 3) == near(mg1_wait_h(load / 3, 3, 0))


@pytest.mark.parametrize(("load", "servers"), [(1.0, 2), (2.7, 3), (6.5, 8), (4.7, 5)])
def test_mdc_is_the_chain_one_service_apart(load, servers):
    most = 500
    pmf = stats.poisson.pmf(np.arange(most), load)
    step = np.zeros((most, most))
    for n in range(most):
        left = max(n - servers, 0)
        step[n, left:] = pmf[: most - left]
    shares = np.linalg.solve((np.eye(most) - step)[1:, 1:].T, step[0, 1:])
    want = shares @ np.maximum(np.arange(1, most) - servers, 0) / (1 + shares.sum()) / load
    assert mdc_wait_h(load, servers, 1) == near(want)


@pytest.mark.parametrize(("load", "places"), [(0.9, 1), (1.7, 2), (13.5, 15), (95, 100), (30, 40)])
def test_series_and_roots_agree(load, places):
    assert chains.left_behind_by_series(load, places) == near(
        chains.left_behind_by_roots(load, places)
    )


def test_mdc_with_little_to_do_keeps_its_digits():
    # Only one interval counts then: E max(A - 3, 0) is P(4) and a little more.
    load = 1e-4
    assert mdc_wait_h(load, 3, 1) == pytest.approx(load**3 / 24, rel=1e-3)


@pytest.mark.parametrize("servers", [1, 2, 5])
def test_merlang_of_one_phase_is_mmc(servers):
    assert merlang_wait_h(0.85 * servers, servers, 1, 1) == near(
        mmc_wait_h(0.85 * servers, servers, 1)
    )
    assert merlang_wait_h(0.99 * servers / 4, servers, 4, 1) == near(
        mmc_wait_h(0.99 * servers / 4, servers, 4)
    )


@pytest.mark.parametrize("k", [2, 4, 30])
def test_merlang_of_one_server_is_pollaczek_khinchine(k):
    assert merlang_wait_h(0.8, 1, 1, k) == near(mg1_wait_h(0.8, 1, 1 / sqrt(k)))


@pytest.mark.parametrize("servers", [2, 3])
def test_merlang_is_its_chain_by_number_in_second_phase(servers):
    arrivals, rate = 0.7 * servers, 2.0

    def moves(state):
        n, second = state
        busy = min(n, servers)
        yield (n + 1, second), arrivals if n < 250 else 0
        yield (n, second + 1), rate * (busy - second)
        yield (n - 1, second - 1), rate * second

    want = mean_over((0, 0), moves, lambda s: max(s[0] - servers, 0)) / arrivals
    assert merlang_wait_h(arrivals, servers, 1, 2) == near(want)


def test_merlang_falls_towards_mdc():
    waits = [merlang_wait_h(1.7, 2, 1, k) for k in (1, 2, 4, 8, 16, 32)]
    fixed = mdc_wait_h(1.7, 2, 1)
    assert rising([fixed, *waits[::-1]])
    assert 2 * waits[-1] - waits[-2] == pytest.approx(
        fixed, rel=2e-3
    )  # what is of order 1 / k falls out


def test_priority_of_one_class_is_mm1():
    assert priority_waits_h([0.8], 1) == (near(4),)


def test_priority_keeps_the_work_of_the_classes_above_every_cut():
    rates = (0.2, 0.3, 0.1, 0.25)
    waits = priority_waits_h(rates, 1)
    assert rising(waits)
    assert fsum(r * w for r, w in zip(rates, waits, strict=True)) == near(
        fsum(rates) * mmc_wait_h(fsum(rates), 1, 1)
    )
    merged = priority_waits_h((0.5, 0.35), 1)
    assert 0.5 * merged[0] == near(0.2 * waits[0] + 0.3 * waits[1])


def test_priority_is_its_chain():
    rates, most = (0.2, 0.25), 40

    def moves(state):
        high, low, busy = state
        for queue in range(2):
            joined = (high + (queue == 0), low + (queue == 1), 1) if busy else (0, 0, 1)
            yield joined, rates[queue] if max(high, low) < most else 0
        if busy:
            yield (high - 1, low, 1) if high else (0, low - 1, 1) if low else (0, 0, 0), 1.0

    waits = priority_waits_h(rates, 1)
    for queue in range(2):
        want = mean_over((0, 0, 0), moves, lambda s, queue=queue: s[queue]) / rates[queue]
        assert waits[queue] == near(want)


def test_jackson_is_its_tandem_chain():
    most = 45

    def moves(state):
        a, b = state
        yield (a + 1, b), 1.0 if a < most else 0
        yield (a - 1, b + 1), 2.0 if a and b < most else 0
        yield (a, b - 1), 1.25 * min(b, 2)

    want = mean_over((0, 0), moves, sum)
    assert jackson_sojourn_h([(1, 1, 0.5), (1, 2, 0.8)]) == near(want)
    assert jackson_sojourn_h([(0.8, 1, 1)]) == near(5)


# Places


def test_blocked_tandem_with_much_room_is_two_queues():
    burke = mmc_wait_h(0.7, 1, 1) + 1 + mmc_wait_h(0.7, 1, 1.2)
    assert blocked_tandem_sojourn_h(0.7, 1, 200, 1.2) == near(burke)


def test_blocked_tandem_without_first_or_second_stage_is_mm1():
    # An instant second service leaves the first queue; an instant first service the second, whatever the room.
    assert blocked_tandem_sojourn_h(0.7, 1, 1, 1e-9) == near(mmc_wait_h(0.7, 1, 1) + 1, rel=1e-7)
    assert blocked_tandem_sojourn_h(0.7, 1e-9, 3, 1) == near(mmc_wait_h(0.7, 1, 1), rel=1e-7)


@pytest.mark.parametrize("room", [1, 2, 4])
def test_blocked_tandem_is_its_chain(room):
    def moves(state):
        outside, first, buffered, second = state
        full = first + buffered == room
        yield (outside + full, first + (not full), buffered, second), 0.4 if outside < 150 else 0
        freed = (outside - 1, first) if outside else (outside, first - 1)
        if first and second:
            yield (outside, first - 1, buffered + 1, 1), 1.0
        elif first:
            yield (*freed, 0, 1), 1.0
        if buffered:
            yield (
                (outside - 1, first + 1, buffered - 1, 1)
                if outside
                else (0, first, buffered - 1, 1),
                1.25,
            )
        elif second:
            yield (outside, first, 0, 0), 1.25

    want = mean_over((0, 0, 0, 0), moves, lambda s: sum(s[:3])) / 0.4
    assert blocked_tandem_sojourn_h(0.4, 1, room, 0.8) == near(want)


def test_blocked_tandem_by_simulation():
    room, rng = 2, np.random.default_rng(SEED)
    arrivals = np.cumsum(rng.exponential(1 / 0.5, UNITS)).tolist()
    first, second = rng.exponential(1.0, UNITS).tolist(), rng.exponential(0.8, UNITS).tolist()
    begins, waits = [], []
    ready = free = 0.0
    for n, arrival in enumerate(arrivals):
        placed = max(arrival, begins[n - room]) if n >= room else arrival
        ready = max(placed, ready) + first[n]
        begins.append(max(ready, free))
        free = begins[n] + second[n]
        waits.append(begins[n] - arrival)
    assert_agrees(np.array(waits), blocked_tandem_sojourn_h(0.5, 1, room, 0.8), most=0.03)


def test_more_room_is_less_time():
    assert rising([blocked_tandem_sojourn_h(0.4, 1, room, 0.9) for room in (20, 8, 4, 3, 2, 1)])


# Vessels


def test_full_deck_by_hand():
    assert full_deck_wait_h(2, 1) == 0
    assert full_deck_wait_h(2, 3) == near((2 * 0.5 + 0.5 + 0) / 3)


def test_timetable_with_a_huge_deck_is_half_a_headway():
    assert timetable_wait_h(2, 5, 100) == near(2.5)


def test_timetable_of_one_place_is_pollaczek_khinchine():
    assert timetable_wait_h(0.7, 1, 1) == near(mg1_wait_h(0.7, 1, 0) + 0.5)
    assert rising([timetable_wait_h(3, 4, deck) for deck in (40, 20, 15, 13)])


def test_timetable_is_its_chain_of_what_is_left_behind():
    mean, deck, most = 10.5, 12, 400
    shares, pmf = np.zeros(most), stats.poisson.pmf(np.arange(80), mean)
    shares[0] = 1
    for _ in range(2000):
        found = np.convolve(shares, pmf)
        shares = np.concatenate([[found[: deck + 1].sum()], found[deck + 1 : deck + most]])
    left = shares @ np.arange(most)
    assert timetable_wait_h(mean / 6, 6, deck) == near((left + mean / 2) / (mean / 6))


def test_timetable_by_simulation():
    rate, headway, deck = 2.0, 5.0, 12
    arrivals = np.cumsum(np.random.default_rng(SEED).exponential(1 / rate, UNITS))
    sailings = np.ceil(arrivals / headway).astype(int).tolist()
    for n in range(deck, UNITS):
        sailings[n] = max(sailings[n], sailings[n - deck] + 1)
    assert_agrees(np.array(sailings) * headway - arrivals, timetable_wait_h(rate, headway, deck))


@pytest.mark.parametrize("vessels", [1, 3, 10])
def test_bulk_of_single_units_is_mmc(vessels):
    rate = 0.8 * vessels / 5
    assert bulk_wait_h(rate, 5, 1, 1, vessels) == near(mmc_wait_h(rate, vessels, 5))


def test_bulk_with_very_many_vessels_is_a_full_deck():
    assert bulk_wait_h(2, 20, 8, 8, 60) == near(full_deck_wait_h(2, 8))
    assert bulk_wait_h(2, 20, 8, 11, 60) == near(full_deck_wait_h(2, 8))


@pytest.mark.parametrize(
    ("least", "most", "vessels"), [(1, 4, 1), (3, 3, 1), (3, 5, 2), (4, 4, 3), (1, 6, 2)]
)
def test_bulk_is_its_chain(least, most, vessels):
    round_trip = 2.0
    rate = 0.7 * most * vessels / round_trip

    def leave(away, units):
        while away < vessels and units >= least:
            away, units = away + 1, units - min(units, most)
        return away, units

    def moves(state):
        away, units = state
        yield leave(away, units + 1), rate if units < 600 else 0
        yield leave(away - 1, units), away / round_trip

    want = mean_over((0, 0), moves, lambda s: s[1]) / rate
    assert bulk_wait_h(rate, round_trip, least, most, vessels) == near(want)


def test_bulk_of_two_vessels_by_simulation():
    rate, round_trip, least, most, units = 2.5, 2.0, 3, 5, 3 * UNITS
    rng = np.random.default_rng(SEED)
    arrivals = np.cumsum(rng.exponential(1 / rate, units)).tolist()
    trips = iter(rng.exponential(round_trip, units).tolist())
    there, first, leaves = [0.0, 0.0], 0, []
    while first + least <= units:
        leave = max(heappop(there), arrivals[first + least - 1])
        last = first + least
        while last < min(first + most, units) and arrivals[last] <= leave:
            last += 1
        leaves += [leave] * (last - first)
        heappush(there, leave + next(trips))
        first = last
    assert_agrees(
        np.array(leaves) - arrivals[:first], bulk_wait_h(rate, round_trip, least, most, 2)
    )


def test_a_larger_fleet_or_deck_waits_less():
    assert rising([bulk_wait_h(1, 8, 3, 6, vessels) for vessels in (8, 5, 3, 2)])
    assert rising([bulk_wait_h(1, 8, 3, most, 2) for most in (12, 8, 6, 5)])


def test_a_ferry_that_is_called_for_each_unit_is_pollaczek_khinchine():
    # With next to nothing at the near end, a unit over there waits for a server whose work is two crossings, and
    # then for the first of them.
    _, far = two_shores_waits_h(1e-9, 0.11, 3, 1, 1)
    assert far == pytest.approx(mg1_wait_h(0.11, 6, 0.5**0.5) + 3, rel=1e-6)


def test_a_ferry_that_minds_less_cargo_over_there_comes_earlier():
    waits = [two_shores_waits_h(0.2, 0.4, 3, 6, enough) for enough in (1, 2, 4, 6)]
    assert rising([far for _, far in waits])
    with pytest.raises(ValueError, match="no steady state"):
        two_shores_waits_h(0.2, 1.0, 3, 6, 3)
    with pytest.raises(ValueError, match="units wait"):
        two_shores_waits_h(0.2, 0.97, 3, 6, 3)


# Closed systems


def test_ferries_by_hand():
    assert ferry_round_trips_per_h(1, 10, (3, 5)) == near(1 / 28)
    # Two vessels: each finds the other where it would be on its own, at a berth 3/28 and 5/28 of the time.
    assert ferry_round_trips_per_h(2, 10, (3, 5)) == near(
        1 / (20 + 3 * (1 + 3 / 28) + 5 * (1 + 5 / 28))
    )


def test_ferries_are_their_chain():
    crossing, handling = 4.0, (3.0, 5.0)

    def moves(state):
        west, out, east, home = state
        yield (west - 1, out + 1, east, home), (west > 0) / handling[0]
        yield (west, out - 1, east + 1, home), out / crossing
        yield (west, out, east - 1, home + 1), (east > 0) / handling[1]
        yield (west + 1, out, east, home - 1), home / crossing

    want = mean_over((3, 0, 0, 0), moves, lambda s: s[1] / crossing) / 3
    assert ferry_round_trips_per_h(3, crossing, handling) == near(want)


def test_many_ferries_are_bound_by_the_slower_berth():
    trips = [ferry_round_trips_per_h(vessels, 10, (3, 5)) for vessels in (1, 2, 4, 8, 200)]
    assert rising(trips[::-1])
    assert 200 * trips[-1] == near(1 / 5)


def test_machines_with_enough_crews_are_alone():
    assert machines_up(7, 7, 9, 3) == near(7 * 0.75)
    assert machines_up(7, 9, 9, 3) == near(7 * 0.75)
    assert rising([machines_up(7, crews, 9, 3) for crews in (1, 2, 3, 7)])


@pytest.mark.parametrize("crews", [1, 2])
def test_machines_are_their_chain(crews):
    def moves(up):
        yield up - 1, up / 9
        yield up + 1, min(6 - up, crews) / 4

    assert machines_up(6, crews, 9, 4) == near(mean_over(6, moves, float))


def test_machines_with_one_crew_are_engset():
    # Palm's machine: the crew is idle with the chance that Erlang's loss formula gives for up_h / down_h.
    load, machines = 9 / 4, 6
    terms = [load**n * exp(-load) / np.prod(np.arange(1, n + 1)) for n in range(machines + 1)]
    busy = 1 - terms[-1] / fsum(terms)
    assert machines_up(machines, 1, 9, 4) == near(busy * load)


# Closures


def test_storms_by_hand():
    assert storm_share(30, 10) == near(0.25)
    assert closure_wait_h(30, 10) == near(2.5)
    assert paused_work_h(6, 30, 10) == near(8)
    assert paused_work_h(6, 30, 0) == 6


def test_no_window_is_no_more_than_a_closure():
    assert window_wait_h(30, 10, 0) == near(closure_wait_h(30, 10))
    assert window_wait_h(30, 10, 1e-6) == pytest.approx(closure_wait_h(30, 10) + 1e-6 / 3, rel=1e-9)
    assert rising([window_wait_h(30, 10, window) for window in (0, 1, 5, 30)])


def test_window_by_simulation():
    opened, closed, window, rng, size = 30.0, 10.0, 20.0, np.random.default_rng(SEED), 2_000_000
    waits = np.where(
        rng.random(size) < closed / (opened + closed), rng.exponential(closed, size), 0.0
    )
    seeking = np.arange(size)
    while seeking.size:
        spell = rng.exponential(opened, seeking.size)
        seeking, short = seeking[spell < window], spell[spell < window]
        waits[seeking] += short + rng.exponential(closed, seeking.size)
    assert_agrees(waits, window_wait_h(opened, closed, window), most=0.005)


def test_paused_work_by_simulation():
    work, opened, closed, size = 20.0, 30.0, 10.0, 500_000
    rng = np.random.default_rng(SEED)
    left, took = np.full(size, work), np.full(size, work)
    while (left > 0).any():
        left -= rng.exponential(opened, size)
        took += np.where(left > 0, rng.exponential(closed, size), 0.0)
    assert_agrees(took, paused_work_h(work, opened, closed), most=0.005)


# What has no answer


@pytest.mark.parametrize(
    "call",
    [
        lambda: mmc_wait_h(3, 3, 1),
        lambda: mmc_wait_h(0, 3, 1),
        lambda: mg1_wait_h(1.1, 1, 1),
        lambda: mdc_wait_h(2, 2, 1),
        lambda: merlang_wait_h(2, 2, 1, 3),
        lambda: priority_waits_h([0.5, 0.6], 1),
        lambda: timetable_wait_h(3, 4, 12),
        lambda: bulk_wait_h(3, 2, 1, 3, 2),
        lambda: blocked_tandem_sojourn_h(0.667, 1, 1, 1),
    ],
)
def test_no_steady_state_is_said(call):
    with pytest.raises(ValueError, match="no steady state"):
        call()


def test_a_blocked_tandem_of_one_place_is_bound_below_its_servers():
    # At the limit one customer after another takes the longer of a first and a second service: 1.5 h.
    assert blocked_tandem_sojourn_h(0.666, 1, 1, 1) > 500


def test_least_above_most_is_refused():
    with pytest.raises(ValueError, match="1 <= least <= most"):
        bulk_wait_h(1, 1, 4, 3, 1)


def test_elimination_solves_a_chain_with_binomial_shares():
    size, up, down = 12, 0.3, 0.7
    rates = np.diag(up * np.arange(size, 0, -1.0), 1) + np.diag(down * np.arange(1.0, size + 1), -1)
    want = [comb(size, n) * up**n * down ** (size - n) for n in range(size + 1)]
    assert chains.stationary(rates) == pytest.approx(want, rel=1e-12)


def test_what_is_left_of_a_closure_counts_its_spread():
    # A closure that always lasts as long is met in its middle; an exponential one never ages.
    assert theory.closure_wait_h(18, 6, 0) == pytest.approx(0.25 * 3)
    assert theory.closure_wait_h(18, 6) == pytest.approx(0.25 * 6)
    assert theory.window_wait_h(18, 6, 0, 0.5) == pytest.approx(theory.closure_wait_h(18, 6, 0.5))


def test_batches_of_one_are_mmc_and_batches_at_one_lane_have_a_formula():
    for load, servers in ((0.5, 1), (1.8, 3), (4.5, 5)):
        assert batch_wait_h(load, 1, servers, 1) == near(mmc_wait_h(load, servers, 1))
    # M^[X]/M/1: inside are load (1 + X) / 2 / (1 - load).
    for batch in (2, 5, 40):
        inside = 0.6 * (1 + batch) / 2 / (1 - 0.6)
        assert batch_wait_h(0.6 / batch, batch, 1, 1) == near(inside / 0.6 - 1)
