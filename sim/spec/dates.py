"""What a date may change: one rule for every path of the scenario language.

A rule says which module of the engine goes on by a new value, or why no date can change the value.
The engine draws some things before the run and lays others down; what it does not take up on a date
is refused here, so that no dated change is accepted and does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from math import isclose

from sim.distributions import Distribution
from sim.spec.demand import Arrivals
from sim.spec.effect import ANY, Uses, idle_at
from sim.spec.fields import Spec
from sim.spec.messages import Path
from sim.spec.scenario import ScenarioSpec
from sim.spec.sea import Service


@dataclass(frozen=True, slots=True)
class Difference:
    """A place at which the scenario from a date on is not what it is at the start."""

    path: Path
    before: object
    after: object

    @property
    def is_presence(self) -> bool:
        """Whether it appears or goes, other than that its value changes."""
        return self.before is None or self.after is None


Obstacle = Callable[[Difference, ScenarioSpec], str | None]
"""Returns why a difference has no effect in a scenario, or None if it has."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Whether a date may change what a pattern of paths leads to, and all that lies below it."""

    adopted_by: str = ""
    """Module below `sim.engine` that goes on by the new value; none: it is refused."""
    refusal: str = ""
    """Why no date can change it."""
    presence: str = ""
    """Why it can neither appear nor go on a date, where its value may change."""
    obstacle: Obstacle | None = None
    """Finds out why another value of the scenario leaves it without effect."""


def rule_of(path: Path) -> Rule:
    """Return the rule for *path*: that of the longest pattern that covers it."""
    for length in range(len(path), 0, -1):
        for pattern, rule in _by_length().get(length, ()):
            if all(key in (ANY, step) for key, step in zip(pattern, path, strict=False)):
                return rule
    return FIXED


def refusal_of(difference: Difference, scenario: ScenarioSpec) -> str | None:
    """Return why no date can make *difference* in *scenario*, as it is from the date on, or None."""
    rule = rule_of(difference.path)
    if rule.refusal:
        return rule.refusal
    if difference.is_presence and rule.presence:
        how = "appears" if difference.before is None else "goes"
        return rule.presence.format(how=how)
    return None if rule.obstacle is None else rule.obstacle(difference, scenario)


def differences(before: object, after: object, path: Path = ()) -> Iterator[Difference]:
    """Yield the places at which two parts of a scenario differ, as deep down as both are there."""
    if before == after:
        return
    if isinstance(before, Spec) and isinstance(after, Spec) and not _is_another_kind(before, after):
        old, new = _entries(before), _entries(after)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        old, new = dict(before), dict(after)
    else:
        yield Difference(path, before, after)
        return
    for key in dict.fromkeys((*new, *old)):
        yield from differences(old.get(key), new.get(key), (*path, key))


def _is_another_kind(before: Spec, after: Spec) -> bool:
    """Return whether two arrivals are processes of different kinds, which have nothing in common."""
    if isinstance(before, Arrivals) and isinstance(after, Arrivals):
        return before.kind != after.kind
    return False


def _entries(part: Spec) -> dict[str, object]:
    """Return the values of *part* by key; vessels by class, however they are written."""
    entries = {
        field.alias or name: getattr(part, name) for name, field in type(part).model_fields.items()
    }
    if isinstance(part, Service):
        del entries["vessel"]
        entries["vessels"] = part.fleet
    return entries


# -- why a value has no effect
# ------------------------------------------------------------------------------------------------

FOR_THE_RUN = "holds for the whole run; no date and no project that opens on the way changes it"


def _another_kind(difference: Difference, scenario: ScenarioSpec) -> str | None:
    del scenario
    if not isinstance(difference.after, Arrivals):
        return None
    return "keeps its kind for the whole run; only its numbers change on a date"


def _another_shape(difference: Difference, scenario: ScenarioSpec) -> str | None:
    """Intervals are drawn once and stretched by their mean."""
    del scenario
    before, after = difference.before, difference.after
    if not isinstance(before, Distribution) or not isinstance(after, Distribution):
        return None
    stretched = before.scaled(after.mean / before.mean)
    is_alike = stretched.name == after.name and all(
        isclose(one, other)
        for one, other in zip(stretched.parameters, after.parameters, strict=True)
    )
    return (
        None if is_alike else "keeps its shape for the whole run; only its mean changes on a date"
    )


