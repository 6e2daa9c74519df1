"""A study on disk: scenario, manifest, metrics, replications and a log, written and read back.

A study takes its place as a whole (`sim.study.sealed`); single files that are asked for elsewhere
are written beside their place and moved there when they are whole. Nothing in it depends on the
time of day, the machine or the number of workers: the same study gives the same bytes.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from importlib.metadata import version
from math import inf
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import pandas as pd
from pydantic import BaseModel, Field

from sim.bounds import DAMAGED, read_whole
from sim.errors import MachineError, UsageError
from sim.log import RunLog, disk
from sim.runs.part import decode, encode
from sim.spec.dump import to_yaml
from sim.spec.load import Scenario, load
from sim.spec.messages import harmless
from sim.study.comparison import Comparison
from sim.study.contents import CONTENTS, STUDY, incomplete_file, replacing
from sim.study.csv_text import csv_text
from sim.study.sealed import SealedFolder, adding, root_of, seal, verified
from sim.study.study import Study
from sim.version import __version__

FORMAT = 3
"""Version of the files of a study; 1 is that of version 0.1, 2 had no list of contents."""
_LIBRARIES = ("simpy", "numpy", "pandas", "pyarrow", "scipy", "pydantic")
_MANIFEST = "manifest.json"
_SCENARIO = "scenario.yaml"
_REPLICATIONS = "replications"
"""Folder of the finished replications, one part each."""
_LOG = "log"
_INPUTS = "inputs"
"""Folder of the tables that the scenario names."""
_MOST_TEXT = 20_000_000
"""Bytes of a manifest, or of the file that says why a study is incomplete."""
_GIVE = "give a folder that --out of run, compare or validate wrote"
_WRITE_AGAIN = "write it again into a new --out"


class _About(BaseModel):
    """What is read of a manifest."""

    scenario: str
    title: str
    hash: str
    changes: list[str]
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    replications: Annotated[list[Annotated[int, Field(ge=0)]], Field(max_length=100_000)]
    precision_missed: float | None
    versions: dict[str, str]


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a place to write to, which becomes *path* when all is written and is removed if not.

    In a folder of results the file is listed, and goes with what it was made of. A link is neither
    followed nor replaced.
    """
    if path.is_symlink():
        raise MachineError(f"{path} is a link; name the file it leads to, or remove the link")
    root = root_of(path)
    try:
        with adding(path, root) if root else replacing(path) as part:
            yield part
    except OSError as error:
        raise MachineError(
            f"{path} cannot be written: {error.strerror}; what was written before is whole"
        ) from None


