"""Disruptions as a scenario file writes them: what breaks, when, and what goes on meanwhile."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.spec.fields import DurationDistribution, Id, IsoDate, PositiveCount, Spec

TARGETS = ("section", "port", "berths", "border", "locomotives", "service")
"""What can break: the keys of a disruption that name it."""


class Disruption(Spec):
    """Something is out of service, on a date or again and again at random."""

    section: Id | None = None
    """Section that no train can enter."""
    port: Id | None = None
    """Port that is closed as in a storm."""
    berths: Annotated[str, Field(max_length=130)] | None = None
    """``PORT/GROUP``: berths are lost, or, with ``rate``, worked more slowly (a crane)."""
    border: Id | None = None
    locomotives: Id | None = None
    service: Id | None = None
    """Service whose vessels lie still after their next discharge."""
    from_: IsoDate | None = Field(default=None, alias="from")
    every: DurationDistribution | None = None
    """Time from the end of one outage (or the start of the run) to the next."""
    lasting: DurationDistribution
    lost: PositiveCount | None = None
    """Berths, tracks, locomotives or vessels that are out; default: all."""
    rate: Annotated[float, Field(ge=0, lt=1)] | None = None
    """Share of the working rate that is left at the berths, in place of ``lost``."""
    inside: Literal["finish", "pause", "divert"] = "finish"
    """Work under way goes on to its end (``finish``), stands still until the outage ends (``pause``),
    or goes on while cargo that waits chooses its way anew (``divert``)."""

    @property
    def target(self) -> tuple[str, str]:
        """Return what breaks: its kind, as the key that names it, and its id."""
        named = ((kind, getattr(self, kind)) for kind in TARGETS)
        return next((kind, name) for kind, name in named if name is not None)

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(getattr(self, name) is not None for name in TARGETS) != 1:
            raise ValueError(f"give exactly one of {', '.join(TARGETS)}")
        if (self.from_ is None) == (self.every is None):
            raise ValueError("give 'from' (a date) or 'every' (at random), one of the two")
        if self.lasting.mean <= 0:
            raise ValueError("an outage that lasts no time is none; give 'lasting'")
        return self

    @model_validator(mode="after")
    def _takes_out_what_there_is(self) -> Self:
        if self.rate is not None and (self.berths is None or self.lost is not None):
            raise ValueError("'rate' is for berths, in place of 'lost'")
        if self.lost is not None and (self.section or self.port):
            raise ValueError("a section or port is out as a whole; leave 'lost' out")
        return self

    @model_validator(mode="after")
    def _can_pause(self) -> Self:
        if self.inside != "pause":
            return self
        if self.locomotives or self.service:
            raise ValueError(
                "'pause' is for places; locomotives and vessels that are out finish what they are at"
            )
        if self.lost is not None or self.rate is not None:
            raise ValueError(
                "'pause' stops everything there; leave 'lost' and 'rate' out, or let what is inside finish"
            )
        return self
