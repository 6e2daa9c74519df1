"""Errors that callers can catch: each says what happened, where, and what to do.

CorridorError
├── ScenarioError     the user's scenario: all problems of a file at once          (exit code 2)
├── UsageError        the command or call: an unknown name, an impossible option   (exit code 2)
├── InvariantError    the model broke one of its own laws                          (exit code 3)
├── MachineError      disk full, no permission, workers lost                       (exit code 4)
└── GridlockError     vehicles of the scenario wait for each other for ever        (exit code 5)

Every field goes to ``super().__init__`` by position: SimPy re-raises a failed process as
``type(e)(*e.args)``, and errors cross process borders by pickling.
"""

from __future__ import annotations

from dataclasses import dataclass


class CorridorError(Exception):
    """Base of all errors that this package raises on purpose."""

    exit_code = 2


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a scenario: where it is, and how to mend it."""

    file: str
    line: int
    column: int
    path: str
    """Dotted path of the value, ``services.kuryk.vessels``."""
    what: str
    """What is wrong, what was read, what is allowed, what was probably meant."""

    def __str__(self) -> str:
        parts = [self.file, self.path, self.what]
        if self.line:
            parts[0] = f"{self.file}:{self.line}:{self.column}"
        return ": ".join(part for part in parts if part)


class ScenarioError(CorridorError):
    """A scenario cannot be used; `problems` has everything wrong with it."""

    exit_code = 2

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in the scenario"
        return "\n".join([head, *(f"  - {problem}" for problem in self.problems)])


class UsageError(CorridorError):
    """The command or call cannot be carried out as it was given."""

    exit_code = 2


class InvariantError(CorridorError):
    """The model broke one of its own laws; a defect of the simulator, never of the scenario."""

    exit_code = 3

    def __init__(self, what: str, now_s: int = -1, entity: str = "") -> None:
        super().__init__(what, now_s, entity)

    def __str__(self) -> str:
        what, now_s, entity = self.args
        place = f"t={now_s}s {entity}: " if now_s >= 0 else ""
        return f"{place}{what}"


class MachineError(CorridorError):
    """The machine failed: disk full, no permission, workers lost."""

    exit_code = 4


class GridlockError(CorridorError):
    """Vehicles wait for each other in a circle, for ever: the scenario's rules lock each other."""

    exit_code = 5

    def __init__(self, chain: tuple[str, ...], since_s: int) -> None:
        super().__init__(chain, since_s)
        self.chain = tuple(chain)
        """Who waits for what, and who holds it."""
        self.since_s = since_s
        """When the last of them began to wait [s]."""

    def __str__(self) -> str:
        when = f"day {self.since_s / 86_400:.1f} (t={self.since_s}s)"
        head = f"gridlock since {when}, nothing of this can ever move again"
        remedy = (
            "give room, berths, tracks or equipment, or let vehicles leave with less (longest_wait)"
        )
        return f"{head}: {'; '.join(self.chain)}; {remedy}"
