"""Study folders and stores from elsewhere: sealed as the tool would seal them, and made to do harm."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.bounds import check_unpacked
from sim.cli.main import run
from sim.log import disk
from sim.log.archive import pack, unpack
from sim.log.check import check_log
from sim.runs.store import Key, Store, engine_digest
from sim.study.contents import CONTENTS, Entry, digest_of, put_contents, read_contents
from sim.study.files import load_study, save_text

SCENARIO = """title: one ferry line
horizon: {days: 12, warmup_days: 2}
places: {kuryk: {}, alat: {}}
vessels: {ferry: {capacity: {wagon: 54}}}
flows: {wagons: {unit: wagon, origin: kuryk, destination: alat, arrivals: {poisson: {per_day: 10}}}}
services: {line: {from: kuryk, to: alat, vessel: ferry, vessels: 4, crossing: 20h, handling: 3h}}
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    (folder / "line.yaml").write_text(SCENARIO)
    options = ["-n", "2", "--workers", "1", "--out", str(folder / "out")]
    assert run(["run", str(folder / "line.yaml"), *options]) == 0
    return folder / "out"


@pytest.fixture
def study(written, tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(written, tmp_path / "out")


def reseal(folder: Path, name: str) -> None:
    """Give the list of *folder* the digest of what now stands in *name*, as an attacker would."""
    contents = read_contents(folder)
    contents[name] = Entry(contents[name].by, digest_of(folder / name))
    put_contents(folder, contents)


def refused(folder: Path) -> str:
    with pytest.raises(sim.CorridorError) as caught:
        load_study(folder)
    return str(caught.value)


def test_a_parquet_file_that_unpacks_to_gigabytes_is_refused_by_what_it_states(study):
    file = study / "log" / "stays.parquet"
    columns = pd.read_parquet(file).columns
    zeros = pd.DataFrame({column: np.zeros(3_000_000, np.int64) for column in columns})
    zeros.to_parquet(file, index=False, compression="zstd")
    assert file.stat().st_size < 100_000
    reseal(study, "log/stays.parquet")
    assert "stays.parquet has" in refused(study)
    assert "of which 168,000,000 would be unpacked: more than 200 times as much" in refused(study)


def test_an_archive_that_unpacks_to_gigabytes_is_refused_by_what_it_states(study):
    bomb = pack({}, {"levels": np.zeros(70_000_000, np.int8)})
    assert len(bomb) < 400_000
    (study / "replications" / "0.zip").write_bytes(bomb)
    reseal(study, "replications/0.zip")
    assert "a packed replication has" in refused(study)
    assert "more than 200 times as much, which no command writes" in refused(study)


def test_what_is_larger_than_the_memory_that_may_be_taken_is_refused_until_it_is_raised(
    monkeypatch,
):
    with pytest.raises(sim.UsageError, match="if you trust it, set CORRIDOR_MEMORY_GB=6"):
        check_unpacked("x", 2_000_000_000, 5_000_000_000)
    monkeypatch.setenv("CORRIDOR_MEMORY_GB", "6")
    check_unpacked("x", 2_000_000_000, 5_000_000_000)
    check_unpacked("x", 1, 64_000_000)


def test_an_array_that_states_more_than_it_holds_takes_no_memory():
    content = io.BytesIO()
    np.lib.format.write_array(content, np.zeros(1, np.int64))
    large = content.getvalue().replace(b"(1,), }" + 13 * b" ", b"(1099511627776,), }" + b" ")
    assert len(large) == len(content.getvalue())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("document.json", "{}")
        archive.writestr("x.npy", large)
    with pytest.raises(ValueError, match="an array has another size than it states"):
        unpack(out.getvalue())


def test_objects_in_an_array_are_not_made(study):
    content = io.BytesIO()
    np.lib.format.write_array(content, np.array([print], dtype=object), allow_pickle=True)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("document.json", "{}")
        archive.writestr("x.npy", content.getvalue())
    (study / "replications" / "0.zip").write_bytes(out.getvalue())
    reseal(study, "replications/0.zip")
    assert "cannot be read as a study" in refused(study)


WRONG_TABLES = {
    "a place without a name": ("stays", "place", 99, "stays.place holds a number outside -1 to"),
    "a lot of none": ("aboard", "lot", 10**6, "aboard.lot holds a number outside -1 to"),
    "an activity of none": ("stays", "activity", 99, "stays.activity holds a number outside"),
    "a time before all": ("trips", "start_s", -5, "trips.start_s holds a number outside -1 to"),
    "more than there is": ("stays", "units", 2**60, "stays.units holds a number outside"),
}


@pytest.mark.parametrize("name", WRONG_TABLES)
def test_a_table_that_no_run_can_have_written_is_refused(name, study):
    table, column, value, expected = WRONG_TABLES[name]
    file = study / "log" / f"{table}.parquet"
    frame = pd.read_parquet(file)
    frame.loc[0, column] = value
    frame.to_parquet(file, index=False)
    reseal(study, f"log/{table}.parquet")
    assert expected in refused(study)


WRONG_DOCUMENTS = {
    "facts without a seed": ("log/facts.json", ("facts", "seed"), None),
    "a date that is none": ("log/facts.json", ("facts", "start_date"), "soon"),
    "an end before the begin": ("log/facts.json", ("facts", "end_s"), 5),
    "a name that is a list": ("log/facts.json", ("names", "place"), [["a"], "b"]),
    "a flow less": ("log/facts.json", ("flows",), []),
    "tables of others": ("log/facts.json", ("tables",), {"stays": ["lot"]}),
    "a table elsewhere": ("log/facts.json", ("tables",), {"../../line": ["lot"]}),
    "replications elsewhere": ("manifest.json", ("replications",), ["../../line"]),
    "replications below 0": ("manifest.json", ("replications",), [-1]),
    "a replication twice": ("manifest.json", ("replications",), [0, 0, 0]),
    "a scenario that is a number": ("manifest.json", ("scenario",), 5),
    "a seed that is a text": ("manifest.json", ("seed",), "x"),
    "versions that are a list": ("manifest.json", ("versions",), []),
}


@pytest.mark.parametrize("name", WRONG_DOCUMENTS)
def test_a_document_that_no_command_can_have_written_is_refused(name, study, capsys):
    file, path, value = WRONG_DOCUMENTS[name]
    document = json.loads((study / file).read_text())
    at = document
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    (study / file).write_text(json.dumps(document))
    reseal(study, file)
    assert run(["report", str(study), "--out", "r.html"]) == 2
    assert "cannot be read as a study" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("key", "value"), [("stacks", [5]), ("events", "x"), ("metrics", {"name": [["a"]]})]
)
def test_a_replication_that_no_worker_can_have_sent_is_refused(key, value, study):
    file = study / "replications" / "0.zip"
    document, arrays = unpack(file.read_bytes())
    file.write_bytes(pack({**document, key: value}, arrays))
    reseal(study, "replications/0.zip")
    assert "cannot be read as a study" in refused(study)


