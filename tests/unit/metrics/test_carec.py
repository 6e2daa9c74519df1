"""CAREC's indicators: a journey and a queue at a border by hand, and what does not exist."""

from __future__ import annotations

import re
from math import isnan
from pathlib import Path

import pytest

import sim
from sim.analysis.indicators import beside, shipped_tables
from sim.metrics.carec import carec
from sim.metrics.measure import measure
from sim.network.axis import KM_PER_NM, lengths_km

JOURNEY = """
title: one box, one journey
horizon: {start: 2023-01-01, days: 2, followup_days: 1}
places: {mine: {}, port: {}, far: {}}
units: {teu: {tonnes: 14}}
flows: {cargo: {unit: teu, origin: mine, destination: far, arrivals: {scheduled: {every: 100d}}}}
sections: {track: {from: mine, to: port, length_km: 100, running: 5h}}
trains: {block: {path: [mine, port], capacity: {teu: 1}, departure: at_once, handling: 1h}}
ports: {port: {berths: {quay: {berths: 1, units_per_h: {teu: 1}}}}}
vessels: {ship: {capacity: {teu: 1}, handling: 2h}}
services: {line: {from: port, to: far, vessel: ship, vessels: 1, distance_nm: 100, crossing: 10h, departure: {port: {full: 1.0}, far: at_once}}}
"""
"""Hours: 0-1 loaded, 1-6 on the track, 6-7 unloaded, 7-8 onto the ship, 8-18 at sea, 18-20 off it."""

MONEY = """
money:
  price_base: 2023
  discount_rate: 0
  handling_usd: {port: {teu: 50}, far: {teu: 30}}
  tariffs_usd: {line: {teu: {port: 350, far: 200}}}
  rail_usd_per_km: {teu: 0.2}
"""

BORDER = """
title: trains every two hours at a border of three
horizon: {start: 2023-01-01, days: 1, followup_days: 3}
places: {mine: {}, edge: {}, beyond: {}}
units: {teu: {tonnes: 14}}
flows: {cargo: {unit: teu, origin: mine, destination: beyond, arrivals: {scheduled: {every: 2h}}}}
sections: {track: {from: mine, to: edge, length_km: 100, running: 5h}}
borders: {gate: {from: edge, to: beyond, tracks: 1, clearance: 3h}}
trains: {block: {path: [mine, edge, beyond], capacity: {teu: 1}, departure: at_once, handling: 1h}}
"""


SHORT = {"horizon.days": 120, "horizon.warmup_days": 30, "horizon.followup_days": 20}


def indicators(loaded, run):
    frame = carec(run, lengths_km(loaded), measure(run))
    return {(r.indicator, r.what, r.where): r.value for r in frame.itertuples()}, frame


def test_one_journey_has_the_indicators_by_hand(scenario, run):
    values, frame = indicators(scenario(JOURNEY + MONEY), run(JOURNEY + MONEY))
    sea_km = 100 * KM_PER_NM
    by_hand = {
        ("TFI1", "port", "port"): 2,
        ("TFI1", "port", "far"): 2,
        ("TFI2", "port", "port"): 50 / 14 * 20,
        ("TFI2", "port", "far"): 30 / 14 * 20,
        ("TFI3", "line", "block"): 20 / 14 / 100 * 20 * 500,
        ("TFI3", "line", "line"): 350 / 14 / sea_km * 20 * 500,
        ("SWOD", "line", "block"): 20,
        ("SWD", "line", "block"): 20,
        ("SWOD", "line", "line"): sea_km / 10,
        ("SWD", "line", "line"): sea_km / 10,
        ("TFI3", "flow", "cargo"): (20 + 350 + 80) / 14 / (100 + sea_km) * 20 * 500,
        ("SWOD", "flow", "cargo"): (100 + sea_km) / 15,
        ("SWD", "flow", "cargo"): (100 + sea_km) / 20,
        ("TFI3", "corridor", "all"): (20 + 350 + 80) / 14 / (100 + sea_km) * 20 * 500,
        ("SWOD", "corridor", "all"): (100 + sea_km) / 15,
        ("SWD", "corridor", "all"): (100 + sea_km) / 20,
    }
    assert {key: values[key] for key in by_hand} == pytest.approx(by_hand, rel=1e-12)
    assert set(frame["units"]) == {1}
    assert dict(zip(frame["where"], frame["mode"], strict=True))["block"] == "rail"


def test_hours_at_a_border_are_wait_and_clearance(scenario, run):
    values, frame = indicators(scenario(BORDER), run(BORDER))
    # The k-th train is there after 2k + 6 hours, leaves after 3k + 9 and is unloaded after 3k + 10: five in a day.
    assert values["TFI1", "border", "gate"] == pytest.approx(3 + (0 + 1 + 2 + 3 + 4) / 5)
    assert values["TFI1", "border", "all"] == values["TFI1", "border", "gate"]
    assert frame.loc[frame["where"] == "gate", "units"].tolist() == [5, 5]
    assert values["SWOD", "line", "block"] == pytest.approx(20)
    assert values["SWD", "line", "block"] == pytest.approx(100 / 10)
    assert values["SWD", "flow", "cargo"] < values["SWD", "line", "block"]


