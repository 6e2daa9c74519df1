"""Borders and gates of a scenario as parts of its network: how each of their users is dealt with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sim.distributions import Distribution
from sim.log import names
from sim.network.codes import Codes
from sim.network.parts import Checks, Crossing, Gateway, UserPlan
from sim.spec.demand import tonnes_per_unit
from sim.spec.fields import at_end
from sim.spec.formalities import Border, BorderUser, Gate, GateUser, Hours, Inspection, User

# -- borders
# --------------------------------------------------------------------------------------------------


def crossing(codes: Codes, name: str, border: Border, ends: tuple[str, str]) -> Crossing:
    """Return *border* as trains from the first to the second of *ends* cross it."""
    origin, destination = ends
    tracks = border.tracks or 0
    works = _taking_time(border.works(destination))
    hours = at_end(border.hours, destination, None)
    checks = _checks(border.inspection, hours)
    return Crossing(
        id=name,
        place=codes.places[origin],
        resource=codes.resources.code(name, "border", border.from_, tracks),
        tracks=tracks,
        works=works,
        checks=checks,
        stream=name if origin == border.from_ else f"{name}/back",
        priority=at_end(border.priority, destination, None),
        users=tuple(_trains(codes, border, destination, works, checks)),
        hours_differ=_differ(_hours_of_border(border)),
        holding=codes.holding(destination, name),
        end=codes.places[destination],
    )


def _trains(
    codes: Codes,
    border: Border,
    towards: str,
    works: tuple[tuple[str, Distribution], ...],
    checks: Checks,
) -> Iterator[UserPlan]:
    """Yield the trains to *towards* that are dealt with in a way of their own."""
    for name, user in border.users.items():
        if user.towards in (None, towards):
            yield _plan(codes, name, user, works, checks)


def _hours_of_border(border: Border) -> Iterator[Hours | None]:
    """Yield the hours of each direction and of each user."""
    for end in border.ends:
        yield at_end(border.hours, end, None)
    for user in border.users.values():
        if user.hours is not None:
            yield user.hours


# -- gates
# --------------------------------------------------------------------------------------------------


def gateway(codes: Codes, road: str, place: str) -> Gateway | None:
    """Return the gate that trucks of *road* pass where they come to *place*: its own, or that of
    another road, or none."""
    owner = codes.spec.roads[road].shared_gates.get(place, road)
    gate: Gate | None = codes.spec.roads[owner].gates.get(place)
    if gate is None:
        return None
    name = names.gate(owner, place)
    works = (("gate", gate.time),)
    checks = _checks(gate.inspection, gate.hours)
    return Gateway(
        resource=codes.resources.code(name, "gate", place, gate.lanes),
        lanes=gate.lanes,
        time=gate.time,
        checks=checks,
        stream=name if owner == road else f"{name}/{road}",
        users=tuple(_plan(codes, user, spec, works, checks) for user, spec in _trucks(gate, road)),
        hours_differ=_differ(
            [gate.hours, *(user.hours or gate.hours for user in gate.users.values())]
        ),
    )


def _trucks(gate: Gate, road: str) -> Iterator[tuple[str, GateUser]]:
    """Yield the trucks of *road* that are dealt with in a way of their own."""
    for name, user in gate.users.items():
        if not user.roads or road in user.roads:
            yield name, user


# -- both
# --------------------------------------------------------------------------------------------------


def _plan(
    codes: Codes,
    name: str,
    user: BorderUser | GateUser,
    works: tuple[tuple[str, Distribution], ...],
    checks: Checks,
) -> UserPlan:
    """Return how *user* is dealt with: as all others, by *works* and *checks*, but for what it says."""
    weightless = _weightless(codes)
    flows = _flows(codes, user)
    if user.load == "loaded":
        flows -= weightless
    # A gate knows by which road a truck comes before there is any truck.
    trains = user.trains if isinstance(user, BorderUser) else ()
    own_checks = _checks(user.inspection, user.hours)
    return UserPlan(
        id=name,
        flows=flows,
        weightless=weightless if user.load == "empty" else None,
        carriers=frozenset(codes.carriers[carrier] for carrier in trains),
        own_works=_taking_time(user.works),
        kept_works=tuple((work, time) for work, time in works if work not in user.works),
        checks=Checks(
            share=checks.share if user.inspection is None else own_checks.share,
            time=checks.time if user.inspection is None else own_checks.time,
            open_s=checks.open_s if user.hours is None else own_checks.open_s,
            close_s=checks.close_s if user.hours is None else own_checks.close_s,
        ),
        priority=user.priority,
    )


def _flows(codes: Codes, user: User) -> frozenset[int]:
    """Return the flows of which cargo aboard makes a train or truck that of *user*."""
    chosen = []
    for name, flow in codes.spec.flows.items():
        if user.units and flow.unit not in user.units:
            continue
        if user.flows and name not in user.flows:
            continue
        chosen.append(codes.flows[name])
    return frozenset(chosen)


def _weightless(codes: Codes) -> frozenset[int]:
    """Return the flows of empties."""
    flows, units = codes.spec.flows, codes.spec.units
    return frozenset(
        codes.flows[name] for name, flow in flows.items() if not tonnes_per_unit(flow, units)
    )


def _taking_time(works: Mapping[str, Distribution]) -> tuple[tuple[str, Distribution], ...]:
    return tuple((work, time) for work, time in works.items() if time.mean > 0)


def _differ(hours: Iterable[Hours | None]) -> bool:
    """Return whether not all of *hours* are the same."""
    first, *others = hours
    return any(other != first for other in others)


def _checks(inspection: Inspection | None, hours: Hours | None) -> Checks:
    return Checks(
        share=inspection.share if inspection else 0.0,
        time=inspection.time if inspection else None,
        open_s=hours.open if hours else 0,
        close_s=hours.close if hours else 0,
    )
