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
from dataclasses import dataclass, replace
from math import ceil, inf
from typing import Any

from sim.analysis.loads import loads_of
from sim.errors import ScenarioError
from sim.log import names
from sim.spec.embargo import Embargo
from sim.spec.itineraries import deck_share
from sim.spec.land import LocomotivePool
from sim.spec.load import Scenario
from sim.spec.scenario import ScenarioSpec
from sim.units import parse_duration

FLEET = "vessels "
"""How the id of a fleet begins."""
TENTH = 0.1
"""What a rate or a room is raised by, as a share of what is written."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the scenario that is raised."""

    path: str
    now: float
    step: float
    of: float | str | None = None
    """What is written there, a duration perhaps, if the number is how many times that."""

    def raised(self, steps: int) -> float:
        """Return it after so many *steps*; whole numbers stay whole."""
        value = self.now + steps * self.step
        return (
            round(value)
            if isinstance(self.now, int) and isinstance(self.step, int)
            else round(value, 9)
        )

    def written(self, steps: int) -> float | str:
        """Return what a scenario says that has so many *steps* more."""
        value = self.raised(steps)
        if isinstance(self.of, str):
            return f"{round(parse_duration(self.of) * value)}s"
        return value if self.of is None else round(self.of * value, 9)


@dataclass(frozen=True, slots=True)
class Suspect:
    """Something that may be short."""

    id: str
    """Such as ``berths alat/ferry``: what there would be more of, and where."""
    unit: str
    """What one step is, in words."""
    numbers: tuple[Number, ...]
    """What is raised; those after the first follow it: other units of a rate, later dates."""
    groups: tuple[str, ...] = ()
    """Resources and fleets of the log that it is made of."""
    activity: str = ""
    """What cargo does that waits for it."""
    waits_at: tuple[str, ...] = ()
    """Where."""
    loads: tuple[str, ...] = ()
    """Its resources in the preview of capacity."""
    stacks: tuple[str, ...] = ()
    """Stacks and queues that grow where it is short."""
    lying: tuple[str, ...] = ()
    """Fleets that lie at berths for it, waiting for cargo."""

    @property
    def now(self) -> float:
        """The number as it is."""
        return self.numbers[0].now

    def at(self, steps: int) -> float:
        """Return the number after so many *steps*."""
        return self.numbers[0].raised(steps)

    def changes(self, steps: int) -> dict[str, Any]:
        """Return what a scenario changes that has so many *steps* more of it."""
        return {number.path: number.written(steps) for number in self.numbers}


def suspects_of(loaded: Scenario) -> tuple[Suspect, ...]:
    """Return every suspect of a scenario, in the order of its file; of each service all classes of
    vessels."""
    scenario = loaded.spec
    found = [
        *_fleets(scenario),
        *_departures(loaded),
        *_ports(scenario),
        *_rail(scenario),
        *_gates(scenario),
        *_rules(scenario),
    ]
    return tuple(_with_dates(loaded, suspect) for suspect in found)


def load_of(suspect: Suspect, ratios: Mapping[str, float]) -> float:
    """Return the highest load of the resources of *suspect*; 0 for what the preview does not
    know."""
    return max((ratios.get(resource, 0.0) for resource in suspect.loads), default=0.0)


def raised(loaded: Scenario, suspect: Suspect, steps: int = 1) -> Scenario | None:
    """Return the scenario with *steps* more of *suspect*; None if there can be no such scenario."""
    try:
        return loaded.with_(suspect.changes(steps))
    except ScenarioError:
        return None


def one_class_a_service(loaded: Scenario, suspects: Iterable[Suspect]) -> tuple[Suspect, ...]:
    """Keep of each service one class of vessels: that which carries most kinds of unit, so that it
    can relieve all.

    Of several such, the one of which one more lowers the load of the service most, by the preview;
    else the first.
    """
    best: dict[str, tuple[tuple[float, float], str]] = {}
    listed = tuple(suspects)
    units = dict.fromkeys(flow.unit for flow in loaded.spec.flows.values())
    for suspect in listed:
        if not suspect.id.startswith(FLEET):
            continue
        vessels = names.parse(suspect.id.removeprefix(FLEET), "fleet")
        service, vessel = vessels.carrier, vessels.vessel_class
        kinds = sum(deck_share(loaded.spec, vessel, unit) is not None for unit in units)
        more = raised(loaded, suspect)
        rank = (-kinds, inf if more is None else loads_of(more).get(service, 0.0))
        if service not in best or rank < best[service][0]:
            best[service] = (rank, suspect.id)
    kept = {name for _, name in best.values()}
    return tuple(s for s in listed if not s.id.startswith(FLEET) or s.id in kept)


