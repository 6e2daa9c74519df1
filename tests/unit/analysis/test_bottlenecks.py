"""The ladder of bottlenecks on small corridors whose bottlenecks are planted."""

from __future__ import annotations

import json
import pickle
from zlib import decompress

import pytest

import sim
from sim.analysis.bottlenecks import bottlenecks
from sim.analysis.bottlenecks._contenders import contenders
from sim.analysis.bottlenecks._fix import enough_steps
from sim.analysis.bottlenecks._search import RUNGS
from sim.analysis.bottlenecks._suspects import one_class_a_service, suspects_of
from sim.cli.main import run as corridor
from sim.errors import InvariantError, UsageError
from sim.runs import pools
from sim.runs.pools import Parts, Task
from sim.runs.runner import Runner

HEAD = """
title: planted
horizon: {start: 2022-01-01, days: 730, warmup_days: 365, followup_days: 10}
"""
# Two trucks and a half a day go through gates that can do two and 2.4 with one lane: the first, then the second.
GATES = (
    HEAD
    + """
places: {town: {}, yard: {}, port: {}}
flows: {trucks: {unit: truck, origin: town, destination: port, arrivals: {poisson: {per_day: 2.8}}}}
roads:
  street: {from: town, to: yard, gates: {yard: {lanes: 1, time: {erlang: {mean: 12h, k: 4}}}}}
  quay: {from: yard, to: port, gates: {port: {lanes: 1, time: {erlang: {mean: 10h, k: 4}}}}}
"""
)
# Forty wagons arrive on two days. One ferry of 20 is away for 41 h; each call takes 15 h of the only berth, so 32 wagons a
# day is what it could do, were there ferries enough.
FERRY = (
    HEAD
    + """
places: {a: {}, b: {}}
flows: {wagons: {unit: wagon, origin: a, destination: b, consignment_units: 4, arrivals: {poisson: {per_day: 11}}}}
ports: {a: {berths: {quay: {berths: 1}}}}
vessels: {ferry: {capacity: {wagon: 20}}}
services:
  line: {from: a, to: b, vessel: ferry, vessels: 1, crossing: 10h, handling: {a: {uniform: {low: 13h, high: 17h}}, b: 6h}, departure: {a: {full: 1.0, longest_wait: 48h}, b: at_once}}
"""
)
# A train of 20 wagons every 8 h or so; two paths a day on the first section, then one border track of 10 h a train.
RAIL = (
    HEAD
    + """
places: {a: {}, m: {}, n: {}, z: {}}
flows: {wagons: {unit: wagon, origin: a, destination: z, consignment_units: 20, arrivals: {poisson: {per_day: 2.8}}}}
sections:
  west: {from: a, to: m, running: 5h, paths_per_day: 1.8}
  east: {from: n, to: z, running: 5h, paths_per_day: 20}
borders: {line: {from: m, to: n, tracks: 1, clearance: {uniform: {low: 9h, high: 11h}}}}
trains: {block: {path: [a, m, n, z], capacity: {wagon: 20}, departure: {full: 1.0}}}
"""
)
ALIKE = (
    HEAD
    + """
places: {north: {}, south: {}, port: {}, quay: {}}
flows:
  n: {unit: truck, origin: north, destination: port, arrivals: {poisson: {per_day: 1.4}}}
  s: {unit: truck, origin: south, destination: quay, arrivals: {poisson: {per_day: 1.4}}}
roads:
  one: {from: north, to: port, gates: {port: {lanes: 1, time: {erlang: {mean: 24h, k: 4}}}}}
  two: {from: south, to: quay, gates: {quay: {lanes: 1, time: {erlang: {mean: 24h, k: 4}}}}}
"""
)


def _found(scenario, text, **settings):
    with Runner(workers=1) as runner:
        return bottlenecks(scenario(text), replications=4, budget=120, runner=runner, **settings)


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        (GATES, "gate lanes street/yard", "gate lanes quay/port"),
        (FERRY, "vessels line/ferry", "berths a/quay"),
        (RAIL, "paths west", "border tracks line"),
    ],
)
def test_the_planted_bottleneck_is_named_and_then_the_second(scenario, text, first, second):
    found = _found(scenario, text)
    assert [rung.verdict for rung in found.rungs[:2]] == [first, second]
    assert all(rung.is_decided for rung in found.rungs[:2])
    assert found.rungs[-1].state == "holds" and found.ended == "nothing is overloaded"
    table = found.table()
    assert (table["more_low"].iloc[:2] > 0).all()
    ran = sum(
        len(rung.base) + sum(effect.gain.count for effect in rung.effects) for rung in found.rungs
    )
    # A fix of one step is the what-if that proved it: that is not run again.
    again = [
        next(e.gain.count for e in rung.effects if e.id == rung.fix.id)
        for rung in found.rungs[:-1]
        if any(rung.fix.id == e.id and rung.fix.then == e.then for e in rung.effects)
    ]
    assert found.used == ran - sum(again)


