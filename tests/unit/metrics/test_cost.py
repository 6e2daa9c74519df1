"""Cost and carbon: one unit on one journey by hand, sharing of vehicles, and books that balance."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest

from sim.errors import InvariantError, ScenarioError
from sim.log import Activity
from sim.metrics import books
from sim.metrics.measure import measure
from sim.network.build import build
from sim.spec.load import load

ONE_JOURNEY = """
title: one unit, one journey
horizon: {{start: 2023-01-01, days: 2, followup_days: 1}}
places: {{mine: {{}}, port: {{}}, far: {{}}}}
units: {{{unit}: {{tonnes: {tonnes}}}}}
flows: {{cargo: {{unit: {unit}, origin: mine, destination: far, arrivals: {{scheduled: {{every: 100d}}}}}}}}
sections: {{track: {{from: mine, to: port, length_km: 100, running: 5h}}}}
trains: {{block: {{path: [mine, port], capacity: {{{unit}: 1}}, departure: at_once, handling: 1h}}}}
ports: {{port: {{berths: {{quay: {{berths: 1, units_per_h: {{{unit}: 1}}}}}}}}}}
vessels: {{ship: {{capacity: {{{unit}: 1}}, handling: 2h}}}}
services: {{line: {{from: port, to: far, vessel: ship, vessels: 1, crossing: 10h, departure: {{port: {{full: 1.0}}, far: at_once}}}}}}
money:
  price_base: 2023
  discount_rate: 0
  vessels: {{ship: {{running_usd_per_day: 4800, capital_musd: 3.65, life_years: 10}}}}
  trains: {{usd_per_hour: 60, usd_per_gross_t_km: 0.01}}
  hire_usd_per_day: {{{unit}: 24}}
  handling_usd: {{port: {{{unit}: 50}}, far: {{{unit}: 30}}}}
  tariffs_usd: {{line: {{{unit}: {{port: 350, far: 200}}}}}}
  rail_usd_per_km: {{{unit}: 0.2}}
  empty_share: {{{unit}: 0.5}}
  time_usd_per_day: {{{unit}: 48}}
energy:
  sources:
    gasoil: {{per: kg, co2e_kg: 3, usd: 0.5}}
    diesel: {{per: kg, co2e_kg: 3.5, usd: 1}}
    grid: {{per: kWh, co2e_kg: 0.5, usd: 0.1}}
  tare_t: {{{unit}: {tare}}}
  hauled_empty: {{{unit}: {hauled}}}
  traction: {{diesel: {{source: diesel, per_gross_t_km: 0.003}}}}
  sections: {{track: diesel}}
  vessels: {{ship: {{source: gasoil, sailing_per_day: 24000, berth_per_day: 2400}}}}
  handling: {{{unit}: {{source: grid, amount: 4}}}}
"""
"""Hours: on the train 0-1 loaded, 1-6 run, 6-7 unloaded; 7-8 onto the ship, 8-18 at sea, 18-20 off it: delivered at 20.

