"""Streams that a service or a shell has closed, readers that leave, full devices, code pages: the same results and codes."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.cli.main import COMMANDS
from tests.conftest import HANG_S

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(sim.__file__).parents[1])}
# Letters of Chinese, of Latin-1, and one beyond the first 65,536.
TITLE = "北京 Tbilissi à Kuryk 🚢"
CORRIDOR = f"""
title: {TITLE}
horizon: {{start: 2023-01-01, days: 740, warmup_days: 10, followup_days: 30}}
places: {{a: {{}}, b: {{}}}}
ports: {{a: {{berths: {{quay: {{berths: 1, vessels: [ferry]}}}}}}}}
units: {{wagon: {{tonnes: 10}}}}
flows:
  wagons: {{unit: wagon, origin: a, destination: b, arrivals: {{poisson: {{per_day: 8}}}}}}
vessels: {{ferry: {{capacity: {{wagon: 10}}}}}}
services:
  line: {{from: a, to: b, vessel: ferry, vessels: 1, crossing: {{value: 6h, low: 5h, high: 7h, assumed: test}}, handling: 4h, departure: {{a: {{full: 1.0, longest_wait: 12h}}, b: at_once}}}}
project_catalogue:
  ferry: {{title: one more ferry, change: {{services: {{line: {{vessels: {{plus: 1}}}}}}}}, capital_musd: 30}}
"""
N = ["-n", "2", "--workers", "1"]
OF_EVERY_COMMAND = {
    "run": ["run", "c.yaml", *N, "--json", "-"],
    "compare": ["compare", "c.yaml", "c.yaml", *N],
    "answer": ["answer", "--no-such-option"],
    "validate": ["validate", "c.yaml", *N],
    "worth": ["worth", "c.yaml", "c.yaml", *N],
    "calibrate": ["calibrate", "c.yaml", "--parameter", "services.line.crossing", *N],
    "sensitivity": ["sensitivity", "c.yaml", "--no-such-option"],
    "policies": ["policies", "c.yaml", *N],
    "sweep": ["sweep", "c.yaml", "--vary", "services.line.vessels=1,2", *N],
    "saturation": ["saturation", "c.yaml", "--tolerance", "40%", *N],
    "disrupt": ["disrupt", "c.yaml", "--what", "port=a", "--days", "2", *N],
    "bottlenecks": ["bottlenecks", "c.yaml", "--budget", "6", *N],
    "plan": ["plan", "c.yaml", "--target", "2x", "--budget", "6", "--workers", "1"],
    "capacity": ["capacity", "c.yaml"],
    "plot": ["plot", "study", "carried", "--out", "carried.png"],
    "report": ["report", "study", "--out", "report.html"],
    "replay": ["replay", "study", "--out", "replay.html"],
    "events": ["events", "study", "events.csv"],
    "indicators": ["indicators", "study"],
    "verify": ["verify", "two-berths-no-such"],
    "check": ["check", "c.yaml"],
    "show": ["show", "c.yaml"],
    "sources": ["sources", "c.yaml"],
    "scenarios": ["scenarios"],
    "projects": ["projects", "c.yaml"],
    "store": ["store", "list", "kept"],
    "schema": ["schema"],
}
QUICK = ("run", "show")
NO_SPACE = "corridor: standard output: no space is left on the disk\n"


def _corridor(words, where, redirected="", **environment):
    """Run the command line in a shell; return code, stdout and stderr."""
    quoted = " ".join(f"'{word}'" for word in (sys.executable, "-m", "sim", *words))
    done = subprocess.run(
        ["/bin/bash", "-c", f"set -o pipefail; {quoted} {redirected}"],
        cwd=where,
        env=ENVIRONMENT | environment,
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=HANG_S,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a corridor, a study and a store."""
    folder = tmp_path_factory.mktemp("streams")
    (folder / "c.yaml").write_text(CORRIDOR, encoding="utf-8")
    scenario = sim.load(folder / "c.yaml")
    from sim.study.files import save_study

    save_study(
        sim.replicate(scenario, replications=2, workers=1, store=folder / "kept"), folder / "study"
    )
    return folder


def test_every_command_has_a_line():
    assert list(OF_EVERY_COMMAND) == list(COMMANDS)


