"""A log outside the process that ran it: as bytes (workers, run store) and as files (study folder).

Both hold the tables and one JSON document of all the rest: facts, names, flows, resources,
carriers, charges and state. What is read back equals what was written, so it gives the same
metrics.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from errno import ENOENT
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.bounds import check_unpacked, read_whole
from sim.errors import UsageError
from sim.log.archive import Arrays, pack, unpack
from sim.log.check import check_log
from sim.log.facts import (
    CarrierFacts,
    Charges,
    FlowFacts,
    Names,
    ResourceFacts,
    RunFacts,
)
from sim.log.run_log import RunLog
from sim.log.schema import OF_RULES, SCHEMA_VERSION, TABLES
from sim.log.table import Columns

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 2
"""Version of the document and the files; 1 had no charges."""
DOCUMENT = "facts.json"
"""File of a folder that holds all but the tables."""
_MOST_BYTES = 100_000_000
"""Of the document, whose state lists what is inside at the end."""
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
    if (folder / _DOCUMENT_1).is_file() and not (folder / DOCUMENT).is_file():
        raise _of_another_version(folder, 1, 1)

    def table(name: str, columns: list[str]) -> Columns:
        return read_table(folder / f"{name}.parquet", columns)

    return _log(json.loads(read_whole(folder / DOCUMENT, _MOST_BYTES)), table, folder)


def read_table(file: Path, columns: list[str]) -> Columns:
    """Return *columns* of whole numbers of a parquet *file*, after looking how large it is unpacked.

    Raises
    ------
    UsageError
        It is far larger than it looks.
    ValueError
        A column is missing or holds something else.
    """
    from pyarrow.parquet import ParquetFile

    if not file.is_file():
        raise FileNotFoundError(ENOENT, os.strerror(ENOENT), str(file))
    with ParquetFile(file) as parquet:
        about = parquet.metadata
        groups = [about.row_group(group) for group in range(about.num_row_groups)]
        stated = sum(group.total_byte_size for group in groups)
        unpacked = max(stated, about.num_rows * about.num_columns * np.dtype(np.int64).itemsize)
        check_unpacked(str(file), file.stat().st_size, unpacked)
        schema = parquet.schema_arrow
        for column in columns:
            if column not in schema.names or str(schema.field(column).type) != "int64":
                raise ValueError(f"{file.name} has no column {column} of whole numbers")
        frame = parquet.read(columns=columns).to_pandas(ignore_metadata=True)
    return Columns({column: frame[column].to_numpy(np.int64) for column in columns})


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
    if document["tables"] != {name: list(columns) for name, columns in TABLES.items()}:
        raise ValueError("it has other tables than this version writes")
    log = RunLog(
        facts=typed(RunFacts, document["facts"]),
        names=typed(Names, document["names"]),
        flows=typed(tuple[FlowFacts, ...], document["flows"]),
        resources=typed(tuple[ResourceFacts, ...], document["resources"]),
        carriers=typed(tuple[CarrierFacts, ...], document["carriers"]),
        tables={name: table(name, columns) for name, columns in document["tables"].items()},
        state=document["state"],
        charges=typed(Charges | None, document["charges"]),
    )
    check_log(log)
    return log


def typed(kind: Any, document: Any) -> Any:
    """Return *document*, plain values of JSON, as facts of a *kind*, in which each has its type.

    Raises
    ------
    ValueError
        A value is missing or of another type.
    """
    from pydantic import TypeAdapter

    return TypeAdapter(kind).validate_python(document)


def _of_another_version(source: Path | str, format_: int, schema: int) -> UsageError:
    return UsageError(
        f"{source} has format {format_} of schema {schema}; this version reads format {FORMAT} of "
        f"schema {SCHEMA_VERSION}; run it again with this version"
    )
