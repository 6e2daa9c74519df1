"""A finished replication as bytes: what workers send back, and what lies in the run store.

Numbers are arrays, texts are in one JSON document; `sim.log.archive` makes bytes of both. The log
of a replication is kept apart, by `sim.log.disk`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, Field

from sim.log import RunLog
from sim.log.archive import Arrays, pack, unpack
from sim.metrics.rows import COLUMNS
from sim.runs.replication import Replication

_TEXTS = ("name", "where", "flow", "activity", "unit")


class _Facts(BaseModel):
    """What stands in the document of a replication."""

    number: Annotated[int, Field(ge=0)]
    events: Annotated[int, Field(ge=0)]
    metrics: dict[str, list[str | None]]
    years: dict[str, list[str | None]] | None = None
    stacks: list[str]
    closed_places: list[str]


def encode(replication: Replication) -> bytes:
    """Return *replication* as bytes, its log apart from it."""
    arrays: Arrays = {}
    facts: dict[str, Any] = {"number": replication.number, "events": replication.events}
    facts["metrics"] = _put_metrics(replication.metrics, "metrics", arrays)
    if replication.years is not None:
        facts["years"] = _put_metrics(replication.years, "years", arrays)
        arrays["years/year"] = replication.years["year"].to_numpy(np.int64)
        arrays["years/days"] = replication.years["days"].to_numpy(np.float64)
    facts["stacks"] = list(replication.levels.columns)
    arrays["levels"] = replication.levels.to_numpy(np.int32)
    arrays["levels/day"] = (
        replication.levels.index.to_numpy().astype("datetime64[s]").astype(np.int64)
    )
    arrays["inside_kg"] = replication.inside_kg
    facts["closed_places"] = replication.closures["place"].tolist()
    closures = [
        replication.closures[end].to_numpy().astype("datetime64[s]") for end in ("start", "end")
    ]
    arrays["closures"] = np.array(closures).astype(np.int64)
    return pack(facts, arrays)


def decode(data: bytes, log: RunLog | None = None) -> Replication:
    """Return the replication of *data*.

    Raises
    ------
    ValueError
        It is none.
    """
    facts, arrays = unpack(data)
    _Facts.model_validate(facts)
    years = None
    if "years" in facts:
        years = _metrics(facts["years"], "years", arrays)
        years = years.assign(year=arrays["years/year"], days=arrays["years/days"])
    days = pd.DatetimeIndex(arrays["levels/day"].astype("datetime64[s]"), name="day")
    closures = dict(zip(("start", "end"), arrays["closures"].astype("datetime64[s]"), strict=True))
    return Replication(
        number=facts["number"],
        metrics=_metrics(facts["metrics"], "metrics", arrays),
        levels=pd.DataFrame(
            arrays["levels"], index=days, columns=pd.Index(facts["stacks"], dtype=object)
        ),
        inside_kg=arrays["inside_kg"],
        closures=pd.DataFrame(
            {"place": pd.Series(facts["closed_places"], dtype=object), **closures}
        ),
        events=facts["events"],
        log=log,
        years=years,
    )


def _put_metrics(frame: pd.DataFrame, name: str, arrays: Arrays) -> dict[str, list[str | None]]:
    """Put numbers and codes of *frame* into *arrays*, and return what the codes stand for.

    Texts have codes in the order in which they appear, column by column.
    """
    texts: dict[str, list[str | None]] = {}
    codes = np.empty((len(_TEXTS), len(frame)), np.int32)
    for row, column in enumerate(_TEXTS):
        values = frame[column].tolist()
        texts[column] = list(dict.fromkeys(values))
        code = {text: number for number, text in enumerate(texts[column])}
        codes[row] = [code[text] for text in values]
    arrays[f"{name}/codes"] = codes
    arrays[f"{name}/value"] = frame["value"].to_numpy(np.float64)
    return texts


def _metrics(texts: Mapping[str, list[str | None]], name: str, arrays: Arrays) -> pd.DataFrame:
    """Return the frame that `_put_metrics` took apart."""
    columns: dict[str, Any] = dict.fromkeys(COLUMNS)
    columns["value"] = arrays[f"{name}/value"]
    for column, codes in zip(_TEXTS, arrays[f"{name}/codes"], strict=True):
        # An empty array of texts could not be indexed, even by no code.
        names = np.array(texts[column] or [None], dtype=object)
        columns[column] = pd.Series(names[codes], dtype=object)
    return pd.DataFrame(columns)
