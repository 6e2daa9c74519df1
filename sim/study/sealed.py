"""A folder of results: marked as such, complete at every moment, and nothing of the user's in it.

``contents.json`` marks the folder and lists every file in it with its digest and what wrote it.
New files are written into a fresh folder inside it, the new list last; one rename to
``.corridor-commit`` decides that they count, and then they are moved to their places. Whoever finds
a ``.corridor-commit`` that a killed command left finishes the moves; a fresh folder that was not
renamed never counts. Two things are not listed: a run store (``store``), which outlives the
results, and the lock that a command holds from its first check to its end.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout

from sim.errors import MachineError, UsageError
from sim.runs.store import MARK as STORE_MARK
from sim.spec.messages import harmless
from sim.study.contents import (
    AGAIN,
    CONTENTS,
    ON_REQUEST,
    STUDY,
    Contents,
    Entry,
    changed,
    digest_of,
    digests,
    flush,
    incomplete_file,
    place_of,
    put_contents,
    read_contents,
    umask,
)

_COMMIT = ".corridor-commit"
_FRESH = ".corridor-new-"
_LOCK = ".corridor-lock"
_OF_SYSTEMS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""Files that file managers leave everywhere."""
_WAIT_S = 10
"""How long a reader waits for a command that is moving files to their places."""
_ELSEWHERE = "choose a new --out"


class SealedFolder:
    """A folder that one command writes its results into, held until `close`.

    Parameters
    ----------
    folder
        It is made if it is not there.
    part
        What is going to be written: `STUDY` or the command of an analysis. A study replaces the
        study that was there, an analysis what the same analysis wrote; an analysis may stand beside
        a study. Files written on request go with what they were made of.

    Raises
    ------
    UsageError
        The folder holds something that no ``--out`` wrote or that was changed since, results of
        another analysis, or it belongs to a comparison.
    MachineError
        It cannot be written, or another command is writing into it.
    """

    def __init__(self, folder: Path, part: str) -> None:
        self.folder, self.part = folder.resolve(), part
        self.given = folder
        """The folder as the user wrote it."""
        self._shown = harmless(str(folder), 300)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._refuse_unmarked()
            with tempfile.TemporaryFile(dir=self.folder):
                pass
            self._lock = _lock(self.folder)
            self._lock.acquire(timeout=0)
        except Timeout:
            what = f"another command is writing into {self._shown}"
            raise MachineError(f"{what}; wait for its end, or {_ELSEWHERE}") from None
        except OSError as error:
            what = f"the output folder {self._shown} cannot be written: {error.strerror}"
            raise MachineError(f"{what}; choose another --out") from None
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _refuse_unmarked(self) -> None:
        """Refuse a folder with other files, before anything is put into it."""
        if not os.path.lexists(self.folder / CONTENTS):
            self._refuse(list(_strangers(self.folder, {})))

    def _open(self) -> None:
        try:
            _finish(self.folder)
            _sweep(self.folder)
            if not os.path.lexists(self.folder / CONTENTS):
                put_contents(self.folder, {})
        except OSError as error:
            what = f"the output folder {self._shown} cannot be written: {error.strerror}"
            raise MachineError(f"{what}; choose another --out") from None
        contents = read_contents(self.folder)
        parent = self.folder.parent
        if (parent / CONTENTS).is_file() and any(
            name.startswith(f"{self.folder.name}/") for name in read_contents(parent)
        ):
            raise UsageError(f"{self._shown} is part of the comparison in {parent}; {_ELSEWHERE}")
        self._refuse([*_strangers(self.folder, contents), *changed(self.folder, contents)])
        self._refuse_others(contents)

    def _refuse(self, strangers: list[str]) -> None:
        if strangers:
            what = f"{self._shown} holds {_named(strangers)}, which no --out wrote as it is"
            remedy = f"{_ELSEWHERE}, or move what is yours elsewhere"
            raise UsageError(f"{what}; nothing was changed; {remedy}")

    def _refuse_others(self, contents: Contents) -> None:
        """Refuse to replace, or to stand beside, the results of another analysis."""
        may_be = {self.part, STUDY, ON_REQUEST}
        others = sorted({entry.by for entry in contents.values()} - may_be)
        if others:
            what = f"{self._shown} holds the results of {harmless(others[0], 40)}"
            raise UsageError(f"{what}; {_ELSEWHERE}, or delete that folder")

    @property
    def holds_whole_results(self) -> bool:
        """Whether what would be replaced is all that some command was asked for."""
        contents = read_contents(self.folder)
        is_there = any(entry.by == self.part for entry in contents.values())
        return is_there and incomplete_file(self.part) not in contents

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """Give a fresh folder; what is in it at the end takes the place of what was there.

        Raises
        ------
        MachineError
            A file cannot be written; what was there before is as it was.
        """
        fresh = None
        try:
            fresh = _fresh(self.folder)
            yield fresh
            self._commit(fresh)
        except (OSError, MachineError) as error:
            text = str(error)
            if isinstance(error, OSError):
                text = f"{error.filename or self.folder} cannot be written: {error.strerror}"
            if fresh is not None:
                text = text.replace(str(fresh), self._shown)
            raise MachineError(text) from None
        finally:
            if fresh is not None:
                shutil.rmtree(fresh, ignore_errors=True)

    def _commit(self, fresh: Path) -> None:
        """Seal what is in *fresh*, and let it take the place of what was there."""
        contents = read_contents(self.folder)
        kept = {}
        if self.part != STUDY:
            kept = {name: entry for name, entry in contents.items() if entry.by == STUDY}
        new = digests(fresh, self.part)
        for name in new:
            if name not in contents and os.path.lexists(self.folder / name):
                self._refuse([name])
            if name in kept:
                self._refuse([name])
        put_contents(fresh, kept | new)
        _commit(fresh, self.folder)

    def close(self) -> None:
        """Let other commands write into the folder."""
        self._lock.release()


