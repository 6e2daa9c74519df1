"""What a replay shows, read from the log of a run: numbers in the order in which the page reads
them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.log import Activity, RunLog, closed_ends, names
from sim.metrics.movements import movements
from sim.metrics.stacks import levels_at
from sim.metrics.window import Window
from sim.plot.ground import MODES
from sim.plot.look import ACTIVITY_GROUPS, GROUP_OF
from sim.report.terrain import Sheet
from sim.units import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from sim.study.study import Study

MONTH_DAYS = 30
"""Length of a replay where nobody says how long."""
SAMPLES = 1000
"""Most levels of a stack in a replay: hourly up to six weeks, coarser for longer ones."""


@dataclass(frozen=True, slots=True)
class Dates:
    """First day and the day after the last of a replay."""

    begin: date
    end: date

    def window(self, log: RunLog) -> Window:
        """Return the same in seconds of the run.

        Raises
        ------
        UsageError
            The run does not cover it.
        """
        start = date.fromisoformat(log.facts.start_date)
        first, last = ((day - start).days * DAY for day in (self.begin, self.end))
        if not 0 <= first < last <= log.facts.end_s:
            final = start + pd.Timedelta(seconds=log.facts.end_s)
            what = f"a replay from {self.begin} to {self.end} is not inside the run, {start} to {final:%Y-%m-%d}"
            raise UsageError(
                f"{what}; choose --from and --to inside it, the first before the second"
            )
        return Window(first, last)


def default_dates(log: RunLog) -> Dates:
    """Return the last month of the measured window, or all of it where it is shorter."""
    start = date.fromisoformat(log.facts.start_date)
    end = min(log.facts.window_end_s, log.facts.end_s) // DAY
    begin = max(end - MONTH_DAYS, log.facts.warmup_s // DAY, 0)
    if begin >= end:
        raise UsageError("the run is shorter than a day; there is nothing to replay")
    return Dates(start + pd.Timedelta(days=begin), start + pd.Timedelta(days=end))


def replay_data(studies: Sequence[Study], dates: Dates | None = None) -> dict[str, Any]:
    """Return everything the page needs, for JSON: the frame of time, and each scenario with a map
    of its own.

    Times are minutes since the first midnight shown, positions are units of the sheet, and what is
    named more than once is a number into a list.

    Raises
    ------
    UsageError
        A study has no log, or the run does not cover the dates.
    """
    first = log_of(studies[0])
    dates = dates or default_dates(first)
    window = dates.window(first)
    step_s = max(HOUR, -(-window.length_s // SAMPLES // HOUR) * HOUR)
    return {
        "begin": dates.begin.isoformat(),
        "end": dates.end.isoformat(),
        "minutes": window.length_s // MINUTE,
        "step": step_s // MINUTE,
        "groups": [[name, color] for name, (color, _, _) in ACTIVITY_GROUPS.items()],
        "activities": [[a.label.replace("_", " "), _group(a)] for a in Activity],
        "scenarios": [_one(study, dates.window(log_of(study)), step_s) for study in studies],
    }


def log_of(study: Study) -> RunLog:
    """Return the log of the first replication.

    Raises
    ------
    UsageError
        It was not kept.
    """
    if not study.replications or study.replications[0].log is None:
        raise UsageError(
            f"{study.scenario.name} has no log of a run; write the study again with --out"
        )
    return study.replications[0].log


def _group(activity: Activity) -> int:
    return list(ACTIVITY_GROUPS).index(GROUP_OF[activity.label])


def _one(study: Study, window: Window, step_s: int) -> dict[str, Any]:
    """Return one scenario: places, lines, vehicles, trucks and stacks over time, closed ports."""
    log, scenario = log_of(study), study.scenario.spec
    sheet = Sheet(scenario)
    places = list(scenario.places)
    moves = movements(log, window)
    # A train that came over a border without a place beyond stands where it was.
    moves = moves.assign(
        to_place=moves["to_place"].where(moves["to_place"].isin(places), moves["from_place"])
    )
    moves = moves[moves["from_place"].isin(places)]
    lines = _lines(moves)
    grid_s = np.arange(window.start_s, window.end_s + 1, step_s)
    at = {place: number for number, place in enumerate(places)}
    return {
        "name": study.scenario.name,
        "title": scenario.title,
        "hash": study.scenario.hash,
        "seed": log.facts.seed,
        "isMap": sheet.is_map,
        "width": 20_000,
        "height": sheet.height,
        "ground": sheet.ground(),
        "places": [
            [p, scenario.places[p].name or p, int(p in scenario.ports), *sheet.place(p)]
            for p in places
        ],
        "lines": [[mode, at[a], at[b], sheet.line(a, b, mode)] for a, b, mode in lines],
        "carriers": [c.id for c in log.carriers],
        "vehicles": _vehicles(moves[moves["kind"] != "truck"], lines, at, log, window),
        "trucks": _trucks(moves[moves["kind"] == "truck"], lines, at, grid_s),
        "stacks": _stacks(log, at, grid_s),
        "closures": _closures(log, at, window),
        "embargoes": _embargoes(log, window),
    }


Lines = Mapping[tuple[str, str, str], int]
"""Number of each line that is used, by its two ends in alphabetical order and its mode."""


def _lines(moves: pd.DataFrame) -> Lines:
    going = moves[moves["from_place"] != moves["to_place"]]
    used = zip(going["from_place"], going["to_place"], going["kind"].astype(str), strict=True)
    ways = {(min(a, b), max(a, b), MODES[kind]) for a, b, kind in used}
    return {way: number for number, way in enumerate(sorted(ways))}


def _minutes(at_s: NDArray[np.int64] | pd.Series[int], window: Window) -> list[int]:
    """Return minutes since the beginning of *window*, rounded down."""
    return ((np.asarray(at_s) - window.start_s) // MINUTE).tolist()


def _vehicles(
    moves: pd.DataFrame, lines: Lines, at: Mapping[str, int], log: RunLog, window: Window
) -> list[list[Any]]:
    """Return ``kind, label, rows`` of each train and vessel.

    A row is six numbers: activity, carrier, where, start, end, units aboard. *where* is twice the
    number of a line, plus one if it is gone backwards; or, where the vehicle stands, ``-1 -`` the
    number of the place.
    """
    activities = {a.label: int(a) for a in Activity}
    carriers = {c.id: number for number, c in enumerate(log.carriers)}
    where = [
        -1 - at[a] if a == b else 2 * lines[min(a, b), max(a, b), MODES[kind]] + int(a > b)
        for a, b, kind in zip(
            moves["from_place"], moves["to_place"], moves["kind"].astype(str), strict=True
        )
    ]
    table = pd.DataFrame(
        {
            "vehicle": moves["vehicle"].to_numpy(),
            "kind": (moves["kind"] == "vessel").astype(int).to_numpy(),
            "label": [c or "train" for c in moves["vessel_class"]],
            "activity": [activities[a] for a in moves["activity"]],
            "carrier": [carriers[c] for c in moves["carrier"]],
            "where": where,
            "start": _minutes(moves["start_s"], window),
            "end": _minutes(moves["end_s"], window),
            "units": moves["units"].to_numpy(),
        }
    )
    columns = ["activity", "carrier", "where", "start", "end", "units"]
    return [
        [
            int(mine["kind"].iloc[0]),
            f"{mine['label'].iloc[0]} {number}",
            mine[columns].to_numpy().ravel().tolist(),
        ]
        for number, mine in table.groupby("vehicle", sort=True)
    ]


def _trucks(
    moves: pd.DataFrame, lines: Lines, at: Mapping[str, int], grid_s: NDArray[np.int64]
) -> dict[str, Any]:
    """Return how many trucks are under way on each line, and stand at each place, at the times of
    the grid."""
    going = moves["from_place"] != moves["to_place"]
    by_line = [
        [lines[way], _level(mine, grid_s)]
        for way in lines
        if way[2] == "road"
        for mine in [
            moves[going & moves["from_place"].isin(way[:2]) & moves["to_place"].isin(way[:2])]
        ]
    ]
    standing = moves[~going]
    by_place = [
        [at[place], _level(mine, grid_s)]
        for place, mine in standing.groupby("from_place", sort=True)
    ]
    return {"lines": by_line, "places": by_place}


def _level(rows: pd.DataFrame, grid_s: NDArray[np.int64]) -> list[int]:
    """Return the changes from each time of the grid to the next of how many rows are under way, the
    first from 0."""
    begun = np.searchsorted(np.sort(rows["start_s"].to_numpy()), grid_s, side="right")
    ended = np.searchsorted(np.sort(rows["end_s"].to_numpy()), grid_s, side="right")
    return _changes(begun - ended)


def _changes(level: NDArray[np.int64]) -> list[int]:
    return np.diff(level, prepend=0).tolist()


def _stacks(log: RunLog, at: Mapping[str, int], grid_s: NDArray[np.int64]) -> list[list[Any]]:
    """Return ``place, id, changes of the level`` of every stack that is used."""
    levels = levels_at(log, grid_s)
    found = []
    for code, resource in enumerate(log.resources):
        if resource.kind == "stack" and resource.place in at and levels[code].any():
            carrier = names.parse(resource.id, "stack").carrier
            found.append([at[resource.place], carrier, _changes(levels[code])])
    return found


def _closures(log: RunLog, at: Mapping[str, int], window: Window) -> list[list[Any]]:
    """Return ``place, start, end, class`` of each closed port, the class empty where it is shut for
    all."""
    table = log.tables["closures"]
    ends = closed_ends(table, log.facts.end_s)
    rows = np.flatnonzero((table["start_s"] < window.end_s) & (ends > window.start_s))
    starts, finishes = _minutes(table["start_s"][rows], window), _minutes(ends[rows], window)
    classes = [*log.names.vessel_class, ""]
    found = zip(
        table["place"][rows].tolist(),
        starts,
        finishes,
        table["vessel_class"][rows].tolist(),
        strict=True,
    )
    return [
        [at[log.names.place[place]], begin, end, classes[of]] for place, begin, end, of in found
    ]


def _embargoes(log: RunLog, window: Window) -> list[list[Any]]:
    """Return ``name, start, end`` of each loading ban."""
    table = log.tables["embargoes"]
    ends = closed_ends(table, log.facts.end_s)
    rows = np.flatnonzero((table["start_s"] < window.end_s) & (ends > window.start_s))
    spans = zip(_minutes(table["start_s"][rows], window), _minutes(ends[rows], window), strict=True)
    return [
        [log.names.embargo[code], *span]
        for code, span in zip(table["embargo"][rows].tolist(), spans, strict=True)
    ]
