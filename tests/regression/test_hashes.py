"""The hash of a scenario stays what it is from version to version: stores find their replications by it."""

from __future__ import annotations

import pytest

from sim.spec.load import load

HASHES = {
    "baseline-2023": "9946d6c18e42408b3de91d781140eeab",
    "fivefold": "07ab95cdf51c90c3d4fbe1adb0f712e4",
    "textbook/one-ferry-line": "a192921866bc1e18eaba1c72f0ab2428",
}
"""As version 0.1 gave them, but for the place of Mangystau station on the map. A changed scenario has another hash; a changed reader must not.

A new key of the language, with its default, is part of every scenario: the commit that adds it renews
these.
"""


@pytest.mark.parametrize("name", HASHES)
def test_a_scenario_has_the_hash_it_had(name):
    assert load(name).hash == HASHES[name]
