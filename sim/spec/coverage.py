"""What of a run the rows of a table cover: begin, end, step, gaps, repeats, and rows outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sim.spec.tables import Row
from sim.units import DAY, Seconds, format_duration

_ALIKE = 0.15
"""By how much, as a share, two steps may differ and be the same (months of 28 and 31 days are)."""
_MOSTLY = 0.8
"""Share of steps that must be alike for rows to come at a regular step."""
_FEWEST_STEPS = 3
"""Below so many steps nothing is called regular."""


@dataclass(frozen=True, slots=True)
class Step:
    """The time from each row to the next."""

    usual_s: Seconds
    """The step in the middle when they are sorted; 0 for a single row."""
    longest_s: Seconds
    is_regular: bool

    @property
    def last_holds_s(self) -> Seconds:
        """Return how long the last row holds: a step where rows are regular, or else no time."""
        return self.usual_s if self.is_regular else 0


def step_of(rows: Sequence[Row]) -> Step:
    """Return the step of *rows* in order of time; rows of the same time count once."""
    steps = sorted(late.at_s - early.at_s for early, late in pairwise(rows))
    steps = [step for step in steps if step]
    if not steps:
        return Step(0, 0, is_regular=False)
    usual_s = steps[len(steps) // 2]
    alike = sum(abs(step - usual_s) <= _ALIKE * usual_s for step in steps)
    is_regular = len(steps) >= _FEWEST_STEPS and alike >= _MOSTLY * len(steps)
    return Step(usual_s, steps[-1], is_regular)


def gaps(rows: Sequence[Row], step: Step, until_s: Seconds, meaning: str) -> Iterator[str]:
    """Yield in one sentence where rows at a regular *step* are missing between 0 and *until_s*.

    Parameters
    ----------
    meaning
        What the run takes where a row is missing.
    """
    if not step.is_regular:
        return
    wide = [
        (early, late)
        for early, late in pairwise(rows)
        if late.at_s - early.at_s > (1 + 2 * _ALIKE) * step.usual_s
        and _touches(early, late, until_s)
    ]
    if not wide:
        return
    missing_s = sum(late.at_s - early.at_s - step.usual_s for early, late in wide)
    early, late = wide[0]
    first = f"between lines {early.line} and {late.line} lie {_long(late.at_s - early.at_s)}"
    what = f"{first}, where rows come every {_long(step.usual_s)}: {meaning}"
    if len(wide) > 1:
        what += f" ({len(wide)} such gaps, {_long(missing_s)} in all)"
    yield what


def _touches(early: Row, late: Row, until_s: Seconds) -> bool:
    return late.at_s > 0 and early.at_s < until_s


def repeats(rows: Sequence[Row], step: Step) -> Iterator[str]:
    """Yield in one sentence which rows at a regular *step* have the time of another."""
    again = [(early, late) for early, late in pairwise(rows) if early.at_s == late.at_s]
    if step.is_regular and again and len(again) < (1 - _MOSTLY) * len(rows):
        early, late = again[0]
        what = f"line {late.line} has the time of line {early.line}, and both count"
        yield what + (f" ({len(again)} such rows)" if len(again) > 1 else "")


def outside(rows: Sequence[Row], until_s: Seconds) -> Iterator[str]:
    """Yield in one sentence each which rows lie before the run or after it, with their amount."""
    before = [row for row in rows if row.at_s < 0 and row.values[0]]
    after = [row for row in rows if row.at_s >= until_s and row.values[0]]
    for some, where in ((before, "before the run begins"), (after, "after the run may end")):
        if some:
            total = sum(row.values[0] for row in some)
            rows_are = "1 row lies" if len(some) == 1 else f"{len(some):,} rows lie"
            line = min(row.line for row in some)
            yield f"{rows_are} {where} ({total:,.0f} units, first in line {line}); they are left out"


def uncovered(rows: Sequence[Row], step: Step, until_s: Seconds) -> Iterator[str]:
    """Yield in one sentence each how much of 0 to *until_s* lies before the first row and after the
    last.

    As long as rows keep away from each other, so long may the ends be without a row.
    """
    usual_s = step.usual_s if step.is_regular else step.longest_s
    patience_s = round(max(usual_s, DAY) * (1 + _ALIKE))
    first_s, last_s = rows[0].at_s, rows[-1].at_s
    if first_s > patience_s:
        yield f"begins {_long(first_s)} after the run; nothing comes before"
    if until_s - last_s > patience_s:
        missing_s = until_s - max(last_s + step.last_holds_s, 0)
        yield f"ends {_long(missing_s)} before the window does; nothing comes after"


def out_of_order(rows: Sequence[Row]) -> Row | None:
    """Return the first row whose time is not after that of the row before it."""
    return next((late for early, late in pairwise(rows) if late.at_s <= early.at_s), None)


def _long(seconds: Seconds) -> str:
    """Return a time for a message: in days from two days on."""
    if seconds >= 2 * DAY:
        return f"{seconds / DAY:,.0f} days"
    return format_duration(seconds)
