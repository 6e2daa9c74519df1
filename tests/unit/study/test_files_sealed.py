"""Study folders: nothing of the user's is touched, and what is there is one study, old or new."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

import pytest

import sim
from sim.cli.main import run as corridor
from sim.errors import MachineError, UsageError
from sim.study.comparison import compare
from sim.study.contents import CONTENTS, ON_REQUEST
from sim.study.files import (
    input_places,
    load_studies,
    load_study,
    save_comparison,
    save_study,
    save_text,
    saving,
)
from sim.study.sealed import SealedFolder, verified

FERRY = """
title: a ferry
horizon: {days: 30, warmup_days: 2, followup_days: 0}
places: {kuryk: {}, alat: {}}
flows:
  wagons: {unit: wagon, origin: kuryk, destination: alat, arrivals: {trace: {file: data/wagons.csv}}}
vessels: {ferry: {capacity: {wagon: 20}}}
services:
  line: {from: kuryk, to: alat, vessel: ferry, vessels: 1, crossing: 9h, handling: 3h, departure: {kuryk: {full: 1}, alat: at_once}}
"""
TRACE = "time,units\n2023-01-01T00:00:00,20\n2023-01-05T00:00:00,40\n2023-01-20T00:00:00,60\n"


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """The same ferry with one, two and three vessels."""
    home = tmp_path_factory.mktemp("home")
    (home / "data").mkdir()
    (home / "data" / "wagons.csv").write_text(TRACE)
    (home / "ferry.yaml").write_text(FERRY)
    base = sim.load(home / "ferry.yaml")
    return [
        replace(
            sim.replicate(
                base.with_({"services.line.vessels": count}), replications=2, workers=1, seed=3
            ),
            precision_missed=None,
        )
        for count in (1, 2, 3)
    ]


def _bytes(folder):
    """Return every file of *folder* but its lock."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".corridor-lock"
    }


def _named(studies):
    return [
        replace(study, scenario=replace(study.scenario, name=f"ferry-{number}"))
        for number, study in enumerate(studies)
    ]


def test_the_list_has_the_digest_of_every_file(studies, tmp_path):
    save_study(studies[0], tmp_path / "out")
    files = json.loads((tmp_path / "out" / CONTENTS).read_text())["files"]
    found = _bytes(tmp_path / "out")
    del found[CONTENTS]
    assert {name: entry["sha256"] for name, entry in files.items()} == {
        name: sha256(content).hexdigest() for name, content in found.items()
    }


@pytest.mark.parametrize(
    "name", ["scenario.yaml", "metrics.csv", "log/mine.txt", "figures/mine.png", ".hidden"]
)
def test_a_folder_with_a_file_of_the_users_is_refused_before_anything_is_done(
    studies, tmp_path, name
):
    own = tmp_path / "own"
    (own / name).parent.mkdir(parents=True)
    (own / name).write_text("mine")
    with pytest.raises(UsageError, match=rf"own holds {name}, which no --out wrote.*choose a new"):
        save_study(studies[0], own)
    assert _bytes(own) == {name: b"mine"} and not (own / ".corridor-lock").exists()


