"""Checks of size: what is more than one run can simulate, and what to do about it.

Counts have ceilings that nobody can raise; the memory of a run has a limit that its user can.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil, fsum, inf

from sim.spec.demand import Flow
from sim.spec.findings import Finding
from sim.spec.itineraries import fleet, itineraries_if_any
from sim.spec.scenario import ScenarioSpec
from sim.spec.sea import Service
from sim.spec.size import Size, laden_flows, shortest_round_trip_s, smallest_load_of
from sim.spec.traces import Trace
from sim.units import DAY

MOST_CONSIGNMENTS = 20_000_000
MOST_VESSELS = 10_000
MOST_CALLS = 20_000_000


def check_size(scenario: ScenarioSpec, traces: Mapping[str, Trace]) -> Iterator[Finding]:
    """Yield what is too many: consignments, loads, vessels, calls or passages in one run."""
    yield from _consignments(scenario, traces)
    yield from _vessels(scenario)
    yield from _loads(scenario, traces)
    yield from _passages(scenario)
    for service, spec in scenario.services.items():
        yield from _calls(scenario, service, spec)


def check_memory(
    scenario: ScenarioSpec, traces: Mapping[str, Trace], size: Size, limit_gb: float
) -> Iterator[Finding]:
    """Yield that a run of *size* takes more memory than is allowed."""
    if size.memory_gb <= limit_gb:
        return
    counts = {flow: _consignments_of(scenario, flow, traces) for flow in scenario.flows}
    largest = max(counts, key=lambda flow: counts[flow])
    scale = _largest_scale(scenario, scenario.flows[largest])
    enough_gb = ceil(1.1 * size.memory_gb)
    what = (
        f"one run makes {size} in {scenario.horizon.longest_days} days, more than {limit_gb:g} GB"
    )
    what += (
        f"; most consignments are here, at scale {scale:g}: make them larger, the scale smaller or"
    )
    what += (
        f" the horizon shorter, or allow more with --memory {enough_gb} (memory_gb in notebooks)"
    )
    yield Finding(("flows", largest), what)


def _vessels(scenario: ScenarioSpec) -> Iterator[Finding]:
    vessels = {service: sum(fleet(scenario, service).values()) for service in scenario.services}
    total = sum(vessels.values())
    if total > MOST_VESSELS:
        largest = max(vessels, key=lambda service: vessels[service])
        what = f"{total:,} vessels in all; at most {MOST_VESSELS:,} are simulated"
        yield Finding(("services", largest, "vessels"), what)


def _passages(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield sections on which other trains enter too many blocks."""
    for section, track in scenario.sections.items():
        if track.loops is None:
            continue
        trains = 2 * track.background_trains_per_day * scenario.horizon.longest_days
        passages = trains * (track.loops + 1)
        if passages > MOST_CONSIGNMENTS:
            what = f"makes {passages:.2g} passages of blocks by other trains"
            what += f"; at most {MOST_CONSIGNMENTS:,} are simulated"
            yield Finding(("sections", section, "background_trains_per_day"), what)


def _calls(scenario: ScenarioSpec, service: str, spec: Service) -> Iterator[Finding]:
    vessels, days = sum(fleet(scenario, service).values()), scenario.horizon.longest_days
    round_trip_s = shortest_round_trip_s(scenario, service, spec)
    calls = 2 * vessels * days * DAY / round_trip_s
    if calls > MOST_CALLS:
        what = f"up to {calls:.2g} calls, with a round trip of {round_trip_s:g} s"
        what += f"; at most {MOST_CALLS:,} are simulated: give longer times or a shorter horizon"
        yield Finding(("services", service), what)


# -- cargo
# ------------------------------------------------------------------------------------------------


def _consignments(scenario: ScenarioSpec, traces: Mapping[str, Trace]) -> Iterator[Finding]:
    counts = {flow: _consignments_of(scenario, flow, traces) for flow in scenario.flows}
    total = fsum(counts.values())
    if total <= MOST_CONSIGNMENTS:
        return
    largest = max(counts, key=lambda flow: counts[flow])
    scale = _largest_scale(scenario, scenario.flows[largest])
    what = f"{total:.3g} consignments in {scenario.horizon.longest_days} days, most of them here at scale {scale:g}"
    what += f"; at most {MOST_CONSIGNMENTS:,} are simulated: "
    what += "make consignments larger, the scale smaller or the horizon shorter"
    yield Finding(("flows", largest), what)


def _consignments_of(scenario: ScenarioSpec, flow: str, traces: Mapping[str, Trace]) -> float:
    """Return how many consignments of *flow* are created in one run."""
    cargo = scenario.flows[flow]
    arrivals = cargo.arrivals
    if arrivals.returns is not None:
        return arrivals.returns.share * _consignments_of(scenario, arrivals.returns.flow, traces)
    if arrivals.surplus is not None:
        # Empties go back as often as cargo of the same fleet comes.
        return fsum(
            _consignments_of(scenario, other, traces)
            for other in laden_flows(scenario, cargo.equipment)
        )
    scale = _largest_scale(scenario, cargo)
    if arrivals.trace is not None:
        return len(traces.get(flow, ())) * scale
    return cargo.consignments_per_year / 365 * scenario.horizon.longest_days * scale


def _largest_scale(scenario: ScenarioSpec, flow: Flow) -> float:
    """Return how many times the written demand is offered at most, growth included."""
    scale = scenario.demand.scale_of(flow.scope)
    years = scenario.horizon.days / 365
    return scale * max(1.0, (1 + scenario.demand.growth_of(flow)) ** years)


def _loads(scenario: ScenarioSpec, traces: Mapping[str, Trace]) -> Iterator[Finding]:
    """Yield flows that make more train loads, deck loads or parts than can be simulated."""
    for flow, cargo in scenario.flows.items():
        ways = itineraries_if_any(scenario, flow)
        units = _consignments_of(scenario, flow, traces) * cargo.consignment_units.mean
        smallest = min((smallest_load_of(scenario, way, cargo.unit) for way in ways), default=inf)
        loads = units / smallest
        if loads > MOST_CONSIGNMENTS:
            what = f"{loads:.2g} loads of {smallest:g} {cargo.unit}; at most {MOST_CONSIGNMENTS:,} are simulated"
            what += ": make consignments smaller or vehicles larger"
            yield Finding(("flows", flow), what)
