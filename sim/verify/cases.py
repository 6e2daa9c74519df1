"""The cases: a textbook scenario, a number that comes out of it, and the theory that says what it
must be.

The exact value is computed from the numbers of the scenario itself, so the two cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.distributions import Distribution
from sim.spec.scenario import ScenarioSpec
from sim.units import HOUR
from sim.verify import theory

CLOSE, HEAVY = 0.01, 0.03
"""How near the simulation must come, as a share of the exact value: in general, and at a load of
0.9."""
HOURS_A_YEAR = 8760


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the verification."""

    id: str
    what: str
    file: str
    unit: str
    metric: Mapping[str, str]
    """``name`` and, where it takes them, ``where``, ``flow``, ``activity`` of the row of
    metrics."""
    exact: Callable[[ScenarioSpec], float]
    """In the unit of the metric."""
    changes: Mapping[str, Any] = field(default_factory=dict)
    controls: tuple[tuple[Mapping[str, str], Callable[[ScenarioSpec], float]], ...] = ()
    """Rows of metrics whose mean the scenario states, each with that mean: what luck did to them,
    it did to this row.

    See `sim.verify.verify.judge`.
    """
    replications: int = 20
    tolerance: float = CLOSE
    is_certain: bool = False
    """Whether nothing is left to chance, so that every replication must hit the value."""


def rate_per_h(scenario: ScenarioSpec, flow: str) -> float:
    """Return the consignments an hour of a Poisson flow."""
    poisson = scenario.flows[flow].arrivals.poisson
    return (poisson.per_day or 0.0) / 24 if poisson is not None else 0.0


def hours(time: Distribution | int | None) -> float:
    """Return a (mean) time in hours."""
    if time is None:
        raise ValueError("the scenario has no such time")
    return (time.mean if isinstance(time, Distribution) else time) / HOUR


def _gate(scenario: ScenarioSpec) -> tuple[float, int, float]:
    gate = scenario.roads["street"].gates["port"]
    return rate_per_h(scenario, "trucks"), gate.lanes, hours(gate.time)


def _mmc(scenario: ScenarioSpec) -> float:
    arrivals, lanes, service = _gate(scenario)
    return (theory.mmc_wait_h(arrivals, lanes, service) + service) / 24


def _mdc(scenario: ScenarioSpec) -> float:
    arrivals, lanes, service = _gate(scenario)
    return (theory.mdc_wait_h(arrivals, lanes, service) + service) / 24


def _me2c(scenario: ScenarioSpec) -> float:
    arrivals, lanes, service = _gate(scenario)
    return (theory.merlang_wait_h(arrivals, lanes, service, 2) + service) / 24


def _mg1(scenario: ScenarioSpec) -> float:
    arrivals, _, service = _gate(scenario)
    time = scenario.roads["street"].gates["port"].time
    cv = time.variance**0.5 / time.mean
    return (theory.mg1_wait_h(arrivals, service, cv) + service) / 24


def _paths(scenario: ScenarioSpec) -> float:
    section = scenario.sections["track"]
    wait = theory.mdc_wait_h(rate_per_h(scenario, "wagons"), 1, 24 / (section.paths_per_day or 1.0))
    return (wait + hours(section.running)) / 24


def _priority(rank: int) -> Callable[[ScenarioSpec], float]:
    def exact(scenario: ScenarioSpec) -> float:
        service = hours(scenario.borders["line"].clearance)
        arrivals = [rate_per_h(scenario, flow) for flow in ("express", "slow")]
        return (theory.priority_waits_h(arrivals, service)[rank] + service) / 24

    return exact


def _jackson(scenario: ScenarioSpec) -> float:
    through, local = (rate_per_h(scenario, flow) for flow in ("through", "local"))
    first, second = scenario.roads["street"].gates["yard"], scenario.roads["quay"].gates["port"]
    stations = [
        (through, first.lanes, hours(first.time)),
        (through + local, second.lanes, hours(second.time)),
    ]
    return theory.jackson_sojourn_h(stations) / 24


