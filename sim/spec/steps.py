"""How much more or less: ``{plus: 6}`` or ``{times: 1.1}`` written in place of a value.

A step is taken from what is there when it is merged, so that projects that each add ferries add up
in any order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sim.distributions import NAMES
from sim.spec.evidence import evidence
from sim.spec.messages import Path, shown
from sim.spec.sourced import Sourced, is_sourced, read_sourced
from sim.units import parse_duration

KINDS: Mapping[str, str] = {"plus": "+", "times": "*"}

_SHAPES = frozenset({"cv", "k", "shape", "weights"})
"""Parameters of a distribution that are no quantity and stay when it is stretched."""

_ONE_UNIT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(d|h|min|s)\s*", re.ASCII)


def is_step(raw: object) -> bool:
    """Return whether *raw* is a step and no value; a thing cannot be called ``plus`` or ``times``
    and stand alone."""
    if not isinstance(raw, Mapping) or len(raw) != 1:
        return False
    ((kind, amount),) = raw.items()
    return kind in KINDS and (not isinstance(amount, Mapping) or is_sourced(amount))


@dataclass(frozen=True, slots=True)
class Step:
    """So much more, or so many times as much."""

    kind: str
    amount: Sourced

    @classmethod
    def read(cls, raw: Mapping[str, Any], known: Sourced | None) -> Step:
        """Read ``{plus: 6}`` or ``{plus: {value: 6, source: ...}}``; *known* is the source that was
        split off before.

        Raises
        ------
        ValueError
            The amount is no number, duration or list.
        """
        ((kind, amount),) = raw.items()
        sourced = known or (
            read_sourced(amount) if isinstance(amount, Mapping) else Sourced(amount)
        )
        if kind == "times" and (not _is_number(sourced.value) or sourced.value < 0):
            raise ValueError(
                f"'times' takes a number that is not below 0; got {shown(sourced.value)}"
            )
        if kind == "plus" and not (
            _is_number(sourced.value) or isinstance(sourced.value, str | list)
        ):
            raise ValueError(
                f"'plus' takes a number, a duration or a list; got {shown(sourced.value)}"
            )
        return cls(kind, sourced)

    def from_(
        self, old: Any, source: Sourced | None, *, is_count: bool
    ) -> tuple[Any, Sourced | None]:
        """Return what the value *old* becomes, and its source; None if the step says none, as for
        any plain value.

        Counts stay whole: they are rounded.

        Raises
        ------
        ValueError
            The step cannot be taken from *old*, or leaves a count where it was.
        """
        new = self._changed(old, self.amount.value, is_count=is_count)
        if is_count and new == old and self.kind == "times" and self.amount.value != 1:
            raise ValueError(
                f"{old} times {self.amount.value:g} is {new} again in whole numbers; write {{plus: 1}}"
            )
        if not self.amount.source and not self.amount.assumed:
            return new, None
        return new, self._sourced(
            old, new, source or Sourced(old, assumed="as written"), is_count=is_count
        )

    def _changed(self, old: Any, amount: Any, *, is_count: bool) -> Any:
        if isinstance(old, list) and isinstance(amount, list) and self.kind == "plus":
            return [*old, *(item for item in amount if item not in old)]
        if isinstance(old, str):
            return self._changed_duration(old, amount)
        if not _is_number(old) or not _is_number(amount):
            raise ValueError(
                f"'{self.kind}' with {shown(amount)} cannot be taken from {shown(old)}; give a value"
            )
        if self.kind == "plus":
            return _tidy(old + amount)
        return round(old * amount) if is_count else _tidy(old * amount)

    def _changed_duration(self, old: str, amount: Any) -> str:
        number, unit = _in_one_unit(old)
        if self.kind == "times":
            return f"{number * amount:.12g}{unit}"
        if not isinstance(amount, str):
            raise ValueError(
                f"'plus' on the duration {shown(old)} takes a duration like 2h; got {shown(amount)}"
            )
        return f"{number + parse_duration(amount) / parse_duration('1' + unit):.12g}{unit}"

    def _sourced(self, old: Any, new: Any, source: Sourced, *, is_count: bool) -> Sourced:
        ends = {}
        for end in ("low", "high"):
            bounds = getattr(source, end), getattr(self.amount, end)
            if bounds != (None, None):
                of_old = old if bounds[0] is None else bounds[0]
                of_step = self.amount.value if bounds[1] is None else bounds[1]
                ends[end] = self._changed(of_old, of_step, is_count=is_count)
        told = f"{shown(old)} ({source.origin}) {self.kind} {shown(self.amount.value)} ({self.amount.origin})"
        derived = self._arithmetic(old, is_count=is_count)
        if source.fitted:
            return replace(
                source,
                value=new,
                derived=derived,
                note=told,
                place=None,
                low=None,
                high=None,
                **ends,
            )
        if not (source.source and self.amount.source):
            return Sourced(new, assumed=told, derived=derived, **ends)
        # The weaker of the two rows says how far the sum can be trusted.
        weak = (
            evidence()[source.source].confidence == "assumption"
            if source.source in evidence()
            else False
        )
        row = source.source if weak else self.amount.source
        return Sourced(new, source=row, derived=derived, note=told, **ends)

    def _arithmetic(self, old: Any, *, is_count: bool) -> str | None:
        if isinstance(old, list):
            return None
        number, amount = old, self.amount.value
        if isinstance(old, str):
            number, unit = _in_one_unit(old)
            amount = (
                parse_duration(amount) / parse_duration("1" + unit)
                if isinstance(amount, str)
                else amount
            )
        text = f"{number:.12g} {KINDS[self.kind]} {amount:.12g}"
        return f"round({text})" if is_count and self.kind == "times" else text


def quantities(value: Any, path: Path) -> Iterator[Path]:
    """Yield the paths of the parameters of the distribution *value* at *path* that have its
    unit."""
    for name, body in value.items():
        inside = body.items() if isinstance(body, Mapping) else [(None, body)]
        for key, quantity in inside:
            if key in _SHAPES:
                continue
            here = (*path, name) if key is None else (*path, name, key)
            if isinstance(quantity, list):
                yield from ((*here, str(number)) for number in range(len(quantity)))
            else:
                yield here


def is_distribution(value: object) -> bool:
    """Return whether *value* is written as a distribution with a name."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in NAMES


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _tidy(number: float) -> int | float:
    return number if isinstance(number, int) else float(f"{number:.12g}")


def _in_one_unit(text: str) -> tuple[float, str]:
    """Return a written duration as a number of its unit, of seconds where it has several."""
    found = _ONE_UNIT.fullmatch(text)
    return (float(found[1]), found[2]) if found else (float(parse_duration(text)), "s")