def _without_effect(difference: Difference, scenario: ScenarioSpec) -> str | None:
    idle = idle_at(Uses(scenario), difference.path)
    return None if idle is None else idle[1]


def _beside_running(difference: Difference, scenario: ScenarioSpec) -> str | None:
    if scenario.sections[difference.path[1]].running is None:
        return None
    return (
        "changes no running time where 'running' is given; cost and energy hold for the whole run"
    )


def _background(difference: Difference, scenario: ScenarioSpec) -> str | None:
    section = scenario.sections[difference.path[1]]
    if section.loops is not None:
        return f"{FOR_THE_RUN}, where there are loops"
    return _without_effect(difference, scenario)


def _break_down(difference: Difference, scenario: ScenarioSpec) -> str | None:
    if scenario.locomotives[difference.path[1]].breakdowns is None:
        return None
    return f"{FOR_THE_RUN}, where locomotives break down one by one"


def _distance(difference: Difference, scenario: ScenarioSpec) -> str | None:
    if scenario.services[difference.path[1]].crossing is None:
        return None
    return "changes no crossing where 'crossing' is given"


# -- the table
# ------------------------------------------------------------------------------------------------

FIXED = Rule(refusal=FOR_THE_RUN)
_NOT_READ = Rule(refusal="is for the reader alone; no run depends on it")
_PART = (
    "{how} on a date; parts stay for the whole run: "
    "write it from the start, with nothing in it until then"
)
_LIMIT = "has a limit for the whole run or none; change the number"
_DRAWN = "holds for the whole run: it is drawn before the run begins"
_CHARGED = "holds for the whole run: what the run costs and emits is counted after it, at one price"

_USERS = "{how} on a date; users stay for the whole run: change their times, priority and hours"


def _users(pattern: str, works: tuple[str, ...], choose: tuple[str, ...]) -> dict[str, Rule]:
    """Return the rules of those that are dealt with in a way of their own: what they are is fixed,
    what is done with them is not."""
    rules = {pattern: Rule("land.formalities", presence=_USERS)}
    for key in (*works, "inspection", "hours", "priority"):
        rules[f"{pattern}.{key}"] = Rule("land.formalities")
    for key in (*choose, "units", "flows", "load"):
        rules[f"{pattern}.{key}"] = FIXED
    return rules


