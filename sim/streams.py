"""Named random streams: random numbers belong to a thing, not to the order of the program.

A stream is keyed by (seed, replication, name). Adding a stream changes no other, so two scenarios
that differ in one rule use common random numbers for everything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from itertools import chain, repeat

import numpy as np

from sim.distributions import Distribution

FIRST_BLOCK = 16
"""Draws of a stream at once, at first: most streams, such as a vessel's crossings, need only few."""
BLOCK = 512
"""Draws of a stream at once, at most."""


class Streams:
    """The random streams of one replication."""

    def __init__(self, seed: int, replication: int) -> None:
        self.seed = seed
        self.replication = replication

    def generator(self, name: str) -> np.random.Generator:
        """Return a generator at the start of the stream *name*, e.g. ``"crossing/kuryk/0"``."""
        key = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence([self.seed, self.replication, key]))
        )

    def draws(self, distribution: Distribution, name: str) -> Iterator[int]:
        """Return whole numbers drawn from *distribution* without end.

        A constant takes no random numbers.
        """
        if distribution.is_constant:
            return repeat(round(distribution.mean))
        # Chained in C: a number costs half of what one from a generator does.
        return chain.from_iterable(self._blocks(distribution, name))

    def uniforms(self, name: str) -> Iterator[float]:
        """Return numbers in [0, 1) without end."""
        return chain.from_iterable(self._blocks_of_uniforms(name))

    def _blocks(self, distribution: Distribution, name: str) -> Iterator[list[int]]:
        generator = self.generator(name)
        size = FIRST_BLOCK
        while True:
            yield distribution.sample(generator, size).tolist()
            size = min(4 * size, BLOCK)

    def _blocks_of_uniforms(self, name: str) -> Iterator[list[float]]:
        generator = self.generator(name)
        while True:
            yield generator.random(BLOCK).tolist()
