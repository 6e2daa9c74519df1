"""How fast it is: ratios measured side by side in one run, each with its goal and a verdict.

Times on a shared machine drift, so no time is compared with one of another day: every ratio alternates between its two
sides, several rounds, and prints the median of the rounds with the least and the most. Processor time, save for whole
commands, which are taken by the clock.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import in_ciw
import simpy
from by_hand import ByHand
from plain import BoxByBox, TrainByTrain

from sim.engine import run as engine
from sim.engine.audit import laws as audit
from sim.engine.run import simulate
from sim.log import TRUCK, RunLog
from sim.metrics.measure import measure
from sim.network.build import build
from sim.network.parts import Network
from sim.network.preview import preview
from sim.plot import draw_study
from sim.runs.part import decode, encode
from sim.runs.replication import Replication, replication_of
from sim.spec.load import load
from sim.study.replicate import replicate

REDUCED = Path(__file__).parent / "reduced.yaml"
BOXES = 400
"""TEU a train, where every box is followed."""
TWENTYFOLD = {
    "demand.scale": 20,
    "services.caspian.vessels": 80,
    **{f"ports.{port}.berths.container.berths": 40 for port in ("aktau", "alat")},
    **{f"ports.{port}.train_tracks": 20 for port in ("aktau", "alat")},
    **{f"sections.{section}.paths_per_day": 160 for section in ("steppe", "desert", "valley")},
    "locomotives.west.locomotives": 240,
    "locomotives.east.locomotives": 160,
}
"""Twenty times the trains, and what it takes to carry them."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """One row: what was measured against what."""

    what: str
    values: tuple[float, ...]
    goal: float
    unit: str = ""

    @property
    def median(self) -> float:
        """The middle of the rounds."""
        return median(self.values)

    @property
    def is_met(self) -> bool:
        """Whether the middle is within the goal."""
        return self.median <= self.goal

    def __str__(self) -> str:
        spread = (
            f" ({min(self.values):.3g} to {max(self.values):.3g})" if len(self.values) > 1 else ""
        )
        verdict = "met" if self.is_met else "MISSED"
        return f"{verdict:7}{self.what}: {self.median:.3g}{spread}{self.unit}; goal at most {self.goal:g}{self.unit}"


def cost_s(action: Callable[[], object]) -> float:
    """Return the processor time of *action*."""
    began = process_time()
    action()
    return process_time() - began


def timed(network: Network, seed: int) -> tuple[float, RunLog]:
    """Return the processor time of a run, and its log."""
    began = process_time()
    log = simulate(network, seed=seed)
    return process_time() - began, log


def side_by_side(
    rounds: int, ours: Callable[[int], float], theirs: Callable[[int], float]
) -> tuple[float, ...]:
    """Return ours / theirs, round by round."""
    return tuple(ours(seed) / theirs(seed) for seed in range(1, rounds + 1))


def boxes_a_train(count: int) -> dict[str, object]:
    """Return the changes that put *count* TEU on a train, with ships and cranes to match."""
    return {
        "flows.boxes.consignment_units": count,
        "trains.to-sea.capacity.teu": count,
        "trains.from-sea.capacity.teu": count,
        "vessels.feeder.capacity.teu": 2 * count,
        **{
            f"ports.{port}.berths.container.units_per_h.teu": count / 2
            for port in ("aktau", "alat")
        },
    }


def reduced(**changes: object) -> Network:
    """Return the network of the reduced corridor."""
    return build(load(REDUCED, changes))


def trains_of(log: RunLog) -> int:
    """Return how many trains were born as consignments."""
    return len(log.tables["consignments"])


def transit_days(log: RunLog) -> float:
    """Return the mean transit time of the corridor."""
    rows = measure(log)
    return float(rows[(rows["name"] == "transit_days_mean") & rows["flow"].isna()]["value"].iloc[0])


# -- rows ------------------------------------------------------------------------------------------------------------


def engine_rows() -> list[Ratio]:
    """The engine beside the same by hand, and beside itself."""
    network = reduced()
    per_train = side_by_side(
        9,
        lambda seed: _cost_per_train(network, seed),
        lambda seed: _cost_by_hand(TrainByTrain(network, seed)),
    )
    rows = [Ratio("reduced corridor, log and audit on / by hand in plain SimPy", per_train, 0.5)]
    log, plain = simulate(network), TrainByTrain(network, 1)
    plain_days = plain.run()
    print(f"       mean transit by scenario {transit_days(log):.4f} d, by hand {plain_days:.4f} d")
    print(f"       kernel events a train by hand {plain.events / plain.born:.1f}")
    rows.append(Ratio("kernel events a train", (log.facts.events / trains_of(log),), 18))

    boxes = reduced(**boxes_a_train(BOXES), **{"horizon.days": 150})
    by_box = side_by_side(
        3,
        lambda seed: _cost_per_train(boxes, seed),
        lambda seed: _cost_by_hand(BoxByBox(boxes, seed)),
    )
    rows.append(
        Ratio(f"every box exact, {BOXES} TEU a train / by hand with a process a box", by_box, 0.02)
    )

    few, many = reduced(), reduced(**TWENTYFOLD)
    scaled = side_by_side(
        3, lambda seed: _cost_per_train(many, seed), lambda seed: _cost_per_train(few, seed)
    )
    rows.append(Ratio("cost per train at 20x / at 1x", scaled, 1.3))
    full = reduced(**boxes_a_train(BOXES))
    sized = side_by_side(
        9, lambda seed: _cost_per_train(full, seed), lambda seed: _cost_per_train(few, seed)
    )
    rows.append(Ratio("cost a train at 400 TEU a train / at 40", sized, 1.1))
    rows += queue_rows()
    return rows


def _cost_by_hand(plain: TrainByTrain) -> float:
    """Return the cost a train by hand; it goes on for longer, until nothing is left, and has more trains by that."""
    spent = cost_s(plain.run)
    return spent / plain.born


def _cost_per_train(network: Network, seed: int) -> float:
    spent, log = timed(network, seed)
    return spent / trains_of(log)


QUEUES = {
    "stack": """
