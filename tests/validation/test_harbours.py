"""Harbours of the literature, written as scenario files, against programs that know nothing of this engine.

Pritsker's oil port is computed twice over: in plain SimPy, with random numbers of its own, whose means must agree; and as a
list of events, which is told who comes when and how long it loads, and must let every tanker go in the same second.
"""

from __future__ import annotations

from functools import cache
from heapq import heappop, heappush
from itertools import count

import numpy as np
import pytest
import simpy

import sim
from sim.log import OPEN, Activity, closed_ends
from sim.study.interval import Interval

SEED = 20_240_101
"""Fixed before the first run."""
KINDS = ("small", "medium", "large", "trader")
SHARES = (0.25, 0.55, 0.20)
LOADING_H = ((16, 20), (21, 27), (32, 40), (18, 24))
TRADER = KINDS.index("trader")
WARM_UP_H, RUN_H = 120 * 24, 730 * 24
REPLICATIONS = 6


def _sums(times: list[tuple[float, int, float]], berths_h: float, tug_h: float) -> list[float]:
    """Return the mean time in port of each kind and the mean numbers of berths and tugs in use."""
    result = []
    for kind in range(len(KINDS)):
        spent = [left - came for came, which, left in times if which == kind and came > WARM_UP_H]
        result.append(float(np.mean(spent)) if spent else 0.0)
    return [*result, berths_h / (RUN_H - WARM_UP_H), tug_h / (RUN_H - WARM_UP_H)]


def _inside(begin: float, end: float) -> float:
    """Return how much of an interval lies in the window."""
    return max(min(end, RUN_H) - max(begin, WARM_UP_H), 0.0)


class SimpyPort:
    """The oil port in plain SimPy: a tanker is a process, a storm holds the tug."""

    def __init__(self, rng: np.random.Generator, traders: int) -> None:
        self.env, self.rng = simpy.Environment(), rng
        self.berths = simpy.Resource(self.env, 3)
        self.tug = simpy.PriorityResource(self.env, 1)
        self.calm = self.env.event()
        self.calm.succeed()
        self.times: list[tuple[float, int, float]] = []
        self.berths_h = self.tug_h = 0.0
        self.env.process(self._storms())
        self.env.process(self._arrivals())
        for number in range(traders):
            self.env.process(self._trader(48.0 * number))
        self.env.run(until=RUN_H + 500)

    def _storms(self):
        # First in line for the tug at its begin: what the tug does then it ends, nothing new begins.
        while True:
            yield self.env.timeout(self.rng.exponential(48))
            with self.tug.request(priority=-1) as turn:
                ends = self.env.timeout(self.rng.uniform(2, 6))
                yield turn | ends
                if not ends.processed:
                    yield ends

    def _arrivals(self):
        while True:
            yield self.env.timeout(self.rng.uniform(4, 18))
            kind = int(self.rng.choice(3, p=SHARES))
            self.env.process(self._call(kind))

    def _trader(self, first_h: float):
        yield self.env.timeout(first_h)
        while True:
            yield from self._call(TRADER)
            yield self.env.timeout(self.rng.uniform(216, 264))

    def _tow(self, priority: int):
        with self.tug.request(priority=priority) as turn:
            yield turn
            self.tug_h += _inside(self.env.now, self.env.now + 1)
            yield self.env.timeout(1)

    def _call(self, kind: int):
        came = self.env.now
        with self.berths.request() as berth:
            yield berth
            began = self.env.now
            yield from self._tow(0)
            yield self.env.timeout(self.rng.uniform(*LOADING_H[kind]))
            yield from self._tow(1)
            self.berths_h += _inside(began, self.env.now)
        self.times.append((came, kind, self.env.now))


class EventPort:
    """The same port as a heap of events and three lists of who waits: no processes, no resources.

    It is told when tankers come, how long each loads and when storms are, and says when each leaves.
    """

    def __init__(self, calls: list[tuple[int, int]], storms: list[tuple[int, int]]) -> None:
        self.events: list[tuple[int, int, str, int]] = []
        self.number = count()
        self.calls = calls
        self.at_sea: list[int] = []
        self.inward: list[int] = []
        self.outward: list[int] = []
        self.free, self.towing, self.storm = 3, False, False
        self.left: dict[int, int] = {}
        for begins, ends in storms:
            self._later(ends, "calm", -1)
            self._later(begins, "storm", -1)
        for call, (came, _) in enumerate(calls):
            self._later(came, "comes", call)
        while self.events:
            now, *_ = self.events[0]
            while self.events and self.events[0][0] == now:
                *_, what, call = heappop(self.events)
                getattr(self, f"_{what}")(now, call)
            self._serve(now)

    def _later(self, at: int, what: str, call: int) -> None:
        heappush(self.events, (at, next(self.number), what, call))

    def _serve(self, now: int) -> None:
        while self.free and self.at_sea:
            self.free -= 1
            self.inward.append(self.at_sea.pop(0))
        self._tow(now)

    def _tow(self, now: int) -> None:
        if self.towing or self.storm or not (self.inward or self.outward):
            return
        self.towing = True
        if self.inward:
            self._later(now + 3600, "moored", self.inward.pop(0))
        else:
            self._later(now + 3600, "gone", self.outward.pop(0))

    def _storm(self, now: int, call: int) -> None:
        self.storm = True

    def _calm(self, now: int, call: int) -> None:
        self.storm = False

    def _comes(self, now: int, call: int) -> None:
        self.at_sea.append(call)

    def _moored(self, now: int, call: int) -> None:
        self.towing = False
        self._later(now + self.calls[call][1], "loaded", call)

    def _loaded(self, now: int, call: int) -> None:
        self.outward.append(call)

    def _gone(self, now: int, call: int) -> None:
        # The tug is free before the berth is.
        self.towing = False
        self._tow(now)
        self.free += 1
        self.left[call] = now


