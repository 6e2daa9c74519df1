"""Every kind of figure of a study: drawn from what is on disk, with numbers that are those of the log."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from sim.cli.main import run as corridor
from sim.errors import UsageError
from sim.log import Activity
from sim.log.disk import digest
from sim.metrics.measure import measure
from sim.metrics.movements import movements
from sim.metrics.places import moved, waiting
from sim.network.axis import axis
from sim.plot.axes import settle
from sim.plot.drawing import View
from sim.plot.kinds import FILES, KINDS, STUDY_KINDS
from sim.plot.look import FREE_FLOW, TINY_PT
from sim.plot.map_data import WIDEST_PT, frames_of, widths_pt
from sim.plot.map_marks import band
from sim.plot.time_space import positions
from sim.plot.waterfall import WHOLE, stages
from sim.spec.load import load
from sim.study.files import load_studies, save_study
from sim.study.journey import journey
from sim.study.replicate import replicate


@pytest.fixture(scope="module")
def full():
    changes = {"horizon.days": 60, "horizon.warmup_days": 20, "horizon.followup_days": 10}
    return replicate(load("baseline-2023").with_(changes), replications=1, workers=1)


@pytest.fixture(scope="module")
def tiny():
    scenario = load("scenarios/textbook/one-ferry-line.yaml")
    return replicate(
        scenario.with_({"horizon.days": 30, "horizon.warmup_days": 10}), replications=1, workers=1
    )


@pytest.fixture(scope="module")
def empty():
    scenario = load("scenarios/textbook/one-ferry-line.yaml")
    nothing = {"horizon.days": 2, "horizon.warmup_days": 1, "demand.scale": 0}
    return replicate(scenario.with_(nothing), replications=1, workers=1)


@pytest.mark.parametrize("kind", sorted(STUDY_KINDS))
@pytest.mark.parametrize("which", ["empty", "tiny", "full"])
def test_every_kind_is_drawn_without_a_warning(kind, which, request):
    study = request.getfixturevalue(which)
    if kind == "validation" and which != "full":
        with pytest.raises(UsageError, match="nothing to validate"):
            KINDS[kind].draw([study])
        return
    drawing = KINDS[kind].draw([study]).noted()
    drawing.figure.draw_without_rendering()
    told = [text.get_text().replace("\n", " ") for text in drawing.figure.texts]
    assert drawing.caption in told
    assert any(text.startswith("Source: scenario") for text in told)
    written = drawing.figure.findobj(Text)
    assert min(text.get_fontsize() for text in written if text.get_text().strip()) >= TINY_PT


def test_a_kind_is_called_as_its_file():
    assert [kind.name.replace("-", "_") for kind in KINDS.values()] == list(FILES)


def test_a_figure_without_its_notes_is_as_large_as_it_was_drawn(tiny):
    drawing = KINDS["waits"].draw([tiny])
    height = drawing.figure.get_size_inches()[1]
    assert not drawing.figure.texts
    assert drawing.noted().figure.get_size_inches()[1] > height


def test_a_study_comes_back_from_its_folder(tiny, tmp_path):
    save_study(tiny, tmp_path)
    (back,) = load_studies(tmp_path)
    assert back.summary().equals(tiny.summary())
    log, kept = tiny.replications[0].log, back.replications[0].log
    assert digest(kept) == digest(log)
    assert measure(kept).equals(measure(log))


def test_lines_of_a_time_space_diagram_are_the_rows_of_the_log(full):
    log, laid_out = full.replications[0].log, axis(full.scenario, "kuryk")
    rows = positions(movements(log), laid_out)
    sails = rows[(rows["activity"] == "sail") & (rows["leg"] == "kuryk-ferries")]
    table = log.labelled(log["vehicle_log"])
    written = table[(table["activity"] == "sail") & (table["resource"] == "kuryk-ferries")]
    assert len(sails) == len(written) > 0
    assert sorted(sails["start_s"]) == sorted(written["start_s"])
    known = written["end_s"] >= 0
    assert sorted(sails.loc[~sails["is_open"], "end_s"]) == sorted(written.loc[known, "end_s"])
    # Whether a ship is at sea at the end is chance.
    assert set(sails.loc[sails["is_open"], "end_s"]) <= {log.facts.end_s}
    runs = rows[rows["leg"] == "shalkar-beineu"]
    paths = table[
        table["resource"].astype(str).str.startswith("shalkar-beineu:")
        & (table["activity"] == "run")
    ]
    ours = log["vehicles"].set_index("vehicle")["carrier"] >= 0
    paths = paths[paths["vehicle"].map(ours)]
    assert sorted(runs["start_s"]) == sorted(paths["start_s"])
    assert len(runs) > 0
    assert sorted(runs.loc[~runs["is_open"], "end_s"]) == sorted(
        paths.loc[paths["end_s"] >= 0, "end_s"]
    )
    west = runs["from_place"] == "shalkar"
    assert set(runs[west]["start_km"]) == {laid_out.km["shalkar"]}
    assert set(runs[west]["end_km"]) == {laid_out.km["beineu"]}
    leaves_kuryk = sails["from_place"] == "kuryk"
    assert set(sails[leaves_kuryk]["start_km"]) == {laid_out.km["kuryk"]}
    assert set(sails[leaves_kuryk]["end_km"]) == {laid_out.km["alat"]}
    assert laid_out.km["alat"] - laid_out.km["kuryk"] == pytest.approx(252.5 * 1.852)
    lengths = full.scenario.spec.sections
    assert laid_out.km["beineu"] - laid_out.km["shalkar"] == lengths["shalkar-beineu"].length_km


def test_widths_of_the_map_are_the_tonnes_that_sailed_in_the_window(full):
    log = full.replications[0].log
    flows = moved(log)
    row = flows[(flows["leg"] == "kuryk-ferries") & (flows["from_place"] == "kuryk")].iloc[0]
    cargo, facts, sail = log.cargo, log.facts, int(Activity.SAIL)
    kuryk, line = log.names.place.index("kuryk"), log.names.resource.index("kuryk-ferries")
    here = (cargo["activity"] == sail) & (cargo["place"] == kuryk) & (cargo["resource"] == line)
    inside = (cargo["start_s"] >= facts.warmup_s) & (cargo["start_s"] < facts.window_end_s)
    years = (facts.window_end_s - facts.warmup_s) / (365 * 86400)
    assert row["t_per_year"] == pytest.approx(cargo[here & inside]["kg"].sum() / 1000 / years)
    widths = widths_pt(frames_of(full))
    assert widths.max() == WIDEST_PT
    assert widths[row.name] / WIDEST_PT == pytest.approx(
        row["t_per_year"] / flows["t_per_year"].max()
    )


def test_a_band_is_as_wide_as_said_on_the_right_hand_side():
    outline = band(np.array([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)]), 2.0)
    assert outline[3:].tolist() == pytest.approx(np.array([(12, 10), (12, -2), (0, -2)]))


def test_waiting_cargo_agrees_with_the_stacks(tiny):
    log, summary = tiny.replications[0].log, tiny.summary()
    level = summary[summary["name"] == "stack_mean"].set_index("where")["mean"]
    assert waiting(log)["tonnes"].sum() == pytest.approx(level.sum())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere", "map"], "no such folder"),
        (["STUDY", "pie"], "choose one of"),
        (["STUDY", "waits", "--from", "2023-01-01", "--to", "2023-02-01"], "time-space"),
        (["STUDY", "time-space", "--from", "2023-02-01"], "together"),
        (["STUDY", "waits", "--out", "figure.gif"], "svg, png, pdf"),
        (["STUDY", "waits", "--table", "numbers.xls"], "csv, json"),
        (["STUDY", "waits", "--at", "aktau"], "gantt"),
        (["STUDY", "waterfall", "--flow", "gold"], "no flow is called gold"),
        (["STUDY", "gantt", "--at", "atlantis"], "--at atlantis"),
        (["STUDY", "time-space", "--via", "atlantis"], "--via atlantis"),
    ],
)
def test_wrong_questions_are_told(tiny, tmp_path, capsys, arguments, told):
    save_study(tiny, tmp_path / "study")
    given = [str(tmp_path / "study") if argument == "STUDY" else argument for argument in arguments]
    assert corridor(["plot", *given]) == 2
    assert told in capsys.readouterr().err


def test_kinds_are_listed_and_files_are_the_same_bytes(tiny, tmp_path, capsys):
    assert corridor(["plot"]) == 0
    listed = capsys.readouterr().out
    assert all(f"{kind} " in listed for kind in KINDS)
    save_study(tiny, tmp_path / "study")
    for ending in ("svg", "png", "pdf"):
        files = [tmp_path / f"{name}.{ending}" for name in ("a", "b")]
        assert all(
            corridor(["plot", str(tmp_path / "study"), "waits", "--out", str(file)]) == 0
            for file in files
        )
        assert files[0].read_bytes() == files[1].read_bytes()


def test_names_of_the_notebook_interface_draw():
    import sim

    scenario = load("scenarios/textbook/one-ferry-line.yaml").with_(
        {"horizon.days": 30, "horizon.warmup_days": 10}
    )
    study = replicate(scenario, replications=1, workers=1)
    for ax in (
        sim.plot.map(study),
        sim.plot.time_space(sim.simulate(scenario)),
        sim.plot.waits(study),
    ):
        ax.get_figure().draw_without_rendering()


@pytest.fixture(scope="module")
def two():
    changes = {"horizon.days": 60, "horizon.warmup_days": 20, "horizon.followup_days": 40}
    return replicate(load("baseline-2023").with_(changes), replications=2, workers=1)


@pytest.mark.parametrize("flow", [None, "every flow"])
def test_a_waterfall_ends_at_the_transit_time_of_the_summary(two, flow):
    summary = two.summary()
    means = summary[summary["name"] == "transit_days_mean"]
    flows = [None] if flow is None else list(means["flow"].dropna())
    assert len(flows) == (1 if flow is None else len(two.scenario.spec.flows))
    for one in flows:
        told = float(
            means[means["flow"].isna() if one is None else means["flow"] == one]["mean"].iloc[0]
        )
        steps = stages(journey(two, one))
        if np.isnan(told):
            assert steps.empty
            continue
        by = steps.set_index("stage")["days"]
        assert by[WHOLE] == pytest.approx(told, abs=1e-9)
        parts = by.drop(["free flow", WHOLE])
        assert parts.sum() == pytest.approx(told, abs=1e-9)
        no_waits = sum(by.get(group, 0) for group in FREE_FLOW)
        assert by["free flow"] == pytest.approx(no_waits, abs=1e-12)
    assert summary[summary["name"] == "transit_days_mean"]["mean"].notna().any()


def test_bars_of_a_waterfall_are_its_table(two):
    drawing = KINDS["waterfall"].draw([two])
    bars = [(bar.get_x(), bar.get_width()) for bar in drawing.figure.axes[0].patches]
    assert np.array(bars) == pytest.approx(drawing.table[["start", "days"]].to_numpy(), abs=1e-9)


def test_berths_hold_one_vessel_at_a_time_and_as_long_as_the_log_says(full):
    log = full.replications[0].log
    begin = pd.Timestamp(log.facts.start_date)
    span = (begin + pd.Timedelta(days=20), begin + pd.Timedelta(days=50))
    chart = KINDS["gantt"].draw([full], View(span=span, at="alat")).table
    berth = chart[chart["panel"] == "berth"]
    assert len(berth) > 10
    assert (berth["start"] >= span[0]).all()
    assert (berth["end"] <= span[1]).all()
    for _, lane in berth.sort_values("start").groupby("lane"):
        assert (lane["start"].iloc[1:].to_numpy() >= lane["end"].iloc[:-1].to_numpy()).all()
    holds = log["resource_log"]
    codes = [n for n, r in enumerate(log.resources) if r.kind == "berth" and r.place == "alat"]
    mine = holds[holds["resource"].isin(codes) & (holds["start_s"] >= 0)]
    ends = mine["end_s"].where(mine["end_s"] >= 0, log.facts.end_s)
    low, high = (int((at - begin).total_seconds()) for at in span)
    held_s = (ends.clip(upper=high) - mine["start_s"].clip(lower=low)).clip(lower=0).sum()
    assert (berth["end"] - berth["start"]).dt.total_seconds().sum() == pytest.approx(held_s)
    vessels = chart[chart["panel"] == "vessel"].groupby("lane")
    assert len(vessels) > 10
    for _, lane in vessels:
        assert (lane["end"] - lane["start"]).sum() <= span[1] - span[0]


@pytest.mark.parametrize("has_notes", [False, True])
def test_bands_drawn_on_the_map_are_as_wide_as_its_table(full, has_notes):
    drawing = KINDS["map"].draw([full])
    if has_notes:
        drawing = drawing.noted()
    ax = drawing.figure.axes[0]
    settle(drawing.figure)
    km_per_pt = np.ptp(ax.get_xlim()) / (72 * ax.get_window_extent().width / drawing.figure.dpi)
    drawn = {patch.get_gid(): patch.get_xy() for patch in ax.patches if patch.get_gid()}
    moves = drawing.table[drawing.table["what"] == "moves"]
    wide = moves[moves["width_pt"] > 0.5]
    assert len(wide) > 5
    for row in wide.to_dict("records"):
        outline = drawn[f"{row['leg']}:{row['place']}>{row['to_place']}"]
        # The first point of the way, and the last of the outline before it closes: the offset at that end.
        width = float(np.hypot(*(outline[0] - outline[-2]))) / km_per_pt
        assert width == pytest.approx(row["width_pt"], rel=0.001)


def test_strips_are_quantiles_of_the_units_delivered(full):
    table = KINDS["transit"].draw([full]).table.set_index("flow")
    log = full.replications[0].log
    summary = full.summary()
    exact = summary[(summary["name"] == "transit_days_p50") & summary["mean"].notna()].set_index(
        "flow"
    )["mean"]
    both = table.index.intersection(exact.index.dropna())
    assert len(both) > 2
    assert table.loc[both, "q50"].to_numpy() == pytest.approx(exact[both].to_numpy())
    assert len(log["deliveries"]) > 0


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_the_table_of_a_figure_holds_its_numbers(tiny, tmp_path, ending):
    save_study(tiny, tmp_path / "study")
    file = tmp_path / f"numbers.{ending}"
    arguments = [
        "plot",
        str(tmp_path / "study"),
        "waterfall",
        "--table",
        str(file),
        "--out",
        str(tmp_path / "w.svg"),
    ]
    assert corridor(arguments) == 0
    read = pd.read_csv(file) if ending == "csv" else pd.read_json(file, precise_float=True)
    steps = stages(journey(tiny))
    assert read["days"].to_list() == pytest.approx(steps["days"].to_list(), abs=1e-12)
    assert read["stage"].to_list() == steps["stage"].to_list()