title: a stack that never empties
horizon: {days: 400}
places: {port: {}, far: {}}
flows:
  old: {unit: wagon, origin: port, destination: far, arrivals: {trace: {file: old.csv}}}
  new: {unit: wagon, origin: port, destination: far, arrivals: {scheduled: {every: 1h}}}
vessels: {ferry: {capacity: {wagon: 1}}}
services:
  line:
    {from: port, to: far, vessel: ferry, vessels: 1, crossing: 20min, departure: {far: at_once, port: {full: 1}}}
""",
    "gate": """
title: a gate whose queue never ends
horizon: {days: 400}
places: {town: {}, port: {}}
flows:
  old: {unit: truck, origin: town, destination: port, arrivals: {trace: {file: old.csv}}}
  new: {unit: truck, origin: town, destination: port, arrivals: {scheduled: {every: 1h}}}
roads: {street: {from: town, to: port, running: 1h, gates: {port: {lanes: 1, time: 1h}}}}
""",
    "place where an embargo may hold trains": """
title: a section before which trains always wait
horizon: {days: 400}
places: {mine: {}, yard: {}, port: {}, far: {}}
flows:
  old: {unit: wagon, origin: mine, destination: far, arrivals: {trace: {file: old.csv}}}
  new: {unit: wagon, origin: mine, destination: far, arrivals: {scheduled: {every: 1h}}}
sections:
  branch: {from: mine, to: yard, running: 1h}
  trunk: {from: yard, to: port, running: 1h, paths_per_day: 24}
trains: {shuttle: {path: [mine, yard, port], capacity: {wagon: 1}, departure: at_once}}
vessels: {ferry: {capacity: {wagon: 100}}}
services:
  line:
    {from: port, to: far, vessel: ferry, vessels: 1, crossing: 6h, departure: {far: at_once, port: {longest_wait: 6h}}}
embargoes: {ban: {port: port, impose: {units: 5000}, lift: {units: 50}, holds_at: [yard]}}
""",
}


def queue_rows() -> list[Ratio]:
    """What an event costs when ten thousand wait, beside ten."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, text in QUEUES.items():
            networks = {}
            for waiting in (10, 10_000):
                place = Path(folder) / f"{name}-{waiting}"
                place.mkdir()
                (place / "old.csv").write_text("time,units\n" + "2023-01-01T00:00:00,1\n" * waiting)
                (place / "queue.yaml").write_text(text)
                networks[waiting] = [
                    build(load(place / "queue.yaml", {"horizon.days": days}))
                    for days in (400, 1600)
                ]
            values = side_by_side(
                5,
                lambda seed, n=networks[10_000]: _cost_per_event(n, seed),
                lambda seed, n=networks[10]: _cost_per_event(n, seed),
            )
            rows.append(
                Ratio(f"cost per event with 10,000 waiting at a {name} / with 10", values, 2)
            )
    return rows