def test_a_file_put_beside_a_study_or_changed_in_it_is_kept(studies, tmp_path):
    save_study(studies[0], tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    before = _bytes(tmp_path)
    with pytest.raises(UsageError, match=r"holds notes\.txt, which no --out wrote"):
        save_study(studies[1], tmp_path)
    (tmp_path / "notes.txt").unlink()
    with (tmp_path / "summary.csv").open("a") as file:
        file.write("a row of mine\n")
    with pytest.raises(UsageError, match=r"holds summary\.csv, which no --out wrote as it is"):
        save_study(studies[1], tmp_path)
    changed = before.keys() - {"notes.txt", "summary.csv"}
    assert {name: _bytes(tmp_path)[name] for name in changed} == {
        name: before[name] for name in changed
    }


def test_a_second_study_leaves_nothing_of_the_first(studies, tmp_path):
    first, second, third = _named(studies)
    save_comparison(compare(first, second, third), tmp_path / "out")
    save_text("a page", tmp_path / "out" / "report.html")
    assert verified(tmp_path / "out")["report.html"].by == ON_REQUEST
    save_comparison(compare(first, third.only({0, 1})), tmp_path / "out")
    save_comparison(compare(first, third), tmp_path / "fresh")
    assert _bytes(tmp_path / "out") == _bytes(tmp_path / "fresh")
    assert [study.scenario.name for study in load_studies(tmp_path / "out")] == [
        "ferry-0",
        "ferry-2",
    ]
    save_study(first.only({0}), tmp_path / "out")
    assert [path.name for path in (tmp_path / "out" / "replications").iterdir()] == ["0.zip"]
    assert not [path for path in (tmp_path / "out").iterdir() if path.name[:1].isdigit()]


def test_a_store_in_the_folder_survives(studies, tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "corridor-store").write_text("2\n")
    save_study(studies[0], tmp_path)
    save_study(studies[1], tmp_path)
    assert (tmp_path / "store" / "corridor-store").read_text() == "2\n"


def test_an_analysis_stands_beside_a_study_and_beside_no_other(studies, tmp_path):
    save_study(studies[0], tmp_path)
    with saving(tmp_path, "plan") as fresh:
        save_text("a,b\n1,2\n", fresh / "plan.csv")
    assert (tmp_path / "plan.csv").is_file()
    assert load_study(tmp_path).scenario.hash == studies[0].scenario.hash
    for part in ("sweep", "study"):
        with pytest.raises(UsageError, match="holds the results of plan; choose a new --out"):
            SealedFolder(tmp_path, part)
    with saving(tmp_path, "plan") as fresh:
        save_text("a,b\n3,4\n", fresh / "other.csv")
    assert not (tmp_path / "plan.csv").exists() and (tmp_path / "metrics.csv").exists()


def test_nothing_is_written_over_results(studies, tmp_path):
    save_study(studies[0], tmp_path)
    with pytest.raises(UsageError, match="is part of the results"):
        save_text("mine", tmp_path / "metrics.csv")
    load_study(tmp_path)


def test_a_study_of_a_comparison_is_not_replaced_alone(studies, tmp_path):
    save_comparison(compare(*_named(studies)), tmp_path)
    with pytest.raises(UsageError, match="is part of the comparison"):
        save_study(studies[0], tmp_path / "0-ferry-0")
    assert load_study(tmp_path / "1-ferry-1").scenario.hash == studies[1].scenario.hash


def test_two_commands_do_not_write_into_one_folder(studies, tmp_path):
    import subprocess
    import sys

    code = (
        "import sys, pathlib; from sim.study.sealed import SealedFolder\n"
        "try: SealedFolder(pathlib.Path(sys.argv[1]), 'study')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    folder = SealedFolder(tmp_path / "out", "study")
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "out")],
        check=True,
        capture_output=True,
        text=True,
    )
    folder.close()
    assert "MachineError another command is writing into" in done.stdout, done.stderr


class _Killed(BaseException):
    """Stands for the end of the process: nothing catches it, and nothing is tidied."""


def _operations(monkeypatch, fails_at, error):
    """Let the *fails_at*-th change of the disk raise *error*; return the counter."""
    count = [0]

    def counted(name):
        original = getattr(os, name)

        def call(*args, **kwargs):
            changes = name != "open" or args[1] & (os.O_CREAT | os.O_WRONLY | os.O_RDWR)
            if changes:
                count[0] += 1
            if count[0] == fails_at and changes:
                raise error
            if isinstance(error, _Killed) and 0 < fails_at < count[0]:
                raise error
            return original(*args, **kwargs)

        monkeypatch.setattr(os, name, call)

    for name in ("open", "replace", "rename", "mkdir", "unlink", "rmdir", "fsync"):
        counted(name)
    return count


def _small(folder, names):
    with saving(folder) as fresh:
        for name in names:
            (fresh / name).parent.mkdir(exist_ok=True)
            save_text(f"{name} of {len(names)}", fresh / name)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), _Killed()])
def test_whatever_operation_fails_there_are_the_old_results_or_the_new(
    tmp_path, monkeypatch, error
):
    """Every operation on the disk of overwriting is failed once, and once all from it on."""
    few, many = ["manifest.json", "log/a", "own/x"], ["manifest.json", "log/a", "log/b", "inputs/t"]
    for folder, names in (("old", few), ("new", many)):
        _small(tmp_path / folder, names)
    wanted = {folder: _bytes(tmp_path / folder) for folder in ("old", "new")}
    shutil.copytree(tmp_path / "old", tmp_path / "trial")
    with monkeypatch.context() as patched:
        count = _operations(patched, -1, error)
        _small(tmp_path / "trial", many)
    total = count[0]
    assert total > 40
    seen = []
    for number in range(1, total + 1):
        trial = tmp_path / f"trial-{number}"
        shutil.copytree(tmp_path / "old", trial)
        with monkeypatch.context() as patched, suppress(MachineError, _Killed):
            _operations(patched, number, error)
            _small(trial, many)
        contents = verified(trial)
        left = {
            name: content
            for name, content in _bytes(trial).items()
            if not name.startswith(".corridor-new-")
        }
        which = "new" if "inputs/t" in contents else "old"
        assert left == wanted[which], number
        seen.append(which)
        _small(trial, many)
        assert _bytes(trial) == wanted["new"], number
        assert not list(trial.glob(".corridor-*[!k]"))
    assert set(seen) == {"old", "new"}
    if isinstance(error, _Killed):
        assert seen == sorted(seen, reverse=True)


