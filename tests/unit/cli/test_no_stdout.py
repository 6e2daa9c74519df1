"""A service may have no standard output."""

from __future__ import annotations

import subprocess
import sys


def test_a_command_ends_without_a_standard_output():
    command = f"{sys.executable} -m sim scenarios >&-"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stderr
