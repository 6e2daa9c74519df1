"""Turn a checked scenario into a `Network`: names become codes, defaults become values.

Nothing is refused here: what a scenario file can get wrong was told by `sim.spec`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from math import lcm
from typing import TypeVar

from sim.distributions import Distribution, fixed
from sim.errors import InvariantError
from sim.log import NONE, CarrierFacts, FlowFacts, Names
from sim.network.charges import charges_of
from sim.network.codes import Codes
from sim.network.parts import (
    Checks,
    Climate,
    Crossing,
    Deck,
    FleetPart,
    FlowPlan,
    Gateway,
    Network,
    PortRules,
    RoadLine,
    SeaLine,
    Stretch,
    TrainLine,
    Way,
)
from sim.network.rules import (
    breakdowns_of,
    embargo_of,
    equipment_of,
    initial_of,
    outage_of,
    reassignment_of,
    sea_level_of,
    series_of,
)
from sim.spec.demand import Flow
from sim.spec.departure import Departure
from sim.spec.fields import BOTH_ENDS, NO_TIME
from sim.spec.itineraries import deck_share, itineraries, train_share
from sim.spec.land import Border, Gate, Hours, Inspection, Section
from sim.spec.load import Scenario
from sim.spec.sea import Service, Vessel
from sim.units import DAY, HOUR, YEAR

T = TypeVar("T")

FULL_OR_THREE_DAYS = Departure.model_validate({"full": 1.0, "longest_wait": "72h"})
"""How a block train leaves where the scenario does not say."""
AT_ONCE = Departure(at_once=True)


def build(loaded: Scenario) -> Network:
    """Return the network of *loaded*, and how it stands from each later date on."""
    start = loaded.spec.horizon.start
    later = [
        (
            (era.begins - start).days * DAY,
            _Builder(replace(loaded, spec=era.spec)).network(),
        )
        for era in loaded.eras
    ]
    network = _Builder(loaded).network()
    network = replace(network, charges=charges_of(loaded, network))
    for begins_s, stage in later:
        if [facts.id for facts in stage.resources] != [facts.id for facts in network.resources]:
            raise InvariantError(
                "a dated change moved the codes of resources", begins_s, loaded.name
            )
    return replace(network, eras=tuple(later))


class _Builder(Codes):
    """Puts the parts together."""

    def network(self) -> Network:
        horizon = self.scenario.horizon
        trains = tuple(self._train(train) for train in self.scenario.trains)
        services = tuple(self._service(service) for service in self.scenario.services)
        roads = tuple(self._road(road) for road in self.scenario.roads)
        stacks = self._stacks()
        turns = {self._pool(pool): spec.turn for pool, spec in self.scenario.locomotives.items()}
        plans = {self._pool(pool): breakdowns_of(self, pool) for pool in self.scenario.locomotives}
        breakdowns = {pool: plan for pool, plan in plans.items() if plan is not None}
        embargoes = tuple(embargo_of(self, name) for name in self.scenario.embargoes)
        equipment = tuple(equipment_of(self, name) for name in self.scenario.equipment)
        return Network(
            scenario=self.loaded.name,
            hash=self.loaded.hash,
            start_date=horizon.start.isoformat(),
            start_weekday_s=horizon.start.weekday() * DAY,
            warmup_s=horizon.warmup_days * DAY,
            window_end_s=horizon.days * DAY,
            followup_s=horizon.followup_days * DAY,
            names=Names(
                flow=tuple(self.flow_codes),
                unit=tuple(self.units),
                place=tuple(self.places),
                resource=tuple(r.id for r in self.resources.facts),
                carrier=tuple(self.carriers),
                vessel_class=tuple(self.classes),
                equipment=tuple(self.scenario.equipment),
                embargo=tuple(self.scenario.embargoes),
                outage=tuple(self.scenario.disruptions),
            ),
            flows=tuple(self._flow(flow) for flow in self.flow_codes),
            flow_facts=tuple(self._flow_facts(flow) for flow in self.flow_codes),
            resources=tuple(self.resources.facts),
            carriers=tuple(
                CarrierFacts(c, self.kinds[c], self._end_names(c)) for c in self.carriers
            ),
            trains=trains,
            services=services,
            roads=roads,
            stacks=stacks,
            room=self._room(),
            locomotive_turn=turns,
            climate=self._climate(),
            series=series_of(self),
            ports={
                self.places[place]: PortRules(
                    spec.in_storm.berthing == "waits", spec.in_storm.work == "pauses", spec.depth_m
                )
                for place, spec in self.scenario.ports.items()
            },
            sea_level=sea_level_of(self),
            embargoes=embargoes,
            equipment=equipment,
            breakdowns=breakdowns,
            outages=tuple(outage_of(self, name) for name in self.scenario.disruptions),
            reassignments=tuple(
                reassignment_of(self, name) for name in self.scenario.reassignments
            ),
            initial=initial_of(self),
            growth_per_year=self.scenario.demand.growth_per_year,
            charges=None,
            eras=(),
        )

    # -- carriers
    # ------------------------------------------------------------------------------------------------

    def _end_names(self, carrier: str) -> tuple[str, str]:
        if carrier in self.scenario.trains:
            path = self.scenario.trains[carrier].path
            return path[0], path[-1]
        line = self.scenario.services.get(carrier) or self.scenario.roads[carrier]
        return line.from_, line.to

    def _ends(self, carrier: str) -> tuple[int, int]:
        first, second = self._end_names(carrier)
        return self.places[first], self.places[second]

    def _deck(self, shares: dict[str, Fraction | None]) -> Deck:
        """Return the deck in the coarsest whole numbers in which every unit's share is whole."""
        present = {unit: share for unit, share in shares.items() if share is not None}
        size = lcm(*(share.denominator for share in present.values())) if present else 1
        sizes = [int(present[unit] * size) if unit in present else 0 for unit in self.units]
        return Deck(size, tuple(sizes))

    def _train(self, train: str) -> TrainLine:
        spec = self.scenario.trains[train]
        there = [self._link(a, b) for a, b in zip(spec.path, spec.path[1:], strict=False)]
        back = [self._link(b, a) for a, b in zip(spec.path, spec.path[1:], strict=False)][::-1]
        first, second = spec.path[0], spec.path[-1]
        return TrainLine(
            id=train,
            carrier=self.carriers[train],
            ends=self._ends(train),
            deck=self._deck({unit: train_share(self.scenario, train, unit) for unit in self.units}),
            links=(tuple(there), tuple(back)),
            departure=(
                _at(spec.departure, first, FULL_OR_THREE_DAYS),
                _at(spec.departure, second, FULL_OR_THREE_DAYS),
            ),
            handling=(_at(spec.handling, first, NO_TIME), _at(spec.handling, second, NO_TIME)),
            tracks=(self._train_tracks(first), self._train_tracks(second)),
            priority=spec.priority,
        )

    def _train_tracks(self, place: str) -> int:
        port = self.scenario.ports.get(place)
        if port is None or port.train_tracks is None:
            return NONE
        return self.resources.code(f"{place}/tracks", "track", place, port.train_tracks)

    def _link(self, a: str, b: str) -> Stretch | Crossing:
        for section, spec in self.scenario.sections.items():
            if {spec.from_, spec.to} == {a, b}:
                return self._stretch(section, spec, a, b)
        for border, crossing in self.scenario.borders.items():
            if {crossing.from_, crossing.to} == {a, b}:
                return self._crossing(border, crossing, a)
        raise KeyError((a, b))

    def _stretch(self, section: str, spec: Section, a: str, b: str) -> Stretch:
        free = (
            None
            if spec.paths_per_day is None
            else spec.paths_per_day - spec.background_trains_per_day
        )
        blocks: tuple[int, ...] = ()
        if spec.loops is not None:
            names = [f"{section}/block-{number}" for number in range(1, spec.loops + 2)]
            codes = [self.resources.code(name, "block", spec.from_, 1) for name in names]
            blocks = tuple(codes if a == spec.from_ else codes[::-1])
        others = spec.background_trains_per_day if blocks else 0.0
        return Stretch(
            id=section,
            place=self.places[a],
            resource=self.resources.code(f"{section}:{a}>{b}", "path", a, 0 if free is None else 1),
            running=running_time(spec),
            headway_s=0 if free is None else round(DAY / free),
            pool=NONE if spec.locomotives is None else self._pool(spec.locomotives),
            section=self.resources.code(section, "section", spec.from_, 0),
            blocks=blocks,
            clearing_s=spec.clearing,
            possessions=tuple((p.from_, p.lasting) for p in spec.possessions),
            background_s=round(DAY / others) if others else 0,
        )

    def _pool(self, pool: str) -> int:
        spec = self.scenario.locomotives[pool]
        return self.resources.code(
            pool, "locomotive", "", int(spec.locomotives * spec.availability + 1e-9)
        )

    def _crossing(self, border: str, spec: Border, a: str) -> Crossing:
        works = (
            ("handover", spec.handover),
            ("clearance", spec.clearance),
            ("transload", spec.transload),
        )
        return Crossing(
            id=border,
            place=self.places[a],
            resource=self.resources.code(border, "border", spec.from_, spec.tracks or 0),
            tracks=spec.tracks or 0,
            works=tuple((name, time) for name, time in works if time.mean > 0),
            checks=_checks(spec.inspection, spec.hours),
        )

    def _road(self, road: str) -> RoadLine:
        spec = self.scenario.roads[road]
        gates = tuple(
            self._gate(road, place, spec.gates.get(place)) for place in (spec.from_, spec.to)
        )
        return RoadLine(
            id=road,
            carrier=self.carriers[road],
            ends=self._ends(road),
            resource=self.resources.code(road, "line", spec.from_, 0),
            running=spec.running,
            gates=(gates[0], gates[1]),
        )

    def _gate(self, road: str, place: str, spec: Gate | None) -> Gateway | None:
        if spec is None:
            return None
        resource = self.resources.code(f"{road}:gate:{place}", "gate", place, spec.lanes)
        return Gateway(resource, spec.lanes, spec.time, _checks(spec.inspection, spec.hours))

    # -- sea
    # -----------------------------------------------------------------------------------------------------

    def _service(self, service: str) -> SeaLine:
        spec = self.scenario.services[service]
        counts = (
            spec.vessels if not isinstance(spec.vessels, int) else {str(spec.vessel): spec.vessels}
        )
        window = spec.sailing.window
        return SeaLine(
            id=service,
            carrier=self.carriers[service],
            ends=self._ends(service),
            resource=self.resources.code(service, "line", spec.from_, 0),
            fleet=tuple(
                self._fleet_part(service, vessel, count) for vessel, count in counts.items()
            ),
            departure=(
                _at(spec.departure, spec.from_, AT_ONCE),
                _at(spec.departure, spec.to, AT_ONCE),
            ),
            priority=spec.priority,
            forecast_s=window.forecast if window else 0,
            turns_back=window is not None and window.at_sea == "turn_back",
        )

    def _fleet_part(self, service: str, vessel: str, count: int) -> FleetPart:
        spec, ship = self.scenario.services[service], self.scenario.vessels[vessel]
        groups = [self._berths(spec, vessel, place) for place in (spec.from_, spec.to)]
        default = ship.handling or NO_TIME
        return FleetPart(
            vessel_class=self.classes[vessel],
            name=f"{service}/{vessel}",
            vessels=count,
            deck=self._deck({unit: deck_share(self.scenario, vessel, unit) for unit in self.units}),
            crossing=crossing_time(spec, ship),
            handling=(
                _at(spec.handling, spec.from_, default),
                _at(spec.handling, spec.to, default),
            ),
            berths=(groups[0][0], groups[1][0]),
            s_per_unit=(groups[0][1], groups[1][1]),
            repair_every=ship.repair.every if ship.repair else None,
            repair_lasting=ship.repair.lasting if ship.repair else None,
            draught_m=None
            if ship.draught_m is None
            else (ship.light_draught_m or ship.draught_m, ship.draught_m),
            segregates=ship.segregates,
        )

    def _berths(self, service: Service, vessel: str, place: str) -> tuple[int, tuple[float, ...]]:
        """Return the resource of the berths that *vessel* uses at *place*, and the seconds of work
        per unit."""
        port = self.scenario.ports.get(place)
        groups = port.berths if port else {}
        named = service.berths.get(place)
        fitting = (
            [named]
            if named
            else [g for g, spec in groups.items() if not spec.vessels or vessel in spec.vessels]
        )
        if not fitting:
            return self.resources.code(f"{place}/roads", "berth", place, 0), tuple(
                0.0 for _ in self.units
            )
        group = groups[fitting[0]]
        rates = [group.units_per_h.get(unit, 0.0) for unit in self.units]
        resource = self.resources.code(f"{place}/{fitting[0]}", "berth", place, group.berths)
        return resource, tuple(HOUR / rate if rate else 0.0 for rate in rates)

    def _climate(self) -> Climate | None:
        weather = self.scenario.weather
        if weather is None or not any(weather.closed_share) or not any(weather.exposure.values()):
            return None
        most = max(weather.exposure.values())
        return Climate(
            closed_share=tuple(share * most for share in weather.closed_share),
            spell=weather.spell.scaled(most),
            exposure={
                self.places[place]: exposure / most for place, exposure in weather.exposure.items()
            },
        )

    # -- cargo
    # ---------------------------------------------------------------------------------------------------

    def _stacks(self) -> dict[tuple[int, int], int]:
        """Name a stack at each end of each train and service; roads take cargo at once and need
        none."""
        stacks = {}
        for carrier, code in self.carriers.items():
            if self.kinds[carrier] != "road":
                for direction, place in enumerate(self._end_names(carrier)):
                    stacks[code, direction] = self.resources.code(
                        f"{place}/stack/{carrier}", "stack", place, 0
                    )
        return stacks

    def _room(self) -> dict[tuple[int, str, int], int]:
        return {
            (self.places[place], side, self.units[unit]): limit
            for place, port in self.scenario.ports.items()
            for side, limits in (("sea", port.stacks.sea), ("land", port.stacks.land))
            for unit, limit in limits.items()
            if unit in self.units
        }

    def _flow_facts(self, flow: str) -> FlowFacts:
        spec = self.scenario.flows[flow]
        unit = self.scenario.units.get(spec.unit)
        return FlowFacts(
            id=flow,
            unit=spec.unit,
            scope=spec.scope,
            kg_per_unit=round(1000 * tonnes_per_unit(self.loaded, flow)),
            teu_per_unit=unit.teu if unit else 0.0,
            equipment=spec.equipment or "",
            ends=(spec.origin, spec.destination),
        )

    def _flow(self, flow: str) -> FlowPlan:
        spec = self.scenario.flows[flow]
        returns = spec.arrivals.returns
        return FlowPlan(
            code=self.flow_codes[flow],
            id=flow,
            unit=self.units[spec.unit],
            origin=self.places[spec.origin],
            priority=spec.priority,
            ways=self._ways(flow),
            arrivals=spec.arrivals,
            consignment_units=spec.consignment_units,
            consignments_per_s=consignments_per_year(spec) / YEAR if spec.arrivals.poisson else 0.0,
            scale=1.0 if returns else scale_of(self.loaded, flow),
            grows=spec.scope == "titr",
            season=_season(spec.season),
            trace=self.loaded.traces.get(flow, ()),
            returns_of=NONE if returns is None else self.flow_codes[returns.flow],
            by_time=spec.routing == "least_time",
            equipment=NONE
            if spec.equipment is None
            else list(self.scenario.equipment).index(spec.equipment),
            surplus_above=NONE if spec.arrivals.surplus is None else spec.arrivals.surplus.above,
            segregation=0 if spec.segregation is None else 1 + self.groups.index(spec.segregation),
        )

    def _ways(self, flow: str) -> tuple[Way, ...]:
        ways = []
        for itinerary in itineraries(self.scenario, flow):
            legs = []
            for leg in itinerary.legs:
                direction = (
                    0 if self._end_names(leg.carrier) == (leg.origin, leg.destination) else 1
                )
                legs.append((self.carriers[leg.carrier], direction))
            ways.append(Way(itinerary.share, tuple(legs)))
        return tuple(ways)


