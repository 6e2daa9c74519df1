"""Loading by rules other than strict priority: goods kept apart, parts of a deck, and what the audit holds."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim
from sim.engine.world.loading import Loading
from sim.errors import InvariantError

QUOTA = Path(sim.__file__).parents[1] / "scenarios" / "pairs" / "loading-quota.yaml"


def test_goods_that_are_kept_apart_go_with_the_group_of_the_oldest():
    """Trucks come last in priority; oldest first their group goes as soon as one of them is the oldest."""
    base = sim.load(QUOTA).with_(
        {
            "services.line.loading": "oldest_first",
            "vessels.ferry.segregates": True,
            "flows.trucks.segregation": "dangerous",
        }
    )
    log = sim.simulate(base).log
    aboard = log["aboard"].merge(log["lots"], on="lot")
    kinds = aboard.groupby("trip")["flow"].nunique()
    assert (kinds == 1).all()
    flows = aboard.groupby("trip")["flow"].first()
    assert set(flows) == {0, 1}


def test_a_part_that_is_exceeded_breaks_a_law_of_the_audit(monkeypatch):
    given = Loading.quota

    def too_small(self, deck):
        quota = given(self, deck)
        object.__setattr__(quota, "rooms", tuple(room // 2 for room in quota.rooms))
        return quota

    monkeypatch.setattr(Loading, "quota", too_small)
    with pytest.raises(InvariantError, match="parts of decks that were exceeded"):
        sim.simulate(sim.load(QUOTA))
