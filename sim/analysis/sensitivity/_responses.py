"""Answers: numbers of a replication that a study is asked about, by name, flow and place."""

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
        return (
            self.name
            + (f":{self.flow}" if self.flow else "")
            + (f"@{self.where}" if self.where else "")
        )

    def of(self, numbers: Numbers) -> float:
        """Return its value in one replication; NaN if it has none."""
        value = numbers.get((self.name, self.where, self.flow, None))
        return float("nan") if value is None else float(value)


def find_responses(texts: Sequence[str], metrics: pd.DataFrame) -> tuple[Response, ...]:
    """Return the answers that *texts* ask for, which *metrics* of a replication must know.

    Raises
    ------
    UsageError
        There is no such number, with what was probably meant; or one is asked for twice.
    """
    rows = metrics[metrics["activity"].isna()]
    columns = (rows[column].tolist() for column in ("name", "flow", "where", "unit"))
    answers = (
        Response(name, _none(flow), _none(where), _none(unit) or "")
        for name, flow, where, unit in zip(*columns, strict=True)
    )
    known = {answer.label: answer for answer in answers}
    found: dict[str, Response] = {}
    for text in texts:
        if text not in known:
            raise UsageError(f"outcome {text}: {_unknown(text, list(known))}")
        if text in found:
            raise UsageError(f"outcome {text} is asked for twice")
        found[text] = known[text]
    return tuple(found.values())


def _none(part: object) -> str | None:
    return part if isinstance(part, str) else None


def _unknown(text: str, labels: list[str]) -> str:
    name = text.partition("@")[0].partition(":")[0]
    same = [label for label in labels if label.partition("@")[0].partition(":")[0] == name]
    close = get_close_matches(text[:200], same or labels, n=3, cutoff=0.3) or same[:3]
    meant = f"; did you mean {' or '.join(close)}?" if close else ""
    return f"the runs have no such number, written as NAME, NAME@WHERE or NAME:FLOW@WHERE{meant}"
