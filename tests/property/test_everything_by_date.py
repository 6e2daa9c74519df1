"""Every value of the scenario language changed on a date: it has an effect on the log, or is refused with a reason.

Nothing is accepted and does nothing. ``tests/data/everything.yaml`` switches on every rule there is; each number,
duration, distribution, choice and switch of it is changed on one day of the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from sim.distributions import Distribution
from sim.engine.run import simulate
from sim.errors import ScenarioError
from sim.log.disk import digest
from sim.network.build import build
from sim.spec.dates import TABLE
from sim.spec.demand import Route
from sim.spec.departure import Departure
from sim.spec.load import Scenario, load
from sim.spec.loading import Loading, Preference
from sim.spec.scenario import ScenarioSpec
from sim.units import format_duration, parse_duration

EVERYTHING = Path(__file__).parents[1] / "data" / "everything.yaml"
DAY = "2023-01-10"
RULES = [
    "at_once",
    {"full": 0.5, "longest_wait": "10h"},
    {"headway": "15h"},
    {"timetable": ["05:00", "17:00"]},
    {"longest_wait": "50h", "berth_needed": "leave"},
]
"""Departure rules of every kind."""
LOADING = ["priority", "oldest_first", {"quota": {"wagon": 0.2, "truck": 0.8}}]
"""Rules for loading."""
SEED = 1


@cache
def everything() -> Scenario:
    return load(EVERYTHING)


@cache
def digest_without_change() -> str:
    return digest(simulate(build(everything()), seed=SEED))


def leaves(
    part: object, written: Any, path: tuple[str, ...], kind: Any = None
) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """Yield the path of every value of *part* with other values that it may have, as a file writes them."""
    if isinstance(part, Distribution):
        write = float if path[-1] == "consignment_units" else format_duration
        others = [part.scaled(factor).as_mapping(write) for factor in (2, 0.5, 0.1)]
        yield path, others if part.mean else ["5h", "20h"]
    elif isinstance(part, Departure | Loading | Preference):
        yield from rules(part, written, path)
    elif isinstance(part, BaseModel):
        for name, field in type(part).model_fields.items():
            key = field.alias or name
            yield from leaves(getattr(part, name), written[key], (*path, key), field.annotation)
    elif path[-1:] == ("routes",) and isinstance(part, Mapping):
        yield from shares(part, path)
    elif isinstance(part, Mapping):
        for key in part:
            yield from leaves(part[key], written[str(key)], (*path, str(key)))
    elif isinstance(part, tuple):
        yield from lists(part, written, path)
    elif part is not None:
        others = list(other_values(written, kind))
        if others:
            yield path, others


def rules(
    part: Departure | Loading | Preference, written: Any, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """Yield other rules in place of one that a date replaces as a whole."""
    if isinstance(part, Departure):
        yield path, [rule for rule in RULES if rule != written]
        yield from inside_departure(written, path)
    elif isinstance(part, Loading):
        yield path, [rule for rule in LOADING if rule != written]
        for key, value in written.items():
            kind = Loading.model_fields[key].annotation
            yield path, [written | {key: other} for other in changed_loading(key, value, kind)]
    else:
        yield path, [written | {"classes": ["ferry"]}]
        yield path, [written | {"within": within} for within in ("1h", "3d", "10d")]


def changed_loading(key: str, value: Any, kind: Any) -> list[Any]:
    """Return other values of one key of a rule for loading; half a rule is none."""
    if key == "quota":
        return [{unit: share / 2 for unit, share in value.items()}]
    return list(other_values(value, kind))


def inside_departure(
    written: dict[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """Yield a departure rule with each of its values changed: half a rule is none."""
    rule = given(written)
    for key, value in rule.items():
        if key == "timetable":
            yield path, [{key: value[1:] or ["wed 03:00"]}]
        elif isinstance(value, Mapping):
            for inner, written_inside in value.items():
                others = other_values(written_inside, None)
                yield path, [rule | {key: {**value, inner: other}} for other in others]
        elif key == "berth_needed":
            yield path, [rule | {key: other} for other in ("leave", "anchor") if other != value]
        elif key != "at_once":
            yield path, [rule | {key: other} for other in other_values(value, None)]


def given(written: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a rule says, without the keys that it leaves out."""
    rule = {key: value for key, value in written.items() if value is not None}
    return {
        key: given(value) if isinstance(value, Mapping) else value for key, value in rule.items()
    }


