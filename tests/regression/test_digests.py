"""The same numbers on every machine: canonical digests of two scenarios, with numpy's vector instructions and without."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sim

CODE = """
import sys
import sim
from sim.log.disk import digest
changes = {"horizon.days": 90, "horizon.warmup_days": 30, "horizon.followup_days": 10} if "2023" in sys.argv[1] else {}
run = sim.simulate(sim.load(sys.argv[1], changes), seed=20231123)
numbers = [f"{value:.9g}" for value in run.metrics()["value"]]
from hashlib import sha256
print(digest(run.log), sha256(" ".join(numbers).encode()).hexdigest())
"""
DIGESTS = {
    "baseline-2023": (
        "eedcf6e1245aee5caede10e1129298c4cab927d089686e592dae119fd76b47d9",
        "cecad7cb311cf64104a091bc8fc3c9631940565de506c3e0af0f2a17b1ed6951",
    ),
    "pairs/series": (
        "43e369001388bf597b133c5f8da66d017989e341f72d5d1eedaaf1ee6e1bfb3a",
        "f8a536c5a5176418fda74489ce97c497cc6b42e9ab56690af94dbd646bbf2935",
    ),
}
"""Of the columns of the log, and of all metrics to nine digits."""


def _features() -> str:
    """Return the vector instructions of this machine that numpy can be kept from using."""
    from numpy._core._multiarray_umath import __cpu_baseline__, __cpu_dispatch__, __cpu_features__

    return " ".join(
        name
        for name in __cpu_dispatch__
        if __cpu_features__.get(name) and name not in __cpu_baseline__
    )


@pytest.mark.parametrize("without_vectors", [False, True])
@pytest.mark.parametrize("name", DIGESTS)
def test_a_scenario_gives_the_numbers_it_gave(name, without_vectors):
    extra = {"NPY_DISABLE_CPU_FEATURES": _features()} if without_vectors else {}
    path = os.pathsep.join([str(Path(sim.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", CODE, name],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **extra, "PYTHONPATH": path},
    )
    assert tuple(done.stdout.split()) == DIGESTS[name]
