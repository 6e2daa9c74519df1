"""Studies: reproducible to the byte, paired, with honest intervals."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import sim
from sim.errors import UsageError
from sim.study.comparison import compare
from sim.study.files import save_comparison, save_study
from sim.study.replicate import replicate

SHORT = {"horizon": {"start": "2022-12-01", "days": 50, "warmup_days": 10, "followup_days": 20}}


@pytest.fixture(scope="module")
def base() -> sim.Scenario:
    return sim.load("baseline-2023").with_({f"horizon.{k}": v for k, v in SHORT["horizon"].items()})


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_same_seed_same_bytes_for_one_and_two_workers(base, tmp_path):
    for name, workers in (("one", 1), ("again", 1), ("two", 2)):
        save_study(replicate(base, replications=3, seed=7, workers=workers), tmp_path / name)
    one, again, two = (_digests(tmp_path / name) for name in ("one", "again", "two"))
    assert one == again == two
    assert {
        "metrics.parquet",
        "manifest.json",
        "scenario.yaml",
        "summary.csv",
        "log/cargo.parquet",
    } <= set(one)


def test_what_was_saved_loads_to_the_same_scenario_and_log(base, tmp_path):
    study = replicate(base, replications=1, seed=7, workers=1)
    save_study(study, tmp_path)
    assert sim.load(tmp_path / "scenario.yaml").hash == base.hash
    log = study.replications[0].log
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "log" / "cargo.parquet"), log.cargo)
    columns = "lot consignment flow unit units kg vehicle activity place resource start_s end_s"
    assert list(log.cargo.columns) == columns.split()
    assert set(log.cargo.dtypes.astype(str)) == {"int64"}


def test_replication_n_depends_on_nothing_else(base):
    few, many = (replicate(base, replications=n, seed=7, workers=1) for n in (1, 2))
    pd.testing.assert_frame_equal(few.replications[0].metrics, many.replications[0].metrics)
    assert few.replications[0].events != many.replications[1].events


def test_a_comparison_pairs_replications(base, tmp_path):
    studies = [
        replicate(s, replications=3, seed=7, workers=1)
        for s in (base, base.with_({"services.kuryk-ferries.vessels.ro-pax": 3}))
    ]
    comparison = compare(*studies)
    table = comparison.table().query("name == 'calls_per_year' and where == 'kuryk'").iloc[0]
    values = [
        s.metrics.query("name == 'calls_per_year' and where == 'kuryk'")["value"].to_numpy()
        for s in studies
    ]
    paired = values[1] - values[0]
    half = stats.t.ppf(0.975, 2) * paired.std(ddof=1) / math.sqrt(3)
    assert table["difference"] == pytest.approx(paired.mean())
    assert table["high"] - table["low"] == pytest.approx(2 * half)
    save_comparison(comparison, tmp_path)
    assert (tmp_path / "differences.parquet").is_file()


def test_the_same_scenario_twice_differs_by_nothing(base):
    study = replicate(base, replications=2, seed=7, workers=1)
    differences = compare(study, study).table()["difference"].dropna()
    assert len(differences) > 1000
    assert (differences == 0).all()


def test_studies_of_other_random_numbers_cannot_be_compared(base):
    studies = [replicate(base, replications=1, seed=s, workers=1) for s in (1, 2)]
    with pytest.raises(UsageError, match="same seed"):
        compare(*studies)


@pytest.mark.parametrize("options", [{"replications": 0}, {"seed": -1}])
def test_impossible_questions_are_refused(base, options):
    with pytest.raises(UsageError):
        replicate(base, **options)


def test_more_demand_shares_the_random_numbers_of_less(base):
    few, many = (sim.simulate(s, seed=3).log for s in (base, base.with_({"demand.scale": 2.5})))
    end = min(few.facts.end_s, many.facts.end_s)
    own = [code for code, f in enumerate(few.flows) if f.scope == "titr" and "empty" not in f.id]
    counts = np.zeros(2)
    for code in own:
        a, b = (
            log["consignments"].query(f"flow == {code} and born_s < {end}")[["born_s", "units"]]
            for log in (few, many)
        )
        assert set(map(tuple, a.to_numpy().tolist())) <= set(map(tuple, b.to_numpy().tolist()))
        counts += len(a), len(b)
    assert counts[0] > 100
    # The additional 1.5 copies are Poisson: three standard deviations.
    assert abs(counts[1] - 2.5 * counts[0]) < 3 * (1.5 * counts[0]) ** 0.5
