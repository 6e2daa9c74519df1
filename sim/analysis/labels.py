"""Names of places and resources as people write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.log import names

if TYPE_CHECKING:
    from sim.spec.scenario import ScenarioSpec


def place_name(spec: ScenarioSpec, place: str) -> str:
    """Return the name of *place* as people write it; its id where it has none."""
    if place not in spec.places:
        return place
    return spec.places[place].name or place


def resource_name(spec: ScenarioSpec, where: str) -> str:
    """Return the resource *where* by the names of its places, as people would call it."""
    name = names.parse(where)
    place = place_name(spec, name.place)
    texts = {
        "stack": f"cargo at {place} for {name.carrier}",
        "path": f"track {place} to {place_name(spec, name.towards)}",
        "refusal": f"cargo of {name.flow} that bans refuse at {place}",
        "track": f"{place}, tracks",
        "gate": f"{place}, gate of {name.carrier}",
    }
    if name.kind == "berth" and name.place in spec.places:
        return f"{place}, {name.group}"
    if name.kind in texts:
        return texts[name.kind]
    return place_name(spec, where)
