"""Parameters: values of a scenario with a range or with alternatives, which sensitivity varies and
calibration fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from pydantic import BaseModel

from sim.errors import UsageError
from sim.spec.load import Scenario
from sim.spec.messages import Path, dotted, near
from sim.spec.scenario import CATALOGUES
from sim.spec.sourced import Sourced, level_name
from sim.units import format_duration, parse_duration

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_NOT_RUN = (*CATALOGUES, "observed", "changes", "horizon")
"""Parts whose ranges change no run, or what is measured of it."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value that may be another: all places that refer to one anchor of a file are one
    parameter.

    Where it has alternatives, its numbers are those of its levels: 0 the value of the scenario, then
    the alternatives in the order of the file.
    """

    id: str
    """Dotted path of the first place."""
    paths: tuple[str, ...]
    sourced: Sourced
    is_whole: bool
    """Whether only whole numbers are allowed."""
    rest: tuple[str, ...] = ()
    """Places that get what is left to 1: the other route, where a flow has two."""

    @property
    def is_choice(self) -> bool:
        """Whether it has alternatives and no range."""
        return self.sourced.alternatives is not None

    @property
    def levels(self) -> tuple[Any, ...]:
        """The value of the scenario and its alternatives, as a file writes them."""
        return self.sourced.levels

    @property
    def is_duration(self) -> bool:
        """Whether it is written as a duration; numbers are in seconds then."""
        return isinstance(self.sourced.value, str) and not self.is_choice

    @property
    def low(self) -> float:
        """Lower end of the range."""
        if self.is_choice:
            return 0.0
        return self._number(self.sourced.low)

    @property
    def high(self) -> float:
        """Upper end of the range."""
        if self.is_choice:
            return len(self.levels) - 1.0
        return self._number(self.sourced.high)

    @property
    def value(self) -> float:
        """The scenario's own value."""
        if self.is_choice:
            return 0.0
        return self._number(self.sourced.value)

    @property
    def is_assumed(self) -> bool:
        """Whether nothing but an assumption stands behind the value."""
        return self.sourced.confidence == "assumption"

    def at(self, share: float) -> float:
        """Return the value at a *share* of the range, 0 its lower and 1 its upper end.

        Whole numbers and alternatives get equal parts of the share each.
        """
        if self.is_whole:
            return min(self.high, self.low + float(int(share * (self.high - self.low + 1))))
        return self.low + share * (self.high - self.low)

    def share_of(self, value: float) -> float:
        """Return where in the range *value* lies."""
        return (value - self.low) / (self.high - self.low)

    @property
    def ends(self) -> tuple[float, ...]:
        """Shares of the range at which it is tried by itself: both ends, or each alternative."""
        if self.is_choice:
            return tuple(self.share_of(float(level)) for level in range(1, len(self.levels)))
        return 0.0, 1.0

    def name(self, value: float) -> str:
        """Return *value* as text: a number, a duration, or a level as a file writes it."""
        written = self.written(value)
        return level_name(written) if self.is_choice else _text(written)

    def written(self, value: float) -> Any:
        """Return *value* as a scenario file writes it."""
        if self.is_choice:
            return self.levels[round(value)]
        if self.is_duration:
            return format_duration(value)
        return round(value) if self.is_whole else float(f"{value:.6g}")

    def changes(self, value: float, written: Any = None) -> dict[str, Any]:
        """Return the changes, by dotted path, that give the parameter *value*.

        Parameters
        ----------
        written
            How a file writes the value, where that is not what `Parameter.written` returns.
        """
        own = dict.fromkeys(self.paths, self.written(value) if written is None else written)
        return own | dict.fromkeys(self.rest, self.written(1 - value))

    def _number(self, raw: Any) -> float:
        return float(parse_duration(raw)) if isinstance(raw, str) else float(raw)


def _text(written: float | str) -> str:
    return written if isinstance(written, str) else f"{written:g}"


