"""Cases of vessels: waiting until they are full or scheduled to leave, and round trips."""

from __future__ import annotations

from sim.log import names
from sim.spec.loading import Loading, of_class
from sim.spec.scenario import ScenarioSpec
from sim.verify import theory
from sim.verify.case import (
    HOURS_A_YEAR,
    TIME_FAR_AWAY,
    Case,
    Control,
    Exact,
    hours,
    offered,
    rate_per_h,
    wait,
)
from sim.verify.shores import two_shores_waits_h

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


def _both_shores(scenario: ScenarioSpec) -> tuple[float, float]:
    """Return the waits at the near and at the far end [d]."""
    line, deck = scenario.services["line"], _deck(scenario)
    condition = line.departure["port"].cargo_waits_over_there
    if condition is None:
        raise ValueError("the scenario has no condition on cargo at the other end")
    rates = rate_per_h(scenario, "boxes"), rate_per_h(scenario, "wagons")
    enough = round(condition.deck_share * deck)
    near_h, far_h = two_shores_waits_h(*rates, hours(line.crossing), deck, enough)
    return near_h / 24, far_h / 24


def _crossing_d(scenario: ScenarioSpec) -> float:
    return hours(scenario.services["line"].crossing) / 24


TIMES_AT_SEA = tuple(
    Control(wait("sail", flow, "line"), _crossing_d) for flow in ("boxes", "wagons")
)
"""The controls on how long vessels sailed with either flow."""


def _shared_deck(kind: int) -> Exact:
    """Return the theory of the wait of wagons (0) or trucks (1) by the rule of the scenario."""

    def wait_d(scenario: ScenarioSpec) -> float:
        line, deck = scenario.services["line"], _deck(scenario)
        headway_h = 24 / len(line.departure["port"].timetable or ())
        rates = rate_per_h(scenario, "wagons"), rate_per_h(scenario, "trucks")
        waits = theory.shared_deck_waits_h(rates, headway_h, deck, _sharing(scenario, deck))
        return waits[kind] / 24

    return wait_d


def _sharing(scenario: ScenarioSpec, deck: int) -> theory.SharedDeck:
    """Return how *deck* is shared, in whole units."""
    rule = of_class(scenario.services["line"].loading, "ferry", Loading())
    parts = None
    if rule.quota is not None:
        parts = round(rule.quota["wagon"] * deck), round(rule.quota["truck"] * deck)
    return theory.SharedDeck(parts, rule.borrowing, rule.order == "oldest_first")


def _on_shared_deck(name: str, what: str, flow: str, loading: object, days: int = 3000) -> Case:
    return Case(
        id=f"deck-{name}",
        what=f"{flow} on a shared deck, {what}",
        file="shared-deck",
        unit="d",
        row=wait("wait_vessel", flow, names.stack("port", "line")),
        exact=_shared_deck(("wagons", "trucks").index(flow)),
        changes={"services.line.loading": loading, "horizon.days": days},
        controls=(offered("wagons"), offered("trucks")),
    )


PARTS = {"wagon": 0.5, "truck": 0.5}

DECKS = (
    _on_shared_deck("priority", "wagons first (embedded chain)", "trucks", "priority"),
    _on_shared_deck("oldest", "oldest first (embedded chain)", "trucks", "oldest_first"),
    _on_shared_deck("quota", "a part each", "trucks", {"quota": PARTS, "borrowing": False}),
    _on_shared_deck(
        "borrowing",
        "a part each and borrowing (chain in two dimensions)",
        "trucks",
        {"quota": PARTS},
    ),
)

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
    Case(
        id="near-shore",
        what="6 boxes here or 3 wagons over there: boxes (Markov chain)",
        file="two-shores",
        unit="d",
        row=wait("wait_vessel", "boxes", names.stack("port", "line")),
        exact=lambda scenario: _both_shores(scenario)[0],
        changes={"horizon.days": 6000},
        controls=(offered("boxes"), offered("wagons"), *TIMES_AT_SEA),
    ),
    Case(
        id="far-shore",
        what="6 boxes here or 3 wagons over there: wagons (Markov chain)",
        file="two-shores",
        unit="d",
        row=wait("wait_vessel", "wagons", names.stack("far", "line")),
        exact=lambda scenario: _both_shores(scenario)[1],
        changes={"horizon.days": 6000},
        controls=(offered("boxes"), offered("wagons"), *TIMES_AT_SEA),
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
