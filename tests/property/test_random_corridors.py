"""What must hold for any corridor: random small ones, with everything on, pass the audit and the laws stated here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

import sim
from sim.engine.run import simulate
from sim.errors import GridlockError
from sim.log import NONE, OPEN, Activity, RunLog
from sim.metrics.measure import measure
from sim.network.build import build
from sim.spec.load import load

HOURS = st.integers(1, 30).map(lambda h: f"{h}h")
TIMES = st.one_of(
    HOURS,
    st.builds(lambda h: {"exponential": h}, HOURS),
    st.builds(
        lambda h, cv: {"gamma": {"mean": h, "cv": cv}}, HOURS, st.sampled_from([0.3, 1.0, 1.5])
    ),
)
TRAIN_RULES = st.sampled_from(
    [
        "at_once",
        {"full": 0.8, "longest_wait": "20h"},
        {"headway": "9h"},
        {"timetable": ["05:00", "17:30"]},
    ]
)
BORDER_RULES = st.sampled_from(
    [
        {},
        {
            "hours": {"abroad": {"open": "06:00", "close": "11:00"}},
            "priority": {"frontier": 2, "abroad": 7},
        },
        {
            "hours": {"open": "05:00", "close": "22:00"},
            "users": {
                "back": {
                    "flows": ["empty"],
                    "clearance": "2h",
                    "hours": {"open": "20:00", "close": "07:00"},
                },
                "out": {"units": ["box"], "towards": "abroad", "priority": 1},
            },
        },
    ]
)
GATE_RULES = st.sampled_from(
    [
        {},
        {
            "hours": {"open": "06:00", "close": "21:00"},
            "users": {
                "trucks": {"units": ["truck"], "time": "2h", "priority": 1},
            },
        },
    ]
)
VESSEL_RULES = st.sampled_from(
    [
        "at_once",
        {"full": 0.7, "longest_wait": "30h"},
        {"headway": "11h"},
        {"timetable": ["mon 06:00", "thu 18:00"]},
    ]
)
CONDITIONS = st.fixed_dictionaries(
    {"longest_wait": HOURS},
    optional={
        "full": st.sampled_from([0.3, 0.8, 1.0]),
        "headway": HOURS,
        "cargo_waits_over_there": st.fixed_dictionaries(
            {"deck_share": st.sampled_from([0.1, 0.6, 1.0])}, optional={"known_after": HOURS}
        ),
        "before_storm": st.fixed_dictionaries({"forecast": HOURS}),
        "berth_needed": st.sampled_from(["leave", "anchor"]),
    },
)
"""Departure rules of several conditions, those that vessels alone can have among them."""

DWELLS = st.sampled_from(
    [
        {},
        {"faults": {"share": 0.3, "time": {"exponential": "20h"}}, "at_origin": True},
        {
            "hours": {"open": "08:00", "close": "17:30"},
            "closed": [{"from": "sat 00:00", "lasting": "2d"}],
        },
    ]
)
BANS_THAT_METER = st.sampled_from(
    [
        {"quota": 3},
        {"quota": {"box": 0.5}, "steps": [{"units": 8, "quota": {"box": 12, "boxes": 20}}]},
        {"quota": {"boxes": 2, "empty": 1}},
        {"exempt": ["boxes"]},
        {"steps": [{"units": 8, "quota": 4}, {"units": 6, "quota": 9.5}]},
    ]
)


LOADING = st.sampled_from(
    [
        "priority",
        "oldest_first",
        "highest_revenue",
        {"quota": {"box": 0.6, "truck": 0.4}, "borrowing": False},
        {"quota": {"box": 0.6}, "borrowing": True, "order": "oldest_first"},
        {"ferry": {"quota": {"truck": 0.5}, "borrowing": False}, "old": "highest_revenue"},
    ]
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
        "horizon": {
            "start": "2023-10-20",
            "days": 30,
            "warmup_days": 4,
            "followup_days": draw(st.integers(0, 10)),
        },
        "demand": {"scale": draw(st.sampled_from([0.4, 1, 2.5]))},
        "places": {"mine": {}, "frontier": {}, "abroad": {}, "port": {}, "far": {}, "city": {}},
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
                    "returns": {
                        "flow": "boxes",
                        "share": draw(st.sampled_from([0.3, 1.0])),
                        "after": draw(TIMES),
                    }
                },
            },
            "trucks": {
                "unit": "truck",
                "origin": "city",
                "destination": "far",
                "priority": draw(st.integers(0, 9)),
                "arrivals": {"renewal": {"interval": draw(TIMES)}},
                "consignment_units": draw(st.sampled_from([1, 1, 3])),
                "season": [1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 0, 1],
                "days_of_week": draw(
                    st.sampled_from([[1, 2, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 0, 2]])
                ),
                "hours_of_day": draw(
                    st.sampled_from([[2] + [1] * 23, [0] * 8 + [2] * 8 + [1] * 8])
                ),
            },
        },
        "locomotives": {"pool": {"locomotives": draw(st.integers(1, 3)), "turn": draw(TIMES)}},
        "sections": {
            "inland": {
                "from": "mine",
                "to": "frontier",
                "running": draw(TIMES),
                "locomotives": "pool",
            },
            "coast": {
                "from": "abroad",
                "to": "port",
                "running": draw(TIMES),
                "paths_per_day": draw(st.integers(1, 30)),
            },
        },
        "borders": {
            "gauge": {
                "from": "frontier",
                "to": "abroad",
                "tracks": draw(st.integers(1, 2)),
                "transload": {"abroad": draw(TIMES), "frontier": draw(TIMES)},
                "clearance": draw(TIMES),
                **draw(BORDER_RULES),
            },
        },
        "trains": {
            "freight": {
                "path": ["mine", "frontier", "abroad", "port"],
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
                "gates": {
                    "port": {
                        "lanes": 2,
                        "time": draw(TIMES),
                        "inspection": {"share": 0.2, "time": "5h"},
                        **draw(GATE_RULES),
                    }
                },
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


@st.composite
def waits(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the places, dwells and bans of a corridor: where trains stand, and cargo waits."""
    maybe = st.booleans()
    tree: dict[str, Any] = {
        "places": {place: {} for place in ("mine", "frontier", "abroad", "port", "far", "city")}
    }
    if draw(maybe):
        for place in ("frontier", "port"):
            tree["places"][place] = {"holding_tracks": draw(st.integers(1, 4))}
    if draw(maybe):
        tree["dwell"] = {
            "customs": {"at": "port", "before": ["sea"], "time": draw(TIMES), **draw(DWELLS)},
            "papers": {
                "at": "port",
                "units": ["box"],
                "before": ["land"],
                "time": draw(TIMES),
                "at_origin": draw(maybe),
            },
        }
    if draw(maybe):
        tree["embargoes"] = {
            "ban": {
                "port": "port",
                "units": ["box"],
                "impose": {"units": draw(st.integers(10, 30))},
                "lift": {"units": 5},
                "holds_at": draw(st.sampled_from([[], ["frontier"]])),
                "cargo": draw(st.sampled_from(["waits", "refused"])),
            }
        }
        if draw(maybe):
            tree["embargoes"]["ban"] |= draw(BANS_THAT_METER)
        if draw(maybe):
            days = {"impose": {"days": 4}, "lift": {"days": 1}, "worked_per_day": 6}
            tree["embargoes"]["ban"] |= days | {"worked_over": "3d"}
            tree["embargoes"]["ban"].pop("steps", None)
    return tree


