"""Codes of resources, given in the order in which they are first met."""

from __future__ import annotations

from sim.log import ResourceFacts


class Registry:
    """Hands out one code per resource name."""

    def __init__(self) -> None:
        self.facts: list[ResourceFacts] = []
        self._codes: dict[str, int] = {}

    def code(self, resource: str, kind: str, place: str, servers: int) -> int:
        """Return the code of *resource*, which is made known on first use."""
        if resource not in self._codes:
            self._codes[resource] = len(self.facts)
            self.facts.append(ResourceFacts(resource, kind, place, servers))
        return self._codes[resource]
