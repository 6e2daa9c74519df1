"""Rules that act on the corridor from outside, turned into plans: weather series, embargoes,
equipment, outages."""

from __future__ import annotations

from collections.abc import Mapping

from sim.log import NONE
from sim.network.codes import Codes
from sim.network.parts import (
    BreakdownPlan,
    EmbargoPlan,
    EquipmentPlan,
    InitialPlan,
    InitialVesselPlan,
    OutagePlan,
    ReassignmentPlan,
    SeaLevelPlan,
)
from sim.spec.series import beyond
from sim.units import DAY, Seconds


def series_of(codes: Codes) -> dict[tuple[int, int], tuple[tuple[Seconds, Seconds], ...]]:
    """Return, by place and vessel class, when wind or wave is beyond what the class can stand."""
    shut: dict[tuple[int, int], tuple[tuple[Seconds, Seconds], ...]] = {}
    weather = codes.scenario.weather
    for name, spec in (weather.series if weather else {}).items():
        rows = codes.loaded.weather[name]
        for vessel, ship in codes.scenario.vessels.items():
            spells = beyond(rows, ship.limits)
            for port in spec.ports if spells else ():
                shut[codes.places[port], codes.classes[vessel]] = spells
    return shut


def sea_level_of(codes: Codes) -> SeaLevelPlan | None:
    """Return the level of the sea above the datum over time."""
    spec, start = codes.scenario.sea_level, codes.scenario.horizon.start
    if spec is None:
        return None
    points = sorted(spec.level_m.items())
    return SeaLevelPlan(
        at_s=tuple((day - start).days * DAY for day, _ in points),
        level_m=tuple(level - spec.datum_m for _, level in points),
        under_keel_m=spec.under_keel_m,
    )


def embargo_of(codes: Codes, name: str) -> EmbargoPlan:
    """Return a loading ban with its levels in units."""
    spec = codes.scenario.embargoes[name]
    per_day = spec.worked_per_day or 0.0
    impose, lift = (
        level.units if level.units is not None else (level.days or 0.0) * per_day
        for level in (spec.impose, spec.lift)
    )
    codes.resources.code(name, "embargo", spec.port, 0)
    return EmbargoPlan(
        id=name,
        port=codes.places[spec.port],
        units=tuple(codes.units[unit] for unit in spec.units or codes.units if unit in codes.units),
        impose=impose,
        lift=lift,
        holds_at=frozenset(codes.places[place] for place in spec.holds_at),
        refuses=spec.cargo == "refused",
    )


def equipment_of(codes: Codes, name: str) -> EquipmentPlan:
    """Return a fleet with a code for waiting at every place where it is used."""
    spec = codes.scenario.equipment[name]
    users = [flow for flow in codes.scenario.flows.values() if flow.equipment == name]
    places = dict.fromkeys(
        (*spec.fleet, *(place for flow in users for place in (flow.origin, flow.destination)))
    )
    return EquipmentPlan(
        id=name,
        idle={codes.places[place]: spec.fleet.get(place, 0) for place in places},
        resources={
            codes.places[place]: codes.resources.code(f"{name}@{place}", "equipment", place, 0)
            for place in places
        },
        dwell=spec.dwell,
    )


def breakdowns_of(codes: Codes, pool: str) -> BreakdownPlan | None:
    """Return how the locomotives of a pool fail and are mended."""
    spec = codes.scenario.locomotives[pool].breakdowns
    if spec is None:
        return None
    crews = (
        NONE
        if spec.crews is None
        else codes.resources.code(f"{pool}/workshop", "workshop", "", spec.crews)
    )
    return BreakdownPlan(spec.every, spec.lasting, crews)


def outage_of(codes: Codes, name: str) -> OutagePlan:
    """Return what a disruption takes out, and when."""
    spec = codes.scenario.disruptions[name]
    kinds = ("section", "port", "berths", "border", "locomotives", "service")
    kind, what = next(
        (kind, getattr(spec, kind)) for kind in kinds if getattr(spec, kind) is not None
    )
    if kind == "port":
        code = codes.places[what]
    elif kind == "service":
        code = codes.carriers[what]
    else:
        # What nothing uses has no code, and its outage changes nothing.
        code = next(
            (number for number, facts in enumerate(codes.resources.facts) if facts.id == what), NONE
        )
    start = codes.scenario.horizon.start
    finish = 1.0 if spec.rate is None else spec.rate
    return OutagePlan(
        id=name,
        kind=kind,
        code=code,
        from_s=NONE if spec.from_ is None else (spec.from_ - start).days * DAY,
        every=spec.every,
        lasting=spec.lasting,
        lost=0 if spec.rate is not None else spec.lost or NONE,
        rate=0.0 if spec.inside == "pause" else finish,
        diverts=spec.inside == "divert",
    )


def reassignment_of(codes: Codes, name: str) -> ReassignmentPlan:
    """Return a rule by which vessels help out."""
    spec = codes.scenario.reassignments[name]
    return ReassignmentPlan(
        id=name,
        vessel_class=codes.classes[spec.vessel],
        lender=codes.carriers[spec.from_],
        borrower=codes.carriers[spec.to],
        when=spec.when,
        back=spec.back,
        most=spec.most,
        transfer=spec.transfer,
    )


def initial_of(codes: Codes) -> InitialPlan:
    """Return where things stand at second 0."""
    spec = codes.scenario.initial

    def cargo(aboard: Mapping[str, int]) -> tuple[tuple[int, int], ...]:
        return tuple((codes.flow_codes[flow], units) for flow, units in aboard.items())

    trains = []
    for train in spec.trains:
        path = codes.scenario.trains[train.train].path
        direction = 0 if train.towards == path[-1] else 1
        ahead = (path if direction == 0 else path[::-1]).index(train.next)
        trains.append(
            (codes.carriers[train.train], direction, ahead, train.arrives_in, cargo(train.cargo))
        )
    vessels = []
    for ship in spec.vessels:
        end = 0 if ship.towards == codes.scenario.services[ship.service].from_ else 1
        home, of_class = codes.carriers[ship.home or ship.service], codes.classes[ship.vessel]
        where = (codes.carriers[ship.service], end, ship.arrives_in, cargo(ship.cargo))
        vessels.append(InitialVesselPlan(home, of_class, *where))
    return InitialPlan(
        stocks=tuple(
            (codes.flow_codes[s.flow], s.units, codes.places[s.at], s.equipped) for s in spec.stocks
        ),
        trains=tuple(trains),
        vessels=tuple(vessels),
    )