def _see_as_far_as_the_window(*rules_by_end: dict[str, Any]) -> None:
    """Let no rule of departure look further than vessels do when they sail, which is refused."""
    for rules in rules_by_end:
        for rule in rules.values():
            if "before_storm" in rule:
                rule["before_storm"] = {}


@st.composite
def ruled_corridors(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a corridor with the rules on: each is there or not, with numbers that bind or do not."""
    tree = draw(corridors())
    maybe = st.booleans()
    coast = tree["sections"]["coast"]
    if draw(maybe):
        del coast["paths_per_day"]
        coast |= {"loops": draw(st.integers(0, 4)), "clearing": "10min"}
        coast["background_trains_per_day"] = draw(st.sampled_from([0, 0.2]))
    if draw(maybe):
        coast["possessions"] = [
            {"from": "22:00", "lasting": "5h"},
            {"from": "wed 08:00", "lasting": "9h"},
        ]
    line = tree["services"]["line"]
    if draw(maybe):
        line["departure"] = {"port": draw(CONDITIONS), "far": draw(CONDITIONS)}
    if draw(maybe):
        sea = draw(st.sampled_from(["ride_out", "turn_back"]))
        line["sailing"] = {"window": {"forecast": draw(HOURS), "at_sea": sea}}
    line["loading"] = draw(LOADING)
    if draw(maybe):
        line["prefers"] = {"truck": {"classes": ["old"], "within": draw(HOURS)}}
    tree["money"] = {
        "price_base": 2023,
        "discount_rate": 0.08,
        "tariffs_usd": {"line": {"box": 500, "truck": {"port": 900, "far": 1200}}},
        "empty_share": {"box": draw(st.sampled_from([0.5, 1]))},
    }
    tree["ports"]["port"]["in_storm"] = {
        "work": draw(st.sampled_from(["goes_on", "pauses"])),
        "berthing": draw(st.sampled_from(["waits", "goes_on"])),
    }
    if draw(maybe):
        tree["ports"]["port"]["pools"] = {
            "pilots": {
                "count": 1,
                "in": "2h",
                "in_storm": draw(st.sampled_from(["waits", "goes_on"])),
            },
            "tugs": {
                "count": 3,
                "needs": draw(st.sampled_from([1, 2, {"ferry": 3, "old": 1}])),
                "in": draw(TIMES),
                "out": "1h",
                "first": draw(st.sampled_from(["berthing", "leaving", "whoever_asks_first"])),
            },
        }
    if draw(maybe):
        tree["vessels"]["old"]["repair"]["months"] = draw(st.sampled_from([["oct"], ["nov"]]))
    tree["vessels"]["ferry"] |= {"draught_m": 5, "light_draught_m": 3, "segregates": draw(maybe)}
    tree["ports"]["port"]["depth_m"] = draw(st.sampled_from([4.2, 9]))
    tree["sea_level"] = {
        "datum_m": -28,
        "level_m": {"2023-10-20": -28, "2023-11-30": -28.9},
        "under_keel_m": 0.2,
    }
    tree["flows"]["boxes"]["segregation"] = "dangerous"
    tree |= draw(waits())
    if draw(maybe):
        tree["equipment"] = {
            "platforms": {"fleet": {"mine": draw(st.integers(1, 40))}, "dwell": draw(TIMES)}
        }
        tree["flows"]["boxes"]["equipment"] = "platforms"
        tree["flows"]["empty"] |= {
            "equipment": "platforms",
            "arrivals": {"surplus": {"above": draw(st.integers(0, 3))}},
        }
    tree["locomotives"]["pool"]["breakdowns"] = {
        "every": {"exponential": "4d"},
        "lasting": "9h",
        "crews": 1,
    }
    tree["demand"]["growth_per_year"] = draw(st.sampled_from([0, 0.2]))
    tree["disruptions"] = {
        "slide": {
            "section": "inland",
            "from": "2023-10-28",
            "lasting": "2d",
            "inside": draw(st.sampled_from(["finish", "pause"])),
        },
        "crane": {
            "berths": "port/quay",
            "every": {"exponential": "5d"},
            "lasting": draw(TIMES),
            "rate": 0.4,
        },
        "berth": {
            "berths": "port/quay",
            "every": {"exponential": "6d"},
            "lasting": draw(TIMES),
            "lost": 1,
        },
        "ship": {"service": "line", "from": "2023-10-30", "lasting": "3d", "lost": 1},
        "strike": {
            "port": "far",
            "from": "2023-11-02",
            "lasting": "1d",
            "inside": draw(st.sampled_from(["finish", "pause"])),
        },
    }
    tree["changes"] = {
        "2023-10-30": {
            "services": {
                "line": {
                    "vessels": {"ferry": draw(st.integers(0, 4)), "old": draw(st.integers(0, 2))},
                    "loading": draw(LOADING),
                }
            },
            "demand": {"scale": draw(st.sampled_from([0, 1, 3]))},
        },
        "2023-11-06": {
            "ports": {"port": {"berths": {"quay": {"berths": draw(st.integers(0, 3))}}}},
            "services": {
                "line": {
                    "vessels": {"ferry": draw(st.integers(1, 4))},
                    "departure": {"port": draw(CONDITIONS)},
                }
            },
            "trains": {"freight": {"handling": draw(TIMES)}},
        },
    }
    if "sailing" in line:
        later = tree["changes"]["2023-11-06"]["services"]["line"]
        _see_as_far_as_the_window(line["departure"], later["departure"])
    if draw(maybe):
        tree["initial"] = {
            "stocks": [{"flow": "boxes", "units": draw(st.integers(1, 12)), "at": "port"}],
            "vessels": [
                {
                    "service": "line",
                    "vessel": "ferry",
                    "towards": "far",
                    "arrives_in": "7h",
                    "cargo": {"boxes": 1},
                }
            ],
            "trains": [
                {
                    "train": "freight",
                    "towards": "port",
                    "next": "frontier",
                    "arrives_in": "3h",
                    "cargo": {"boxes": 2},
                }
            ],
        }
    return tree


def _run(tree: dict[str, Any], path: Any, seed: int) -> RunLog:
    file = path / "random.yaml"
    with file.open("w") as out:
        YAML(typ="safe", pure=True).dump(tree, out)
    return simulate(build(load(file)), seed=seed)


@settings(max_examples=60)
@given(tree=corridors(), seed=st.integers(0, 1000))
def test_every_corridor_keeps_its_books(tmp_path, tree, seed):
    log = _run(tree, tmp_path, seed)
    assert log.facts.audit_residual == 0
    _capacity_holds(log)
    _lots_tile(log)
    _measures_are_shares(log)


@settings(max_examples=80)
@given(tree=ruled_corridors(), seed=st.integers(0, 1000))
def test_every_corridor_keeps_its_books_with_all_rules_on(tmp_path, tree, seed):
    with _may_lock(tree):
        log = _run(tree, tmp_path, seed)
    assert log.facts.audit_residual == 0
    _lots_tile(log)
    _measures_are_shares(log)
    _nothing_shares_a_deck_with_what_it_must_not(log, tree)
    _parts_of_decks_hold(log, tree)
    _vessels_are_conserved(log)


@settings(max_examples=40)
@given(tree=st.one_of(corridors(), ruled_corridors()), seed=st.integers(0, 1000))
def test_every_run_goes_on_from_where_another_ended(tmp_path, tree, seed):
    file = tmp_path / "random.yaml"
    with file.open("w") as out:
        YAML(typ="safe", pure=True).dump(tree, out)
    scenario = sim.load(file)
    with _may_lock(tree):
        state = sim.simulate(scenario, seed=seed).end_state()
        second = sim.simulate(scenario.with_(dict(state)), seed=seed)
    assert second.log.facts.audit_residual == 0


@contextmanager
def _may_lock(tree: dict[str, Any]) -> Iterator[None]:
    """Pass over a corridor whose few tracks let trains lock each other out; its chain names them."""
    few_tracks = any("holding_tracks" in place for place in tree["places"].values())
    try:
        yield
    except GridlockError as error:
        if not few_tracks or ":holding:" not in " ".join(error.chain):
            raise
        reject()


def _parts_of_decks_hold(log: RunLog, tree: dict[str, Any]) -> None:
    """Until the rule changes, no boxes fill more than their part of a ferry that keeps to parts."""
    rule = tree["services"]["line"]["loading"]
    if "initial" in tree or not isinstance(rule, dict) or rule.get("borrowing") is not False:
        return
    deck = tree["vessels"]["ferry"]["capacity"]["box"]
    before_s = 10 * 24 * 3600
    trips, aboard = log["trips"], log["aboard"]
    ferries = trips[(trips["carrier"] == log.names.carrier.index("line"))]
    ferries = ferries[ferries["start_s"] < before_s]
    aboard = aboard[aboard["trip"].isin(ferries["trip"])].merge(log["lots"], on="lot")
    flows = [flow.unit for flow in log.flows]
    boxes = aboard[[flows[flow] == "box" for flow in aboard["flow"]]]
    assert (boxes.groupby("trip")["units"].sum() <= rule["quota"]["box"] * deck + 1e-9).all()


def _nothing_shares_a_deck_with_what_it_must_not(log: RunLog, tree: dict[str, Any]) -> None:
    if not tree["vessels"]["ferry"]["segregates"]:
        return
    dangerous = log.names.flow.index("boxes")
    flow = log["lots"].set_index("lot")["flow"]
    ferries = log["vehicles"].query(
        f"kind == 1 and vessel_class == {log.names.vessel_class.index('ferry')}"
    )["vehicle"]
    trips = log["trips"][log["trips"]["vehicle"].isin(ferries)]["trip"]
    aboard = log["aboard"][log["aboard"]["trip"].isin(trips)]
    groups = (flow.loc[aboard["lot"]].to_numpy() == dangerous).astype(int)
    assert (aboard.assign(group=groups).groupby("trip")["group"].nunique() <= 1).all()


def _vessels_are_conserved(log: RunLog) -> None:
    """A vessel does one thing at a time, from its first day to the last of the run."""
    fleet = log["vehicles"].query("kind == 1")
    rows = log["vehicle_log"].assign(
        end=log["vehicle_log"]["end_s"].where(log["vehicle_log"]["end_s"] >= 0, log.facts.end_s)
    )
    for vessel, from_s in fleet[["vehicle", "from_s"]].to_numpy().tolist():
        mine = rows[rows["vehicle"] == vessel].sort_values(["start_s", "end"])
        assert mine["start_s"].iloc[0] == from_s
        assert (mine["start_s"].to_numpy()[1:] == mine["end"].to_numpy()[:-1]).all()
        assert mine["end"].iloc[-1] == log.facts.end_s


@settings(max_examples=20)
@given(tree=corridors(), seed=st.integers(0, 1000))
def test_an_outage_of_nothing_changes_nothing(tmp_path, tree, seed):
    plain = _run(tree, tmp_path, seed)
    tree["places"]["moon"] = {}
    tree["disruptions"] = {"far-away": {"port": "moon", "from": "2023-10-25", "lasting": "9d"}}
    broken = _run(tree, tmp_path, seed)
    for name in ("stays", "trips", "vehicle_log", "deliveries", "resource_log"):
        before, after = (log.labelled(log[name]).astype(str) for log in (plain, broken))
        assert before.equals(after), name


@st.composite
def single_tracks(draw: st.DrawFn) -> dict[str, Any]:
    """Draw railways of single track: sections with loops in a row, dense traffic both ways, shared in the middle."""
    stations = [f"s{number}" for number in range(draw(st.integers(2, 5)))]
    sections = {
        f"track{number}": {
            "from": a,
            "to": b,
            "running": draw(TIMES),
            "loops": draw(st.integers(0, 5)),
            "clearing": draw(st.sampled_from(["0s", "10min", "1h"])),
        }
        for number, (a, b) in enumerate(pairwise(stations))
    }
    ends = [(0, len(stations) - 1), (draw(st.integers(0, len(stations) - 2)), len(stations) - 1)]
    trains, flows = {}, {}
    for number, (first, last) in enumerate(ends):
        trains[f"train{number}"] = {
            "path": stations[first : last + 1],
            "capacity": {"box": 1},
            "departure": "at_once",
            "priority": draw(st.integers(0, 9)),
        }
        for way, (a, b) in (("out", (first, last)), ("back", (last, first))):
            flows[f"{way}{number}"] = {
                "unit": "box",
                "origin": stations[a],
                "destination": stations[b],
                "arrivals": {"poisson": {"per_day": draw(st.integers(1, 30))}},
                "routes": {"way": {"legs": [f"train{number}"]}},
            }
    return {
        "title": "single track",
        "horizon": {"days": 12, "followup_days": draw(st.sampled_from([0, 400]))},
        "places": {station: {} for station in stations},
        "flows": flows,
        "sections": sections,
        "trains": trains,
    }


@settings(max_examples=60)
@given(tree=single_tracks(), seed=st.integers(0, 1000))
def test_no_railway_of_single_track_ever_locks(tmp_path, tree, seed):
    log = _run(tree, tmp_path, seed)
    assert log.facts.audit_residual == 0
    # Something always moves: while any train is under way, one runs or a block is being cleared.
    rows = log["vehicle_log"]
    running = rows[rows["activity"] == Activity.RUN]
    ends = running["end_s"].where(running["end_s"] >= 0, log.facts.end_s)
    waits = rows[(rows["activity"] == Activity.WAIT_PATH)]
    longest_clearing_s = 3600
    for start_s, end_s in waits[["start_s", "end_s"]].head(60).to_numpy().tolist():
        until = log.facts.end_s if end_s == OPEN else end_s
        if until - start_s > longest_clearing_s:
            middle = (start_s + until) // 2
            near = (running["start_s"] <= middle + longest_clearing_s) & (
                ends >= middle - longest_clearing_s
            )
            assert near.any()


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
    for lot, delivered_s, born_s in (
        log["deliveries"][["lot", "delivered_s", "born_s"]].head(25).to_numpy().tolist()
    ):
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
    shares = metrics[
        metrics["name"].isin(["occupancy", "load_factor", "closed_share", "time_share"])
    ]["value"]
    assert shares.dropna().between(-1e-9, 1 + 1e-9).all()
    budget = metrics[metrics["name"] == "time_share"].groupby("where")["value"].sum()
    assert np.allclose(budget, 1, atol=1e-9)
    waits = metrics[metrics["name"] == "wait_days"].groupby("flow")["value"].sum()
    means = (
        metrics[(metrics["name"] == "transit_days_mean") & metrics["flow"].notna()]
        .set_index("flow")["value"]
        .dropna()
    )
    for flow, mean in means.items():
        assert abs(waits.get(flow, 0.0) - mean) < 1e-9
