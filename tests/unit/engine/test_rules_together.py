"""Rules that meet: two bans at one port, dates that fall on waiting ships, fleets that grow, shrink and help out."""

from __future__ import annotations

import pytest
from ruamel.yaml import YAML

import sim
from sim.log import Activity
from sim.spec.load import load
from sim.study.files import save_study

HOUR, DAY = 3600, 86_400
PORT = """
title: wagons by rail to a ferry
horizon: {start: 2024-01-01, days: 60, followup_days: 0}
places: {mine: {}, port: {}, far: {}}
flows:
  wagons: {unit: wagon, origin: mine, destination: far, arrivals: {scheduled: {every: 6h}}, consignment_units: 10}
  trucks: {unit: truck, origin: port, destination: far, arrivals: {scheduled: {every: 24h}}}
sections: {inland: {from: mine, to: port, running: 10h}}
trains: {freight: {path: [mine, port], capacity: {wagon: 10}, departure: at_once}}
vessels: {ferry: {capacity: {wagon: 20, truck: 20}}}
services:
  line: {from: port, to: far, vessel: ferry, vessels: 1, crossing: 10h, handling: 2h, departure: at_once}
"""
FLEETS = """
title: two lines of one class
horizon: {start: 2024-01-01, days: 100, followup_days: 0}
places: {port: {}, far: {}, farther: {}}
flows:
  a: {unit: wagon, origin: port, destination: far, arrivals: {scheduled: {every: 6h}}, consignment_units: 20}
  b: {unit: wagon, origin: port, destination: farther, arrivals: {scheduled: {every: 6h}}, consignment_units: 20}
vessels: {ferry: {capacity: {wagon: 20}}}
services:
  la: {from: port, to: far, vessel: ferry, vessels: 2, crossing: 10h, handling: 2h, departure: at_once}
  lb: {from: port, to: farther, vessel: ferry, vessels: 2, crossing: 10h, handling: 2h, departure: at_once}
"""


@pytest.fixture
def read(tmp_path):
    def of(text, changes=()):
        (tmp_path / "scenario.yaml").write_text(text)
        return load(tmp_path / "scenario.yaml", changes)

    return of


def value(run, name, **keys):
    rows = run.metrics()
    rows = rows[rows["name"] == name]
    for key, wanted in keys.items():
        rows = rows[rows[key] == wanted]
    (only,) = rows["value"]
    return only


def test_a_ban_that_never_comes_does_not_hide_another_at_the_same_port(read):
    ban = {"port": "port", "units": ["wagon"], "impose": {"units": 100}, "lift": {"units": 50}}
    other = ban | {"units": ["truck"], "impose": {"units": 1000}}
    alone = sim.simulate(read(PORT, {"embargoes": {"ban": ban}}))
    both = sim.simulate(read(PORT, {"embargoes": {"ban": ban, "other": other}}))
    assert value(alone, "embargo_days", where="ban") > 40
    assert value(both, "embargo_days", where="ban") == value(alone, "embargo_days", where="ban")
    assert value(both, "embargo_days", where="other") == 0


