"""The wheel carries scenarios and evidence: it runs in an empty environment from another folder."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent


def _run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_installs_and_runs_elsewhere(tmp_path):
    dist, home, away = tmp_path / "dist", tmp_path / "venv", tmp_path / "away"
    away.mkdir()
    pip = ("-m", "pip", "--disable-pip-version-check", "--quiet")
    _run(
        sys.executable,
        *pip,
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(dist),
        ".",
        cwd=ROOT,
    )
    (wheel,) = dist.glob("*.whl")
    venv.create(home, with_pip=True)
    python = str(home / "bin" / "python")
    _run(
        python, *pip, "install", "--constraint", str(ROOT / "constraints.txt"), str(wheel), cwd=away
    )
    command = str(home / "bin" / "corridor")
    assert "fivefold" in _run(command, "scenarios", cwd=away)
    out = _run(command, "run", "textbook/one-ferry-line", "-n", "2", "--json", "-", cwd=away)
    assert json.loads(out)["audit"] == "passed"
    store = ("run", "textbook/one-ferry-line", "-n", "2", "--store", str(away / "store"))
    for _ in range(2):
        _run(command, *store, cwd=away)
    code = "import sim; from importlib.resources import files; print(files(sim) / 'py.typed')"
    assert Path(_run(python, "-c", code, cwd=away).strip()).is_file()
    listed = _run(command, "store", "list", str(away / "store"), "--json", "-", cwd=away)
    assert [row["replications"] for row in json.loads(listed)] == [2]
    assert "BAKU_2023_WAG_KUR" in _run(command, "sources", "baseline-2023", "--json", "-", cwd=away)
