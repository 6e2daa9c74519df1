"""Checks of rules: what can never be met, never ends or never begins is told before the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from math import exp

from sim.spec.demand import Flow
from sim.spec.fields import at_end
from sim.spec.findings import Finding, refer
from sim.spec.itineraries import deck_share, fleet, itineraries_if_any, train_share
from sim.spec.land import Possession, Section, running_time
from sim.spec.rules import Disruption, Embargo, InitialTrain, InitialVessel, OnTheWay
from sim.spec.scenario import ScenarioSpec
from sim.spec.sea import crossing_time
from sim.spec.yaml_tree import Path
from sim.units import DAY, HOUR, WEEK, Seconds

LONG_WAIT_DAYS = 30.0
"""A mean wait for weather from which a sailing rule is doubtful."""
MOST_OUTAGES = 100_000
SHORTEST_S = HOUR
"""Between two failures on average."""


def check_rules(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong or doubtful with the rules of *scenario*; its references to places and
    flows hold."""
    for section, spec in scenario.sections.items():
        yield from _layout(("sections", section), spec)
    for service in scenario.services:
        yield from _rare_group(scenario, service)
        yield from _window(scenario, service)
        yield from _depth(scenario, service)
    yield from _series(scenario)
    for name in scenario.embargoes:
        yield from _embargo(scenario, name)
    yield from _equipment(scenario)
    for flow, cargo in scenario.flows.items():
        yield from _flow(scenario, flow, cargo)
    yield from _reassignments(scenario)
    for name, disruption in scenario.disruptions.items():
        yield from _disruption(scenario, ("disruptions", name), disruption)
    for pool, locomotives in scenario.locomotives.items():
        breakdowns = locomotives.breakdowns
        if breakdowns is not None:
            path = ("locomotives", pool, "breakdowns", "every")
            yield from _too_often(scenario, path, breakdowns.every.mean, locomotives.locomotives)
    yield from _initial(scenario)


# -- rail
# ----------------------------------------------------------------------------------------------------------


def _layout(path: Path, spec: Section) -> Iterator[Finding]:
    if spec.loops is None:
        if spec.clearing:
            yield Finding(
                (*path, "clearing"), "is for single track by layout; add 'loops', or leave it out"
            )
    else:
        if spec.paths_per_day is not None:
            yield Finding(
                (*path, "loops"), "stands beside 'paths_per_day', which says the same; keep one"
            )
        if spec.tracks > 1:
            yield Finding(
                (*path, "loops"), f"are where trains meet on one track, and there are {spec.tracks}"
            )
        block_s = running_time(spec).mean / (spec.loops + 1) + spec.clearing
        if 2 * spec.background_trains_per_day * block_s >= DAY:
            most = DAY / block_s / 2
            what = f"other trains want {spec.background_trains_per_day:g} a day each way; the blocks take {most:.1f}"
            yield Finding((*path, "background_trains_per_day"), f"{what}, so none is left")
    if _covers_week(spec.possessions):
        yield Finding(
            (*path, "possessions"), "leave no hour of the week in which a train may enter"
        )


def _covers_week(possessions: tuple[Possession, ...]) -> bool:
    shut: list[tuple[Seconds, Seconds]] = []
    for possession in possessions:
        every = DAY if possession.from_ < 0 else WEEK
        first = possession.from_ % every
        shut += [(at, at + possession.lasting) for at in range(first - WEEK, 2 * WEEK, every)]
    open_from = 0
    for start_s, end_s in sorted(shut):
        if start_s > open_from:
            return False
        open_from = max(open_from, end_s)
    return open_from >= WEEK


# -- sea
# -----------------------------------------------------------------------------------------------------------


def _window(scenario: ScenarioSpec, service: str) -> Iterator[Finding]:
    """A window that hardly any open spell is long enough for keeps vessels in port for months."""
    spec, weather = scenario.services[service], scenario.weather
    if spec.sailing.window is None or weather is None or not weather.exposure:
        return
    exposure = max((weather.exposure.get(place, 0.0) for place in spec.ends), default=0.0)
    share = max(weather.closed_share) * exposure
    if not share:
        return
    closed_s = weather.spell.mean * exposure
    open_s = closed_s * (1 - share) / share
    crossings = [
        crossing_time(spec, scenario.vessels[vessel]).mean for vessel in fleet(scenario, service)
    ]
    window_s = min(spec.sailing.window.forecast, max(crossings, default=0.0))
    # Tries until an open spell is long enough, each an open and a closed spell.
    tries = 1 / max(exp(-window_s / open_s), 1e-300) - 1
    wait_days = tries * (open_s + closed_s) / DAY
    if wait_days > LONG_WAIT_DAYS:
        what = f"{window_s / HOUR:.0f} h of open weather are wanted, and in the worst month a spell lasts"
        told = f"{what} {open_s / HOUR:.0f} h on average: vessels would wait {min(wait_days, 1e6):,.0f} days"
        yield Finding(("services", service, "sailing"), told, is_warning=wait_days < 365)


