"""Weather and the level of the sea as a scenario file writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from sim.spec.fields import NO_TIME, AsTuple, DurationDistribution, Id, IsoDate, Spec


class WeatherSeries(Spec):
    """Wind and wave from a CSV file beside the scenario: columns ``time`` (ISO), ``wind_m_s``,
    ``wave_m``.

    A row holds until the next one; the file must cover the whole run.
    """

    file: Annotated[str, Field(min_length=1, max_length=200)]
    ports: Annotated[tuple[Id, ...], Field(min_length=1), AsTuple]


class Weather(Spec):
    """Storms over the basin: they close all ports at once, each in proportion to its exposure."""

    closed_share: Annotated[
        tuple[Annotated[float, Field(ge=0, lt=1)], ...],
        Field(min_length=12, max_length=12),
        AsTuple,
    ] = (0.0,) * 12
    """Share of time a port of exposure 1 is closed, January to December."""
    spell: DurationDistribution = NO_TIME
    """Length of one closure at a port of exposure 1."""
    exposure: Mapping[Id, Annotated[float, Field(ge=0, le=5)]] = {}
    """Closed time of each port relative to exposure 1; a port not named is never closed by
    storms."""
    series: Mapping[Id, WeatherSeries] = {}
    """Wind and wave, for vessels that have ``limits``."""


class WeatherLimits(Spec):
    """Wind and wave up to which a class of vessels sails; above, ports are closed for it."""

    wind_m_s: Annotated[float, Field(gt=0, le=100)] | None = None
    wave_m: Annotated[float, Field(gt=0, le=30)] | None = None
    """Significant wave height."""


class SeaLevel(Spec):
    """Level of the sea by date, straight lines in between, level before the first and after the
    last."""

    datum_m: float
    """Level for which the depths of ports are given [m, same zero as ``level_m``]."""
    level_m: Annotated[
        Mapping[IsoDate, Annotated[float, Field(ge=-100, le=100)]], Field(min_length=1)
    ]
    under_keel_m: Annotated[float, Field(ge=0, le=10)] = 0.0
    """Water that must stay under the keel."""
