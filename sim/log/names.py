"""Names of resources and of what metrics count beside them: written and parsed here alone.

`FORMS` lists every kind of name. What stands in braces is an id of the scenario, or the number of a
block; ids hold none of the marks ``/ : > @``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from sim.errors import InvariantError

FORMS: Mapping[str, str] = {
    # Resources of the log, by `sim.log.ResourceFacts.kind`.
    "stack": "{place}/stack/{carrier}",  # cargo at a place for a train line or service
    "gate": "{carrier}:gate:{place}",  # of a road
    "path": "{section}:{place}>{towards}",  # train paths over a section, one way
    "block": "{section}/block-{number}",  # of a single track, from 1 at the section's first end
    "track": "{place}/tracks",  # of a terminal, for trains
    "holding": "{place}:holding:{section}",  # tracks for trains that come over it and wait
    "workshop": "{pool}/workshop",  # crews that mend locomotives
    "equipment": "{equipment}@{place}",  # waiting for wagons, platforms or containers
    "berth": "{place}/{group}",  # a berth group, or `ROADS`
    "pool": "{place}:pool:{pool}",  # tugs, pilots or channels of a port
    "border": "{border}",
    "section": "{section}",
    "locomotive": "{pool}",
    "line": "{carrier}",  # the sea or road of a service or road
    "embargo": "{embargo}",
    # What metrics and the preview of capacity count and is no resource of the log.
    "fleet": "{carrier}/{vessel_class}",  # vessels of one class on one service
    "way": "{carrier}:{place}>{towards}",  # one direction of a train line or service
    "departures": "{carrier}:{place}:departures",  # of a train line or service
    "calls": "{place}/{carrier}",  # of one service at a port
    "closure": "{place}/{vessel_class}",  # of a port for one class of vessels
    "refusal": "{place}:refused:{flow}",  # cargo of a flow that bans turn away at its origin
}
"""How a name of each kind is written. Kinds may share a form; a name alone is then of the first."""

ROADS = "roads"
"""Berth group of vessels that need no berth at a place; it has no limit."""
RESERVED_GROUPS = frozenset({ROADS, "tracks", "stack"})
"""What no berth group of a scenario may be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceName:
    """A name taken apart; what its kind does not have is empty.

    ``str(name)`` writes it.
    """

    kind: str
    place: str = ""
    """Where it is; of a path or way, where it begins."""
    towards: str = ""
    """Where a path or way leads to."""
    carrier: str = ""
    """Train line, service or road."""
    section: str = ""
    border: str = ""
    pool: str = ""
    """Locomotives, or tugs, pilots and channels of a port."""
    group: str = ""
    """Berths."""
    equipment: str = ""
    embargo: str = ""
    flow: str = ""
    vessel_class: str = ""
    number: str = ""

    def __str__(self) -> str:
        return FORMS[self.kind].format(**{part: getattr(self, part) for part in _PARTS})

    @property
    def ids(self) -> frozenset[str]:
        """Ids of the scenario that stand in it."""
        parts = {getattr(self, part) for part in _PARTS if part != "number"}
        return frozenset(parts - {"", ROADS})


_PARTS = tuple(field.name for field in fields(ResourceName) if field.name != "kind")
_PATTERNS = {
    kind: re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/:>@]+)", form))
    for kind, form in FORMS.items()
}


def parse(name: str, kind: str = "") -> ResourceName:
    """Return *name* taken apart.

    Parameters
    ----------
    kind
        One of `FORMS`. Without it, the first kind whose form fits: ``A/B`` is then a berth and ``A``
        a border.

    Raises
    ------
    InvariantError
        *name* has not the form of *kind*, or of any kind.
    """
    for candidate in (kind,) if kind else FORMS:
        parts = _PATTERNS[candidate].fullmatch(name)
        if parts is not None:
            return ResourceName(kind=candidate, **parts.groupdict())
    raise InvariantError(f"{name!r} has not the form of a {kind or 'resource'}")


def stack(place: str, carrier: str) -> str:
    """Return the name of the stack at *place* for train line or service *carrier*."""
    return FORMS["stack"].format(place=place, carrier=carrier)


def gate(road: str, place: str) -> str:
    """Return the name of the gate of *road* at *place*."""
    return FORMS["gate"].format(carrier=road, place=place)


def path(section: str, place: str, towards: str) -> str:
    """Return the name of the train paths over *section* from *place* to *towards*."""
    return FORMS["path"].format(section=section, place=place, towards=towards)


def block(section: str, number: int) -> str:
    """Return the name of a block of *section*; numbers begin with 1."""
    return FORMS["block"].format(section=section, number=number)


def tracks(place: str) -> str:
    """Return the name of the tracks for trains at *place*."""
    return FORMS["track"].format(place=place)


def holding(place: str, link: str) -> str:
    """Return the name of the tracks at *place* for trains that come over section or border *link*
    and wait."""
    return FORMS["holding"].format(place=place, section=link)


def workshop(pool: str) -> str:
    """Return the name of the crews that mend the locomotives of *pool*."""
    return FORMS["workshop"].format(pool=pool)


def equipment_at(equipment: str, place: str) -> str:
    """Return the name of what waits at *place* for items of *equipment*."""
    return FORMS["equipment"].format(equipment=equipment, place=place)


def pool(place: str, pool: str) -> str:
    """Return the name of the tugs, pilots or channels *pool* of the port at *place*."""
    return FORMS["pool"].format(place=place, pool=pool)


def berths(place: str, group: str) -> str:
    """Return the name of a berth group at *place*."""
    return FORMS["berth"].format(place=place, group=group)


def fleet(service: str, vessel_class: str) -> str:
    """Return the name of the vessels of *vessel_class* on *service*."""
    return FORMS["fleet"].format(carrier=service, vessel_class=vessel_class)


def way(carrier: str, place: str, towards: str) -> str:
    """Return the name of the direction of *carrier* from *place* to *towards*."""
    return FORMS["way"].format(carrier=carrier, place=place, towards=towards)


def departures(carrier: str, place: str) -> str:
    """Return the name of the departures of train line or service *carrier* from *place*."""
    return FORMS["departures"].format(carrier=carrier, place=place)


def calls(place: str, service: str) -> str:
    """Return the name of the calls of *service* at *place*."""
    return FORMS["calls"].format(place=place, carrier=service)


def refusal(place: str, flow: str) -> str:
    """Return the name of the cargo of *flow* that bans turn away at *place*, its origin."""
    return FORMS["refusal"].format(place=place, flow=flow)


def closure(place: str, vessel_class: str) -> str:
    """Return the name of the closures of *place* for *vessel_class*."""
    return FORMS["closure"].format(place=place, vessel_class=vessel_class)