def beside(folder: SealedFolder) -> SealedFolder:
    """Return a folder beside *folder* for incomplete results, which replace no whole ones.

    It is *folder* with ``-incomplete`` in its name, and a number where that holds anything else.
    """
    given = folder.given if folder.given.name == folder.folder.name else folder.folder
    first = given.with_name(f"{given.name}-incomplete")
    for number in count(1):
        place = first
        if number > 1:
            place = first.with_name(f"{first.name}-{number}")
        with suppress(UsageError):
            sealed = SealedFolder(place, folder.part)
            if not sealed.holds_whole_results:
                return sealed
            sealed.close()
    raise AssertionError("numbers do not end")


def seal(folder: Path, part: str = STUDY) -> None:
    """Write the list of what is in *folder*, which is part of a fresh folder."""
    put_contents(folder, digests(folder, part))


def root_of(path: Path) -> Path | None:
    """Return the folder of results that the file *path* lies in, or None.

    Raises
    ------
    UsageError
        It is one of the results, which nothing else may be written over.
    """
    path = path.parent.resolve() / path.name
    roots = [folder for folder in path.parents if (folder / CONTENTS).is_file()]
    if not roots or _FRESH in str(path):
        return None
    # The last is a comparison, where the first is one of its studies.
    root = roots[-1] if roots[-1] in (roots[0], roots[0].parent) else roots[0]
    entry = read_contents(root).get(path.relative_to(root).as_posix())
    if entry is not None and entry.by != ON_REQUEST:
        raise UsageError(f"{path} is part of the results in {root}; choose another name")
    return root


@contextmanager
def adding(path: Path, root: Path) -> Iterator[Path]:
    """Give a file that becomes *path* at the end, at once with its line in the contents of *root*."""
    path = path.parent.resolve() / path.name
    name = path.relative_to(root).as_posix()
    with _held(root):
        _sweep(root)
        fresh = _fresh(root)
        try:
            part = fresh / name
            part.parent.mkdir(parents=True, exist_ok=True)
            yield part
            put_contents(fresh, read_contents(root) | {name: Entry(ON_REQUEST, digest_of(part))})
            _commit(fresh, root)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def verified(folder: Path) -> Contents | None:
    """Return what *folder* holds after comparing each file with its digest; None without a list.

    Raises
    ------
    UsageError
        A file is missing or is not what was written; files on request are not looked at.
    """
    folder = folder.resolve()
    for place in (folder.parent, folder):
        if os.path.lexists(place / _COMMIT):
            with _held(place):
                pass
    if not os.path.lexists(folder / CONTENTS):
        return None
    contents = read_contents(folder)
    results = {name: entry for name, entry in contents.items() if entry.by != ON_REQUEST}
    for name in results:
        if not os.path.lexists(folder / name):
            raise UsageError(f"{folder}: {harmless(name, 200)} is missing; {AGAIN}")
    for name in changed(folder, results):
        what = f"{folder}: {name} is damaged or was changed: it is not what was written"
        raise UsageError(f"{what}; {AGAIN}")
    return contents


