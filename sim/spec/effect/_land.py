"""When what is stated of rail, borders and roads has no effect."""

from __future__ import annotations

from collections.abc import Mapping

from sim.spec.effect._idle import Idle
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
        lambda uses, road, place: not uses.comes_to(road, place),
        "no flow comes in by this road here; put the gate at the other end, or leave it out",
    ),
}
