"""Rules for loading of a scenario as plans of its network."""

from __future__ import annotations

from collections.abc import Mapping
from math import isclose

from sim.log import NONE
from sim.network.codes import Codes
from sim.network.fares import fare_usd
from sim.network.parts import Deck, LoadingPlan, PreferencePlan
from sim.spec.demand import tonnes_per_unit
from sim.spec.loading import Loading, of_class
from sim.spec.sea import Service

PRIORITY = Loading()
"""How a deck is given away where the scenario does not say."""


def loading_plan(codes: Codes, service: str, vessel: str, deck: Deck) -> LoadingPlan | None:
    """Return how a class of vessels on *service* loads its *deck*; None: by strict priority."""
    line = codes.spec.services[service]
    rule = of_class(line.loading, vessel, PRIORITY)
    if rule.order == "priority" and rule.quota is None:
        return None
    fares: tuple[tuple[float, ...], ...] = ()
    if rule.order == "highest_revenue":
        fares = (_fares(codes, service, line.from_), _fares(codes, service, line.to))
    part_of, shares = _parts(codes, rule.quota or {}, deck)
    return LoadingPlan(rule.order, fares, part_of, shares, rule.borrowing)


def preference_plans(codes: Codes, line: Service) -> tuple[PreferencePlan, ...]:
    """Return the classes that kinds of unit go with on a service; kinds that no flow has are left
    out."""
    return tuple(
        PreferencePlan(
            unit=codes.units[unit],
            classes=tuple(codes.classes[vessel] for vessel in preference.classes),
            within_s=preference.within,
        )
        for unit, preference in line.prefers.items()
        if unit in codes.units
    )


def queues_apart(line: Service) -> bool:
    """Return whether classes of a service that carry the same kinds of unit load by rules of their
    own, so that one does not wait behind another."""
    rules = [line.loading.get(vessel) for vessel in line.fleet]
    return bool(line.prefers) or any(rule is not None for rule in rules)


def _fares(codes: Codes, service: str, place: str) -> tuple[float, ...]:
    """Return what a unit of each flow pays from *place*, by flow code [USD]."""
    spec = codes.spec
    fares = []
    for flow in spec.flows.values():
        is_empty = not tonnes_per_unit(flow, spec.units)
        usd = 0.0
        if spec.money is not None:
            usd = fare_usd(spec.money, service, flow.unit, place, is_empty=is_empty)
        fares.append(usd)
    return tuple(fares)


def _parts(
    codes: Codes, quota: Mapping[str, float], deck: Deck
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Return the part of the deck of each unit by code, and the share of each part."""
    if not quota:
        return (), ()
    carried = {unit for unit, code in codes.units.items() if deck.per_unit[code]}
    named = {unit: share for unit, share in quota.items() if unit in carried}
    left = 1.0 - sum(share for unit, share in quota.items() if unit not in carried)
    others = 1.0 - sum(quota.values())
    numbers = {unit: number for number, unit in enumerate(named)}
    shares = [_share_of(share, left) for share in (*named.values(), others)]
    part_of = []
    for unit in codes.units:
        rest = len(named) if unit in carried else NONE
        part_of.append(numbers.get(unit, rest))
    return tuple(part_of), tuple(shares)


def _share_of(share: float, left: float) -> float:
    """Return a part of the deck as a share of what the class can carry."""
    if share <= 0 or isclose(left, 0.0, abs_tol=1e-9):
        return 0.0
    return min(share / left, 1.0)
