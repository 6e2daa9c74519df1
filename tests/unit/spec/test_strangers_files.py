"""Scenarios and tables from elsewhere: what is no file is not waited for, what is too large is not
read, what is in another encoding is called by its name."""

from __future__ import annotations

import gzip
import io
import os
import socket
import zipfile
from pathlib import Path

import pytest

import sim
from sim.analysis.sweep import read_design
from sim.bounds import read_start, read_whole
from sim.spec.load import load
from sim.spec.messages import printable

SCENARIO = """title: one ferry line
places: {kuryk: {}, alat: {}}
vessels: {ferry: {capacity: {wagon: 54}}}
flows: {wagons: {unit: wagon, origin: kuryk, destination: alat, arrivals: {trace: {file: t.csv}}}}
services: {line: {from: kuryk, to: alat, vessel: ferry, vessels: 4, crossing: 20h}}
"""
TRACE = "time,units\n" + "".join(f"2023-{month:02d}-01,100\n" for month in range(1, 13))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("line.yaml").write_text(SCENARIO)
    Path("t.csv").write_text(TRACE)
    return tmp_path


def said(name: str = "line.yaml", changes: tuple[str, ...] = ()) -> str:
    with pytest.raises(sim.CorridorError) as caught:
        load(name, changes)
    return str(caught.value)


def put_socket(path: Path) -> None:
    server = socket.socket(socket.AF_UNIX)
    server.bind(path.name)
    server.close()