def _blocked(scenario: ScenarioSpec) -> float:
    first = hours(scenario.trains["shuttle"].handling["port"])
    second = hours(scenario.services["line"].handling["far"])
    room = scenario.ports["port"].stacks.sea["wagon"]
    until_loaded = theory.blocked_tandem_sojourn_h(
        rate_per_h(scenario, "wagons"), first, room, second
    )
    return (hours(scenario.sections["track"].running) + until_loaded + second) / 24


def _full_deck(scenario: ScenarioSpec) -> float:
    deck = scenario.vessels["ferry"].capacity["wagon"]
    return theory.full_deck_wait_h(rate_per_h(scenario, "wagons"), deck) / 24


def _little(scenario: ScenarioSpec) -> float:
    return _full_deck(scenario) * 24 * rate_per_h(scenario, "wagons")


def _timetable(scenario: ScenarioSpec) -> float:
    sailings = scenario.services["line"].departure["port"].timetable or ()
    deck = scenario.vessels["ferry"].capacity["wagon"]
    return theory.timetable_wait_h(rate_per_h(scenario, "wagons"), 24 / len(sailings), deck) / 24


def _bulk(scenario: ScenarioSpec) -> float:
    line, most = scenario.services["line"], scenario.vessels["ferry"].capacity["wagon"]
    least = round((line.departure["port"].full or 1.0) * most)
    vessels = sum(line.fleet.values())
    away = hours(line.handling["far"])
    return theory.bulk_wait_h(rate_per_h(scenario, "wagons"), away, least, most, vessels) / 24


def _closed_fleet(scenario: ScenarioSpec) -> float:
    line = scenario.services["line"]
    vessels = sum(line.fleet.values())
    handling = (hours(line.handling["kuryk"]), hours(line.handling["alat"]))
    return theory.ferry_round_trips_per_h(vessels, hours(line.crossing), handling) * HOURS_A_YEAR


def _locomotives_out(scenario: ScenarioSpec) -> float:
    pool = scenario.locomotives["pool"]
    breakdowns = pool.breakdowns
    if breakdowns is None:
        raise ValueError("the pool has no breakdowns")
    up = theory.machines_up(
        pool.locomotives,
        breakdowns.crews or pool.locomotives,
        hours(breakdowns.every),
        hours(breakdowns.lasting),
    )
    return 1 - up / pool.locomotives


def _spells(scenario: ScenarioSpec) -> tuple[float, float]:
    """Return the mean open and closed spells of a port of exposure 1 [h]."""
    weather = scenario.weather
    if weather is None:
        raise ValueError("the scenario has no weather")
    closed = hours(weather.spell)
    return closed * (1 - weather.closed_share[0]) / weather.closed_share[0], closed


def _spell_cv(scenario: ScenarioSpec) -> float:
    spell = scenario.weather.spell if scenario.weather else None
    return 1.0 if spell is None else spell.variance**0.5 / spell.mean


def _closure(scenario: ScenarioSpec) -> float:
    return theory.closure_wait_h(*_spells(scenario), _spell_cv(scenario)) / 24


def _window(scenario: ScenarioSpec) -> float:
    crossing = hours(scenario.services["line"].crossing)
    return theory.window_wait_h(*_spells(scenario), crossing, _spell_cv(scenario)) / 24


def _paused(scenario: ScenarioSpec) -> float:
    return (
        theory.paused_work_h(hours(scenario.services["line"].handling["port"]), *_spells(scenario))
        / 24
    )


def _meet(scenario: ScenarioSpec, *, waits: bool) -> float:
    """Two trains that meet half-way: the first at the siding waits until the other is past and the
    points are set."""
    track, late = scenario.sections["track"], scenario.flows["westbound"].arrivals.scheduled
    if late is None:
        raise ValueError("the westbound train has no schedule")
    wait_s = late.first + track.clearing if waits else 0
    return (hours(track.running) + wait_s / HOUR) / 24


def _transit(flow: str) -> dict[str, str]:
    return {"name": "transit_days_mean", "flow": flow}


def _wait(activity: str, flow: str, where: str) -> dict[str, str]:
    return {"name": "wait_days", "flow": flow, "activity": activity, "where": where}


_LANES, _TIME, _PER_DAY = (
    "roads.street.gates.port.lanes",
    "roads.street.gates.port.time",
    "flows.trucks.arrivals.poisson.per_day",
)


