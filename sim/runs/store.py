"""The run store: finished replications in a folder, each computed once.

``STORE/<scenario hash>/<engine digest>/<seed>/<replication>.part`` (and ``.log`` where the log was
asked for). A part is written beside its place, flushed to the disk and moved there, so it is
complete or absent whatever happens meanwhile; its checksum, over name and content, shows damage and
mix-ups. Whoever computes a part holds the lock of its name, which the system releases when a
process ends, however it ends: two processes share a store without doing anything twice.

A part of another engine is stale: it is never read, since its digest is not in the path that is
asked for. A store in the layout of another version is refused by a run, and listed, checked and
pruned as stale.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from secrets import randbelow

from filelock import FileLock, Timeout

from sim.bounds import memory_limit_gb, read_whole
from sim.errors import MachineError, UsageError
from sim.layers import below

LAYOUT = 2
"""Version of the folder and its files; 1 is that of version 0.1."""
FORMAT = b"corridor part 2 "
"""What a file begins with, before its checksum."""
_ANY_FORMAT = b"corridor part "
_HEAD = len(FORMAT) + 64 + 1
MARK = "corridor-store"
"""File that marks a folder as a store."""
_MOST_MARK = 100
"""Bytes of the mark."""
TITLE = "title.txt"
"""File beside the parts of a scenario that says which one it is, for people."""
_MOST_TITLE = 1000
"""Bytes of it."""
_LEFT_BEHIND = re.compile(r"\.(\d+)\.(part|log)\.\d+")
"""Names of files that are being written."""
_LIBRARIES = ("numpy", "simpy", "pandas")
_GOES_ON = "; what was finished before is kept, and the same command goes on from there"
_REMEDY = "; choose a folder that is one, or a new one for --store"


@cache
def engine_digest() -> str:
    """Return the digest of all that decides what a replication gives.

    The sources of every package below `sim.study`, and the versions of the libraries.
    """
    root, digest = Path(__file__).parent.parent, sha256()
    for name in below("study"):
        for path in _sources(root, name):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\0".encode())
    return digest.hexdigest()[:16]


def _sources(root: Path, name: str) -> list[Path]:
    """Return the files of a package or module, in order."""
    if (root / name).is_dir():
        return sorted((root / name).rglob("*.py"))
    return [root / f"{name}.py"]


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """One replication of one scenario, as one engine computes it."""

    scenario: str
    """Hash of the resolved scenario."""
    engine: str
    seed: int
    replication: int

    @property
    def place(self) -> str:
        """Path inside a store, without its suffix."""
        return f"{self.scenario}/{self.engine}/{self.seed}/{self.replication}"

    def __str__(self) -> str:
        return f"replication {self.replication} of {self.scenario[:12]}, seed {self.seed}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One part in a store."""

    key: Key
    path: Path
    size: int
    has_log: bool
    is_stale: bool
    """Whether another engine made it, so that no run reads it."""


