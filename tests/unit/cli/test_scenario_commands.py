"""The scenario commands, and how the command line ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli import main as command_line
from sim.cli.main import run
from tests.conftest import HANG_S

SCENARIO = """title: one ferry line
places: {kuryk: {}, alat: {}}
vessels: {ferry: {capacity: {wagon: 54}}}
flows: {wagons: {unit: wagon, origin: kuryk, destination: alat, arrivals: {poisson: {per_day: 10}}}}
services:
  line: {from: kuryk, to: alat, vessel: ferry, vessels: {value: 4, low: 2, high: 5, assumed: a guess}, crossing: 20h}
"""
HEAVY = ("numpy", "pandas", "matplotlib", "simpy", "scipy", "pydantic", "ruamel")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("line.yaml").write_text(SCENARIO)


def test_help_is_given_without_loading_anything_heavy():
    code = f"""
import sys
from sim.cli.main import run
assert run(["--help"]) == 0
loaded = sorted(name for name in {HEAVY!r} if name in sys.modules)
assert not loaded, loaded
"""
    root = Path(command_line.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for command in (
        "run",
        "compare",
        "capacity",
        "check",
        "show",
        "sources",
        "scenarios",
        "schema",
    ):
        assert f"  {command} " in done.stdout


def test_every_command_has_help_that_loads_nothing_heavy():
    code = f"""
