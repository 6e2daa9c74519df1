"""Wrong scenario files, each with the whole of what must be said about it.

Every file in ``wrong/`` ends with the messages it must give, after ``#!``. They are read by people who did not write
the program: a change of wording belongs there, and should read better than before.
"""

from __future__ import annotations

import shutil
from cProfile import Profile
from itertools import pairwise
from pathlib import Path

import pytest

from sim.errors import CorridorError, ScenarioError
from sim.spec.load import load

WRONG = Path(__file__).parent / "wrong"
FILES = sorted(WRONG.glob("*.yaml"))
SCENARIO = """title: one ferry line
places: {kuryk: {}, alat: {}}
vessels: {ferry: {capacity: {wagon: 54}}}
flows: {wagons: {unit: wagon, origin: kuryk, destination: alat, arrivals: {poisson: {per_day: 10}}}}
services: {line: {from: kuryk, to: alat, vessel: ferry, vessels: 4, crossing: 20h}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(content: str | bytes) -> list[str]:
    """Return what is said about a file of that content."""
    Path("wrong.yaml").write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ScenarioError) as caught:
        load("wrong.yaml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_wrong_file_is_told_exactly(file):
    expected = [
        line.removeprefix("#! ") for line in file.read_text().splitlines() if line.startswith("#! ")
    ]
    shutil.copy(file, "wrong.yaml")
    with pytest.raises(CorridorError) as caught:
        load("wrong.yaml")
    assert [str(problem) for problem in caught.value.problems] == expected


def test_there_are_enough_wrong_files_and_each_says_something():
    assert len(FILES) >= 80
    assert all("\n#! " in file.read_text() for file in FILES)


LEVELS = "abcdefgh"
BOMB = "x: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{key}: &{key} [{', '.join(['*' + before] * 10)}]\n" for before, key in pairwise(LEVELS)
)

HOSTILE = {
    "empty": (
        b"",
        "wrong.yaml: the file is empty; a scenario is a mapping that begins with 'title:'",
    ),
    "a list": (b"- a\n", "wrong.yaml:1:1: a scenario is a mapping of keys, such as 'title: ...'"),
    "a scalar": (b"a\n", "wrong.yaml:1:1: a scenario is a mapping of keys, such as 'title: ...'"),
    "NUL": (b"title: a\x00b\n", "wrong.yaml:1:9: control character '\\x00' is not allowed"),
    "bell": (
        b"title: a\nquestion: \x07\n",
        "wrong.yaml:2:11: control character '\\x07' is not allowed",
    ),
    "right to left": (
        "title: \u202egpj\n",
        "wrong.yaml:1:8: control character '\\u202e' is not allowed",
    ),
    "latin-1": (
        "title: a\nquestion: é\n".encode("latin-1"),
        "wrong.yaml:2:11: is not UTF-8 text: byte E9 is 'é' in Windows-1252, as spreadsheets in the West save; save the file as UTF-8",
    ),
    "too large": (
        b"#" * 1_000_001,
        "wrong.yaml: the file is larger than 1,000,000 bytes; a scenario is not",
    ),
    "too many values": (
        "x: [" + "1," * 300_000 + "]",
        "wrong.yaml: holds more than 200,000 values",
    ),
    "alias bomb": (BOMB, "wrong.yaml: holds more than 200,000 values, aliases multiplied out"),
    "deep brackets": ("x: " + "[" * 100_000, "wrong.yaml:1:43: is nested more than 40 levels deep"),
    "deep maps": ("x: " + "{a: " * 10_000, "wrong.yaml:1:157: is nested more than 40 levels deep"),
    "deep dashes": ("- " * 100_000, "wrong.yaml:1:81: is nested more than 40 levels deep"),
    "deep blocks": (
        "".join(" " * n + "a:\n" for n in range(900)),
        "wrong.yaml:40:40: is nested more than 40 levels deep",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_one_sentence_and_soon(name):
    """Soon is 5 million calls, a few seconds: the bomb read in full is a hundred million values."""
    content, message = HOSTILE[name]
    with Profile(builtins=False) as work:
        assert told(content) == [message]
    assert sum(function.callcount for function in work.getstats()) < 5_000_000


def test_files_that_extend_each_other_are_told_with_their_chain():
    Path("a.yaml").write_text("extends: b\n")
    Path("b.yaml").write_text("extends: wrong\n")
    assert told("extends: a\n") == [
        "b.yaml:1:1: extends: goes round in a circle: wrong -> a -> b -> wrong"
    ]


def test_a_link_that_leads_out_of_the_folder_is_no_parent(folder):
    outside = folder.parent / f"{folder.name}-outside.yaml"
    outside.write_text(SCENARIO)
    Path("link.yaml").symlink_to(outside)
    message = "wrong.yaml:1:1: extends: 'link' lies outside the folder of the file; a parent is beside it or shipped"
    assert told("extends: link\n") == [message]


def test_a_problem_in_a_parent_is_told_where_it_stands():
    Path("base.yaml").write_text(SCENARIO.replace("20h", "20 h ours"))
    assert told("extends: base\ntitle: child\n") == [
        "base.yaml:5:69: services.line.crossing: '20 h ours' is not a duration; write it like '36h', '2d 6h' or '45min'"
    ]


TRACED = SCENARIO.replace("poisson: {per_day: 10}", "trace: {file: t.csv}")


@pytest.mark.parametrize(
    ("trace", "messages"),
    [
        (
            "",
            ["t.csv:1:1: has no column time and units; it needs time, units; got nothing"],
        ),
        (
            "time,unit\n",
            ["t.csv:1:1: has no column units; it needs time, units; got time, unit"],
        ),
        ("time,units\n", ["t.csv:2:1: the file has no rows"]),
        (
            "units,time\n1,2023-01-02\n-1,2023-01-03\n2.5,2023-01-04\n,2023-01-05\n3,monday\n1000001,2023-01-07\n",
            [
                "t.csv:3:1: units: must be a whole number from 0 to 1,000,000; got '-1'",
                "t.csv:4:1: units: must be a whole number from 0 to 1,000,000; got '2.5'",
                "t.csv:5:1: units: must be a whole number from 0 to 1,000,000; got ''",
                "t.csv:6:2: time: must be an ISO time like 2023-01-31 08:00; got 'monday'",
                "t.csv:7:1: units: must be a whole number from 0 to 1,000,000; got '1000001'",
            ],
        ),
        (
            "time,units\n2023-01-02T00:00:00Z,1\n",
            ["t.csv:2:1: time: must be local time without an offset; got '2023-01-02T00:00:00Z'"],
        ),
        (
            "time,units,time\n2023-01-02,1,2023-01-03\n",
            ["t.csv:1:3: time: has two columns 'time', the first at 1; name one of them otherwise"],
        ),
        (
            "time;units\n2023-01-02;1\n",
            [
                "t.csv:1:1: the columns are separated by semicolons; save the file with commas as separators and points in numbers; it needs time, units"
            ],
        ),
        (
            "time,units\n2023-01-02,1,250\n",
            ["t.csv:2:3: has 3 cells where the head has 2; write 1250.5, not 1,250.5 or 1250,5"],
        ),
        (
            "time,units\n\x1b[31m,1\n",
            ["t.csv:2:1: time: must be an ISO time like 2023-01-31 08:00; got '\\x1b[31m'"],
        ),
    ],
)
def test_a_wrong_trace_is_told_by_line_and_column(trace, messages):
    Path("t.csv").write_text(trace)
    assert told(TRACED) == messages


def test_a_trace_that_is_no_text_is_refused():
    Path("t.csv").write_bytes(b"time,units\n\xff\xfe,1\n")
    assert told(TRACED)[0].startswith("t.csv:2:1: is not a CSV file in UTF-8: byte FF is ")


def test_no_message_carries_a_control_character_or_a_long_value():
    messages = told(
        SCENARIO.replace("title: one ferry line", 'title: "\\e]0;owned\\a"').replace(
            "20h", "z" * 5000
        )
    )
    assert all(message.isprintable() and len(message) < 400 for message in messages)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            "demand.scal=5",
            "--set: demand.scal: unknown key; did you mean 'scale'? (allowed: scale, scale_by_scope, growth_per_year)",
        ),
        (
            "demand.scale",
            "--set: 'demand.scale' is no assignment; write it like --set demand.scale=5",
        ),
        (
            "demand.scale=[",
            "--set demand.scale:1:2: is not YAML: expected the node content, but found '<stream end>'",
        ),
        (
            "title.x=1",
            "--set: title.x: cannot be set, since title is the plain value 'one ferry line'",
        ),
        (
            "services.line.vessels=-1",
            "--set: services.line.vessels: must be greater than or equal to 0; got -1",
        ),
        ("places..x=1", "--set: places..x: cannot be set: give a path such as demand.scale"),
        ("projects=[hub]", "--set: projects.0: 'hub' is no project (known: none)"),
    ],
)
def test_a_wrong_change_is_told(change, message):
    Path("right.yaml").write_text(SCENARIO)
    with pytest.raises(ScenarioError) as caught:
        load("right.yaml", [change])
    assert [str(problem) for problem in caught.value.problems] == [message]
