"""Results that a command was kept from finishing: kept, said to be incomplete, and in place of no whole ones."""

from __future__ import annotations

import pytest

from sim.cli.main import run as corridor
from sim.errors import InvariantError
from sim.runs import pools
from sim.runs.pools import compute
from sim.study.files import load_study

LINE = ["textbook/one-ferry-line", "--set", "horizon.days=40", "--set", "horizon.warmup_days=2"]
RUN = ["run", *LINE, "-n", "3", "--workers", "1", "--out", "out"]
SWEEP = ["sweep", *LINE, "--vary", "services.line.vessels=3,4", "-n", "2", "--workers", "1"]
SWEEP += ["--out", "out"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Work in a folder of its own, and draw no figures."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.plot.kinds.save_figures", lambda figures, folder: [])
    return tmp_path


def _stopped(command, monkeypatch, *, at, error):
    """Run *command*; computing the replication of the number *at* raises *error*. Return the exit code."""
    calls = []

    def stopping(task):
        calls.append(task)
        if task.replication == at:
            raise error
        return compute(task)

    with monkeypatch.context() as patched:
        patched.setattr(pools, "compute", stopping)
        return corridor(command)


def _bytes(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock" and path.name != ".corridor-lock"
    }


def test_what_is_finished_goes_into_a_new_folder_and_says_so(here, monkeypatch, capsys):
    assert _stopped(RUN, monkeypatch, at=2, error=KeyboardInterrupt()) == 130
    assert [replication.number for replication in load_study("out").replications] == [0, 1]
    assert "interrupted before all was finished" in (here / "out" / "incomplete.txt").read_text()
    capsys.readouterr()
    assert corridor(["report", "out"]) == 0
    assert "warning: the study in out is incomplete: interrupted" in capsys.readouterr().err
    assert "The results are incomplete" in (here / "out" / "report.html").read_text()
    assert corridor(RUN) == 0
    assert not (here / "out" / "incomplete.txt").exists()
    assert len(load_study("out").replications) == 3


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), 130), (InvariantError("a wagon is lost"), 3)]
)
def test_incomplete_results_replace_no_whole_ones(here, monkeypatch, capsys, error, code):
    assert corridor(RUN) == 0
    whole = _bytes(here / "out")
    assert _stopped([*RUN, "--seed", "2"], monkeypatch, at=2, error=error) == code
    message = capsys.readouterr().err
    assert "out holds whole results, which stay; what is finished goes to out-incomplete" in message
    assert _bytes(here / "out") == whole
    kept = load_study("out-incomplete")
    assert (kept.seed, len(kept.replications)) == (2, 2)
    # Incomplete ones are replaced, by incomplete and by whole ones.
    assert _stopped([*RUN, "--seed", "3"], monkeypatch, at=2, error=error) == code
    assert load_study("out-incomplete").seed == 3
    assert corridor([*RUN[:-1], "out-incomplete"]) == 0
    assert _bytes(here / "out-incomplete") == whole == _bytes(here / "out")


def test_a_folder_of_the_users_is_not_taken_for_incomplete_results(here, monkeypatch):
    assert corridor(RUN) == 0
    (here / "out-incomplete").mkdir()
    (here / "out-incomplete" / "notes.txt").write_text("mine")
    assert _stopped(RUN, monkeypatch, at=1, error=KeyboardInterrupt()) == 130
    assert _bytes(here / "out-incomplete") == {"notes.txt": b"mine"}
    assert len(load_study("out-incomplete-2").replications) == 1


def test_an_incomplete_sweep_stands_beside_a_study_and_replaces_no_whole_sweep(here, monkeypatch):
    assert corridor(RUN) == 0
    assert _stopped(SWEEP, monkeypatch, at=1, error=KeyboardInterrupt()) == 130
    assert (here / "out" / "incomplete-sweep.txt").is_file()
    assert corridor(SWEEP) == 0
    assert not (here / "out" / "incomplete-sweep.txt").exists()
    whole = _bytes(here / "out")
    again = [*SWEEP, "--seed", "2"]
    assert _stopped(again, monkeypatch, at=1, error=KeyboardInterrupt()) == 130
    results = {name for name in whole if not name.startswith("store/")}
    assert {name: _bytes(here / "out")[name] for name in results} == {
        name: whole[name] for name in results
    }
    assert (here / "out-incomplete" / "incomplete-sweep.txt").is_file()
