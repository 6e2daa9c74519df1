"""The list of what a folder of results holds: every file, its digest and what wrote it."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath

from sim.bounds import read_whole
from sim.errors import UsageError
from sim.spec.messages import harmless
from sim.version import __version__

CONTENTS = "contents.json"
FORMAT = 1
"""Version of the list."""
STUDY = "study"
"""What run, compare and validate write."""
ON_REQUEST = "on request"
"""Pages, figures and tables that a command wrote where the user asked for them."""
_MOST_BYTES = 20_000_000
"""Of a list of contents."""
AGAIN = "write it again into a new --out"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the list."""

    by: str
    """What wrote it: `STUDY`, `ON_REQUEST`, or the command of an analysis."""
    sha256: str


Contents = dict[str, Entry]
"""Entries by path inside the folder."""


def read_contents(folder: Path) -> Contents:
    """Return the list of *folder*.

    Raises
    ------
    UsageError
        It cannot be read, or another version wrote it.
    """
    file = folder / CONTENTS
    try:
        written = json.loads(read_whole(file, _MOST_BYTES))
        if written["format"] != FORMAT:
            what = f"{folder}: version {written['version']} wrote it, this is {__version__}"
            raise UsageError(harmless(f"{what}; {AGAIN}", 500))
        contents = {
            str(name): Entry(str(entry["by"]), str(entry["sha256"]))
            for name, entry in written["files"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is damaged"
        raise UsageError(f"{file} cannot be read ({reason}); {AGAIN}") from None
    for name in contents:
        place_of(folder, name)
    return contents


def incomplete_file(part: str) -> str:
    """Return the name of the file that says why the results of *part* are not all that was asked for."""
    return "incomplete.txt" if part == STUDY else f"incomplete-{part}.txt"


def headline_file(command: str) -> str:
    """Return the name of the file that holds the first sentence of the results of *command*."""
    return f"headline-{command}.json"


def place_of(folder: Path, name: str) -> Path:
    """Return where the file *name* of a list lies; refuse one that leads out of *folder*."""
    relative = PurePosixPath(name)
    is_inside = relative.parts and not relative.is_absolute() and ".." not in relative.parts
    if not is_inside or "\0" in name or "\\" in name:
        raise UsageError(f"{folder / CONTENTS} is damaged ({harmless(name, 80)}); {AGAIN}")
    path = folder / relative
    for above in relative.parents:
        if above.parts and (folder / above).is_symlink():
            what = f"{folder / above} is a link, which no --out makes"
            raise UsageError(f"{what}; remove it, then {AGAIN}")
    return path


def changed(folder: Path, contents: Contents) -> Iterator[str]:
    """Yield which files of the list are there and are not what was written."""
    for name, entry in contents.items():
        path = place_of(folder, name)
        if os.path.lexists(path) and digest_of(path) != entry.sha256:
            yield name


def digests(folder: Path, part: str) -> Contents:
    """Return the list of all files in *folder*."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): Entry(part, digest_of(path)) for path in files}


def digest_of(path: Path) -> str:
    """Return the digest of a file, or "" of what is no file or cannot be read."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    digest = sha256()
    try:
        with open(path, "rb", opener=lambda name, _: os.open(name, flags)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return ""
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError:
        return ""
    return digest.hexdigest()


def put_contents(folder: Path, contents: Contents) -> None:
    """Write the list, whole or not at all."""
    files = {
        name: {"by": contents[name].by, "sha256": contents[name].sha256}
        for name in sorted(contents)
    }
    document = {"format": FORMAT, "version": __version__, "files": files}
    with replacing(folder / CONTENTS) as part:
        part.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a file of a name that nobody can foresee, which takes the place of *path* at the end."""
    descriptor, name = tempfile.mkstemp(
        prefix=f".{path.name[:60]}.", suffix=".part", dir=path.parent
    )
    part = Path(name)
    try:
        os.fchmod(descriptor, 0o666 & ~umask())
        os.close(descriptor)
        yield part
        flush(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
