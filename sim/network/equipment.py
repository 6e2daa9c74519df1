"""Fleets of wagons, platforms and containers as plans in codes."""

from __future__ import annotations

from sim.log import names
from sim.network.codes import Codes
from sim.network.parts import EquipmentPlan


def equipment(codes: Codes, name: str) -> EquipmentPlan:
    """Return a fleet with a resource code for waiting at each place where it is used."""
    fleet = codes.spec.equipment[name]
    places = list(fleet.fleet)
    for flow in codes.spec.flows.values():
        if flow.equipment == name:
            places += [flow.origin, flow.destination]
    places = list(dict.fromkeys(places))
    return EquipmentPlan(
        id=name,
        idle={codes.places[place]: fleet.fleet.get(place, 0) for place in places},
        resources={
            codes.places[place]: codes.resources.code(
                names.equipment_at(name, place), "equipment", place, 0
            )
            for place in places
        },
        dwell=fleet.dwell,
    )
