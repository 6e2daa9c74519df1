"""Every kind of figure of a study: drawn from what is on disk, with numbers that are those of the log."""

from __future__ import annotations

import numpy as np
import pytest

from sim.cli.main import run as corridor
from sim.errors import UsageError
from sim.log import Activity
from sim.metrics.movements import movements
from sim.metrics.places import moved, waiting
from sim.network.axis import axis
from sim.plot.geography import WIDEST_PT, band, widths_pt
from sim.plot.kinds import KINDS
from sim.plot.timespace import positions
from sim.spec.load import load
from sim.study.files import save_study
from sim.study.part import digest
from sim.study.saved import load_studies
from sim.study.study import replicate


@pytest.fixture(scope="module")
def full():
    changes = {"horizon.days": 60, "horizon.warmup_days": 20, "horizon.followup_days": 10}
    return replicate(load("baseline-2023").with_(changes), replications=1, workers=1)


@pytest.fixture(scope="module")
def tiny():
    scenario = load("scenarios/textbook/one-ferry-line.yaml")
    return replicate(scenario.with_({"horizon.days": 30, "horizon.warmup_days": 10}), replications=1, workers=1)


@pytest.fixture(scope="module")
def empty():
    scenario = load("scenarios/textbook/one-ferry-line.yaml")
    nothing = {"horizon.days": 2, "horizon.warmup_days": 1, "demand.scale": 0}
    return replicate(scenario.with_(nothing), replications=1, workers=1)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("which", ["empty", "tiny", "full"])
def test_every_kind_is_drawn_without_a_warning(kind, which, request):
    study = request.getfixturevalue(which)
    if kind == "validation" and which != "full":
        with pytest.raises(UsageError, match="nothing to validate"):
            KINDS[kind].draw([study], None)
        return
    figure = KINDS[kind].draw([study], None)
    figure.draw_without_rendering()
    assert any(text.get_text().replace("\n", " ").startswith("Source: scenario") for text in figure.texts)


def test_a_study_comes_back_from_its_folder(tiny, tmp_path):
    save_study(tiny, tmp_path)
    (back,) = load_studies(tmp_path)
    assert back.summary().equals(tiny.summary())
    assert digest(back.replications[0].log) == digest(tiny.replications[0].log)


def test_lines_of_a_time_space_diagram_are_the_rows_of_the_log(full):
    log, laid_out = full.replications[0].log, axis(full.scenario, "kuryk")
    rows = positions(movements(log), laid_out)
    sails = rows[(rows["activity"] == "sail") & (rows["leg"] == "kuryk-ferries")]
    table = log.labelled(log["vehicle_log"])
    written = table[(table["activity"] == "sail") & (table["resource"] == "kuryk-ferries")]
    assert len(sails) == len(written) > 0
    assert sorted(sails["start_s"]) == sorted(written["start_s"])
    leaves_kuryk = sails["from_place"] == "kuryk"
    assert set(sails[leaves_kuryk]["start_km"]) == {laid_out.km["kuryk"]}
    assert set(sails[leaves_kuryk]["end_km"]) == {laid_out.km["alat"]}
    assert laid_out.km["alat"] - laid_out.km["kuryk"] == pytest.approx(252.5 * 1.852)
    lengths = full.scenario.scenario.sections
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
    widths = widths_pt(flows)
    assert widths.max() == WIDEST_PT
    assert widths[row.name] / WIDEST_PT == pytest.approx(row["t_per_year"] / flows["t_per_year"].max())


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
        assert all(corridor(["plot", str(tmp_path / "study"), "waits", "--out", str(file)]) == 0 for file in files)
        assert files[0].read_bytes() == files[1].read_bytes()


def test_names_of_the_notebook_interface_draw():
    import sim

    scenario = load("scenarios/textbook/one-ferry-line.yaml").with_({"horizon.days": 30, "horizon.warmup_days": 10})
    study = replicate(scenario, replications=1, workers=1)
    for ax in (sim.plot.map(study), sim.plot.time_space(sim.simulate(scenario)), sim.plot.waits(study)):
        ax.get_figure().draw_without_rendering()
