"""When those that are dealt with in a way of their own, at a border or gate, never come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sim.spec.demand import tonnes_per_unit
from sim.spec.effect._uses import Uses
from sim.spec.formalities import BorderUser, GateUser, User
from sim.spec.itineraries import links_of
from sim.spec.scenario import ScenarioSpec


class _Comer(NamedTuple):
    """A vehicle with cargo of one flow."""

    carrier: str
    towards: str
    flow: str


def sharing(spec: ScenarioSpec, owner: str, place: str) -> list[str]:
    """Return the roads whose trucks use the gate of *owner* at *place* beside its own."""
    roads = spec.roads.items()
    return [road for road, way in roads if way.shared_gates.get(place) == owner]


def user_of_border(uses: Uses, border: str, user: str) -> bool:
    """Return whether no train with cargo of one flow is dealt with as *user*."""
    users = uses.spec.borders[border].users
    first = (_first(uses.spec, users, comer) for comer in _trains(uses, border))
    return user not in first


def user_of_gate(uses: Uses, road: str, place: str, user: str) -> bool:
    """Return whether no truck is dealt with as *user*."""
    users = uses.spec.roads[road].gates[place].users
    first = (_first(uses.spec, users, comer) for comer in _trucks(uses, road, place))
    return user not in first


def goes_towards(uses: Uses, border: str, end: str) -> bool:
    """Return whether a train with cargo crosses *border* to its *end*."""
    return end in (comer.towards for comer in _trains(uses, border))


def _trains(uses: Uses, border: str) -> Iterator[_Comer]:
    ends = uses.spec.borders[border].ends
    for flow, legs in uses.legs.items():
        for leg in legs:
            if leg.kind != "train" or ("borders", border) not in links_of(uses.spec, leg.carrier):
                continue
            path = list(uses.spec.trains[leg.carrier].path)
            if path[0] != leg.origin:
                path.reverse()
            # The end to which it goes is that which comes later on its way.
            yield _Comer(leg.carrier, max(ends, key=path.index), flow)


def _trucks(uses: Uses, owner: str, place: str) -> Iterator[_Comer]:
    roads = [owner, *sharing(uses.spec, owner, place)]
    for flow, legs in uses.legs.items():
        for leg in legs:
            if leg.carrier in roads and leg.destination == place:
                yield _Comer(leg.carrier, place, flow)


def _first(
    spec: ScenarioSpec, users: Mapping[str, BorderUser] | Mapping[str, GateUser], comer: _Comer
) -> str | None:
    """Return the first of *users* that *comer* is."""
    for name, user in users.items():
        if _fits(spec, user, comer) and _comes_by(user, comer):
            return name
    return None


def _fits(spec: ScenarioSpec, user: User, comer: _Comer) -> bool:
    flow = spec.flows[comer.flow]
    if user.units and flow.unit not in user.units:
        return False
    if user.flows and comer.flow not in user.flows:
        return False
    load = "loaded" if tonnes_per_unit(flow, spec.units) else "empty"
    return user.load in (None, load)


def _comes_by(user: BorderUser | GateUser, comer: _Comer) -> bool:
    if isinstance(user, GateUser):
        return not user.roads or comer.carrier in user.roads
    if user.trains and comer.carrier not in user.trains:
        return False
    return user.towards in (None, comer.towards)
