"""Disruptions of a scenario as plans in codes: what is out, when, and what goes on inside."""

from __future__ import annotations

from sim.log import NONE
from sim.network.codes import Codes
from sim.network.parts import OutagePlan
from sim.spec.outages import Disruption
from sim.units import DAY, Seconds


def outage(codes: Codes, name: str) -> OutagePlan:
    """Return what a disruption puts out of service, and when."""
    disruption = codes.spec.disruptions[name]
    kind, target = disruption.target
    return OutagePlan(
        id=name,
        kind=kind,
        code=_code(codes, kind, target),
        from_s=_from_s(codes, disruption),
        every=disruption.every,
        lasting=disruption.lasting,
        lost=_lost(disruption),
        rate=_rate(disruption),
        diverts=disruption.inside == "divert",
    )


def _code(codes: Codes, kind: str, name: str) -> int:
    """Return what is out as a code: a place, a carrier or a resource."""
    if kind == "port":
        return codes.places[name]
    if kind == "service":
        return codes.carriers[name]
    code = codes.resources.find(name)
    # What nothing uses has no code, and its outage changes nothing.
    return NONE if code is None else code


def _from_s(codes: Codes, disruption: Disruption) -> Seconds:
    """Return when a dated outage begins, or `NONE` for one at random."""
    if disruption.from_ is None:
        return NONE
    return (disruption.from_ - codes.spec.horizon.start).days * DAY


def _lost(disruption: Disruption) -> int:
    """Return how many servers are out, or `NONE` for all; where work only slows down, none is."""
    if disruption.rate is not None:
        return 0
    return disruption.lost or NONE


def _rate(disruption: Disruption) -> float:
    """Return the pace of work under way: 1 finishes as if nothing had happened, 0 stands still."""
    if disruption.inside == "pause":
        return 0.0
    return 1.0 if disruption.rate is None else disruption.rate