def _rare_group(scenario: ScenarioSpec, service: str) -> Iterator[Finding]:
    """A vessel that leaves full only, with goods of one group, is held by one unit of a rare group
    at the head."""
    spec = scenario.services[service]
    classes = [v for v in fleet(scenario, service) if scenario.vessels[v].segregates]
    groups = {flow.segregation for flow in scenario.flows.values()}
    rules = spec.departure.values()
    if (
        classes
        and len(groups) > 1
        and any(r.full is not None and r.longest_wait is None for r in rules)
    ):
        what = f"leaves full only, and {classes[0]} takes one group of goods at a time: a rare one holds up the others"
        yield Finding(
            ("services", service, "departure"), f"{what}; add longest_wait", is_warning=True
        )


def _depth(scenario: ScenarioSpec, service: str) -> Iterator[Finding]:
    """Tell of vessels that cannot reach a port loaded, or not even empty, at some time of the
    run."""
    spec, sea = scenario.services[service], scenario.sea_level
    ports = [scenario.ports.get(place) for place in spec.ends]
    depths = [port.depth_m for port in ports if port is not None and port.depth_m is not None]
    if not depths:
        return
    levels = [level - sea.datum_m for level in sea.level_m.values()] if sea else [0.0]
    keel_m = sea.under_keel_m if sea else 0.0
    classes = {
        vessel: scenario.vessels[vessel]
        for vessel, count in fleet(scenario, service).items()
        if count
    }
    light = {
        vessel: ship.draughts_m[0]
        for vessel, ship in classes.items()
        if ship.draughts_m is not None
    }
    lowest, highest = (min(depths) + level - keel_m for level in (min(levels), max(levels)))
    path = ("services", service)
    out = [vessel for vessel, draught_m in light.items() if highest < draught_m]
    if out and len(out) == len(classes):
        what = f"the water is at most {highest:.1f} m, too shallow for every vessel even empty ({', '.join(out)})"
        yield Finding(path, f"{what}; dredge, or use others")
    else:
        for vessel, draught_m in light.items():
            if lowest < draught_m:
                what = f"{vessel} draws {draught_m:g} m empty and finds {lowest:.1f} m at the lowest: it sails empty then"
                yield Finding(path, what, is_warning=True)


def _series(scenario: ScenarioSpec) -> Iterator[Finding]:
    series = scenario.weather.series if scenario.weather else {}
    for name, spec in series.items():
        for port in spec.ports:
            yield from refer(("weather", "series", name, "ports"), port, scenario.places, "place")
    for vessel, ship in scenario.vessels.items():
        path = ("vessels", vessel)
        if ship.light_draught_m is not None and (
            ship.draught_m is None or ship.light_draught_m > ship.draught_m
        ):
            yield Finding(
                (*path, "light_draught_m"), "must not be more than 'draught_m', which belongs to it"
            )
        if (ship.limits.wind_m_s or ship.limits.wave_m) and not series:
            what = "count against a series of wind and wave, and there is none; add weather.series"
            yield Finding((*path, "limits"), what, is_warning=True)


# -- embargo, equipment, flows
# -------------------------------------------------------------------------------------


