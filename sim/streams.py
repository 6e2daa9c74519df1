"""Named random streams: luck that belongs to a thing, not to the order of the program.

A stream is keyed by (seed, replication, name). Adding a stream moves no other, so two scenarios
that differ in one rule share the luck of everything else (common random numbers).
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np

from sim.distributions import Distribution

BLOCK = 512


class Streams:
    """All luck of one replication."""

    def __init__(self, seed: int, replication: int) -> None:
        self.seed = seed
        self.replication = replication

    def generator(self, name: str) -> np.random.Generator:
        """Return a fresh generator for *name*, e.g. ``"crossing/kuryk/0"``; equal names give equal
        luck."""
        key = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence([self.seed, self.replication, key]))
        )

    def draws(self, distribution: Distribution, name: str) -> Iterator[int]:
        """Yield whole draws of *distribution* without end; a constant costs nothing."""
        if distribution.is_constant:
            value = round(distribution.mean)
            while True:
                yield value
        generator = self.generator(name)
        size = 16
        while True:
            # Small first block: many streams (a vessel's crossings) need only a few draws.
            yield from distribution.sample(generator, size).tolist()
            size = min(4 * size, BLOCK)

    def uniforms(self, name: str) -> Iterator[float]:
        """Yield numbers in [0, 1) without end."""
        generator = self.generator(name)
        while True:
            yield from generator.random(BLOCK).tolist()
