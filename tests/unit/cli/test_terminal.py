"""Every command on a terminal of 80 columns and 24 lines, captured by a pseudo-terminal."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import sys
import termios
from threading import Thread

import pytest

import sim
from sim.cli.layout import JOINTS
from sim.cli.main import COMMANDS, run
from sim.cli.screen import Screen
from sim.study.files import save_study
from tests.unit.cli.test_streams import CORRIDOR

N = ["-n", "2", "--workers", "1"]
SHORT = ["--set", "horizon.days=60", "--set", "horizon.warmup_days=10"]
SCREENS = {
    "run": ["run", "c.yaml", *N, *SHORT],
    "compare": ["compare", "c.yaml", "c.yaml", *N, *SHORT],
    "answer": ["answer", "c.yaml", *N, *SHORT],
    "worth": ["worth", "money.yaml", "ferry.yaml", *N, *SHORT],
    "calibrate": ["calibrate", "seen.yaml", "--parameter", "services.line.crossing",
                  "--search", "1", "--wave", "6", "-n", "1", "--workers", "1", *SHORT],
    "validate": ["validate", "seen.yaml", "--seasons", "0", *N, *SHORT],
    "sensitivity": ["sensitivity", "c.yaml", "--trajectories", "2", "--points", "8", *N, *SHORT],
    "policies": ["policies", "open.yaml", *N, *SHORT],
    "sweep": ["sweep", "c.yaml", "--vary", "demand.scale=1,2", *N, *SHORT],
    "saturation": ["saturation", "c.yaml", "--tolerance", "50%", *N],
    "disrupt": ["disrupt", "c.yaml", "--what", "port=a", "--days", "2", *N, *SHORT],
    "bottlenecks": ["bottlenecks", "c.yaml", "--budget", "4", *N],
    "plan": ["plan", "c.yaml", "--target", "2x", "--budget", "4", "--workers", "1"],
    "capacity": ["capacity", "baseline-2023"],
    "projects": ["projects", "c.yaml"],
    "indicators": ["indicators", "study"],
    "store": ["store", "list", "kept"],
}  # fmt: skip
"""Commands that print tables; each of them a screen."""
LISTS = {
    "plot": ["plot"],
    "check": ["check", "c.yaml"],
    "sources": ["sources", "c.yaml"],
    "scenarios": ["scenarios"],
}
"""Commands that print lines."""
DOCUMENTS = {"show", "schema", "report", "replay", "events", "verify"}
"""Commands that print a file for programs or write one, and one of many minutes."""
MONEY = """
money:
  price_base: 2023
  discount_rate: 0.08
  vessels: {ferry: {running_usd_per_day: 5000, capital_musd: 20}}
  tariffs_usd: {line: {wagon: 700}}
  time_usd_per_day: {wagon: 15}
"""
OBSERVED = """
observed:
  wagons: {title: wagons, metric: units_per_day, where: b, flow: [unit:wagon], use: fitted, unit: 1/d,
           value: {value: 8, low: 7, high: 9, assumed: x}}