@pytest.mark.parametrize("name", ["manifest.json", "log/facts.json"])
def test_a_document_nested_without_end_is_refused(name, study):
    (study / name).write_text("[" * 200_000)
    reseal(study, name)
    assert "cannot be read as a study" in refused(study)


def test_a_log_that_a_run_wrote_passes(study):
    log = load_study(study).replications[0].log
    check_log(log)
    assert disk.digest(log) == disk.digest(disk.from_bytes(disk.to_bytes(log)))


PIPES = [CONTENTS, "manifest.json", "log/facts.json", "replications/0.zip", "incomplete.txt"]


@pytest.mark.parametrize("name", PIPES)
def test_a_pipe_in_a_study_folder_is_not_waited_for(name, study):
    (study / name).unlink(missing_ok=True)
    os.mkfifo(study / name)
    if name not in (CONTENTS, "incomplete.txt"):
        contents = read_contents(study)
        # The digest of nothing, which a pipe gives to whoever does not wait.
        contents[name] = Entry(
            contents[name].by, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
        put_contents(study, contents)
    code = run(["report", str(study), "--out", "r.html"])
    assert code == (0 if name == "incomplete.txt" else 2)


def test_a_manifest_that_is_a_pipe_beside_no_list_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "manifest.json")
    assert run(["report", str(tmp_path), "--out", str(tmp_path / "r.html")]) == 2


