"""Cases of queues: gates, train paths, priority at a border, tandems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.log import names
from sim.spec.scenario import ScenarioSpec
from sim.verify import theory
from sim.verify.case import (
    CLOSE,
    HEAVY,
    TIME_FAR_AWAY,
    Case,
    Control,
    Exact,
    hours,
    offered,
    rate_per_h,
    time_at_gate,
    transit,
    variation,
    wait,
)

# -- arrivals by the hour
# --------------------------------------------------------------------------------------------------


def _daily_train(scenario: ScenarioSpec) -> float:
    """Return the mean wait for a train at midnight and noon [d]: an hour's arrivals wait half an
    hour and the full hours that follow."""
    weights = scenario.flows["boxes"].hours_of_day or (1.0,) * 24
    waits_h = [11.5 - hour % 12 for hour in range(24)]
    weighted = [weight * wait_h for weight, wait_h in zip(weights, waits_h, strict=True)]
    return sum(weighted) / sum(weights) / 24


BY_THE_HOUR = (
    Case(
        id="by-the-hour",
        what="Poisson arrivals by hour of day, for two trains a day (integral of the intensity)",
        file="by-the-hour",
        unit="d",
        row=wait("wait_train", "boxes", names.stack("mine", "shuttle")),
        exact=_daily_train,
        controls=(offered("boxes"),),
    ),
)

# -- one gate
# --------------------------------------------------------------------------------------------------

LANES = "roads.street.gates.port.lanes"
TIME = "roads.street.gates.port.time"
PER_DAY = "flows.trucks.arrivals.poisson.per_day"


def _gate(scenario: ScenarioSpec) -> tuple[float, int, float]:
    """Return arrivals per hour, lanes and mean service time of the gate [h]."""
    gate = scenario.roads["street"].gates["port"]
    return rate_per_h(scenario, "trucks"), gate.lanes, hours(gate.time)


def _mmc(scenario: ScenarioSpec) -> float:
    arrivals, lanes, service = _gate(scenario)
    return (theory.mmc_wait_h(arrivals, lanes, service) + service) / 24


def _batches(scenario: ScenarioSpec) -> float:
    arrivals, lanes, service = _gate(scenario)
    batch = round(scenario.flows["trucks"].consignment_units.mean)
    return (theory.batch_wait_h(arrivals, batch, lanes, service) + service) / 24


def _mdc(scenario: ScenarioSpec) -> float:
    arrivals, lanes, service = _gate(scenario)
    return (theory.mdc_wait_h(arrivals, lanes, service) + service) / 24


def _me2c(scenario: ScenarioSpec) -> float:
    arrivals, lanes, service = _gate(scenario)
    return (theory.merlang_wait_h(arrivals, lanes, service, 2) + service) / 24


def _mg1(scenario: ScenarioSpec) -> float:
    arrivals, _, service = _gate(scenario)
    cv = variation(scenario.roads["street"].gates["port"].time)
    return (theory.mg1_wait_h(arrivals, service, cv) + service) / 24


def _at_gate(name: str, what: str, exact: Exact, changes: Mapping[str, Any], **more: Any) -> Case:
    controls = [offered("trucks")]
    # A time at the gate that is written as a text is constant and needs no control.
    if not isinstance(changes.get(TIME), str):
        controls.append(time_at_gate("trucks", "street", "port"))
    return Case(
        id=name,
        what=what,
        file="gate",
        unit="d",
        row=transit("trucks"),
        exact=exact,
        changes=changes,
        controls=tuple(controls),
        **more,
    )


GATES = (
    _at_gate("mm1", "M/M/1, load 0.5 (Erlang)", _mmc, {"horizon.days": 7000}),
    _at_gate(
        "mm2", "M/M/2, load 0.6 (Erlang)", _mmc, {LANES: 2, PER_DAY: 28.8, "horizon.days": 2800}
    ),
    _at_gate("mm5", "M/M/5, load 0.7 (Erlang)", _mmc, {LANES: 5, PER_DAY: 84, "horizon.days": 800}),
    _at_gate(
        "mm3-heavy",
        "M/M/3, load 0.9 (Erlang)",
        _mmc,
        {LANES: 3, PER_DAY: 64.8, "horizon.days": 3000},
        tolerance=HEAVY,
    ),
    _at_gate(
        "md3",
        "M/D/3, load 0.7 (Crommelin)",
        _mdc,
        {LANES: 3, PER_DAY: 50.4, TIME: "1h", "horizon.days": 400},
    ),
    _at_gate(
        "me2-2",
        "M/E2/2, load 0.6 (Markov chain)",
        _me2c,
        {LANES: 2, PER_DAY: 28.8, TIME: {"erlang": {"mean": "1h", "k": 2}}, "horizon.days": 1700},
    ),
    _at_gate(
        "mg1-uneven",
        "M/G/1, lognormal, variation 1.25, load 0.3 (Pollaczek, Khinchine)",
        _mg1,
        {PER_DAY: 7.2, TIME: {"lognormal": {"mean": "1h", "cv": 1.25}}, "horizon.days": 8000},
        replications=30,
    ),
    _at_gate(
        "batches-2",
        "M^[4]/M/2, consignments of four trucks, load 0.6 (recursion)",
        _batches,
        {LANES: 2, PER_DAY: 7.2, "flows.trucks.consignment_units": 4, "horizon.days": 4500},
        replications=30,
    ),
    _at_gate(
        "mg1-even",
        "M/G/1, gamma, variation 0.5, load 0.6 (Pollaczek, Khinchine)",
        _mg1,
        {PER_DAY: 14.4, TIME: {"gamma": {"mean": "1h", "cv": 0.5}}, "horizon.days": 3200},
    ),
)


# -- train paths
# --------------------------------------------------------------------------------------------------


def _paths(scenario: ScenarioSpec) -> float:
    section = scenario.sections["track"]
    headway_h = 24 / (section.paths_per_day or 1.0)
    wait_h = theory.mdc_wait_h(rate_per_h(scenario, "wagons"), 1, headway_h)
    return (wait_h + hours(section.running)) / 24


PATHS = (
    Case(
        id="md1",
        what="M/D/1 for train paths, load 0.6 (Crommelin)",
        file="md1",
        unit="d",
        row=transit("wagons"),
        exact=_paths,
        changes={"horizon.days": 900},
    ),
)


# -- a ban that meters
# --------------------------------------------------------------------------------------------------


def _metered(scenario: ScenarioSpec) -> float:
    service_h = 24 / scenario.embargoes["ban"].quota["wagon"]
    wait_h = theory.mdc_wait_h(rate_per_h(scenario, "wagons"), 1, service_h)
    return (wait_h + hours(scenario.sections["track"].running)) / 24


BANS = (
    Case(
        id="md1-ban",
        what="M/D/1 for the quota of a ban, load 0.6 (Crommelin)",
        file="metered-ban",
        unit="d",
        row=transit("wagons"),
        exact=_metered,
        controls=(offered("wagons"),),
    ),
)


# -- dwell
# --------------------------------------------------------------------------------------------------


def _dwelling(scenario: ScenarioSpec) -> float:
    papers = scenario.dwell["papers"]
    time_h = hours(papers.time)
    if papers.faults is not None:
        time_h += papers.faults.share * hours(papers.faults.time)
    return rate_per_h(scenario, "boxes") * time_h


DWELLS = (
    Case(
        id="mg-infinity-dwell",
        what="M/G/infinity, boxes that dwell: rate times mean time",
        file="dwell",
        unit="units",
        row={"name": "dwell_units_mean", "where": names.stack("yard", "shuttle")},
        exact=_dwelling,
        changes={"horizon.days": 1200},
        controls=(offered("boxes"),),
    ),
)


# -- priority at a border
# --------------------------------------------------------------------------------------------------


def _priority(rank: int) -> Exact:
    """Return the time through the border of the class that is served in place *rank*."""

    def exact(scenario: ScenarioSpec) -> float:
        service = hours(scenario.borders["line"].works("there")["clearance"])
        arrivals = [rate_per_h(scenario, flow) for flow in ("express", "slow")]
        return (theory.priority_waits_h(arrivals, service)[rank] + service) / 24

    return exact


PRIORITIES = (
    Case(
        id="priority-first",
        what="priority, express, load 0.2 (Cobham)",
        file="priority",
        unit="d",
        row=transit("express"),
        exact=_priority(0),
        changes={"horizon.days": 4000},
        replications=30,
    ),
    Case(
        id="priority-last",
        what="priority, slow, load 0.3 (Cobham)",
        file="priority",
        unit="d",
        row=transit("slow"),
        exact=_priority(1),
        changes={"horizon.days": 5000},
        replications=30,
    ),
)


# -- a border with another time each way
# --------------------------------------------------------------------------------------------------


def _two_ways(flow: str) -> Exact:
    """Return the time through the border of *flow*, whose direction has a time of its own."""

    def exact(scenario: ScenarioSpec) -> float:
        border = scenario.borders["line"]
        arrivals = rate_per_h(scenario, "inward"), rate_per_h(scenario, "outward")
        inward, outward = (hours(border.works(end)["clearance"]) for end in ("inland", "abroad"))
        wait_h = theory.mhyper_wait_h(arrivals, (inward, outward), border.tracks or 1)
        return (wait_h + (inward if flow == "inward" else outward)) / 24

    return exact


def _time_at_border(flow: str, towards: str) -> Control:
    return Control(
        wait("border", flow, "line"),
        lambda scenario: hours(scenario.borders["line"].works(towards)["clearance"]) / 24,
    )


def _both_ways(name: str, what: str, flow: str, changes: Mapping[str, Any]) -> Case:
    return Case(
        id=name,
        what=what,
        file="border-two-ways",
        unit="d",
        row=transit(flow),
        exact=_two_ways(flow),
        changes=changes,
        controls=(
            offered("inward"),
            offered("outward"),
            _time_at_border("inward", "inland"),
            _time_at_border("outward", "abroad"),
        ),
        replications=30,
        # The wait behind two classes varies more from run to run than that at a gate.
        tolerance=2 * CLOSE,
    )


# -- a border with another priority each way
# --------------------------------------------------------------------------------------------------


def _priority_by_direction(flow: str) -> Exact:
    """Return the time through the border of *flow*, whose direction has a priority of its own."""
    ends = {"inward": "inland", "outward": "abroad"}

    def exact(scenario: ScenarioSpec) -> float:
        border = scenario.borders["line"]
        ordered = sorted(ends, key=lambda name: border.priority[ends[name]])
        service_h = hours(border.works(ends[flow])["clearance"])
        arrivals = [rate_per_h(scenario, name) for name in ordered]
        wait_h = theory.priority_waits_h(arrivals, service_h)[ordered.index(flow)]
        return (wait_h + service_h) / 24

    return exact


def _by_direction(name: str, what: str, flow: str, days: int) -> Case:
    return Case(
        id=name,
        what=what,
        file="border-priority",
        unit="d",
        row=transit(flow),
        exact=_priority_by_direction(flow),
        changes={"horizon.days": days},
        controls=(offered("inward"), offered("outward")),
        replications=30,
    )


BORDERS = (
    _by_direction("border-priority-in", "border, inward first, load 0.2 (Cobham)", "inward", 4000),
    _by_direction(
        "border-priority-out", "border, outward last, load 0.3 (Cobham)", "outward", 5000
    ),
    _both_ways(
        "border-two-ways-in",
        "border, 2 tracks, 6 h in and 2 h out, load 0.53: inward (Markov chain)",
        "inward",
        {},
    ),
    _both_ways(
        "border-two-ways-out",
        "border, 2 tracks, 6 h in and 2 h out, load 0.53: outward (Markov chain)",
        "outward",
        {"horizon.days": 5000},
    ),
)


# -- several stations
# --------------------------------------------------------------------------------------------------


def _jackson(scenario: ScenarioSpec) -> float:
    through, local = rate_per_h(scenario, "through"), rate_per_h(scenario, "local")
    yard, port = scenario.roads["street"].gates["yard"], scenario.roads["quay"].gates["port"]
    stations = [
        (through, yard.lanes, hours(yard.time)),
        (through + local, port.lanes, hours(port.time)),
    ]
    return theory.jackson_sojourn_h(stations) / 24


def _blocked(scenario: ScenarioSpec) -> float:
    unloading_h = hours(scenario.trains["shuttle"].handling["port"])
    away_h = hours(scenario.services["line"].handling["far"])
    places = scenario.ports["port"].stacks.sea["wagon"]
    until_loaded_h = theory.blocked_tandem_sojourn_h(
        rate_per_h(scenario, "wagons"), unloading_h, places, away_h
    )
    return (hours(scenario.sections["track"].running) + until_loaded_h + away_h) / 24


TANDEMS = (
    Case(
        id="jackson",
        what="two gates in a row, others join (Jackson)",
        file="tandem",
        unit="d",
        row=transit("through"),
        exact=_jackson,
        changes={"horizon.days": 1500},
        controls=(
            offered("through"),
            offered("local"),
            time_at_gate("through", "street", "yard"),
            time_at_gate("through", "quay", "port"),
        ),
    ),
    Case(
        id="blocked-tandem",
        what="unloading that three places on the quay limit (Markov chain)",
        file="blocked-tandem",
        unit="d",
        row=transit("wagons"),
        exact=_blocked,
        changes={"horizon.days": 2600},
        controls=(offered("wagons"), TIME_FAR_AWAY),
    ),
)