EACH = [
    pytest.param(name, marks=() if name in QUICK else pytest.mark.long) for name in OF_EVERY_COMMAND
]


@pytest.mark.parametrize("name", EACH)
def test_a_command_does_the_same_whatever_becomes_of_its_streams(name, home):
    words = OF_EVERY_COMMAND[name]
    code, out, err = _corridor(words, home)
    assert b"Traceback" not in err and b"Warning" not in err, err
    assert _corridor(words, home, ">&-") == (code, b"", err)
    assert _corridor(words, home, "2>&-") == (code, out, b"")
    assert _corridor(words, home, "<&- >&- 2>&-") == (code, b"", b"")
    assert _corridor(words, home, "2>/dev/full") == (code, out, b"")
    # A reader that takes nothing: what was printed is lost, and nothing else.
    gone = _corridor(words, home, "2>notes | true")
    assert gone[0] in (0, code) and (home / "notes").read_bytes() in (err, b""), gone
    assert _corridor(words, home, "2> >(true)")[:2] == (code, out)
    if out:
        full = _corridor(words, home, ">/dev/full")
        assert full[0] == 4 and full[2].decode() == err.decode() + NO_SPACE


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize("page", ["ascii", "cp1252"])
def test_a_code_page_that_lacks_letters_is_no_trouble(name, page, home):
    words = OF_EVERY_COMMAND[name]
    code, _, err = _corridor(words, home)
    there = _corridor(words, home, PYTHONIOENCODING=page)
    assert there[0] == code
    assert there[2].decode(page, "replace").count("\n") == err.decode().count("\n")
    assert b"Traceback" not in there[2]


def test_documents_are_whole_on_every_code_page(home):
    """What a program reads is UTF-8: with escapes of a code page it would be another text, or none."""
    (home / "copies").mkdir()
    for page in ("utf-8", "cp1252", "ascii"):
        _, out, _ = _corridor(["show", "c.yaml"], home, PYTHONIOENCODING=page)
        (home / "copies" / f"{page}.yaml").write_bytes(out)
        assert sim.load(home / "copies" / f"{page}.yaml").spec.title == TITLE
        _, out, _ = _corridor(OF_EVERY_COMMAND["run"], home, PYTHONIOENCODING=page)
        assert json.loads(out)["replications"] == 2


def test_letters_that_no_font_has_are_said_in_one_line(home):
    words = ["plot", "study", "carried", "--out", "chinese.png"]
    code, _, err = _corridor(words, home)
    assert code == 0
    lines = [line for line in err.decode().splitlines() if not line.startswith("wrote ")]
    assert all(line.startswith("note: ") for line in lines) and len(lines) <= 1, lines


def _on_a_terminal(words, where):
    """Run a command whose stderr is a terminal; return its stdout and the lines shown, without colours."""
    ours, theirs = pty.openpty()
    shown = b""
    command = [sys.executable, "-m", "sim", *words]
    with (where / "document").open("wb") as out:
        process = subprocess.Popen(command, cwd=where, env=ENVIRONMENT, stdout=out, stderr=theirs)
    os.close(theirs)
    with process:
        while block := _read(ours):
            shown += block
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode()).replace("\r", "\n")
    return (where / "document").read_bytes(), [line for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize(
    ("words", "of_the_bar", "others"),
    [
        (OF_EVERY_COMMAND["run"], "/2", r"c, hash \w+, seed 1, 2 replications, version .*"),
        (
            ["bottlenecks", "c.yaml", "--budget", "6", *N, "--json", "-"],
            "/6",
            # The first line is wrapped at words, as a terminal of 80 columns wants it.
            r"c, hash .*|each what-if at first, .*|carried .*; raised: .*|warning: .*",
        ),
    ],
)
def test_the_first_line_the_bar_and_the_document_do_not_mix(words, of_the_bar, others, home):
    """On a terminal there is a bar; other lines stand whole above it, and the document is elsewhere."""
    out, lines = _on_a_terminal(words, home)
    assert json.loads(out)["audit"] == "passed"
    assert re.match(r"c, hash \w+, seed 1", lines[0])
    bars = [line for line in lines if of_the_bar in line]
    assert bars
    for line in lines:
        assert (line in bars) != bool(re.fullmatch(others, line)), lines


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""  # all who had the terminal have left
