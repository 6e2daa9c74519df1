"""A finished replication as bytes: what workers send back, and what lies in the run store.

A part is a zip archive of plain arrays (``.npy``) and one JSON document. It holds no pickles, so a
store from elsewhere can be opened without running what is in it; equal replications give equal
bytes.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.log import (
    CarrierFacts,
    Charges,
    Columns,
    FlowFacts,
    LegCharge,
    Names,
    ResourceFacts,
    RunFacts,
    RunLog,
    UnitCharge,
    VehicleCharge,
)
from sim.metrics.rows import COLUMNS
from sim.runs.replication import Replication

_JSON = "part.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_TEXTS = ("name", "where", "flow", "activity", "unit")

Arrays = dict[str, NDArray[Any]]


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
    return _pack(facts, arrays)


def decode(data: bytes, log: RunLog | None = None) -> Replication:
    """Return the replication of *data*."""
    facts, arrays = _unpack(data)
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


def encode_log(log: RunLog) -> bytes:
    """Return *log* as bytes."""
    arrays: Arrays = {
        f"{name}/{column}": table[column]
        for name, table in log.tables.items()
        for column in table.names
    }
    facts = {
        "facts": asdict(log.facts),
        "names": asdict(log.names),
        "flows": [asdict(flow) for flow in log.flows],
        "resources": [asdict(resource) for resource in log.resources],
        "carriers": [asdict(carrier) for carrier in log.carriers],
        "tables": {name: list(table.names) for name, table in log.tables.items()},
        "state": log.state,
        "charges": None if log.charges is None else asdict(log.charges),
    }
    return _pack(facts, arrays)


def decode_log(data: bytes) -> RunLog:
    """Return the log of *data*."""
    facts, arrays = _unpack(data)
    return RunLog(
        facts=RunFacts(**facts["facts"]),
        names=Names(**{name: tuple(values) for name, values in facts["names"].items()}),
        flows=tuple(FlowFacts(**tupled(flow)) for flow in facts["flows"]),
        resources=tuple(ResourceFacts(**resource) for resource in facts["resources"]),
        carriers=tuple(CarrierFacts(**tupled(carrier)) for carrier in facts["carriers"]),
        tables={
            name: Columns({column: arrays[f"{name}/{column}"] for column in columns})
            for name, columns in facts["tables"].items()
        },
        state=facts["state"],
        charges=_charges(facts["charges"]),
    )


def _charges(facts: Mapping[str, Any] | None) -> Charges | None:
    if facts is None:
        return None
    return Charges(
        vehicles=tuple(VehicleCharge(*row) for row in facts["vehicles"]),
        legs=tuple(LegCharge(*row) for row in facts["legs"]),
        units=tuple(UnitCharge(*row) for row in facts["units"]),
        room=tuple((row[0], row[1], row[2], row[3]) for row in facts["room"]),
    )


def tupled(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return *facts* with tuples where JSON made lists."""
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()
    }


def _put_metrics(frame: pd.DataFrame, name: str, arrays: Arrays) -> dict[str, list[str | None]]:
    """Put numbers and codes of *frame* into *arrays* and return what the codes stand for, in order
    of appearance."""
    texts: dict[str, list[str | None]] = {}
    codes = np.empty((len(_TEXTS), len(frame)), np.int32)
    for row, column in enumerate(_TEXTS):
        listed = frame[column].tolist()
        texts[column] = list(dict.fromkeys(listed))
        code = {text: number for number, text in enumerate(texts[column])}
        codes[row] = [code[text] for text in listed]
    arrays[f"{name}/codes"], arrays[f"{name}/value"] = codes, frame["value"].to_numpy(np.float64)
    return texts


def _metrics(texts: Mapping[str, list[str | None]], name: str, arrays: Arrays) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for column in COLUMNS:
        if column == "value":
            columns[column] = arrays[f"{name}/value"]
        else:
            known, codes = (
                np.array(texts[column], dtype=object),
                arrays[f"{name}/codes"][_TEXTS.index(column)],
            )
            columns[column] = pd.Series(known[codes] if len(known) else [], dtype=object)
    return pd.DataFrame(columns)


def _pack(facts: Mapping[str, Any], arrays: Arrays) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(_entry(_JSON), json.dumps(facts))
        for name, values in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(values), allow_pickle=False)
            archive.writestr(_entry(f"{name}.npy"), content.getvalue())
    return out.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    # Without the time of day, so that equal content is equal bytes.
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _unpack(data: bytes) -> tuple[dict[str, Any], Arrays]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        arrays = {
            name.removesuffix(".npy"): np.lib.format.read_array(
                io.BytesIO(archive.read(name)), allow_pickle=False
            )
            for name in archive.namelist()
            if name != _JSON
        }
        return json.loads(archive.read(_JSON)), arrays


def digest(log: RunLog) -> str:
    """Return a digest of *log* that is the same on every machine: its columns, as whole numbers in
    a fixed order."""
    found = sha256(json.dumps(asdict(log.names)).encode())
    for name, table in log.tables.items():
        for column in table.names:
            found.update(f"{name}.{column} {len(table)}\n".encode())
            found.update(table[column].astype("<i8").tobytes())
    return found.hexdigest()
