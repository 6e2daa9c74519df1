"""Feeders under a flood of boxes at Aktau, by departure rule: what a ship carries, and a calculation by hand.

``python docs/feeders/feeders.py [REPLICATIONS]`` prints the table of `docs/feeders/README.md`. Scenario
``fivefold``, one year after two months to fill up; replications share their random numbers between rules.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np

import sim
from sim.log import VESSEL, Activity, RunLog
from sim.spec.scenario import ScenarioSpec
from sim.units import HOUR, YEAR

BASE = {"full": 0.9, "longest_wait": "72h"}
FAR = {"cargo_waits_over_there": {"deck_share": 0.5, "known_after": "6h"}}
STORM = {"before_storm": {"forecast": "48h"}}
RULES: dict[str, Any] = {
    "full to 0.9 or 72 h (as shipped)": BASE,
    "+ before a storm seen 48 h ahead": BASE | STORM,
    "+ at anchor where the berth is needed": BASE | {"berth_needed": "anchor"},
    "+ leaves where the berth is needed": BASE | {"berth_needed": "leave"},
    "full to 0.9 or 24 h": BASE | {"longest_wait": "24h"},
    "+ half a deck waits over there, known after 24 h": BASE
    | {"cargo_waits_over_there": {"deck_share": 0.5, "known_after": "24h"}},
    "+ half a deck waits over there, known after 6 h": BASE | FAR,
    "all of these": BASE | FAR | STORM | {"berth_needed": "leave"},
    "at once": "at_once",
}
HORIZON = {"horizon.days": 430, "horizon.warmup_days": 65, "horizon.followup_days": 0}
SEED = 20_240_101
HEAD = """| rule at both ends | west, TEU a ship and year | east | round trips | by hand | ratio | lies at Alat |
|---|---|---|---|---|---|---|
"""


class Outcome(NamedTuple):
    """Of the feeders in one year."""

    west_teu: float
    """Carried from Aktau to Alat, a ship and year."""
    east_teu: float
    trips: float
    """Round trips a ship and year."""
    waits_at_alat: float
    """Share of their time that the ships lie at Alat, at the berth or in the roads, for cargo."""
    by_hand: float
    """Round trips a ship and year by hand, with no wait for cargo or berth."""


def outcome(rule: object, replication: int) -> Outcome:
    """Run ``fivefold`` with *rule* at both ends of the feeder line."""
    changes = HORIZON | {"services.feeders.departure": rule}
    scenario = sim.load("fivefold", changes)
    run = sim.simulate(scenario, seed=SEED, replication=replication)
    rows = run.metrics()

    def value(name: str, where: str) -> float:
        chosen = rows[(rows["name"] == name) & (rows["where"] == where)]
        return float(chosen["value"].iloc[0])

    spec = scenario.spec
    ships = sum(spec.services["feeders"].fleet.values())
    days = 365 / ships
    west = value("units_per_sailing", "feeders:aktau>alat")
    east = value("units_per_sailing", "feeders:alat>aktau")
    return Outcome(
        west_teu=west * value("sailings_per_day", "feeders:aktau>alat") * days,
        east_teu=east * value("sailings_per_day", "feeders:alat>aktau") * days,
        trips=value("round_trips_per_vessel_year", "feeders"),
        waits_at_alat=_waits(run.log, "alat"),
        by_hand=trips_by_hand(spec, west, east),
    )


def _waits(log: RunLog, place: str) -> float:
    """Return the share of the year in which feeders wait for cargo at *place*."""
    rows, fleet = log.tables["vehicle_log"], log.tables["vehicles"]
    feeders = (fleet["carrier"] == log.names.carrier.index("feeders")) & (fleet["kind"] == VESSEL)
    begin_s, end_s = log.facts.warmup_s, log.facts.window_end_s
    until_s = np.where(rows["end_s"] < 0, end_s, np.minimum(rows["end_s"], end_s))
    spent_s = np.maximum(until_s - np.maximum(rows["start_s"], begin_s), 0)
    idle = np.isin(rows["activity"], [Activity.WAIT_CARGO, Activity.WAIT_ROADS])
    here = rows["place"] == log.names.place.index(place)
    wanted = feeders[rows["vehicle"]] & idle & here
    return float(spent_s[wanted].sum()) / (int(feeders.sum()) * (end_s - begin_s))


def trips_by_hand(spec: ScenarioSpec, west: float, east: float) -> float:
    """Return the round trips of a ship in a year from sailing, handling, closures and repair alone.

    Twice the crossing, mooring at both ends, lifts of what was carried on average; an arrival that finds a port
    closed waits the mean rest of a closure, as does a departure from Alat; work at Aktau stands still meanwhile.
    """
    line = spec.services["feeders"]
    ship = spec.vessels["beket-ata"]
    mooring_h = ship.handling.mean / HOUR
    aktau = (west + east) / spec.ports["aktau"].berths["dry"].units_per_h["teu"]
    alat = (west + east) / spec.ports["alat"].berths["container"].units_per_h["teu"]
    shut_aktau, rest_aktau_h = _closures(spec, "aktau")
    shut_alat, rest_alat_h = _closures(spec, "alat")
    hours = 2 * line.crossing.mean / HOUR + mooring_h + alat
    hours += (mooring_h + aktau) / (1 - shut_aktau)
    hours += shut_aktau * rest_aktau_h + 2 * shut_alat * rest_alat_h
    in_service = ship.repair.every.mean / (ship.repair.every.mean + ship.repair.lasting.mean)
    return YEAR / HOUR * in_service / hours


def _closures(spec: ScenarioSpec, port: str) -> tuple[float, float]:
    """Return the share of the year in which *port* is closed, and the mean rest of a closure [h]."""
    weather = spec.weather
    exposure = weather.exposure.get(port, 0.0)
    spell = weather.spell
    rest_s = exposure * (spell.mean**2 + spell.variance) / (2 * spell.mean)
    return exposure * fmean(weather.closed_share), rest_s / HOUR


def line(name: str, outcomes: list[Outcome]) -> str:
    """Return the row of a rule: means over the replications, and least and most of what goes west."""
    west, east, trips, waits, by_hand = map(fmean, zip(*outcomes, strict=True))
    least, most = min(o.west_teu for o in outcomes), max(o.west_teu for o in outcomes)
    numbers = f"{west:,.0f} ({least:,.0f} to {most:,.0f}) | {east:,.0f} | {trips:.1f}"
    return f"| {name} | {numbers} | {by_hand:.1f} | {trips / by_hand:.2f} | {waits:.0%} |"


def main(replications: int, rules: Mapping[str, Any] = RULES) -> None:
    """Print the table, row by row."""
    sys.stdout.write(HEAD)
    for name, rule in rules.items():
        outcomes = [outcome(rule, number) for number in range(replications)]
        sys.stdout.write(line(name, outcomes) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
