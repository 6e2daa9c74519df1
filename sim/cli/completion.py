"""What the Tab key completes: commands, scenarios, paths of ``--set``, kinds of figures.

A shell asks by a variable of the environment, as click has it; `README.md` says how to switch it on.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    add_completion_class,
    shell_complete,
)

VARIABLE = "_CORRIDOR_COMPLETE"
"""What a shell sets: ``bash_source`` for the script, ``bash_complete`` for an answer."""
SCENARIOS = ("scenario", "base", "file", "scenarios")
"""Arguments that name a scenario."""
_JOINTS = (".", "=")
"""Endings after which a word goes on."""


@add_completion_class
class _Bash(BashComplete):
    """Bash that adds no blank after a word that goes on."""

    source_template = BashComplete.source_template.replace(
        "    return 0\n",
        "    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[.=] ]] && compopt -o nospace\n"
        "    return 0\n",
        1,
    )


def answer_shell(command: click.Command) -> int | None:
    """Print what a shell asks for and return the exit code; None where none asks."""
    asked = os.environ.get(VARIABLE)
    if not asked:
        return None
    return shell_complete(command, {}, "corridor", VARIABLE, asked)


def scenario_names(
    _context: click.Context, _parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    """Return the shipped scenarios that begin so; where none does, the shell lists files."""
    from sim.spec.library import shipped

    names = [name for name in shipped() if name.startswith(begun)]
    if "/" not in begun:
        names = list(dict.fromkeys(_first_folder(name) for name in names))
    return _items(names) or [CompletionItem(begun, type="file")]


def _first_folder(name: str) -> str:
    """Return a name, or the folder that it is in, so that the first list is short."""
    folder, slash, _ = name.partition("/")
    return folder + slash


def kinds(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the kinds of figures that begin so."""
    from sim.plot.kinds import KINDS

    return _items(kind for kind in KINDS if kind.startswith(begun))


def settings(
    context: click.Context, _parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    """Return how a path of ``--set`` goes on, key by key, in the scenario that was named before."""
    if "=" in begun:
        return []
    above, dot, _ = begun.rpartition(".")
    before = f"{above}{dot}"
    nexts: dict[str, None] = {}
    for path in _paths(_scenario(context)):
        if path.startswith(begun):
            key, joint, _ = path.removeprefix(before).partition(".")
            nexts[f"{before}{key}{joint or '='}"] = None
    return _items(nexts)


def _scenario(context: click.Context) -> str | Path:
    """Return the first scenario of the command line; a shipped one where none was named yet."""
    named = [context.params.get(name) for name in SCENARIOS]
    # An option that waits for its value keeps click from giving arguments their names.
    for value in (*named, *context.args):
        first = value[0] if isinstance(value, tuple) and value else value
        if isinstance(first, str):
            return Path(first) if Path(first).is_file() else first
    return "baseline-2023"


def _paths(scenario: str | Path) -> Iterator[str]:
    """Yield the paths of all plain values of *scenario*, and of sections that it may leave out."""
    from pydantic import BaseModel

    from sim.errors import CorridorError
    from sim.spec.chain import read_chain
    from sim.spec.library import find
    from sim.spec.merge import leaves
    from sim.spec.resolve import resolve
    from sim.spec.scenario import ScenarioSpec

    try:
        values = resolve(read_chain(find(scenario)), ()).values
    except CorridorError:
        return
    for path, _ in leaves(values):
        yield ".".join(path)
    for name, field in ScenarioSpec.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            yield from (f"{name}.{key}" for key in section.model_fields)


def _items(values: Iterable[str]) -> list[CompletionItem]:
    return [CompletionItem(value) for value in sorted(values)]