def by_engine(name: str, replication: int) -> list[float]:
    """Return the same figures out of the log of one run of the scenario file."""
    run = sim.simulate(sim.load(f"harbours/{name}"), seed=SEED, replication=replication)
    log = run.log
    rows, vehicles = log.tables["vehicle_log"], log.tables["vehicles"]
    vehicle, starts, ends = rows["vehicle"], rows["start_s"], closed_ends(rows, log.facts.end_s)
    at_port = (rows["place"] == log.names.place.index("port")) & (rows["activity"] != Activity.SAIL)
    towed = at_port & (rows["activity"] == Activity.MANOEUVRE)
    result = []
    for kind in KINDS:
        spent_h = []
        if kind in log.names.vessel_class:
            code = log.names.vessel_class.index(kind)
            for number in np.flatnonzero(vehicles["vessel_class"] == code):
                mine = np.flatnonzero(at_port & (vehicle == number))
                order = mine[np.argsort(starts[mine], kind="stable")]
                spent_h += _calls_h(starts[order], ends[order], towed[order])
        result.append(float(np.mean(spent_h)) if spent_h else 0.0)
    metrics = run.metrics()
    used = metrics[metrics["name"] == "occupancy"].set_index("where")["value"]
    return [*result, 3 * used["port/jetty"], used["port:pool:tug"]]


def _calls_h(starts, ends, towed) -> list[float]:
    """Return how long each call took that began in the window: it ends with the second tow."""
    spent, came, tows = [], None, 0
    for start, end, is_tow in zip(starts.tolist(), ends.tolist(), towed.tolist(), strict=True):
        came = start if came is None else came
        tows += is_tow
        if tows == 2:
            if came > WARM_UP_H * 3600 and end < RUN_H * 3600:
                spent.append((end - came) / 3600)
            came, tows = None, 0
    return spent


@cache
def by_simpy() -> np.ndarray:
    """Return the figures of all replications of the program in plain SimPy."""
    listed = []
    for number in range(REPLICATIONS):
        port = SimpyPort(np.random.default_rng([SEED, number]), 0)
        listed.append(_sums(port.times, port.berths_h, port.tug_h))
    return np.array(listed)


FIGURES = ["small", "medium", "large", "berths", "tug"]


def test_the_oil_port_has_the_means_of_a_program_in_plain_simpy():
    ours = np.array([by_engine("oil-port", number) for number in range(REPLICATIONS)])
    for number, what in enumerate([*KINDS, "berths", "tug"]):
        if what not in FIGURES:
            continue
        # All five hold together at 99 %.
        gap = Interval.of(
            ours[:, number] - by_simpy()[:, number], confidence=1 - 0.01 / len(FIGURES)
        )
        assert gap.low <= 0 <= gap.high, (what, ours[:, number].mean(), gap)
        assert gap.high - gap.low < 0.25 * ours[:, number].mean(), what


def calls_of(log) -> tuple[list[tuple[int, int]], list[int]]:
    """Return when each tanker came and how long it loaded, in the order of coming, and when it left;
    `OPEN` for those still in port."""
    rows = log.tables["vehicle_log"]
    here = rows["place"] == log.names.place.index("port")
    rows = rows.where(here & (rows["activity"] != Activity.SAIL))
    under_way: dict[int, list[int]] = {}
    calls: list[list[int]] = []
    for vessel, activity, start, end in rows.rows("vehicle", "activity", "start_s", "end_s"):
        if vessel not in under_way:
            under_way[vessel] = [start, 0, OPEN, 0]
            calls.append(under_way[vessel])
        call = under_way[vessel]
        if activity == Activity.HANDLE:
            call[1] = end - start
        elif activity == Activity.MANOEUVRE:
            call[3] += 1
        if call[3] == 2:
            call[2] = end
            del under_way[vessel]
    calls.sort(key=lambda call: call[0])
    return [(came, loads) for came, loads, *_ in calls], [left for *_, left, _ in calls]


@pytest.mark.parametrize("name", ["oil-port", "oil-port-and-trade"])
def test_every_tanker_leaves_in_the_second_in_which_a_list_of_events_lets_it_go(name):
    run = sim.simulate(sim.load(f"harbours/{name}", {"horizon.days": 200}), seed=SEED)
    calls, left = calls_of(run.log)
    outages = run.log.tables["outages"]
    port = EventPort(calls, list(outages.rows("start_s", "end_s")))
    gone = [number for number, at in enumerate(left) if at != OPEN]
    assert len(gone) > 400
    assert [port.left[number] for number in gone] == [left[number] for number in gone]