def test_trains_that_queue_at_a_single_track_keep_its_possessions(read):
    track = """
title: ten trains at once
horizon: {start: 2024-01-01, days: 14, followup_days: 20}
places: {here: {}, there: {}}
flows:
  wagons:
    {unit: wagon, origin: here, destination: there, arrivals: {scheduled: {every: 30d, first: 2h}}, consignment_units: 6}
sections: {track: {from: here, to: there, running: 3h, loops: 0, possessions: [{from: "04:00", lasting: 12h}]}}
trains: {freight: {path: [here, there], capacity: {wagon: 1}, departure: at_once}}
"""
    rows = sim.simulate(read(track)).log["vehicle_log"]
    entries = sorted(rows[rows["activity"] == Activity.RUN]["start_s"] // HOUR)
    # In at 2:00, shut from 4:00 to 16:00, then one after the other until 4:00 the next day.
    assert entries == [2, 16, 19, 22, 25, 40]


@pytest.mark.parametrize(("deck", "load"), [(10, 10), (30, 30)])
def test_a_ship_that_waits_when_a_date_changes_its_deck_takes_the_new_one(read, deck, load):
    text = """
title: a ferry that leaves full
horizon: {start: 2024-01-01, days: 60, followup_days: 0}
places: {port: {}, far: {}}
flows: {w: {unit: wagon, origin: port, destination: far, arrivals: {scheduled: {every: 24h}}}}
vessels: {f: {capacity: {wagon: 15}}}
services: {l: {from: port, to: far, vessel: f, vessels: 1, crossing: 5h, departure: {port: {full: 1.0}, far: at_once}}}
"""
    changes = {"changes": {"2024-01-11": {"vessels": {"f": {"capacity": {"wagon": deck}}}}}}
    log = sim.simulate(read(text, changes)).log
    first = log["aboard"].groupby("trip")["units"].sum().iloc[0]
    assert first == load
    assert log.facts.audit_residual == 0


def _working(log, day):
    """Return how many vessels work for each service on a day."""
    duties, at = log["duties"], day * DAY
    on = duties[(duties["start_s"] <= at) & ((duties["end_s"] > at) | (duties["end_s"] < 0))]
    idle = log["vehicle_log"].query(f"activity == {Activity.LAID_UP}")
    idle = idle[(idle["start_s"] <= at) & ((idle["end_s"] > at) | (idle["end_s"] < 0))]["vehicle"]
    on = on[~on["vehicle"].isin(idle)]
    return {
        log.carriers[code].id: int(count) for code, count in on["carrier"].value_counts().items()
    }


def test_fleets_that_grow_and_shrink_on_one_day_have_the_numbers_that_are_written(read):
    changes = {
        "changes": {"2024-01-11": {"services": {"la": {"vessels": 5}, "lb": {"vessels": 1}}}}
    }
    log = sim.simulate(read(FLEETS, changes)).log
    assert _working(log, 5) == {"la": 2, "lb": 2}
    assert _working(log, 40) == {"la": 5, "lb": 1}


def test_ships_that_are_called_from_lying_up_do_not_count_as_helpers(read):
    rule = {"vessel": "ferry", "from": "lb", "to": "la", "when": 1, "back": 0, "most": 1}
    dates = {
        "2024-01-11": {"services": {"la": {"vessels": 0}}},
        "2024-01-21": {"services": {"lb": {"vessels": 4}}},
    }
    log = sim.simulate(read(FLEETS, {"reassignments": {"help": rule}, "changes": dates})).log
    assert _working(log, 60) == {"la": 1, "lb": 3}


def test_a_run_with_helpers_and_dated_fleets_can_be_gone_on_from(read, tmp_path):
    rule = {"vessel": "ferry", "from": "lb", "to": "la", "when": 1, "back": 0, "most": 1}
    dates = {"2024-01-11": {"services": {"lb": {"vessels": 4}}}}
    scenario = read(FLEETS, {"reassignments": {"help": rule}, "changes": dates, "horizon.days": 30})
    save_study(sim.replicate(scenario, replications=1, workers=1), tmp_path / "out")
    again = sim.simulate(load(tmp_path / "out" / "state.yaml")).log
    assert (again["vehicles"]["kind"] == 1).sum() == 6
    assert _working(again, 1) == {"la": 3, "lb": 3}


def test_a_ban_that_refuses_asks_for_every_way_of_cargo_that_chooses(read):
    text = PORT.replace(
        "running: 10h}", "running: 10h}, direct: {from: mine, to: far, running: 20h}"
    )
    text = text.replace("departure: at_once}}\nvessels", "departure: at_once}}\nvessels")
    routes = {"sea": {"legs": ["freight", "line"]}, "land": {"legs": ["overland"]}}
    changes = {
        "trains.overland": {
            "path": ["mine", "far"],
            "capacity": {"wagon": 10},
            "departure": "at_once",
        },
        "flows.wagons.routing": "least_time",
        "flows.wagons.routes": routes,
        "flows.trucks.consignment_units": 3000,
        "embargoes": {
            "ban": {
                "port": "port",
                "impose": {"units": 100},
                "lift": {"units": 50},
                "cargo": "refused",
            }
        },
    }
    run = sim.simulate(read(text, changes))
    assert value(run, "refused_units_per_year", flow="wagons") == 0
    assert value(run, "carried_units_per_year", flow="wagons") > 0.95 * 40 * 365


def test_a_ban_refuses_no_equipment_that_goes_back(read):
    text = """
title: empties through a port
horizon: {start: 2024-01-01, days: 100, followup_days: 0}
places: {inland: {}, port: {}, far: {}}
equipment: {wagons: {fleet: {far: 20}}}
flows:
  out: {unit: wagon, origin: far, destination: inland, arrivals: {scheduled: {every: 6h}}, equipment: wagons}
  empty:
    {unit: wagon, tonnes_per_unit: 0, origin: inland, destination: far, equipment: wagons, arrivals: {surplus: {}}}
  trouble:
    {unit: wagon, origin: port, destination: far, arrivals: {scheduled: {every: 300d, first: 2d}}, consignment_units: 300}
sections: {track: {from: inland, to: port, running: 10h}}
trains: {freight: {path: [inland, port], capacity: {wagon: 10}, departure: at_once}}
vessels: {ferry: {capacity: {wagon: 20}}}
services: {line: {from: port, to: far, vessel: ferry, vessels: 1, crossing: 10h, handling: 2h, departure: at_once}}
embargoes: {ban: {port: port, impose: {units: 100}, lift: {units: 50}, cargo: refused}}
"""
    run = sim.simulate(read(text))
    assert value(run, "refused_units_per_year", flow="empty") == 0
    delivered = run.log["deliveries"].query(f"flow == {run.log.names.flow.index('out')}")
    # 400 are created; the ban lasts for some twelve days, and after it the wagons are there again.
    assert delivered["units"].sum() > 350
    assert value(run, "equipment_imbalance_per_year", where="wagons@far") == pytest.approx(
        4 * 365, rel=0.02
    )


def test_a_scale_of_nothing_and_growth_keep_scheduled_cargo_evenly_apart(read):
    off_and_on = {"2024-01-11": {"demand": {"scale": 1}}, "2024-01-21": {"demand": {"scale": 0}}}
    created = sim.simulate(read(PORT, {"demand.scale": 0, "changes": off_and_on})).log[
        "consignments"
    ]
    wagons = created[created["flow"] == 0]["born_s"]
    assert len(wagons) == 40
    assert (wagons.diff().dropna() == 6 * HOUR).all()
    growth = {"demand.growth_per_year": 1.0, "horizon.start": "2023-12-01"}
    created = sim.simulate(read(PORT, growth)).log["consignments"]
    gaps = (
        created[(created["flow"] == 0) & (created["born_s"] > 32 * DAY)]["born_s"].diff().dropna()
    )
    assert len(gaps) == 222  # eight a day from the second of January to the thirtieth
    assert (gaps == 3 * HOUR).all()


def test_an_empty_train_and_one_between_loops_are_found_where_they_are(read):
    track = """
title: a train half-way
horizon: {start: 2024-01-01, days: 2, followup_days: 0}
places: {here: {}, there: {}}
flows: {w: {unit: wagon, origin: here, destination: there, arrivals: {scheduled: {every: 100d, first: 40h}}}}
sections: {track: {from: here, to: there, running: 100h, loops: 9}}
trains: {freight: {path: [here, there], capacity: {wagon: 10}, departure: at_once}}
initial: {trains: [{train: freight, towards: there, next: there, arrives_in: 60h}]}
"""
    trains = sim.simulate(read(track)).end_state()["initial"]["trains"]
    left = sorted((train["next"], train["arrives_in"]) for train in trains)
    # Eight of a hundred hours are run, and twelve of sixty are left; the run ends a second after midnight.
    assert left == [("there", "11h 59min 59s"), ("there", "3d 19h 59min 59s")]


def test_all_that_is_out_stays_out_when_a_date_brings_more(read):
    pool = {"locomotives": {"pool": {"locomotives": 1}}, "sections.inland.locomotives": "pool"}
    out = {
        "disruptions": {"strike": {"locomotives": "pool", "from": "2024-01-03", "lasting": "20d"}}
    }
    more = {"changes": {"2024-01-08": {"locomotives": {"pool": {"locomotives": 3}}}}}
    log = sim.simulate(read(PORT, pool | out | more)).log
    runs = log["vehicle_log"].query(f"activity == {Activity.RUN}")
    assert not runs["start_s"].between(3 * DAY, 22 * DAY, inclusive="left").any()
    assert runs["start_s"].ge(22 * DAY).any()


def test_a_study_with_a_weather_file_can_be_run_from_its_folder(tmp_path):
    save_study(sim.replicate(load("pairs/series"), replications=1, workers=1), tmp_path / "out")
    again = load(tmp_path / "out" / "scenario.yaml")
    assert again.hash == load("pairs/series").hash
    assert (
        YAML(typ="safe", pure=True).load((tmp_path / "out" / "state.yaml").read_text())["extends"]
        == "scenario"
    )