def _fleets(scenario: ScenarioSpec) -> Iterator[Suspect]:
    for service, spec in scenario.services.items():
        base = f"services.{service}.vessels"
        stacks = tuple(names.stack(place, service) for place in spec.ends)
        fleets = tuple(
            names.fleet(service, vessel) for vessel, count in spec.fleet.items() if count
        )
        for vessel, count in spec.fleet.items():
            if count:
                yield Suspect(
                    id=f"{FLEET}{names.fleet(service, vessel)}",
                    unit="vessel",
                    numbers=(
                        Number(
                            base if isinstance(spec.vessels, int) else f"{base}.{vessel}", count, 1
                        ),
                    ),
                    groups=fleets,
                    activity="wait_vessel",
                    waits_at=stacks,
                    loads=(service,),
                    stacks=stacks,
                )


def _departures(loaded: Scenario) -> Iterator[Suspect]:
    """Yield what vessels wait for before they sail: a load, a longest wait, a headway; at all ends
    of a service."""
    for service, spec in loaded.spec.services.items():
        rules = _rules_at(
            loaded.tree["services"][service].get("departure"), f"services.{service}.departure"
        )
        numbers = tuple(Number(path, 1.0, -TENTH, of=value) for path, value in rules)
        if numbers and any(spec.fleet.values()):
            yield Suspect(
                id=f"earlier departure {service}",
                unit="10 % less to wait for",
                numbers=numbers,
                loads=tuple(names.departures(service, place) for place in spec.ends),
                stacks=tuple(names.stack(place, service) for place in spec.ends),
                lying=tuple(
                    names.fleet(service, vessel) for vessel, count in spec.fleet.items() if count
                ),
            )


def _rules_at(rule: Any, path: str) -> Iterator[tuple[str, float | str]]:
    """Yield path and value of the numbers of a departure rule, or of one for each end."""
    for key, value in rule.items() if isinstance(rule, Mapping) else ():
        if isinstance(value, Mapping):
            yield from _rules_at(value, f"{path}.{key}")
        elif key in ("full", "longest_wait", "headway"):
            yield f"{path}.{key}", value


def _ports(scenario: ScenarioSpec) -> Iterator[Suspect]:
    for place, port in scenario.ports.items():
        for name, group in port.berths.items():
            here, where = names.berths(place, name), f"ports.{place}.berths.{name}"
            if group.berths:
                number = Number(f"{where}.berths", group.berths, 1)
                yield _of(f"berths {here}", "berth", (number,), "wait_berth", here)
            rates = tuple(
                _tenth(f"{where}.units_per_h.{unit}", rate)
                for unit, rate in group.units_per_h.items()
            )
            if rates:
                yield _of(f"working rate {here}", "10 % of the rate", rates, "wait_berth", here)
        if port.train_tracks is not None:
            number = Number(f"ports.{place}.train_tracks", port.train_tracks, 1)
            yield _of(
                f"train tracks {place}", "track", (number,), "wait_track", names.tracks(place)
            )
        yield from _room(scenario, place)


def _room(scenario: ScenarioSpec, place: str) -> Iterator[Suspect]:
    """Yield the room on land: what waits for it stands before its stacks, or lies at the berths
    with cargo for them."""
    port = scenario.ports[place]
    at_sea = [s for s, spec in scenario.services.items() if place in spec.ends]
    on_land = [t for t, spec in scenario.trains.items() if place in spec.ends]
    for side, limits, carriers in (
        ("sea", port.stacks.sea, at_sea),
        ("land", port.stacks.land, on_land),
    ):
        stacks = tuple(names.stack(place, carrier) for carrier in carriers)
        berths = tuple(names.berths(place, name) for name in port.berths) if side == "land" else ()
        for unit, limit in limits.items():
            number = Number(
                f"ports.{place}.stacks.{side}.{unit}", limit, max(1, ceil(TENTH * limit))
            )
            name, waits_at = f"room {place}/{side}/{unit}", (*stacks, *berths)
            yield Suspect(
                name, "10 % of the room", (number,), activity="wait_room", waits_at=waits_at
            )


