"""``corridor events`` and ``corridor indicators``, as a user calls them."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

import sim
from sim.cli.main import run as corridor
from sim.study.files import load_study, save_study

LINE = "textbook/one-ferry-line"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    out = tmp_path_factory.mktemp("events") / "out"
    short = {"horizon.days": 60, "horizon.warmup_days": 10}
    save_study(sim.replicate(sim.load(LINE, short), replications=2, workers=1), out)
    return out


def test_the_log_becomes_a_flat_table(study, tmp_path, capsys):
    file = tmp_path / "events.csv"
    assert corridor(["events", str(study), str(file)]) == 0
    table = pd.read_csv(file, parse_dates=["start", "end"])
    assert list(table.columns[:5]) == ["case", "activity", "start", "end", "resource"]
    assert (table["end"] > table["start"]).all()
    assert f"{table['case'].nunique():,} cases" in capsys.readouterr().err
    dates = ["--from", "2023-01-20", "--to", "2023-01-25"]
    assert corridor(["events", str(study), str(file), "--flow", "wagons", *dates]) == 0
    some = pd.read_csv(file, parse_dates=["start", "end"])
    born = some.groupby("case")["start"].min()
    assert 0 < len(born) < table["case"].nunique()
    assert born.between("2023-01-20", "2023-01-25", inclusive="left").all()
    whole = table.groupby("case")["start"].min()
    assert len(born) == whole.between("2023-01-20", "2023-01-25", inclusive="left").sum()


def test_indicators_are_printed_and_written_the_same(study, tmp_path, capsys):
    file = tmp_path / "carec.csv"
    assert corridor(["indicators", str(study), "--csv", str(file), "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    table = pd.read_csv(file)
    told = pd.DataFrame(document["indicators"])
    assert document["scenario"] == LINE and document["replication"] == 0
    assert told["value"].astype(float).equals(table["value"])
    assert table.loc[table["indicator"] == "TFI1", "value"].gt(0).any()
    assert corridor(["indicators", str(study)]) == 0
    assert "indicators in CAREC's form, replication 0" in capsys.readouterr().out


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["events", "{study}", "events.txt"], "events.txt: a name that ends in .csv is needed"),
        (
            ["events", "{study}", "e.csv", "--flow", "wagosn"],
            "--flow wagosn: no such flow; the flows are wagons",
        ),
        (
            ["events", "{study}", "e.csv", "--from", "2023-02-01", "--to", "2023-01-01"],
            "--from lies before --to",
        ),
        (
            ["events", "{study}", "e.csv", "--from", "2031-01-01"],
            "outside the run, which begins on 2023-01-01",
        ),
        (["events", "nowhere", "e.csv"], "nowhere: there is no such folder"),
        (["indicators", "nowhere"], "nowhere: there is no such folder"),
        (["indicators", "{study}", "--csv", "table"], "table: a name that ends in .csv is needed"),
    ],
)
def test_bad_input_is_told_in_one_message(study, folder, capsys, arguments, told):
    assert corridor([part.format(study=study) for part in arguments]) == 2
    assert told in capsys.readouterr().err
    assert not list(folder.iterdir())


def test_a_file_in_no_folder_and_a_study_without_a_log_are_told(study, tmp_path, capsys):
    assert corridor(["events", str(study), str(tmp_path / "no" / "e.csv")]) == 4
    assert "lies in no folder that exists" in capsys.readouterr().err
    bare = tmp_path / "bare"
    kept = load_study(study)
    replications = tuple(replace(one, log=None) for one in kept.replications)
    save_study(replace(kept, replications=replications), bare)
    for command in (["events", str(bare), str(tmp_path / "e.csv")], ["indicators", str(bare)]):
        assert corridor(command) == 2
        assert "keeps no log" in capsys.readouterr().err
