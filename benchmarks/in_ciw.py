"""The reduced corridor in Ciw, an independent simulator of queueing networks.

Customers are trains (or boxes), nodes are paths, tracks and legs, and the ship is a slotted
service: at its times so many customers board. Ciw has no locomotives that are held over several
nodes, no ships that leave when full, no berths and no storms, so `COMPARABLE` takes these out of
the scenario, and `Timetabled` writes the same by hand.
"""

from __future__ import annotations

import ciw
from plain import TrainByTrain

from sim.network.parts import Network
from sim.units import HOUR

SAILS_EVERY_H = 12
COMPARABLE = {
    "locomotives.west.locomotives": 500,
    "locomotives.east.locomotives": 500,
    "weather": None,
    "ports.aktau.berths.container": {"berths": 40, "units_per_h": None},
    "ports.alat.berths.container": {"berths": 40, "units_per_h": None},
    "services.caspian.vessels": 40,
    "services.caspian.crossing": "20h",
    "services.caspian.departure.aktau": {"timetable": ["00:00", "12:00"]},
}
"""Changes that leave in the scenario only what Ciw can express."""


def train_by_train(network: Network, seed: int) -> tuple[float, int]:
    """Return the mean transit time of trains [d] and their number."""
    to_sea, from_sea = network.trains
    handling_h = to_sea.handling[0].mean / HOUR
    legs = [*to_sea.links[0], from_sea.links[0][0]]
    path, run = [], []
    for leg in legs:
        mean_h, headway_h = leg.running.mean / HOUR, leg.headway_s / HOUR
        cv = leg.running.variance**0.5 / leg.running.mean
        path.append(ciw.dists.Deterministic(headway_h))
        run.append(ciw.dists.Gamma(1 / cv**2, mean_h * cv**2) - ciw.dists.Deterministic(headway_h))
    fleet = network.services[0].fleet[0]
    sea = ciw.dists.Deterministic((fleet.crossing.mean + fleet.handling[1].mean) / HOUR)
    work = ciw.dists.Deterministic(handling_h)
    per_sailing = fleet.deck.size // to_sea.deck.size
    ship = ciw.Slotted(slots=[float(SAILS_EVERY_H)], slot_sizes=[per_sailing])
    inf = float("inf")
    services = [work, path[0], run[0], path[1], run[1], work, sea, work, path[2], run[2], work]
    servers = [inf, 1, inf, 1, inf, 1, ship, 1, 1, inf, inf]
    first_h, last_h = network.warmup_s / HOUR, network.window_end_s / HOUR
    per_h = network.flows[0].arrivals.per_s * HOUR
    return _run(services, servers, (per_h, 1), (first_h, last_h), seed)


def box_by_box(network: Network, boxes: int, days: float, seed: int) -> tuple[float, int]:
    """Return the mean transit time of boxes [d] and the number of trains of *boxes*.

    There are no queues on rail.
    """
    to_sea, from_sea = network.trains
    rail_h = (2 * to_sea.handling[0].mean + sum(leg.running.mean for leg in to_sea.links[0])) / HOUR
    inland_h = (2 * from_sea.handling[0].mean + from_sea.links[0][0].running.mean) / HOUR
    fleet = network.services[0].fleet[0]
    sea_h = (fleet.crossing.mean + fleet.handling[1].mean) / HOUR
    ship = ciw.Slotted(slots=[float(SAILS_EVERY_H)], slot_sizes=[2 * boxes])
    services = [ciw.dists.Deterministic(h) for h in (rail_h, sea_h, inland_h)]
    per_h = network.flows[0].arrivals.per_s * HOUR
    transit_d, customers = _run(
        services, [float("inf"), ship, float("inf")], (per_h, boxes), (0, days * 24), seed
    )
    return transit_d, customers // boxes


def _run(services, servers, arrivals, window_h, seed):
    per_h, batch = arrivals
    nodes = len(services)
    routing = [[1.0 if to == node + 1 else 0.0 for to in range(nodes)] for node in range(nodes)]
    arriving = [ciw.dists.Exponential(per_h)] + [None] * (nodes - 1)
    batches = [ciw.dists.Deterministic(batch)] + [ciw.dists.Deterministic(1)] * (nodes - 1)
    network = ciw.create_network(
        arrival_distributions=arriving,
        batching_distributions=batches,
        service_distributions=services,
        number_of_servers=servers,
        routing=routing,
    )
    ciw.seed(seed)
    model = ciw.Simulation(network)
    first_h, last_h = window_h
    model.simulate_until_max_time(last_h + 20 * 24)
    arrived_h, left_h = {}, {}
    for record in model.get_all_records():
        if record.node == 1:
            arrived_h[record.id_number] = record.arrival_date
        if record.node == nodes:
            left_h[record.id_number] = record.exit_date
    transit_h = []
    for customer, at_h in arrived_h.items():
        if first_h <= at_h < last_h and customer in left_h:
            transit_h.append(left_h[customer] - at_h)
    return sum(transit_h) / len(transit_h) / 24, len(arrived_h)


class Timetabled(TrainByTrain):
    """The reduced corridor by hand, its ship sailing by a timetable."""

    def ship(self, number):
        if number:
            return
        per_sailing = self.fleet.deck.size // self.to_sea.deck.size
        while True:
            yield self.env.timeout(SAILS_EVERY_H * HOUR)
            # A load that comes in the second of departure still boards, as in the scenario.
            yield self.env.timeout(0)
            aboard = []
            while self.yard.items and len(aboard) < per_sailing:
                aboard.append((yield self.yard.get()))
            self.env.process(self.cross(aboard))

    def cross(self, loads):
        yield self.env.timeout(round(self.fleet.crossing.mean + self.fleet.handling[1].mean))
        for units, created_s in loads:
            self.env.process(self.train_from_sea(units, created_s))
