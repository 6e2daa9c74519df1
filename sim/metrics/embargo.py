"""Embargoes: how long each was on, what it let pass, what stood where, and the cargo that was
refused."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.log import Activity, Columns, RunLog, sum_by_code
from sim.metrics.flows import of_corridor, tonnes_of, units_by_flow
from sim.metrics.rows import Row
from sim.metrics.window import ends, measured, overlap_by_code
from sim.units import DAY


def embargoes(log: RunLog) -> Iterator[Row]:
    """Yield the days each embargo was on in the window, and the cargo it refused, per 365 days."""
    if not log.names.embargo:
        return
    window, refused = measured(log), log.tables["refusals"]
    on_s = overlap_by_code(log, "embargoes", "embargo", len(log.names.embargo))
    for name, seconds in zip(log.names.embargo, on_s.tolist(), strict=True):
        yield Row("embargo_days", seconds / DAY, "d", where=name)
    yield from _passed(log)
    yield from _standing(log)
    units = units_by_flow(refused.where(window.contains(refused["at_s"])), log)
    for flow, count in zip(log.flows, units.tolist(), strict=True):
        yield Row("refused_units_per_year", count / window.years, "units/a", flow=flow.id)
    tonnes = float((units * tonnes_of(log))[of_corridor(log)].sum())
    yield Row("refused_t_per_year", tonnes / window.years, "t/a")


def _passed(log: RunLog) -> Iterator[Row]:
    """Yield the units that passed the meters of each embargo in the window."""
    passes, quotas = log.tables["passes"], log.tables["quotas"]
    passed = passes.where(measured(log).contains(passes["at_s"]))
    units = sum_by_code(passed["units"], (passed["embargo"], len(log.names.embargo)))
    for code in np.unique(quotas["embargo"]).tolist():
        name = log.names.embargo[code]
        yield Row("embargo_passed_units", float(units[code]), "units", where=name)


def _standing(log: RunLog) -> Iterator[Row]:
    """Yield the units that stood for an embargo at each place: at most at once, and on average over
    the window."""
    window, held = measured(log), _held(log)
    overlap_s = window.overlap_s(held["start_s"], held["end_s"])
    held = held.where(overlap_s > 0)
    unit_s = sum_by_code(
        held["units"] * overlap_s[overlap_s > 0], (held["place"], len(log.names.place))
    )
    for place in np.unique(held["place"]).tolist():
        name = log.names.place[place]
        here = held.where(held["place"] == place)
        yield Row("held_units_mean", float(unit_s[place] / window.length_s), "units", where=name)
        yield Row("held_units_most", float(_most(here)), "units", where=name)


def _held(log: RunLog) -> Columns:
    """Return where units stood for an embargo: cargo on land, and what was aboard trains."""
    stays, trains = log.tables["stays"], log.tables["vehicle_log"]
    stays = stays.where(stays["activity"] == Activity.WAIT_EMBARGO)
    trains = trains.where(trains["activity"] == Activity.WAIT_EMBARGO)
    aboard = log.tables["aboard"]
    of_trip = sum_by_code(aboard["units"], (aboard["trip"], len(log.tables["trips"])))
    parts = [
        (stays["place"], stays["units"], stays["start_s"], ends(stays, log)),
        (trains["place"], of_trip[trains["trip"]], trains["start_s"], ends(trains, log)),
    ]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Columns(dict(zip(("place", "units", "start_s", "end_s"), columns, strict=True)))


def _most(held: Columns) -> int:
    """Return the most units at once."""
    at_s = np.concatenate([held["start_s"], held["end_s"]])
    change = np.concatenate([held["units"], -held["units"]])
    # What goes in a second goes before what comes.
    order = np.lexsort((change, at_s))
    return int(np.cumsum(change[order]).max(initial=0))