def _embargo(scenario: ScenarioSpec, name: str) -> Iterator[Finding]:
    spec, path = scenario.embargoes[name], ("embargoes", name)
    yield from refer((*path, "port"), spec.port, scenario.places, "place")
    known = dict.fromkeys([*scenario.units] or [flow.unit for flow in scenario.flows.values()])
    for unit in spec.units:
        yield from refer((*path, "units"), unit, known, "unit")
    if not spec.worked_per_day and (spec.impose.days is not None or spec.lift.days is not None):
        yield Finding(path, "levels in days need 'worked_per_day'")
        return
    impose, lift = spec.units_of(spec.impose), spec.units_of(spec.lift)
    if impose <= 0:
        yield Finding(
            (*path, "impose"), "is on from the start and for ever; give more than nothing"
        )
    elif lift >= impose:
        yield Finding(
            (*path, "lift"),
            f"at {lift:g} units is not below imposing at {impose:g}; it must be lower",
        )
    yield from _never_lifts(scenario, path, spec, lift)
    if not _calls(scenario, spec.port):
        yield Finding(
            (*path, "port"),
            f"no service calls at {spec.port}, so nothing ever waits there",
            is_warning=True,
        )
    limits = scenario.ports[spec.port].stacks.sea if spec.port in scenario.ports else {}
    units = spec.units or tuple(known)
    if (
        limits
        and all(unit in limits for unit in units)
        and sum(limits[unit] for unit in units) < impose
    ):
        most = sum(limits[unit] for unit in units)
        what = f"at {impose:g} units is never reached: the stacks hold {most}, and what stands outside does not count"
        yield Finding((*path, "impose"), what, is_warning=True)
    ends = [line.path for line in scenario.trains.values() if spec.port in line.ends]
    for place in spec.holds_at:
        if not any(place in way for way in ends):
            yield Finding((*path, "holds_at"), f"no train to {spec.port} passes {place}")


def _calls(scenario: ScenarioSpec, place: str) -> bool:
    return any(place in spec.ends for spec in scenario.services.values())


def _never_lifts(
    scenario: ScenarioSpec, path: Path, spec: Embargo, lift: float
) -> Iterator[Finding]:
    """Where vessels leave full only, a part of a load stays; a ban that needs less than that is
    never lifted."""
    for service, line in scenario.services.items():
        if spec.port not in line.ends:
            continue
        rule = at_end(line.departure, spec.port, None)
        if rule is None or rule.full is None or rule.longest_wait is not None:
            continue
        units = spec.units or tuple({flow.unit: None for flow in scenario.flows.values()})
        shares = [
            deck_share(scenario, vessel, unit)
            for vessel in fleet(scenario, service)
            for unit in units
        ]
        left = max((rule.full / share - 1 for share in shares if share), default=0.0)
        if lift < left:
            what = f"at {lift:g} units may never be reached: {service} leaves full only, and up to {left:.0f} stay"
            yield Finding(
                (*path, "lift"), f"{what}; lift it earlier, or add longest_wait", is_warning=True
            )


def _equipment(scenario: ScenarioSpec) -> Iterator[Finding]:
    for name, spec in scenario.equipment.items():
        path = ("equipment", name)
        for place in spec.fleet:
            yield from refer((*path, "fleet", place), place, scenario.places, "place")
        users = [flow for flow, cargo in scenario.flows.items() if cargo.equipment == name]
        loaded = [
            p
            for p in (*scenario.initial.trains, *scenario.initial.vessels)
            if set(p.cargo) & set(users)
        ]
        if users and not sum(spec.fleet.values()) and not loaded:
            yield Finding(
                (*path, "fleet"), f"has no items, and {', '.join(users)} cannot move without one"
            )
        reached = {place for place, items in spec.fleet.items() if items}
        reached |= {scenario.flows[flow].destination for flow in users}
        for flow in users:
            if scenario.flows[flow].origin not in reached:
                what = f"no item of {name} ever comes to {scenario.flows[flow].origin}; lay some there, or bring them back"
                yield Finding(("flows", flow, "equipment"), what)
        takers: dict[str, str] = {}
        for flow in users:
            cargo = scenario.flows[flow]
            if cargo.arrivals.surplus is not None:
                first = takers.setdefault(cargo.origin, flow)
                if first != flow:
                    what = f"takes the surplus of {name} at {cargo.origin}, as {first} does; one flow can"
                    yield Finding(("flows", flow, "arrivals", "surplus"), what)


def _flow(scenario: ScenarioSpec, flow: str, spec: Flow) -> Iterator[Finding]:
    path = ("flows", flow)
    yield from refer((*path, "equipment"), spec.equipment, scenario.equipment, "equipment")
    if spec.arrivals.surplus is not None and spec.equipment is None:
        yield Finding(
            (*path, "arrivals", "surplus"),
            "takes idle equipment back; say of which with 'equipment'",
        )
    if spec.routing == "least_time" and len(spec.routes) < 2:
        yield Finding(
            (*path, "routing"), "has nothing to choose from; give several routes", is_warning=True
        )
    if spec.segregation is not None and not any(
        ship.segregates for ship in scenario.vessels.values()
    ):
        what = "means nothing while no vessel class has 'segregates: true'"
        yield Finding((*path, "segregation"), what, is_warning=True)