def test_waits_add_up_to_the_transit_time_where_nothing_is_overloaded(scenario):
    found = _found(scenario, GATES, target=0.4)
    (rung,) = found.rungs
    assert rung.state == "holds" and rung.outcome == "transit_days_mean" and rung.fix is None
    assert rung.waits["days"].sum() == pytest.approx(rung.mean("transit_days_mean").mean, rel=1e-9)
    best = max(rung.effects, key=lambda effect: effect.gain.mean)
    assert best.id == "gate lanes street/yard" and best.gain.low > 0


def test_two_alike_side_by_side_are_undecided(scenario):
    with Runner(workers=1) as runner:
        first = bottlenecks(scenario(ALIKE), replications=3, budget=9, runner=runner).rungs[0]
    assert (
        not first.is_decided and first.verdict.startswith("undecided: ") and first.fix is not None
    )
    assert "gate lanes one/port" in first.verdict and "gate lanes two/quay" in first.verdict


def test_screening_keeps_what_may_be_the_best():
    sure = {"a": [9.0, 10.0, 11.0, 10.0], "b": [1.0, 2.0, 3.0, 2.5], "none": [0.0] * 4}
    assert contenders(sure, 0.05) == ("a",)
    # Equal on average, and no sooner separated with more random numbers in common.
    assert contenders({"a": [1.0, 2.0, 3.0], "b": [2.0, 1.0, 3.0]}, 0.05) == ("a", "b")
    assert contenders({"a": [1.0, float("nan")], "b": [1.0, 2.0]}, 0.05) == ("b",)


def test_a_bottleneck_is_raised_until_the_preview_gives_it_room(scenario):
    loaded = scenario(FERRY)
    fleet = next(s for s in suspects_of(loaded) if s.id == "vessels line/ferry")
    # 44 wagons a day need 2.2 sailings; a ferry makes one in 41 h: 3.76 of them are full, 4.42 are full to 85 %.
    assert enough_steps(loaded, fleet) == 4


def test_suspects_keep_to_dates_and_to_the_class_that_can_carry_all(scenario):
    changed = scenario(
        FERRY + "changes: {2023-03-01: {ports: {a: {berths: {quay: {berths: 2}}}}}}\n"
    )
    berths = next(s for s in suspects_of(changed) if s.id == "berths a/quay")
    assert berths.changes(1) == {
        "ports.a.berths.quay.berths": 2,
        "changes.2023-03-01.ports.a.berths.quay.berths": 3,
    }
    base = sim.load("baseline-2023")
    kept = [
        s.id
        for s in one_class_a_service(base, suspects_of(base))
        if s.id.startswith("vessels kuryk-ferries")
    ]
    assert kept == ["vessels kuryk-ferries/rail-54"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"budget": 5}, "does not pay for one what-if"),
        ({"replications": 1}, "two replications or more"),
        ({"target": 0}, "a multiple of the demand"),
        ({"most_suspects": 0}, "one suspect or more"),
    ],
)
def test_numbers_that_cannot_be_are_refused(scenario, settings, message):
    with pytest.raises(UsageError, match=message):
        bottlenecks(scenario(GATES), **settings)


def test_a_horizon_too_short_for_growth_is_reported(scenario):
    with Runner(workers=1) as runner, pytest.raises(UsageError, match="longer horizon"):
        bottlenecks(
            scenario(GATES.replace("days: 730, warmup_days: 365", "days: 60")),
            replications=2,
            runner=runner,
        )


def test_the_command_keeps_draws_and_goes_on_from_the_store(scenario, tmp_path, capsys):
    file, out = str(scenario(GATES).file), tmp_path / "out"
    command = [
        "bottlenecks",
        file,
        "-n",
        "3",
        "--budget",
        "30",
        "--workers",
        "1",
        "--out",
        str(out),
    ]
    assert corridor(command) == 0
    printed, _ = capsys.readouterr()
    assert (
        "the ladder of bottlenecks" in printed
        and (out / "figures" / "ladder.png").stat().st_size > 5_000
    )
    assert corridor([*command, "--json", "-"]) == 0
    printed, message = capsys.readouterr()
    document = json.loads(printed)
    assert (
        document["rungs"][0]["bottleneck"] == "gate lanes street/yard"
        and "0 replications computed" in message
    )
    assert corridor(["bottlenecks", file, "--target", "5 times"]) == 2
    assert "like --target 5x" in capsys.readouterr().err


