"""Figures of studies that end in tables, drawn from the CSV files that the commands write."""

from __future__ import annotations

import pandas as pd
import pytest

import sim.plot
from sim.cli.main import run as corridor
from sim.plot.drawing import Provenance
from sim.plot.kinds import TABLE_KINDS, save_results
from sim.plot.ladder import caption as caption_of_ladder

SOURCE = Provenance("two", "0123456789abcdef", 7, 4, "0.1.0")
NAN = float("nan")

TORNADO = pd.DataFrame(
    {
        "outcome": ["carried_t_per_year", "carried_t_per_year", "transit_days_p90"],
        "unit": ["t/a", "t/a", "d"],
        "parameter": ["flows.a.rate", "quays.b.berths", "flows.a.rate"],
        "confidence": ["assumption", "", "assumption"],
        "low_end": ["1", "2", "1"],
        "high_end": ["3", "4", "3"],
        "base": [1000.0, 1000.0, 5.0],
        "low_change": [-10.0, -500.0, NAN],
        "low_change_low": [NAN] * 3,
        "low_change_high": [NAN] * 3,
        "high_change": [20.0, 100.0, 1.0],
        "high_change_low": [NAN] * 3,
        "high_change_high": [NAN] * 3,
    }
)
LADDER = pd.DataFrame(
    {
        "rung": [0, 1],
        "carried_t_per_year": [1e6, 2e6],
        "carried_low": [NAN, NAN],
        "carried_high": [NAN, NAN],
        "bottleneck": ["quay", ""],
        "fix": ["", ""],
        "state": ["overloaded", "calm"],
    }
)
WAITS = pd.DataFrame(
    {
        "rung": [1, 1, 1, 2, 2],
        "activity": ["wait_vessel", "sail", "wait_berth", "wait_vessel", "wait_berth"],
        "where": ["a/stack/line", "line", "a/quay", "a/stack/line", "a/quay"],
        "days": [70.0, 1.0, 2.0, 3.0, 0.1],
        "low": [NAN] * 5,
        "high": [NAN] * 5,
    }
)
RUNGS = pd.DataFrame(
    {
        "scale": [1.0, 4.0],
        "kt_per_year": [29.0, 117.0],
        "capital_musd": [0.0, 100.0],
        "verdict": ["decided"] * 2,
    }
)
PROJECTS = pd.DataFrame(
    {"project": ["ferries"], "rung": [4.0], "capital_musd": [100.0], "is_assumed": [False]}
)
REACHES = pd.DataFrame(
    {
        "built": ["nothing", "ferries"],
        "capital_musd": [0.0, 100.0],
        "multiple_low": [1.3, 5.6],
        "multiple_high": [1.75, NAN],
    }
)
TRANSIT = pd.DataFrame(
    {
        "built": ["ferries"],
        "capital_musd": [100.0],
        "p90_days": [0.7],
        "p90_low": [NAN],
        "p90_high": [NAN],
    }
)
DISRUPTION = pd.DataFrame(
    {
        "days": [1.0, 7.0],
        **{f"{name}_low": [0.5, NAN] for name in ("recovery", "delayed", "peak")},
        **{f"{name}_high": [2000.0, NAN] for name in ("recovery", "delayed", "peak")},
        "recovery_days": [2.0, NAN],
        "delayed_t_days": [1.0, 2.0],
        "peak_t": [1000.0, 9000.0],
        "not_recovered": [0, 3],
        "n": [4, 4],
    }
)
PARAMETERS = pd.DataFrame(
    {
        "parameter": ["a.b.c", "d.e.f"],
        "unit": ["h", ""],
        "value": [1.0, 2.0],
        "range_low": [0.0, 0.0],
        "range_high": [4.0, 4.0],
        "best": [1.0, 3.0],
        "low": [0.5, 0.0],
        "high": [1.5, 4.0],
        "identified": [True, False],
    }
)
ANSWER = pd.DataFrame(
    {
        "scenario": ["calm", "busy", "short"],
        "title": ["Calm", "Busy", "Short"],
        "offered": [1e6, 5e6, 1e6],
        **{
            f"{name}{end}": [1e6, 2e6, 1e6]
            for name in ("carried",)
            for end in ("", "_low", "_high")
        },
        "share": [1.0, 0.4, 1.0],
        "state": ["holds", "overloaded", "unknown"],
        "overloaded": [0, 2, 0],
        "first": ["", "a/stack/line", ""],
    }
)
POLICIES = pd.DataFrame(
    {
        **{key: ANSWER[key].to_list() for key in ANSWER if key != "scenario"},
        "scenario": ["calm"] * 3,
        "input": ["", "services.line.loading", "services.line.loading"],
        "level": ["", "oldest_first", "{quota: {wagon: 0.5}}"],
        "ruled_out": [0.0, 1.0, 0.0],
    }
)
FORECAST = pd.DataFrame(
    {
        "target": ["calls", "wagons", "days"],
        "use": ["judged", "judged", "fitted"],
        "counts": [True, True, False],
        "observed": [400.0, 50.0, 5.0],
        "range_low": [380.0, 45.0, 4.0],
        "range_high": [440.0, 55.0, 6.0],
        "season_low": [350.0, 20.0, NAN],
        "season_high": [450.0, 40.0, NAN],
        "season_verdict": ["inside", "outside", "no number"],
        "inputs_low": [200.0, 30.0, NAN],
        "inputs_high": [8000.0, 60.0, NAN],
        "inputs_verdict": ["inside", "inside", "no number"],
        "inputs_count": [39, 39, 0],
        "naive_low": [NAN, 10.0, NAN],
        "naive_high": [NAN, 45.0, NAN],
    }
)
SATURATION = pd.DataFrame(
    {
        "scale": [1.0, 2.0],
        "overloaded": [0, 1],
        "first": ["a/stack/line", "a/stack/line"],
        "growth_share_per_year": [0.0, 0.3],
        "offered_t_per_year": [1e6, 2e6],
        "carried_t_per_year": [1e6, 1.4e6],
        "carried_low": [0.9e6, 1.3e6],
        "carried_high": [1.1e6, 1.5e6],
    }
)
POINTS = pd.DataFrame(
    {
        "point": [0, 1],
        "demand.scale": [1.0, 2.0],
        "offered_t_per_year [t/a]": [1e6, 2e6],
        "offered_t_per_year low [t/a]": [1e6, 2e6],
        "offered_t_per_year high [t/a]": [1e6, 2e6],
        "carried_t_per_year [t/a]": [1e6, 1.4e6],
        "carried_t_per_year low [t/a]": [0.9e6, NAN],
        "carried_t_per_year high [t/a]": [1.1e6, NAN],
        "n": [2, 1],
    }
)
TABLES = {
    "answer": {"answer": ANSWER},
    "disruption": {"disruption": DISRUPTION},
    "forecast": {"validation": FORECAST},
    "frontier": {"frontier": REACHES, "transit": TRANSIT},
    "ladder": {"ladder": LADDER},
    "ladder-waits": {"waits": WAITS},
    "plausible": {"parameters": PARAMETERS},
    "policies": {"policies": POLICIES},
    "project-ladder": {"ladder": RUNGS, "plan": PROJECTS},
    "saturation": {"saturation": SATURATION},
    "sweep": {"points": POINTS},
    "tornado": {"tornado": TORNADO},
}
CAPTIONS = {
    "answer": "Something is overloaded in 1 of 3 scenarios, and undecided in 0. "
    "busy carries the smallest share of what it is offered, 40%.",
    "disruption": "A closure of 7 days holds back at most 9 kt; 3 of 4 replications do not recover before they end.",
    "forecast": "1 of 2 judged observations lie in the 90 % interval of one season with inputs as written, 2 over",
    "frontier": "The most that is known to be carried is 5.6 times the demand, for 100 million USD: ferries.",
    "ladder": "With 0 fixes, made one by one, carried cargo goes from 1.00 to 2.00 Mt a year.",
    "ladder-waits": "On rung 1 a delivered unit waits 70 days at a/stack/line; on rung 2 it waits 3 days there.",
    "plausible": "The targets identify 1 of 2 parameters: a.b.c; of the others more than half of the range stays plausible.",
    "policies": "calm: from 1.00 Mt a year (as it is) to 2.00 (services.line.loading oldest_first). "
    "Ruled out by what was observed: services.line.loading oldest_first.",
    "project-ladder": "To carry 4 times the demand takes 1 project for 100 million USD; ferries is due first, at 4 times.",
    "saturation": "At 2 times the demand, 1.40 of 2.00 Mt a year pass. From 2 on a/stack/line is overloaded.",
    "sweep": "Most is carried at demand.scale 2.0: 1.40 of 2.00 Mt a year.",
    "tornado": "quays.b.berths changes carried_t_per_year most: -500 at 2 and +100 t/a at 4.",
}