# -- fleets, disruptions, the beginning
# ----------------------------------------------------------------------------


def _reassignments(scenario: ScenarioSpec) -> Iterator[Finding]:
    for name, spec in scenario.reassignments.items():
        path = ("reassignments", name)
        yield from refer((*path, "vessel"), spec.vessel, scenario.vessels, "vessel class")
        for key, service in (("from", spec.from_), ("to", spec.to)):
            yield from refer((*path, key), service, scenario.services, "service")
            if service in scenario.services and spec.vessel not in fleet(scenario, service):
                what = f"service {service} has no class {spec.vessel}; write it there, with 0 vessels if it has none"
                yield Finding((*path, key), what)
        if spec.from_ == spec.to:
            yield Finding((*path, "to"), f"is the service it comes from, {spec.from_}")
        if spec.back >= spec.when:
            what = f"at {spec.back:g} decks is not below changing over at {spec.when:g}; it must be lower"
            yield Finding((*path, "back"), what)


def _disruption(scenario: ScenarioSpec, path: Path, spec: Disruption) -> Iterator[Finding]:
    yield from refer((*path, "section"), spec.section, scenario.sections, "section")
    yield from refer((*path, "port"), spec.port, scenario.places, "place")
    yield from refer((*path, "border"), spec.border, scenario.borders, "border")
    yield from refer(
        (*path, "locomotives"), spec.locomotives, scenario.locomotives, "locomotive pool"
    )
    yield from refer((*path, "service"), spec.service, scenario.services, "service")
    if spec.berths is not None:
        groups = {
            f"{port}/{group}": g
            for port, p in scenario.ports.items()
            for group, g in p.berths.items()
        }
        yield from refer((*path, "berths"), spec.berths, groups, "berth group")
    used = {
        section for line in scenario.trains.values() for section in _sections(scenario, line.path)
    }
    borders = {name for line in scenario.trains.values() for name in _borders(scenario, line.path)}
    pools = {scenario.sections[section].locomotives for section in used}
    unused = (
        (spec.section in scenario.sections and spec.section not in used)
        or (spec.border in scenario.borders and spec.border not in borders)
        or (spec.port in scenario.places and not _calls(scenario, str(spec.port)))
        or (spec.locomotives in scenario.locomotives and spec.locomotives not in pools)
    )
    if unused:
        yield Finding(
            path, "breaks what no train or vessel uses, so it changes nothing", is_warning=True
        )
    if spec.every is not None:
        yield from _too_often(scenario, (*path, "every"), spec.every.mean, 1)
    elif spec.from_ is not None:
        after = (spec.from_ - scenario.horizon.start).days
        if after > scenario.horizon.longest_days:
            yield Finding(
                (*path, "from"), f"{spec.from_} is after the end of the run", is_warning=True
            )
        elif after * DAY + spec.lasting.mean < 0:
            yield Finding(
                (*path, "from"),
                f"from {spec.from_} it is over before the run begins",
                is_warning=True,
            )
    chooses = any(
        flow.routing == "least_time" and len(flow.routes) > 1 for flow in scenario.flows.values()
    )
    if spec.inside == "divert" and not chooses:
        what = "needs a flow with several routes and 'routing: least_time'; there is none"
        yield Finding((*path, "inside"), what, is_warning=True)


def _sections(scenario: ScenarioSpec, path: tuple[str, ...]) -> Iterator[str]:
    pairs = {frozenset(pair) for pair in pairwise(path)}
    for section, spec in scenario.sections.items():
        if frozenset(spec.ends) in pairs:
            yield section


def _borders(scenario: ScenarioSpec, path: tuple[str, ...]) -> Iterator[str]:
    pairs = {frozenset(pair) for pair in pairwise(path)}
    for border, spec in scenario.borders.items():
        if frozenset(spec.ends) in pairs:
            yield border


