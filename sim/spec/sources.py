"""Where every number of a scenario comes from, and whether it is what its source says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from sim.distributions import Distribution
from sim.errors import Problem
from sim.spec.evidence import evidence
from sim.spec.load import Scenario
from sim.spec.merge import leaves
from sim.spec.messages import Path, dotted, harmless
from sim.spec.scenario import CATALOGUES
from sim.spec.sourced import Sourced, check_sourced
from sim.units import format_duration

SCHEMA_DEFAULT = "schema default"

_DURATION = re.compile(r"\s*\d+(\.\d+)?\s*(d|h|min|s)\b")
_DRAWN = (*CATALOGUES, "observed", "changes")
"""Parts that no run reads; their defaults are in force nowhere."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One number or uncertain choice of a scenario and where it comes from."""

    path: str
    value: Any
    low: Any
    high: Any
    source: str | None
    """Id of an evidence row, ``assumed: why``, ``fitted: to what``, `SCHEMA_DEFAULT`, or None if
    nothing is said."""
    confidence: str
    alternatives: list[Any] | None = None
    """What it may be instead, where that is no range."""


def source_rows(loaded: Scenario) -> tuple[SourceRow, ...]:
    """Return every number of *loaded* with its range, source and confidence: as written, then
    defaults in force."""
    rows: list[SourceRow] = []
    listed: set[Path] = set()
    for path, value in leaves(loaded.tree):
        whole = _sourced_as(path, loaded.sources)
        if whole is None:
            if _is_number(value):
                rows.append(SourceRow(dotted(path), value, None, None, None, "none"))
        elif whole not in listed:
            listed.add(whole)
            rows.append(_row(whole, loaded.sources[whole]))
    return (*rows, *_defaults(loaded.spec, ()))


def _sourced_as(path: Path, sources: Mapping[Path, Sourced]) -> Path | None:
    """Return the part of *path* that was sourced as a whole, such as a distribution or a list."""
    return next(
        (path[:length] for length in range(1, len(path) + 1) if path[:length] in sources), None
    )


def _row(path: Path, sourced: Sourced) -> SourceRow:
    return SourceRow(
        dotted(path),
        sourced.value,
        sourced.low,
        sourced.high,
        sourced.origin,
        sourced.confidence,
        sourced.alternatives,
    )


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return _DURATION.match(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _defaults(model: BaseModel, path: Path) -> Iterator[SourceRow]:
    """Yield the numbers that are defaults, since the scenario gives no others."""
    for name, field in type(model).model_fields.items():
        if name not in _DRAWN:
            value = getattr(model, name)
            yield from _defaults_in(
                value, (*path, field.alias or name), written=name in model.model_fields_set
            )


def _defaults_in(value: object, path: Path, *, written: bool) -> Iterator[SourceRow]:
    if isinstance(value, BaseModel):
        yield from _defaults(value, path)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _defaults_in(item, (*path, str(key)), written=written)
    elif not written and (_is_number(value) or isinstance(value, Distribution)):
        plain = _plain(value, path) if isinstance(value, Distribution) else value
        yield SourceRow(dotted(path), plain, None, None, SCHEMA_DEFAULT, "default")


def _plain(value: Distribution, path: Path) -> Any:
    return value.as_mapping(float if path[-1] == "consignment_units" else format_duration)


def figure_problems(loaded: Scenario) -> tuple[Problem, ...]:
    """Return the values that are not what their evidence row or their own derivation says."""
    problems: list[Problem] = []
    for path, sourced in loaded.sources.items():
        what = check_sourced(sourced, evidence())
        if what is not None:
            at = loaded.origins.get(path)
            place = (at.file, at.line, at.column) if at is not None else (loaded.name, 0, 0)
            problems.append(Problem(*place, dotted(path), harmless(what)))
    return tuple(sorted(problems))
