"""What must hold for any corridor: random small ones, with everything on, pass the audit and the laws stated here."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sim.engine.run import simulate
from sim.log import NONE, OPEN, RunLog
from sim.metrics.measure import measure
from sim.network.build import build
from sim.spec.load import load

HOURS = st.integers(1, 30).map(lambda h: f"{h}h")
TIMES = st.one_of(
    HOURS,
    st.builds(lambda h: {"exponential": h}, HOURS),
    st.builds(lambda h, cv: {"gamma": {"mean": h, "cv": cv}}, HOURS, st.sampled_from([0.3, 1.0, 1.5])),
)
TRAIN_RULES = st.sampled_from(
    ["at_once", {"full": 0.8, "longest_wait": "20h"}, {"headway": "9h"}, {"timetable": ["05:00", "17:30"]}]
)
VESSEL_RULES = st.sampled_from(
    ["at_once", {"full": 0.7, "longest_wait": "30h"}, {"headway": "11h"}, {"timetable": ["mon 06:00", "thu 18:00"]}]
)


@st.composite
def corridors(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a corridor from a mine to a city: railway, border, port, ferries, road; both ways, empties, weather."""
    train, deck = draw(st.integers(2, 12)), draw(st.integers(2, 15))
    largest = max(train, deck)
    limit = st.one_of(st.none(), st.integers(largest, 40))
    sea, land = draw(limit), draw(limit)
    stacks = {side: {"box": n} for side, n in (("sea", sea), ("land", land)) if n is not None}
    return {
        "title": "random",
        "horizon": {"start": "2023-10-20", "days": 30, "warmup_days": 4, "followup_days": draw(st.integers(0, 10))},
        "demand": {"scale": draw(st.sampled_from([0.4, 1, 2.5]))},
        "places": {"mine": {}, "frontier": {}, "port": {}, "far": {}, "city": {}},
        "units": {"box": {"lane_m": 7}, "truck": {"lane_m": 16.5, "tonnes": 12}},
        "flows": {
            "boxes": {
                "unit": "box",
                "origin": "mine",
                "destination": "far",
                "arrivals": {"poisson": {"per_day": draw(st.integers(1, 12))}},
                "consignment_units": {"gamma": {"mean": draw(st.integers(1, 9)), "cv": 0.8}},
            },
            "empty": {
                "unit": "box",
                "origin": "far",
                "destination": "mine",
                "scope": "background",
                "arrivals": {
                    "returns": {"flow": "boxes", "share": draw(st.sampled_from([0.3, 1.0])), "after": draw(TIMES)}
                },
            },
            "trucks": {
                "unit": "truck",
                "origin": "city",
                "destination": "far",
                "priority": draw(st.integers(0, 9)),
                "arrivals": {"renewal": {"interval": draw(TIMES)}},
                "season": [1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 0, 1],
            },
        },
        "locomotives": {"pool": {"locomotives": draw(st.integers(1, 3)), "turn": draw(TIMES)}},
        "sections": {
            "inland": {"from": "mine", "to": "frontier", "running": draw(TIMES), "locomotives": "pool"},
            "coast": {
                "from": "frontier",
                "to": "port",
                "running": draw(TIMES),
                "paths_per_day": draw(st.integers(1, 30)),
            },
        },
        "trains": {
            "freight": {
                "path": ["mine", "frontier", "port"],
                "capacity": {"box": train},
                "departure": draw(TRAIN_RULES),
                "handling": draw(TIMES),
            }
        },
        "roads": {
            "street": {
                "from": "city",
                "to": "port",
                "running": draw(TIMES),
                "gates": {"port": {"lanes": 2, "time": draw(TIMES), "inspection": {"share": 0.2, "time": "5h"}}},
            }
        },
        "ports": {
            "port": {
                "berths": {"quay": {"berths": draw(st.integers(1, 2)), "units_per_h": {"box": 6}}},
                "stacks": stacks,
                "train_tracks": draw(st.integers(1, 2)),
            }
        },
        "vessels": {
            "ferry": {"capacity": {"box": deck}, "lane_m": 80, "handling": draw(TIMES)},
            "old": {
                "capacity": {"truck": 3},
                "handling": "3h",
                "repair": {"every": "6d", "lasting": {"exponential": "2d"}},
            },
        },
        "services": {
            "line": {
                "from": "port",
                "to": "far",
                "vessels": {"ferry": draw(st.integers(1, 3)), "old": draw(st.integers(0, 2))},
                "crossing": draw(TIMES),
                "departure": {"port": draw(VESSEL_RULES), "far": draw(VESSEL_RULES)},
            }
        },
        "weather": {
            "closed_share": [0.2] * 12,
            "spell": {"lognormal": {"mean": "30h", "cv": 0.8}},
            "exposure": {"port": 1.2, "far": 0.6},
        },
    }


def _run(tree: dict[str, Any], path: Any, seed: int) -> RunLog:
    file = path / "random.yaml"
    with file.open("w") as out:
        YAML(typ="safe", pure=True).dump(tree, out)
    return simulate(build(load(file)), seed=seed)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=corridors(), seed=st.integers(0, 1000))
def test_every_corridor_keeps_its_books(tmp_path, tree, seed):
    log = _run(tree, tmp_path, seed)
    assert log.facts.audit_residual == 0
    _capacity_holds(log)
    _lots_tile(log)
    _measures_are_shares(log)


def _capacity_holds(log: RunLog) -> None:
    """Never more in use than there is, counted by a sweep that shares nothing with the audit."""
    holds = log["resource_log"]
    for code, resource in enumerate(log.resources):
        mine = holds[(holds["resource"] == code) & (holds["start_s"] != OPEN)]
        if not resource.servers or mine.empty:
            continue
        ends = mine["end_s"].where(mine["end_s"] != OPEN, log.facts.end_s)
        for at in mine["start_s"].sample(min(len(mine), 40), random_state=0):
            assert ((mine["start_s"] <= at) & (ends > at)).sum() <= resource.servers


def _lots_tile(log: RunLog) -> None:
    """A delivered lot's rows, its ancestors' before it parted included, run from birth to delivery without a gap."""
    cargo = {lot: rows for lot, rows in log.cargo.groupby("lot")}
    lots = log["lots"].set_index("lot")
    for lot, delivered_s, born_s in log["deliveries"][["lot", "delivered_s", "born_s"]].head(25).to_numpy().tolist():
        until, at = delivered_s, lot
        while at != NONE:
            rows = cargo[at][cargo[at]["end_s"].between(0, until)]
            for start, end in zip(rows["start_s"][::-1], rows["end_s"][::-1], strict=True):
                assert end == until
                until = start
            assert until <= lots.loc[at, "from_s"] or lots.loc[at, "parent"] == NONE
            at = lots.loc[at, "parent"]
        assert until == born_s


def _measures_are_shares(log: RunLog) -> None:
    metrics = measure(log)
    shares = metrics[metrics["name"].isin(["occupancy", "load_factor", "closed_share", "time_share"])]["value"]
    assert shares.dropna().between(-1e-9, 1 + 1e-9).all()
    budget = metrics[metrics["name"] == "time_share"].groupby("where")["value"].sum()
    assert np.allclose(budget, 1, atol=1e-9)
    waits = metrics[metrics["name"] == "wait_days"].groupby("flow")["value"].sum()
    means = (
        metrics[(metrics["name"] == "transit_days_mean") & metrics["flow"].notna()].set_index("flow")["value"].dropna()
    )
    for flow, mean in means.items():
        assert abs(waits.get(flow, 0.0) - mean) < 1e-9