def _at(by_end: Mapping[str, T], place: str, default: T) -> T:
    return by_end.get(place, by_end.get(BOTH_ENDS, default))


def _checks(inspection: Inspection | None, hours: Hours | None) -> Checks:
    return Checks(
        share=inspection.share if inspection else 0.0,
        time=inspection.time if inspection else None,
        open_s=hours.open if hours else 0,
        close_s=hours.close if hours else 0,
    )


def _season(weights: tuple[float, ...] | None) -> tuple[float, ...]:
    """Scale the monthly weights such that their mean over the days of a year is 1."""
    if weights is None:
        return ()
    days = [
        (date(2023 + month // 12, month % 12 + 1, 1) - date(2023, month, 1)).days
        for month in range(1, 13)
    ]
    mean = sum(w * d for w, d in zip(weights, days, strict=True)) / sum(days)
    return tuple(w / mean for w in weights)


def running_time(section: Section) -> Distribution:
    """Return the running time over *section* [s]: as given, or length over route speed."""
    if section.running is not None:
        return section.running
    mean = (section.length_km or 0.0) / (section.speed_km_per_day or 1.0) * DAY
    return Distribution("gamma", (mean, section.running_cv)) if section.running_cv else fixed(mean)


def crossing_time(service: Service, vessel: Vessel) -> Distribution:
    """Return the sailing time of *vessel* on *service* [s]: as given, or distance over speed (1 kn
    = 1 nm/h)."""
    if service.crossing is not None:
        return service.crossing
    return fixed((service.distance_nm or 0.0) / (vessel.speed_kn or 1.0) * HOUR)


def tonnes_per_unit(loaded: Scenario, flow: str) -> float:
    """Return the net weight of the cargo in one unit of *flow* [t]."""
    spec = loaded.spec.flows[flow]
    if spec.tonnes_per_unit is not None:
        return spec.tonnes_per_unit
    unit = loaded.spec.units.get(spec.unit)
    return unit.tonnes if unit else 1.0


def scale_of(loaded: Scenario, flow: str) -> float:
    """Return how many times the written demand of *flow* is offered."""
    demand, scope = loaded.spec.demand, loaded.spec.flows[flow].scope
    return demand.scale if scope == "titr" else demand.scale_by_scope.get(scope, 1.0)


def consignments_per_year(flow: Flow) -> float:
    """Return the written consignments of *flow* a year of 365 days, for the processes that have a
    rate."""
    if flow.units_per_year is not None:
        return flow.units_per_year / flow.consignment_units.mean
    arrivals = flow.arrivals
    if arrivals.poisson is not None:
        return (arrivals.poisson.per_day or 0.0) * 365
    if arrivals.renewal is not None:
        return YEAR / arrivals.renewal.interval.mean
    return YEAR / arrivals.scheduled.every if arrivals.scheduled is not None else 0.0
