"""Codes of names: places, units, vessel classes, carriers, flows, and resources as they are met."""

from __future__ import annotations

from sim.network.registry import Registry
from sim.spec.load import Scenario


class Codes:
    """What every name of a scenario is called in the network, while its parts are put together."""

    def __init__(self, loaded: Scenario) -> None:
        self.loaded = loaded
        self.scenario = loaded.spec
        self.places = {place: code for code, place in enumerate(self.scenario.places)}
        self.units = {unit: code for code, unit in enumerate(_units(loaded))}
        self.classes = {vessel: code for code, vessel in enumerate(self.scenario.vessels)}
        carriers = [("train", t) for t in self.scenario.trains]
        carriers += [("service", s) for s in self.scenario.services] + [
            ("road", r) for r in self.scenario.roads
        ]
        self.carriers = {carrier: code for code, (_, carrier) in enumerate(carriers)}
        self.kinds = {carrier: kind for kind, carrier in carriers}
        self.flow_codes = {flow: code for code, flow in enumerate(self.scenario.flows)}
        self.resources = Registry()
        self.groups = list(
            dict.fromkeys(f.segregation for f in self.scenario.flows.values() if f.segregation)
        )


def _units(loaded: Scenario) -> tuple[str, ...]:
    """Units in use, in order of the flows; a unit need not be declared."""
    return tuple(dict.fromkeys(flow.unit for flow in loaded.spec.flows.values()))
