"""Nodes of a YAML text, each with the place where it begins.

libyaml composes a text some twenty times as fast as pure Python does, so it goes first where it is
installed. What it cannot read, or may read in another way, ruamel.yaml reads: its answer holds, and
so do its messages.
"""

from __future__ import annotations

import re
from typing import Any, Protocol, cast

try:
    from yaml import YAMLError as LibyamlError
    from yaml.cyaml import CParser
except ImportError:  # PyYAML is not there, or was built without libyaml
    CParser = None

DEEPEST = 40
TAG = "tag:yaml.org,2002:"


class Mark(Protocol):
    """A place in a text, counted from 0."""

    line: int
    column: int


class Node(Protocol):
    """What both libraries know of a node."""

    id: str
    """scalar, sequence or mapping."""
    tag: Any
    value: Any
    style: str | None
    """Of a scalar: its quotes, or None where it is plain."""
    start_mark: Mark


class TooDeep(Exception):  # noqa: N818 - a signal to the reader of the nodes
    """A text is nested more than `DEEPEST` levels deep; with line and column."""


class NotYaml(Exception):  # noqa: N818 - a signal to the reader of the nodes
    """A text is no YAML; with line and column, 0 where they are not known, and what is wrong."""


class _GoSlow(Exception):  # noqa: N818 - a signal within this module
    """Only pure Python knows where a part of this text begins, or how deep it may go."""


def compose(text: str) -> Node | None:
    """Return the root of *text*, None where it holds no document.

    Raises
    ------
    TooDeep, NotYaml
        The text cannot be read.
    """
    if CParser is not None and not _read_in_two_ways(text):
        try:
            return _LibyamlComposer(text).get_single_node()
        except (LibyamlError, _GoSlow, ValueError):
            pass  # pure Python says what is wrong and where, always in the same words
    return compose_in_python(text)


def compose_in_python(text: str) -> Node | None:
    """Do the same as `compose` without libyaml."""
    from ruamel.yaml import YAML
    from ruamel.yaml.composer import Composer
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.events import AliasEvent
    from ruamel.yaml.nodes import Node as RuamelNode

    class ShallowComposer(Composer):
        """Stops at `DEEPEST` levels, before the recursion of the parser becomes a danger."""

        levels = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            self.levels += 1
            if self.levels > DEEPEST:
                mark = self.parser.peek_event().start_mark
                raise TooDeep(mark.line + 1, mark.column + 1)
            self.refuse_a_name_given_twice()
            node = super().compose_node(parent, index)
            self.levels -= 1
            return node

        def refuse_a_name_given_twice(self) -> None:
            """Stop at an anchor that is there already: which of the two an alias means is easily
            misread, and ruamel.yaml alone would warn of it past all messages."""
            event = self.parser.peek_event()
            is_alias = self.parser.check_event(AliasEvent)
            if not is_alias and event.anchor in self.anchors:
                mark = event.start_mark
                what = f"anchor {event.anchor!r} is given twice; give each its own name"
                raise NotYaml(mark.line + 1, mark.column + 1, what)

    reader = YAML(typ="safe", pure=True)
    reader.Composer = ShallowComposer
    try:
        node = reader.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        what = str(error.problem or error.context or "cannot be read")
        raise NotYaml(line, column, what) from None
    except (YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise NotYaml(0, 0, str(error) or "nested too deep") from None
    return cast("Node", node) if isinstance(node, RuamelNode) else None


# What the two libraries read differently: tabs and other odd white space, tags, names of anchors with
# signs in them, and a comment behind the sign of a block text.
_READ_IN_TWO_WAYS = re.compile(
    r"""[\t\r\ufeff]
    |(?:^|[\s,\[{:?-])!
    |(?:^|[\s,\[{:?-])[&*](?!\*?\s)(?![\w-]+(?:[\s,\]}]|\Z))
    |[|>][-+0-9]*\s*\#
    """,
    re.VERBOSE | re.MULTILINE,
)


def _read_in_two_ways(text: str) -> bool:
    return bool(_READ_IN_TWO_WAYS.search(text))


# YAML 1.2 by the first letter of a plain scalar; 12:30, no and 1e3s are texts.
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_NULL = re.compile(r"~|null|Null|NULL")
_FLOAT = re.compile(
    r"""[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?
    |[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+
    |[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?
    |[-+]?\.(?:inf|Inf|INF)
    |\.(?:nan|NaN|NAN)""",
    re.VERBOSE,
)
_INT = re.compile(r"[-+]?0b[0-1_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+")


def _by_first_letter() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """Return for each first letter the tags that a plain scalar may have, first come first."""
    kinds = (
        ("bool", _BOOL, "tTfF"),
        ("float", _FLOAT, "-+0123456789."),
        ("int", _INT, "-+0123456789"),
        ("merge", re.compile("<<"), "<"),
        ("null", _NULL, "~nN"),
        ("value", re.compile("="), "="),
    )
    table: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, pattern, letters in kinds:
        for letter in letters:
            table.setdefault(letter, []).append((TAG + tag, pattern))
    return table


_KINDS = _by_first_letter()


def tag_of_plain(text: str) -> str:
    """Return the tag of a plain scalar that is not empty and has no tag of its own."""
    for tag, pattern in _KINDS.get(text[:1], ()):
        if pattern.fullmatch(text):
            return tag
    return TAG + "str"


if CParser is not None:
    _COLLECTIONS = {"SequenceNode": TAG + "seq", "MappingNode": TAG + "map"}

    class _LibyamlComposer(CParser):  # type: ignore[misc]  # PyYAML has no types
        """Gives tags by YAML 1.2, and stops before the composer of ruamel.yaml would."""

        def __init__(self, text: str) -> None:
            super().__init__(text)
            self._levels = 0

        def resolve(self, kind: type, value: str | None, implicit: Any) -> str:
            """Return the tag of a node that has none of its own."""
            collection = _COLLECTIONS.get(kind.__name__)
            if collection is not None:
                return collection
            if not implicit[0]:
                return TAG + "str"
            if not value:
                raise _GoSlow  # the libraries put a value that is not there at different places
            return tag_of_plain(value)

        def descend_resolver(self, *_of_the_node: object) -> None:
            """Count a level; at the last one an alias could stand, which is not counted here."""
            self._levels += 1
            if self._levels >= DEEPEST:
                raise _GoSlow

        def ascend_resolver(self) -> None:
            self._levels -= 1
