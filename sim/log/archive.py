"""Arrays and one JSON document as bytes: a zip archive of ``.npy`` files.

It holds no pickles, so bytes from elsewhere can be opened without running what is in them. Equal
content gives equal bytes.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    """Return the document and the arrays that `pack` made *data* of."""
    arrays: Arrays = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name != _DOCUMENT:
                content = io.BytesIO(archive.read(name))
                arrays[name.removesuffix(".npy")] = np.lib.format.read_array(
                    content, allow_pickle=False
                )
        return json.loads(archive.read(_DOCUMENT)), arrays


def _entry(name: str) -> zipfile.ZipInfo:
    # Without the time of day, so that equal content is equal bytes.
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
