"""Studies read back from the folders that ``--out`` wrote, whole or with a word on what is
missing."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

from sim.errors import UsageError
from sim.log import RunLog, disk
from sim.runs.part import decode
from sim.spec.load import load
from sim.study.study import Study

REPLICATIONS = "replications"
"""Folder of the finished replications, one part each."""


def load_studies(folder: Path | str) -> tuple[Study, ...]:
    """Return the study in *folder*, or those of the comparison in it, the base first.

    Raises
    ------
    UsageError
        It is no such folder, something in it is missing or damaged, or another version wrote it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UsageError(
            f"{folder}: there is no such folder; give one that --out of run, compare or validate wrote"
        )
    if (folder / "manifest.json").is_file():
        return (load_study(folder),)
    parts = [
        path.parent
        for path in folder.glob("*/manifest.json")
        if path.parent.name.split("-")[0].isdigit()
    ]
    if not parts:
        what = "holds no study: no manifest.json is in it or in its folders"
        raise UsageError(
            f"{folder}: {what}; give a folder that --out of run, compare or validate wrote"
        )
    return tuple(
        load_study(part) for part in sorted(parts, key=lambda path: int(path.name.split("-")[0]))
    )


def load_study(folder: Path | str) -> Study:
    """Return the study that `save_study` wrote into *folder*: every replication, and the log where
    it was kept.

    Raises
    ------
    UsageError
        Something is missing or damaged, or another version wrote it.
    """
    folder = Path(folder)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        numbers, log = manifest["replications"], _log(folder / "log")
        replications = [
            decode((folder / REPLICATIONS / f"{number}.zip").read_bytes()) for number in numbers
        ]
        name, seed, written = manifest["scenario"], manifest["seed"], manifest["hash"]
    except FileNotFoundError as error:
        missing = Path(error.filename).relative_to(folder)
        raise UsageError(
            f"{folder}: {missing} is missing; write the study again with --out"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise UsageError(
            f"{folder} cannot be read as a study ({error}); write it again with --out"
        ) from None
    scenario = replace(load(folder / "scenario.yaml"), name=name)
    if scenario.hash != written:
        what = f"scenario.yaml has hash {scenario.hash}, the results are of {written}"
        raise UsageError(
            f"{folder}: {what}: it was changed, or another version wrote it; write it again with --out"
        )
    first = replications[0].number if replications else None
    kept = tuple(replace(r, log=log) if r.number == first else r for r in replications)
    return Study(scenario, seed, kept)


def _log(folder: Path) -> RunLog | None:
    """Return the log in *folder*; None where none was kept."""
    return disk.from_folder(folder) if folder.is_dir() else None
