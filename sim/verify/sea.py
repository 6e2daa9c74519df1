"""Cases of vessels: waiting until they are full or scheduled to leave, and round trips."""

from __future__ import annotations

from sim.log import names
from sim.spec.scenario import ScenarioSpec
from sim.verify import theory
from sim.verify.case import (
    HOURS_A_YEAR,
    TIME_FAR_AWAY,
    Case,
    hours,
    offered,
    rate_per_h,
    wait,
)

WAIT_AT_QUAY = wait("wait_vessel", "wagons", names.stack("port", "line"))


def _deck(scenario: ScenarioSpec) -> int:
    """Return the wagons that fill a ferry."""
    return scenario.vessels["ferry"].capacity["wagon"]


def _vessels(scenario: ScenarioSpec) -> int:
    return sum(scenario.services["line"].fleet.values())


# -- departure rules
# --------------------------------------------------------------------------------------------------


def _full_deck(scenario: ScenarioSpec) -> float:
    return theory.full_deck_wait_h(rate_per_h(scenario, "wagons"), _deck(scenario)) / 24


def _mean_stack(scenario: ScenarioSpec) -> float:
    return _full_deck(scenario) * 24 * rate_per_h(scenario, "wagons")


def _timetable(scenario: ScenarioSpec) -> float:
    sailings = scenario.services["line"].departure["port"].timetable or ()
    headway_h = 24 / len(sailings)
    arrivals = rate_per_h(scenario, "wagons")
    return theory.timetable_wait_h(arrivals, headway_h, _deck(scenario)) / 24


def _bulk(scenario: ScenarioSpec) -> float:
    line, most = scenario.services["line"], _deck(scenario)
    least = round((line.departure["port"].full or 1.0) * most)
    away_h = hours(line.handling["far"])
    arrivals = rate_per_h(scenario, "wagons")
    return theory.bulk_wait_h(arrivals, away_h, least, most, _vessels(scenario)) / 24


DEPARTURES = (
    Case(
        id="full-deck",
        what="leave when full, ferries without limit",
        file="full-deck",
        unit="d",
        row=WAIT_AT_QUAY,
        exact=_full_deck,
        changes={"horizon.days": 3000},
        replications=10,
    ),
    Case(
        id="little",
        what="mean stack = rate x wait (Little)",
        file="full-deck",
        unit="units",
        row={"name": "stack_mean", "where": names.stack("port", "line")},
        exact=_mean_stack,
        changes={"horizon.days": 3000},
        replications=10,
    ),
    Case(
        id="timetable",
        what="a sailing every six hours, cargo left behind (embedded chain)",
        file="timetable",
        unit="d",
        row=WAIT_AT_QUAY,
        exact=_timetable,
        changes={"horizon.days": 3000},
    ),
    Case(
        id="bulk-1",
        what="one ferry, 3 to 6 wagons (bulk service, Markov chain)",
        file="bulk",
        unit="d",
        row=WAIT_AT_QUAY,
        exact=_bulk,
        changes={"horizon.days": 10_500},
        controls=(offered("wagons"), TIME_FAR_AWAY),
    ),
    Case(
        id="bulk-2",
        what="two ferries, 3 to 6 wagons (bulk service, Markov chain)",
        file="bulk",
        unit="d",
        row=WAIT_AT_QUAY,
        exact=_bulk,
        changes={
            "services.line.vessels": 2,
            "flows.wagons.arrivals.poisson.per_day": 19.2,
            "horizon.days": 5500,
        },
        controls=(offered("wagons"), TIME_FAR_AWAY),
    ),
)


# -- round trips
# --------------------------------------------------------------------------------------------------


def _round_trips(scenario: ScenarioSpec) -> float:
    """Return round trips per vessel and year of a closed fleet."""
    line = scenario.services["line"]
    handling_h = (hours(line.handling["kuryk"]), hours(line.handling["alat"]))
    per_h = theory.ferry_round_trips_per_h(_vessels(scenario), hours(line.crossing), handling_h)
    return per_h * HOURS_A_YEAR


def _closed_fleet(vessels: int) -> Case:
    ferries = "1 ferry" if vessels == 1 else f"{vessels} ferries"
    return Case(
        id=f"closed-fleet-{vessels}",
        what=f"{ferries}, one berth at each end (mean value analysis)",
        file="closed-fleet",
        unit="1/a",
        row={"name": "round_trips_per_vessel_year", "where": "line"},
        exact=_round_trips,
        changes={"services.line.vessels": vessels},
        replications=10,
    )


FLEETS = tuple(_closed_fleet(vessels) for vessels in range(1, 9))
