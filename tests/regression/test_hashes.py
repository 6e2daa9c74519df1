"""The hash of a scenario stays what it is from version to version: stores find their replications by it."""

from __future__ import annotations

import pytest

from sim.spec.load import load

HASHES = {
    "baseline-2023": "12256c498abfe631320dd82644a81fa0",
    "fivefold": "40440331c3315a5f18ca2443fa7315fe",
    "textbook/one-ferry-line": "04a0dfd7f6c54f03ed63424c73370b1a",
}
"""As version 0.1 gave them, but for the place of Mangystau station on the map. A changed scenario has another hash; a changed reader must not.

A new key of the language, with its default, is part of every scenario: the commit that adds it renews
these.
"""


@pytest.mark.parametrize("name", HASHES)
def test_a_scenario_has_the_hash_it_had(name):
    assert load(name).hash == HASHES[name]
