"""The hash of a scenario stays what it is from version to version: stores find their replications by it."""

from __future__ import annotations

import pytest

from sim.spec.load import load

HASHES = {
    "baseline-2023": "7f0210ecdb6ae838233c9769e2ff97c8",
    "fivefold": "b5a3d797e0524232cddb99738ca05c1f",
    "textbook/one-ferry-line": "b3dd4c4308d9d393e3d4435c6bf4bd87",
}
"""As version 0.1 gave them, but for the place of Mangystau station on the map. A changed scenario has another hash; a changed reader must not.

A new key of the language, with its default, is part of every scenario: the commit that adds it renews
these.
"""


@pytest.mark.parametrize("name", HASHES)
def test_a_scenario_has_the_hash_it_had(name):
    assert load(name).hash == HASHES[name]