import sys
from sim.cli.main import COMMANDS, run
assert all(run([name, "--help"]) == 0 for name in COMMANDS)
loaded = sorted(name for name in {HEAVY!r} if name in sys.modules)
assert not loaded, loaded
"""
    root = Path(command_line.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for name in command_line.COMMANDS:
        assert f"Usage: corridor {name} " in done.stdout


def test_a_fine_file_is_fine(capsys):
    assert run(["check", "line.yaml"]) == 0
    assert capsys.readouterr().out == "line.yaml: fine\n"


def test_doubts_are_told_and_do_not_fail(capsys):
    assert run(["check", "line.yaml", "--set", "services.line.crossing=30s"]) == 0
    out = capsys.readouterr().out
    assert "services.line.crossing: takes 30 s on average" in out
    assert out.endswith("line.yaml: fine, 1 doubtful\n")


def test_all_problems_are_told_and_fail(capsys):
    assert (
        run(["check", "line.yaml", "--set", "demand.scal=5", "--set", "services.line.vessels=-1"])
        == 2
    )
    told = capsys.readouterr()
    assert [line.split(":")[1] for line in told.out.splitlines()] == [
        " demand.scal",
        " services.line.vessels",
    ]
    assert told.err == "2 problems\n"


def test_a_figure_that_is_not_in_its_row_fails(capsys):
    Path("line.yaml").write_text(SCENARIO.replace("assumed: a guess", "source: KUR-014"))
    assert run(["check", "line.yaml"]) == 2
    assert "services.line.vessels: 4 is not in row KUR-014" in capsys.readouterr().out


def test_show_prints_a_file_that_loads_again(capsys):
    assert run(["show", "line.yaml", "--set", "demand.scale=5"]) == 0
    Path("copy.yaml").write_text(capsys.readouterr().out)
    assert run(["check", "copy.yaml"]) == 0


def test_show_resolved_says_where_each_value_stands(capsys):
    assert run(["show", "line.yaml", "--resolved", "--set", "demand.scale=5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert 'title: "one ferry line"  # line.yaml:1' in lines
    assert "services.line.vessels: 4  # line.yaml:6" in lines
    assert "demand.scale: 5  # --set" in lines


def test_sources_are_listed_with_the_share_of_assumptions(capsys):
    assert run(["sources", "line.yaml"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["path", "value", "low", "high", "source", "confidence"]
    assert any(
        line.split()
        == ["services.line.vessels", "4", "2", "5", "assumed:", "a", "guess", "assumption"]
        for line in lines
    )
    assert "4 numbers (1 assumption, 3 none): 25% are assumptions" in lines[-1]


def test_sources_as_json_are_one_list_on_stdout(capsys):
    assert run(["sources", "line.yaml", "--json", "-"]) == 0
    told = capsys.readouterr()
    rows = {row["path"]: row for row in json.loads(told.out)}
    assert rows["services.line.vessels"] == {
        "path": "services.line.vessels",
        "value": 4,
        "low": 2,
        "high": 5,
        "source": "assumed: a guess",
        "confidence": "assumption",
    }
    assert rows["services.line.crossing"]["source"] is None
    assert rows["services.line.crossing"]["confidence"] == "none"
    assert "25% are assumptions" in told.err


def test_alternatives_are_listed_where_there_are_some(capsys):
    choice = (
        "services.line.loading={value: priority, alternatives: [oldest_first], assumed: a guess}"
    )
    assert run(["sources", "line.yaml", "--set", choice, "--json", "-"]) == 0
    rows = {row["path"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["services.line.loading"]["alternatives"] == ["oldest_first"]
    assert "alternatives" not in rows["services.line.vessels"]
    assert run(["sources", "line.yaml", "--set", choice]) == 0
    assert "alternatives" in capsys.readouterr().out.splitlines()[0]


def test_sources_as_a_file(capsys):
    assert run(["sources", "line.yaml", "--json", "rows.json"]) == 0
    assert isinstance(json.loads(Path("rows.json").read_text()), list)
    assert run(["sources", "line.yaml", "--json", "no/such/folder.json"]) == 4
    assert capsys.readouterr().err == (
        "corridor: no/such/folder.json: lies in no folder that can be written; choose another --json\n"
    )


def test_scenarios_are_listed_with_title_and_question(capsys):
    assert run(["scenarios"]) == 0
    assert "textbook/one-ferry-line: one ferry line\n" in capsys.readouterr().out


def test_the_schema_is_json(capsys):
    assert run(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["chek"], 2, "No such command 'chek'"),
        (["check"], 2, "Missing argument 'FILE'"),
        (
            ["check", "nothing.yaml"],
            2,
            "corridor: 'nothing.yaml' is neither a shipped scenario nor a file",
        ),
        (
            ["show", "line.yaml", "--set", "x"],
            2,
            "'x' is no assignment; write it like --set demand.scale=5",
        ),
    ],
)
def test_what_was_asked_wrongly_is_told_in_one_message(capsys, arguments, code, message):
    assert run(arguments) == code
    told = capsys.readouterr()
    assert message in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "corridor: interrupted\n"),
        (
            OSError(28, "No space left on device", "out.json"),
            4,
            "corridor: out.json: no space is left on the disk\n",
        ),
        (
            PermissionError(13, "Permission denied", "x"),
            4,
            "corridor: x: no permission to write or read here\n",
        ),
        (
            MemoryError(),
            4,
            "corridor: out of memory; make the scenario smaller or use fewer --workers\n",
        ),
    ],
)
def test_each_failure_has_its_exit_code(capsys, monkeypatch, error, code, message):
    def fail(_arguments):
        raise error

    monkeypatch.setattr(command_line, "_invoke", fail)
    assert run([]) == code
    assert capsys.readouterr().err == message


def test_a_defect_is_told_in_full(capsys, monkeypatch):
    def fail(_arguments):
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(command_line, "_invoke", fail)
    assert run([]) == 3
    assert "ZeroDivisionError: oh" in capsys.readouterr().err


def test_a_reader_that_leaves_early_is_no_failure():
    root = Path(command_line.__file__).parents[2]
    code = "from sim.cli.main import main; main(['schema'])"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=HANG_S) == 0


def test_projects_are_listed_with_what_they_cost_and_need(capsys):
    assert run(["projects", "--set", "projects=[feeders-780, feeders-780-more]"]) == 0
    told = capsys.readouterr().out
    assert "feeders-780 (built)" in told
    assert "385 (280 to 490)" in told
    assert "not published" in told
    assert "moved-ferries, what others pay: Takes 108 of 189 wagon places" in told
    assert run(["projects", "fivefold", "--json", "-"]) == 0
    rows = {row["project"]: row for row in json.loads(capsys.readouterr().out)["projects"]}
    assert rows["feeders-780-more"]["needs"] == ["feeders-780"]
    assert rows["rail-ferries-7"]["capital_low_musd"] == 280
    assert not rows["feeders-780"]["built"]


def test_a_scenario_without_projects_says_so(capsys):
    assert run(["projects", "line.yaml"]) == 0
    assert (
        capsys.readouterr().out
        == "line: no project is defined; write them under 'project_catalogue'\n"
    )
