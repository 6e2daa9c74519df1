"""Which files a scenario is made of: itself, its parent, and on to the first ancestor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from sim.bounds import irregular, read_start
from sim.errors import MachineError, Problem, ScenarioError
from sim.spec.library import scenario_folder, scenario_name, shipped, shipped_like
from sim.spec.messages import harmless, near, shown
from sim.spec.scenario import MAY_BE_FILES
from sim.spec.tables import inside
from sim.spec.yaml_tree import LARGEST_BYTES, Origin, Tree, read_tree

LONGEST_CHAIN = 20
MOST_BYTES = 3 * LARGEST_BYTES
"""Of a scenario with all that it extends and the files of its parts; those that ship have some
100,000."""


def read_chain(file: FilePath) -> list[Tree]:
    """Return the trees from the first ancestor to *file*.

    Raises
    ------
    ScenarioError
        A file is no YAML, a parent is not there or lies elsewhere, or files extend each other in a
        circle.
    """
    trees: list[Tree] = []
    files: list[FilePath] = []
    while True:
        files.append(file)
        tree = _tree(file)
        trees.append(_with_parts(tree, file))
        if sum(read.size for read in trees) > MOST_BYTES:
            what = f"with all that the scenario extends and names it is larger than {MOST_BYTES:,} bytes"
            raise ScenarioError((Problem(tree.file, 0, 0, "", f"{what}; a scenario is not"),))
        if "extends" not in tree.values:
            return trees[::-1]
        at = tree.origins["extends",]
        file = _parent(file, tree.values["extends"], at)
        if file in files or len(files) >= LONGEST_CHAIN:
            chain = " -> ".join(harmless(scenario_name(f), 60) for f in (*files, file))
            what = (
                "goes round in a circle"
                if file in files
                else f"is longer than {LONGEST_CHAIN} files"
            )
            raise _refusal(at, f"{what}: {chain}")


def _tree(file: FilePath) -> Tree:
    return read_tree(_content(file), _label(file), file.parent.absolute())


def read_part(file: FilePath) -> Mapping[str, Any]:
    """Return the plain values of a *file* that holds one part of a scenario."""
    return _tree(file).values


def _with_parts(tree: Tree, file: FilePath) -> Tree:
    """Return *tree* with the parts themselves in place of the names of the files that hold them."""
    for key, entries in MAY_BE_FILES.items():
        name = tree.values.get(key)
        if not isinstance(name, str):
            continue
        at = tree.origins[key,]
        other = inside(file.parent, name)
        if other is None or not other.is_file():
            kind = "no file" if other is None else irregular(other) or "no file"
            what = f"{shown(name)} is {kind} in the folder of the scenario; name a file, or write {entries} here"
            raise _refusal(at, what, key)
        part = _tree(other)
        origins = {(key, *path): origin for path, origin in part.origins.items()}
        tree = Tree(
            {**tree.values, key: part.values},
            {**tree.origins, **origins},
            tree.file,
            tree.size + part.size,
        )
    return tree


def _refusal(at: Origin, what: str, key: str = "extends") -> ScenarioError:
    return ScenarioError((Problem(at.file, at.line, at.column, key, what),))


def _label(file: FilePath) -> str:
    """Return how messages call *file*: shipped ones by name, others by the path that was given."""
    folder = scenario_folder()
    return (
        file.relative_to(folder).as_posix()
        if file.is_relative_to(folder)
        else harmless(str(file), 1000)
    )


def _content(file: FilePath) -> bytes:
    try:
        return read_start(file, LARGEST_BYTES + 1)
    except OSError as error:
        raise MachineError(f"{_label(file)}: cannot be read: {error.strerror}") from None


def _parent(child: FilePath, name: object, at: Origin) -> FilePath:
    """Return the file that *child* extends: a neighbour, or a shipped scenario; never a file
    elsewhere."""
    if not isinstance(name, str) or not name:
        raise _refusal(at, f"must name one scenario; got {shown(name)}")
    beside = name if name.endswith((".yaml", ".yml")) else f"{name}.yaml"
    local = inside(child.parent, beside)
    if local is None:
        raise _refusal(
            at,
            f"{shown(name)} lies outside the folder of the file; a parent is beside it or shipped",
        )
    is_there = len(name) <= 200 and local.is_file()
    # A file may carry the name of the shipped scenario that it extends.
    if name in shipped() and (not is_there or local.resolve() == child.resolve()):
        return scenario_folder() / f"{name}.yaml"
    if is_there:
        return local
    kind = irregular(local) if len(name) <= 200 else ""
    if kind:
        raise _refusal(
            at, f"{shown(name)} is {kind}, and no file; a parent is a file beside this one"
        )
    what = f"{shown(name)} is neither a file in the folder of this one nor a shipped scenario"
    raise _refusal(at, f"{what}{near(name, shipped())} ({shipped_like(name)})")
