"""Refusal of worlds that would eat the machine: the number that is too large, and what to do about
it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import fsum, inf

from sim.spec.demand import Flow
from sim.spec.fields import NO_TIME, at_end
from sim.spec.findings import Finding
from sim.spec.itineraries import Leg, deck_share, fleet, itineraries_if_any, train_share
from sim.spec.scenario import ScenarioSpec
from sim.spec.sea import Service, crossing_time
from sim.spec.traces import Trace
from sim.units import DAY

MOST_CONSIGNMENTS = 20_000_000
MOST_VESSELS = 10_000
MOST_CALLS = 20_000_000


def check_size(scenario: ScenarioSpec, traces: Mapping[str, Trace]) -> Iterator[Finding]:
    """Yield what is too many: consignments, vessels or calls of vessels in one run."""
    yield from _consignments(scenario, traces)
    vessels = {service: sum(fleet(scenario, service).values()) for service in scenario.services}
    if sum(vessels.values()) > MOST_VESSELS:
        most = max(vessels, key=lambda service: vessels[service])
        what = f"{sum(vessels.values()):,} vessels in all; at most {MOST_VESSELS:,} are simulated"
        yield Finding(("services", most, "vessels"), what)
    yield from _loads(scenario, traces)
    for section, track in scenario.sections.items():
        runs = (
            2
            * track.background_trains_per_day
            * scenario.horizon.longest_days
            * ((track.loops or 0) + 1)
        )
        if track.loops is not None and runs > MOST_CONSIGNMENTS:
            what = f"makes {runs:.2g} passages of blocks by other trains; at most {MOST_CONSIGNMENTS:,} are simulated"
            yield Finding(("sections", section, "background_trains_per_day"), what)
    for service, spec in scenario.services.items():
        round_trip_s = _shortest_round_trip_s(scenario, service, spec)
        calls = 2 * vessels[service] * scenario.horizon.longest_days * DAY / max(round_trip_s, 1.0)
        if calls > MOST_CALLS:
            what = f"up to {calls:.2g} calls, with a round trip of {round_trip_s:g} s; at most {MOST_CALLS:,}"
            yield Finding(
                ("services", service),
                f"{what} are simulated: give longer times or a shorter horizon",
            )


def _consignments(scenario: ScenarioSpec, traces: Mapping[str, Trace]) -> Iterator[Finding]:
    counts = {flow: _born(scenario, flow, traces) for flow in scenario.flows}
    total = fsum(counts.values())
    if total <= MOST_CONSIGNMENTS:
        return
    most = max(counts, key=lambda flow: counts[flow])
    scale = _scale(scenario, scenario.flows[most])
    what = f"{total:.3g} consignments in {scenario.horizon.longest_days} days, most of them here at scale {scale:g}"
    remedy = "make consignments larger, the scale smaller or the horizon shorter"
    yield Finding(("flows", most), f"{what}; at most {MOST_CONSIGNMENTS:,} are simulated: {remedy}")


def _loads(scenario: ScenarioSpec, traces: Mapping[str, Trace]) -> Iterator[Finding]:
    """Refuse more train loads, deck loads and parts of consignments than can be simulated."""
    for flow, spec in scenario.flows.items():
        ways = itineraries_if_any(scenario, flow)
        if not ways:
            return
        units = _born(scenario, flow, traces) * spec.consignment_units.mean
        pieces = [_piece(scenario, leg, spec.unit) for way in ways for leg in way.legs]
        loads = units / min(pieces)
        if loads > MOST_CONSIGNMENTS:
            what = f"{loads:.2g} loads of {min(pieces):g} {spec.unit}; at most {MOST_CONSIGNMENTS:,} are simulated"
            yield Finding(("flows", flow), f"{what}: make consignments smaller or vehicles larger")


def _piece(scenario: ScenarioSpec, leg: Leg, unit: str) -> float:
    """Return how many units go together on a leg at most: a load, or what there is room for before
    it."""
    port = scenario.ports.get(leg.origin)
    limits = {} if port is None else port.stacks.sea if leg.kind == "service" else port.stacks.land
    room = float(limits.get(unit, inf)) if leg.kind != "road" else inf
    if leg.kind == "train":
        share = train_share(scenario, leg.carrier, unit)
        return min(room, float(1 / share) if share else inf)
    if leg.kind == "service":
        shares = [deck_share(scenario, vessel, unit) for vessel in fleet(scenario, leg.carrier)]
        return min(room, max((float(1 / share) for share in shares if share), default=inf))
    return room


def _scale(scenario: ScenarioSpec, spec: Flow) -> float:
    scale = scenario.demand.scale_of(spec.scope)
    if spec.scope == "titr":
        years = scenario.horizon.days / 365
        scale *= max(1.0, (1 + scenario.demand.growth_per_year) ** years)
    return scale


def _born(scenario: ScenarioSpec, flow: str, traces: Mapping[str, Trace]) -> float:
    """Return how many consignments of a flow one run makes."""
    spec = scenario.flows[flow]
    arrivals = spec.arrivals
    if arrivals.returns is not None:
        return arrivals.returns.share * _born(scenario, arrivals.returns.flow, traces)
    scale = _scale(scenario, spec)
    if arrivals.surplus is not None:
        # Empties go back as often as cargo of the same fleet comes.
        users = [
            name for name, other in scenario.flows.items() if other.equipment == spec.equipment
        ]
        loads = [name for name in users if scenario.flows[name].arrivals.surplus is None]
        return fsum(_born(scenario, name, traces) for name in loads)
    if arrivals.trace is not None:
        return len(traces.get(flow, ())) * scale
    return spec.consignments_per_year / 365 * scenario.horizon.longest_days * scale


def _shortest_round_trip_s(scenario: ScenarioSpec, service: str, spec: Service) -> float:
    """Return the mean round trip of the fastest class without any wait [s]."""
    times = []
    for vessel in fleet(scenario, service):
        ship = scenario.vessels[vessel]
        default = ship.handling or NO_TIME
        calls_s = fsum(at_end(spec.handling, end, default).mean for end in spec.ends)
        times.append(2 * crossing_time(spec, ship).mean + calls_s)
    return min(times, default=float(DAY))