The ship: 0-2 handled, 2-7 waits for cargo, 7-8 loads, 8-18 sails, 18-20 is handled, 20-30 sails back empty, 30-32 is
handled, 32-48 waits for cargo. In all 20 h at sea and 28 h alongside, all of it for the one unit.
"""


def _value(metrics, name, flow="cargo", where=None, activity=None):
    for key, wanted in (("name", name), ("flow", flow), ("where", where), ("activity", activity)):
        metrics = metrics[metrics[key].isna() if wanted is None else metrics[key] == wanted]
    (value,) = metrics["value"]
    return float(value)


@pytest.mark.parametrize(
    ("unit", "tonnes", "tare", "hauled"),
    [
        ("teu", 14, 6, 0),
        ("wagon", 70, 23, 0),
        ("wagon", 0, 23, 0),
        ("bulk", 70, 23, 1),
        ("tank", 60, 25, 1),
    ],
)
def test_cost_and_carbon_of_one_unit_on_one_journey_are_those_by_hand(
    run, unit, tonnes, tare, hauled
):
    metrics = measure(run(ONE_JOURNEY.format(unit=unit, tonnes=tonnes, tare=tare, hauled=hauled)))
    gross_t = tonnes + tare * (1 + hauled)
    burnt = 20 * 1000 + 28 * 100  # kg
    vessel = (
        48 * 200 + burnt * 0.5 + 48 * 3.65e6 / 10 / (365 * 24)
    )  # crew and upkeep, fuel, capital: 23,000
    train = 5 * 60 + 0.01 * gross_t * 100 + 0.003 * gross_t * 100 * 1
    assert vessel == pytest.approx(23_000)
    assert _value(metrics, "cost_usd_per_unit") == pytest.approx(
        vessel + train + 80 + 2 * 4 * 0.1, rel=1e-12
    )
    rail_co2e, lifts_co2e = 0.003 * gross_t * 100 * 3.5, 2 * 4 * 0.5
    assert _value(metrics, "co2e_kg_per_unit") == pytest.approx(
        burnt * 3 + rail_co2e + lifts_co2e, rel=1e-12
    )
    tariffs = 0.2 * 100 + 350
    assert _value(metrics, "price_usd_per_unit") == pytest.approx(
        tariffs * (1 if tonnes else 0.5) + 80, rel=1e-12
    )
    assert _value(metrics, "time_usd_per_unit") == pytest.approx(
        20 * (1 + (2 if tonnes else 0)), rel=1e-12
    )
    if tonnes:
        assert _value(metrics, "cost_usd_per_t") == pytest.approx(
            (vessel + train + 80.8) / tonnes, rel=1e-12
        )
        waits = 21 * 200 + 21 * 100 * 0.5
        waited = _value(metrics, "cost_usd_per_t", where="line", activity="wait_cargo")
        assert waited == pytest.approx(waits / tonnes, rel=1e-12)
        assert _value(metrics, "co2e_kg_per_t", flow=None) == _value(metrics, "co2e_kg_per_t")
    else:
        assert isnan(_value(metrics, "cost_usd_per_t"))


def test_a_truck_on_the_road_pays_by_km(run):
    text = """
    title: t
    horizon: {days: 1}
    places: {here: {}, there: {}}
    flows: {trucks: {unit: truck, origin: here, destination: there, tonnes_per_unit: 20, arrivals: {scheduled: {every: 100d}}}}
    roads: {road: {from: here, to: there, running: 2h, length_km: 100}}
    money: {price_base: 2023, discount_rate: 0.1, trucks_usd_per_km: 0.3, road_usd_per_km: {truck: 1.5}, hire_usd_per_day: {truck: 120}}
    energy: {sources: {diesel: {per: kg, co2e_kg: 3.5, usd: 0.8}}, trucks_per_km: {source: diesel, amount: 0.25}}
    """
    metrics = measure(run(text))
    assert _value(metrics, "cost_usd_per_unit", "trucks") == pytest.approx(100 * 0.3 + 25 * 0.8)
    assert _value(metrics, "co2e_kg_per_unit", "trucks") == pytest.approx(25 * 3.5)
    assert _value(metrics, "price_usd_per_unit", "trucks") == pytest.approx(150)
    assert _value(metrics, "time_usd_per_unit", "trucks") == pytest.approx(2 * 5)


SHARED = """
title: wagons and trucks on one ferry
horizon: {days: 60, warmup_days: 7, followup_days: 10}
places: {kuryk: {}, alat: {}, iran: {}}
flows:
  wagons: {unit: wagon, origin: kuryk, destination: alat, tonnes_per_unit: 70, arrivals: {poisson: {per_day: 5}}, consignment_units: {uniform: {low: 1, high: 7}}}
  trucks: {unit: truck, origin: kuryk, destination: alat, tonnes_per_unit: 20, arrivals: {poisson: {per_day: 7}}}
  back: {unit: truck, origin: alat, destination: kuryk, scope: background, tonnes_per_unit: 20, arrivals: {poisson: {per_day: 4}}}
vessels: {ferry: {capacity: {wagon: 27, truck: 21}, repair: {every: 20d, lasting: 2d}}, idler: {capacity: {truck: 9}}}
services:
  line: {from: kuryk, to: alat, vessel: ferry, vessels: 3, crossing: {gamma: {mean: 20h, cv: 0.3}}, handling: 7h, departure: {kuryk: {full: 0.8, longest_wait: 48h}, alat: at_once}}
  nothing: {from: kuryk, to: iran, vessel: idler, vessels: 1, crossing: 30h, handling: 5h, departure: at_once}
