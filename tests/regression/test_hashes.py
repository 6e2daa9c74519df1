"""The hash of a scenario stays what it is from version to version: stores find their replications by it."""

from __future__ import annotations

import pytest

from sim.spec.load import load

HASHES = {
    "baseline-2023": "48697651b3d3eb430e9381de22a22316",
    "fivefold": "90764b42d47564da0781f11187adb6c6",
    "textbook/one-ferry-line": "edb5457f829f46f7355cc672ba2dd21a",
}
"""As version 0.1 gave them, but for the place of Mangystau station on the map. A changed scenario has another hash; a changed reader must not.

A new key of the language, with its default, is part of every scenario: the commit that adds it renews
these.
"""


@pytest.mark.parametrize("name", HASHES)
def test_a_scenario_has_the_hash_it_had(name):
    assert load(name).hash == HASHES[name]