def test_every_kind_has_a_case_here():
    assert set(TABLES) == set(CAPTIONS) == set(TABLE_KINDS)


@pytest.mark.parametrize("kind", sorted(TABLE_KINDS))
def test_a_kind_is_drawn_from_its_files_with_caption_and_source(kind, tmp_path, capsys):
    files = save_results(TABLES[kind], SOURCE, tmp_path)
    assert all(file.stat().st_size > 0 for file in files)
    assert any(file.name.startswith(kind) and file.suffix == ".png" for file in files)
    drawing = TABLE_KINDS[kind].draw_folder(tmp_path).noted()
    assert drawing.caption.startswith(CAPTIONS[kind])
    written = " ".join(text.get_text().replace("\n", " ") for text in drawing.figure.texts)
    assert "Source: scenario two (0123456789ab), seed 7, 4 replications" in written
    out = tmp_path / "again.svg"
    assert corridor(["plot", str(tmp_path), kind, "--out", str(out)]) == 0
    assert "nan" not in out.read_text(encoding="utf-8").lower().replace("nanum", "")
    assert "again.svg" in capsys.readouterr().err


@pytest.mark.parametrize("kind", sorted(TABLE_KINDS))
def test_tables_without_rows_are_drawn(kind, tmp_path):
    empty = {name: table.iloc[:0] for name, table in TABLES[kind].items()}
    save_results(empty, SOURCE, tmp_path)
    drawings = TABLE_KINDS[kind].draw(tmp_path)
    # A tornado has a drawing for each outcome, and here is none.
    assert len(drawings) == (0 if kind == "tornado" else 1)
    for drawing in drawings.values():
        drawing.figure.draw_without_rendering()
        assert drawing.caption


