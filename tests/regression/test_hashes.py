"""The hash of a scenario stays what it is from version to version: stores find their replications by it."""

from __future__ import annotations

import pytest

from sim.spec.load import load

HASHES = {
    "baseline-2023": "01987e52003f521ec2191a13ca5cb226",
    "fivefold": "3f17a8607a6f95a3d4786a675184ddc0",
    "textbook/one-ferry-line": "b3dd4c4308d9d393e3d4435c6bf4bd87",
}
"""As version 0.1 gave them, but for the place of Mangystau station on the map. A changed scenario has another hash; a changed reader must not.

A new key of the language, with its default, is part of every scenario: the commit that adds it renews
these.
"""


@pytest.mark.parametrize("name", HASHES)
def test_a_scenario_has_the_hash_it_had(name):
    assert load(name).hash == HASHES[name]
