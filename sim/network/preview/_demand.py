"""The demand of a year: units of each flow, and what they make of each leg."""

from __future__ import annotations

from collections import defaultdict
from math import fsum

from sim.network.parts import (
    DeparturePlan,
    FlowPlan,
    Network,
    PoissonPlan,
    RenewalPlan,
    ReturnsPlan,
    SchedulePlan,
    TracePlan,
    TrainLine,
)
from sim.units import YEAR


def units_per_year(network: Network) -> tuple[float, ...]:
    """Return the units per year that each flow offers at its scale, by flow code.

    Returns follow from the flow that delivers; surplus equipment is not counted.
    """
    return tuple(_offered_per_year(network, flow) for flow in network.flows)


def _offered_per_year(network: Network, flow: FlowPlan) -> float:
    arrivals = flow.arrivals
    if isinstance(arrivals, ReturnsPlan):
        return _offered_per_year(network, network.flows[arrivals.flow]) * arrivals.share
    return _written_per_year(network, flow) * flow.scale


def _written_per_year(network: Network, flow: FlowPlan) -> float:
    """Return the units per year at scale 1."""
    arrivals, units = flow.arrivals, flow.consignment_units.mean
    if isinstance(arrivals, PoissonPlan):
        return arrivals.per_s * YEAR * units
    if isinstance(arrivals, RenewalPlan):
        return YEAR / arrivals.interval.mean * units
    if isinstance(arrivals, SchedulePlan):
        return YEAR / arrivals.every_s * units
    if isinstance(arrivals, TracePlan):
        listed = fsum(count for at_s, count in arrivals.rows if at_s < network.window_end_s)
        return listed * YEAR / network.window_end_s
    return 0.0


class Traffic:
    """What a year brings to each leg, a leg being ``(carrier, direction)``."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.units: dict[tuple[int, int], dict[int, float]] = defaultdict(
            lambda: defaultdict(float)
        )
        """Units by leg and unit code."""
        self.flows: dict[tuple[int, int], dict[int, float]] = defaultdict(
            lambda: defaultdict(float)
        )
        """Units by leg and flow code."""
        self.consignments: dict[tuple[int, int], float] = defaultdict(float)
        for flow, total in zip(network.flows, units_per_year(network), strict=True):
            for way in flow.ways:
                for leg in way.legs:
                    self.units[leg][flow.unit] += total * way.share
                    self.flows[leg][flow.code] += total * way.share
                    self.consignments[leg] += total * way.share / flow.consignment_units.mean

    def filled_trains(self, line: TrainLine, direction: int) -> float:
        """Return trains per year if each is filled as far as its rule asks."""
        leg, deck = (line.carrier, direction), line.deck
        room = fsum(count * deck.per_unit[unit] for unit, count in self.units[leg].items())
        return room / deck.size / _fill(line.departure[direction])

    def mix(self, line: TrainLine, direction: int) -> dict[int, float]:
        """Return the share of each flow in the trains of a line, by the room that it takes."""
        flows, per_unit = self.flows[line.carrier, direction], line.deck.per_unit
        room = {
            code: units * per_unit[self._network.flows[code].unit] for code, units in flows.items()
        }
        total = fsum(room.values())
        return {code: part / total for code, part in room.items()} if total else {}

    def trains(self, line: TrainLine, direction: int) -> float:
        """Return trains per year: filled ones, or as many as the longest wait or headway sends."""
        leg, rule = (line.carrier, direction), line.departure[direction]
        filled = self.filled_trains(line, direction)
        interval_s = rule.longest_wait_s or rule.headway_s
        if rule.times_of_week or interval_s is None or filled * interval_s >= YEAR:
            return filled
        return max(filled, min(self.consignments[leg], YEAR / interval_s))


def _fill(rule: DeparturePlan) -> float:
    """Return the share of its room with which a train leaves."""
    return rule.full or 1.0