def _lanes(task: Task) -> tuple[int, ...]:
    """Return the lanes of the gates that a task runs."""
    network = pickle.loads(decompress(task.network))  # noqa: S301 - our own
    return tuple(gate.lanes for line in network.roads for gate in line.gates if gate is not None)


def _breaks_where(lanes, monkeypatch, first=0):
    compute = pools.compute

    def work(task: Task) -> Parts:
        if _lanes(task) == lanes and task.replication >= first:
            raise InvariantError("a truck is lost", 5, "audit")
        return compute(task)

    monkeypatch.setattr(pools, "compute", work)


def test_a_what_if_that_fails_every_time_is_dropped_and_the_others_go_on(
    scenario, tmp_path, capsys, monkeypatch
):
    # One more lane at the second gate alone does not run.
    _breaks_where((1, 2), monkeypatch)
    command = [
        "bottlenecks",
        str(scenario(GATES).file),
        "-n",
        "3",
        "--budget",
        "36",
        "--workers",
        "1",
    ]
    out = tmp_path / "out"
    assert corridor([*command, "--out", str(out), "--json", "-"]) == 0
    printed, message = capsys.readouterr()
    assert (
        "warning: gate lanes quay/port is no longer tried (rung 1)" in message
        and "a truck is lost" in message
    )
    document = json.loads(printed)
    assert document["rungs"][0]["bottleneck"] == "gate lanes street/yard"
    assert [(row["rung"], row["id"]) for row in document["dropped"]] == [
        (1, "gate lanes quay/port")
    ]
    assert "--set roads.quay.gates.port.lanes=2" in document["dropped"][0]["why"]
    assert [row["id"] for row in document["suspects"] if row["rung"] == 1] == [
        "gate lanes street/yard"
    ]
    assert not [row for row in document["suspects"] if row["id"] == "gate lanes quay/port"]
    assert len(document["rungs"]) > 1
    assert (out / "dropped.csv").read_text().startswith("rung,id,why\n1,gate lanes quay/port,")


def test_a_what_if_that_fails_at_a_later_look_is_dropped_with_what_it_had_shown(
    scenario, monkeypatch
):
    # Two alike: a rung has room in its sixth of the budget to look again; from the third replication on the first fails.
    _breaks_where((2, 1), monkeypatch, first=3)
    with Runner(workers=1) as runner:
        found = bottlenecks(scenario(ALIKE), replications=3, budget=162, runner=runner)
    (dropped,), first = found.without, found.rungs[0]
    assert dropped.id == "gate lanes one/port" and dropped.rung == 1
    assert [effect.id for effect in first.effects] == ["gate lanes two/quay"]


def test_a_corridor_that_fails_is_an_error_at_first_and_ends_the_ladder_later(
    scenario, capsys, monkeypatch
):
    # Four trucks a day need two lanes of twelve hours, and three to have room.
    file = str(scenario(GATES.replace("per_day: 2.8", "per_day: 4")).file)
    command = ["bottlenecks", file, "-n", "3", "--budget", "36", "--workers", "1"]
    with monkeypatch.context() as patched:
        _breaks_where((1, 1), patched)
        assert corridor(command) == 3
    assert "a truck is lost" in capsys.readouterr().err
    _breaks_where((3, 1), monkeypatch)
    assert corridor([*command, "--json", "-"]) == 3
    printed, message = capsys.readouterr()
    document = json.loads(printed)
    assert [row["fix"] for row in document["rungs"]] == ["gate lanes street/yard: 1 to 3"]
    assert (
        document["ended"] == "the corridor with the last fix fails every time"
        and "lanes=3" in message
    )


