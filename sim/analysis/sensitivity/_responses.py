"""Responses: numbers of a replication that a study is asked about, by name, flow and place."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import NamedTuple

import pandas as pd

from sim.analysis.numbers import Numbers
from sim.errors import UsageError
from sim.metrics.outcomes import MAIN

MAIN_RESPONSES = tuple(outcome.name for outcome in MAIN if outcome.name != "offered_t_per_year")


class Response(NamedTuple):
    """One metric at one place of one flow, or of the whole corridor."""

    name: str
    flow: str | None
    where: str | None
    unit: str

    @property
    def label(self) -> str:
        """As it is asked for: ``NAME[:FLOW][@WHERE]``."""
        flow = f":{self.flow}" if self.flow else ""
        where = f"@{self.where}" if self.where else ""
        return f"{self.name}{flow}{where}"

    def of(self, numbers: Numbers) -> float:
        """Return its value in one replication; NaN if it has none."""
        value = numbers.get((self.name, self.where, self.flow, None))
        return float("nan") if value is None else float(value)


def find_responses(labels: Sequence[str], metrics: pd.DataFrame) -> tuple[Response, ...]:
    """Return the responses that *labels* ask for, which *metrics* of a replication must have.

    Raises
    ------
    UsageError
        There is no such number, with what was probably meant; or one is asked for twice.
    """
    known = _by_label(metrics)
    found: dict[str, Response] = {}
    for label in labels:
        if label not in known:
            raise UsageError(f"outcome {label}: {_unknown(label, list(known))}")
        if label in found:
            raise UsageError(f"outcome {label} is asked for twice")
        found[label] = known[label]
    return tuple(found.values())


def _by_label(metrics: pd.DataFrame) -> dict[str, Response]:
    rows = metrics[metrics["activity"].isna()]
    columns = (rows[column].tolist() for column in ("name", "flow", "where", "unit"))
    responses = [
        Response(name, _text(flow), _text(where), _text(unit) or "")
        for name, flow, where, unit in zip(*columns, strict=True)
    ]
    return {response.label: response for response in responses}


def _text(part: object) -> str | None:
    return part if isinstance(part, str) else None


def _unknown(label: str, known: list[str]) -> str:
    """Return what is wrong with *label*, with the nearest of those that are *known*."""
    same = [other for other in known if _name(other) == _name(label)]
    close = get_close_matches(label[:200], same or known, n=3, cutoff=0.3) or same[:3]
    meant = f"; did you mean {' or '.join(close)}?" if close else ""
    return f"the runs have no such number, written as NAME, NAME@WHERE or NAME:FLOW@WHERE{meant}"


def _name(label: str) -> str:
    return label.partition("@")[0].partition(":")[0]
