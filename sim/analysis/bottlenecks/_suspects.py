"""What could be short in a corridor: everything of which there could be one more, or that could go
10 % faster.

A suspect is known by what a scenario file says, so any corridor has its own; what it would take to
have more of it is a change of that file. What has no limit is no suspect, nor is a class of vessels
that a service has none of.

Rules by which vessels wait for cargo are suspects, too: they could leave a tenth earlier. How long
a call or a border takes and when it is open are none: nothing in a scenario says how far that could
go, and a preview that asks for a fifth of the time would get it. They are for `corridor sweep`,
where a person says what is possible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from math import ceil, inf
from typing import Any

from sim.analysis.bottlenecks._suspect import Number, Suspect
from sim.analysis.loads import loads_of
from sim.log import names
from sim.spec.embargo import ALL
from sim.spec.itineraries import sailing_share
from sim.spec.land import LocomotivePool, Section
from sim.spec.load import Scenario
from sim.spec.scenario import ScenarioSpec
from sim.spec.sea import Port, Service

FLEET = "vessels "
"""How the id of a fleet begins."""
TENTH = 0.1
"""What a rate or a room is raised by, as a share of what is written."""
DEPARTURE_NUMBERS = ("full", "longest_wait", "headway", "deck_share")
"""Numbers of a departure rule that make vessels wait."""


def suspects_of(scenario: Scenario) -> tuple[Suspect, ...]:
    """Return every suspect of a scenario, in the order of its file; of each service all classes of
    vessels."""
    spec = scenario.spec
    suspects = [
        *_fleets(spec),
        *_departures(scenario),
        *_ports(spec),
        *_sections(spec),
        *_borders(spec),
        *_locomotives(spec),
        *_gates(spec),
        *_embargoes(spec),
        *_holding_tracks(spec),
        *_equipment(spec),
    ]
    return tuple(_with_dates(scenario, suspect) for suspect in suspects)


def one_class_a_service(scenario: Scenario, suspects: Iterable[Suspect]) -> tuple[Suspect, ...]:
    """Keep of each service one class of vessels: that which carries most kinds of unit, so that it
    can relieve all.

    Of several such, the one of which one more lowers the load of the service most, by the preview;
    else the first.
    """
    listed = tuple(suspects)
    best: dict[str, tuple[tuple[float, float], str]] = {}
    for suspect in listed:
        if _is_fleet(suspect):
            fleet = names.parse(suspect.id.removeprefix(FLEET), "fleet")
            rank = _relief(scenario, suspect, fleet)
            if fleet.carrier not in best or rank < best[fleet.carrier][0]:
                best[fleet.carrier] = (rank, suspect.id)
    kept = {name for _, name in best.values()}
    return tuple(one for one in listed if not _is_fleet(one) or one.id in kept)


def _is_fleet(suspect: Suspect) -> bool:
    return suspect.id.startswith(FLEET)


def _relief(scenario: Scenario, suspect: Suspect, fleet: names.ResourceName) -> tuple[float, float]:
    """Return the rank of a class of vessels among those of its service; the lowest relieves
    most."""
    units = dict.fromkeys(flow.unit for flow in scenario.spec.flows.values())
    shares = [
        sailing_share(scenario.spec, fleet.carrier, fleet.vessel_class, unit) for unit in units
    ]
    kinds = sum(share is not None for share in shares)
    with_one_more = suspect.raised(scenario)
    if with_one_more is None:
        return -kinds, inf
    return -kinds, loads_of(with_one_more).get(fleet.carrier, 0.0)


def _stacks(service: str, spec: Service) -> tuple[str, ...]:
    return tuple(names.stack(place, service) for place in spec.ends)


def _fleet_names(service: str, spec: Service) -> tuple[str, ...]:
    """Return the names of the fleets that have vessels."""
    return tuple(names.fleet(service, vessel) for vessel, count in spec.fleet.items() if count)


def _fleets(spec: ScenarioSpec) -> Iterator[Suspect]:
    for service, line in spec.services.items():
        for vessel, count in line.fleet.items():
            if not count:
                continue
            path = f"services.{service}.vessels"
            if not isinstance(line.vessels, int):
                path = f"{path}.{vessel}"
            yield Suspect(
                id=f"{FLEET}{names.fleet(service, vessel)}",
                unit="vessel",
                numbers=(Number(path, count, 1),),
                groups=_fleet_names(service, line),
                activity="wait_vessel",
                waits_at=_stacks(service, line),
                loads=(service,),
                stacks=_stacks(service, line),
            )


def _departures(scenario: Scenario) -> Iterator[Suspect]:
    """Yield what vessels wait for before they sail: a load, a longest wait, a headway; at all ends
    of a service."""
    for service, line in scenario.spec.services.items():
        rule = scenario.tree["services"][service].get("departure")
        numbers = tuple(
            Number(path, 1.0, -TENTH, of=value)
            for path, value in _numbers_of(rule, f"services.{service}.departure")
        )
        if numbers and any(line.fleet.values()):
            yield Suspect(
                id=f"earlier departure {service}",
                unit="10 % less to wait for",
                numbers=numbers,
                loads=tuple(names.departures(service, place) for place in line.ends),
                stacks=_stacks(service, line),
                lying=_fleet_names(service, line),
            )


def _numbers_of(rule: Any, path: str) -> Iterator[tuple[str, float | str]]:
    """Yield path and value of the numbers of a departure rule, or of one for each end."""
    if not isinstance(rule, Mapping):
        return
    for key, value in rule.items():
        if isinstance(value, Mapping):
            yield from _numbers_of(value, f"{path}.{key}")
        elif key in DEPARTURE_NUMBERS:
            yield f"{path}.{key}", value


def _ports(spec: ScenarioSpec) -> Iterator[Suspect]:
    for place, port in spec.ports.items():
        yield from _berths(place, port)
        if port.train_tracks is not None:
            number = Number(f"ports.{place}.train_tracks", port.train_tracks, 1)
            tracks = names.tracks(place)
            yield Suspect.at_resources(
                f"train tracks {place}", "track", (number,), "wait_track", tracks
            )
        for name, pool in port.pools.items():
            number = Number(f"ports.{place}.pools.{name}.count", pool.count, 1)
            named = names.pool(place, name)
            yield Suspect.at_resources(f"pool {named}", name, (number,), "wait_pool", named)
        yield from _room(spec, place, port)


def _berths(place: str, port: Port) -> Iterator[Suspect]:
    """Yield the berths of each group of a port, and the rate at which they work."""
    for name, group in port.berths.items():
        berths, path = names.berths(place, name), f"ports.{place}.berths.{name}"
        if group.berths:
            number = Number(f"{path}.berths", group.berths, 1)
            yield Suspect.at_resources(f"berths {berths}", "berth", (number,), "wait_berth", berths)
        rates = tuple(
            _tenth(f"{path}.units_per_h.{unit}", rate) for unit, rate in group.units_per_h.items()
        )
        if rates:
            yield Suspect.at_resources(
                f"working rate {berths}", "10 % of the rate", rates, "wait_berth", berths
            )


def _room(spec: ScenarioSpec, place: str, port: Port) -> Iterator[Suspect]:
    """Yield the room on land: what waits for it stands before its stacks, or lies at the berths
    with cargo for them."""
    services = [service for service, line in spec.services.items() if place in line.ends]
    trains = [train for train, line in spec.trains.items() if place in line.ends]
    berths = [names.berths(place, name) for name in port.berths]
    seaward = [names.stack(place, service) for service in services]
    landward = [names.stack(place, train) for train in trains] + berths
    sides = {"sea": (port.stacks.sea, seaward), "land": (port.stacks.land, landward)}
    for side, (limits, waits_at) in sides.items():
        for unit, limit in limits.items():
            path = f"ports.{place}.stacks.{side}.{unit}"
            yield Suspect(
                id=f"room {place}/{side}/{unit}",
                unit="10 % of the room",
                numbers=(Number(path, limit, _whole_tenth(limit)),),
                activity="wait_room",
                waits_at=tuple(waits_at),
            )


def _sections(spec: ScenarioSpec) -> Iterator[Suspect]:
    """Yield the train paths of a section, or its crossing loops."""
    for name, section in spec.sections.items():
        if section.paths_per_day is not None:
            number = Number(f"sections.{name}.paths_per_day", section.paths_per_day, 1)
            yield Suspect.at_resources(
                f"paths {name}",
                "path a day each way",
                (number,),
                "wait_path",
                *_ways(name, section),
            )
        elif section.loops is not None:
            blocks = tuple(names.block(name, number) for number in range(1, section.loops + 2))
            yield Suspect(
                id=f"loops {name}",
                unit="crossing loop",
                numbers=(Number(f"sections.{name}.loops", section.loops, 1),),
                groups=blocks,
                activity="wait_path",
                waits_at=(*_ways(name, section), *blocks),
                loads=(name,),
                stacks=blocks,
            )


def _ways(name: str, section: Section) -> tuple[str, str]:
    return (
        names.path(name, section.from_, section.to),
        names.path(name, section.to, section.from_),
    )


def _borders(spec: ScenarioSpec) -> Iterator[Suspect]:
    for name, border in spec.borders.items():
        if border.tracks is not None:
            number = Number(f"borders.{name}.tracks", border.tracks, 1)
            yield Suspect.at_resources(
                f"border tracks {name}", "track", (number,), "wait_border", name
            )


def _locomotives(spec: ScenarioSpec) -> Iterator[Suspect]:
    """Yield the locomotives of each pool, and the crews that mend them."""
    for name, pool in spec.locomotives.items():
        path = f"locomotives.{name}"
        number = Number(f"{path}.locomotives", pool.locomotives, _locomotives_for_one_more(pool))
        yield Suspect.at_resources(
            f"locomotives {name}", "locomotive in service", (number,), "wait_locomotive", name
        )
        if pool.breakdowns is not None and pool.breakdowns.crews is not None:
            crews = Number(f"{path}.breakdowns.crews", pool.breakdowns.crews, 1)
            yield Suspect(f"crews {name}", "crew", (crews,), groups=(names.workshop(name),))


def _locomotives_for_one_more(pool: LocomotivePool) -> int:
    """Return how many more a pool needs for one more in service, which may take several."""
    for more in range(1, 1_000_000):
        larger = pool.model_copy(update={"locomotives": pool.locomotives + more})
        if larger.in_service > pool.in_service:
            return more
    raise ValueError(pool.availability)


def _gates(spec: ScenarioSpec) -> Iterator[Suspect]:
    for road, line in spec.roads.items():
        for place, gate in line.gates.items():
            number = Number(f"roads.{road}.gates.{place}.lanes", gate.lanes, 1)
            yield Suspect.at_resources(
                f"gate lanes {road}/{place}",
                "lane",
                (number,),
                "wait_gate",
                names.gate(road, place),
            )


def _embargoes(spec: ScenarioSpec) -> Iterator[Suspect]:
    """Yield loading bans, whose levels are a limit of their own.

    Levels in days follow what is worked in a day, those in units are numbers of their own, as is
    what a quota lets pass.
    """
    for name, embargo in spec.embargoes.items():
        path, numbers = f"embargoes.{name}", []
        if embargo.worked_per_day is not None:
            numbers.append(_tenth(f"{path}.worked_per_day", embargo.worked_per_day))
        for key, level in (("impose", embargo.impose), ("lift", embargo.lift)):
            if level.units is not None:
                numbers.append(_tenth(f"{path}.{key}.units", level.units))
        for what, units in embargo.quota.items():
            # Written as one number it holds for all together.
            quota = f"{path}.quota" if what == ALL else f"{path}.quota.{what}"
            numbers.append(_tenth(quota, units))
        yield Suspect(
            id=f"loading ban {name}",
            unit="10 % of its levels",
            numbers=tuple(numbers),
            activity="wait_embargo",
            waits_at=(name,),
        )


def _holding_tracks(spec: ScenarioSpec) -> Iterator[Suspect]:
    """Yield the tracks on which trains stand: one more on each side."""
    for place, point in spec.places.items():
        if point.holding_tracks is None:
            continue
        ends = {section: track.ends for section, track in spec.sections.items()}
        ends |= {border: crossing.ends for border, crossing in spec.borders.items()}
        waits_at = [names.holding(place, link) for link, pair in ends.items() if place in pair]
        yield Suspect(
            id=f"holding tracks at {place}",
            unit="track",
            numbers=(Number(f"places.{place}.holding_tracks", point.holding_tracks, 1),),
            activity="wait_track",
            waits_at=tuple(waits_at),
        )


def _equipment(spec: ScenarioSpec) -> Iterator[Suspect]:
    """Yield wagons, platforms and containers: a tenth of the fleet more where most of it is."""
    for name, equipment in spec.equipment.items():
        place, most = max(equipment.fleet.items(), key=lambda item: item[1])
        step = _whole_tenth(sum(equipment.fleet.values()))
        yield Suspect(
            id=f"equipment {name}",
            unit="10 % of the fleet",
            numbers=(Number(f"equipment.{name}.fleet.{place}", most, step),),
            activity="wait_equipment",
            waits_at=tuple(names.equipment_at(name, where) for where in spec.places),
        )


def _tenth(path: str, value: float) -> Number:
    return Number(path, float(value), TENTH * value)


def _whole_tenth(value: float) -> int:
    return max(1, ceil(TENTH * value))


def _with_dates(scenario: Scenario, suspect: Suspect) -> Suspect:
    """Add the same number where a date changes it: more from the start is also more after that
    date."""
    later = []
    for day, change in scenario.tree.get("changes", {}).items():
        for number in suspect.numbers:
            value = _at_path(change, number.path)
            path = f"changes.{day}.{number.path}"
            if number.of is not None and isinstance(value, int | float | str):
                later.append(replace(number, path=path, of=value))
            elif isinstance(value, int | float) and not isinstance(value, bool):
                later.append(Number(path, value, number.step))
    if not later:
        return suspect
    return replace(suspect, numbers=(*suspect.numbers, *later))


def _at_path(tree: Any, path: str) -> Any:
    """Return what stands at a dotted path in nested mappings; None if nothing does."""
    for key in path.split("."):
        if not isinstance(tree, Mapping) or key not in tree:
            return None
        tree = tree[key]
    return tree
