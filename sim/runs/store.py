"""The run store: finished replications in a folder, each computed once.

``STORE/<scenario hash>/<engine digest>/<seed>/<replication>.part`` (and ``.log`` where the log was
asked for). A part is written beside its place, flushed to the disk and moved there, so it is
complete or absent whatever happens meanwhile; its checksum, over name and content, tells damage and
mix-ups. Whoever computes a part holds the lock of its name, which the system lets go of when a
process ends, however it ends: two processes share a store without doing anything twice.
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

from filelock import FileLock, Timeout

from sim.errors import MachineError, UsageError

SCHEMA = 1
FORMAT = b"corridor part 2 "
"""What a file begins with, before its checksum; of another format nothing is read, it is computed
anew."""
_HEAD = len(FORMAT) + 64 + 1
_MARK = "corridor-store"
_LEFT_BEHIND = re.compile(r"\.(\d+)\.(part|log)\.\d+")
"""Names of files that are being written."""
_MAKERS = (
    "distributions.py",
    "engine",
    "errors.py",
    "log",
    "metrics",
    "network",
    "runs",
    "spec",
    "streams.py",
    "units.py",
)
"""Sources that decide what is in a part."""
_LIBRARIES = ("numpy", "simpy", "pandas")
_GOES_ON = "; what was finished before is kept, and the same command goes on from there"
_REMEDY = "; choose a folder that is one, or a new one for --store"


@cache
def engine_digest() -> str:
    """Return the digest of the sources, and the versions of the libraries, that decide what a
    replication gives."""
    root, digest = Path(__file__).parent.parent, sha256()
    for maker in _MAKERS:
        place = root / maker
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(
                path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0"
            )
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\0".encode())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Which replication of what."""

    scenario: str
    """Hash of the resolved scenario."""
    engine: str
    seed: int
    replication: int

    @property
    def place(self) -> str:
        """Path inside a store, without what ends it."""
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


class Store:
    """A folder of parts.

    Raises
    ------
    MachineError
        The folder cannot be made or written.
    UsageError
        It holds something else, or parts in the layout of another version.
    """

    def __init__(self, folder: Path, *, create: bool = True) -> None:
        self.folder = folder
        mark = folder / _MARK
        try:
            if not mark.exists():
                others = folder.is_dir() and any(
                    _MARK not in path.name for path in folder.iterdir()
                )
                # Another process may be making it at the same time: asked again after the look.
                if (others or not create) and not mark.exists():
                    raise UsageError(
                        f"{folder} is no run store{' and holds other things' if others else ''}{_REMEDY}"
                    )
                _write(mark, f"{SCHEMA}\n".encode())
            written = mark.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise MachineError(
                f"the run store {folder} cannot be used: {error}; choose another --store"
            ) from None
        if written != str(SCHEMA):
            raise UsageError(
                f"{folder} has layout {written}, this version writes {SCHEMA}; choose a new --store"
            )
        self.damaged: list[str] = []
        """Parts that were found damaged and taken away, in words."""

    def part(self, key: Key) -> bytes | None:
        """Return the part of *key*, or None; a damaged one is taken away and told in `damaged`."""
        return self._read(key, "part")

    def log(self, key: Key) -> bytes | None:
        """Return the log of *key* likewise."""
        return self._read(key, "log")

    def has(self, key: Key, *, with_log: bool) -> bool:
        """Return whether the part is there, whole or not."""
        return self._path(key, "part").exists() and (
            not with_log or self._path(key, "log").exists()
        )

    def put(self, key: Key, part: bytes, log: bytes | None) -> None:
        """Keep a finished replication; the log first, so that a part never promises one that is not
        there."""
        for data, kind in ((log, "log"), (part, "part")):
            if data is None:
                continue
            path, sealed = self._path(key, kind), _seal(key, kind, data) + data
            try:
                try:
                    _write(path, sealed)
                except FileNotFoundError:
                    # Somebody tidied up the empty folder meanwhile.
                    _write(path, sealed)
            except OSError as error:
                raise MachineError(
                    f"{path} cannot be written: {error.strerror}{_GOES_ON}"
                ) from None

    def claim(self, key: Key) -> FileLock | None:
        """Return the lock of *key*, taken, or None if another process has it."""
        path = self.folder / "locks" / f"{key.place.replace('/', '-')}.lock"
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
        """Yield what is kept, in order; other files are passed over."""
        found = []
        for path in self.folder.glob("*/*/*/*.part"):
            scenario, engine, seed, _ = path.relative_to(self.folder).parts
            if seed.isdecimal() and path.stem.isdecimal():
                found.append((Key(scenario, engine, int(seed), int(path.stem)), path))
        for key, path in sorted(found):
            log = path.with_suffix(".log")
            size = path.stat().st_size + (log.stat().st_size if log.exists() else 0)
            yield Entry(key, path, size, log.exists())

    def verify(self) -> list[str]:
        """Read every part and return what is damaged, in words; damaged parts are taken away."""
        for entry in self.entries():
            self.part(entry.key)
            if entry.has_log:
                self.log(entry.key)
        return self.damaged

    def prune(self) -> tuple[int, int]:
        """Remove what this version of the engine did not make, and what was left behind half
        written.

        Returns
        -------
        tuple of int
            Files and bytes.
        """
        files = size = 0
        current = engine_digest()
        for path in sorted(self.folder.glob("*/*/*/*")):
            scenario, engine, seed, name = path.relative_to(self.folder).parts
            written = _LEFT_BEHIND.fullmatch(name)
            number = written[1] if written else path.stem
            if not (
                seed.isdecimal()
                and number.isdecimal()
                and (written or path.suffix in (".part", ".log"))
            ):
                continue
            if not written and engine == current:
                continue
            # Whoever is writing it has its lock.
            lock = self.claim(Key(scenario, engine, int(seed), int(number)))
            if lock is not None:
                files, size = files + 1, size + path.stat().st_size
                path.unlink(missing_ok=True)
                lock.release()
        for folder in sorted(self.folder.glob("*/**/"), reverse=True):
            with suppress(OSError):
                folder.rmdir()
        return files, size

    def _path(self, key: Key, kind: str) -> Path:
        return self.folder / f"{key.place}.{kind}"

    def _read(self, key: Key, kind: str) -> bytes | None:
        path = self._path(key, kind)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise MachineError(f"{path} cannot be read: {error.strerror}") from None
        content = data[_HEAD:]
        if data[:_HEAD] == _seal(key, kind, content):
            return content
        self.damaged.append(
            f"{path}: the checksum does not agree with name and content; it is computed anew"
        )
        with suppress(OSError):
            path.unlink()
        return None


def _seal(key: Key, kind: str, data: bytes) -> bytes:
    """Return what stands before *data* in its file: the format, and a checksum that holds for this
    name alone."""
    return FORMAT + sha256(f"{key.place}.{kind}\0".encode() + data).hexdigest().encode() + b"\n"


def _write(path: Path, data: bytes) -> None:
    """Write *data* beside *path* and move it there once the disk has it."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
