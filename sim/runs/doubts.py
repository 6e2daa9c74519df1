"""Warnings of scenarios that an analysis makes, such as the points of a sweep: each kind once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sim.spec.messages import harmless, shown

if TYPE_CHECKING:
    from sim.errors import Problem
    from sim.spec.load import Scenario

MOST = 10
"""Kinds of warnings that are listed; of more, how many there are."""
_NUMBER = re.compile(r"\d[\d.,]*")

_Kind: TypeAlias = tuple[str, str]
"""Path, and what is doubtful without its numbers."""
_Changes: TypeAlias = tuple[tuple[str, Any], ...]


@dataclass(slots=True)
class _Doubt:
    """A kind of warning."""

    problem: Problem
    changes: _Changes
    """What was changed in the first scenario that has it."""
    hashes: set[str]
    """Of all scenarios that have it."""


class Doubts:
    """The warnings of all scenarios that a runner was asked for."""

    def __init__(self) -> None:
        self._kinds: dict[_Kind, _Doubt] = {}

    def note(self, problems: Iterable[Problem], changes: _Changes, scenario_hash: str) -> None:
        """Note the *problems* of one scenario."""
        for problem in problems:
            doubt = self._kinds.setdefault(_kind(problem), _Doubt(problem, changes, set()))
            doubt.hashes.add(scenario_hash)

    def beyond(self, known: Iterable[Scenario]) -> Iterator[str]:
        """Yield in one line each what the *known* scenarios, whose warnings were shown, do not have."""
        shown_before: set[_Kind] = set()
        changed_before: set[str] = set()
        for scenario in known:
            shown_before.update(map(_kind, scenario.warnings))
            changed_before.update(map(repr, scenario.changes))
        new = [doubt for kind, doubt in self._kinds.items() if kind not in shown_before]
        for doubt in new[:MOST]:
            own = [one for one in doubt.changes if repr(one) not in changed_before]
            yield f"{_where(own, len(doubt.hashes))}{doubt.problem}"
        if len(new) > MOST:
            yield f"and {len(new) - MOST} more kinds of warnings at other points"


def _kind(problem: Problem) -> _Kind:
    return problem.path, _NUMBER.sub("#", problem.what)


def _where(changes: list[tuple[str, Any]], count: int) -> str:
    """Return at which point a warning holds, and at how many others."""
    values = [f"{path}={harmless(shown(value, 40), 60)}" for path, value in changes[:3]]
    if len(changes) > len(values):
        values.append("...")
    more = f" and {count - 1} more" if count > 1 else ""
    return f"at {', '.join(values) or 'a point'}{more}: "