class Store:
    """A folder of parts.

    Parameters
    ----------
    folder
        The store; it is made if it is not there.
    create
        False: refuse a folder that is no store yet.
    accept_stale
        Open a store in the layout of an earlier version too, to list and prune it.

    Raises
    ------
    MachineError
        The folder cannot be made or written.
    UsageError
        It holds something else, or parts in the layout of another version.
    """

    def __init__(self, folder: Path, *, create: bool = True, accept_stale: bool = False) -> None:
        self.folder = folder
        self.damaged: list[str] = []
        """Messages on parts that were damaged and are removed."""
        try:
            if not (folder / MARK).exists():
                self._make(create)
            written = read_whole(folder / MARK, _MOST_MARK).decode("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise MachineError(
                f"the run store {folder} cannot be used: {error}; choose another --store"
            ) from None
        self.is_stale = written.isdecimal() and int(written) < LAYOUT
        """Whether an earlier version wrote it, so that nothing in it can be used."""
        if written != str(LAYOUT) and not (self.is_stale and accept_stale):
            raise UsageError(self._refusal(written))

    def _make(self, create: bool) -> None:
        """Mark the folder as a store; refuse one that holds other things."""
        folder, mark = self.folder, self.folder / MARK
        holds_others = folder.is_dir() and any(MARK not in path.name for path in folder.iterdir())
        # Another process may have made it a store since the first look.
        if (holds_others or not create) and not mark.exists():
            what = " and holds other things" if holds_others else ""
            raise UsageError(f"{folder} is no run store{what}{_REMEDY}")
        self._mark()

    def _mark(self) -> None:
        _write(self.folder / MARK, f"{LAYOUT}\n".encode())

    def _refusal(self, written: str) -> str:
        """Return why a store with another layout is not used, and what to do."""
        layouts = f"{self.folder} has layout {written}, this version keeps layout {LAYOUT}"
        if not self.is_stale:
            return f"{layouts}; choose a new --store"
        stale = "an earlier version wrote it, and all in it is stale"
        remedy = f"choose a new --store, or empty this one: corridor store prune {self.folder}"
        return f"{layouts}: {stale}; {remedy}"

    def part(self, key: Key) -> bytes | None:
        """Return the part of *key*, or None; a damaged part is removed and listed in `damaged`."""
        return self._read(key, "part")

    def log(self, key: Key) -> bytes | None:
        """Return the log of *key* likewise."""
        return self._read(key, "log")

    def has(self, key: Key, *, with_log: bool) -> bool:
        """Return whether the part (and the log) is there, whole or not."""
        kinds = ("part", "log") if with_log else ("part",)
        return all(self._path(key, kind).exists() for kind in kinds)

    def put(self, key: Key, part: bytes, log: bytes | None) -> None:
        """Keep a finished replication."""
        # The log first, so that there is a part only where its log is there too.
        if log is not None:
            self._put(key, "log", log)
        self._put(key, "part", part)

    def _put(self, key: Key, kind: str, data: bytes) -> None:
        path, sealed = self._path(key, kind), _seal(key, kind, data) + data
        self._refuse_links(path)
        try:
            try:
                _write(path, sealed)
            except FileNotFoundError:
                # Another process pruned the empty folder meanwhile.
                _write(path, sealed)
        except OSError as error:
            raise MachineError(f"{path} cannot be written: {error.strerror}{_GOES_ON}") from None

    def name(self, scenario: str, title: str) -> None:
        """Note once what the scenario of this hash is called."""
        path = self.folder / scenario / TITLE
        if not path.exists():
            self._refuse_links(path)
            _write(path, title.encode()[:_MOST_TITLE])

    def title(self, scenario: str) -> str:
        """Return what the scenario of this hash is called; empty where nobody noted it."""
        path = self.folder / scenario / TITLE
        if not self._is_inside(path):
            return ""
        try:
            return read_whole(path, 2 * _MOST_TITLE).decode("utf-8", "replace")
        except OSError:
            return ""

    def claim(self, key: Key) -> FileLock | None:
        """Return the lock of *key*, acquired, or None if another process has it."""
        path = self.folder / "locks" / f"{key.place.replace('/', '-')}.lock"
        self._refuse_links(path)
        try:
            path.parent.mkdir(exist_ok=True)
            lock = FileLock(path, blocking=False)
            lock.acquire()
        except Timeout:
            return None
        except OSError as error:
            raise MachineError(f"{path} cannot be locked: {error.strerror}{_GOES_ON}") from None
        return lock

    def entries(self) -> Iterator[Entry]:
        """Yield what is kept, sorted by key; other files are skipped."""
        paths = {}
        for path in self.folder.glob("*/*/*/*.part"):
            scenario, engine, seed, _ = path.relative_to(self.folder).parts
            if seed.isdecimal() and path.stem.isdecimal() and self._is_inside(path):
                paths[Key(scenario, engine, int(seed), int(path.stem))] = path
        for key in sorted(paths):
            path = paths[key]
            log = path.with_suffix(".log")
            has_log = log.exists()
            size = path.stat().st_size
            if has_log:
                size += log.stat().st_size
            is_stale = self.is_stale or key.engine != engine_digest()
            yield Entry(key, path, size, has_log, is_stale)

    def verify(self) -> list[str]:
        """Read every part and return a message for each that is damaged; these are removed.

        Parts of another format, which an earlier version wrote, are not read.
        """
        if self.is_stale:
            return []
        for entry in self.entries():
            self.part(entry.key)
            if entry.has_log:
                self.log(entry.key)
        return self.damaged

    def prune(self) -> tuple[int, int]:
        """Remove what is stale, and what was left half written.

        A store of an earlier version becomes one of this version.

        Returns
        -------
        tuple of int
            Files and bytes.
        """
        files = size = 0
        for path in sorted(self.folder.glob("*/*/*/*")):
            key = self._key_to_prune(path)
            # Whoever is writing it has its lock.
            lock = None if key is None else self.claim(key)
            if lock is not None:
                files, size = files + 1, size + path.stat().st_size
                path.unlink(missing_ok=True)
                lock.release()
        for folder in sorted(self.folder.glob("*/**/"), reverse=True):
            if self._is_inside(folder):
                with suppress(OSError):
                    if [path.name for path in folder.iterdir()] == [TITLE]:
                        (folder / TITLE).unlink()
                    folder.rmdir()
        if self.is_stale and not any(self.entries()):
            self._mark()
            self.is_stale = False
        return files, size

    def _key_to_prune(self, path: Path) -> Key | None:
        """Return the replication of *path* if it is stale or half written; None for other files."""
        scenario, engine, seed, name = path.relative_to(self.folder).parts
        half_written = _LEFT_BEHIND.fullmatch(name)
        number = half_written[1] if half_written else path.stem
        if not (seed.isdecimal() and number.isdecimal()):
            return None
        is_ours = (half_written or path.suffix in (".part", ".log")) and self._is_inside(path)
        is_done_with = half_written or self.is_stale or engine != engine_digest()
        if not (is_ours and is_done_with):
            return None
        return Key(scenario, engine, int(seed), int(number))

    def _is_inside(self, path: Path) -> bool:
        """Return whether *path* is reached over folders of the store, and over no link."""
        above = [path, *path.parents]
        return not any(part.is_symlink() for part in above[: above.index(self.folder)])

    def _refuse_links(self, path: Path) -> None:
        """Refuse to write a file below a link, which no store has: it may lead anywhere."""
        if not self._is_inside(path.parent):
            what = f"{path.parent} is reached over a link, which no store holds"
            raise MachineError(f"{what}; remove it, or choose another --store")

    def _path(self, key: Key, kind: str) -> Path:
        return self.folder / f"{key.place}.{kind}"

    def _read(self, key: Key, kind: str) -> bytes | None:
        path = self._path(key, kind)
        try:
            data = read_whole(path, round(memory_limit_gb() * 1e9))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise MachineError(f"{path} cannot be read: {error.strerror}") from None
        content = data[_HEAD:]
        if data[:_HEAD] == _seal(key, kind, content):
            return content
        if data.startswith(_ANY_FORMAT) and not data.startswith(FORMAT):
            return None
        self.damaged.append(
            f"{path}: the checksum does not agree with name and content; it is computed anew"
        )
        with suppress(OSError):
            path.unlink()
        return None


def _seal(key: Key, kind: str, data: bytes) -> bytes:
    """Return the head of the file of *data*: the format, and a checksum of name and content."""
    return FORMAT + sha256(f"{key.place}.{kind}\0".encode() + data).hexdigest().encode() + b"\n"


def _write(path: Path, data: bytes) -> None:
    """Write *data* beside *path* and move it there once the disk has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{randbelow(10**18)}")
    # Mode x takes no file that is there, and follows no link.
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
