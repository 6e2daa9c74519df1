"""The order of the packages: each imports only from the layers below its own.

The import contract of ``pyproject.toml`` states the same order for checking; a test holds the two
against each other.
"""

from __future__ import annotations

from itertools import chain

LAYERS: tuple[tuple[str, ...], ...] = (
    ("cli",),
    ("report",),
    ("plot", "verify"),
    ("analysis",),
    ("study",),
    ("runs",),
    ("metrics", "engine"),
    ("network",),
    ("spec",),
    ("log", "streams"),
    ("distributions",),
    ("html",),
    ("bounds",),
    ("units", "errors", "layers", "version"),
)
"""From the top to the bottom; packages of one layer do not import each other."""


def below(package: str) -> tuple[str, ...]:
    """Return the packages and modules of all layers below that of *package*, sorted."""
    (level,) = (number for number, layer in enumerate(LAYERS) if package in layer)
    return tuple(sorted(chain.from_iterable(LAYERS[level + 1 :])))
