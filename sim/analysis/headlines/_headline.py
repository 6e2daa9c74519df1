"""The shape of a headline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite, isnan, nan
from typing import Any

from sim.study.interval import Interval
from sim.units import format_mean

NAMED = 3
"""Things that a sentence names; of more, it says how many there are."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number beside the sentence, with the bounds of its interval or range (NaN: none)."""

    label: str
    value: float
    low: float = nan
    high: float = nan
    unit: str = ""

    @classmethod
    def of(cls, label: str, interval: Interval, unit: str = "", factor: float = 1.0) -> Number:
        """Return *interval* times *factor*, called *label*."""
        mean, low, high = (factor * value for value in interval)
        return cls(label, mean, low, high, unit)

    @property
    def text(self) -> str:
        """The number as people read it."""
        return f"{format_mean(self.value, self.low, self.high)} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class Headline:
    """What a result says, in one sentence, with the numbers that say how much and how sure."""

    sentence: str
    numbers: tuple[Number, ...]
    """At most three, those that exist."""
    picture: str
    """Kind of figure that shows it."""
    verdict: str = ""
    """``yes``, ``no`` or ``undecided``; empty where nothing is judged."""

    def __post_init__(self) -> None:
        """Leave out numbers that do not exist."""
        known = tuple(number for number in self.numbers if isfinite(number.value))
        object.__setattr__(self, "numbers", known[:NAMED])

    def document(self) -> dict[str, Any]:
        """Return it for JSON: a bound that does not exist is null."""
        written = asdict(self)
        for number in written["numbers"]:
            for end in ("low", "high"):
                if isnan(number[end]):
                    number[end] = None
        return written

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Headline:
        """Return what `document` wrote."""
        numbers = tuple(map(_read_number, written["numbers"]))
        sentence, picture = str(written["sentence"]), str(written["picture"])
        return cls(sentence, numbers, picture, str(written["verdict"]))


def _read_number(written: Mapping[str, Any]) -> Number:
    value, low, high = (_float(written[end]) for end in ("value", "low", "high"))
    return Number(str(written["label"]), value, low, high, str(written["unit"]))


def _float(value: Any) -> float:
    return nan if value is None else float(value)


def named(names: tuple[str, ...] | list[str], most: int = NAMED) -> str:
    """Return the first *most* of *names*, and how many more there are."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