def _cost_per_event(networks: list[Network], seed: int) -> float:
    """Return what a further event costs: those who wait come, and stay, in the shorter run as in the longer."""
    spent, events = [], []
    for network in networks:
        rounds = [timed(network, seed) for _ in range(3)]
        spent.append(min(seconds for seconds, _ in rounds))
        events.append(rounds[0][1].facts.events)
    return (spent[1] - spent[0]) / (events[1] - events[0])


def ciw_rows() -> list[Ratio]:
    """The same in Ciw."""
    comparable = build(load(REDUCED, in_ciw.COMPARABLE))
    found = [in_ciw.train_by_train(comparable, seed)[0] for seed in (1, 2, 3)]
    hand = in_ciw.Timetabled(comparable, 1).run()
    log = simulate(comparable)
    print(
        f"       mean transit with a timetabled ship: by scenario {transit_days(log):.3f} d, by hand {hand:.3f} d, "
        f"in Ciw {' '.join(f'{days:.3f}' for days in found)} d"
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
    ratio = tuple(_cost_per_train(boxes, seed) / in_ciw_s for seed in (1, 2, 3))
    return [Ratio(f"every box exact, {BOXES} TEU a train / in Ciw", ratio, 0.2)]


def fivefold_rows() -> list[Ratio]:
    """The full corridor beside what is written by hand."""
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
        f"       of {journeys[0]:,} journeys in fivefold {trucks[0]:,} are trucks; with them a journey costs"
    )
    print(
        f"       {median(with_trucks):.2f} ({min(with_trucks):.2f} to {max(with_trucks):.2f}) times one by hand"
    )
    rows = [
        Ratio(
            "fivefold, per 1,000 train and vessel journeys / reduced by hand, per 1,000 journeys",
            without,
            1,
        )
    ]
    hand = tuple(
        s / cost_s(ByHand(network, seed).run) for s, seed in zip(spent, (1, 2, 3), strict=True)
    )
    rows.append(Ratio("fivefold, log and audit on / the same by hand in plain SimPy", hand, 0.5))
    for name, net in (("fivefold", network), ("reduced corridor", small)):
        rows.append(Ratio(f"metrics and audit / simulation, {name}", _books(net), 0.3))
    return rows


def _books(network: Network) -> tuple[float, ...]:
    """Return metrics and audit over the rest of the run, in three rounds."""
    ratios = []
    check = audit.check
    for seed in (1, 2, 3):
        audited: list[float] = []

        def told(*arguments: object, audited: list[float] = audited) -> int:
            began = process_time()
            residual = check(*arguments)
            audited.append(process_time() - began)
            return residual

        engine.laws.check = told
        try:
            whole, log = timed(network, seed)
        finally:
            engine.laws.check = check
        measured = cost_s(lambda log=log: measure(log))
        ratios.append((measured + audited[0]) / (whole - audited[0]))
    return tuple(ratios)


def memory_rows() -> list[Ratio]:
    """What a study keeps of a further simulated year, and of a thousand replications."""
    rows = []
    for name, place in (("reduced corridor", REDUCED), ("fivefold", "fivefold")):
        network = build(load(place))
        years = network.window_end_s / (365 * 86400)
        kept = [_kept(network, 0)]
        tracemalloc.start()
        kept += [_kept(network, number) for number in (1, 2, 3)]
        held, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        per_year = held / 3 / years / 1e6
        rows.append(
            Ratio(
                f"memory per further simulated year, metrics only, {name}", (per_year,), 0.5, " MB"
            )
        )
        print(
            f"       {name}: {1000 * years * per_year:.0f} MB for 1,000 replications of {years:.1f} years,"
        )
        print(
            f"       and {peak / 1e6:.0f} MB while one runs with its log ({peak / years / 1e6:.0f} MB a year)"
        )
    return rows


def _kept(network: Network, number: int) -> Replication:
    return decode(encode(replication_of(simulate(network, replication=number))))


def command_rows() -> list[Ratio]:
    """Whole commands, by the clock."""

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
    """Print what the kernel alone costs, and the parts around a run."""
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

        def story():
            while True:
                yield env.timeout(100)

        for _ in range(100):
            env.process(story())
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
        found = part()
        rows += found
        for row in found:
            print(row, flush=True)
    missed = [row for row in rows if not row.is_met]
    told = f"; missed: {', '.join(row.what for row in missed)}" if missed else ""
    print(f"{len(rows) - len(missed)} of {len(rows)} goals met{told}")


if __name__ == "__main__":
    main()