def shares(
    routes: Mapping[str, Route], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """Yield the routes of a flow with other shares, which sum to 1: of a single route it is always 1."""
    if len(routes) == 2:
        first, second = routes
        yield path, [{first: {"share": 0.1}, second: {"share": 0.9}}]
    for route, way in routes.items():
        yield (*path, route, "legs"), [[*way.legs, way.legs[0]]]


def lists(
    part: tuple[Any, ...], written: list[Any], path: tuple[str, ...]
) -> Iterator[tuple[Any, list[Any]]]:
    """Yield the lists that differ from *part* in one value: a date changes a list as a whole."""
    if part and all(isinstance(item, str) for item in part):
        yield path, [written[:-1], written[::-1]]
        return
    # Of a long list, as the hours of a day, every fourth value.
    for number, item in islice(enumerate(part), 0, None, len(part) // 24 * 3 + 1):
        for inner, others in leaves(item, written[number], (*path, str(number))):
            changed = []
            for other in others:
                whole = [dict(entry) if isinstance(entry, dict) else entry for entry in written]
                put(whole, inner[len(path) :], other)
                changed.append(whole)
            yield path, changed


def put(holder: Any, path: tuple[str, ...], value: Any) -> None:
    """Set *value* in nested lists and mappings."""
    for key in path[:-1]:
        holder = holder[int(key) if isinstance(holder, list) else key]
    holder[int(path[-1]) if isinstance(holder, list) else path[-1]] = value


def other_values(written: Any, kind: Any) -> Iterator[Any]:
    """Yield what may be written in place of *written*."""
    if isinstance(written, bool):
        yield not written
    elif isinstance(written, int):
        yield from (
            n
            for n in (written + 1, written - 1, written // 2, 3 * written // 4, 2 * written, 0, 9)
            if 0 <= n != written
        )
    elif isinstance(written, float):
        yield from (
            x
            for x in (written * 1.5, written / 2, written * 0.9, written / 20, written + 1)
            if x != written
        )
    elif written in literals(kind):
        yield from (choice for choice in literals(kind) if choice != written)
    elif ":" in written:
        yield from ("11:00", "tue 11:00")
    else:
        try:
            seconds = parse_duration(written)
        except ValueError:
            return
        yield from (
            format_duration(s) for s in (2 * seconds, seconds // 2, seconds // 10, seconds + 3600)
        )


def literals(kind: Any) -> tuple[Any, ...]:
    """Return the choices of an enumerated value."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    found: tuple[Any, ...] = ()
    for argument in get_args(kind):
        found += literals(argument)
    return found


def nested(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    for key in reversed(path):
        value = {key: value}
    return value


@cache
def all_leaves() -> tuple[tuple[tuple[str, ...], list[Any]], ...]:
    spec = everything().spec
    return tuple(leaves(spec, spec.model_dump(mode="json", by_alias=True), ()))


def outcome(scenario: Scenario, before: str, path: tuple[str, ...], values: list[Any]) -> str:
    """Return what comes of the first of *values* that a date may set at *path* and that has an effect."""
    said = []
    for value in values:
        try:
            child = scenario.with_({f"changes.{DAY}": nested(path, value)})
        except ScenarioError as error:
            for problem in error.problems:
                if problem.path.startswith(f"changes.{DAY}.{path[0]}"):
                    return f"refused: {problem.path}: {problem.what}"
            said.append(f"{value}: {error.problems[0]}")
            continue
        if digest(simulate(build(child), seed=SEED)) != before:
            return "effect"
        said.append(f"{value}: accepted and without effect")
    return "; ".join(said)


@pytest.mark.parametrize("part", list(ScenarioSpec.model_fields))
def test_a_dated_change_has_an_effect_or_is_refused_with_a_reason(part):
    for path, values in all_leaves():
        if path[0] == part:
            came = outcome(everything(), digest_without_change(), path, values)
            assert came == "effect" or came.startswith("refused: "), (".".join(path), came)


NO_VALUES = {
    *("title", "question", "places", "changes", "projects", "stress", "observed"),
    *("project_catalogue", "stress_catalogue"),
}
"""Parts that hold no number, duration, choice or switch on which a run depends."""


def test_every_part_of_the_language_has_values_that_are_changed():
    paths = [path for path, _ in all_leaves()]
    assert len(paths) > 350
    assert {path[0] for path in paths} >= set(ScenarioSpec.model_fields) - NO_VALUES


def written_paths(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of everything that the file writes, parts and values."""
    if path:
        yield path
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from written_paths(value, (*path, key))


def test_what_is_removed_on_a_date_is_missed_or_the_date_is_refused():
    may_change = [path for path in written_paths(everything().tree) if path[0] not in TABLE]
    assert len(may_change) > 300
    for path in may_change:
        try:
            child = everything().with_({f"changes.{DAY}": nested(path, None)})
        except ScenarioError:
            continue
        assert digest(simulate(build(child), seed=SEED)) != digest_without_change(), ".".join(path)
