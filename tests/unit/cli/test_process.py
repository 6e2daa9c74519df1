"""A command that is asked to end: at any moment, up to the last one of the interpreter, the right code and no traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from tests.conftest import HANG_S

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(sim.__file__).parents[1])}
RUN = ["run", "textbook/one-ferry-line", "-n", "2", "--workers", "1"]
RUN += ["--set", "horizon.days=40", "--set", "horizon.warmup_days=2", "--json", "-"]
COMMANDS = (["scenarios"], ["show", "textbook/one-ferry-line"], RUN)
CODES = {
    signal.SIGINT: (0, 130, -signal.SIGINT),
    signal.SIGTERM: (0, 130, -signal.SIGTERM),
}
"""Done, interrupted, or ended by the signal before the command line was loaded."""

# Sends itself a signal at the call of this number; prints how many there are without one.
AT_CALL = """
import atexit, os, signal, sys

number, at = int(sys.argv[1]), int(sys.argv[2])
count = 0

def look(frame, event, argument):
    global count
    count += 1
    if count == at:
        os.kill(os.getpid(), number)

sys.argv = ["corridor", *sys.argv[3:]]
if not at:
    atexit.register(lambda: sys.stderr.write(f"calls {count}"))
from sim.__main__ import main
sys.setprofile(look)
main()
"""


def _run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
        timeout=HANG_S,
        stdin=subprocess.DEVNULL,
    )


def _asked_at_moments(command: list[str], moments: int) -> dict[int, int]:
    """Ask *command* to end at so many moments of its course, by both signals; return how often each code came."""
    whole = _run(AT_CALL, signal.SIGINT, 0, *command)
    calls = int(whole.stderr.rpartition("calls ")[2])
    codes: dict[int, int] = {}
    for moment in range(moments):
        number = (signal.SIGINT, signal.SIGTERM)[moment % 2]
        at = calls * (2 * moment + 1) // (2 * moments)
        done = _run(AT_CALL, int(number), at, *command)
        assert done.returncode in CODES[number], (at, done.returncode, done.stderr)
        assert "Traceback" not in done.stderr and "ignored" not in done.stderr, (at, done.stderr)
        if done.returncode == 0:
            assert done.stdout == whole.stdout
        if done.returncode == 130:
            assert "interrupted" in done.stderr, (at, done.stderr)
        codes[done.returncode] = codes.get(done.returncode, 0) + 1
    return codes


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_command_may_be_asked_to_end_at_any_moment(command):
    codes = _asked_at_moments(command, 7)
    assert codes.get(130, 0) > 3


@pytest.mark.long
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_command_may_be_asked_to_end_at_any_of_many_moments(command):
    assert _asked_at_moments(command, 120)[130] > 100


LAST = {
    "when it exits": "import atexit; atexit.register(ask)",
    "while the interpreter ends": "class Last:\n    def __del__(self, ask=ask): ask()\nlast = Last()",
    "between the command and its exit": "import sys; leave = sys.exit; sys.exit = lambda code: (ask(), leave(code))",
}


@pytest.mark.parametrize("moment", LAST)
@pytest.mark.parametrize("number", CODES)
def test_a_command_that_is_done_ends_with_its_code(moment, number):
    ask = f"import os, sys\ndef ask(kill=os.kill, me=os.getpid()): kill(me, {int(number)})\n"
    code = f"{ask}{LAST[moment]}\nsys.argv = ['corridor', 'show', 'baseline-202']\nfrom sim.__main__ import main\nmain()"
    done = _run(code)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("corridor: ") and "Traceback" not in done.stderr
    assert "ignored" not in done.stderr


def test_a_request_that_comes_within_a_callback_is_heard():
    """Python drops what is raised where an object is deleted."""
    code = f"""
import os, sys, time, sim.cli.main as main

class Dropped:
    def __del__(self):
        os.kill(os.getpid(), {int(signal.SIGTERM)})
        for _ in range(100):
            pass

def wait(arguments):
    Dropped()
    while True:
        time.sleep(0.01)

main._invoke = wait
main.main([])
"""
    done = _run(code)
    assert done.returncode == 130
    assert done.stderr == "corridor: interrupted\n"


def test_a_signal_that_is_ignored_stays_ignored():
    """A shell lets what it starts in the background ignore Ctrl-C."""
    code = f"""
import os, signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
import sim.__main__, sim.cli.main as main
main._invoke = lambda arguments: os.kill(os.getpid(), {int(signal.SIGINT)}) or 0
sim.__main__.main()
"""
    assert _run(code).returncode == 0
