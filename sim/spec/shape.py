"""What the scenario language expects at a path: keys, and whether a mapping is one rule or many things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from sim.distributions import NAMES, Distribution
from sim.spec.demand import Arrivals
from sim.spec.departure import Departure
from sim.spec.loading import Loading, Preference
from sim.spec.messages import Path
from sim.spec.scenario import CATALOGUES, ScenarioSpec


def keys_at(path: Path) -> list[str]:
    """Return the keys that the model at *path* knows; none where ids are free or there is no
    model."""
    model = _model(_kind(path))
    return list(_fields(model)) if model else []


def is_model(path: Path) -> bool:
    """Return whether the mapping at *path* has fixed keys."""
    return _model(_kind(path)) is not None


def is_count(path: Path) -> bool:
    """Return whether what stands at *path* is a whole number of things."""
    options = list(_options(_kind(path)))
    return int in options and float not in options


def kept_change(path: Path) -> int:
    """Return how long the beginning of *path* is that leads to a change kept as written until its
    day; 0: it does not.

    Such are the changes of projects, of stresses and of dates.
    """
    if len(path) > 2 and path[0] in CATALOGUES and path[2] == "change":
        return 3
    return 2 if len(path) > 1 and path[0] == "changes" else 0


def replaces(path: Path, new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    """Return whether *new* takes the place of *old* as a whole: half a rule or distribution is
    none.

    Nor do targets of one scenario hold for another.
    """
    if path == ("observed",):
        return True
    kind = _kind(path)
    options = list(_options(kind))
    if any(rule in options for rule in (Distribution, Departure, Loading, Preference)):
        return True
    if Arrivals in options:
        return set(new) != set(old)
    by_end: list[Any] = []
    for option in options:
        if get_origin(option) is not None:
            by_end += _options(_item(option))
    if Distribution in by_end:
        return _any_in(NAMES, new, old)
    if Loading in by_end:
        return _any_in(Loading.model_fields, new, old)
    return Departure in by_end and _any_in(Departure.model_fields, new, old)


def _any_in(keys: Iterable[str], new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    return bool(set(keys) & (set(new) | set(old)))


def _kind(path: Path) -> Any:
    path = path[kept_change(path) :]
    kind: Any = ScenarioSpec
    for step in path:
        model = _model(kind)
        if model is not None:
            kind = _fields(model).get(step)
        else:
            kind = next((_item(option) for option in _options(kind) if get_args(option)), None)
    return kind


def _item(kind: Any) -> Any:
    """Return what a mapping or list of *kind* holds."""
    items = [argument for argument in get_args(kind) if argument is not Ellipsis]
    return items[-1] if items else None


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _model(kind: Any) -> type[BaseModel] | None:
    for option in _options(kind):
        if isinstance(option, type) and issubclass(option, BaseModel):
            return option
    return None


def _options(kind: Any) -> Iterator[Any]:
    """Yield what *kind* may be, with annotations and unions taken apart."""
    if get_origin(kind) is Annotated:
        yield from _options(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for option in get_args(kind):
            yield from _options(option)
    else:
        yield kind
