"""What loading gives: the same scenario, whatever way it was written, and a hash that says so."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import CorridorError, UsageError
from sim.spec.library import shipped
from sim.spec.load import load

RUNNABLE = [name for name in shipped() if name != "corridor"]


@pytest.mark.parametrize("name", RUNNABLE)
def test_a_shipped_scenario_survives_dump_and_load(name, tmp_path):
    base = load(name)
    copy = tmp_path / "copy.yaml"
    copy.write_text(base.dump_yaml())
    for table in base.file.parent.glob("*.csv"):
        shutil.copy(table, tmp_path)
    again = load(copy)
    assert again.hash == base.hash
    # What is built or laid on stays in its catalogue and has nothing left to change.
    made = {("project_catalogue", one, "change") for one in base.spec.projects}
    made |= {("stress_catalogue", one, "change") for one in base.spec.stress}
    assert again.sources == {
        path: sourced for path, sourced in base.sources.items() if path[:3] not in made
    }
    parts = {"projects", "stress", *(catalogue for catalogue, _, _ in made)}
    assert again.spec.model_dump(exclude=parts) == base.spec.model_dump(exclude=parts)
    assert list(again.spec.project_catalogue) == list(base.spec.project_catalogue)
    assert again.with_({"projects": list(base.spec.projects)}).hash == base.hash


@pytest.mark.parametrize("name", RUNNABLE)
def test_a_shipped_scenario_survives_pickling(name):
    base = load(name)
    again = pickle.loads(pickle.dumps(base))  # noqa: S301 - our own bytes
    assert again == base
    assert again.hash == base.hash


def test_the_hash_sees_what_changes_a_run_and_nothing_else(write):
    base = load("base.yaml")
    assert len(base.hash) == 32
    assert base.with_({"title": "another", "question": "why?"}).hash == base.hash
    assert base.with_({"demand.scale": 1.0}).hash == base.hash
    assert base.with_({"services.line.crossing": "1200min"}).hash == base.hash
    assert base.with_({"services.line.crossing": "1201min"}).hash != base.hash
    assert base.with_({"demand.scale": 1.01}).hash != base.hash


def test_the_hash_sees_the_content_of_a_trace(write):
    text = "extends: base\nflows: {wagons: {arrivals: {trace: {file: sub/t.csv}}}}\n"
    write("sub/t.csv", "time,units\n2023-01-02 06:00,3\n2023-01-01,2\n")
    first = load(write("child.yaml", text))
    assert first.traces == {"wagons": ((0, 2), (30 * 3600, 3))}
    write("sub/t.csv", "time,units\n2023-01-02 06:00,4\n2023-01-01,2\n")
    assert load("child.yaml").hash != first.hash


def test_changes_can_be_texts_pairs_or_a_mapping(write):
    texts = load("base.yaml", ["demand.scale=5", "services.line.crossing=22h"])
    pairs = load("base.yaml", [("demand.scale", 5), ("services.line.crossing", "22h")])
    mapping = load("base.yaml", {"demand.scale": np.float64(5), "services.line.crossing": "22h"})
    assert texts.hash == pairs.hash == mapping.hash
    assert mapping.with_({"services.line.vessels": np.int64(3)}).spec.services["line"].vessels == 3


def test_later_changes_win_and_are_kept(write):
    loaded = (
        load("base.yaml", ["demand.scale=2"])
        .with_({"demand.scale": 3})
        .with_(["services.line.vessels=5"])
    )
    assert loaded.spec.demand.scale == 3
    assert loaded.changes == (
        ("demand.scale", 2),
        ("demand.scale", 3),
        ("services.line.vessels", 5),
    )


def test_with_leaves_the_first_as_it_was(write):
    base = load("base.yaml")
    before = base.dump_yaml()
    base.with_({"demand.scale": 5, "services.line.departure.kuryk": "at_once"})
    assert base.dump_yaml() == before
    assert base.hash == load("base.yaml").hash


def test_doubtful_physics_is_a_warning(write):
    loaded = load("base.yaml", ["services.line.handling=30s", "services.line.distance_nm=560"])
    assert [str(warning) for warning in loaded.warnings] == [
        "--set: services.line.handling.both: takes 30 s on average; below a minute the rounding to whole seconds shows",
        "base.yaml:8:60: services.line.crossing: makes 28 kn, fast for a cargo vessel",
    ]


def test_an_unknown_name_says_what_was_meant():
    with pytest.raises(
        UsageError,
        match="'fivfold' is neither a shipped scenario nor a file; did you mean 'fivefold'",
    ):
        load("fivfold")


def test_a_name_no_file_can_have_is_no_accident():
    with pytest.raises(CorridorError):
        load("x" * 5000 + ".yaml")


def test_the_page_shows_markup_as_text(write):
    assert "&lt;b&gt;" in load("base.yaml", {"title": "<b>"})._repr_html_()


durations = st.integers(1, 60 * 24 * 9).map(lambda minutes: f"{minutes}min")
distributions = st.one_of(
    durations,
    st.tuples(durations, st.floats(0, 3)).map(lambda p: {"lognormal": {"mean": p[0], "cv": p[1]}}),
    st.tuples(durations, st.integers(1, 9)).map(lambda p: {"erlang": {"mean": p[0], "k": p[1]}}),
    st.lists(durations, min_size=1, max_size=4).map(
        lambda values: {"empirical": {"values": values}}
    ),
)
texts = st.text(st.characters(exclude_categories=["C"]), max_size=40) | st.sampled_from(
    [
        "NO",
        "12:30",
        "1e3",
        "null",
        "~",
        "2023-01-01",
        "- a",
        "a: b",
        "'",
        '"',
        "#",
        "0x1F",
        "on",
        " x ",
        "",
        "*a",
        "!x",
    ]
)


names = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=12).filter(
    lambda s: s[0] not in "_-"
)
changes = st.fixed_dictionaries(
    {
        "title": texts,
        "question": texts,
        "services.line.crossing": distributions,
        "services.line.vessels": st.integers(0, 40),
        "services.line.departure.kuryk": st.floats(0.01, 1).map(lambda share: {"full": share}),
        "flows.wagons.arrivals.poisson.per_day": st.floats(0.01, 500),
    }
)


@given(changes=changes, name=names.filter(lambda name: name != "both"), text=texts)
@settings(max_examples=60)
def test_any_scenario_survives_dump_and_load(write, changes, name, text):
    base = load("base.yaml").with_(changes | {f"places.{name}": {"name": text}})
    Path("copy.yaml").write_text(base.dump_yaml(), encoding="utf-8")
    again = load("copy.yaml")
    assert again.spec == base.spec
    assert again.hash == base.hash
