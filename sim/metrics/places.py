"""What moved over each leg and what waited at each place: the numbers of a map."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.log import NONE, Activity, RunLog
from sim.metrics.aboard import kg_of_trips
from sim.metrics.flows import kg_of
from sim.metrics.movements import MOVING, movements
from sim.metrics.window import ends, measured
from sim.units import DAY

WAITING = tuple(activity for activity in Activity if activity.label.startswith("wait_"))


def moved(log: RunLog) -> pd.DataFrame:
    """Return what began to move over each leg in the measured window, each way apart.

    Returns
    -------
    DataFrame
        ``leg, kind, from_place, to_place, t_per_year, units_per_year, vehicles_per_year``, per 365
        days, tonnes net; ``kind`` is that of the vehicles.
    """
    window = measured(log)
    rows = movements(log, window)
    begun = rows[
        rows["activity"].isin([a.label for a in MOVING])
        & window.contains(rows["start_s"].to_numpy())
    ]
    # A single track by layout is run block by block: a train counts once.
    once = begun[
        begun["trip"].eq(NONE) | ~begun.duplicated(["vehicle", "trip", "leg", "from_place"])
    ]
    keys = ["leg", "kind", "from_place", "to_place"]
    by = once.astype({"kind": str}).groupby(keys, sort=False)
    sums = by.agg(
        t_per_year=("tonnes", "sum"),
        units_per_year=("units", "sum"),
        vehicles_per_year=("vehicle", "size"),
    )
    return (sums / window.years).reset_index()


def waiting(log: RunLog) -> pd.DataFrame:
    """Return the cargo that waits at each place on average over the measured window: ``place,
    activity, tonnes``.

    In stacks, and aboard of what waits; :math:`\\sum_i m_i |I_i \\cap T| / |T|`, tonnes net.
    """
    window, places = measured(log), log.names.place
    stays, rows = log.tables["stays"], log.tables["vehicle_log"]
    rows = rows.where((rows["trip"] != NONE) & np.isin(rows["activity"], WAITING))
    kg_of_stays = stays["units"] * kg_of(log)[log.tables["lots"]["flow"][stays["lot"]]]
    total = np.zeros((len(places), len(Activity)))
    for table, kg in ((stays, kg_of_stays), (rows, kg_of_trips(log)[rows["trip"]])):
        days = window.overlap_s(table["start_s"], ends(table, log)) / DAY
        np.add.at(total, (table["place"], table["activity"]), kg / 1000 * days)
    total /= max(window.length_s / DAY, 1e-9)
    place, activity = np.nonzero(total)
    labels = [Activity(code).label for code in activity.tolist()]
    listed = [places[code] for code in place.tolist()]
    return pd.DataFrame({"place": listed, "activity": labels, "tonnes": total[place, activity]})
