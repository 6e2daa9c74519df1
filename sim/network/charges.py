"""What time and movement cost and emit, from the money and energy of a scenario: rates for the
metrics.

Nothing here changes a run. What depends on time is charged by the second of a vehicle or unit; what
depends on distance is the same for every unit of a flow on a leg, and is charged when the leg is
ended.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.log import NONE, Activity, Charges, LegCharge, UnitCharge, VehicleCharge
from sim.network.parts import Crossing, FleetPart, Network, Stretch
from sim.spec.economy import Energy, EnergySource, Money, UseOfEnergy, annuity
from sim.spec.fields import at_end
from sim.spec.load import Scenario
from sim.units import DAY, HOUR, YEAR

COST, PRICE, TIME, CO2E = "cost", "price", "time", "co2e"
"""What it takes to run the corridor, what users pay for it, what their time in it costs [USD];
emissions [kg CO2e]."""

CAPITAL = "capital"
"""Label of the cost of having vessels, in whatever they do."""

AT_SEA = (Activity.SAIL, Activity.TRANSFER)
ALONGSIDE = (Activity.HANDLE, Activity.LOAD, Activity.WAIT_CARGO, Activity.WAIT_ROOM)
AT_THE_ROADS = (Activity.WAIT_BERTH, Activity.WAIT_WEATHER)
LAID_UP = (Activity.REPAIR, Activity.LAID_UP)
VESSELS_DO = (*AT_SEA, *ALONGSIDE, *AT_THE_ROADS, *LAID_UP)

TRAINS_UNDER_WAY = (
    Activity.RUN,
    Activity.WAIT_LOCOMOTIVE,
    Activity.WAIT_PATH,
    Activity.WAIT_BORDER,
    Activity.BORDER,
    Activity.WAIT_TRACK,
    Activity.WAIT_EMBARGO,
)


def charges_of(loaded: Scenario, network: Network) -> Charges | None:
    """Return the charges of the scenario as it begins; None where it says nothing of money and
    energy."""
    scenario = loaded.spec
    if scenario.money is None and scenario.energy is None:
        return None
    rates = _Rates(loaded, network)
    vehicles = (*rates.vessels(), *rates.trains())
    return Charges(
        vehicles=tuple(charge for charge in vehicles if charge.per_s),
        legs=tuple(charge for charge in rates.legs() if charge.per_unit),
        units=tuple(charge for charge in rates.units() if charge.per_s),
        room=tuple(_room(network)),
    )


def _room(network: Network) -> Iterator[tuple[int, int, int, int]]:
    decks = [(line.carrier, NONE, line.deck) for line in network.trains]
    decks += [
        (line.carrier, part.vessel_class, part.deck)
        for line in network.services
        for part in line.fleet
    ]
    for carrier, vessel_class, deck in decks:
        for unit, room in enumerate(deck.per_unit):
            if room:
                yield carrier, vessel_class, unit, room


class _Rates:
    """Rates of one scenario."""

    def __init__(self, loaded: Scenario, network: Network) -> None:
        self._scenario = loaded.spec
        self._network = network
        self._money: Money | None = loaded.spec.money
        self._energy: Energy | None = loaded.spec.energy

    # -- by time
    # -------------------------------------------------------------------------------------------------

    def vessels(self) -> Iterator[VehicleCharge]:
        for line in self._network.services:
            for part in line.fleet:
                for activity in VESSELS_DO:
                    yield from self._vessel(line.carrier, part, activity)

    def _vessel(self, carrier: int, part: FleetPart, activity: Activity) -> Iterator[VehicleCharge]:
        vessel = self._network.names.vessel_class[part.vessel_class]
        key = (carrier, part.vessel_class, int(activity))
        cost = 0.0
        if self._money is not None and vessel in self._money.vessels:
            money = self._money.vessels[vessel]
            cost += money.running_usd_per_day / DAY
            having = money.capital_musd * 1e6 * annuity(self._money.discount_rate, money.life_years)
            yield VehicleCharge(COST, CAPITAL, *key, having / YEAR)
        if self._energy is not None and vessel in self._energy.vessels:
            use = self._energy.vessels[vessel]
            source, per_day = self._energy.sources[use.source], 0.0
            for doing, amount in (
                (AT_SEA, use.sailing_per_day),
                (ALONGSIDE, use.berth_per_day),
                (AT_THE_ROADS, use.waiting_per_day),
            ):
                per_day += amount if activity in doing else 0.0
            cost += self._paid(source, per_day) / DAY
            yield VehicleCharge(CO2E, activity.label, *key, source.co2e_kg * per_day / DAY)
        yield VehicleCharge(COST, activity.label, *key, cost)

    def trains(self) -> Iterator[VehicleCharge]:
        per_hour = 0.0 if self._money is None else self._money.trains.usd_per_hour
        for line in self._network.trains:
            waiting = self._waiting(line.links[0])
            for activity in TRAINS_UNDER_WAY:
                key = (line.carrier, NONE, int(activity))
                is_idle = activity is Activity.WAIT_PATH
                idle = [(use, source) for use, source in waiting if is_idle]
                fuel = sum(self._paid(source, use) for use, source in idle)
                yield VehicleCharge(COST, activity.label, *key, (per_hour + fuel) / HOUR)
                emitted = sum(use * source.co2e_kg for use, source in idle)
                yield VehicleCharge(CO2E, activity.label, *key, emitted / HOUR)

    def _waiting(self, links: tuple[Stretch | Crossing, ...]) -> list[tuple[float, EnergySource]]:
        """Return what a train uses in an hour of waiting for a path: the mean over the length of
        its way."""
        energy, whole = self._energy, sum(self._length_km(link) for link in links)
        if energy is None or not whole:
            return []
        found = []
        for link in links:
            if isinstance(link, Stretch) and link.id in energy.sections:
                traction = energy.traction[energy.sections[link.id]]
                share = self._length_km(link) / whole
                found.append((traction.waiting_per_hour * share, energy.sources[traction.source]))
        return found

    def units(self) -> Iterator[UnitCharge]:
        if self._money is None:
            return
        for code, facts in enumerate(self._network.flow_facts):
            yield UnitCharge(
                TIME, "hire", code, self._money.hire_usd_per_day.get(facts.unit, 0.0) / DAY
            )
            if facts.kg_per_unit:
                worth = self._money.time_usd_per_day.get(facts.unit, 0.0)
                worth = self._money.time_usd_per_day_of_flow.get(facts.id, worth)
                yield UnitCharge(TIME, "cargo", code, worth / DAY)

    # -- by leg
    # --------------------------------------------------------------------------------------------------

    def legs(self) -> Iterator[LegCharge]:
        """Yield what a unit of each flow is charged with on each leg of its ways."""
        trains = {line.carrier: line for line in self._network.trains}
        for flow in self._network.flows:
            for carrier, direction in dict.fromkeys(leg for way in flow.ways for leg in way.legs):
                key = (carrier, direction, flow.code)
                if carrier in trains:
                    yield from self._by_rail(key, trains[carrier].links[direction])
                elif self._network.carriers[carrier].kind == "road":
                    yield from self._by_road(key)
                else:
                    yield from self._by_sea(key)

    def _by_rail(
        self, key: tuple[int, int, int], links: tuple[Stretch | Crossing, ...]
    ) -> Iterator[LegCharge]:
        carrier, _, flow = key
        facts, where = self._network.flow_facts[flow], self._network.names.carrier[carrier]
        gross_t, km, used = self._gross_t(flow), 0.0, dict[str, float]()
        for link in links:
            if isinstance(link, Crossing):
                price = {} if self._money is None else self._money.borders_usd.get(link.id, {})
                for measure in (COST, PRICE):
                    yield LegCharge(measure, "border", link.id, *key, price.get(facts.unit, 0.0))
                continue
            length_km = self._length_km(link)
            km += length_km
            if self._energy is not None and link.id in self._energy.sections:
                traction = self._energy.traction[self._energy.sections[link.id]]
                amount = traction.per_gross_t_km * gross_t * length_km
                used[traction.source] = used.get(traction.source, 0.0) + amount
        yield from self._used(used, where, key)
        if self._money is not None:
            yield LegCharge(
                COST, "track", where, *key, self._money.trains.usd_per_gross_t_km * gross_t * km
            )
        yield from self._tariff(
            key,
            0.0 if self._money is None else self._money.rail_usd_per_km.get(facts.unit, 0.0) * km,
        )

    def _by_road(self, key: tuple[int, int, int]) -> Iterator[LegCharge]:
        carrier, _, flow = key
        facts, where = self._network.flow_facts[flow], self._network.names.carrier[carrier]
        km = self._scenario.roads[where].length_km or 0.0
        if self._energy is not None and self._energy.trucks_per_km is not None:
            use = self._energy.trucks_per_km
            yield from self._used({use.source: use.amount * km}, where, key)
        if self._money is not None:
            yield LegCharge(COST, "drive", where, *key, self._money.trucks_usd_per_km * km)
            yield from self._tariff(key, self._money.road_usd_per_km.get(facts.unit, 0.0) * km)

    def _by_sea(self, key: tuple[int, int, int]) -> Iterator[LegCharge]:
        carrier, _, flow = key
        facts = self._network.flow_facts[flow]
        for port in self._network.carriers[carrier].ends:
            use: UseOfEnergy | None = (
                None if self._energy is None else self._energy.handling.get(facts.unit)
            )
            if use is not None:
                yield from self._used({use.source: use.amount}, port, key)
            price = {} if self._money is None else self._money.handling_usd.get(port, {})
            for measure in (COST, PRICE):
                yield LegCharge(measure, "handling", port, *key, price.get(facts.unit, 0.0))
        yield from self._tariff(key, 0.0)

    def _tariff(self, key: tuple[int, int, int], otherwise: float) -> Iterator[LegCharge]:
        """Yield the price of a leg: that of the line, or else what its length makes it."""
        if self._money is None:
            return
        carrier, direction, flow = key
        facts, line = self._network.flow_facts[flow], self._network.carriers[carrier]
        prices = self._money.tariffs_usd.get(line.id, {}).get(facts.unit)
        price = otherwise
        if prices is not None:
            price = at_end(prices, line.ends[direction], 0.0)
        if not facts.kg_per_unit:
            price *= self._money.empty_share.get(facts.unit, 1.0)
        yield LegCharge(PRICE, "tariff", line.id, *key, price)

    def _used(
        self, used: dict[str, float], where: str, key: tuple[int, int, int]
    ) -> Iterator[LegCharge]:
        """Yield what the energy that is *used* for a unit costs and emits, source by source."""
        if self._energy is None:
            return
        for name, amount in used.items():
            source = self._energy.sources[name]
            yield LegCharge(COST, name, where, *key, self._paid(source, amount))
            yield LegCharge(CO2E, name, where, *key, source.co2e_kg * amount)

    def _paid(self, source: EnergySource, amount: float) -> float:
        """Return what energy costs; nothing where nothing is said of money."""
        return 0.0 if self._money is None else source.usd * amount

    def _gross_t(self, flow: int) -> float:
        """Return what is hauled for one unit, its wagon's empty way back included where no flow
        does that."""
        facts = self._network.flow_facts[flow]
        if self._energy is None:
            return facts.kg_per_unit / 1000
        tare_t = self._energy.tare_t.get(facts.unit, 0.0)
        return facts.kg_per_unit / 1000 + tare_t * (
            1 + self._energy.hauled_empty.get(facts.unit, 0.0)
        )

    def _length_km(self, link: Stretch | Crossing) -> float:
        return (
            (self._scenario.sections[link.id].length_km or 0.0)
            if isinstance(link, Stretch)
            else 0.0
        )