"""
STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("terminal")
    (folder / "c.yaml").write_text(CORRIDOR, encoding="utf-8")
    (folder / "money.yaml").write_text(CORRIDOR + MONEY, encoding="utf-8")
    (folder / "ferry.yaml").write_text("extends: money.yaml\nprojects: [ferry]\n")
    (folder / "seen.yaml").write_text(CORRIDOR + OBSERVED, encoding="utf-8")
    (folder / "open.yaml").write_text(
        "extends: c.yaml\nservices: {line: {loading: "
        "{value: priority, alternatives: [oldest_first], assumed: nobody said}}}\n"
    )
    short = {"horizon.days": 120, "horizon.warmup_days": 10}
    scenario = sim.load(folder / "c.yaml").with_(short)
    save_study(
        sim.replicate(scenario, replications=1, workers=1, store=folder / "kept"), folder / "study"
    )
    return folder


@pytest.fixture
def terminal(home, monkeypatch):
    """Return what a command prints on a terminal of a width: on stdout, and on both streams."""
    monkeypatch.chdir(home)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)

    def printed(words, columns=80):
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("LINES", "24")
        outs, before = [], {name: getattr(sys, name) for name in ("stdout", "stderr")}
        for name in before:
            leader, follower = pty.openpty()
            fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            out = io.BytesIO()
            reader = Thread(target=_read_all, args=(leader, out))
            reader.start()
            stream = os.fdopen(follower, "w", encoding="utf-8")
            monkeypatch.setattr(sys, name, stream)
            outs.append((out, reader, stream, leader))
        code = run(words)
        for name, stream in before.items():
            monkeypatch.setattr(sys, name, stream)
        texts = []
        for out, reader, stream, leader in outs:
            stream.close()
            reader.join()
            os.close(leader)
            texts.append(out.getvalue().decode().replace("\r\n", "\n"))
        assert code == 0, texts
        return texts

    return printed


def _read_all(leader, out):
    """Read until the terminal is closed, which is an error to the leader."""
    try:
        while data := os.read(leader, 65536):
            out.write(data)
    except OSError:
        return


def _lines(text):
    """Return what stands on the terminal in the end, without styles; a bar is drawn over itself."""
    rows = [line.rpartition("\r")[2] for line in STYLE.sub("", text).split("\n")]
    return [row.rstrip() for row in rows]


def test_every_command_is_tried_here():
    assert {*SCREENS, *LISTS, *DOCUMENTS} == set(COMMANDS)


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_fits_and_no_word_and_no_number_is_broken(name, terminal, monkeypatch):
    shown = []
    monkeypatch.setattr(Screen, "show", _noted(Screen.show, shown))
    out, err = terminal(SCREENS[name])
    lines = _lines(out)
    assert lines[0]
    assert all(len(line) <= 80 for line in [*lines, *_lines(err)])
    # One line stays free for the prompt.
    assert len(out.splitlines()) <= 23
    narrow, wide = (_words(shown[0], width) for width in (80, 4000))
    broken = [word for word in narrow if word not in set(wide)]
    assert all(word[-1] in JOINTS or _is_end_of(word, wide) for word in broken), broken


def _noted(show, shown):
    """Return *show* that keeps what it shows."""

    def noted(screen):
        shown.append(screen)
        show(screen)

    return noted


def _words(screen, width):
    """Return all words of *screen*, printed whole at a width."""
    vars(screen)["_width"] = width
    lines = _lines("\n".join(screen._all()))
    assert all(len(line) <= width for line in lines)
    return " ".join(lines).split()


def _is_end_of(piece, words):
    """Return whether *piece* is the rest of a name that is longer than half of a line."""
    return any(len(word) > 40 and word.endswith(piece) for word in words)


@pytest.mark.parametrize("name", LISTS)
def test_lines_end_between_words(name, terminal):
    out, _ = terminal(LISTS[name])
    assert all(len(line) <= 80 for line in _lines(out))


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits(name, terminal):
    out, _ = terminal([name, "--help"])
    assert all(len(line) <= 80 for line in _lines(out))


def test_nobody_who_asks_for_no_colour_gets_any(terminal, monkeypatch):
    styled, _ = terminal(SCREENS["capacity"])
    monkeypatch.setenv("NO_COLOR", "1")
    plain, _ = terminal(SCREENS["capacity"])
    assert STYLE.search(styled) and not STYLE.search(plain)
    assert STYLE.sub("", styled) == plain


def test_full_prints_what_a_screen_leaves_out(terminal):
    screen, _ = terminal(SCREENS["capacity"])
    whole, _ = terminal([*SCREENS["capacity"], "--full"])
    assert "more rows" in screen and "--full" in screen
    assert len(whole.splitlines()) > 3 * len(screen.splitlines())
    assert "--full" not in whole