def test_what_is_not_known_is_nan_and_never_zero(scenario, run):
    bare = JOURNEY.replace("distance_nm: 100, ", "")
    values, frame = indicators(scenario(bare), run(bare))
    assert not (frame["value"] == 0).any()
    prices = [value for (name, _, _), value in values.items() if name in {"TFI2", "TFI3"}]
    assert len(prices) == 7 and all(map(isnan, prices))
    assert isnan(values["SWOD", "line", "line"]) and isnan(values["SWD", "flow", "cargo"])
    assert values["SWOD", "line", "block"] == pytest.approx(20)
    idle = BORDER.replace("every: 2h", "every: 100d").replace(
        "days: 1,", "days: 3, warmup_days: 2,"
    )
    values, frame = indicators(scenario(idle), run(idle))
    assert isnan(values["TFI1", "border", "gate"])
    assert len(frame) == 5 and frame["units"].eq(0).all()


def test_hours_are_not_told_of_what_was_delivered_alone(scenario, run):
    """With 1 track and a train every two hours the queue grows; a run that ends early leaves cargo behind."""
    cut = BORDER.replace("followup_days: 3", "followup_days: 0")
    values, _ = indicators(scenario(cut), run(cut))
    assert isnan(values["SWD", "flow", "cargo"]) and isnan(values["SWD", "corridor", "all"])
    assert values["SWOD", "flow", "cargo"] == pytest.approx(20)


def test_services_between_the_same_places_share_a_distance(scenario):
    second = "\nservices: {line: {from: port, to: far, vessel: ship, vessels: 1, distance_nm: 100, crossing: 10h}, "
    second += "other: {from: far, to: port, vessel: ship, vessels: 1, crossing: 9h}}\n"
    two = JOURNEY[: JOURNEY.index("services:")] + second.lstrip()
    two = two.replace("{every: 100d}}}}", "{every: 100d}}, routes: {one: {legs: [block, line]}}}}")
    found = lengths_km(scenario(two))
    assert found == pytest.approx({"block": 100, "line": 185.2, "other": 185.2})


def test_a_run_and_a_study_tell_the_same(scenario):
    loaded = scenario(BORDER)
    study = sim.replicate(loaded, replications=1, workers=1)
    assert sim.indicators(study).equals(sim.indicators(sim.simulate(loaded, seed=1)))
    bare = sim.replicate(loaded, replications=1, workers=1, keep_log=False)
    with pytest.raises(sim.UsageError, match="keeps no log"):
        sim.indicators(bare)


TWO_SIDES = """
title: a border with a yard on each side
horizon: {start: 2023-01-01, days: 10, followup_days: 5}
places: {mine: {}, ours: {}, line: {}, theirs: {}}
units: {teu: {tonnes: 14}}
flows:
  out: {unit: teu, origin: mine, destination: theirs, arrivals: {scheduled: {every: 1d}}}
  in: {unit: teu, origin: theirs, destination: mine, arrivals: {scheduled: {every: 1d}}}
sections: {track: {from: mine, to: ours, length_km: 100, running: 5h, moving_km_per_h: 50}}
borders:
  ours: {from: ours, to: line, clearance: {line: 2h, ours: 30h}}
  theirs: {from: line, to: theirs, transload: {theirs: 8h, line: 4h}}
trains: {block: {path: [mine, ours, line, theirs], capacity: {teu: 1}, departure: at_once}}
"""


def test_each_side_of_a_border_has_its_hours_each_way(scenario, run):
    """Out: 2 h on our side, 8 h on theirs; in: 4 h on theirs, 30 h on ours. 2 of 5 h on the track are moving."""
    frame = sim.indicators(sim.simulate(scenario(TWO_SIDES)))
    values = {(row.indicator, row.where): row.value for row in frame.itertuples()}
    by_hand = {
        ("TFI1", "ours:ours>line"): 2,
        ("TFI1", "ours:line>ours"): 30,
        ("TFI1", "theirs:line>theirs"): 8,
        ("TFI1", "theirs:theirs>line"): 4,
        ("SWOD", "block"): 50,
        # Ten trains out and nine in arrive within the ten days.
        ("SWD", "block"): 19 * 100 / (10 * (5 + 10) + 9 * (5 + 34)),
    }
    assert {key: values[key] for key in by_hand} == pytest.approx(by_hand)


def test_a_table_of_cpmm_is_shown_beside(scenario, tmp_path):
    frame = sim.indicators(sim.simulate(scenario(TWO_SIDES)))
    file = tmp_path / "cpmm.csv"
    head = "indicator,where,value,source"
    file.write_text(
        f"{head}\nTFI1,ours:line>ours,60,own count\nTFI1,theirs:line>theirs,,CP2022KZO\n"
    )
    rows = beside(frame, file)
    assert rows["measured"].tolist() == [60, 6.8]
    assert rows["ratio"].tolist() == pytest.approx([30 / 60, 8 / 6.8])
    for bad, what in (
        ("TFI1,ours,,nothing", "has no value, and 'nothing' is no row of evidence"),
        ("TFI1,ours,-3,x", "must be a number above 0; got '-3'"),
        ("TFI9,ours,3,x", "'TFI9' is none of TFI1"),
        ("TFI1,theirz,3,x", "'theirz' is no place of the indicators; did you mean 'theirs'?"),
    ):
        file.write_text(f"{head}\n{bad}\n")
        with pytest.raises(sim.UsageError, match=f"cpmm.csv:2: .*{re.escape(what)}"):
            beside(frame, file)
    with pytest.raises(sim.UsageError, match="one that ships: cpmm-2022, cpmm-2023"):
        beside(frame, tmp_path / "missing.csv")


@pytest.mark.parametrize("name", shipped_tables())
def test_every_place_of_a_shipped_table_is_in_the_corridor(name):
    rows = beside(sim.indicators(sim.simulate(sim.load("baseline-2023", SHORT))), Path(name))
    assert len(rows) == 12 and (rows["measured"] > 0).all()
