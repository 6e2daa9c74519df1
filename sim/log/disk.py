"""A log outside the process that ran it: as bytes (workers, run store) and as files (study folder).

Both hold the tables and one JSON document of all the rest: facts, names, flows, resources,
carriers, charges and state. What is read back equals what was written, so it gives the same
metrics.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import UsageError
from sim.log.archive import Arrays, pack, unpack
from sim.log.facts import (
    CarrierFacts,
    Charges,
    FlowFacts,
    LegCharge,
    Names,
    ResourceFacts,
    RunFacts,
    UnitCharge,
    VehicleCharge,
)
from sim.log.run_log import RunLog
from sim.log.schema import OF_RULES, SCHEMA_VERSION
from sim.log.table import Columns

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 2
"""Version of the document and the files; 1 had no charges."""
DOCUMENT = "facts.json"
"""File of a folder that holds all but the tables."""
_DOCUMENT_1 = "names.json"
"""What format 1 called it."""


def to_bytes(log: RunLog) -> bytes:
    """Return *log* as bytes."""
    arrays: Arrays = {}
    for name, table in log.tables.items():
        arrays |= {f"{name}/{column}": values for column, values in table.arrays.items()}
    return pack(_document(log), arrays)


def from_bytes(data: bytes) -> RunLog:
    """Return the log that `to_bytes` made *data* of.

    Raises
    ------
    UsageError
        Another version wrote it.
    """
    document, arrays = unpack(data)

    def table(name: str, columns: list[str]) -> Columns:
        return Columns({column: arrays[f"{name}/{column}"] for column in columns})

    return _log(document, table, "the log")


def to_files(log: RunLog) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every file of the folder of *log*: a parquet file a table,
    ``cargo`` among them, and the document last."""
    yield "cargo.parquet", _parquet(log.cargo)
    for name, table in log.tables.items():
        yield f"{name}.parquet", _parquet(table.frame())
    yield DOCUMENT, (json.dumps(_document(log), indent=1) + "\n").encode()


def from_folder(folder: Path) -> RunLog:
    """Return the log whose files are in *folder*.

    Raises
    ------
    UsageError
        Another version wrote it.
    FileNotFoundError
        A file is missing.
    """
    import pandas as pd

    if (folder / _DOCUMENT_1).is_file() and not (folder / DOCUMENT).is_file():
        raise _of_another_version(folder, 1, 1)

    def table(name: str, columns: list[str]) -> Columns:
        frame = pd.read_parquet(folder / f"{name}.parquet")
        return Columns({column: frame[column].to_numpy(np.int64) for column in columns})

    return _log(json.loads((folder / DOCUMENT).read_text(encoding="utf-8")), table, folder)


def digest(log: RunLog) -> str:
    """Return a digest of names and tables of *log* that is the same on every machine."""
    out = sha256(json.dumps(asdict(log.names)).encode())
    for name, table in log.tables.items():
        if name in OF_RULES and not len(table):
            continue
        for column in table.names:
            out.update(f"{name}.{column} {len(table)}\n".encode())
            out.update(table[column].astype("<i8").tobytes())
    return out.hexdigest()


def _parquet(frame: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.to_parquet(out, index=False, compression="zstd")
    return out.getvalue()


def _document(log: RunLog) -> dict[str, Any]:
    """Return all of *log* but the content of its tables, for JSON."""
    return {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        "facts": asdict(log.facts),
        "names": asdict(log.names),
        "flows": [asdict(flow) for flow in log.flows],
        "resources": [asdict(resource) for resource in log.resources],
        "carriers": [asdict(carrier) for carrier in log.carriers],
        "charges": None if log.charges is None else asdict(log.charges),
        "tables": {name: list(table.names) for name, table in log.tables.items()},
        "state": log.state,
    }


def _log(
    document: Mapping[str, Any], table: Callable[[str, list[str]], Columns], source: Path | str
) -> RunLog:
    """Return the log of *document*, with the columns that *table* reads."""
    written = document.get("format", 1), document.get("schema_version", 1)
    if written != (FORMAT, SCHEMA_VERSION):
        raise _of_another_version(source, *written)
    return RunLog(
        facts=RunFacts(**document["facts"]),
        names=Names(**_tupled(document["names"])),
        flows=tuple(FlowFacts(**_tupled(flow)) for flow in document["flows"]),
        resources=tuple(ResourceFacts(**resource) for resource in document["resources"]),
        carriers=tuple(CarrierFacts(**_tupled(carrier)) for carrier in document["carriers"]),
        tables={name: table(name, columns) for name, columns in document["tables"].items()},
        state=document["state"],
        charges=_charges(document["charges"]),
    )


def _of_another_version(source: Path | str, format_: int, schema: int) -> UsageError:
    return UsageError(
        f"{source} has format {format_} of schema {schema}; this version reads format {FORMAT} of "
        f"schema {SCHEMA_VERSION}; run it again with this version"
    )


def _charges(document: Mapping[str, Any] | None) -> Charges | None:
    if document is None:
        return None
    return Charges(
        vehicles=tuple(VehicleCharge(*row) for row in document["vehicles"]),
        legs=tuple(LegCharge(*row) for row in document["legs"]),
        units=tuple(UnitCharge(*row) for row in document["units"]),
        room=tuple((row[0], row[1], row[2], row[3]) for row in document["room"]),
    )


def _tupled(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return *facts* with tuples where JSON made lists."""
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()
    }
