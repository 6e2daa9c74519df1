"""YAML 1.2 read into plain values that remember where they stood.

Scenario files come by mail from strangers: only plain mappings, lists and scalars are read, and a file that is too
large, too deep or too much aliased is refused before it costs anything. ruamel.yaml gives the node graph; values are
made here, since its safe constructor would drop line numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from sim.errors import Problem, ScenarioError

Path: TypeAlias = tuple[str, ...]

LARGEST_BYTES = 1_000_000
DEEPEST = 40
MOST_NODES = 200_000

_TAG = "tag:yaml.org,2002:"
_SCALARS = {"null", "bool", "int", "float", "str", "timestamp"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was written."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Tree:
    """Plain values of one file, and the place of each key and list item."""

    values: Mapping[str, Any]
    origins: Mapping[Path, Origin]


def shown(value: object, longest: int = 60) -> str:
    """Return *value* as it may stand in a message: short, and harmless on a terminal."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[: longest + 1])
    text = text if len(text) <= longest else text[:longest] + "..."
    return repr(text) if isinstance(value, str) else text


def read_tree(content: bytes, file: str) -> Tree:
    """Read a scenario file.

    Raises
    ------
    ScenarioError
        The content is no YAML mapping, or is hostile.
    """
    node = _compose(_text(content, file), file)
    if node is None:
        raise _refusal(file, "the file is empty; a scenario is a mapping that begins with 'title:'")
    reader = _Reader(file)
    values = reader.value(node, ())
    if not isinstance(values, dict):
        reader.complain(node, (), "a scenario is a mapping of keys, such as 'title: ...'")
    if reader.problems:
        raise ScenarioError(tuple(reader.problems))
    return Tree(values, reader.origins)


def read_value(text: str, file: str) -> Any:
    """Read one value as it is written on the command line."""
    node = _compose(_text(text.encode(), file), file)
    reader = _Reader(file)
    value = None if node is None else reader.value(node, ())
    if reader.problems:
        raise ScenarioError(tuple(reader.problems))
    return value


def _refusal(file: str, what: str, line: int = 0, column: int = 0) -> ScenarioError:
    return ScenarioError((Problem(file, line, column, "", what),))


def _text(content: bytes, file: str) -> str:
    if len(content) > LARGEST_BYTES:
        raise _refusal(file, f"the file has {len(content):,} bytes; at most {LARGEST_BYTES:,} are read")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _refusal(file, "is not UTF-8 text; save the file as UTF-8", line, 1) from None
    for number, line in enumerate(text.split("\n"), 1):
        for column, character in enumerate(line, 1):
            if not character.isprintable() and character not in "\t\r":
                raise _refusal(file, f"control character {shown(character)} is not allowed", number, column)
    return text


def _compose(text: str, file: str) -> Node | None:
    # The parser recurses for every level: measure the depth of brackets and indents before it does.
    depth = deepest = 0
    for character in text:
        depth += (character in "[{") - (character in "]}")
        deepest = max(deepest, depth)
    if deepest > DEEPEST or any(len(line) - len(line.lstrip(" -?")) > 20 * DEEPEST for line in text.split("\n")):
        raise _refusal(file, f"is nested more than {DEEPEST} levels deep")
    try:
        return YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        what = str(error.problem or error.context or "cannot be read")
        raise _refusal(file, f"is not YAML: {shown(what, 120)[1:-1]}", line, column) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise _refusal(file, f"is not YAML: {shown(str(error) or 'nested too deep', 120)[1:-1]}") from None


class _Reader:
    """Makes plain values of nodes, counting what it makes."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.origins: dict[Path, Origin] = {}
        self._nodes = 0

    def complain(self, node: Node, path: Path, what: str) -> None:
        mark = node.start_mark
        self.problems.append(Problem(self.file, mark.line + 1, mark.column + 1, ".".join(path), what))

    def value(self, node: Node, path: Path) -> Any:
        """Return the plain value of *node*; aliases are multiplied out, and so is their cost."""
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise _refusal(self.file, f"holds more than {MOST_NODES:,} values, aliases multiplied out")
        if len(path) > DEEPEST:
            raise _refusal(self.file, f"is nested more than {DEEPEST} levels deep (an alias within itself?)")
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        kind = "map" if isinstance(node, MappingNode) else "seq"
        if node.tag != _TAG + kind:
            self.complain(node, path, f"tag {shown(str(node.tag))} is not allowed; a scenario holds plain values")
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        return self._list(node, path)

    def _list(self, node: SequenceNode, path: Path) -> list[Any]:
        items = []
        for number, item in enumerate(node.value):
            here = (*path, str(number))
            self.origins[here] = self._origin(item)
            items.append(self.value(item, here))
        return items

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key_node, ScalarNode) or key_node.tag != _TAG + "str":
                hint = " (merge keys are not allowed; use 'extends')" if key == "<<" else "; put it in quotes"
                self.complain(key_node, path, f"{shown(key)} is not a text, as a key must be{hint}")
                continue
            here = (*path, key)
            if key in values:
                first = self.origins[here].line
                self.complain(key_node, here, f"the key stands twice, first in line {first}; keep one")
                continue
            self.origins[here] = self._origin(key_node)
            values[key] = self.value(value_node, here)
        return values

    def _scalar(self, node: ScalarNode, path: Path) -> Any:
        kind = str(node.tag).removeprefix(_TAG)
        if kind not in _SCALARS:
            self.complain(node, path, f"tag {shown(str(node.tag))} is not allowed; a scenario holds plain values")
            return None
        if kind == "null":
            return None
        if kind == "bool":
            return node.value.lower() == "true"
        if kind in {"int", "float"}:
            return self._number(node, path, kind)
        return node.value

    def _number(self, node: ScalarNode, path: Path, kind: str) -> int | float | None:
        written = node.value.replace("_", "")
        if len(written) > 40:
            self.complain(node, path, f"{shown(node.value)} has too many digits")
            return None
        if kind == "int":
            sign, digits = (-1, written[1:]) if written[0] == "-" else (1, written.lstrip("+"))
            base = {"0o": 8, "0x": 16, "0b": 2}.get(digits[:2].lower(), 10)
            return sign * int(digits, base)
        number = float(
            written.replace(".inf", "inf").replace(".nan", "nan").replace(".Inf", "inf").replace(".NaN", "nan")
        )
        if not math.isfinite(number):
            self.complain(node, path, f"{shown(node.value)} is not a finite number")
            return None
        return number

    def _origin(self, node: Node) -> Origin:
        return Origin(self.file, node.start_mark.line + 1, node.start_mark.column + 1)
