"""The report and the replay say what the study says, escape what a scenario says, and are the same bytes each time."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from datetime import date
from html import escape

import numpy as np
import pytest

import sim
from sim.analysis.labels import resource_name
from sim.cli.main import run as corridor
from sim.errors import UsageError
from sim.metrics.movements import movements
from sim.metrics.stacks import daily_levels, levels_at
from sim.plot.drawing import View
from sim.plot.ground import way
from sim.plot.kinds import KINDS
from sim.plot.map_data import WIDEST_PT, frames_of, on_one_scale, scale_of, widths_pt
from sim.report import replay_page, report_page
from sim.report.pictures import pictures
from sim.report.replay_data import Dates, default_dates, replay_data
from sim.report.study_tables import key_numbers
from sim.report.table import Table, with_interval
from sim.report.terrain import Sheet
from sim.report.words import answer, compared
from sim.study.files import load_studies, save_comparison, save_study, save_text, saving
from sim.units import DAY

KINDS_OF_THE_REPORT = ("carried", "transit", "waits", "occupancy", "stacks", "warmup")
TITLE = '</script><script>alert("x")</script> & <b>ferry</b>'
FERRY = """
title: '{title}'
question: 'Is <i>one</i> ferry enough?'
horizon: {{start: 2023-01-01, days: 730, warmup_days: 365}}
places:
  kuryk: {{name: Kuryk, lat: 43.17, lon: 51.65}}
  alat: {{name: Alat, lat: 39.95, lon: 49.42}}
flows:
  wagons: {{unit: wagon, origin: kuryk, destination: alat, arrivals: {{poisson: {{per_day: {a_day}}}}}}}
vessels: {{ferry: {{capacity: {{wagon: 20}}}}}}
services:
  line:
    from: kuryk
    to: alat
    vessel: ferry
    vessels: 1
    crossing: 20h
    handling: 8h
    departure: {{kuryk: {{full: 1.0}}, alat: at_once}}
