"""YAML 1.2 read into plain values that remember where they stood.

Scenario files come by mail from strangers: only plain mappings, lists and scalars are read, and a
file that is too large, too deep or too much aliased is refused before it costs anything.
`sim.spec.yaml_nodes` gives the nodes; values are made here, since a safe constructor would drop line
numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

from sim.bounds import place_of_no_utf8, why_no_utf8
from sim.errors import Problem, ScenarioError
from sim.spec.messages import HOSTILE, STEERING, Path, dotted, harmless, shown
from sim.spec.yaml_nodes import DEEPEST, TAG, Node, NotYaml, TooDeep, compose

LARGEST_BYTES = 1_000_000
MOST_NODES = 200_000
MOST_PROBLEMS = 100
"""After so many problems of one file the rest is not listed."""

_REST_OF_A_NUMBER = re.compile(r"\d[\d.]*\s*[a-z%]{0,4}", re.ASCII)
_TEXTS = {"str", "timestamp"}
_BASES = {"0o": 8, "0x": 16, "0b": 2}
# What makes a node has at least one of these; counting them is far cheaper than parsing.
_JOINT = re.compile(r"[\n,:\[{]")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was written."""

    file: str
    line: int
    column: int
    folder: FilePath | None = field(default=None, compare=False, repr=False)
    """Of the file, absolute: where the files lie that it names."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Tree:
    """Plain values of one file, and the place of each key and list item."""

    values: Mapping[str, Any]
    origins: Mapping[Path, Origin]
    file: str
    size: int = 0
    """Bytes that were read for it."""


@lru_cache(maxsize=32)
def read_tree(content: bytes, file: str, folder: FilePath | None = None) -> Tree:
    """Read a scenario file in *folder*; equal content is read once.

    Raises
    ------
    ScenarioError
        The content is no YAML mapping, or is hostile.
    """
    node = _compose(_text(content, file), file)
    if node is None:
        raise _refusal(file, "the file is empty; a scenario is a mapping that begins with 'title:'")
    reader = _Reader(file, folder)
    values = reader.value(node, ())
    if not isinstance(values, dict) and not reader.problems:
        reader.complain(node, (), "a scenario is a mapping of keys, such as 'title: ...'")
    if reader.problems:
        raise ScenarioError(tuple(reader.problems))
    return Tree(values, reader.origins, file, len(content))


def read_value(text: str, file: str) -> Any:
    """Read one value as it is written on the command line."""
    node = _compose(_text(text.encode("utf-8", "surrogatepass"), file), file)
    reader = _Reader(file)
    value = None if node is None else reader.value(node, ())
    if reader.problems:
        raise ScenarioError(tuple(reader.problems))
    return value


def _refusal(file: str, what: str, line: int = 0, column: int = 0) -> ScenarioError:
    return ScenarioError((Problem(file, line, column, "", what),))


def _text(content: bytes, file: str) -> str:
    if len(content) > LARGEST_BYTES:
        raise _refusal(file, f"the file is larger than {LARGEST_BYTES:,} bytes; a scenario is not")
    why = why_no_utf8(content)
    if why:
        raise _refusal(file, f"is not UTF-8 text: {why}", *place_of_no_utf8(content))
    text = content.decode("utf-8-sig")
    for hostile in HOSTILE.finditer(text):
        line, column = _place(text, hostile.start())
        raise _refusal(file, f"control character {shown(hostile[0])} is not allowed", line, column)
    directive = re.search(r"^%", text, re.MULTILINE)
    if directive:
        what = "YAML directives (lines that begin with '%') are not allowed; files are read as YAML 1.2"
        raise _refusal(file, what, *_place(text, directive.start()))
    if sum(1 for _ in _JOINT.finditer(text)) > MOST_NODES:
        raise _refusal(file, f"holds more than {MOST_NODES:,} values")
    return text


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _compose(text: str, file: str) -> Node | None:
    try:
        return compose(text)
    except TooDeep as error:
        line, column = error.args
        raise _refusal(file, f"is nested more than {DEEPEST} levels deep", line, column) from None
    except NotYaml as error:
        line, column, what = error.args
        raise _refusal(file, f"is not YAML: {harmless(what, 120)}", line, column) from None


class _Reader:
    """Makes plain values of nodes, counting what it makes."""

    def __init__(self, file: str, folder: FilePath | None = None) -> None:
        self.file = file
        self.folder = folder
        self.problems: list[Problem] = []
        self.origins: dict[Path, Origin] = {}
        self._nodes = 0

    def complain(self, node: Node, path: Path, what: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            mark = node.start_mark
            self.problems.append(
                Problem(self.file, mark.line + 1, mark.column + 1, dotted(path), what)
            )

    def value(self, node: Node, path: Path) -> Any:
        """Return the plain value of *node*; aliases are multiplied out, and so is their cost."""
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise _refusal(
                self.file, f"holds more than {MOST_NODES:,} values, aliases multiplied out"
            )
        if len(path) > DEEPEST:
            line, column = node.start_mark.line + 1, node.start_mark.column + 1
            what = f"is nested more than {DEEPEST} levels deep (an alias within itself?)"
            raise _refusal(self.file, what, line, column)
        if node.id == "scalar":
            return self._scalar(node, path)
        if node.id == "mapping" and node.tag == TAG + "map":
            return self._mapping(node, path)
        if node.id == "sequence" and node.tag == TAG + "seq":
            return self._list(node, path)
        return self._refuse_tag(node, path)

    def _refuse_tag(self, node: Node, path: Path) -> None:
        self.complain(
            node, path, f"tag {shown(str(node.tag))} is not allowed; a scenario holds plain values"
        )

    def _list(self, node: Node, path: Path) -> list[Any]:
        items = []
        for number, item in enumerate(node.value):
            here = (*path, str(number))
            self.origins[here] = self._origin(item)
            items.append(self.value(item, here))
        return items

    def _mapping(self, node: Node, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if _is_torn_number(key_node, value_node):
                what = f"{shown(key_node.value)} stands after a comma, which begins the next entry"
                what += "; write 20.5 for a decimal and 1000 for a thousand"
                self.complain(key_node, path, what)
                continue
            key = self._key(key_node, path)
            if key is None:
                continue
            here = (*path, key)
            if key in values:
                first = self.origins[here].line
                self.complain(
                    key_node, here, f"the key stands twice, first in line {first}; keep one"
                )
                continue
            self.origins[here] = self._origin(key_node)
            values[key] = self.value(value_node, here)
        return values

    def _key(self, node: Node, path: Path) -> str | None:
        key = node.value if node.id == "scalar" else None
        if isinstance(key, str) and str(node.tag).removeprefix(TAG) in _TEXTS:
            return str(self._harmless(node, path, key))
        if key == "<<":
            self.complain(node, path, "merge keys ('<<') are not allowed; use 'extends'")
        else:
            self.complain(node, path, f"a key must be a text, got {shown(key)}; put it in quotes")
        return None

    def _scalar(self, node: Node, path: Path) -> Any:
        kind = str(node.tag).removeprefix(TAG)
        if kind in _TEXTS:
            return self._harmless(node, path, node.value)
        if kind == "null":
            return None
        if kind == "bool":
            return node.value.lower() == "true"
        if kind in {"int", "float"}:
            return self._number(node, path, kind)
        return self._refuse_tag(node, path)

    def _harmless(self, node: Node, path: Path, text: str) -> str:
        # An escape such as "\e" in double quotes makes a control character of harmless letters.
        hostile = STEERING.search(text)
        if hostile:
            self.complain(
                node,
                path,
                f"control character {shown(hostile[0])} is not allowed; got {shown(text)}",
            )
        return text

    def _number(self, node: Node, path: Path, kind: str) -> int | float | None:
        written = node.value.replace("_", "")
        if len(written) > 40:
            self.complain(node, path, f"{shown(node.value)} has too many digits")
            return None
        try:
            number = _whole(written) if kind == "int" else _decimal(written)
        except ValueError:
            self.complain(node, path, f"{shown(node.value)} is not a number")
            return None
        if not math.isfinite(number):
            self.complain(node, path, f"{shown(node.value)} is not a finite number")
            return None
        return number

    def _origin(self, node: Node) -> Origin:
        mark = node.start_mark
        return Origin(self.file, mark.line + 1, mark.column + 1, self.folder)


def _is_torn_number(key: Node, value: Node) -> bool:
    """Return whether a key without a value is the rest of a number: of ``{a: 20,5h}`` that is
    ``5h``."""
    if key.id != "scalar" or value.id != "scalar":
        return False
    is_plain = not key.style and not value.style and value.value == ""
    return is_plain and bool(_REST_OF_A_NUMBER.fullmatch(key.value))


def _whole(written: str) -> int:
    digits = written.lstrip("+-")
    size = int(digits, _BASES.get(digits[:2].lower(), 10))
    return -size if written.startswith("-") else size


def _decimal(written: str) -> float:
    return float(re.sub(r"\.(inf|nan)$", r"\1", written, flags=re.IGNORECASE))