def _offered(flow: str) -> tuple[Mapping[str, str], Callable[[ScenarioSpec], float]]:
    """Return the control "so many came"."""
    row = {"name": "offered_units_per_year", "flow": flow}
    return row, lambda scenario: rate_per_h(scenario, flow) * HOURS_A_YEAR


def _at_gate(
    flow: str, road: str, place: str
) -> tuple[Mapping[str, str], Callable[[ScenarioSpec], float]]:
    """Return the control "so long did a gate take"."""
    row = _wait("gate", flow, f"{road}:gate:{place}")
    return row, lambda scenario: hours(scenario.roads[road].gates[place].time) / 24


_AWAY = (
    _wait("handle", "wagons", "far/roads"),
    lambda scenario: hours(scenario.services["line"].handling["far"]) / 24,
)


_SHUT = (
    {"name": "closed_share", "where": "port"},
    lambda scenario: scenario.weather.closed_share[0],
)
"""The control "so much of the time was stormy", for a port of exposure 1."""


def _queue(
    name: str,
    what: str,
    exact: Callable[[ScenarioSpec], float],
    changes: Mapping[str, Any],
    **more: Any,
) -> Case:
    # A constant time at the gate is no luck.
    luck = () if isinstance(changes.get(_TIME), str) else (_at_gate("trucks", "street", "port"),)
    controls = (_offered("trucks"), *luck)
    return Case(
        name, what, "gate", "d", _transit("trucks"), exact, changes, controls=controls, **more
    )


def _fleet(vessels: int) -> Case:
    return Case(
        f"closed-fleet-{vessels}",
        f"{vessels} ferr{'y' if vessels == 1 else 'ies'}, one berth at each end (mean value analysis)",
        "closed-fleet",
        "1/a",
        {"name": "round_trips_per_vessel_year", "where": "line"},
        _closed_fleet,
        {"services.line.vessels": vessels},
        replications=10,
    )