def changes_at(parameters: Sequence[Parameter], shares: Sequence[float]) -> dict[str, Any]:
    """Return the changes that give each parameter its share of the range; NaN leaves it as it
    is."""
    changes: dict[str, Any] = {}
    for parameter, share in zip(parameters, shares, strict=True):
        if not isnan(share):
            changes |= parameter.changes(parameter.at(share))
    return changes


def parameters(scenario: Scenario) -> tuple[Parameter, ...]:
    """Return every value of *scenario* that has a range or alternatives, in the order of the file.

    Parts that no run reads (projects that are not built, what was observed) are left out. Of the
    shares of two routes the first is the parameter, and the other is what it leaves.
    """
    by_place: dict[Any, list[Path]] = {}
    ranged = [
        path
        for path, sourced in scenario.sources.items()
        if path[0] not in _NOT_RUN and _has_range(sourced)
    ]
    rest = {_other_route(scenario, path) for path in ranged}
    for path in ranged:
        if path not in rest:
            # The same anchor in the same file; what was set from outside has no line and is one by
            # itself.
            place = scenario.sources[path].place
            key = place if place is not None and place.line else path
            by_place.setdefault(key, []).append(path)
    return tuple(_parameter(scenario, paths) for paths in by_place.values())


def choose(scenario: Scenario, ids: Iterable[str]) -> tuple[Parameter, ...]:
    """Return the parameters with these *ids*; any path of a parameter names it.

    Raises
    ------
    UsageError
        There is no such parameter, or it is named twice.
    """
    by_path: dict[str, Parameter] = {}
    for parameter in parameters(scenario):
        by_path |= dict.fromkeys(parameter.paths, parameter)
    chosen: dict[str, Parameter] = {}
    for name in ids:
        if name not in by_path:
            what = f"{name} is no value with a range or alternatives{near(name, by_path)}"
            raise UsageError(f"{what}; 'corridor sources' lists them")
        parameter = by_path[name]
        if parameter.id in chosen:
            what = f"{name} is named twice (it is {parameter.id}, written once for several places)"
            raise UsageError(what)
        chosen[parameter.id] = parameter
    return tuple(chosen.values())


def _has_range(sourced: Sourced) -> bool:
    if sourced.alternatives is not None:
        return True
    ends = (sourced.low, sourced.value, sourced.high)
    if any(isinstance(end, bool) or not isinstance(end, int | float | str) for end in ends):
        return False
    if any(isinstance(end, str) and _DATE.fullmatch(end) for end in ends):
        return False
    return bool(sourced.low != sourced.high)


def _parameter(scenario: Scenario, paths: list[Path]) -> Parameter:
    sourced = scenario.sources[paths[0]]
    is_count = isinstance(_at(scenario.spec, paths[0]), int) and not isinstance(sourced.value, str)
    is_whole = is_count or sourced.alternatives is not None
    others = [other for path in paths if (other := _other_route(scenario, path))]
    own, rest = (tuple(dotted(path) for path in group) for group in (paths, others))
    return Parameter(own[0], own, sourced, is_whole, rest)


def _other_route(scenario: Scenario, path: Path) -> Path | None:
    """Return where the share of the second of two routes stands, if *path* is that of the first."""
    if len(path) != 5 or (path[0], path[2], path[4]) != ("flows", "routes", "share"):
        return None
    names = list(scenario.spec.flows[path[1]].routes)
    if len(names) != 2 or names[0] != path[3]:
        return None
    return (*path[:3], names[1], path[4])


def _at(model: Any, path: Path) -> Any:
    """Return what validation made of the value at *path*; what lies inside a distribution is a
    float."""
    for key in path:
        if isinstance(model, BaseModel):
            names = {field.alias or name: name for name, field in type(model).model_fields.items()}
            model = getattr(model, names[key], None) if key in names else None
        elif isinstance(model, Mapping):
            model = model.get(key)
        elif isinstance(model, tuple | list) and key.isdigit():
            model = model[int(key)]
        else:
            return 0.0
    return model