def test_links_in_places_of_known_names_are_not_followed(studies, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    out = tmp_path / "out"
    save_study(studies[0], out)
    for name in (".probe", ".manifest.json.part", ".metrics.csv.part", "figures"):
        (out / name).symlink_to(victim)
        with pytest.raises(UsageError, match="which no --out wrote"):
            save_study(studies[1], out)
        (out / name).unlink()
    (tmp_path / ".page.html.part").symlink_to(victim)
    save_text("a page", tmp_path / "page.html")
    (tmp_path / "linked.html").symlink_to(victim)
    with pytest.raises(MachineError, match="is a link"):
        save_text("a page", tmp_path / "linked.html")
    (out / "metrics.csv").unlink()
    (out / "metrics.csv").symlink_to(victim)
    with pytest.raises(UsageError, match=r"metrics\.csv"):
        save_study(studies[1], out)
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("name", ["../victim", "/etc/hostname", "a/../../victim", ""])
def test_a_list_that_leads_out_of_the_folder_is_refused(studies, tmp_path, name):
    (tmp_path / "victim").write_text("precious")
    out = tmp_path / "out"
    save_study(studies[0], out)
    written = json.loads((out / CONTENTS).read_text())
    digest = sha256(b"precious").hexdigest()
    written["files"][name] = {"by": "study", "sha256": digest}
    (out / CONTENTS).write_text(json.dumps(written))
    for use in (load_study, lambda folder: save_study(studies[1], folder)):
        with pytest.raises(UsageError, match=r"contents\.json is damaged"):
            use(out)
    assert (tmp_path / "victim").read_text() == "precious"


READERS = (
    ["report", "{}", "--out", "{}/../page.html"],
    ["replay", "{}", "--out", "{}/../page.html"],
    ["events", "{}", "{}/../events.csv"],
    ["indicators", "{}"],
    ["plot", "{}", "carried", "--out", "{}/../figure.svg"],
)


def test_a_damaged_file_is_named_by_every_command_that_reads(studies, tmp_path, capsys):
    """Each file taken out, cut, emptied or swapped with the next: one message, no traceback."""
    whole, out = tmp_path / "whole", tmp_path / "out"
    save_study(studies[0], whole)
    names = sorted(_bytes(whole))
    shutil.copytree(whole, out)
    tried = 0
    for name, other in zip(names, [*names[1:], names[0]], strict=True):
        content = (whole / name).read_bytes()
        for damage in (None, b"", content[: len(content) // 2], (whole / other).read_bytes()):
            if damage == content:
                continue
            if damage is None:
                (out / name).unlink()
            else:
                (out / name).write_bytes(damage)
            for number, command in enumerate(READERS):
                if number and (tried + number) % len(READERS):
                    continue
                assert corridor([word.format(out) for word in command]) == 2, (name, command)
                message = capsys.readouterr().err
                assert name in message and "write it again" in message, message
                assert "Traceback" not in message
            (out / name).write_bytes(content)
            tried += 1
    assert tried > 100


def test_a_list_of_another_study_is_noticed(studies, tmp_path):
    for number, study in enumerate(studies[:2]):
        save_study(study, tmp_path / f"{number}")
    shutil.copy(tmp_path / "0" / CONTENTS, tmp_path / "1" / CONTENTS)
    with pytest.raises(UsageError, match="is damaged or was changed: it is not what was written"):
        load_study(tmp_path / "1")


def test_tables_lie_in_inputs_with_their_folders(studies, tmp_path):
    save_study(studies[0], tmp_path / "out")
    moved = (tmp_path / "out").rename(tmp_path / "elsewhere")
    assert (moved / "inputs" / "data" / "wagons.csv").read_text() == TRACE
    assert load_study(moved).scenario.hash == studies[0].scenario.hash
    again = sim.load(moved / "scenario.yaml")
    assert again.hash == studies[0].scenario.hash
    assert list(again.tables) == ["inputs/data/wagons.csv"]
    save_study(replace(studies[0], scenario=again), tmp_path / "third")
    assert sim.load(tmp_path / "third" / "scenario.yaml").hash == again.hash


def test_no_two_tables_share_a_place():
    names = ["a.csv", "../a.csv", "b/../a.csv", "/data/a.csv", "A.csv", "metrics.csv", "..\\x.csv"]
    places = input_places(names)
    assert len({place.casefold() for place in places.values()}) == len(names)
    assert all(place.startswith("inputs/") and ".." not in place for place in places.values())
    assert places["metrics.csv"] == "inputs/metrics.csv"