def test_a_tornado_is_chosen_by_its_outcome(tmp_path):
    save_results(TABLES["tornado"], SOURCE, tmp_path)
    table = tmp_path / "numbers.csv"
    arguments = [
        "plot",
        str(tmp_path),
        "tornado",
        "--outcome",
        "transit_days_p90",
        "--out",
        str(tmp_path / "t.svg"),
    ]
    assert corridor([*arguments, "--table", str(table)]) == 0
    assert pd.read_csv(table)["outcome"].to_list() == ["transit_days_p90"]


@pytest.mark.parametrize(
    ("kind", "arguments", "told"),
    [
        (
            "tornado",
            ["--outcome", "gold"],
            "--outcome gold: choose one of carried_t_per_year, transit_days_p90",
        ),
        ("tornado", ["--at", "aktau"], "tornado has no --at"),
        ("ladder", ["--outcome", "gold"], "it is for tornado"),
        ("frontier", [], "frontier.csv is missing"),
        ("project-ladder", [], "plan.csv is missing"),
    ],
)
def test_wrong_questions_are_told(kind, arguments, told, tmp_path, capsys):
    save_results(TABLES["tornado"] | TABLES["ladder"], SOURCE, tmp_path)
    assert corridor(["plot", str(tmp_path), kind, *arguments]) == 2
    assert told in capsys.readouterr().err


