"""What a date may change: one rule for every field of the language, and what is refused says why."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from sim.errors import ScenarioError
from sim.spec.dates import TABLE, rule_of
from sim.spec.load import load
from sim.spec.scenario import ScenarioSpec


def models_in(kind: Any) -> Iterator[tuple[tuple[str, ...], type[BaseModel]]]:
    """Yield the models a field may hold, with a ``*`` for the id of each mapping on the way."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield (), kind
    arguments = [argument for argument in get_args(kind) if argument is not Ellipsis]
    is_mapping = "Mapping" in str(getattr(kind, "__origin__", ""))
    for argument in arguments[1:] if is_mapping else arguments:
        for path, model in models_in(argument):
            yield (*(("*",) if is_mapping else ()), *path), model


def fields_of(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the pattern of every field that a part of the scenario may hold."""
    for name, field in model.model_fields.items():
        here = (*path, field.alias or name)
        yield here
        for ids, inner in models_in(field.annotation):
            yield from fields_of(inner, (*here, *ids))


PATTERNS = dict.fromkeys(fields_of(ScenarioSpec, ()))


@pytest.mark.parametrize("pattern", [".".join(path) for path in PATTERNS])
def test_every_field_of_the_language_has_a_rule(pattern):
    """A part as such has none: what holds for a part does not hold for a new field of it by itself."""
    path = tuple(pattern.split("."))
    covered = [".".join(path[:length]) for length in range(1, len(path) + 1)]
    has_rule = any(covering in TABLE and not covering.endswith("*") for covering in covered)
    is_part = f"{pattern}.*" in TABLE or pattern == "demand"
    is_holder = any(name.startswith(f"{pattern}.") for name in TABLE)
    assert has_rule or is_part or is_holder


def test_every_rule_is_of_a_field_of_the_language():
    known = {".".join(path) for path in PATTERNS}
    known |= {f"{pattern}.*" for pattern in known} | {"extends"}
    assert set(TABLE) <= known


def test_every_rule_says_who_takes_the_value_up_or_why_nobody_does():
    assert all(bool(rule.adopted_by) != bool(rule.refusal) for rule in TABLE.values())


@pytest.mark.parametrize("module", sorted({rule.adopted_by for rule in TABLE.values()} - {""}))
def test_the_module_that_takes_a_value_up_is_there(module):
    import_module(f"sim.engine.{module}")


def test_the_longest_pattern_counts():
    assert rule_of(("ports", "alat", "berths", "ramp", "vessels")).refusal
    assert rule_of(("ports", "alat", "berths", "ramp", "berths")).adopted_by
    assert rule_of(("a new part", "x")).refusal


SCENARIO = """\
places: {mine: {}, mid: {}}
ports: {kuryk: {berths: {ramp: {berths: 1}}, stacks: {sea: {wagon: 200}}}}
sections: {rail: {from: mine, to: mid, length_km: 300, running: 10h}}
vessels: {small: {capacity: {wagon: 10}, speed_kn: 10, handling: 5h}}
roads: {street: {from: mine, to: mid, gates: {mid: {lanes: 1, time: 10min}}}}
"""


CLASSES = "keeps its classes for the whole run; write 0 vessels of a class until it has some"
REFUSED = {
    "services: {line: {vessels: {small: 2}}}": ("services.line.vessels.small", CLASSES),
    "services: {line: {vessels: {ferry: null}}}": ("services.line.vessels.ferry", CLASSES),
    "services: {line: {distance_nm: 300}}": (
        "services.line.distance_nm",
        "changes no crossing where 'crossing' is given",
    ),
    "sections: {rail: {length_km: 400}}": (
        "sections.rail.length_km",
        "changes no running time where 'running' is given; cost and energy hold for the whole run",
    ),
    "sections: {rail: {background_trains_per_day: 2}}": (
        "sections.rail.background_trains_per_day",
        "takes no paths from a section that has any number; give 'paths_per_day' or 'loops'",
    ),
    "sections: {rail: {tracks: 2}}": (
        "sections.rail.tracks",
        "limits no train; change 'paths_per_day' on a date",
    ),
    "flows: {wagons: {arrivals: {scheduled: {every: 1h}}}}": (
        "flows.wagons.arrivals",
        "keeps its kind for the whole run; only its numbers change on a date",
    ),
    "flows: {parcels: {arrivals: {renewal: {interval: 6h}}}}": (
        "flows.parcels.arrivals.renewal.interval",
        "keeps its shape for the whole run; only its mean changes on a date",
    ),
    "ports: {kuryk: {stacks: {sea: {wagon: null}}}}": (
        "ports.kuryk.stacks.sea.wagon",
        "has a limit for the whole run or none; change the number",
    ),
    "ports: {kuryk: {berths: {quay: {berths: 1, vessels: [small]}}}}": (
        "ports.kuryk.berths.quay",
        "keeps its groups for the whole run; change the number of berths in them",
    ),
    "roads: {street: {gates: {mine: {lanes: 1, time: 10min}}}}": (
        "roads.street.gates.mine",
        "are there for the whole run or not at all; change their lanes",
    ),
    "money: {price_base: 2023, discount_rate: 0.1}": (
        "money",
        "'money' holds for the whole run: what the run costs and emits is counted after it, at one price",
    ),
    "vessels: {ferry: {name: other}}": (
        "vessels.ferry.name",
        "is for the reader alone; no run depends on it",
    ),
    "vessels: {ferry: {draught_m: 4}}": (
        "vessels.ferry.draught_m",
        "limits no load: no port at which the class calls has a 'depth_m'",
    ),
    "vessels: {ferry: {speed_kn: 15}}": (
        "vessels.ferry.speed_kn",
        "changes no crossing: every service of the class has a 'crossing' of its own",
    ),
    "vessels: {ferry: {handling: 9h}}": (
        "vessels.ferry.handling",
        "changes no call: every service of the class has a 'handling' of its own",
    ),
}
FLOW = (
    "flows: {parcels: {unit: wagon, origin: kuryk, destination: alat,"
    " arrivals: {renewal: {interval: {exponential: 5h}}}}}"
)


@pytest.mark.parametrize("change", REFUSED)
def test_what_no_date_can_change_is_refused_with_its_reason(write, change):
    path, reason = REFUSED[change]
    services = "services: {line: {vessel: null, vessels: {ferry: 4}}}"
    dated = f"changes: {{2023-02-01: {{{change}}}}}"
    write("child.yaml", f"extends: base\n{SCENARIO}{FLOW}\n{services}\n{dated}\n")
    with pytest.raises(ScenarioError) as caught:
        load("child.yaml")
    problems = [(problem.path, problem.what) for problem in caught.value.problems]
    assert (f"changes.2023-02-01.{path}", reason) in problems


@pytest.mark.parametrize(
    "change",
    [
        "services: {line: {vessels: 6, crossing: 18h, departure: at_once}}",
        "flows: {wagons: {arrivals: {poisson: {per_day: 12}}, season: [2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}}",
        "vessels: {ferry: {capacity: {wagon: 60}}}",
        "title: null",
    ],
)
def test_what_a_date_can_change_is_not_refused(write, change):
    write("child.yaml", f"extends: base\nchanges: {{2023-02-01: {{{change}}}}}\n")
    if change.startswith("title"):
        with pytest.raises(ScenarioError, match="'title' holds for the whole run"):
            load("child.yaml")
    else:
        assert len(load("child.yaml").eras) == 1
