"""Ports, vessels, services and reassignments as a scenario file writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from sim.distributions import Distribution, fixed
from sim.spec.departure import DepartureByEnd
from sim.spec.fields import (
    NO_TIME,
    AsTuple,
    Count,
    Duration,
    DurationByEnd,
    DurationDistribution,
    Id,
    Month,
    PositiveCount,
    Priority,
    Spec,
    Text,
)
from sim.spec.loading import LoadingByClass, Preference
from sim.spec.weather import WeatherLimits
from sim.units import HOUR

EVERY_CLASS = "all"
"""Key of a number that holds for every class of vessels."""


def _for_all(raw: object) -> object:
    """Read a plain number as one for every class."""
    return {EVERY_CLASS: raw} if isinstance(raw, int) else raw


class BerthGroup(Spec):
    """Berths of one kind, worked alike."""

    berths: Count
    """Vessels that can lie and be worked at once."""
    vessels: Annotated[tuple[Id, ...], AsTuple] = ()
    """Vessel classes that may use them; none named: all."""
    units: Annotated[tuple[Id, ...], AsTuple] = ()
    """Kinds of unit that can be worked there, at a ramp without track no wagons; none named: all.
    What cannot be worked at both ends of a service goes by no vessel that lies there."""
    units_per_h: Mapping[Id, Annotated[float, Field(ge=0.001, le=1e6)]] = {}
    """Working rate of one berth by unit: lifts, tonnes of a pump, units over a ramp. Adds to
    ``handling``."""


class InStorm(Spec):
    """What goes on in a port while weather keeps it shut; no vessel sails."""

    berthing: Literal["waits", "goes_on"] = "waits"
    """Whether a vessel may come alongside."""
    work: Literal["goes_on", "pauses"] = "goes_on"
    """Whether vessels at the berth are worked; paused work goes on where it stopped."""


class Pool(Spec):
    """What vessels need beside a berth to come alongside and to leave: tugs, pilots, a radio channel.

    Pools are asked for in the order in which they are written, with the berth held: the first is
    kept longest. Once a vessel has what it needs of all, their times pass from the last pool to the
    first, and each is given back when its own is over. Written first, pilots are so kept while tugs
    are waited for and work. A vessel that leaves gives the pools back first, then its berth.
    """

    count: PositiveCount
    """Tugs, pilots or channels."""
    needs: Annotated[Mapping[Id, Count], BeforeValidator(_for_all)] = {EVERY_CLASS: 1}
    """How many a vessel needs at once: a number for all, or by class; a class not named needs none.
    Default: 1."""
    in_: DurationDistribution | None = Field(default=None, alias="in")
    """Time of a vessel with them as it comes alongside, apart from those of other pools; none: it
    needs none then."""
    out: DurationDistribution | None = None
    """The same as it leaves its berth."""
    first: Literal["whoever_asks_first", "berthing", "leaving"] = "whoever_asks_first"
    """Who is served first among vessels of services of one ``priority``."""
    in_storm: Literal["waits", "goes_on"] = "waits"
    """Whether work with them begins while weather or an outage keeps the port shut."""

    def needed_by(self, vessel: str) -> int:
        """Return how many a vessel of a class needs."""
        return self.needs.get(EVERY_CLASS, self.needs.get(vessel, 0))


class StackLimits(Spec):
    """Room on land: units that may stand at the port, by kind. What is not named has no limit."""

    sea: Mapping[Id, PositiveCount] = {}
    """Waiting for a vessel."""
    land: Mapping[Id, PositiveCount] = {}
    """Waiting for a train or the road. Apart from ``sea``, so that the two directions cannot lock
    each other out."""

    @property
    def by_side(self) -> dict[str, Mapping[str, int]]:
        """Return the limits of both sides."""
        return {"sea": self.sea, "land": self.land}


class Port(Spec):
    """The sea terminal of a place."""

    berths: Mapping[Id, BerthGroup] = {}
    stacks: StackLimits = StackLimits()
    in_storm: InStorm = InStorm()
    pools: Mapping[Id, Pool] = {}
    """Tugs, pilots and channels by name, in the order in which vessels ask for them."""
    depth_m: Annotated[float, Field(gt=0, le=100)] | None = None
    """Water at the berths when the sea stands at the datum of ``sea_level`` [m]; none: no limit to
    draught."""
    train_tracks: PositiveCount | None = None
    """Tracks where trains are loaded and unloaded; none: no limit."""


class Repair(Spec):
    """Stays in the yard."""

    every: DurationDistribution
    """In service between two stays in the yard."""
    lasting: DurationDistribution
    months: Annotated[tuple[Month, ...], AsTuple] = ()
    """Months in which the operator sends vessels to the yard; what falls due before waits for the next of
    them. Default: any."""


class Vessel(Spec):
    """A class of vessels."""

    name: Text = ""
    capacity: Mapping[Id, PositiveCount] = {}
    """Units that fill the whole deck, by kind: alternatives, not additive; mixed loads share the
    deck."""
    lane_m: Annotated[float, Field(ge=0.1, le=20_000)] | None = None
    """Length of deck [m], for units that have a ``lane_m`` and are not named in ``capacity``."""
    carries: Annotated[tuple[Id, ...], AsTuple] = ()
    """Units that may use the lanes; none named: every unit that has a ``lane_m``."""
    speed_kn: Annotated[float, Field(ge=0.1, lt=40)] | None = None
    draught_m: Annotated[float, Field(gt=0, le=30)] | None = None
    """With a full deck."""
    light_draught_m: Annotated[float, Field(gt=0, le=30)] | None = None
    """Empty, ready to sail; between the two, draught grows in proportion to the load."""
    limits: WeatherLimits = WeatherLimits()
    segregates: bool = False
    """Whether flows of different ``segregation`` must not share a sailing."""
    handling: DurationDistribution | None = None
    """Time of the whole call at either end, where the service gives none."""
    repair: Repair | None = None

    @property
    def draughts_m(self) -> tuple[float, float] | None:
        """Return the draught empty and with a full deck [m]; None where it is not given."""
        if self.draught_m is None:
            return None
        return self.light_draught_m or self.draught_m, self.draught_m


class Window(Spec):
    """Sail only if the ports are forecast to stay open."""

    forecast: Duration
    """How far ahead the weather is known; the rest of a longer crossing is not."""
    at_sea: Literal["ride_out", "turn_back"] = "ride_out"
    """What a vessel does when a storm meets it on the first half of its way: go on, or sail back
    and wait."""

    @field_validator("forecast")
    @classmethod
    def _sees_something(cls, forecast: int) -> int:
        if forecast <= 0:
            raise ValueError("a forecast of nothing is no window; write 'sailing: departure'")
        return forecast


class Sailing(Spec):
    """When weather lets a vessel sail.

    ``departure``: the port is open when leaving. ``{window: {forecast: 48h, at_sea: turn_back}}``:
    both ports stay open for the whole crossing, as far as the forecast sees.
    """

    window: Window | None = None


def _sailing(raw: object) -> object:
    if raw == "departure":
        return {}
    if isinstance(raw, str):
        raise ValueError(
            f"{raw!r} is no sailing rule; allowed: departure, {{window: {{forecast: 48h}}}}"
        )
    return raw


class Service(Spec):
    """Vessels that shuttle between two ports."""

    from_: Id = Field(alias="from")
    to: Id
    vessel: Id | None = None
    """Class of all its vessels, with ``vessels`` a number."""
    vessels: Count | Mapping[Id, Count]
    """Number of vessels, or number of each class."""
    distance_nm: Annotated[float, Field(gt=0, le=10_000)] | None = None
    crossing: DurationDistribution | None = None
    """Sailing time berth to berth without waits; without it, distance over the speed of the
    class."""
    handling: DurationByEnd = {}
    """Time of the whole call at each end, apart from work by rate; default, that of the class."""
    departure: DepartureByEnd = {}
    """Rule per end, or one for both. Default: at once."""
    berths: Mapping[Id, Id] = {}
    """Berth group by port, where a class could use several."""
    sailing: Annotated[Sailing, BeforeValidator(_sailing)] = Sailing()
    """When weather lets a vessel sail. Default: ``departure``."""
    priority: Priority = 5
    """At berths that it shares with other services; 0 is served first."""
    loading: LoadingByClass = {}
    """Who gets the deck, for each class or one rule for all. Default: ``priority``."""
    prefers: Mapping[Id, Preference] = {}
    """By kind of unit, the classes that it goes with. Default: whichever vessel leaves first."""

    @property
    def ends(self) -> tuple[str, str]:
        """Return the two ports."""
        return self.from_, self.to

    @property
    def fleet(self) -> Mapping[str, int]:
        """Return the number of vessels of each class, however it is written."""
        if isinstance(self.vessels, int):
            return {str(self.vessel): self.vessels}
        return self.vessels


def crossing_time(service: Service, vessel: Vessel) -> Distribution:
    """Return the sailing time of *vessel* on *service* [s]: as given, or distance over speed."""
    if service.crossing is not None:
        return service.crossing
    nautical_miles, knots = service.distance_nm or 0.0, vessel.speed_kn or 1.0
    return fixed(nautical_miles / knots * HOUR)


def berth_groups(port: Port | None, service: Service, vessel: str, place: str) -> list[str]:
    """Return the berth groups of *port*, at *place*, that a class may use on *service*."""
    if port is None:
        return []
    if place in service.berths:
        return [service.berths[place]]
    groups = port.berths.items()
    return [name for name, group in groups if not group.vessels or vessel in group.vessels]


class Reassignment(Spec):
    """Vessels of one service that help out on another: while much cargo waits there, or by season.

    A vessel changes over, and back, after a discharge.
    """

    vessel: Id
    from_: Id = Field(alias="from")
    to: Id
    when: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """A vessel changes over while at least so many full decks of cargo wait for ``to``, at the end
    where more waits. Default: whatever waits, with ``months``."""
    back: Annotated[float, Field(ge=0, le=10_000)] | None = None
    """It returns once at most so many decks of cargo wait. Default: 0 with ``when``."""
    months: Annotated[tuple[Month, ...], AsTuple] = ()
    """Months in which vessels change over; they return after the last of them. Default: any."""
    most: PositiveCount = 1
    """Vessels away at once."""
    transfer: DurationDistribution = NO_TIME
    """Time to change over, either way."""

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if self.when is None and not self.months:
            raise ValueError("never acts; give 'when' (decks that wait), 'months', or both")
        if self.when is None and self.back is not None:
            raise ValueError("'back' belongs to 'when'; by season vessels return after the months")
        return self

    @property
    def back_at(self) -> float:
        """Return the decks of waiting cargo at or below which a vessel returns, where ``when`` is given."""
        return self.back or 0.0
