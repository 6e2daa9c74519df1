"""When what is stated of money and energy has no effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.spec.effect._idle import Idle
from sim.spec.effect._uses import Uses


def _brought(uses: Uses, kind: str, name: str) -> bool:
    """Return whether a project of the catalogue would change the part *name* of a *kind*."""
    changes = (project.change.get(kind) for project in uses.spec.project_catalogue.values())
    return any(isinstance(change, Mapping) and name in change for change in changes)


def _vessel(uses: Uses, vessel: str) -> bool:
    if vessel in uses.classes or _brought(uses, "vessels", vessel):
        return False
    return not any(_fleet_of_project(uses, vessel))


def _fleet_of_project(uses: Uses, vessel: str) -> Iterator[bool]:
    """Yield, for every service that a project would change, whether it brings the class."""
    for project in uses.spec.project_catalogue.values():
        services = project.change.get("services")
        for change in services.values() if isinstance(services, Mapping) else ():
            vessels = change.get("vessels") if isinstance(change, Mapping) else None
            yield isinstance(vessels, Mapping) and vessel in vessels


def _unit(uses: Uses, unit: str) -> bool:
    return unit not in uses.units


def _line(uses: Uses, carrier: str) -> bool:
    kinds = ("trains", "services", "roads")
    return carrier not in uses.carriers and not any(_brought(uses, kind, carrier) for kind in kinds)


def _border(uses: Uses, border: str) -> bool:
    return ("borders", border) not in uses.links and not _brought(uses, "borders", border)


def _section(uses: Uses, section: str) -> bool:
    return ("sections", section) not in uses.links and not _brought(uses, "sections", section)


def _tariff(uses: Uses, carrier: str, unit: str) -> bool:
    return carrier in uses.carriers and not uses.goes_by(carrier, unit)


def _no_trucks(uses: Uses) -> bool:
    return not any(road in uses.carriers for road in uses.spec.roads)


def _source(uses: Uses, source: str) -> bool:
    energy = uses.spec.energy
    if energy is None:
        return False
    lists = (energy.vessels.values(), energy.traction.values(), energy.handling.values())
    if energy.trucks_per_km is not None and energy.trucks_per_km.source == source:
        return False
    used: set[str] = set()
    for uses_of_energy in lists:
        used.update(use.source for use in uses_of_energy)
    return source not in used


def _traction(uses: Uses, kind: str) -> bool:
    energy = uses.spec.energy
    return energy is not None and kind not in energy.sections.values()


_NO_UNIT = Idle(_unit, "no flow is of this unit; leave it out")
_NO_UNIT_AT = Idle(
    lambda uses, _place, unit: _unit(uses, unit), "no flow is of this unit; leave it out"
)
_NO_VESSEL = Idle(_vessel, "sails on no service, and no project brings it; leave it out")
_NO_ROAD = Idle(_no_trucks, "no flow goes by road, so no truck runs; leave it out")

TABLE: Mapping[str, Idle] = {
    "money.vessels.*": _NO_VESSEL,
    "money.trucks_usd_per_km": _NO_ROAD,
    "money.hire_usd_per_day.*": _NO_UNIT,
    "money.rail_usd_per_km.*": _NO_UNIT,
    "money.road_usd_per_km.*": _NO_UNIT,
    "money.empty_share.*": _NO_UNIT,
    "money.time_usd_per_day.*": _NO_UNIT,
    "money.handling_usd.*": Idle(
        lambda uses, place: place not in uses.callers, "no service calls here; leave it out"
    ),
    "money.handling_usd.*.*": _NO_UNIT_AT,
    "money.borders_usd.*": Idle(_border, "no train crosses it; leave it out"),
    "money.borders_usd.*.*": _NO_UNIT_AT,
    "money.tariffs_usd.*": Idle(_line, "no flow goes by it; leave it out"),
    "money.tariffs_usd.*.*": Idle(_tariff, "no flow sends such a unit by it; leave it out"),
    "energy.sources.*": Idle(_source, "nothing uses it; name it as the 'source' of something"),
    "energy.traction.*": Idle(_traction, "no section has it; name it under 'sections'"),
    "energy.sections.*": Idle(_section, "no train runs over it; leave it out"),
    "energy.vessels.*": _NO_VESSEL,
    "energy.trucks_per_km": _NO_ROAD,
    "energy.tare_t.*": _NO_UNIT,
    "energy.hauled_empty.*": _NO_UNIT,
    "energy.handling.*": _NO_UNIT,
}
