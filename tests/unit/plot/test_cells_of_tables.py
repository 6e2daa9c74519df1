"""Tables from elsewhere, with cells that no command writes: refused with file, row and column, or drawn."""

from __future__ import annotations

import pandas as pd
import pytest

from sim.cli.main import run as corridor
from sim.errors import UsageError
from sim.plot.columns import FLAGS, Flag, Number, Words, interval, read_columns
from sim.plot.kinds import TABLE_KINDS, save_results
from tests.unit.plot.test_results import SOURCE, TABLES

WRONG = (
    "",
    "x",
    "nan",
    "inf",
    "-1",
    "1e300",
    "0",
    "1e-300",
    "True",
    "-",
    "2023",
    "wait_x",
    "a\nb.c",
)
STRIDE = 23
COLUMNS = {
    "name": Words(),
    "state": Words(("open", "shut")),
    "is_new": Flag(),
    "year": Number(1),
    **interval("mean", "low", "high"),
}
ROWS = "name,state,is_new,year,mean,low,high\n2023,open,True,1,5,4,6\n,shut,False,2,5,,\n"


def _cells(kind: str) -> list[tuple[str, str, int]]:
    return [
        (table, column, row)
        for table, columns in TABLE_KINDS[kind].columns.items()
        for column in columns
        for row in range(min(2, len(TABLES[kind][table])))
    ]


def _try(kind: str, folder, cell: tuple[str, str, int], value: str) -> str:
    """Write *value* into one cell of the tables in *folder* and draw them; return the message, if any."""
    table, column, row = cell
    file = folder / f"{table}.csv"
    before = file.read_bytes()
    frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    frame.loc[row, column] = value
    frame.to_csv(file, index=False)
    told = ""
    try:
        for drawing in TABLE_KINDS[kind].draw(folder).values():
            drawing.noted().figure.draw_without_rendering()
    except UsageError as error:
        told = str(error)
    file.write_bytes(before)
    if told:
        assert column in told, (cell, value, told)
        assert f"row {row + 1}" in told or "ladder.csv has no scale" in told
        assert "give a folder that --out of" in told
    return told


def every_case() -> list[tuple[str, tuple[str, str, int], str]]:
    return [(kind, cell, value) for kind in TABLE_KINDS for cell in _cells(kind) for value in WRONG]


def test_some_cells_are_wrong(tmp_path):
    """A stride through all; a figure of each kind is drawn or refused, and never fails."""
    refused = 0
    cases = every_case()[::STRIDE]
    for kind, cell, value in cases:
        folder = tmp_path / kind
        if not folder.exists():
            folder.mkdir()
            _write(folder, kind)
        refused += bool(_try(kind, folder, cell, value))
    assert len(cases) // 4 < refused < len(cases)


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("plausible", ("parameters", "range_high", 0), "0"),
        ("policies", ("policies", "level", 0), "oldest_first"),
    ],
)
def test_a_cell_that_could_be_is_drawn(kind, cell, value, tmp_path):
    """A range of one value, and an alternative of an input without a path."""
    _write(tmp_path, kind)
    told = _try(kind, tmp_path, cell, value)
    assert told == ""


def _write(folder, kind: str) -> None:
    """Write the tables without their figures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.plot.kinds.TABLE_KINDS", {})
        patch.setattr("sim.plot.kinds.save_figures", lambda figures, folder: [])
        save_results(TABLES[kind], SOURCE, folder)


def test_a_table_keeps_its_kinds_of_values(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text(ROWS)
    frame = read_columns(file, COLUMNS, (("low", "mean", "high"),), "write it again")
    assert frame["name"].to_list() == ["2023", ""]
    assert frame["is_new"].to_list() == list(FLAGS.values())
    assert frame["year"].to_list() == [1, 2]
    assert frame["low"].isna().to_list() == [False, True]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            ",2,5,",
            ",two,5,",
            "row 2, column year: got 'two'; a number from 1 to 1e+15 must be there",
        ),
        (",2,5,", ",0,5,", "row 2, column year: got 0; a number from 1 to 1e+15"),
        (",2,5,", ",,5,", "row 2, column year: got nothing; a number from 1"),
        (",2,5,", ",2,inf,", "row 2, column mean: got inf; a number within 1e+15 of 0"),
        ("shut", "ajar", "row 2, column state: got 'ajar'; one of open, shut must be there"),
        ("False", "0", "row 2, column is_new: got '0'; True or False must be there"),
        ("5,4,6", "5,4,3", "row 1: high (3) is below mean (5)"),
        ("name,", "title,", "has no column name"),
        ("low,high", "mean,high", "has no column low"),
        ("\n2023", "\n" + 10_001 * "x", "a text of at most 10,000 letters must be there"),
    ],
)
def test_a_cell_that_no_command_writes_is_told(old, new, told, tmp_path):
    file = tmp_path / "t.csv"
    file.write_text(ROWS.replace(old, new, 1))
    with pytest.raises(UsageError) as caught:
        read_columns(file, COLUMNS, (("low", "mean", "high"),), "write it again")
    assert told in str(caught.value)
    assert str(caught.value).startswith(f"{file}: ") and "; write it again" in str(caught.value)


def test_a_project_on_no_rung_is_told(tmp_path, capsys):
    _write(tmp_path, "project-ladder")
    file = tmp_path / "plan.csv"
    file.write_text(file.read_text().replace("ferries,4.0", "ferries,3.0"))
    assert corridor(["plot", str(tmp_path), "project-ladder"]) == 2
    told = (
        "plan.csv, row 1, column rung: ladder.csv has no scale 3; give a folder that --out of plan"
    )
    assert told in capsys.readouterr().err
