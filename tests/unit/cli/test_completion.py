"""The Tab key: what a shell is given, and that Bash takes it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.cli.completion import VARIABLE, answer_shell
from sim.cli.main import corridor
from sim.plot.kinds import KINDS
from sim.spec.library import shipped


def _completed(words, monkeypatch, capsys):
    """Return what the last of *words* may become."""
    monkeypatch.setenv(VARIABLE, "bash_complete")
    monkeypatch.setenv("COMP_WORDS", " ".join(["corridor", *words]))
    monkeypatch.setenv("COMP_CWORD", str(len(words)))
    assert answer_shell(corridor) == 0
    return [line.partition(",")[2] for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["sat"], ["saturation"]),
        (["run", "baseline-2022"], ["baseline-2022"]),
        (["run", "textb"], ["textbook/"]),
        (["run", "textbook/one-f"], ["textbook/one-ferry-line"]),
        (["compare", "fivefold", "do-"], ["do-minimum"]),
        (["plot", "out", "carr"], ["carried"]),
        (["run", "textbook/one-ferry-line", "--set", "services.line.ve"], ["services.line.vessel=", "services.line.vessels="]),
        (["run", "textbook/one-ferry-line", "--set", "serv"], ["services."]),
        (["run", "textbook/one-ferry-line", "--set", "demand.scale"], ["demand.scale=", "demand.scale_by_scope="]),
        (["run", "textbook/one-ferry-line", "--set", "demand.scale=2"], [""]),
    ],
)  # fmt: skip
def test_a_word_is_completed(words, expected, monkeypatch, capsys):
    assert _completed(words, monkeypatch, capsys) == expected


def test_all_scenarios_and_kinds_are_offered(monkeypatch, capsys):
    for name in shipped():
        assert name in _completed(["run", name], monkeypatch, capsys)
    assert _completed(["plot", "out", ""], monkeypatch, capsys) == sorted(KINDS)


def test_bash_takes_the_script(tmp_path):
    program = tmp_path / "corridor"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m sim "$@"\n')
    program.chmod(0o755)
    script = f"""
eval "$({VARIABLE}=bash_source corridor)"
COMP_WORDS=(corridor run textb)
COMP_CWORD=2
_corridor_completion corridor
echo "${{COMPREPLY[@]}}"
"""
    root = Path(sim.__file__).parents[1]
    environment = {
        **os.environ,
        "PYTHONPATH": str(root),
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        [shutil.which("bash") or "bash", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "textbook/\n", done.stderr
