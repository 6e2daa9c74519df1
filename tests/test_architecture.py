"""The shape of the package: public names, what an import costs, and that what ships is what is said."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import sim
from sim.cli.main import COMMANDS
from sim.layers import LAYERS

ROOT = Path(__file__).parent.parent
HEAVY = {"numpy", "pandas", "matplotlib", "simpy", "scipy", "pydantic", "pyarrow", "ruamel"}


def test_the_order_of_the_layers_is_that_of_the_import_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (layers,) = (c["layers"] for c in contracts["contracts"] if c.get("containers") == ["sim"])
    assert [tuple(layer.split(" | ")) for layer in layers] == list(LAYERS)


def test_public_names_are_what_we_say():
    assert sim.__all__ == sorted(sim.__all__)
    assert set(sim.__all__) == {*sim._HOMES, "__version__"}
    assert all(getattr(sim, name) is not None for name in sim.__all__)
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        _ = sim.lod


@pytest.mark.parametrize("code", ["import sim", "from sim.cli.main import run; run(['--help'])"])
def test_import_and_help_load_nothing_heavy(code):
    probe = f"{code}\nimport sys; print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stderr.strip().splitlines()[-1] == "[]"


def test_loading_and_simulating_needs_no_matplotlib():
    probe = "import sim, sys; sim.simulate(sim.load('textbook/one-ferry-line')); sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], check=False, cwd=ROOT).returncode == 0


def test_every_shipped_scenario_that_can_run_builds():
    for name in sim.scenarios():
        if name != "corridor":
            assert "ratio" in sim.capacity(sim.load(name))
    assert not sim.capacity(sim.load("baseline-2023")).empty


def test_the_readme_names_every_command_and_only_those():
    text = (ROOT / "README.md").read_text()
    named = set(re.findall(r"^corridor (\w+)", text, re.MULTILINE))
    assert named <= set(COMMANDS)
    assert set(COMMANDS) <= named


def test_modules_can_be_read_in_one_go():
    too_long = [str(p) for p in (ROOT / "sim").rglob("*.py") if p.read_text().count("\n") > 450]
    assert too_long == []
