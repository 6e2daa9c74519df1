"""A disk that fails at one change of it: the functions through which Python changes a disk, counted."""

from __future__ import annotations

import builtins
import io
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

WRITES = os.O_CREAT | os.O_WRONLY | os.O_RDWR
CHANGES = ("mkdir", "rename", "replace", "unlink", "remove", "rmdir", "fsync", "truncate", "link")
"""Functions of `os` that change the disk, each called with what it changes."""


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it, and nothing after it reaches the disk."""


class Disk:
    """Counts changes of the disk, and lets one of them fail.

    Parameters
    ----------
    fails_at
        Number of the change, from 1, before which *fail* is called; 0: none.
    fail
        Raises the error, or kills the process.
    """

    def __init__(self, fails_at: int, fail: Callable[[], None]) -> None:
        self.fails_at = fails_at
        self.fail = fail
        self.count = 0
        self.kinds: Counter[str] = Counter()
        self.failed = ""
        """Kind of the change that failed."""

    def change(self, kind: str) -> None:
        """Count one change, and fail if it is the one."""
        self.count += 1
        self.kinds[kind] += 1
        if self.count == self.fails_at:
            self.failed = kind
            self.fail()
        elif self.failed and self.fail is kill:
            self.fail()


def kill() -> None:
    """Raise what nothing catches."""
    raise Killed


class _File:
    """A file that is written to."""

    def __init__(self, file: Any, disk: Disk) -> None:
        self._file, self._disk = file, disk

    def write(self, data: Any) -> Any:
        self._disk.change("write")
        return self._file.write(data)

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._file)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextmanager
def failing(fails_at: int, fail: Callable[[], None]) -> Iterator[Disk]:
    """Let a change of the disk fail meanwhile."""
    disk = Disk(fails_at, fail)
    opened, os_open = io.open, os.open

    def open_(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if not set(mode) & set("wxa+"):
            return opened(file, mode, *args, **kwargs)
        disk.change("open")
        return _File(opened(file, mode, *args, **kwargs), disk)

    def os_open_(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        if flags & WRITES:
            disk.change("open")
        return os_open(path, flags, *args, **kwargs)

    def counted(name: str) -> Callable[..., Any]:
        original = getattr(os, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            disk.change(name)
            return original(*args, **kwargs)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in CHANGES:
            patch.setattr(os, name, counted(name))
        patch.setattr(os, "open", os_open_)
        patch.setattr(io, "open", open_)
        patch.setattr(builtins, "open", open_)
        yield disk