OTHER_KINDS = '{"scenario": "two", "hash": 5, "seed": [], "replications": "x", "version": null}'


@pytest.mark.parametrize("text", ["", "{", "[]", '{"scenario": "two"}', OTHER_KINDS])
def test_a_damaged_source_is_told(text, tmp_path, capsys):
    save_results(TABLES["ladder"], SOURCE, tmp_path)
    (tmp_path / "source.json").write_text(text)
    assert corridor(["plot", str(tmp_path), "ladder"]) == 2
    assert "give a folder that --out of bottlenecks wrote" in capsys.readouterr().err


def test_the_ladder_names_what_cannot_be_told_from_what_is_raised():
    told = {
        "bottleneck": ["undecided: berths a/quay or crews b or nothing", ""],
        "fix": ["berths a/quay: 2 to 3", ""],
    }
    ax = sim.plot.ladder(LADDER.assign(**told, state=["overloaded", "holds"]))
    lines = [text.get_text().strip().replace("\N{NO-BREAK SPACE}", " ") for text in ax.texts]
    assert (
        "raised: berths a/quay: 2 to 3" in lines
        and "undecided, it may also be: crews b or nothing" in lines
    )
    assert "nothing is overloaded" in lines


def test_a_ladder_that_ended_before_its_last_fix_was_run_says_so():
    told = caption_of_ladder(LADDER.assign(fix=["berths a/quay: 2 to 3", "crews b: 1 to 2"]))
    assert (
        told.startswith("With 1 fix,") and "The effect of the last fix was not simulated." in told
    )


def test_waits_of_a_ladder_show_the_worst_place_first_and_no_movement():
    ax = sim.plot.ladder_waits(WAITS)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a/stack/line", "a/quay"]
    legend = ax.get_legend()
    kinds = [text.get_text() for text in legend.get_texts()]
    assert kinds == ["waiting for a vessel", "waiting for a berth, room or departure"]
    widths = [bar.get_width() for bar in ax.patches if bar.get_width() > 0]
    assert sorted(widths) == pytest.approx([0.1, 2.0, 3.0, 70.0])


def test_the_intervals_of_a_season_are_drawn_over_what_was_observed(tmp_path):
    save_results({"validation": FORECAST}, SOURCE, tmp_path)
    drawing = TABLE_KINDS["forecast"].draw(tmp_path)[""]
    (ax,) = drawing.figure.axes
    assert drawing.caption == (
        "1 of 2 judged observations lie in the 90 % interval of one season with inputs as written, "
        "2 over the ranges of inputs (39 seasons)."
    )
    assert [label.get_text() for label in ax.get_yticklabels()] == ["calls", "wagons", "days *"]
    bars = {(round(bar.get_x(), 3), round(bar.get_x() + bar.get_width(), 3)) for bar in ax.patches}
    # 8,000 of 400 is beyond the end of the axis.
    assert {(0.5, 4.0), (0.875, 1.125), (0.6, 1.2), (0.25, 0.9), (0.8, 1.2)} <= bars


def test_without_seasons_over_inputs_the_caption_speaks_of_replications_alone():
    alone = FORECAST.assign(inputs_low=NAN, inputs_high=NAN, inputs_verdict="no number")
    caption = TABLE_KINDS["forecast"].make(alone).caption
    assert caption.endswith("of one season, inputs as written.")


def test_what_is_offered_and_carried_is_drawn_against_what_was_varied():
    ax = sim.plot.sweep.sweep(POINTS)
    offered, carried = (line.get_ydata().tolist() for line in ax.get_lines()[:2])
    assert (offered, carried) == ([1.0, 2.0], [1.0, 1.4])
    several = POINTS.assign(**{"demand.scale": ["low", "high"]})
    rows = [text.get_text() for text in sim.plot.sweep.sweep(several).get_yticklabels()]
    assert rows == ["low", "high"]
