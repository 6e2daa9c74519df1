"""The table of evidence that ships with the scenarios, and arithmetic on its rows."""

from __future__ import annotations

import ast
import csv
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from sim.spec.library import scenario_folder
from sim.spec.messages import shown

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_RANGE = re.compile(r"(?<=\d)-(?=\d)")
"""A dash between two digits is a range (18-22), not a sign."""
_REFERENCE = re.compile(r"\[([A-Za-z0-9_-]+)(?::(\d+))?\]")


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One figure about the corridor."""

    id: str
    quantity: str
    value: str
    unit: str
    period: str
    place: str
    source: str
    confidence: str
    note: str

    @property
    def numbers(self) -> tuple[float, ...]:
        """The numbers in the row's value, in order: ``18-22`` gives 18 and 22."""
        return tuple(float(n) for n in _NUMBER.findall(_RANGE.sub(" ", self.value)))


@cache
def evidence() -> Mapping[str, EvidenceRow]:
    """Return the rows of the table by id."""
    fields = EvidenceRow.__dataclass_fields__
    with (scenario_folder() / "evidence.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["id"]: EvidenceRow(**{name: row[name] for name in fields})
            for row in csv.DictReader(file)
        }


def _root(number: float) -> float:
    if number < 0:
        raise ValueError("the root of a negative number")
    return math.sqrt(number)


_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "min": min,
    "max": max,
    "sqrt": _root,
    "round": round,
}


def derive(arithmetic: str, table: Mapping[str, EvidenceRow]) -> float:
    """Return the value of *arithmetic* on the rows of *table*.

    ``[KURYK_2023_10M_WAG] * 365 / 304`` takes the first number of that row, ``[KUR-014:2]`` the
    second of another.

    Raises
    ------
    ValueError
        An unknown row, a row without that number, or anything but plain arithmetic.
    """
    if len(arithmetic) > 300:
        raise ValueError("arithmetic of more than 300 characters")
    plain = _REFERENCE.sub(
        lambda match: f"({_number_of(match[1], int(match[2] or 1), table)!r})", arithmetic
    )
    try:
        return _evaluate(ast.parse(plain.strip(), mode="eval").body)
    except (
        SyntaxError,
        ZeroDivisionError,
        OverflowError,
        TypeError,
        RecursionError,
        MemoryError,
    ) as error:
        what = error.msg if isinstance(error, SyntaxError) else error
        raise ValueError(
            f"{shown(arithmetic)} is not arithmetic on evidence rows ({what})"
        ) from None


def _number_of(row: str, which: int, table: Mapping[str, EvidenceRow]) -> float:
    if row not in table:
        raise ValueError(f"no evidence row {shown(row)}")
    numbers = table[row].numbers
    if not 1 <= which <= len(numbers):
        raise ValueError(f"evidence row {row} has {len(numbers)} number(s), no number {which}")
    return numbers[which - 1]


def _evaluate(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluate(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _power_checked(type(op), _evaluate(left), _evaluate(right))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            return float(_FUNCTIONS[name](*(_evaluate(arg) for arg in args)))
    raise ValueError(
        "only numbers, + - * / **, parentheses, min, max, sqrt and round are arithmetic here"
    )


def _power_checked(op: type[ast.operator], left: float, right: float) -> float:
    if op is ast.Pow and (abs(right) > 10 or abs(left) > 1e6):
        raise ValueError("a power that large is no arithmetic on evidence")
    if op is ast.Pow and left < 0 and right != int(right):
        raise ValueError("the root of a negative number")
    return float(_OPERATORS[op](left, right))