@pytest.mark.parametrize("name", ["answer.csv", "source.json"])
def test_a_pipe_in_a_folder_of_tables_is_not_waited_for(name, tmp_path):
    for part in ("answer.csv", "source.json"):
        (tmp_path / part).write_text("a,b\n1,2\n")
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    assert run(["plot", str(tmp_path), "answer", "--out", str(tmp_path / "f.svg")]) == 2


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'"\n,,\n,,,,"'])
def test_a_table_beside_a_study_that_is_none_is_refused(content, study, capsys):
    (study / "plan.csv").write_bytes(content)
    contents = read_contents(study)
    contents["plan.csv"] = Entry("plan", digest_of(study / "plan.csv"))
    put_contents(study, contents)
    assert run(["report", str(study), "--out", "r.html"]) in (0, 2)
    assert "defect" not in capsys.readouterr().err


# -- links
# --------------------------------------------------------------------------------------------------


def test_no_output_follows_a_link(study, tmp_path, capsys):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    for name in ("r.html", "doc.json", "f.svg", "e.csv"):
        Path(name).symlink_to(victim)
    line = study.parent / "line.yaml"
    line.write_text(SCENARIO)
    capacity = ["capacity", str(line), "--json", "doc.json"]
    commands = (
        ["report", "out", "--out", "r.html"],
        ["plot", "out", "gantt", "--out", "f.svg"],
        ["events", "out", "e.csv"],
        ["run", str(line), "-n", "1", "--workers", "1", "--json", "doc.json"],
        capacity,
    )
    for command in commands:
        assert run(command) == 4, command
        assert "remove the link" in capsys.readouterr().err
    assert victim.read_text() == "mine"
    assert Path("r.html").is_symlink()


def test_json_goes_to_a_device_behind_a_link(tmp_path):
    (tmp_path / "null").symlink_to("/dev/null")
    line = tmp_path / "line.yaml"
    line.write_text(SCENARIO)
    assert run(["capacity", str(line), "--json", str(tmp_path / "null")]) == 0
    with pytest.raises(sim.MachineError, match="is a link; name the file it leads to"):
        save_text("x", tmp_path / "null")


KEY = Key("a" * 32, "b" * 16, 1, 0)


def test_a_store_with_a_link_writes_and_removes_nothing_behind_it(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "b" / "1" / "empty").mkdir(parents=True)
    (elsewhere / "b" / "1" / "0.part").write_text("mine")
    store = Store(tmp_path / "store")
    (tmp_path / "store" / KEY.scenario).symlink_to(elsewhere)
    (tmp_path / "store" / "locks").symlink_to(elsewhere)
    with pytest.raises(sim.MachineError, match="is reached over a link, which no store holds"):
        store.put(KEY, b"part", None)
    with pytest.raises(sim.MachineError, match="is reached over a link, which no store holds"):
        store.claim(KEY)
    assert list(store.entries()) == []
    assert store.prune() == (0, 0)
    left = sorted(path.name for path in elsewhere.rglob("*"))
    assert left == ["0.part", "1", "b", "empty"]


@pytest.mark.parametrize(
    "part", [b"", b"PK", pack({}, {}), pack({"number": 0}, {"levels": np.zeros(2)})]
)
def test_what_a_store_seals_and_is_no_replication_is_refused(part, tmp_path, capsys):
    line = tmp_path / "line.yaml"
    line.write_text(SCENARIO)
    store = Store(tmp_path / "store")
    store.put(Key(sim.load(line).hash, engine_digest(), 1, 0), part, None)
    options = ["-n", "1", "--workers", "1", "--store", str(store.folder)]
    assert run(["run", str(line), *options]) == 2
    assert "a replication in the store is none" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["corridor-store", f"{KEY.place}.part"])
def test_a_pipe_in_a_store_is_not_waited_for(name, tmp_path):
    folder = tmp_path / "store"
    store = Store(folder)
    path = folder / name
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    with pytest.raises(sim.MachineError, match="it is a pipe, and no file"):
        store.part(KEY) if name.endswith("part") else Store(folder)