TABLE: Mapping[str, Rule] = {
    # What the run is, and what could be.
    "extends": FIXED,
    "title": FIXED,
    "question": FIXED,
    "horizon": FIXED,
    "places": FIXED,
    "units": FIXED,
    "changes": FIXED,
    "projects": FIXED,
    "project_catalogue": FIXED,
    "stress": FIXED,
    "stress_catalogue": FIXED,
    "observed": FIXED,
    # Laid down or drawn before the run begins, or counted after it.
    "equipment": FIXED,
    "embargoes": FIXED,
    "reassignments": FIXED,
    "initial": FIXED,
    "weather": Rule(refusal=_DRAWN),
    "disruptions": Rule(refusal=_DRAWN),
    "sea_level": Rule(refusal="holds for the whole run: it says the level of every date itself"),
    "money": Rule(refusal=_CHARGED),
    "energy": Rule(refusal=_CHARGED),
    # Cargo; consignments are drawn before the run, from all dates at once.
    "demand.scale": Rule("cargo.demand"),
    "demand.scale_by_scope": Rule("cargo.demand"),
    "demand.growth_per_year": Rule(refusal="holds for the whole run; change 'scale' on a date"),
    "flows.*": Rule("cargo.demand", presence=_PART),
    "flows.*.cargo": _NOT_READ,
    "flows.*.unit": FIXED,
    "flows.*.origin": FIXED,
    "flows.*.destination": FIXED,
    "flows.*.scope": FIXED,
    "flows.*.units_per_year": Rule("cargo.demand"),
    "flows.*.arrivals": Rule("cargo.demand", obstacle=_another_kind),
    "flows.*.arrivals.renewal.interval": Rule("cargo.demand", obstacle=_another_shape),
    "flows.*.arrivals.scheduled.first": FIXED,
    "flows.*.arrivals.trace": FIXED,
    "flows.*.arrivals.returns.flow": FIXED,
    "flows.*.arrivals.returns.share": Rule("cargo.journeys"),
    "flows.*.arrivals.returns.after": FIXED,
    "flows.*.arrivals.surplus.above": Rule("cargo.equipment"),
    "flows.*.growth_per_year": Rule(
        refusal="holds for the whole run; change 'units_per_year' on a date"
    ),
    "flows.*.season": Rule("cargo.demand"),
    "flows.*.days_of_week": Rule("cargo.demand"),
    "flows.*.hours_of_day": Rule("cargo.demand"),
    "flows.*.consignment_units": FIXED,
    "flows.*.tonnes_per_unit": FIXED,
    "flows.*.routes": FIXED,
    "flows.*.routes.*.share": Rule("cargo.journeys", obstacle=_without_effect),
    "flows.*.routing": FIXED,
    "flows.*.priority": Rule("world.lots"),
    "flows.*.equipment": FIXED,
    "dwell.*": Rule("cargo.dwell", presence=_PART),
    "dwell.*.at": FIXED,
    "dwell.*.units": FIXED,
    "dwell.*.before": FIXED,
    "dwell.*.at_origin": FIXED,
    "dwell.*.time": Rule("cargo.dwell"),
    "dwell.*.faults": Rule("cargo.dwell"),
    "dwell.*.hours": Rule("cargo.dwell"),
    "dwell.*.closed": Rule("cargo.dwell"),
    "flows.*.segregation": FIXED,
    # Land
    "locomotives.*": Rule("world.facilities", presence=_PART),
    "locomotives.*.locomotives": Rule("world.facilities", obstacle=_break_down),
    "locomotives.*.availability": Rule("world.facilities", obstacle=_break_down),
    "locomotives.*.turn": FIXED,
    "locomotives.*.breakdowns": FIXED,
    "sections.*": Rule("land.haulage", presence=_PART),
    "sections.*.from": FIXED,
    "sections.*.to": FIXED,
    "sections.*.length_km": Rule("land.haulage", obstacle=_beside_running),
    "sections.*.running": Rule("land.haulage"),
    "sections.*.speed_km_per_day": Rule("land.haulage", obstacle=_beside_running),
    "sections.*.moving_km_per_h": Rule(refusal="moves no train: it is for one indicator alone"),
    "sections.*.running_cv": Rule("land.haulage", obstacle=_without_effect),
    "sections.*.tracks": Rule(refusal="limits no train; change 'paths_per_day' on a date"),
    "sections.*.paths_per_day": Rule("world.facilities"),
    "sections.*.loops": FIXED,
    "sections.*.clearing": FIXED,
    "sections.*.possessions": FIXED,
    "sections.*.background_trains_per_day": Rule("world.facilities", obstacle=_background),
    "sections.*.locomotives": FIXED,
    "borders.*": Rule("land.formalities", presence=_PART),
    "borders.*.from": FIXED,
    "borders.*.to": FIXED,
    "borders.*.tracks": Rule("world.facilities"),
    "borders.*.handover": Rule("land.formalities"),
    "borders.*.clearance": Rule("land.formalities"),
    "borders.*.transload": Rule("land.formalities"),
    "borders.*.inspection": Rule("land.formalities"),
    "borders.*.hours": Rule("land.formalities"),
    "borders.*.priority": Rule("land.formalities", obstacle=_without_effect),
    "borders.*.users": Rule("land.formalities", presence=_USERS),
    **_users("borders.*.users.*", ("handover", "clearance", "transload"), ("trains", "towards")),
    "trains.*": Rule("land.trains", presence=_PART),
    "trains.*.path": FIXED,
    "trains.*.over": FIXED,
    "trains.*.capacity": Rule("land.trains"),
    "trains.*.departure": Rule("land.trains"),
    "trains.*.handling": Rule("land.terminal"),
    "trains.*.priority": Rule("land.trains"),
    "roads.*": Rule("land.road", presence=_PART),
    "roads.*.from": FIXED,
    "roads.*.to": FIXED,
    "roads.*.running": Rule("land.road"),
    "roads.*.length_km": Rule(refusal=_CHARGED),
    "roads.*.gates": Rule(
        "land.formalities",
        presence="are there for the whole run or not at all; change their lanes",
    ),
    "roads.*.gates.*.lanes": Rule("world.facilities"),
    "roads.*.gates.*.time": Rule("land.formalities"),
    "roads.*.gates.*.inspection": Rule("land.formalities"),
    "roads.*.gates.*.hours": Rule("land.formalities"),
    "roads.*.gates.*.users": Rule("land.formalities", presence=_USERS),
    **_users("roads.*.gates.*.users.*", ("time",), ("roads",)),
    "roads.*.shared_gates": FIXED,
    # Sea
    "ports.*": Rule("world.facilities", presence=_PART),
    "ports.*.berths": Rule(
        "world.facilities",
        presence="keeps its groups for the whole run; change the number of berths in them",
    ),
    "ports.*.berths.*.vessels": FIXED,
    "ports.*.berths.*.units": Rule("sea.duty"),
    "ports.*.berths.*.units_per_h": Rule("sea.duty"),
    "ports.*.stacks.sea": Rule("world.world", presence=_LIMIT),
    "ports.*.stacks.land": Rule("world.world", presence=_LIMIT),
    "ports.*.in_storm": FIXED,
    "ports.*.pools": Rule(
        "world.facilities",
        presence="keeps its pools for the whole run; change how many there are in them",
    ),
    "ports.*.pools.*.needs": Rule("sea.duty"),
    "ports.*.pools.*.in": Rule("sea.duty"),
    "ports.*.pools.*.out": Rule("sea.duty"),
    "ports.*.pools.*.first": Rule("sea.duty"),
    "ports.*.pools.*.in_storm": FIXED,
    "ports.*.depth_m": Rule("sea.duty", presence=_LIMIT),
    "ports.*.train_tracks": Rule("world.facilities", presence=_LIMIT),
    "vessels.*": Rule("sea.duty", presence=_PART),
    "vessels.*.name": _NOT_READ,
    "vessels.*.capacity": Rule("sea.duty"),
    "vessels.*.lane_m": Rule("sea.duty"),
    "vessels.*.carries": Rule("sea.duty"),
    "vessels.*.speed_kn": Rule("sea.duty", obstacle=_without_effect),
    "vessels.*.draught_m": Rule("sea.duty", obstacle=_without_effect),
    "vessels.*.light_draught_m": Rule("sea.duty", obstacle=_without_effect),
    "vessels.*.limits": FIXED,
    "vessels.*.segregates": Rule("sea.duty"),
    "vessels.*.handling": Rule("sea.duty", obstacle=_without_effect),
    "vessels.*.repair": FIXED,
    "services.*": Rule("sea.duty", presence=_PART),
    "services.*.from": FIXED,
    "services.*.to": FIXED,
    "services.*.vessel": FIXED,
    "services.*.vessels": Rule(
        "sea.fleets",
        presence="keeps its classes for the whole run; write 0 vessels of a class until it has some",
    ),
    "services.*.distance_nm": Rule("sea.duty", obstacle=_distance),
    "services.*.crossing": Rule("sea.duty"),
    "services.*.handling": Rule("sea.duty"),
    "services.*.departure": Rule("sea.quay"),
    "services.*.berths": FIXED,
    "services.*.sailing": Rule("sea.duty"),
    "services.*.priority": Rule("sea.duty"),
    "services.*.loading": Rule("sea.quay"),
    "services.*.prefers": Rule("sea.quay"),
}


@cache
def _by_length() -> Mapping[int, list[tuple[Path, Rule]]]:
    by_length: dict[int, list[tuple[Path, Rule]]] = {}
    for pattern, rule in TABLE.items():
        keys = tuple(pattern.split("."))
        by_length.setdefault(len(keys), []).append((keys, rule))
    return by_length
