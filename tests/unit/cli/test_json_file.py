"""Where ``--json`` may write: over a document of its own, and over nothing else of the user's."""

from __future__ import annotations

import pytest

from sim.cli.main import run as corridor

WORDS = ["sources", "line.yaml", "--json"]
LINE = """{title: a line, horizon: {days: 9}, places: {a: {}, b: {}}, vessels: {v: {capacity: {wagon: 5}}},
flows: {f: {unit: wagon, origin: a, destination: b, arrivals: {poisson: {per_day: 1}}}},
services: {s: {from: a, to: b, vessel: v, vessels: 1, crossing: 5h, handling: 3h}}}
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line.yaml").write_text(LINE)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "content"),
    [("line.yaml", LINE), ("trace.csv", "time,units\n"), ("notes", "mine"), ("x.json", "mine")],
)
def test_a_file_that_is_no_document_stays(here, name, content, capsys):
    (here / name).write_text(content)
    assert corridor([*WORDS, name]) == 2
    assert (here / name).read_text() == content
    told = (
        f"{name}: holds something else than a JSON document, and is left as it is; choose another"
    )
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", '{"scenario": "old"}', "[]\n"])
def test_a_document_is_replaced(here, content):
    (here / "x.json").write_text(content)
    assert corridor([*WORDS, "x.json"]) == 0
    assert (here / "x.json").read_text() != content