KINDS = {
    "a folder": lambda path: path.mkdir(),
    "a pipe": os.mkfifo,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a socket": put_socket,
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_called_what_it_is_and_not_waited_for(kind):
    for name in ("scenario.yaml", "design.csv", "targets.yaml", "table.csv"):
        KINDS[kind](Path(name))
    assert said("scenario.yaml") == f"'scenario.yaml' is {kind}, and no scenario file (.yaml)"
    with pytest.raises(sim.UsageError, match=r"the design design\.csv cannot be read"):
        read_design(Path("design.csv"))
    Path("child.yaml").write_text("extends: scenario\n")
    if kind == "a device":
        assert "'scenario' lies outside the folder of the file" in said("child.yaml")
    else:
        assert f"'scenario' is {kind}, and no file; a parent is a file" in said("child.yaml")
        Path("line.yaml").write_text(SCENARIO + "observed: targets.yaml\n")
        assert f"'targets.yaml' is {kind} in the folder of the scenario; name a file" in said()
    Path("line.yaml").write_text(SCENARIO)
    table = ("flows.wagons.arrivals.trace.file=table.csv",)
    assert f"table.csv' is {kind}, and no file" in said("line.yaml", table)


@pytest.mark.parametrize("read", [read_start, read_whole])
def test_a_pipe_that_took_the_place_of_a_file_is_not_waited_for(read):
    os.mkfifo("late")
    with pytest.raises(OSError, match="it is a pipe, and no file"):
        read(Path("late"), 10)


def test_no_more_is_read_than_is_allowed():
    assert read_start(Path("t.csv"), 4) == b"time"
    with pytest.raises(OSError, match="it is larger than 4 bytes"):
        read_whole(Path("t.csv"), 4)


def test_tables_are_bounded_together(monkeypatch):
    Path("line.yaml").write_text(
        SCENARIO.replace(
            "flows: {",
            "flows: {more: {unit: wagon, origin: kuryk, destination: alat,"
            " arrivals: {trace: {file: u.csv}}}, ",
        )
    )
    Path("u.csv").write_text(TRACE)
    assert load("line.yaml").spec.flows
    monkeypatch.setattr("sim.spec.files.LARGEST_BYTES", 300)
    expected = "line.yaml:4:173: flows.wagons.arrivals.trace.file: the trace file 't.csv' makes 382"
    assert f"{expected} bytes of the 2 tables together; at most 300 are read: leave out" in said()


def test_a_scenario_and_all_it_extends_are_bounded_together(monkeypatch):
    filler = "# " + "x" * 900_000 + "\n"
    for name, parent in (("a", "b"), ("b", "c"), ("c", "line")):
        Path(f"{name}.yaml").write_text(f"extends: {parent}\n{filler}")
    assert load("b.yaml").spec.title == "one ferry line"
    Path("line.yaml").write_text(SCENARIO + filler)
    what = (
        "line.yaml: with all that the scenario extends and names it is larger than 3,000,000 bytes"
    )
    assert f"{what}; a scenario is not" in said("a.yaml")


def zipped(text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", text)
    return out.getvalue()


ENCODINGS = {
    "UTF-16": (lambda text: text.encode("utf-16"), "it is text in UTF-16; save it as UTF-8"),
    "UTF-16-BE": (
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        "it is text in UTF-16; save it as UTF-8",
    ),
    "UTF-16 without a mark": (
        lambda text: text.encode("utf-16-le"),
        "it is text in UTF-16; save it as UTF-8",
    ),
    "cp1252": (
        lambda text: text.encode("cp1252").replace(b"one", b"\xf6ne").replace(b"units", b"\xf6"),
        "is 'ö' in Windows-1252, as spreadsheets in the West save; save the file as UTF-8",
    ),
    "cp1251": (
        lambda text: (
            text.encode()
            .replace(b"one", "порт".encode("cp1251"))
            .replace(b"units", "порт".encode("cp1251"))
        ),
        "byte EF is 'ï' in Windows-1252",
    ),
    "shift-jis": (
        lambda text: text.encode().replace(b"one", b"\x81\x40").replace(b"units", b"\x81\x40"),
        "byte 81; save the file as UTF-8",
    ),
    "gzip": (lambda text: gzip.compress(text.encode()), "it is packed (gzip); unpack it"),
    "zip": (zipped, "it is a zip archive, as spreadsheets are (.xlsx, .ods); save it as CSV"),
    "parquet": (lambda _: b"PAR1\x15\x04\x15\xff", "it is a parquet file; save it as CSV"),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_another_encoding_is_named(name):
    encode, expected = ENCODINGS[name]
    Path("t.csv").write_bytes(encode(TRACE))
    told = said()
    assert "t.csv" in told
    assert "is not a CSV file in UTF-8: " in told
    assert expected in told
    Path("design.csv").write_bytes(encode(TRACE))
    with pytest.raises(sim.UsageError, match=r"the design design\.csv is not a CSV file in UTF-8"):
        read_design(Path("design.csv"))
    Path("t.csv").write_text(TRACE)
    Path("line.yaml").write_bytes(encode(SCENARIO))
    assert expected in said()


def test_a_mark_of_the_byte_order_is_no_part_of_a_file():
    Path("line.yaml").write_bytes(b"\xef\xbb\xbf" + SCENARIO.encode())
    Path("t.csv").write_bytes(b"\xef\xbb\xbf" + TRACE.encode())
    Path("design.csv").write_bytes(b"\xef\xbb\xbfdemand.scale\n1\n2\n")
    assert sum(units for _, units in load("line.yaml").traces["wagons"]) == 1200
    assert read_design(Path("design.csv")).paths == ("demand.scale",)


STEERING = [
    "\x1b[31m",
    "\x9b31m",
    "\r",
    "\x07",
    "\u202e",
    "\u2066",
    "\u200f",
    "\u2028",
    "\U000e0041",
]


@pytest.mark.parametrize("steering", STEERING)
def test_nothing_that_steers_a_terminal_is_let_in_or_printed(steering):
    code = f"\\U{ord(steering[0]):08x}"
    Path("line.yaml").write_text(
        SCENARIO.replace("one ferry", f'"{code}').replace("line\n", 'x"\n', 1)
    )
    assert "title: control character" in said()
    assert printable(f"a{steering}b").isprintable()
    name = f"li{steering}ne.yaml"
    Path(name).write_text(SCENARIO)
    assert load(name).name.isprintable()
