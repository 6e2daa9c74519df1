"""Money and energy as a scenario file writes them: running costs, prices for users, and fuel.

Each may stand in the scenario or in a file beside it. Without them cost and emissions are not
reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from sim.spec.fields import Id, Share, Spec, per_end

Usd = Annotated[float, Field(ge=0, le=1e9)]
Amount = Annotated[float, Field(ge=0, le=1e7)]
Years = Annotated[float, Field(gt=0, le=200)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]

UsdByEnd = Annotated[Mapping[Id, Usd], BeforeValidator(lambda raw: per_end(raw, frozenset()))]
"""A price for each end of a line by place, from which the cargo leaves, or one for ``both``."""


def annuity(rate: float, years: float) -> float:
    r"""Return the yearly payment for one dollar of capital: :math:`r / (1 - (1 + r)^{-n})`, 1/n
    without interest."""
    return rate / (1 - (1 + rate) ** -years) if rate else 1 / years


class VesselMoney(Spec):
    """Cost of a vessel, wherever it is; fuel is counted by energy."""

    running_usd_per_day: Usd
    """Crew, upkeep, insurance."""
    capital_musd: Annotated[float, Field(ge=0, le=10_000)] = 0.0
    """Value in millions; its annuity over ``life_years`` is the cost of having the vessel."""
    life_years: Years = 25.0


class TrainMoney(Spec):
    """Cost of a train beside the energy it uses."""

    usd_per_hour: Usd = 0.0
    """Locomotive and crew, from the end of loading to the beginning of unloading."""
    usd_per_gross_t_km: Annotated[float, Field(ge=0, le=100)] = 0.0
    """Use of the track."""


class Money(Spec):
    """Prices of one year. Cost is what it takes to run the corridor, price is what its users
    pay."""

    price_base: Annotated[int, Field(ge=1990, le=2100)]
    """Year of all prices; no inflation is counted."""
    exchange: Mapping[Currency, Annotated[float, Field(gt=0, le=1e6)]] = {}
    """Units of other currencies in a US dollar, at which figures were converted."""
    discount_rate: Annotated[float, Field(ge=0, le=1)]
    """Real, a year."""
    appraisal_years: Annotated[int, Field(ge=1, le=100)] = 25
    """From the opening of the last project on."""
    life_years: Years = 30.0
    """Of what a project builds."""
    lives: Mapping[Id, Years] = {}
    """Life by project, where it is not ``life_years``."""
    upkeep_share: Share = 0.0
    """Yearly upkeep of what a project builds, of its capital."""
    vessels: Mapping[Id, VesselMoney] = {}
    """By class."""
    trains: TrainMoney = TrainMoney()
    trucks_usd_per_km: Usd = 0.0
    """Tyres, upkeep, tolls; fuel is counted by energy."""
    hire_usd_per_day: Mapping[Id, Usd] = {}
    """Of a wagon, container or truck with driver, by kind of unit, as long as it is in the
    corridor; its user pays."""
    handling_usd: Mapping[Id, Mapping[Id, Usd]] = {}
    """Of one unit on or off a vessel, by port and kind of unit; cost and price alike."""
    borders_usd: Mapping[Id, Mapping[Id, Usd]] = {}
    """Of one unit over a border by train: change of gauge, papers; cost and price alike."""
    tariffs_usd: Mapping[Id, Mapping[Id, UsdByEnd]] = {}
    """Price of one unit by service, train or road and kind of unit."""
    rail_usd_per_km: Mapping[Id, Annotated[float, Field(ge=0, le=1000)]] = {}
    """Price of one unit on a train without a tariff of its own."""
    road_usd_per_km: Mapping[Id, Annotated[float, Field(ge=0, le=1000)]] = {}
    """Price of one unit on a road without a tariff of its own."""
    empty_share: Mapping[Id, Annotated[float, Field(ge=0, le=2)]] = {}
    """Tariff of an empty unit (of a flow without weight) as a share of that of a loaded one; default
    1."""
    time_usd_per_day: Mapping[Id, Usd] = {}
    """Value of a day to the owner of the cargo in one loaded unit, by kind of unit."""
    time_usd_per_day_of_flow: Mapping[Id, Usd] = {}
    """The same by flow, where a day is worth more or less to the owner."""


class EnergySource(Spec):
    """A fuel, or electricity from one grid."""

    per: Literal["kg", "kWh"]
    co2e_kg: Annotated[float, Field(ge=0, le=100)]
    """CO2e of one kg or kWh."""
    usd: Annotated[float, Field(ge=0, le=100)]
    """Price of one kg or kWh."""


class VesselEnergy(Spec):
    """Energy that a vessel of a class uses in a day, by what it does."""

    source: Id
    sailing_per_day: Amount
    berth_per_day: Amount = 0.0
    """Alongside, at work or waiting for cargo."""
    waiting_per_day: Amount = 0.0
    """At the roads, for a berth or for the weather."""


class Traction(Spec):
    """Energy that a train uses."""

    source: Id
    per_gross_t_km: Annotated[float, Field(ge=0, le=10)]
    waiting_per_hour: Amount = 0.0
    """Of a locomotive before its train while it waits for a path."""


class UseOfEnergy(Spec):
    """Energy that is used for one of something."""

    source: Id
    amount: Amount


class Energy(Spec):
    """Fuel and electricity that the corridor uses, and their emissions."""

    sources: Mapping[Id, EnergySource]
    tare_t: Mapping[Id, Annotated[float, Field(ge=0, le=1000)]] = {}
    """Weight of a unit without its cargo, its part of the wagon that carries it included."""
    hauled_empty: Mapping[Id, Share] = {}
    """Part of the way that the wagon of a unit is hauled back empty, where no flow of the scenario
    does that."""
    traction: Mapping[Id, Traction] = {}
    """Kinds of traction."""
    sections: Mapping[Id, Id] = {}
    """Kind of traction by section; one that is not named uses nothing."""
    vessels: Mapping[Id, VesselEnergy] = {}
    """By class."""
    trucks_per_km: UseOfEnergy | None = None
    handling: Mapping[Id, UseOfEnergy] = {}
    """Of one unit on or off a vessel, by kind of unit."""
