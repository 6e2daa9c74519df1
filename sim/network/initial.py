"""Where cargo, trains and vessels stand at second 0, in codes."""

from __future__ import annotations

from collections.abc import Mapping

from sim.log import NONE
from sim.network.codes import Codes
from sim.network.embargo import meter_names
from sim.network.parts import (
    BanStatePlan,
    InitialPlan,
    InitialTrainPlan,
    InitialVesselPlan,
    StockPlan,
)
from sim.spec.initial import InitialTrain, InitialVessel


def initial(codes: Codes) -> InitialPlan:
    """Return where things stand at second 0."""
    start = codes.spec.initial
    return InitialPlan(
        stocks=tuple(
            StockPlan(
                codes.flows[stock.flow],
                stock.units,
                codes.places[stock.at],
                stock.equipped,
                stock.released,
                stock.ready_in,
            )
            for stock in start.stocks
        ),
        trains=tuple(_train(codes, train) for train in start.trains),
        vessels=tuple(_vessel(codes, vessel) for vessel in start.vessels),
        bans={
            number: _ban(codes, name)
            for number, name in enumerate(codes.spec.embargoes)
            if name in start.embargoes
        },
    )


def _ban(codes: Codes, name: str) -> BanStatePlan:
    """Return how the loading ban *name* stands at second 0."""
    state, trains = codes.spec.initial.embargoes[name], codes.spec.initial.trains
    meters = meter_names(codes.spec.embargoes[name])
    worked = sorted(((left.ago, left.units) for left in state.worked), reverse=True)
    return BanStatePlan(
        stage=NONE if state.stage is None else state.stage,
        opens_in_s=tuple(state.opens_in.get(meter, 0) for meter in meters),
        known_for_s=state.known_for,
        worked=tuple(worked),
        passed_trains=frozenset(n for n, train in enumerate(trains) if train.released),
    )


def _train(codes: Codes, train: InitialTrain) -> InitialTrainPlan:
    path = codes.spec.trains[train.train].path
    direction = 0
    if train.towards != path[-1]:
        direction, path = 1, path[::-1]
    return InitialTrainPlan(
        carrier=codes.carriers[train.train],
        direction=direction,
        ahead=path.index(train.next),
        arrives_in_s=train.arrives_in,
        cargo=_cargo(codes, train.cargo),
    )


def _vessel(codes: Codes, vessel: InitialVessel) -> InitialVesselPlan:
    return InitialVesselPlan(
        home=codes.carriers[vessel.home or vessel.service],
        vessel_class=codes.classes[vessel.vessel],
        carrier=codes.carriers[vessel.service],
        end=codes.end_names[vessel.service].index(vessel.towards),
        arrives_in_s=vessel.arrives_in,
        cargo=_cargo(codes, vessel.cargo),
    )


def _cargo(codes: Codes, aboard: Mapping[str, int]) -> tuple[tuple[int, int], ...]:
    return tuple((codes.flows[flow], units) for flow, units in aboard.items())