def _strangers(folder: Path, contents: Contents) -> Iterator[str]:
    """Yield the files and links in *folder* that are in no list."""
    for here, folders, files in os.walk(folder):
        at = Path(here)
        is_top = at == folder
        for name in [*folders]:
            path = at / name
            if path.is_symlink():
                files.append(name)
            is_own = is_top and (name.startswith(_FRESH) or name == _COMMIT)
            is_store = is_top and _is_store(path)
            if path.is_symlink() or is_own or is_store:
                folders.remove(name)
        for name in sorted(files):
            relative = (at / name).relative_to(folder).as_posix()
            is_own = is_top and name in (_LOCK, CONTENTS) and not (at / name).is_symlink()
            if relative not in contents and not is_own and name not in _OF_SYSTEMS:
                yield relative


def _is_store(folder: Path) -> bool:
    """Return whether *folder* is a run store, or one that a killed command was about to mark."""
    if (folder / STORE_MARK).is_file():
        return True
    names = [path.name for path in folder.iterdir()]
    return bool(names) and all(name.startswith(f".{STORE_MARK}.") for name in names)


def _named(names: list[str]) -> str:
    """Return the first *names* in words."""
    shown = ", ".join(harmless(name, 80) for name in names[:3])
    more = len(names) - 3
    return f"{shown} and {more} more" if more > 0 else shown


def _fresh(folder: Path) -> Path:
    """Return a new folder inside *folder*, of a name that nobody can foresee."""
    fresh = Path(tempfile.mkdtemp(prefix=_FRESH, dir=folder))
    fresh.chmod(0o777 & ~umask())
    return fresh


def _sweep(folder: Path) -> None:
    """Remove what killed commands have left in *folder*, which is locked."""
    for left in folder.glob(f"{_FRESH}*"):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)


def _commit(fresh: Path, folder: Path) -> None:
    """Let what is in *fresh*, its list of contents too, take its place in *folder*."""
    for path in fresh.rglob("*"):
        if path.is_file():
            flush(path)
    fresh.rename(folder / _COMMIT)
    _finish(folder)


def _finish(folder: Path) -> None:
    """Move what was committed to its places, where a command has not done so or was killed."""
    commit = folder / _COMMIT
    if commit.is_symlink() or not commit.is_dir():
        return
    if (commit / CONTENTS).is_file():
        old = read_contents(folder) if (folder / CONTENTS).is_file() else {}
        new = read_contents(commit)
        gone = [place_of(folder, name) for name in old if name not in new]
        for path in gone:
            path.unlink(missing_ok=True)
        _remove_empty(folder, gone)
        for name in new:
            if (commit / name).is_file():
                path = place_of(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                (commit / name).replace(path)
        (commit / CONTENTS).replace(folder / CONTENTS)
    shutil.rmtree(commit)


def _remove_empty(folder: Path, gone: list[Path]) -> None:
    """Remove the folders inside *folder* that held the files *gone* and hold nothing else."""
    above: set[Path] = set()
    for path in gone:
        above.update(parent for parent in path.parents if folder in parent.parents)
    for path in sorted(above, reverse=True):
        with suppress(OSError):
            path.rmdir()


def _lock(folder: Path) -> FileLock:
    """Return the lock of *folder*; a process that has it may take it again."""
    return FileLock(folder / _LOCK, is_singleton=True)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold the lock of *folder*, in which what was committed is in its place."""
    lock = _lock(folder)
    try:
        lock.acquire(timeout=_WAIT_S)
    except Timeout:
        what = f"another command is writing into {folder}"
        raise MachineError(f"{what}; wait for its end, or choose a place elsewhere") from None
    except OSError as error:
        raise MachineError(f"{folder} cannot be locked: {error.strerror}") from None
    try:
        _finish(folder)
        yield
    except OSError as error:
        raise MachineError(f"{folder} cannot be written: {error.strerror}") from None
    finally:
        lock.release()
