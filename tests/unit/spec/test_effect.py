"""What has no effect is called so where it stands, and the log does not depend on it.

Each pattern of `sim.spec.effect.TABLE` has an example: changes that lead to ``tests/data/everything.yaml``, and there
a value that must be warned of and change nothing that happens.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

import sim
from sim.engine.run import simulate
from sim.log import RunLog
from sim.network.build import build
from sim.spec.effect import TABLE
from sim.spec.load import Scenario, load
from sim.spec.shape import keys_at

EVERYTHING = Path(__file__).parents[2] / "data" / "everything.yaml"


class Example(NamedTuple):
    path: str
    value: Any
    before: dict[str, Any] = {}
    """What else is changed, in the scenario without the value, too."""


SHARES_ALONE = {"flows.metal.routing": "shares", "flows.metal.routes.ferry.share": 0.5}
STATION = {"places.siding": {}}
BRANCH = {**STATION, "sections.branch": {"from": "mine", "to": "siding", "running": "3h"}}
NOTHING_BACK = {"flows.empties": None, "flows.returns": None}
NO_TRUCKS = {
    "flows.lorries": None,
    "flows.chilled": None,
    "roads.highway.gates.kuryk.users": None,
}
NO_STORMS = {"weather.exposure": None}
NO_TUGS = {"ports.kuryk.pools.tugs.needs": 0}
DEPTHS = {"ports.kuryk.depth_m": None, "ports.alat.depth_m": None}

EXAMPLES = {
    "units.*": Example("units.pallet", {"tonnes": 1}),
    "units.*.tonnes": Example(
        "units.truck.tonnes",
        40,
        {"flows.lorries.tonnes_per_unit": 18, "flows.chilled.tonnes_per_unit": 18},
    ),
    "units.*.lane_m": Example("units.wagon.lane_m", 20),
    "places.*": Example("places.moon", {}),
    "places.*.lat": Example("places.inland.lat", 40),
    "places.*.lon": Example("places.inland.lon", 40),
    "demand.scale": Example(
        "demand.scale",
        7,
        {
            f"flows.{flow}.scope": "crude"
            for flow in ("ore", "spares", "tools", "lorries", "chilled", "empties", "returns")
        },
    ),
    "demand.scale_by_scope.*": Example(
        "demand.scale_by_scope.background", 9, {"flows.metal.scope": "titr"}
    ),
    "demand.growth_per_year": Example("demand.growth_per_year", 0.9),
    "flows.*.growth_per_year": Example("flows.ore.growth_per_year", 0.9),
    "flows.*.consignment_units": Example("flows.spares.consignment_units", 9),
    "flows.*.routes.*.share": Example("flows.metal.routes.ferry.share", 0.9),
    "flows.*.routing": Example("flows.parcels.routing", "least_time"),
    "flows.*.segregation": Example("flows.parcels.segregation", "fragile"),
    "equipment.*": Example("equipment.pallets", {"fleet": {"mine": 9}}),
    "equipment.*.fleet.*": Example("equipment.platforms.fleet.city", 9),
    "embargoes.*": Example(
        "embargoes.trucks",
        {"port": "alat", "units": ["truck"], "impose": {"units": 9}, "lift": {"units": 2}},
    ),
    "embargoes.*.units.*": Example(
        "embargoes.boxes.units", ["box", "pallet"], {"units.pallet": {}}
    ),
    "embargoes.*.worked_per_day": Example("embargoes.boxes.worked_per_day", 9),
    "disruptions.*": Example(
        "disruptions.slide", {"section": "branch", "from": "2023-01-10", "lasting": "2d"}, BRANCH
    ),
    "disruptions.*.inside": Example(
        "disruptions.closed.inside",
        "divert",
        SHARES_ALONE | {"flows.metal.routes.relief.share": 0.5},
    ),
    "locomotives.*": Example("locomotives.shunters", {"locomotives": 3}),
    "sections.*": Example("sections.branch", BRANCH["sections.branch"], STATION),
    "sections.*.running_cv": Example("sections.steppe.running_cv", 0.5),
    "sections.*.tracks": Example("sections.steppe.tracks", 2),
    "sections.*.background_trains_per_day": Example(
        "sections.valley.background_trains_per_day", 1, {"sections.valley.paths_per_day": None}
    ),
    "borders.*": Example(
        "borders.other", {"from": "mine", "to": "siding", "handover": "2h"}, STATION
    ),
    "borders.*.priority": Example("borders.gauge.priority", 3, {"borders.gauge.tracks": None}),
    "borders.*.priority.*": Example("borders.gauge.priority.frontier", 3, NOTHING_BACK),
    "borders.*.hours.*": Example(
        "borders.gauge.hours.frontier", {"open": "06:00", "close": "20:00"}, NOTHING_BACK
    ),
    "borders.*.users.*": Example(
        "borders.gauge.users.later", {"units": ["truck"], "clearance": "9h"}
    ),
    "borders.*.users.*.priority": Example(
        "borders.gauge.users.wagons.priority", 3, {"borders.gauge.tracks": None}
    ),
    "roads.*.gates.*.users.*": Example(
        "roads.highway.gates.kuryk.users.later", {"flows": ["ore"], "time": "9h"}
    ),
    "roads.*.shared_gates.*": Example(
        "roads.byway.shared_gates.town",
        "highway",
        {"roads.highway.gates.town": {"lanes": 1, "time": "1h"}},
    ),
    "trains.*": Example("trains.pickup", {"path": ["mine", "junction"], "capacity": {"box": 3}}),
    "trains.*.capacity.*": Example("trains.shuttle.capacity.truck", 9),
    "trains.*.departure.*": Example(
        "trains.block.departure.kuryk", "at_once", {"flows.empties": None}
    ),
    "roads.*": Example("roads.track", {"from": "mine", "to": "siding", "running": "2h"}, STATION),
    "roads.*.gates.*": Example("roads.highway.gates.town", {"lanes": 1, "time": "1h"}),
    "ports.*": Example("ports.siding", {"depth_m": 5}, STATION),
    "ports.*.berths.*": Example(
        "ports.alat.berths.yard",
        {"berths": 1, "vessels": ["feeder"]},
        {f"services.{service}.berths.alat": "quay" for service in ("boxes", "coast")},
    ),
    "ports.*.berths.*.vessels.*": Example(
        "ports.alat.berths.quay.vessels",
        ["feeder", "tanker"],
        {"vessels.tanker": {"capacity": {"box": 9}}},
    ),
    "ports.*.berths.*.units_per_h.*": Example("ports.alat.berths.quay.units_per_h.truck", 4),
    "ports.*.pools.*": Example("ports.alat.pools.radio", {"count": 1, "in_storm": "goes_on"}),
    "ports.*.pools.*.needs.*": Example(
        "ports.kuryk.pools.tugs.needs.tanker", 1, {"vessels.tanker": {"capacity": {"box": 9}}}
    ),
    "ports.*.pools.*.in": Example("ports.kuryk.pools.tugs.in", "9h", NO_TUGS),
    "ports.*.pools.*.out": Example("ports.kuryk.pools.tugs.out", "9h", NO_TUGS),
    "ports.*.pools.*.in_storm": Example("ports.kuryk.pools.pilots.in_storm", "goes_on", NO_STORMS),
    "ports.*.stacks.*.*": Example("ports.alat.stacks.sea.truck", 40),
    "ports.*.in_storm": Example(
        "ports.kuryk.in_storm",
        {"berthing": "goes_on", "work": "goes_on"},
        NO_STORMS | {"vessels.ferry.limits": None},
    ),
    "ports.*.depth_m": Example(
        "ports.kuryk.depth_m",
        9,
        {
            f"vessels.{vessel}.{key}": None
            for vessel in ("ferry", "small", "feeder")
            for key in ("draught_m", "light_draught_m")
        },
    ),
    "ports.*.train_tracks": Example(
        "ports.siding.train_tracks",
        1,
        {
            **STATION,
            "ports.siding": {"depth_m": 9},
            "services.hop": {
                "from": "alat",
                "to": "siding",
                "vessels": {"small": 1},
                "crossing": "9h",
            },
        },
    ),
    "sea_level": Example("sea_level", {"datum_m": -28, "level_m": {"2023-01-01": -40}}, DEPTHS),
    "vessels.*": Example("vessels.tanker", {"capacity": {"box": 9}}),
    "vessels.*.capacity.*": Example("vessels.feeder.capacity.truck", 4),
    "vessels.*.lane_m": Example("vessels.feeder.lane_m", 90),
    "vessels.*.carries.*": Example("vessels.ferry.carries", ["truck", "box"]),
    "vessels.*.speed_kn": Example(
        "vessels.feeder.speed_kn",
        20,
        {f"services.{service}.crossing": "20h" for service in ("boxes", "coast")},
    ),
    "vessels.*.handling": Example(
        "vessels.small.handling",
        "30h",
        {f"services.{service}.handling": "9h" for service in ("line", "relief")},
    ),
    "vessels.*.draught_m": Example("vessels.ferry.draught_m", 9, DEPTHS),
    "vessels.*.light_draught_m": Example("vessels.ferry.light_draught_m", 2, DEPTHS),
    "vessels.*.limits": Example("vessels.ferry.limits.wave_m", 1, {"weather.series": None}),
    "vessels.*.segregates": Example(
        "vessels.feeder.segregates",
        True,
        {"flows.spares.segregation": None, "flows.tools.segregation": None},
    ),
    "services.*.sailing": Example(
        "services.relief.sailing",
        {"window": {"forecast": "16h"}},
        {"weather": None, "disruptions.closed": None},
    ),
    "reassignments.*": Example(
        "reassignments.boxes",
        {"vessel": "small", "from": "relief", "to": "freight", "when": 0.1},
        {
            "services.freight": {
                "from": "kuryk",
                "to": "alat",
                "vessels": {"small": 0},
                "crossing": "9h",
            }
        },
    ),
    "weather.closed_share": Example("weather.closed_share", [0.4] * 12, NO_STORMS),
    "weather.spell": Example("weather.spell", "60h", NO_STORMS),
    "weather.exposure": Example("weather.exposure.kuryk", 2, {"weather.closed_share": None}),
    "weather.exposure.*": Example("weather.exposure.inland", 1),
    "weather.series.*": Example(
        "weather.series.basin.ports", ["alat"], {"vessels.ferry.limits": None}
    ),
    "weather.series.*.ports.*": Example("weather.series.basin.ports", ["kuryk", "alat", "inland"]),
    "money.vessels.*": Example(
        "money.vessels.tanker",
        {"running_usd_per_day": 9},
        {"vessels.tanker": {"capacity": {"box": 9}}},
    ),
    "money.trucks_usd_per_km": Example("money.trucks_usd_per_km", 9, NO_TRUCKS),
    "money.hire_usd_per_day.*": Example("money.hire_usd_per_day.pallet", 9, {"units.pallet": {}}),
    "money.rail_usd_per_km.*": Example("money.rail_usd_per_km.pallet", 9, {"units.pallet": {}}),
    "money.road_usd_per_km.*": Example("money.road_usd_per_km.pallet", 9, {"units.pallet": {}}),
    "money.empty_share.*": Example("money.empty_share.pallet", 0.5, {"units.pallet": {}}),
    "money.time_usd_per_day.*": Example("money.time_usd_per_day.pallet", 9, {"units.pallet": {}}),
    "money.handling_usd.*": Example("money.handling_usd.mine", {"box": 9}),
    "money.handling_usd.*.*": Example("money.handling_usd.kuryk.pallet", 9, {"units.pallet": {}}),
    "money.borders_usd.*": Example(
        "money.borders_usd.other",
        {"box": 9},
        {**STATION, "borders.other": {"from": "mine", "to": "siding", "handover": "2h"}},
    ),
    "money.borders_usd.*.*": Example("money.borders_usd.gauge.pallet", 9, {"units.pallet": {}}),
    "money.tariffs_usd.*": Example(
        "money.tariffs_usd.pickup",
        {"box": 9},
        {"trains.pickup": {"path": ["mine", "junction"], "capacity": {"box": 3}}},
    ),
    "money.tariffs_usd.*.*": Example("money.tariffs_usd.line.box", 9),
    "energy.sources.*": Example("energy.sources.gas", {"per": "kg", "co2e_kg": 2, "usd": 1}),
    "energy.traction.*": Example(
        "energy.traction.steam", {"source": "diesel", "per_gross_t_km": 1}
    ),
    "energy.sections.*": Example("energy.sections.branch", "diesel", BRANCH),
    "energy.vessels.*": Example(
        "energy.vessels.tanker",
        {"source": "diesel", "sailing_per_day": 9},
        {"vessels.tanker": {"capacity": {"box": 9}}},
    ),
    "energy.trucks_per_km": Example(
        "energy.trucks_per_km", {"source": "diesel", "amount": 1}, NO_TRUCKS
    ),
    "energy.tare_t.*": Example("energy.tare_t.pallet", 9, {"units.pallet": {}}),
    "energy.hauled_empty.*": Example("energy.hauled_empty.pallet", 1, {"units.pallet": {}}),
    "energy.handling.*": Example(
        "energy.handling.pallet", {"source": "diesel", "amount": 1}, {"units.pallet": {}}
    ),
}


@cache
def everything() -> Scenario:
    return load(EVERYTHING)


def run(scenario: Scenario) -> RunLog:
    return simulate(build(scenario), seed=1)


def unused(scenario: Scenario) -> list[str]:
    return [
        warning.path for warning in scenario.warnings if warning.what.startswith("has no effect")
    ]


def happened(log: RunLog, table: str) -> pd.DataFrame:
    """Return the rows of a *table*; how finely a deck is divided and what is written first are no events."""
    rows = log.labelled(log[table]).astype(str)
    columns = [column for column in rows.columns if not column.startswith("deck_")]
    return rows[columns].sort_values(columns, ignore_index=True)


def leads_to(path: str, found: str) -> bool:
    """Return whether what is *found* holds the value at *path*, or lies within it."""
    return f"{path}.".startswith(f"{found}.") or found.startswith(f"{path}.")


def test_every_pattern_leads_to_a_key_and_has_an_example():
    assert set(EXAMPLES) == set(TABLE)
    for pattern in TABLE:
        *above, key = pattern.split(".")
        keys = keys_at(tuple(above))
        assert key == "*" or key in keys, pattern


@pytest.mark.parametrize("pattern", EXAMPLES)
def test_what_is_called_without_effect_has_none(pattern):
    path, value, before = EXAMPLES[pattern]
    without = everything().with_(before)
    with_it = without.with_({path: value})
    assert any(leads_to(path, found) for found in unused(with_it)), with_it.warnings
    first, second = run(without), run(with_it)
    for table in ("stays", "trips", "vehicle_log", "deliveries"):
        assert happened(first, table).equals(happened(second, table)), table
    if pattern.startswith(("money", "energy")):
        assert (
            sim.simulate(without, seed=1).metrics().equals(sim.simulate(with_it, seed=1).metrics())
        )