CASES: tuple[Case, ...] = (
    _queue("mm1", "M/M/1, load 0.5 (Erlang)", _mmc, {"horizon.days": 7000}),
    _queue(
        "mm2", "M/M/2, load 0.6 (Erlang)", _mmc, {_LANES: 2, _PER_DAY: 28.8, "horizon.days": 2800}
    ),
    _queue("mm5", "M/M/5, load 0.7 (Erlang)", _mmc, {_LANES: 5, _PER_DAY: 84, "horizon.days": 800}),
    _queue(
        "mm3-heavy",
        "M/M/3, load 0.9 (Erlang)",
        _mmc,
        {_LANES: 3, _PER_DAY: 64.8, "horizon.days": 3000},
        tolerance=HEAVY,
    ),
    _queue(
        "md3",
        "M/D/3, load 0.7 (Crommelin)",
        _mdc,
        {_LANES: 3, _PER_DAY: 50.4, _TIME: "1h", "horizon.days": 400},
    ),
    _queue(
        "me2-2",
        "M/E2/2, load 0.6 (Markov chain)",
        _me2c,
        {
            _LANES: 2,
            _PER_DAY: 28.8,
            _TIME: {"erlang": {"mean": "1h", "k": 2}},
            "horizon.days": 1700,
        },
    ),
    _queue(
        "mg1-uneven",
        "M/G/1, lognormal, variation 1.25, load 0.3 (Pollaczek, Khinchine)",
        _mg1,
        {_PER_DAY: 7.2, _TIME: {"lognormal": {"mean": "1h", "cv": 1.25}}, "horizon.days": 8000},
        replications=30,
    ),
    _queue(
        "mg1-even",
        "M/G/1, gamma, variation 0.5, load 0.6 (Pollaczek, Khinchine)",
        _mg1,
        {_PER_DAY: 14.4, _TIME: {"gamma": {"mean": "1h", "cv": 0.5}}, "horizon.days": 3200},
    ),
    Case(
        "md1",
        "M/D/1 for train paths, load 0.6 (Crommelin)",
        "md1",
        "d",
        _transit("wagons"),
        _paths,
        {"horizon.days": 900},
    ),
    Case(
        "priority-first",
        "priority, express, load 0.2 (Cobham)",
        "priority",
        "d",
        _transit("express"),
        _priority(0),
        {"horizon.days": 5000},
        replications=30,
    ),
    Case(
        "priority-last",
        "priority, slow, load 0.3 (Cobham)",
        "priority",
        "d",
        _transit("slow"),
        _priority(1),
        {"horizon.days": 5000},
        replications=30,
    ),
    Case(
        "jackson",
        "two gates in a row, others join (Jackson)",
        "tandem",
        "d",
        _transit("through"),
        _jackson,
        {"horizon.days": 1500},
        controls=(
            _offered("through"),
            _offered("local"),
            _at_gate("through", "street", "yard"),
            _at_gate("through", "quay", "port"),
        ),
    ),
    Case(
        "blocked-tandem",
        "unloading that three places on the quay limit (Markov chain)",
        "blocked-tandem",
        "d",
        _transit("wagons"),
        _blocked,
        {"horizon.days": 2600},
        controls=(_offered("wagons"), _AWAY),
    ),
    Case(
        "full-deck",
        "leave when full, ferries without limit",
        "full-deck",
        "d",
        _wait("wait_vessel", "wagons", "port/stack/line"),
        _full_deck,
        {"horizon.days": 3000},
        replications=10,
    ),
    Case(
        "little",
        "mean stack = rate x wait (Little)",
        "full-deck",
        "units",
        {"name": "stack_mean", "where": "port/stack/line"},
        _little,
        {"horizon.days": 3000},
        replications=10,
    ),
    Case(
        "timetable",
        "a sailing every six hours, cargo left behind (embedded chain)",
        "timetable",
        "d",
        _wait("wait_vessel", "wagons", "port/stack/line"),
        _timetable,
        {"horizon.days": 3000},
    ),
    Case(
        "bulk-1",
        "one ferry, 3 to 6 wagons (bulk service, Markov chain)",
        "bulk",
        "d",
        _wait("wait_vessel", "wagons", "port/stack/line"),
        _bulk,
        {"horizon.days": 10_500},
        controls=(_offered("wagons"), _AWAY),
    ),
    Case(
        "bulk-2",
        "two ferries, 3 to 6 wagons (bulk service, Markov chain)",
        "bulk",
        "d",
        _wait("wait_vessel", "wagons", "port/stack/line"),
        _bulk,
        {
            "services.line.vessels": 2,
            "flows.wagons.arrivals.poisson.per_day": 19.2,
            "horizon.days": 5500,
        },
        controls=(_offered("wagons"), _AWAY),
    ),
    *(_fleet(vessels) for vessels in range(1, 9)),
    Case(
        "machine-repair",
        "ten locomotives and one crew (machine repair)",
        "locomotive-repair",
        "share",
        {"name": "unavailable_share", "where": "pool"},
        _locomotives_out,
        {"horizon.days": 26_000},
    ),
    Case(
        "closure-departure",
        "storms, sailing when the port is open (renewal)",
        "closures",
        "d",
        _wait("wait_weather", "wagons", "port/roads"),
        _closure,
        # Half of the time, as in November: fewer of the wagons find it open, and the mean is known
        # sooner.
        {"weather.closed_share": [0.5] * 12, "horizon.days": 14_000},
        controls=(_SHUT,),
        replications=30,
    ),
    Case(
        "closure-window",
        "storms, sailing into a window of the whole crossing (renewal)",
        "closures",
        "d",
        _wait("wait_weather", "wagons", "port/roads"),
        _window,
        {"services.line.sailing": {"window": {"forecast": "48h"}}, "horizon.days": 20_000},
        controls=(_SHUT,),
        replications=30,
    ),
    Case(
        "paused-work",
        "work at a berth that stops in storms",
        "paused-work",
        "d",
        _wait("handle", "wagons", "port/quay"),
        _paused,
        {"horizon.days": 8000},
        replications=10,
    ),
    Case(
        "siding-waits",
        "two trains, one siding: the one that waits (by hand)",
        "siding",
        "d",
        _transit("eastbound"),
        lambda scenario: _meet(scenario, waits=True),
        replications=2,
        is_certain=True,
    ),
    Case(
        "siding-passes",
        "two trains, one siding: the one that passes (by hand)",
        "siding",
        "d",
        _transit("westbound"),
        lambda scenario: _meet(scenario, waits=False),
        replications=2,
        is_certain=True,
    ),
)
