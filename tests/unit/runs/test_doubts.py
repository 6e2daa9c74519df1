"""Warnings of scenarios that an analysis makes are printed once a kind, with the point that has it."""

from __future__ import annotations

import pytest

from sim.cli.main import run as corridor
from sim.errors import Problem
from sim.runs.doubts import MOST, Doubts
from sim.spec.load import load

LINE = "textbook/one-ferry-line"
SHORT = ["--set", "horizon.days=60", "--set", "horizon.warmup_days=2", "--workers", "1", "-n", "1"]
STANDS = "services.line.vessels: has no vessels: cargo for it waits for ever"


def _problem(path: str, what: str) -> Problem:
    return Problem("", 0, 0, path, what)


def test_a_sweep_warns_of_its_points_once_for_each_kind(capsys):
    vary = ["--vary", "services.line.vessels=0,3", "--vary", "demand.scale=1,2"]
    assert corridor(["sweep", LINE, *SHORT, *vary]) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning")]
    assert told == [
        f"warning: at services.line.vessels=0, demand.scale=1 and 1 more: --set: {STANDS}"
    ]


def test_what_was_warned_of_when_it_was_loaded_is_not_said_again(capsys):
    none = ["--set", "services.line.vessels=0"]
    assert corridor(["sweep", LINE, *SHORT, *none, "--vary", "demand.scale=1,2"]) == 0
    told = capsys.readouterr().err
    assert told.count(STANDS) == 1


def test_numbers_make_no_new_kind_and_no_list_is_without_end():
    doubts = Doubts()
    for number in range(50):
        doubts.note([_problem("a.b", f"takes {number}.5 h")], (("x", number),), str(number))
    assert list(doubts.beyond([])) == ["at x=0 and 49 more: a.b: takes 0.5 h"]
    for number in range(MOST + 4):
        doubts.note([_problem(f"a.{number}", "is long")], (), "0")
    lines = list(doubts.beyond([]))
    assert len(lines) == MOST + 1
    assert lines[1] == "at a point: a.0: is long"
    assert lines[-1] == "and 5 more kinds of warnings at other points"


@pytest.mark.parametrize("count", [3, 4])
def test_a_point_is_named_by_what_it_changes_itself(count):
    base = load(LINE).with_({"demand.scale": 2})
    doubts = Doubts()
    changes = (*base.changes, *((f"p{number}", number) for number in range(count)))
    doubts.note([_problem("a", "is long")], changes, "0")
    rest = "" if count == 3 else ", ..."
    assert list(doubts.beyond([base])) == [f"at p0=0, p1=1, p2=2{rest}: a: is long"]
