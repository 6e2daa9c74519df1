"""Who gets the deck of a vessel, where more waits than it can take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from sim.spec.fields import AsTuple, Duration, Id, Share, Spec

ORDERS = ("priority", "oldest_first", "highest_revenue")
ALL_CLASSES = "all"
"""Key of a rule that holds for every class of a service."""


class Loading(Spec):
    """Which of the cargo that waits goes on deck first, and how much of the deck each kind may fill.

    ``priority``: by the priority of the flow, then by arrival. ``oldest_first``: by arrival alone.
    ``highest_revenue``: by the tariff for the room that a unit takes, then by priority and arrival.
    ``{quota: {wagon: 0.6, truck: 0.4}}``: each kind has its part of the deck; within it goes the
    order, by priority if no other is given.
    """

    order: Literal["priority", "oldest_first", "highest_revenue"] = "priority"
    quota: Mapping[Id, Share] | None = None
    """Part of the deck by kind of unit. Kinds that are not named share what the parts leave. The part
    of a kind that a class cannot carry goes to the other kinds, in proportion."""
    borrowing: bool = True
    """Whether others may fill the room that a kind leaves free when the vessel loads. Without it, a
    vessel is full once every part is."""

    @model_validator(mode="after")
    def _parts_make_a_deck(self) -> Self:
        if self.quota is None:
            if "borrowing" in self.model_fields_set:
                raise ValueError("'borrowing' belongs to a 'quota'; give one, or leave it out")
            return self
        total = sum(self.quota.values())
        if not self.quota or total > 1 + 1e-9:
            raise ValueError(f"the parts of a deck must add up to at most 1; got {total:g}")
        return self

    @property
    def is_strict(self) -> bool:
        """Whether each kind of unit keeps to its part of the deck."""
        return self.quota is not None and not self.borrowing


def _loading(raw: object) -> object:
    if isinstance(raw, str):
        if raw not in ORDERS:
            raise ValueError(
                f"{raw!r} is no rule for loading; allowed: {', '.join(ORDERS)}, "
                "{quota: {wagon: 0.6, truck: 0.4}, borrowing: false}"
            )
        return {"order": raw}
    return raw


_KEYS = frozenset(Loading.model_fields)


def _per_class(raw: object) -> object:
    """Return *raw* by vessel class: one rule holds for all."""
    is_by_class = isinstance(raw, Mapping) and not set(raw) & _KEYS
    return raw if is_by_class else {ALL_CLASSES: raw}


LoadingByClass = Annotated[
    Mapping[Id, Annotated[Loading, BeforeValidator(_loading)]], BeforeValidator(_per_class)
]
"""A rule for each vessel class, or one for ``all``."""

T = TypeVar("T")


def of_class(by_class: Mapping[str, T], vessel: str, default: T) -> T:
    """Return the value that holds for a class: its own, that of all classes, or else *default*."""
    return by_class.get(vessel, by_class.get(ALL_CLASSES, default))


class Preference(Spec):
    """Classes that a kind of unit goes with, where it can."""

    classes: Annotated[tuple[Id, ...], AsTuple, Field(min_length=1)]
    """Vessel classes of the service."""
    within: Duration
    """While one of them lies at the port or is due there within this time, as many units as fill it
    are kept for it. Other classes take further ones, and only in the room that all else leaves."""