"""


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ferry")
    found = []
    for name, a_day in (("few", 4), ("many", 14)):
        file = folder / f"{name}.yaml"
        file.write_text(FERRY.format(title=TITLE, a_day=a_day))
        found.append(sim.replicate(sim.load(file), replications=3, workers=1))
    return tuple(found)


@pytest.fixture(scope="module")
def folder(studies, tmp_path_factory):
    out = tmp_path_factory.mktemp("compared")
    save_comparison(sim.compare(*studies), out)
    return out


@pytest.fixture(scope="module")
def page(folder):
    return report_page(load_studies(folder), folder)


def test_the_answer_is_made_from_the_numbers(studies):
    few, many = (answer(study) for study in studies)
    assert (few.verdict, many.verdict) == ("carries", "overloaded")
    # A ferry takes 20 wagons every 56 h, 8.6 a day; of 14 a day some 1,980 a year are left.
    summary = studies[1].summary()
    grown = summary[
        (summary["name"] == "stack_growth_per_year")
        & summary["where"].str.startswith("kuryk", na=False)
    ]
    assert 1700 < grown["mean"].max() < 2250
    most = grown.loc[grown["mean"].idxmax()]
    share = summary[
        (summary["name"] == "growth_share_per_year") & (summary["where"] == most["where"])
    ].iloc[0]
    # What is shown of the growth agrees with what is said of it: all of its interval is beyond the limit.
    assert share["low"] > 0.02
    told = f"cargo at Kuryk for line, by {with_interval(most)} units a year, a share of {with_interval(share)} of"
    assert any(told in sentence for sentence in many.sentences)
    assert "from 3 replications" in many.sentences[-1]
    (said,) = compared(sim.compare(*studies))
    assert re.match(r"many carries 0\.00\d Mt a year more than few \(0\.00\d to 0\.00\d\)\.", said)


def test_a_single_replication_and_an_equal_scenario_are_not_made_more_of(studies):
    one = answer(studies[0].only({0}))
    assert "single replication" in one.sentences[-1]
    assert "(" not in one.sentences[0]
    (said,) = compared(sim.compare(studies[0], studies[0]))
    assert "no difference is shown" in said


def test_the_page_says_the_numbers_of_the_summary(studies, page):
    rows = {row[0]: row[1:] for row in key_numbers(studies).rows}
    summary = studies[1].summary()
    carried = (
        summary[(summary["name"] == "carried_t_per_year") & summary["flow"].isna()]["mean"].iloc[0]
        / 1e6
    )
    assert rows["carried, Mt a year"][1].split(" ")[0] == f"{carried:.3f}"
    assert rows["carried, Mt a year"][1] in page
    assert studies[0].scenario.hash in page
    assert "corridor compare few many --seed 1 --replications 3" in page


def test_a_picture_has_the_caption_of_its_figure_and_the_page_shows_it(studies, page):
    found = pictures(studies)
    assert set(found) == {*KINDS_OF_THE_REPORT, "map-few", "map-many"}
    for name in KINDS_OF_THE_REPORT:
        caption = KINDS[name].draw(studies).caption
        assert found[name].caption == caption
        assert f"<figcaption>{escape(caption, quote=False)}</figcaption>" in page
    alone = KINDS["map"].draw(studies[1:]).caption
    assert found["map-many"].caption == f"many: {alone} Base map: Natural Earth."
    assert found["waits"].narrow != found["waits"].wide
    assert not found["map-few"].narrow


def test_maps_of_one_page_and_of_one_figure_have_one_scale(studies):
    few, many = on_one_scale([frames_of(study) for study in studies])
    assert few.scale == many.scale == scale_of(many)
    assert widths_pt(many).max() == WIDEST_PT
    share = few.flows["t_per_year"].max() / many.flows["t_per_year"].max()
    assert widths_pt(few).max() == pytest.approx(WIDEST_PT * share)
    both = KINDS["map"].draw(studies)
    assert both.table["scenario"].unique().tolist() == ["few", "many"]
    alone = KINDS["map"].draw(studies[:1], View(scaled_with=studies)).table
    own = both.table[both.table["scenario"] == "few"]["width_pt"].reset_index(drop=True)
    assert alone["width_pt"].equals(own)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("kuryk/stack/line", "cargo at Kuryk for line"),
        ("coast:kuryk>alat", "track Kuryk to Alat"),
        ("highway:gate:alat", "Alat, gate of highway"),
        ("kuryk/rail", "Kuryk, rail"),
        ("kuryk/tracks", "Kuryk, tracks"),
        ("elsewhere", "elsewhere"),
    ],
)
def test_resources_are_called_by_the_names_of_their_places(studies, where, words):
    assert resource_name(studies[0].scenario.spec, where) == words


def test_whatever_a_scenario_says_is_escaped(studies, page):
    for html in (page, replay_page(studies)):
        assert "<script>alert" not in html
        assert "&lt;/script&gt;&lt;script&gt;alert" in html
        assert html.count("</script>") == html.count("<script")
    assert "<i>one</i>" not in page


def test_nothing_is_fetched_and_headings_are_in_order(studies, page):
    for html in (page, replay_page(studies)):
        links = re.findall(r"""(?:src|srcset|href)\s*=\s*["']([^"']{0,12})""", html)
        assert links
        assert all(link.startswith(("data:", "#")) for link in links)
        assert '<html lang="en">' in html
        levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", html)]
        assert levels.count(1) == 1 == levels[0]
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert page.count("<img") == len(re.findall(r'<img[^>]* alt="[^"]{20,}"', page)) > 3


def test_the_same_study_gives_the_same_bytes(studies, folder, page):
    assert report_page(load_studies(folder), folder) == page
    assert replay_page(load_studies(folder)) == replay_page(studies)


def test_a_replay_shows_what_the_log_says(studies):
    log = studies[1].replications[0].log
    data = replay_data(studies)
    window, many = default_dates(log).window(log), data["scenarios"][1]
    assert (data["minutes"], data["step"], window.end_s) == (30 * 1440, 60, 730 * DAY)
    ((kind, label, flat),) = many["vehicles"]
    moves = movements(log, window)
    rows = np.array(flat).reshape(-1, 6)
    assert (kind, label) == (1, "ferry 0")
    assert rows[:, 3].tolist() == ((moves["start_s"] - window.start_s) // 60).tolist()
    assert rows[:, 5].tolist() == moves["units"].tolist()
    at_sea = (moves["activity"] == "sail").to_numpy()
    assert 0 < at_sea.sum() < len(at_sea)
    assert ((rows[:, 2] >= 0) == at_sea).all()
    (line,) = many["lines"]
    ends = {place[0]: list(place[3:]) for place in many["places"]}
    assert (line[3][:2], line[3][-2:]) == (ends["alat"], ends["kuryk"])
    # Alat comes first on the line, so a ship from Kuryk goes it backwards.
    assert rows[at_sea, 2].tolist() == (moves["from_place"][at_sea] == "kuryk").astype(int).tolist()
    # The sums of the changes are the levels; those at midnight are those of the metrics.
    (stack,) = (s for s in many["stacks"] if s[0] == 0)
    days, first = daily_levels(log)["kuryk/stack/line"].to_numpy(), window.start_s // DAY
    assert np.cumsum(stack[2])[::24].tolist() == days[first : first + 31].tolist()


def test_levels_between_midnights_count_what_stands(run):
    log = run(FERRY.format(title="one", a_day=4))
    at_s = np.array([3 * 3600 + 17, 5 * DAY + 1, 300 * DAY + 7], np.int64)
    code = next(n for n, r in enumerate(log.resources) if r.id == "kuryk/stack/line")
    stays = log["stays"][log["stays"]["resource"] == code]
    by_hand = [
        int(
            stays[(stays["start_s"] <= t) & ((stays["end_s"] > t) | (stays["end_s"] < 0))][
                "units"
            ].sum()
        )
        for t in at_s
    ]
    assert levels_at(log, at_s)[code].tolist() == by_hand
    assert sum(by_hand) > 0


def test_ways_follow_the_drawn_lines_where_that_is_shorter():
    def between(line, start, finish):
        return way([np.array(line)] if line else [], start, finish).tolist()

    ends = [[0.0, 0.0], [2.0, 0.0]]
    assert between([(0.0, 0.0), (1.0, 3.0), (2.0, 0.0)], *ends) == ends
    assert between([(0.0, 0.0), (1.0, 0.1), (2.0, 0.0)], *ends) == [ends[0], [1.0, 0.1], ends[1]]
    # Off the ends of the line, and against its direction.
    assert between([(0.0, 0.0), (5.0, 0.1), (9.0, 0.0)], (9.0, 0.2), (0.0, 0.2)) == [
        *([9.0, 0.2], [9.0, 0.0], [5.0, 0.1], [0.0, 0.0], [0.0, 0.2])
    ]
    assert between([], (0.0, 0.0), (5.0, 5.0)) == [[0.0, 0.0], [5.0, 5.0]]
    assert between([], (1.0, 1.0), (1.0, 1.0)) == [[1.0, 1.0], [1.0, 1.0]]


@pytest.mark.parametrize("port", ["kuryk", "aktau"])
def test_ships_go_around_the_headland_and_a_corridor_without_positions_is_a_row(port):
    sheet = Sheet(sim.load("baseline-2023").spec)
    course = list(zip(*[iter(sheet.line(port, "alat", "sea"))] * 2, strict=True))
    # Absheron reaches out to 50.4 degrees east at 40.4 north: where the way passes that height it is east of it.
    cape = sheet.on_sheet((50.4, 40.4))[0]
    crossings = [
        x0 + (x1 - x0) * (cape[1] - y0) / (y1 - y0)
        for (x0, y0), (x1, y1) in itertools.pairwise(course)
        if min(y0, y1) <= cape[1] < max(y0, y1)
    ]
    assert len(crossings) == 1
    assert crossings[0] > cape[0]
    plain = Sheet(sim.load("textbook/one-ferry-line").spec)
    assert not plain.is_map
    assert plain.ground() == {"frame": [], "land": [], "lake": [], "border": []}
    assert plain.place("kuryk")[1] == plain.place("alat")[1]


def test_numbers_stand_to_the_right():
    table = Table("t", ("a", "b", "c"), (("x", "1.5 (1 to 2)", "-"), ("y", "12", "3")))
    assert table.is_number == (False, True, True)


def test_the_commands_write_beside_the_study_or_where_they_are_told(folder, tmp_path, capsys):
    file = tmp_path / "r.html"
    assert corridor(["report", str(folder)]) == 0
    assert (
        corridor(
            [
                "replay",
                str(folder),
                "--from",
                "2024-03-01",
                "--to",
                "2024-03-08",
                "--out",
                str(file),
            ]
        )
        == 0
    )
    assert "wrote" in capsys.readouterr().err
    assert (folder / "report.html").read_text().startswith("<!doctype html>")
    data = json.loads(re.search(r'id="data">(.*?)</script>', file.read_text())[1])
    assert (data["begin"], data["end"]) == ("2024-03-01", "2024-03-08")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["report", "nowhere"], "nowhere: there is no such folder"),
        (["report", "{empty}"], "holds no study"),
        (["replay", "{study}", "--from", "2031-01-01"], "is not inside the run"),
        (
            ["replay", "{study}", "--from", "2022-01-01", "--to", "2022-02-01"],
            "is not inside the run, 2023-01-01 to",
        ),
        (
            ["replay", "{study}", "--from", "2024-02-02", "--to", "2024-02-01"],
            "the first before the second",
        ),
        (["report", "{study}", "--out", "{study}"], "is a folder"),
        (["report", "{study}", "--out", "{study}/none/r.html"], "lies in no folder that exists"),
    ],
)
def test_what_is_wrong_is_told_in_one_message(arguments, message, folder, tmp_path, capsys):
    assert corridor([a.format(empty=tmp_path, study=folder) for a in arguments]) == 2
    assert message in capsys.readouterr().err.replace("\n", " ")


def test_a_study_without_its_log_has_a_report_and_no_replay(studies, tmp_path, capsys):
    bare = replace(
        studies[0], replications=tuple(replace(r, log=None) for r in studies[0].replications)
    )
    save_study(bare, tmp_path)
    with saving(tmp_path, "bottlenecks") as fresh:
        save_text("where,relief\nkuryk/<rail>,1.25\n", fresh / "bottlenecks.csv")
    (tmp_path / "mine.csv").write_text("time,units\n2023-01-01,7\n")
    assert corridor(["replay", str(tmp_path)]) == 2
    assert "keeps no log" in capsys.readouterr().err
    html = report_page(load_studies(tmp_path), tmp_path)
    assert "yes, the corridor carries" in html
    # Results that another command left there are shown, escaped like all else.
    assert "<caption><span>Bottlenecks</span></caption>" in html
    assert "kuryk/&lt;rail&gt;" in html
    assert "<span>Mine</span>" not in html


def test_dates_are_checked_before_anything_is_read(studies):
    with pytest.raises(UsageError, match="choose --from and --to inside it"):
        replay_data(studies, Dates(date(2022, 1, 1), date(2022, 2, 1)))