def _rail(scenario: ScenarioSpec) -> Iterator[Suspect]:
    for section, spec in scenario.sections.items():
        ways = tuple(
            names.path(section, a, b) for a, b in ((spec.from_, spec.to), (spec.to, spec.from_))
        )
        if spec.paths_per_day is not None:
            number = Number(f"sections.{section}.paths_per_day", spec.paths_per_day, 1)
            yield _of(f"paths {section}", "path a day each way", (number,), "wait_path", *ways)
        elif spec.loops is not None:
            blocks = tuple(names.block(section, number) for number in range(1, spec.loops + 2))
            number = Number(f"sections.{section}.loops", spec.loops, 1)
            one = _of(f"loops {section}", "crossing loop", (number,), "wait_path", *blocks)
            yield replace(one, waits_at=(*ways, *blocks), loads=(section,))
    for border, crossing in scenario.borders.items():
        if crossing.tracks is not None:
            number = Number(f"borders.{border}.tracks", crossing.tracks, 1)
            yield _of(f"border tracks {border}", "track", (number,), "wait_border", border)
    for pool, locomotives in scenario.locomotives.items():
        step = _locomotives_for_one_in_service(locomotives)
        number = Number(f"locomotives.{pool}.locomotives", locomotives.locomotives, step)
        yield _of(
            f"locomotives {pool}", "locomotive in service", (number,), "wait_locomotive", pool
        )
        if locomotives.breakdowns is not None and locomotives.breakdowns.crews is not None:
            number = Number(f"locomotives.{pool}.breakdowns.crews", locomotives.breakdowns.crews, 1)
            yield Suspect(f"crews {pool}", "crew", (number,), groups=(names.workshop(pool),))


def _locomotives_for_one_in_service(pool: LocomotivePool) -> int:
    """Return how many more a pool needs for one more in service, which may take several."""
    for more in range(1, 1_000_000):
        larger = pool.model_copy(update={"locomotives": pool.locomotives + more})
        if larger.in_service > pool.in_service:
            return more
    raise ValueError(pool.availability)


def _gates(scenario: ScenarioSpec) -> Iterator[Suspect]:
    for road, spec in scenario.roads.items():
        for place, gate in spec.gates.items():
            number = Number(f"roads.{road}.gates.{place}.lanes", gate.lanes, 1)
            here = names.gate(road, place)
            yield _of(f"gate lanes {road}/{place}", "lane", (number,), "wait_gate", here)


def _rules(scenario: ScenarioSpec) -> Iterator[Suspect]:
    """Yield loading bans, whose levels are a limit of their own, and equipment."""
    for embargo, spec in scenario.embargoes.items():
        yield Suspect(
            id=f"loading ban {embargo}",
            unit="10 % of its levels",
            numbers=tuple(_levels(embargo, spec)),
            activity="wait_embargo",
            waits_at=(embargo,),
        )
    for name, fleet in scenario.equipment.items():
        place, most = max(fleet.fleet.items(), key=lambda item: item[1])
        number = Number(
            f"equipment.{name}.fleet.{place}", most, max(1, ceil(TENTH * sum(fleet.fleet.values())))
        )
        waits_at = tuple(names.equipment_at(name, spot) for spot in scenario.places)
        unit = "10 % of the fleet"
        yield Suspect(
            f"equipment {name}", unit, (number,), activity="wait_equipment", waits_at=waits_at
        )


def _levels(name: str, spec: Embargo) -> Iterator[Number]:
    """Yield the numbers of a ban: levels in days follow what is worked in a day, those in units are
    their own."""
    if spec.worked_per_day is not None:
        yield _tenth(f"embargoes.{name}.worked_per_day", spec.worked_per_day)
    for key, level in (("impose", spec.impose), ("lift", spec.lift)):
        if level.units is not None:
            yield _tenth(f"embargoes.{name}.{key}.units", level.units)


def _of(name: str, unit: str, numbers: tuple[Number, ...], activity: str, *at: str) -> Suspect:
    """Return a suspect that has the same resources in the log, in the preview and where cargo
    waits."""
    return Suspect(
        name, unit, numbers, groups=at, activity=activity, waits_at=at, loads=at, stacks=at
    )


def _tenth(path: str, value: float) -> Number:
    return Number(path, float(value), TENTH * value)


def _with_dates(loaded: Scenario, suspect: Suspect) -> Suspect:
    """Add the same number where a date changes it: more from the start is also more after that
    date."""
    later = []
    for day, change in loaded.tree.get("changes", {}).items():
        for number in suspect.numbers:
            value = _at_path(change, number.path)
            path = f"changes.{day}.{number.path}"
            if number.of is not None and isinstance(value, int | float | str):
                later.append(replace(number, path=path, of=value))
            elif isinstance(value, int | float) and not isinstance(value, bool):
                later.append(Number(path, value, number.step))
    return replace(suspect, numbers=(*suspect.numbers, *later)) if later else suspect


def _at_path(tree: Any, path: str) -> Any:
    """Return what stands at a dotted path in nested mappings; None if nothing does."""
    for key in path.split("."):
        if not isinstance(tree, Mapping) or key not in tree:
            return None
        tree = tree[key]
    return tree
