"""When what is stated of rail, borders and roads has no effect."""

from __future__ import annotations

from collections.abc import Mapping

from sim.spec.effect._idle import Idle
from sim.spec.effect._users import goes_towards, sharing, user_of_border, user_of_gate
from sim.spec.effect._uses import Uses


def _pool(uses: Uses, pool: str) -> bool:
    sections = uses.spec.sections.items()
    return not any(
        track.locomotives == pool and ("sections", section) in uses.links
        for section, track in sections
    )


def _spread_of_speed(uses: Uses, section: str) -> bool:
    return uses.spec.sections[section].running is not None


def _other_trains(uses: Uses, section: str) -> bool:
    track = uses.spec.sections[section]
    return track.paths_per_day is None and track.loops is None


def _departure(uses: Uses, train: str, end: str) -> bool:
    is_end = end in uses.spec.trains[train].ends
    return is_end and not uses.goes_from(train, end)


def _priority_at_border(uses: Uses, border: str) -> bool:
    return uses.spec.borders[border].tracks is None


def _user_priority_at_border(uses: Uses, border: str, _user: str) -> bool:
    return _priority_at_border(uses, border)


def _direction(uses: Uses, border: str, end: str) -> bool:
    is_end = end in uses.spec.borders[border].ends
    return is_end and not goes_towards(uses, border, end)


def _shared_gate(uses: Uses, road: str, place: str) -> bool:
    return not uses.comes_to(road, place)


def _gate(uses: Uses, road: str, place: str) -> bool:
    """Return whether no truck of any road that uses a gate comes to it."""
    roads = [road, *sharing(uses.spec, road, place)]
    return not any(uses.comes_to(other, place) for other in roads)


_NONE_TOWARDS = "no train with cargo goes to this end; leave it out"

TABLE: Mapping[str, Idle] = {
    "locomotives.*": Idle(
        _pool, "hauls on no section over which a train runs; name it in 'locomotives' of one"
    ),
    "sections.*": Idle(
        lambda uses, section: ("sections", section) not in uses.links,
        "no train runs over it; put its ends on the path of one",
    ),
    "sections.*.running_cv": Idle(
        _spread_of_speed,
        "spreads the time that follows from speed, and 'running' is given; "
        "spread that, like {gamma: {mean: 14h, cv: 0.2}}",
    ),
    "sections.*.tracks": Idle(
        lambda _uses, _section: True,
        "limits no train; give 'paths_per_day', or 'loops' for single track",
    ),
    "sections.*.background_trains_per_day": Idle(
        _other_trains,
        "takes no paths from a section that has any number; give 'paths_per_day' or 'loops'",
    ),
    "borders.*": Idle(
        lambda uses, border: ("borders", border) not in uses.links,
        "no train crosses it; put its stations on the path of one",
    ),
    "borders.*.priority": Idle(
        _priority_at_border, "has no queue to order: there is no limit to tracks; give 'tracks'"
    ),
    "borders.*.priority.*": Idle(_direction, _NONE_TOWARDS),
    "borders.*.hours.*": Idle(_direction, _NONE_TOWARDS),
    "borders.*.users.*": Idle(
        user_of_border,
        "no train with cargo of one flow is dealt with so, for all go by those before it, or none fits",
    ),
    "borders.*.users.*.priority": Idle(
        _user_priority_at_border,
        "has no queue to order: there is no limit to tracks; give 'tracks'",
    ),
    "trains.*": Idle(
        lambda uses, train: train not in uses.carriers, "no flow goes by it; name it in a route"
    ),
    "trains.*.capacity.*": Idle(
        lambda uses, train, unit: not uses.goes_by(train, unit), "no flow sends such a unit by it"
    ),
    "trains.*.departure.*": Idle(
        _departure, "no cargo leaves from this end, so no train does; leave it out"
    ),
    "roads.*": Idle(
        lambda uses, road: road not in uses.carriers, "no flow goes by it; name it in a route"
    ),
    "roads.*.gates.*": Idle(
        _gate,
        "no flow comes in by this road here; put the gate at the other end, or leave it out",
    ),
    "roads.*.gates.*.users.*": Idle(
        user_of_gate, "no truck is dealt with so, for all go by those before it, or none fits"
    ),
    "roads.*.shared_gates.*": Idle(
        _shared_gate,
        "no flow comes in by this road here; name the gate at the other end, or leave it out",
    ),
}
