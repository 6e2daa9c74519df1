"""A study on disk: resolved scenario, manifest, metrics and the log of the first replication.

Every file is written beside its place and moved there when it is whole, so what is there is
complete. Nothing in it depends on the time of day, the machine or the number of workers: the same
study gives the same bytes.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from sim.errors import MachineError
from sim.log import RunLog, disk
from sim.runs.part import encode
from sim.spec.dump import to_yaml
from sim.study.saved import REPLICATIONS
from sim.study.study import Comparison, Study
from sim.version import __version__

_LIBRARIES = ("simpy", "numpy", "pandas", "pyarrow", "scipy", "pydantic")


def prepare(folder: Path) -> None:
    """Make *folder* and see that it can be written, before any time is spent on results.

    Raises
    ------
    MachineError
        With the reason why it cannot.
    """
    probe = folder / ".probe"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise MachineError(
            f"the output folder {folder} cannot be written: {error.strerror}; choose another --out"
        ) from None


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a place to write to, which becomes *path* once all is written and disappears if it is
    not."""
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        raise MachineError(
            f"{path} cannot be written: {error.strerror}; what was written before is whole"
        ) from None
    finally:
        part.unlink(missing_ok=True)


def save_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write *frame* as parquet."""
    with whole(path) as part:
        frame.to_parquet(part, index=False, compression="zstd")


def save_text(text: str, path: Path) -> None:
    """Write *text* as UTF-8."""
    with whole(path) as part:
        part.write_text(text, encoding="utf-8")


def save_study(study: Study, folder: Path) -> None:
    """Write a study: ``scenario.yaml, manifest.json, metrics.parquet, summary.csv, log/*.parquet``.

    `sim.study.saved.load_study` reads it back, from ``replications/*.zip`` and the log.

    ``metrics`` (parquet and CSV) is tidy, ``replications.csv`` wide. Also ``years.csv`` where the
    window holds several years, and ``state.yaml``, which goes on from the end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_text(study.scenario.dump_yaml(), folder / "scenario.yaml")
    save_text(json.dumps(manifest(study), indent=1) + "\n", folder / "manifest.json")
    for name, content in study.scenario.tables.items():
        with whole(folder / Path(name).name) as part:
            part.write_bytes(content)
    (folder / REPLICATIONS).mkdir(exist_ok=True)
    for replication in study.replications:
        with whole(folder / REPLICATIONS / f"{replication.number}.zip") as part:
            part.write_bytes(encode(replication))
    save_frame(study.metrics, folder / "metrics.parquet")
    save_text(study.metrics.to_csv(index=False, lineterminator="\n"), folder / "metrics.csv")
    save_text(study.wide().to_csv(index=False, lineterminator="\n"), folder / "replications.csv")
    save_text(study.summary().to_csv(index=False, lineterminator="\n"), folder / "summary.csv")
    if not study.years.empty:
        save_text(study.years.to_csv(index=False, lineterminator="\n"), folder / "years.csv")
    log = study.replications[0].log if study.replications else None
    if log is not None:
        save_log(log, folder / "log")
        save_text(_state(study, log), folder / "state.yaml")


def _state(study: Study, log: RunLog) -> str:
    """Return a scenario that goes on from the end of the first replication."""
    end = pd.Timestamp(log.facts.start_date) + pd.Timedelta(seconds=log.facts.end_s)
    head = {
        "extends": "scenario",
        "title": f"{study.scenario.spec.title}, from {end:%Y-%m-%d} on",
        "horizon": {"start": f"{end:%Y-%m-%d}", "warmup_days": 0},
    }
    return to_yaml({**head, **log.state})


def save_comparison(comparison: Comparison, folder: Path) -> None:
    """Write each study into a folder of its own, and the paired differences beside them."""
    for number, study in enumerate(comparison.studies):
        save_study(study, folder / f"{number}-{study.scenario.name.replace('/', '-')}")
    table = comparison.table()
    save_frame(table, folder / "differences.parquet")
    save_text(table.to_csv(index=False, lineterminator="\n"), folder / "differences.csv")


def save_log(log: RunLog, folder: Path) -> None:
    """Write the log: ``cargo`` in schema v1, every table of the engine, and ``facts.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in disk.to_files(log):
        with whole(folder / name) as part:
            part.write_bytes(content)


def manifest(study: Study) -> dict[str, object]:
    """Return what is needed to make the same study again."""
    changes = [f"{path}={json.dumps(value)}" for path, value in study.scenario.changes]
    return {
        "scenario": study.scenario.name,
        "title": study.scenario.spec.title,
        "hash": study.scenario.hash,
        "changes": changes,
        "seed": study.seed,
        "replications": [r.number for r in study.replications],
        "events": [r.events for r in study.replications],
        "audit": "passed",
        "versions": {"middle-corridor-sim": __version__, "python": platform.python_version()}
        | {name: version(name) for name in _LIBRARIES},
    }
