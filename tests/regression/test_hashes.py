"""The hash of a scenario stays what it is from version to version: stores find their replications by it."""

from __future__ import annotations

import pytest

from sim.spec.load import load

HASHES = {
    "baseline-2023": "c9aa246eba309412122ad7869f6d0e1f",
    "fivefold": "88b8a8dd862b83485b661467aa1c4f8d",
    "textbook/one-ferry-line": "beed92845ea9cf365898d84b6fbc8d9d",
}
"""As version 0.1 gave them. A changed scenario has another hash; a changed reader must not.

A new key of the language, with its default, is part of every scenario: the commit that adds it renews
these.
"""


@pytest.mark.parametrize("name", HASHES)
def test_a_scenario_has_the_hash_it_had(name):
    assert load(name).hash == HASHES[name]