money: {price_base: 2023, discount_rate: 0.08, vessels: {ferry: {running_usd_per_day: 5000, capital_musd: 10}, idler: {running_usd_per_day: 1000}}}
energy: {sources: {gasoil: {per: kg, co2e_kg: 3.2, usd: 0.7}}, vessels: {ferry: {source: gasoil, sailing_per_day: 13000, berth_per_day: 1500, waiting_per_day: 1500}, idler: {source: gasoil, sailing_per_day: 0}}}
"""


def test_totals_are_the_sum_over_the_log(run):
    log = run(SHARED)
    metrics = measure(log)
    days = 53
    rows = log["vehicle_log"].merge(log["vehicles"][["vehicle", "vessel_class"]], on="vehicle")
    end_s = (
        rows["end_s"].where(rows["end_s"] >= 0, log.facts.end_s).clip(upper=log.facts.window_end_s)
    )
    rows["day"] = (end_s - rows["start_s"].clip(lower=log.facts.warmup_s)).clip(lower=0) / 86400
    ferry = rows[rows["vessel_class"] == 0]
    moored = [
        Activity[name]
        for name in ("WAIT_WEATHER", "WAIT_BERTH", "HANDLE", "WAIT_CARGO", "LOAD", "WAIT_ROOM")
    ]
    kg = 13000 * ferry.loc[ferry["activity"] == Activity.SAIL, "day"].sum()
    kg += 1500 * ferry.loc[ferry["activity"].isin(moored), "day"].sum()
    assert _value(metrics, "co2e_kg_per_year", flow=None) == pytest.approx(
        3.2 * kg * 365 / days, rel=1e-9
    )
    capital = 3 * days * 10e6 * 0.08 / (1 - 1.08**-25) / 365
    cost = 3 * days * 5000 + days * 1000 + 0.7 * kg + capital
    assert _value(metrics, "cost_usd_per_year", flow=None) == pytest.approx(
        cost * 365 / days, rel=1e-9
    )
    by_flow = [_value(metrics, "cost_usd_per_year", flow) for flow in ("wagons", "trucks", "back")]
    nobody = _value(metrics, "cost_usd_per_year", flow=None, activity="unattributed")
    assert nobody == pytest.approx(1000 * 365)
    assert sum(by_flow) + nobody == pytest.approx(
        _value(metrics, "cost_usd_per_year", flow=None), rel=1e-12
    )
    for name in ("cost_usd_per_t", "co2e_kg_per_t"):
        for flow in ("wagons", None):
            mine = metrics[
                (metrics["name"] == name)
                & (metrics["flow"].isna() if flow is None else metrics["flow"] == flow)
            ]
            parts = mine.loc[mine["activity"].notna(), "value"].sum()
            assert parts == pytest.approx(_value(metrics, name, flow), rel=1e-12)


def test_units_of_one_trip_share_it_by_the_room_they_take(make_log):
    # 27 wagons or 21 trucks fill the deck, so a truck takes 9 for a wagon's 7.
    whole, group = np.array([10, 10, 10, 7, 7]), np.array([0, 0, 0, 1, 1])
    parts = books.split(whole, group, np.array([1, 1, 1, 3, 1]))
    assert parts.tolist() == [3, 3, 4, 5, 2]
    random = np.random.default_rng(1)
    group = np.repeat(np.arange(500), random.integers(1, 6, 500))
    whole = random.integers(0, 10**13, 500)[group]
    weight = random.integers(1, 10**6, len(group))
    parts = books.split(whole, group, weight)
    assert np.array_equal(
        np.bincount(group, parts).astype(np.int64),
        whole[np.flatnonzero(np.diff(group, prepend=-1))],
    )
    exact = whole * (weight / np.bincount(group, weight)[group])
    assert np.abs(parts - exact).max() <= 1.01


def _faulty(log, table, **columns):
    from dataclasses import replace

    return replace(log, tables={**log.tables, table: log.tables[table].with_(**columns)})


def test_books_that_do_not_balance_stop_the_run(run, monkeypatch):
    log = run(SHARED)
    assert books.keep_books(log, log.charges).residual == 0

    def careless(whole, group, weight):
        return whole * weight // np.bincount(group, weight).astype(np.int64)[group]

    with monkeypatch.context() as patched:
        patched.setattr(books, "split", careless)
        with pytest.raises(InvariantError, match="books of cost and carbon differ"):
            measure(log)
    with monkeypatch.context() as patched:
        patched.setattr(books, "_share_idle", lambda _attributed, _idle_us: None)
        with pytest.raises(InvariantError):
            measure(log)
    for table, column in (("aboard", "units"), ("duties", "start_s"), ("consignments", "born_s")):
        changed = log.tables[table][column].copy()
        changed[len(changed) // 2] += 1_000_000 if column.endswith("_s") else 1
        with pytest.raises(InvariantError) as error:
            measure(_faulty(log, table, **{column: changed}))
        assert error.value.exit_code == 3


def test_time_has_no_cost_a_unit_where_cargo_is_left_behind(run):
    more = SHARED.replace("per_day: 7", "per_day: 60").replace(
        "price_base: 2023", "price_base: 2023, hire_usd_per_day: {truck: 100}"
    )
    metrics = measure(run(more))
    assert isnan(_value(metrics, "time_usd_per_unit", "trucks"))
    assert _value(metrics, "time_usd_per_year", "trucks") > 0
    assert _value(metrics, "cost_usd_per_unit", "trucks") > 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            "vessels: {ferri: {running_usd_per_day: 1}}",
            "'ferri' is no class of vessels; did you mean 'ferry'?",
        ),
        ("tariffs_usd: {line: {wagon: {baku: 3}}}", "'baku' is no end of line"),
        (
            "tariffs_usd: {lime: {wagon: 3}}",
            "'lime' is no train, service or road; did you mean 'line'?",
        ),
        ("hire_usd_per_day: {teu: 3}", "'teu' is no kind of unit"),
        ("life_years: 0", "money.life_years"),
        ("price: 3", "money.price: "),
    ],
)
def test_money_that_is_written_wrong_is_refused(scenario, wrong, message):
    before = SHARED[: SHARED.index("money:")]
    with pytest.raises(ScenarioError) as found:
        scenario(f"{before}money: {{price_base: 2023, discount_rate: 0.08, {wrong}}}\n")
    assert message in str(found.value)
    assert len(found.value.problems) == 1


def test_energy_that_nobody_sells_is_refused(scenario):
    wrong = SHARED.replace("ferry: {source: gasoil", "ferry: {source: coal")
    with pytest.raises(ScenarioError, match="'coal' is no source of energy"):
        scenario(wrong)
    with pytest.raises(ScenarioError, match="is no file in the folder of the scenario"):
        scenario(SHARED[: SHARED.index("money:")] + "money: prices.yaml\n")


@pytest.fixture(scope="module")
def baseline():
    return build(load("baseline-2023"))


def _per_unit(network, flow, carriers):
    """Return what a unit of a shipped flow is charged with on a way, by measure, from the rates alone."""
    codes = [network.names.carrier.index(carrier) for carrier in carriers]
    of = network.names.flow.index(flow)
    found: dict[str, float] = {}
    for charge in network.charges.legs:
        if charge.flow == of and charge.carrier in codes:
            found[charge.measure] = found.get(charge.measure, 0.0) + charge.per_unit
    return found


# Kilometres under diesel in Kazakhstan, and under wires in Kazakhstan, Azerbaijan and Georgia; charges at borders [USD]
# of a TEU or a wagon.
ALTYNKOL_AKTAU = (293 + 471 + 205 + 517 + 200 + 471 + 404 + 20, 306 + 440, 0, 0, 164.5)
DOSTYK_AKTAU = (836 + 471 + 205 + 517 + 200 + 471 + 404 + 20, 0, 0, 0, 164.5)
ALMATY_AKTAU = (471 + 205 + 517 + 200 + 471 + 404 + 20, 306 + 440, 0, 0, 0)
BEINEU_AKTAU = (404 + 20, 0, 0, 0, 0)
MOINTY_KURYK = (471 + 205 + 517 + 200 + 471 + 404 + 76.9, 0, 0, 0, 0)
BEINEU_KURYK = (404 + 76.9, 0, 0, 0, 0)
ALAT_POTI_TEU, ALAT_POTI_WAGON = (0, 0, 430, 40 + 250 + 70, 107.5), (0, 0, 430, 40 + 250 + 70, 215)
RAIL = {
    "boxes-china-alat": [ALTYNKOL_AKTAU],
    "boxes-china-poti": [ALTYNKOL_AKTAU, ALAT_POTI_TEU],
    "boxes-almaty-alat": [ALMATY_AKTAU],
    "boxes-almaty-poti": [ALMATY_AKTAU, ALAT_POTI_TEU],
    "boxes-beineu-alat": [BEINEU_AKTAU],
    "boxes-beineu-poti": [BEINEU_AKTAU, ALAT_POTI_TEU],
    "boxes-alat-almaty": [ALMATY_AKTAU],
    "boxes-poti-almaty": [ALMATY_AKTAU, ALAT_POTI_TEU],
    "boxes-empty-alat-china": [ALTYNKOL_AKTAU],
    "boxes-empty-poti-china": [ALTYNKOL_AKTAU, ALAT_POTI_TEU],
    "boxes-empty-alat-almaty": [ALMATY_AKTAU],
    "boxes-empty-poti-almaty": [ALMATY_AKTAU, ALAT_POTI_TEU],
    "boxes-empty-alat-beineu": [BEINEU_AKTAU],
    "boxes-empty-poti-beineu": [BEINEU_AKTAU, ALAT_POTI_TEU],
    "wagons-trunk-alat": [MOINTY_KURYK],
    "wagons-trunk-poti": [MOINTY_KURYK, ALAT_POTI_WAGON],
    "wagons-west-alat": [BEINEU_KURYK],
    "wagons-west-poti": [BEINEU_KURYK, ALAT_POTI_WAGON],
    "wagons-alat-trunk": [MOINTY_KURYK],
    "wagons-poti-trunk": [MOINTY_KURYK, ALAT_POTI_WAGON],
    "wagons-alat-west": [BEINEU_KURYK],
    "wagons-poti-west": [BEINEU_KURYK, ALAT_POTI_WAGON],
    "wagons-empty-alat-trunk": [MOINTY_KURYK],
    "wagons-empty-poti-trunk": [MOINTY_KURYK, ALAT_POTI_WAGON],
    "wagons-empty-alat-west": [BEINEU_KURYK],
    "wagons-empty-poti-west": [BEINEU_KURYK, ALAT_POTI_WAGON],
    "turkmen-wagons-east": [],
    "turkmen-wagons-west": [],
}
"""What every flow of containers and wagons of 2023 runs over by rail."""


def _carriers(network, flow):
    """Return what carries a flow by its first way, which is the only one but for the containers from China."""
    of = network.names.flow.index(flow)
    listed = [
        network.names.carrier[charge.carrier]
        for charge in network.charges.legs
        if charge.flow == of
    ]
    return [carrier for carrier in dict.fromkeys(listed) if carrier != "china-dostyk-aktau"]


def test_the_table_by_hand_has_every_flow_of_containers_and_wagons(baseline):
    kinds = {flow.id: baseline.names.unit[flow.unit] for flow in baseline.flows}
    assert set(RAIL) == {flow for flow, unit in kinds.items() if unit in ("teu", "wagon")}


@pytest.mark.parametrize("flow", RAIL)
def test_one_unit_of_each_flow_is_charged_and_emits_what_comes_out_by_hand(baseline, flow):
    is_teu, is_empty = flow.startswith("boxes"), "empty" in flow
    diesel, kz, az, ge, borders = (sum(leg[part] for leg in RAIL[flow]) for part in range(5))
    gross_t = (0 if is_empty else 14 if is_teu else 70) + (10 if is_teu else 23)
    lifts, lift_usd = (2 * 4, 2 * 100) if is_teu else (0, 2 * 50)  # kWh and USD at both ports
    sea = 350 if is_teu else 602 if flow.startswith("turkmen") else 672
    discount = (0.5 if is_teu else 0.8125) if is_empty else 1
    tariff = (sea + (0.165 if is_teu else 2.8) * (diesel + kz + az + ge)) * discount
    found = _per_unit(baseline, flow, _carriers(baseline, flow))
    assert found["price"] == pytest.approx(tariff + borders + lift_usd, rel=1e-9)
    wires = 0.01447 * gross_t
    emitted = (
        0.00262 * gross_t * diesel * 3.53
        + wires * (kz * 0.6585 + az * 0.45 + ge * 0.168)
        + lifts * 0.6585
    )
    assert found.get("co2e", 0.0) == pytest.approx(emitted, rel=1e-9)
    energy = (
        0.00262 * gross_t * diesel * 0.7
        + wires * (kz * 0.06 + az * 0.06 + ge * 0.07)
        + lifts * 0.06
    )
    track = 0.006 * gross_t * (diesel + kz + az + ge)
    assert found["cost"] == pytest.approx(energy + track + borders + lift_usd, rel=1e-9)


def test_a_container_that_comes_by_dostyk_runs_under_diesel_all_the_way(baseline):
    box = _per_unit(baseline, "boxes-china-alat", ["china-dostyk-aktau", "feeders"])
    km = DOSTYK_AKTAU[0]
    assert box["price"] == pytest.approx(0.165 * km + 164.5 + 350 + 2 * 100)
    assert box["co2e"] == pytest.approx(24 * km * 0.00262 * 3.53 + 2 * 4 * 0.6585)


def test_a_container_to_poti_pays_what_the_world_bank_was_quoted(baseline):
    # For the way to Europe (C01L, C01H), by container place; sea beyond Poti is not in it.
    to_poti = _per_unit(
        baseline, "boxes-china-poti", ["china-altynkol-aktau", "feeders", "alat-poti"]
    )
    assert 2500 / 2 < to_poti["price"] < 3250 / 2
