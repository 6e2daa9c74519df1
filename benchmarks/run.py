"""How fast the simulator is: ratios measured side by side, each with its goal and a verdict.

Times on a shared machine drift, so no time is compared with one of another day: every ratio
alternates between its two sides, several rounds, and prints the median of the rounds with the least
and the most. Processor time is counted, except for whole commands, which are timed by the clock.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import tempfile
import tracemalloc
from heapq import heappop, heappush
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import in_ciw
import simpy
from by_hand import ByHand
from plain import BoxByBox, TrainByTrain
from queues import queue_rows
from ratios import (
    BOXES,
    REDUCED,
    TWENTYFOLD,
    Ratio,
    boxes_a_train,
    cost_per_train,
    cost_s,
    reduced,
    side_by_side,
    timed,
    trains_of,
    transit_days,
)

from sim.engine import run as engine
from sim.engine.audit import laws as audit
from sim.engine.run import simulate
from sim.log import TRUCK
from sim.metrics.measure import measure
from sim.network.build import build
from sim.network.parts import Network
from sim.network.preview import preview
from sim.plot import draw_study
from sim.runs.part import decode, encode
from sim.runs.replication import Replication, replication_of
from sim.spec.load import load
from sim.study.replicate import replicate


def engine_rows() -> list[Ratio]:
    """Measure the engine beside the same by hand, and beside itself."""
    network = reduced()
    per_train = side_by_side(
        9,
        lambda seed: cost_per_train(network, seed),
        lambda seed: _cost_by_hand(TrainByTrain(network, seed)),
    )
    rows = [Ratio("reduced corridor, log and audit on / by hand in plain SimPy", per_train, 0.5)]
    log, plain = simulate(network), TrainByTrain(network, 1)
    plain_days = plain.run()
    print(f"       mean transit by scenario {transit_days(log):.4f} d, by hand {plain_days:.4f} d")
    print(f"       kernel events a train by hand {plain.events / plain.created:.1f}")
    rows.append(Ratio("kernel events a train", (log.facts.events / trains_of(log),), 18))

    boxes = reduced(**boxes_a_train(BOXES), **{"horizon.days": 150})
    by_box = side_by_side(
        3,
        lambda seed: cost_per_train(boxes, seed),
        lambda seed: _cost_by_hand(BoxByBox(boxes, seed)),
    )
    rows.append(
        Ratio(f"every box exact, {BOXES} TEU a train / by hand with a process a box", by_box, 0.02)
    )

    few, many = reduced(), reduced(**TWENTYFOLD)
    scaled = side_by_side(
        3, lambda seed: cost_per_train(many, seed), lambda seed: cost_per_train(few, seed)
    )
    rows.append(Ratio("cost per train at 20x / at 1x", scaled, 1.3))
    full = reduced(**boxes_a_train(BOXES))
    sized = side_by_side(
        9, lambda seed: cost_per_train(full, seed), lambda seed: cost_per_train(few, seed)
    )
    rows.append(Ratio("cost a train at 400 TEU a train / at 40", sized, 1.1))
    rows += queue_rows()
    return rows


def _cost_by_hand(plain: TrainByTrain) -> float:
    """Return the cost per train by hand.

    It runs longer than the engine, until nothing is left, and so has more trains.
    """
    spent = cost_s(plain.run)
    return spent / plain.created


def ciw_rows() -> list[Ratio]:
    """Measure the same in Ciw."""
    comparable = build(load(REDUCED, in_ciw.COMPARABLE))
    days_in_ciw = [in_ciw.train_by_train(comparable, seed)[0] for seed in (1, 2, 3)]
    days_by_hand = in_ciw.Timetabled(comparable, 1).run()
    days = transit_days(simulate(comparable))
    print(
        f"       mean transit with a timetabled ship: by scenario {days:.3f} d, "
        f"by hand {days_by_hand:.3f} d, in Ciw {' '.join(f'{d:.3f}' for d in days_in_ciw)} d"
    )
    trains = side_by_side(
        3,
        lambda seed: cost_s(lambda: simulate(comparable, seed=seed)),
        lambda seed: cost_s(lambda: in_ciw.train_by_train(comparable, seed)),
    )
    print(f"       trains as customers: scenario / Ciw {median(trains):.2f}")
    boxes = reduced(**boxes_a_train(BOXES), **{"horizon.days": 150})
    began = process_time()
    _, count = in_ciw.box_by_box(boxes, BOXES, 8, seed=1)
    in_ciw_s = (process_time() - began) / count
    ratio = tuple(cost_per_train(boxes, seed) / in_ciw_s for seed in (1, 2, 3))
    return [Ratio(f"every box exact, {BOXES} TEU a train / in Ciw", ratio, 0.2)]


def fivefold_rows() -> list[Ratio]:
    """Measure the full corridor beside what is written by hand."""
    network, small = build(load("fivefold")), reduced()
    runs = [timed(network, seed) for seed in (1, 2, 3)]
    spent = [seconds for seconds, _ in runs]
    journeys = [len(log.tables["trips"]) for _, log in runs]
    trucks = [int((log.tables["vehicles"]["kind"] == TRUCK).sum()) for _, log in runs]
    plain_s = []
    for seed in (1, 2, 3):
        plain = TrainByTrain(small, seed)
        spent_s = cost_s(plain.run)
        plain_s.append(spent_s / plain.journeys)
    with_trucks = tuple(
        s / count / hand for s, count, hand in zip(spent, journeys, plain_s, strict=True)
    )
    without = tuple(
        s / (count - few) / hand
        for s, count, few, hand in zip(spent, journeys, trucks, plain_s, strict=True)
    )
    print(
        f"       of {journeys[0]:,} journeys in fivefold {trucks[0]:,} are trucks; "
        f"with them a journey costs {median(with_trucks):.2f} "
        f"({min(with_trucks):.2f} to {max(with_trucks):.2f}) times one by hand"
    )
    what = "fivefold, per 1,000 train and vessel journeys / reduced by hand, per 1,000 journeys"
    rows = [Ratio(what, without, 1)]
    by_hand = tuple(
        s / cost_s(ByHand(network, seed).run) for s, seed in zip(spent, (1, 2, 3), strict=True)
    )
    rows.append(Ratio("fivefold, log and audit on / the same by hand in plain SimPy", by_hand, 0.5))
    for name, net in (("fivefold", network), ("reduced corridor", small)):
        rows.append(Ratio(f"metrics and audit / simulation, {name}", _audit_and_metrics(net), 0.3))
    return rows


def _audit_and_metrics(network: Network) -> tuple[float, ...]:
    """Return the cost of metrics and audit over that of the rest of the run, in three rounds."""
    ratios = []
    check = audit.check
    for seed in (1, 2, 3):
        audited: list[float] = []

        def timed_check(*arguments: object, audited: list[float] = audited) -> int:
            began = process_time()
            residual = check(*arguments)
            audited.append(process_time() - began)
            return residual

        engine.laws.check = timed_check
        try:
            whole, log = timed(network, seed)
        finally:
            engine.laws.check = check
        measured = cost_s(lambda log=log: measure(log))
        ratios.append((measured + audited[0]) / (whole - audited[0]))
    return tuple(ratios)


def memory_rows() -> list[Ratio]:
    """Measure what a study keeps of a further simulated year, and of a thousand replications."""
    rows = []
    for name, place in (("reduced corridor", REDUCED), ("fivefold", "fivefold")):
        network = build(load(place))
        years = network.window_end_s / (365 * 86400)
        kept = [_kept(network, 0)]
        tracemalloc.start()
        kept += [_kept(network, number) for number in (1, 2, 3)]
        peak = tracemalloc.get_traced_memory()[1]
        # What waits for the collector is not kept; how much it is depends on when it last ran.
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        per_year_mb, peak_mb = held / 3 / years / 1e6, peak / 1e6
        what = f"memory per further simulated year, metrics only, {name}"
        rows.append(Ratio(what, (per_year_mb,), 0.5, " MB"))
        print(
            f"       {name}: {1000 * years * per_year_mb:.0f} MB for 1,000 replications "
            f"of {years:.1f} years, and {peak_mb:.0f} MB while one runs with its log "
            f"({peak_mb / years:.0f} MB a year)"
        )
    return rows


def _kept(network: Network, number: int) -> Replication:
    return decode(encode(replication_of(simulate(network, replication=number))))


def command_rows() -> list[Ratio]:
    """Measure whole commands, by the clock."""

    def clock(*arguments: str) -> float:
        began = perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        return perf_counter() - began

    run = ("-m", "sim", "run", str(REDUCED), "-n", "200", "--json", "-")
    two = tuple(clock(*run, "--workers", "2") / clock(*run, "--workers", "1") for _ in range(2))
    helps = tuple(clock("-m", "sim", "--help") / clock("-c", "pass") for _ in range(9))
    rows = [
        Ratio("two workers / one, 200 replications, whole command", two, 0.55),
        Ratio("corridor --help / python -c pass", helps, 6),
    ]
    for name in ("check", "capacity"):
        print(f"       corridor {name} fivefold: {clock('-m', 'sim', name, 'fivefold'):.2f} s")
    return rows


def orientation() -> None:
    """Print what the kernel alone costs, and what the parts around a run cost."""
    log = simulate(reduced())
    events = log.facts.events

    def bare_heap() -> None:
        queue: list[tuple[int, int]] = []
        for number in range(100):
            heappush(queue, (number, number))
        for number in range(events):
            at, _ = heappop(queue)
            heappush(queue, (at + 100, number))

    def bare_simpy() -> None:
        env = simpy.Environment()

        def process():
            while True:
                yield env.timeout(100)

        for _ in range(100):
            env.process(process())
        env.run(until=events)

    scenario = load("fivefold")
    network = build(scenario)
    parts = {
        f"bare heapq, {events:,} events": bare_heap,
        f"bare SimPy, {events:,} events": bare_simpy,
        f"reduced corridor, {events:,} events": lambda: simulate(reduced()),
        "load fivefold": lambda: load("fivefold"),
        "build its network": lambda: build(scenario),
        "preview of its capacity": lambda: preview(network),
        "metrics of the reduced corridor": lambda: measure(log),
    }
    for what, action in parts.items():
        print(f"       {what}: {1000 * min(cost_s(action) for _ in range(3)):.1f} ms")
    study = replicate(load(REDUCED), replications=2, workers=1)
    with tempfile.TemporaryDirectory() as folder:
        drawn = cost_s(lambda: draw_study((study,), Path(folder)))
    print(f"       all figures of a study of it: {1000 * drawn:.0f} ms")


def main() -> None:
    """Print every row and the summary."""
    orientation()
    rows: list[Ratio] = []
    for part in (engine_rows, ciw_rows, fivefold_rows, memory_rows, command_rows):
        for row in part():
            rows.append(row)
            print(row, flush=True)
    missed = [row.what for row in rows if not row.is_met]
    print(f"{len(rows) - len(missed)} of {len(rows)} goals met")
    if missed:
        print(f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