def save_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write *frame* as parquet."""
    with whole(path) as part:
        frame.to_parquet(part, index=False, compression="zstd")


def save_table(frame: pd.DataFrame, path: Path) -> None:
    """Write *frame* as CSV."""
    save_text(csv_text(frame), path)


def save_text(text: str, path: Path) -> None:
    """Write *text* as UTF-8."""
    with whole(path) as part:
        part.write_text(text, encoding="utf-8")


def save_bytes(content: bytes, path: Path) -> None:
    """Write *content*."""
    with whole(path) as part:
        part.write_bytes(content)


def save_study(study: Study, folder: Path) -> None:
    """Write a study into *folder*, from which `load_study` reads it back, in place of the study there.

    Raises
    ------
    UsageError
        *folder* holds what no ``--out`` wrote.
    MachineError
        It cannot be written; what was there is as it was.
    """
    with saving(folder) as fresh:
        write_study(study, fresh)


def save_comparison(comparison: Comparison, folder: Path) -> None:
    """Write a comparison into *folder* likewise: a folder for each study, and the differences."""
    with saving(folder) as fresh:
        write_comparison(comparison, fresh)


@contextmanager
def saving(folder: Path, part: str = STUDY) -> Iterator[Path]:
    """Give a fresh folder, whose content takes the place of that of *folder* at the end."""
    with closing(SealedFolder(folder, part)) as sealed, sealed.writing() as fresh:
        yield fresh


def write_study(study: Study, folder: Path) -> None:
    """Write the files of a study into a fresh *folder*.

    ``scenario.yaml``, the tables that it names in ``inputs/``, ``manifest.json``,
    ``replications/*.zip`` and ``log/*`` are what is read back. For other programs there are
    ``metrics`` (tidy, parquet and CSV), ``replications.csv`` (wide), ``summary.csv``, ``years.csv``
    where the window holds several years, and ``state.yaml``, a scenario that goes on from the end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    places = input_places(study.scenario.tables)
    save_text(study.scenario.dump_yaml(places), folder / _SCENARIO)
    for name, content in study.scenario.tables.items():
        file = folder / places[name]
        file.parent.mkdir(parents=True, exist_ok=True)
        save_bytes(content, file)
    save_text(json.dumps(manifest(study), indent=1) + "\n", folder / _MANIFEST)
    (folder / _REPLICATIONS).mkdir(exist_ok=True)
    for replication in study.replications:
        save_bytes(encode(replication), folder / _REPLICATIONS / f"{replication.number}.zip")
    save_frame(study.metrics, folder / "metrics.parquet")
    save_table(study.metrics, folder / "metrics.csv")
    save_table(study.wide(), folder / "replications.csv")
    save_table(study.summary(), folder / "summary.csv")
    if not study.years.empty:
        save_table(study.years, folder / "years.csv")
    log = study.replications[0].log if study.replications else None
    if log is not None:
        save_log(log, folder / _LOG)
        save_text(_state(study, log), folder / "state.yaml")


def write_comparison(comparison: Comparison, folder: Path) -> None:
    """Write each study into a folder of its own, sealed by itself, and the differences beside them."""
    for number, study in enumerate(comparison.studies):
        place = folder / f"{number}-{study.scenario.name.replace('/', '-')}"
        write_study(study, place)
        seal(place)
    table = comparison.table()
    save_frame(table, folder / "differences.parquet")
    save_table(table, folder / "differences.csv")


def input_places(names: Iterable[str]) -> dict[str, str]:
    """Return where in a study folder the table of each of these *names* lies.

    In ``inputs/`` under the name that the scenario gives it; what lies beside or above the folder
    of the scenario is numbered, so that no two share a place.
    """
    places: dict[str, str] = {}
    for name in names:
        parts = PurePosixPath(name.replace("\\", "/")).parts
        inside = [part for part in parts if part not in ("..", "/", ".") and ":" not in part]
        place = "/".join([_INPUTS, *inside])
        if len(inside) < len(parts):
            place = "/".join([_INPUTS, f"from-{len(places) + 1}", *inside])
        taken = {other.casefold() for other in places.values()}
        while place.casefold() in taken:
            place = place.replace(_INPUTS, f"{_INPUTS}/{len(places) + 1}", 1)
        places[name] = place
    return places


def save_log(log: RunLog, folder: Path) -> None:
    """Write the files of `sim.log.disk` into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in disk.to_files(log):
        save_bytes(content, folder / name)


def manifest(study: Study) -> dict[str, object]:
    """Return what is needed to make the same study again."""
    changes = [f"{path}={json.dumps(value)}" for path, value in study.scenario.changes]
    return {
        "format": FORMAT,
        "scenario": study.scenario.name,
        "title": study.scenario.spec.title,
        "hash": study.scenario.hash,
        "changes": changes,
        "seed": study.seed,
        "replications": [replication.number for replication in study.replications],
        "events": [replication.events for replication in study.replications],
        "precision_missed": study.precision_missed,
        "audit": "passed",
        "versions": {"middle-corridor-sim": __version__, "python": platform.python_version()}
        | {name: version(name) for name in _LIBRARIES},
    }


def load_studies(folder: Path | str) -> tuple[Study, ...]:
    """Return the study in *folder*, or those of the comparison in it, the base first.

    Raises
    ------
    UsageError
        It is no such folder, something in it is missing or damaged, or another version wrote it.
    """
    folder = Path(folder)
    return tuple(_load(place, check=False) for place in study_folders(folder))


def study_folders(folder: Path) -> tuple[Path, ...]:
    """Return *folder* if it holds a study, or the folders of the comparison in it, the base first.

    Every file is compared with the digest that the list of contents has of it.

    Raises
    ------
    UsageError
        As `load_studies`.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder; {_GIVE}")
    contents = verified(folder)
    if contents is None:
        _check_unlisted(folder)
        raise UsageError(f"{folder}: holds no study: no {CONTENTS} is in it; {_GIVE}")
    if _MANIFEST in contents:
        return (folder,)
    names = [name.partition("/")[0] for name in contents if name.count("/") == 1]
    by_number = {
        int(name.partition("-")[0]): folder / name
        for name in names
        if f"{name}/{_MANIFEST}" in contents and name.partition("-")[0].isdecimal()
    }
    if not by_number:
        raise UsageError(
            f"{folder}: holds no study: no {_MANIFEST} is in it or in its folders; {_GIVE}"
        )
    return tuple(by_number[number] for number in sorted(by_number))


def why_incomplete(folder: Path) -> str:
    """Return why a study in *folder* is not all that was asked for; empty if it is, or is none."""
    try:
        return read_whole(folder / incomplete_file(STUDY), _MOST_TEXT).decode().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _check_unlisted(folder: Path) -> None:
    """Say of a folder without a list of contents that an earlier version wrote it, if so."""
    for file in [folder / _MANIFEST, *sorted(folder.glob(f"[0-9]*-*/{_MANIFEST}"))]:
        try:
            about = json.loads(read_whole(file, _MOST_TEXT))
            _check_format(folder, about)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
        raise UsageError(f"{folder}: {CONTENTS} is missing; {_WRITE_AGAIN}")


