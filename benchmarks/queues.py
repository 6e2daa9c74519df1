"""The cost of an event where many wait: it must not grow with the queue."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ratios import Ratio, side_by_side, timed

from sim.network.build import build
from sim.network.parts import Network
from sim.spec.load import load

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
    from: port
    to: far
    vessel: ferry
    vessels: 1
    crossing: 20min
    departure: {far: at_once, port: {full: 1}}
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
    from: port
    to: far
    vessel: ferry
    vessels: 1
    crossing: 6h
    departure: {far: at_once, port: {longest_wait: 6h}}
embargoes: {ban: {port: port, impose: {units: 5000}, lift: {units: 50}, holds_at: [yard]}}
""",
}


def queue_rows() -> list[Ratio]:
    """Return what an event costs when ten thousand wait, beside ten."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, text in QUEUES.items():
            few = _networks(Path(folder) / f"{name}-few", text, 10)
            many = _networks(Path(folder) / f"{name}-many", text, 10_000)
            values = side_by_side(
                5,
                lambda seed, many=many: _cost_per_event(many, seed),
                lambda seed, few=few: _cost_per_event(few, seed),
            )
            what = f"cost per event with 10,000 waiting at a {name} / with 10"
            rows.append(Ratio(what, values, 2))
    return rows


def _networks(place: Path, text: str, waiting: int) -> list[Network]:
    """Return a short and a long run of a scenario in which *waiting* units come at the start."""
    place.mkdir()
    (place / "old.csv").write_text("time,units\n" + "2023-01-01T00:00:00,1\n" * waiting)
    (place / "queue.yaml").write_text(text)
    return [build(load(place / "queue.yaml", {"horizon.days": days})) for days in (400, 1600)]


def _cost_per_event(networks: list[Network], seed: int) -> float:
    """Return the cost of a further event: that of a long run less that of a short one.

    In both the same units come at the start and wait to the end, so their cost cancels.
    """
    spent, events = [], []
    for network in networks:
        rounds = [timed(network, seed) for _ in range(3)]
        spent.append(min(seconds for seconds, _ in rounds))
        events.append(rounds[0][1].facts.events)
    return (spent[1] - spent[0]) / (events[1] - events[0])
