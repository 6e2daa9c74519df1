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


NO_ENDS = {"low": None, "high": None}
"""No range."""


def is_step(raw: object) -> bool:
    """Return whether *raw* is a step and no value; nothing else is called ``plus`` or ``times``."""
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
    def read(cls, raw: Mapping[str, Any], split_off: Sourced | None) -> Step:
        """Read ``{plus: 6}`` or ``{plus: {value: 6, source: ...}}``.

        Parameters
        ----------
        split_off
            The amount with its source, where that was split off before.

        Raises
        ------
        ValueError
            The amount is no number, duration or list.
        """
        ((kind, written),) = raw.items()
        amount = split_off or _amount(written)
        if amount.alternatives:
            raise ValueError(f"{kind!r} takes an amount with a range, not with alternatives")
        value = amount.value
        if kind == "times" and (not _is_number(value) or value < 0):
            raise ValueError(f"'times' takes a number that is not below 0; got {shown(value)}")
        if kind == "plus" and not (_is_number(value) or isinstance(value, str | list)):
            raise ValueError(f"'plus' takes a number, a duration or a list; got {shown(value)}")
        return cls(kind, amount)

    def from_(
        self, old: Any, source: Sourced | None, *, is_count: bool
    ) -> tuple[Any, Sourced | None]:
        """Return what the value *old* becomes, and its source; None if the step has none.

        Counts stay whole: they are rounded.

        Raises
        ------
        ValueError
            The step cannot be taken from *old*, or leaves a count where it was.
        """
        new = self._changed(old, self.amount.value, is_count=is_count)
        if is_count and new == old and self.kind == "times" and self.amount.value != 1:
            what = f"{old} times {self.amount.value:g} is {new} again in whole numbers"
            raise ValueError(f"{what}; write {{plus: 1}}")
        if not self.amount.source and not self.amount.assumed:
            return new, None
        of_old = source or Sourced(old, assumed="as written")
        return new, self._sourced(old, new, of_old, is_count=is_count)

    def _changed(self, old: Any, amount: Any, *, is_count: bool) -> Any:
        if isinstance(old, str):
            return self._changed_duration(old, amount)
        if isinstance(old, list) and isinstance(amount, list) and self.kind == "plus":
            return [*old, *(item for item in amount if item not in old)]
        if not _is_number(old) or not _is_number(amount):
            what = f"'{self.kind}' with {shown(amount)} cannot be taken from {shown(old)}"
            raise ValueError(f"{what}; give a value")
        if self.kind == "plus":
            return _tidy(old + amount)
        return round(old * amount) if is_count else _tidy(old * amount)

    def _changed_duration(self, old: str, amount: Any) -> str:
        number, unit = _in_one_unit(old)
        if self.kind == "times":
            return f"{number * amount:.12g}{unit}"
        if not isinstance(amount, str):
            what = f"'plus' on the duration {shown(old)} takes a duration like 2h"
            raise ValueError(f"{what}; got {shown(amount)}")
        return f"{number + _in_unit(amount, unit):.12g}{unit}"

    def _sourced(self, old: Any, new: Any, source: Sourced, *, is_count: bool) -> Sourced:
        """Return the value *new* with the range, the arithmetic and the weaker source of both."""
        ends = self._ends(old, source, is_count=is_count)
        if source.alternatives:
            levels = source.alternatives
            others = [
                self._changed(level, self.amount.value, is_count=is_count) for level in levels
            ]
            ends["alternatives"] = others
        amount = self.amount
        note = f"{shown(old)} ({source.origin}) {self.kind} {shown(amount.value)} ({amount.origin})"
        derived = self._arithmetic(old, is_count=is_count)
        if source.fitted:
            return replace(
                source, value=new, derived=derived, note=note, place=None, **NO_ENDS | ends
            )
        if not source.source or not amount.source:
            return Sourced(new, assumed=note, derived=derived, **ends)
        row = evidence().get(source.source)
        is_weaker = row is not None and row.confidence == "assumption"
        weaker = source.source if is_weaker else amount.source
        return Sourced(new, source=weaker, derived=derived, note=note, **ends)

    def _ends(self, old: Any, source: Sourced, *, is_count: bool) -> dict[str, Any]:
        """Return the range of the new value, where the old one or the step has one."""
        ends = {}
        for end in NO_ENDS:
            of_old, of_step = getattr(source, end), getattr(self.amount, end)
            if of_old is None and of_step is None:
                continue
            if of_old is None:
                of_old = old
            if of_step is None:
                of_step = self.amount.value
            changed = self._changed(of_old, of_step, is_count=is_count)
            # Of ranges that overlap, the ends can take away more than there is.
            ends[end] = max(changed, 0) if is_count else changed
        return ends

    def _arithmetic(self, old: Any, *, is_count: bool) -> str | None:
        """Return the step as arithmetic that can be checked; None for a list."""
        if isinstance(old, list):
            return None
        number, amount = old, self.amount.value
        if isinstance(old, str):
            number, unit = _in_one_unit(old)
            if isinstance(amount, str):
                amount = _in_unit(amount, unit)
        text = f"{number:.12g} {KINDS[self.kind]} {amount:.12g}"
        return f"round({text})" if is_count and self.kind == "times" else text


def quantities(value: Any, path: Path) -> Iterator[Path]:
    """Yield the paths of the parameters of the distribution *value* that have its unit."""
    for name, body in value.items():
        if not isinstance(body, Mapping):
            yield from _entries(body, (*path, name))
            continue
        for key, quantity in body.items():
            if key not in _SHAPES:
                yield from _entries(quantity, (*path, name, key))


def _entries(quantity: Any, path: Path) -> Iterator[Path]:
    """Yield the path of a number, or of every number of a list."""
    if isinstance(quantity, list):
        yield from ((*path, str(number)) for number in range(len(quantity)))
    else:
        yield path


def is_distribution(value: object) -> bool:
    """Return whether *value* is written as a distribution with a name."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in NAMES


def _amount(written: Any) -> Sourced:
    return read_sourced(written) if isinstance(written, Mapping) else Sourced(written)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _tidy(number: float) -> int | float:
    return number if isinstance(number, int) else float(f"{number:.12g}")


def _in_one_unit(text: str) -> tuple[float, str]:
    """Return a written duration as a number of its unit, of seconds where it has several."""
    match = _ONE_UNIT.fullmatch(text)
    if match is None:
        return float(parse_duration(text)), "s"
    return float(match[1]), match[2]


def _in_unit(text: str, unit: str) -> float:
    """Return a written duration as a number of *unit*."""
    return parse_duration(text) / parse_duration("1" + unit)
