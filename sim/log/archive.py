"""Arrays and one JSON document as bytes: a zip archive of ``.npy`` files.

It holds no pickles, so bytes from elsewhere can be opened without running what is in them. Equal
content gives equal bytes.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.bounds import check_unpacked

Arrays = dict[str, NDArray[Any]]

_DOCUMENT = "document.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(document: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return *document* and *arrays* as bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(_entry(_DOCUMENT), json.dumps(document))
        for name, values in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(values), allow_pickle=False)
            archive.writestr(_entry(f"{name}.npy"), content.getvalue())
    return out.getvalue()


def unpack(data: bytes) -> tuple[dict[str, Any], Arrays]:
    """Return the document and the arrays that `pack` made *data* of.

    Raises
    ------
    UsageError
        Far more would come of it than it looks.
    """
    arrays: Arrays = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        # No more is read of an entry than it states.
        unpacked = sum(entry.file_size for entry in archive.infolist())
        check_unpacked("a packed replication", len(data), unpacked)
        for name in archive.namelist():
            if name != _DOCUMENT:
                arrays[name.removesuffix(".npy")] = _array(archive.read(name))
        return json.loads(archive.read(_DOCUMENT)), arrays


def _array(content: bytes) -> NDArray[Any]:
    """Return the array in *content*, which must be as large as it states: room is taken for that."""
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    read_header = np.lib.format.read_array_header_1_0
    if version != (1, 0):
        read_header = np.lib.format.read_array_header_2_0
    shape, _, dtype = read_header(stream)
    if math.prod(shape) * dtype.itemsize != len(content) - stream.tell():
        raise ValueError("an array has another size than it states")
    stream.seek(0)
    return np.lib.format.read_array(stream, allow_pickle=False)


def _entry(name: str) -> zipfile.ZipInfo:
    # Without the time of day, so that equal content is equal bytes.
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