def load_study(folder: Path | str) -> Study:
    """Return the study that `save_study` wrote into *folder*: equal replications, and the log.

    Raises
    ------
    UsageError
        Something is missing or damaged, or another version wrote it.
    """
    return _load(Path(folder), check=True)


def _load(folder: Path, *, check: bool) -> Study:
    """Return the study in *folder*; *check* its files before."""
    if check and study_folders(folder) != (folder,):
        raise UsageError(f"{folder}: holds a comparison; name the folder of one of its studies")
    try:
        about = json.loads(read_whole(folder / _MANIFEST, _MOST_TEXT))
        _check_format(folder, about)
        _About.model_validate(about)
        log = disk.from_folder(folder / _LOG) if (folder / _LOG).is_dir() else None
        replications = [
            decode((folder / _REPLICATIONS / f"{number}.zip").read_bytes())
            for number in about["replications"]
        ]
        if [replication.number for replication in replications] != about["replications"]:
            raise ValueError("its replications have other numbers than the manifest lists")
        if len(set(about["replications"])) < len(replications):
            raise ValueError("its manifest lists a replication twice")
        if replications:
            replications[0] = replace(replications[0], log=log)
        scenario = _scenario(folder, about)
        missed = about.get("precision_missed")
        return Study(scenario, about["seed"], tuple(replications), precision_missed=missed)
    except FileNotFoundError as error:
        missing = Path(error.filename).relative_to(folder)
        raise UsageError(f"{folder}: {missing} is missing; {_WRITE_AGAIN}") from None
    except DAMAGED as error:
        why = harmless(str(error).partition("\n")[0], 200)
        raise UsageError(f"{folder} cannot be read as a study ({why}); {_WRITE_AGAIN}") from None


def _check_format(folder: Path, about: dict[str, Any]) -> None:
    """Refuse a folder in another format than this version writes."""
    if about.get("format", 1) != FORMAT:
        writer = about["versions"]["middle-corridor-sim"]
        versions = f"version {writer} wrote it, and this is version {__version__}"
        raise UsageError(f"{folder}: {versions}; {_WRITE_AGAIN}")


def _scenario(folder: Path, about: dict[str, Any]) -> Scenario:
    """Return the scenario in *folder*, which must be the one that *about*, its manifest, names."""
    scenario = replace(load(folder / _SCENARIO, memory_gb=inf), name=about["scenario"])
    if scenario.hash != about["hash"]:
        raise UsageError(
            f"{folder}: {_SCENARIO} has hash {scenario.hash}, the results are of {about['hash']}: "
            f"it was changed, or another version wrote it; {_WRITE_AGAIN}"
        )
    return scenario


def _state(study: Study, log: RunLog) -> str:
    """Return a scenario that goes on from the end of the first replication."""
    end = pd.Timestamp(log.facts.start_date) + pd.Timedelta(seconds=log.facts.end_s)
    head = {
        "extends": "scenario",
        "title": f"{study.scenario.spec.title}, from {end:%Y-%m-%d} on",
        "horizon": {"start": f"{end:%Y-%m-%d}", "warmup_days": 0},
    }
    return to_yaml({**head, **log.state})
