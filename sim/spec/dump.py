"""A resolved scenario written as one file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from sim.spec.messages import Path
from sim.spec.scenario import CHOSEN
from sim.spec.shape import replaces
from sim.spec.sourced import Sourced


def dump(
    tree: Mapping[str, Any], sources: Mapping[Path, Sourced], files: Mapping[Path, str]
) -> str:
    """Return *tree* as YAML, each value with its source, and *files* at their paths.

    Projects that are built and stresses that are applied are part of it: they are no longer chosen,
    and stay in their catalogue with nothing to change.
    """
    kept = {key: value for key, value in tree.items() if key not in CHOSEN}
    for key, catalogue in CHOSEN.items():
        made = {name: {**tree[catalogue][name], "change": {}} for name in tree.get(key, ())}
        if made:
            kept[catalogue] = {**tree[catalogue], **made}
    values = _with_sources(kept, (), sources)
    for path, file in files.items():
        above = values
        for key in path[:-1]:
            above = above[key]
        above[path[-1]] = file
    return to_yaml(values)


def overlay(
    tree: Mapping[str, Any], sources: Mapping[Path, Sourced], paths: Iterable[Path]
) -> dict[str, Any]:
    """Return the smallest child of another scenario that has the values at *paths* of *tree*.

    What is replaced as a whole, such as a distribution or a list, is written as a whole.
    """
    child: dict[str, Any] = {}
    for path in paths:
        value, into = tree, child
        for depth, key in enumerate(path, 1):
            here, value = path[:depth], value[key]
            is_whole = (
                not isinstance(value, Mapping) or replaces(here, value, value) or here in sources
            )
            if is_whole or depth == len(path):
                into[key] = _with_sources(value, here, sources)
                break
            into = into.setdefault(key, {})
    return child


def to_yaml(values: Mapping[str, Any]) -> str:
    """Return *values* as YAML, keys in their order."""
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.width = 118
    writer.allow_unicode = True
    writer.representer.ignore_aliases = lambda _data: True
    out = StringIO()
    writer.dump(values, out)
    return out.getvalue()


def _with_sources(value: Any, path: Path, sources: Mapping[Path, Sourced]) -> Any:
    if path in sources:
        return sources[path].as_mapping()
    if isinstance(value, Mapping):
        return {key: _with_sources(item, (*path, key), sources) for key, item in value.items()}
    if isinstance(value, list):
        return [
            _with_sources(item, (*path, str(number)), sources) for number, item in enumerate(value)
        ]
    return value
