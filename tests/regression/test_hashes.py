"""The hash of a scenario stays what it is from version to version: stores find their replications by it."""

from __future__ import annotations

import pytest

from sim.spec.load import load

HASHES = {
    "baseline-2023": "5b6d299bcbfaf9aefca06f6e7bc5a3e3",
    "fivefold": "aa4593b1356984cddd84887ae83eeeb9",
    "textbook/one-ferry-line": "407183b682e4d2545e7f5e7e04f1eed6",
}
"""As version 0.1 gave them, but for the place of Mangystau station on the map. A changed scenario has another hash; a changed reader must not.

A new key of the language, with its default, is part of every scenario: the commit that adds it renews
these.
"""


@pytest.mark.parametrize("name", HASHES)
def test_a_scenario_has_the_hash_it_had(name):
    assert load(name).hash == HASHES[name]