def _too_often(
    scenario: ScenarioSpec, path: Path, every_s: float, things: int
) -> Iterator[Finding]:
    run_s = scenario.horizon.longest_days * DAY
    if every_s < SHORTEST_S:
        yield Finding(path, f"fails every {every_s:g} s on average; give an hour or more")
    elif things * run_s / every_s > MOST_OUTAGES:
        yield Finding(
            path,
            f"makes {things * run_s / every_s:.2g} failures; at most {MOST_OUTAGES:,} are simulated",
        )


def _initial(scenario: ScenarioSpec) -> Iterator[Finding]:
    for number, stock in enumerate(scenario.initial.stocks):
        path = ("initial", "stocks", str(number))
        yield from refer((*path, "flow"), stock.flow, scenario.flows, "flow")
        if stock.flow in scenario.flows:
            places = dict.fromkeys(
                leg.origin for way in itineraries_if_any(scenario, stock.flow) for leg in way.legs
            )
            if stock.at not in places:
                what = f"no leg of {stock.flow} begins at {stock.at!r} (they begin at {', '.join(places)})"
                yield Finding((*path, "at"), what)
    for number, train in enumerate(scenario.initial.trains):
        yield from _initial_train(scenario, ("initial", "trains", str(number)), train)
    placed: dict[tuple[str, str], int] = {}
    for number, ship in enumerate(scenario.initial.vessels):
        key = (ship.service, ship.vessel)
        placed[key] = placed.get(key, 0) + 1
        yield from _initial_vessel(scenario, ("initial", "vessels", str(number)), ship, placed[key])


def _initial_train(scenario: ScenarioSpec, path: Path, train: InitialTrain) -> Iterator[Finding]:
    yield from refer((*path, "train"), train.train, scenario.trains, "train")
    if train.train not in scenario.trains:
        return
    way = scenario.trains[train.train].path
    if train.towards not in (way[0], way[-1]):
        yield Finding(
            (*path, "towards"),
            f"{train.towards!r} is no end of {train.train} ({way[0]} or {way[-1]})",
        )
    elif train.next not in way:
        yield Finding((*path, "next"), f"{train.next!r} is not on the path of {train.train}")
    else:
        room = {
            unit: train_share(scenario, train.train, unit)
            for unit in scenario.trains[train.train].capacity
        }
        yield from _aboard(scenario, path, train, (train.train, train.towards), room)


def _initial_vessel(
    scenario: ScenarioSpec, path: Path, ship: InitialVessel, number: int
) -> Iterator[Finding]:
    yield from refer((*path, "service"), ship.service, scenario.services, "service")
    yield from refer((*path, "home"), ship.home, scenario.services, "service")
    if ship.service not in scenario.services:
        return
    line, there = scenario.services[ship.service], fleet(scenario, ship.service).get(ship.vessel, 0)
    if ship.vessel not in fleet(scenario, ship.service):
        yield Finding((*path, "vessel"), f"{ship.service} has no class {ship.vessel}")
    elif number > there and ship.home is None:
        what = f"places {number} of {ship.vessel}, and {ship.service} has {there}; those too many are laid up"
        yield Finding(path, what, is_warning=True)
    if ship.towards not in line.ends:
        what = f"{ship.towards!r} is no end of {ship.service} ({line.from_} or {line.to})"
        yield Finding((*path, "towards"), what)
    else:
        units = dict.fromkeys(flow.unit for flow in scenario.flows.values())
        room = {unit: deck_share(scenario, ship.vessel, unit) for unit in units}
        yield from _aboard(scenario, path, ship, (ship.service, ship.towards), room)


def _aboard(
    scenario: ScenarioSpec,
    path: Path,
    vehicle: OnTheWay,
    leg: tuple[str, str],
    room: Mapping[str, Fraction | None],
) -> Iterator[Finding]:
    """Yield what a train or vessel cannot carry, or not to where it goes."""
    carrier, towards = leg
    used = 0.0
    for flow, units in vehicle.cargo.items():
        here = (*path, "cargo", flow)
        yield from refer(here, flow, scenario.flows, "flow")
        if flow not in scenario.flows:
            continue
        legs = [
            (step.carrier, step.destination)
            for way in itineraries_if_any(scenario, flow)
            for step in way.legs
        ]
        share = room.get(scenario.flows[flow].unit)
        if leg not in legs:
            yield Finding(here, f"{flow} does not go by {carrier} to {towards}")
        elif share is not None:
            used += units * float(share)
    if used > 1 + 1e-9:
        yield Finding((*path, "cargo"), f"is {used:.2f} times what fits")