def test_ctrl_c_keeps_finished_rungs_and_the_same_command_goes_on(
    scenario, tmp_path, capsys, monkeypatch
):
    out = tmp_path / "out"
    command = [
        "bottlenecks",
        str(scenario(GATES).file),
        "-n",
        "3",
        "--budget",
        "36",
        "--workers",
        "1",
    ]
    command += ["--out", str(out), "--json", str(tmp_path / "found.json")]
    done, compute = [], pools.compute

    def interrupted(task: Task) -> Parts:
        # On the second rung, after the first of its what-ifs.
        if sum(sum(lanes) > 3 for lanes, _ in done):
            raise KeyboardInterrupt
        done.append((_lanes(task), task.replication))
        return compute(task)

    with monkeypatch.context() as patched:
        patched.setattr(pools, "compute", interrupted)
        assert corridor(command) == 130
    _, message = capsys.readouterr()
    assert (
        f"stopped; what is finished lies in {out / 'store'}, and the same command goes on from there"
        in message
    )
    kept = json.loads((tmp_path / "found.json").read_text())
    assert [row["bottleneck"] for row in kept["rungs"]] == ["gate lanes street/yard"] and kept[
        "ended"
    ] == "stopped"
    assert len((out / "ladder.csv").read_text().splitlines()) == 2

    def counted(task: Task) -> Parts:
        done.append((_lanes(task), task.replication))
        return compute(task)

    monkeypatch.setattr(pools, "compute", counted)
    assert corridor(command) == 0
    whole = json.loads((tmp_path / "found.json").read_text())
    assert whole["rungs"][0]["gain"] == kept["rungs"][0]["gain"] and len(whole["rungs"]) > 1
    assert len(done) == len(set(done)) == whole["replications"]
    with Runner(workers=1) as runner:
        undisturbed = bottlenecks(scenario(GATES), replications=3, budget=36, runner=runner)
    assert undisturbed.used == whole["replications"]
    assert [rung.verdict for rung in undisturbed.rungs] == [
        row["bottleneck"] or "" for row in whole["rungs"]
    ]


def test_ctrl_c_before_any_rung_leaves_tables_that_can_be_read(
    scenario, tmp_path, capsys, monkeypatch
):
    def interrupted(task: Task) -> Parts:
        raise KeyboardInterrupt

    monkeypatch.setattr(pools, "compute", interrupted)
    out = tmp_path / "out"
    command = [
        "bottlenecks",
        str(scenario(GATES).file),
        "-n",
        "3",
        "--budget",
        "36",
        "--workers",
        "1",
    ]
    assert corridor([*command, "--out", str(out)]) == 130
    assert "no rung was finished" in capsys.readouterr().out
    heads = {file.stem: file.read_text().splitlines() for file in out.glob("*.csv")}
    assert set(heads) == {"ladder", "suspects", "dropped", "waits", "active", "growth"}
    assert all(len(lines) == 1 and lines[0].startswith("rung,") for lines in heads.values())


def test_a_rung_looks_again_only_within_its_share_of_the_budget(scenario):
    with Runner(workers=1) as runner:
        found = bottlenecks(scenario(GATES), replications=3, budget=6 * 9, runner=runner)
    first = found.rungs[0]
    used = len(first.base) + sum(effect.gain.count for effect in first.effects)
    assert used <= 54 / RUNGS and {effect.gain.count for effect in first.effects} == {3}


# Two ferries that go when full or after ten days, which half of the cargo from the other end never fills: they lie there
# while cargo piles up at the first.
LYING = (
    HEAD
    + """
places: {a: {}, b: {}}
flows:
  there: {unit: wagon, origin: a, destination: b, arrivals: {poisson: {per_day: 12}}}
  back: {unit: wagon, origin: b, destination: a, arrivals: {poisson: {per_day: 1}}}
vessels: {ferry: {capacity: {wagon: 20}}}
services:
  line: {from: a, to: b, vessel: ferry, vessels: 2, crossing: 12h, departure: {a: {full: 1.0}, b: {full: 1.0, longest_wait: 96h}}}
"""
)


def test_what_vessels_lie_waiting_for_is_a_suspect_that_gives_more(scenario):
    loaded = scenario(
        LYING
        + "changes: {2023-03-01: {services: {line: {departure: {b: {longest_wait: 120h}}}}}}\n"
    )
    early = next(s for s in suspects_of(loaded) if s.id.startswith("earlier departure"))
    assert early.changes(2) == {
        "services.line.departure.a.full": 0.8,
        "services.line.departure.b.full": 0.8,
        "services.line.departure.b.longest_wait": f"{96 * 2880}s",
        "changes.2023-03-01.services.line.departure.b.longest_wait": f"{120 * 2880}s",
    }
    assert enough_steps(loaded, early) == 3
    with Runner(workers=1) as runner:
        first = bottlenecks(scenario(LYING), replications=3, budget=45, runner=runner).rungs[0]
    effect = next(e for e in first.effects if e.id == "earlier departure line")
    assert effect.gain.low > 0 and effect.then == 0.9


def test_no_rule_is_no_suspect(scenario):
    at_once = LYING.replace(
        "departure: {a: {full: 1.0}, b: {full: 1.0, longest_wait: 96h}}", "departure: at_once"
    )
    assert [s.id for s in suspects_of(scenario(LYING)) if s.lying] == ["earlier departure line"]
    assert not [s for s in suspects_of(scenario(at_once)) if s.lying]
