"""The process of a command: its three streams, and what SIGINT and SIGTERM do to it."""

from __future__ import annotations

import atexit
import io
import os
import signal
import sys
from threading import Timer
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

ASKS_TO_END = (signal.SIGINT, signal.SIGTERM)
"""Signals that a user or a service manager ends a command with."""
_AGAIN_S = 0.05
"""How long a request to end waits that came where nothing can be raised."""


class Ending:
    """What a request to end does: it interrupts a command that works, or ends a process that is done.

    A command that works is interrupted by KeyboardInterrupt, keeps what is finished and ends with
    130. Once `code` is set all is written, and the process ends with that code at once.
    """

    def __init__(self) -> None:
        self.code: int | None = None
        """Exit code of the command, once it has ended."""
        self.is_asked = False
        """Whether a request came."""

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        self.is_asked = True
        if self.code is not None:
            os._exit(self.code)
        raise KeyboardInterrupt

    def install(self) -> None:
        """Take the requests from now on, to the last moment of the interpreter."""
        taken = [number for number in ASKS_TO_END if signal.getsignal(number) != signal.SIG_IGN]
        for number in taken:
            signal.signal(number, self)
        sys.unraisablehook = _ask_again
        # Registered first, called last: from there on the interpreter restores what would kill it.
        atexit.register(_ignore, taken)


def _ignore(numbers: list[signal.Signals]) -> None:
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)


def _ask_again(unraisable: Any) -> None:
    """Repeat a request to end that came within a callback, where Python drops what is raised."""
    if not isinstance(unraisable.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
        return
    timer = Timer(_AGAIN_S, os.kill, (os.getpid(), signal.SIGINT))
    timer.daemon = True
    timer.start()


class _Results(io.FileIO):
    """Standard output; what cannot be written to it says so."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            error.filename = "standard output"
            raise


class _Notes(io.FileIO):
    """Standard error, which may have no reader: progress that nobody reads stops no command."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def open_streams() -> None:
    """Give the command three streams, as a service or a shell may have closed some.

    Descriptors 0 to 2 are open from then on: otherwise the first file that is opened would take one
    of them, and get what libraries print.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free is this one.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    sys.stdout = _text(_Results(1, "w", closefd=False), sys.stdout)
    sys.stderr = _text(_Notes(2, "w", closefd=False), sys.stderr)


def _text(raw: io.FileIO, given: TextIO | None) -> TextIO:
    """Return a text stream on *raw* in the code page of the stream that was *given*."""
    is_live = raw.isatty() or raw.fileno() == 2
    encoding = "utf-8" if given is None else given.encoding
    # A terminal that cannot show a letter gets its code instead of an error.
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding, errors="backslashreplace", line_buffering=is_live
    )


def drop_unwritten() -> None:
    """Drop what was printed and cannot be written.

    Otherwise the interpreter would try once more when it exits, and complain.
    """
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
