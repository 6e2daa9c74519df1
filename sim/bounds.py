"""What input from elsewhere may cost: which files are read, how much of them, and how much memory.

Scenarios, tables, study folders and stores come from strangers, too. Nothing is read that could
keep a reader waiting (a pipe, a device), and nothing is unpacked that is far larger than it looks.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from errno import EFBIG, EINVAL
from math import inf, isfinite
from pathlib import Path

from sim.errors import UsageError

DEFAULT_GB = 4.0
"""Fivefold cargo takes 0.5 GB a year; with a process for each processor, machines have some 4 GB
for each."""
PROCESS_GB = 0.15
"""What a worker takes before it runs anything: the interpreter and the libraries."""
VARIABLE = "CORRIDOR_MEMORY_GB"
"""Environment variable that sets the limit of memory for all commands and notebooks."""
SMALL_BYTES = 64_000_000
"""So much may always come of a packed file."""
MOST_TIMES = 200
"""How many times its size may come of a larger one. A log packs to a tenth; of zeros come a
thousand times their packed size."""

DAMAGED = (
    *(OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError),
    *(NotImplementedError, RecursionError, EOFError, struct.error, zlib.error, zipfile.BadZipFile),
)
"""What readers of files raise where these are not what was written."""

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


# -- memory
# --------------------------------------------------------------------------------------------------


def memory_limit_gb() -> float:
    """Return the memory that one replication, or a study that is read, may take [GB].

    Raises
    ------
    UsageError
        The environment variable is set to something else than a number above 0.
    """
    written = os.environ.get(VARIABLE)
    if written is None:
        return DEFAULT_GB
    try:
        limit_gb = float(written)
    except ValueError:
        limit_gb = 0.0
    if not (isfinite(limit_gb) and limit_gb > 0):
        raise UsageError(f"{VARIABLE} must be a number of GB above 0; got {written[:60]!r}")
    return limit_gb


def machine_memory_gb() -> float:
    """Return the memory of this machine [GB]; infinity where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (AttributeError, OSError, ValueError):
        return inf


def check_unpacked(name: str, packed: int, unpacked: int) -> None:
    """Refuse to unpack what is far larger than it looks, or than the memory that may be taken.

    Parameters
    ----------
    packed, unpacked
        Sizes [bytes]; the second as the file states it.

    Raises
    ------
    UsageError
        With both sizes and the remedy.
    """
    sizes = f"{name} has {packed:,} bytes, of which {unpacked:,} would be unpacked"
    if unpacked > max(SMALL_BYTES, MOST_TIMES * packed):
        raise UsageError(f"{sizes}: more than {MOST_TIMES} times as much, which no command writes")
    if unpacked > memory_limit_gb() * 1e9:
        enough_gb = int(unpacked / 1e9) + 1
        what = f"{sizes}, and at most {memory_limit_gb():g} GB are taken"
        raise UsageError(f"{what}; if you trust it, set {VARIABLE}={enough_gb}")


# -- files
# --------------------------------------------------------------------------------------------------


def irregular(path: Path) -> str:
    """Return what stands at *path* in place of a file: ``a folder``, ``a pipe``, ...; "" for a file
    or nothing."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return ""
    return _KINDS.get(stat.S_IFMT(mode), "")


def read_start(path: Path, most: int) -> bytes:
    """Return the content of a file, up to *most* bytes of it.

    Raises
    ------
    OSError
        It cannot be read, or it is no file; a pipe is not waited for.
    """
    with open(path, "rb", opener=_open_at_once) as file:
        kind = _KINDS.get(stat.S_IFMT(os.fstat(file.fileno()).st_mode))
        if kind is not None:
            raise OSError(EINVAL, f"it is {kind}, and no file", str(path))
        return file.read(most)


def read_whole(path: Path, most: int) -> bytes:
    """Return the content of a file of at most *most* bytes.

    Raises
    ------
    OSError
        It cannot be read, is no file, or is larger.
    """
    content = read_start(path, most + 1)
    if len(content) > most:
        raise OSError(EFBIG, f"it is larger than {most:,} bytes", str(path))
    return content


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


# -- encodings
# --------------------------------------------------------------------------------------------------

_MAGIC = {
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
    b"\x1f\x8b": "packed (gzip)",
    b"BZh": "packed (bzip2)",
    b"\xfd7zXZ": "packed (xz)",
    b"\x28\xb5\x2f\xfd": "packed (zstd)",
    b"PK\x03\x04": "a zip archive, as spreadsheets are (.xlsx, .ods)",
    b"\xd0\xcf\x11\xe0": "a spreadsheet of old Excel (.xls)",
    b"PAR1": "a parquet file",
    b"%PDF": "a PDF",
}


def why_no_utf8(content: bytes) -> str:
    """Return what *content* is where it is no text in UTF-8, and how to mend it; "" for text."""
    broken_at = _first_no_utf8(content)
    if broken_at is None and b"\0" not in content[:200]:
        return ""
    for begin, what in _MAGIC.items():
        if content.startswith(begin):
            return f"it is {what}; {_remedy(what)}"
    if broken_at is not None:
        return _of_code_page(content[broken_at : broken_at + 1])
    even, odd = content[:200:2], content[1:200:2]
    if max(even.count(0) / len(even), odd.count(0) / max(len(odd), 1)) > 0.8:
        return "it is text in UTF-16; save it as UTF-8"
    return ""


def place_of_no_utf8(content: bytes) -> tuple[int, int]:
    """Return line and column of the first byte that is no UTF-8; (0, 0) if there is none."""
    broken_at = _first_no_utf8(content)
    if broken_at is None:
        return 0, 0
    before = content[:broken_at]
    line_start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[line_start:].decode()) + 1


def _first_no_utf8(content: bytes) -> int | None:
    """Return where the first byte is that is no UTF-8."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


def _of_code_page(byte: bytes) -> str:
    """Return what a *byte* that is no UTF-8 stands for elsewhere."""
    what, letter = f"byte {byte.hex().upper()}", byte.decode("cp1252", "replace")
    if letter.isprintable() and letter != "\ufffd":
        what += f" is {letter!r} in Windows-1252, as spreadsheets in the West save"
    return f"{what}; save the file as UTF-8"


def _remedy(what: str) -> str:
    if what.startswith("text"):
        return "save it as UTF-8"
    if what.startswith("packed"):
        return "unpack it"
    return "save it as CSV in UTF-8"
