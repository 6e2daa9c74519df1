"""A run that goes on from the end of another, and results by calendar year."""

from __future__ import annotations

import pytest

import sim
from sim.engine.run import simulate
from sim.log import Activity
from sim.network.build import build
from sim.spec.load import load
from sim.study.files import save_study
from sim.units import HOUR, parse_duration

PORT = """
title: a port with everything under way
horizon: {days: 40, followup_days: 0}
places: {mine: {}, yard: {}, port: {}, far: {}, town: {}}
equipment: {wagons: {fleet: {mine: 60}, dwell: 30h}}
flows:
  ore: {unit: wagon, origin: mine, destination: far, equipment: wagons, arrivals: {poisson: {per_day: 9}}}
  back:
    {unit: wagon, origin: far, destination: mine, equipment: wagons, tonnes_per_unit: 0, arrivals: {surplus: {}}}
  trucks: {unit: truck, origin: town, destination: far, arrivals: {poisson: {per_day: 6}}}
sections:
  first: {from: mine, to: yard, running: 20h}
  second: {from: yard, to: port, running: 9h, paths_per_day: 4}
trains: {shuttle: {path: [mine, yard, port], capacity: {wagon: 5}, departure: {full: 1, longest_wait: 9h}, handling: 3h}}
roads: {street: {from: town, to: port, running: 14h}}
vessels: {ferry: {capacity: {wagon: 10, truck: 6}, handling: 6h, repair: {every: 12d, lasting: 3d}}}
services:
  line: {from: port, to: far, vessel: ferry, vessels: 3, crossing: 20h, departure: {full: 0.8, longest_wait: 20h}}
"""


@pytest.fixture
def scenario(tmp_path):
    file = tmp_path / "port.yaml"
    file.write_text(PORT)
    return load(file)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_inside_at_the_end_is_there_when_the_next_run_begins(scenario, seed):
    ended = simulate(build(scenario), seed=seed)
    inside = {
        f: n for f, n in zip(ended.names.flow, ended["flow_totals"]["inside_units"], strict=True)
    }
    assert sum(inside.values()) > 0
    goes_on = scenario.with_(
        {"equipment": ended.state.get("equipment", {}), "initial": ended.state["initial"]}
    )
    begun = simulate(build(goes_on), seed=seed)
    assert begun.facts.audit_residual == 0
    born = begun["consignments"].query("born_s == 0").groupby("flow")["units"].sum()
    surplus = begun.names.flow.index("back")
    for name, units in inside.items():
        code = begun.names.flow.index(name)
        if code != surplus:
            assert born.get(code, 0) == units
    # Idle items at the far shore go back at once, so they are cargo of the surplus flow on top of what there was.
    idle = ended.state["equipment"]["wagons"]["fleet"]
    assert born.get(surplus, 0) == inside["back"] + idle["far"]
    assert begun["fleets"]["items"].tolist() == ended["fleets"]["items"].tolist()
    assert (begun["vehicles"]["kind"] == 1).sum() == 3


def test_a_ship_at_sea_arrives_when_it_would_have(scenario):
    seen = 0
    for days in range(4, 30):
        run = sim.simulate(scenario.with_({"horizon.days": days}))
        rows = run.log["vehicle_log"].query(f"activity == {Activity.SAIL} and end_s == -1")
        left_s = sorted(20 * HOUR - (run.log.facts.end_s - rows["start_s"]))
        ships = run.end_state()["initial"]["vessels"]
        written_s = [parse_duration(ship["arrives_in"]) for ship in ships if "arrives_in" in ship]
        assert not set(left_s) - set(written_s)
        seen += len(left_s)
    assert seen > 3


def test_a_saved_study_can_be_gone_on_from(scenario, tmp_path):
    study = sim.replicate(scenario, replications=1, workers=1)
    save_study(study, tmp_path / "out")
    again = load(tmp_path / "out" / "state.yaml")
    assert again.spec.horizon.start.isoformat() == "2023-02-10"
    assert sim.simulate(again).log.facts.audit_residual == 0


def test_years_are_measured_apart_and_growth_shows(scenario):
    changes = {
        "horizon.days": 3 * 365,
        "demand.growth_per_year": 0.5,
        "horizon.start": "2023-01-01",
    }
    study = sim.replicate(scenario.with_(changes), replications=3, workers=1)
    offered = study.years.query("name == 'offered_units_per_year' and flow == 'trucks'").set_index(
        "year"
    )["mean"]
    assert offered.index.tolist() == [2023, 2024, 2025]
    # Poisson, three replications of 2,190, 3,285 and 4,928 a year: within four standard errors.
    for year, factor in ((2023, 1), (2024, 1.5), (2025, 2.25)):
        want = 6 * 365 * factor
        assert abs(offered[year] - want) < 4 * (want / 3) ** 0.5
    one = sim.replicate(scenario, replications=1, workers=1)
    assert one.years.empty
