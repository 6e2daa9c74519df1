"""What time and movement cost and emit: rates for the metrics, from money and energy of a scenario.

Nothing here changes a run. What depends on time is charged by the second of a vehicle or unit; what
depends on distance is the same for every unit of a flow on a leg, and is charged when the leg is
ended. Rates of zero are left out, so that a scenario without money, or without energy, is one in
which all prices, or all amounts, are zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from sim.log import NONE, Activity, Charges, LegCharge, UnitCharge, VehicleCharge
from sim.network.fares import fare_usd
from sim.network.parts import Crossing, FleetPart, Network, Stretch
from sim.spec.economy import Energy, EnergySource, Money, Traction, VesselEnergy, annuity
from sim.spec.load import Scenario
from sim.units import DAY, HOUR, YEAR

COST, PRICE, TIME, CO2E = "cost", "price", "time", "co2e"
"""What it takes to run the corridor, what users pay for it, what their time in it costs [USD];
emissions [kg CO2e]."""

CAPITAL = "capital"
"""Label of the cost of having vessels, in whatever they do."""

AT_SEA = (Activity.SAIL, Activity.TRANSFER)
ALONGSIDE = (
    Activity.HANDLE,
    Activity.LOAD,
    Activity.WAIT_CARGO,
    Activity.WAIT_ROOM,
    Activity.WAIT_POOL,
    Activity.MANOEUVRE,
)
AT_THE_ROADS = (Activity.WAIT_BERTH, Activity.WAIT_WEATHER, Activity.WAIT_ROADS)
OUT_OF_SERVICE = (Activity.REPAIR, Activity.LAID_UP)
OF_VESSELS = (*AT_SEA, *ALONGSIDE, *AT_THE_ROADS, *OUT_OF_SERVICE)
"""All that a vessel can be doing."""

OF_TRAINS_UNDER_WAY = (
    Activity.RUN,
    Activity.WAIT_LOCOMOTIVE,
    Activity.WAIT_PATH,
    Activity.WAIT_BORDER,
    Activity.BORDER,
    Activity.WAIT_TRACK,
    Activity.WAIT_EMBARGO,
)
"""All that a train can be doing between the end of loading and the beginning of unloading."""

NO_MONEY = Money(price_base=2000, discount_rate=0)
NO_ENERGY = Energy(sources={})

Leg: TypeAlias = tuple[int, int, int]
"""``(carrier, direction, flow)`` in codes."""
Links: TypeAlias = tuple[Stretch | Crossing, ...]


def charges_of(scenario: Scenario, network: Network) -> Charges | None:
    """Return the charges of the scenario as it begins; None where it has no money and energy."""
    if scenario.spec.money is None and scenario.spec.energy is None:
        return None
    rates = _Rates(scenario, network)
    vehicles = (*rates.vessels(), *rates.trains())
    return Charges(
        vehicles=tuple(charge for charge in vehicles if charge.per_s),
        legs=tuple(charge for charge in rates.legs() if charge.per_unit),
        units=tuple(charge for charge in rates.units() if charge.per_s),
        room=tuple(_room(network)),
    )


def _room(network: Network) -> Iterator[tuple[int, int, int, int]]:
    """Yield ``(carrier, vessel class or NONE, unit, room of one unit)`` of all that is carried."""
    decks = [(line.carrier, NONE, line.deck) for line in network.trains]
    for service in network.services:
        decks += [(service.carrier, part.vessel_class, part.deck) for part in service.fleet]
    for carrier, vessel_class, deck in decks:
        for unit, room in enumerate(deck.per_unit):
            if room:
                yield carrier, vessel_class, unit, room


class _Rates:
    """Rates of one scenario."""

    def __init__(self, scenario: Scenario, network: Network) -> None:
        self._spec = scenario.spec
        self._network = network
        self._money = scenario.spec.money or NO_MONEY
        self._energy = scenario.spec.energy or NO_ENERGY

    # -- by time
    # ----------------------------------------------------------------------------------------------

    def vessels(self) -> Iterator[VehicleCharge]:
        """Yield what a second of each class on each service is charged with, by activity."""
        for line in self._network.services:
            for part in line.fleet:
                for activity in OF_VESSELS:
                    yield from self._vessel(line.carrier, part, activity)

    def _vessel(self, carrier: int, part: FleetPart, activity: Activity) -> Iterator[VehicleCharge]:
        vessel = self._network.names.vessel_class[part.vessel_class]
        key = (carrier, part.vessel_class, int(activity))
        usd_per_s = 0.0
        money = self._money.vessels.get(vessel)
        if money is not None:
            usd_per_s += money.running_usd_per_day / DAY
            yearly_payment = annuity(self._money.discount_rate, money.life_years)
            capital_usd_per_year = money.capital_musd * 1e6 * yearly_payment
            yield VehicleCharge(COST, CAPITAL, *key, capital_usd_per_year / YEAR)
        energy = self._energy.vessels.get(vessel)
        if energy is not None:
            source, per_day = self._energy.sources[energy.source], _burnt_per_day(energy, activity)
            usd_per_s += self._usd(source, per_day) / DAY
            yield VehicleCharge(CO2E, activity.label, *key, source.co2e_kg * per_day / DAY)
        yield VehicleCharge(COST, activity.label, *key, usd_per_s)

    def trains(self) -> Iterator[VehicleCharge]:
        """Yield what a second of each train is charged with, by activity."""
        for line in self._network.trains:
            idling = self._idling(line.links[0])
            for activity in OF_TRAINS_UNDER_WAY:
                key = (line.carrier, NONE, int(activity))
                usd_per_hour, kg_per_hour = self._money.trains.usd_per_hour, 0.0
                if activity is Activity.WAIT_PATH:
                    usd_per_hour += sum(self._usd(source, amount) for amount, source in idling)
                    kg_per_hour = sum(amount * source.co2e_kg for amount, source in idling)
                yield VehicleCharge(COST, activity.label, *key, usd_per_hour / HOUR)
                yield VehicleCharge(CO2E, activity.label, *key, kg_per_hour / HOUR)

    def _idling(self, links: Links) -> list[tuple[float, EnergySource]]:
        """Return what a train uses in an hour of waiting for a path.

        It is the mean over the length of its way, as amounts and sources.
        """
        whole_km = sum(self._length_km(link) for link in links)
        if not whole_km:
            return []
        amounts = []
        for link in links:
            traction = self._traction(link)
            if traction is not None:
                share = self._length_km(link) / whole_km
                source = self._energy.sources[traction.source]
                amounts.append((traction.waiting_per_hour * share, source))
        return amounts

    def units(self) -> Iterator[UnitCharge]:
        """Yield what a second of a unit of each flow is charged with: hire, and time of cargo."""
        money = self._money
        for code, facts in enumerate(self._network.flow_facts):
            hire_usd_per_day = money.hire_usd_per_day.get(facts.unit, 0.0)
            yield UnitCharge(TIME, "hire", code, hire_usd_per_day / DAY)
            if facts.kg_per_unit:
                usd_per_day = money.time_usd_per_day.get(facts.unit, 0.0)
                usd_per_day = money.time_usd_per_day_of_flow.get(facts.id, usd_per_day)
                yield UnitCharge(TIME, "cargo", code, usd_per_day / DAY)

    # -- by leg
    # ----------------------------------------------------------------------------------------------

    def legs(self) -> Iterator[LegCharge]:
        """Yield what a unit of each flow is charged with on each leg of its ways."""
        trains = {line.carrier: line for line in self._network.trains}
        for flow in self._network.flows:
            legs: dict[tuple[int, int], None] = {}
            for way in flow.ways:
                legs.update(dict.fromkeys(way.legs))
            for carrier, direction in legs:
                key = (carrier, direction, flow.code)
                if carrier in trains:
                    yield from self._by_rail(key, trains[carrier].links[direction])
                elif self._network.carriers[carrier].kind == "road":
                    yield from self._by_road(key)
                else:
                    yield from self._by_sea(key)

    def _by_rail(self, key: Leg, links: Links) -> Iterator[LegCharge]:
        carrier, _, flow = key
        unit, train = self._network.flow_facts[flow].unit, self._network.names.carrier[carrier]
        gross_t, km = self._gross_t(flow), 0.0
        amounts: dict[str, float] = {}
        for link in links:
            if isinstance(link, Crossing):
                usd = self._money.borders_usd.get(link.id, {}).get(unit, 0.0)
                yield LegCharge(COST, "border", link.id, *key, usd)
                yield LegCharge(PRICE, "border", link.id, *key, usd)
                continue
            length_km = self._length_km(link)
            km += length_km
            traction = self._traction(link)
            if traction is not None:
                amount = traction.per_gross_t_km * gross_t * length_km
                amounts[traction.source] = amounts.get(traction.source, 0.0) + amount
        yield from self._energy_charges(amounts, train, key)
        track_usd = self._money.trains.usd_per_gross_t_km * gross_t * km
        yield LegCharge(COST, "track", train, *key, track_usd)
        yield self._tariff(key, self._money.rail_usd_per_km.get(unit, 0.0) * km)

    def _by_road(self, key: Leg) -> Iterator[LegCharge]:
        carrier, _, flow = key
        unit, road = self._network.flow_facts[flow].unit, self._network.names.carrier[carrier]
        km = self._spec.roads[road].length_km or 0.0
        use = self._energy.trucks_per_km
        if use is not None:
            yield from self._energy_charges({use.source: use.amount * km}, road, key)
        yield LegCharge(COST, "drive", road, *key, self._money.trucks_usd_per_km * km)
        yield self._tariff(key, self._money.road_usd_per_km.get(unit, 0.0) * km)

    def _by_sea(self, key: Leg) -> Iterator[LegCharge]:
        carrier, _, flow = key
        unit = self._network.flow_facts[flow].unit
        use = self._energy.handling.get(unit)
        for port in self._network.carriers[carrier].ends:
            if use is not None:
                yield from self._energy_charges({use.source: use.amount}, port, key)
            usd = self._money.handling_usd.get(port, {}).get(unit, 0.0)
            yield LegCharge(COST, "handling", port, *key, usd)
            yield LegCharge(PRICE, "handling", port, *key, usd)
        yield self._tariff(key, 0.0)

    def _tariff(self, key: Leg, default_usd: float) -> LegCharge:
        """Return the price of a leg: the tariff of the line, or else *default_usd*."""
        carrier, direction, flow = key
        facts, line = self._network.flow_facts[flow], self._network.carriers[carrier]
        usd = fare_usd(
            self._money,
            line.id,
            facts.unit,
            line.ends[direction],
            is_empty=not facts.kg_per_unit,
            default_usd=default_usd,
        )
        return LegCharge(PRICE, "tariff", line.id, *key, usd)

    # -- energy
    # ----------------------------------------------------------------------------------------------

    def _energy_charges(
        self, amounts: dict[str, float], where: str, key: Leg
    ) -> Iterator[LegCharge]:
        """Yield what the energy for one unit costs and emits, by source."""
        for name, amount in amounts.items():
            source = self._energy.sources[name]
            yield LegCharge(COST, name, where, *key, self._usd(source, amount))
            yield LegCharge(CO2E, name, where, *key, source.co2e_kg * amount)

    def _usd(self, source: EnergySource, amount: float) -> float:
        """Return the price of an amount of energy; none where the scenario has no money."""
        if self._spec.money is None:
            return 0.0
        return source.usd * amount

    def _traction(self, link: Stretch | Crossing) -> Traction | None:
        """Return the traction on a section; None: nothing is used there."""
        if isinstance(link, Crossing) or link.id not in self._energy.sections:
            return None
        return self._energy.traction[self._energy.sections[link.id]]

    def _gross_t(self, flow: int) -> float:
        """Return what is hauled for one unit [t].

        The empty way back of its wagon is included where no flow of the scenario does that.
        """
        facts, energy = self._network.flow_facts[flow], self._energy
        tare_t = energy.tare_t.get(facts.unit, 0.0)
        empty_share = energy.hauled_empty.get(facts.unit, 0.0)
        return facts.kg_per_unit / 1000 + tare_t * (1 + empty_share)

    def _length_km(self, link: Stretch | Crossing) -> float:
        if isinstance(link, Crossing):
            return 0.0
        return self._spec.sections[link.id].length_km or 0.0


def _burnt_per_day(energy: VesselEnergy, activity: Activity) -> float:
    """Return what a vessel burns in a day of one activity."""
    if activity in AT_SEA:
        return energy.sailing_per_day
    if activity in ALONGSIDE:
        return energy.berth_per_day
    if activity in AT_THE_ROADS:
        return energy.waiting_per_day
    return 0.0
