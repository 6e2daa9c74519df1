"""What a replay shows, read from the log of a run, in the order in which the page reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.labels import place_name
from sim.errors import UsageError
from sim.log import Activity, Columns, RunLog, closed_ends, names
from sim.metrics.movements import movements
from sim.metrics.stacks import levels_at
from sim.metrics.window import Window
from sim.plot.drawing import log_of
from sim.plot.ground import MODES
from sim.plot.look import ACTIVITY_GROUPS, GROUP_OF
from sim.report.terrain import SHEET, Sheet
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
            end = start + pd.Timedelta(seconds=log.facts.end_s)
            run = f"the run, {start} to {end:%Y-%m-%d}"
            remedy = "choose --from and --to inside it, the first before the second"
            raise UsageError(
                f"a replay from {self.begin} to {self.end} is not inside {run}; {remedy}"
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
    log = log_of(studies[0])
    dates = dates or default_dates(log)
    window = dates.window(log)
    step_s = max(HOUR, -(-window.length_s // SAMPLES // HOUR) * HOUR)
    return {
        "begin": dates.begin.isoformat(),
        "end": dates.end.isoformat(),
        "minutes": window.length_s // MINUTE,
        "step": step_s // MINUTE,
        "groups": [[name, group.colour] for name, group in ACTIVITY_GROUPS.items()],
        "activities": [[a.label.replace("_", " "), _group(a)] for a in Activity],
        "scenarios": [_scene(study, dates, step_s) for study in studies],
    }


def _group(activity: Activity) -> int:
    return list(ACTIVITY_GROUPS).index(GROUP_OF[activity.label])


def _scene(study: Study, dates: Dates, step_s: int) -> dict[str, Any]:
    """Return one scenario: places, lines, vehicles, trucks and stacks over time, closed ports."""
    log, scenario = log_of(study), study.scenario.spec
    window, sheet = dates.window(log), Sheet(scenario)
    at = {place: number for number, place in enumerate(scenario.places)}
    moves = _moves(log, window, list(at))
    is_truck = moves["kind"] == "truck"
    lines = _lines(moves)
    grid_s = np.arange(window.start_s, window.end_s + 1, step_s)
    return {
        "name": study.scenario.name,
        "title": scenario.title,
        "hash": study.scenario.hash,
        "seed": log.facts.seed,
        "isMap": sheet.is_map,
        "width": SHEET,
        "height": sheet.height,
        "ground": sheet.ground(),
        "places": [
            [name, place_name(scenario, name), int(name in scenario.ports), *sheet.place(name)]
            for name in scenario.places
        ],
        "lines": [[mode, at[a], at[b], sheet.line(a, b, mode)] for a, b, mode in lines],
        "carriers": [carrier.id for carrier in log.carriers],
        "vehicles": _vehicles(moves[~is_truck], lines, at, log, window),
        "trucks": _trucks(moves[is_truck], lines, at, grid_s),
        "stacks": _stacks(log, at, grid_s),
        "closures": _closures(log, at, window),
        "embargoes": _embargoes(log, window),
    }


def _moves(log: RunLog, window: Window, places: list[str]) -> pd.DataFrame:
    """Return the movements between *places*.

    A train that crosses a border without a place beyond stands where it was.
    """
    moves = movements(log, window)
    is_known = moves["to_place"].isin(places)
    moves = moves.assign(to_place=moves["to_place"].where(is_known, moves["from_place"]))
    return moves[moves["from_place"].isin(places)]


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
    activities = {activity.label: int(activity) for activity in Activity}
    carriers = {carrier.id: number for number, carrier in enumerate(log.carriers)}
    kinds = moves["kind"].astype(str)
    ways = zip(moves["from_place"], moves["to_place"], kinds, strict=True)
    where = [_where(start, finish, kind, lines, at) for start, finish, kind in ways]
    table = pd.DataFrame(
        {
            "vehicle": moves["vehicle"].to_numpy(),
            "kind": (moves["kind"] == "vessel").astype(int).to_numpy(),
            "label": [vessel_class or "train" for vessel_class in moves["vessel_class"]],
            "activity": [activities[activity] for activity in moves["activity"]],
            "carrier": [carriers[carrier] for carrier in moves["carrier"]],
            "where": where,
            "start": _minutes(moves["start_s"], window),
            "end": _minutes(moves["end_s"], window),
            "units": moves["units"].to_numpy(),
        }
    )
    columns = ["activity", "carrier", "where", "start", "end", "units"]
    vehicles = []
    for number, own in table.groupby("vehicle", sort=True):
        first = own.iloc[0]
        rows = own[columns].to_numpy().ravel().tolist()
        vehicles.append([int(first["kind"]), f"{first['label']} {number}", rows])
    return vehicles


def _where(start: str, finish: str, kind: str, lines: Lines, at: Mapping[str, int]) -> int:
    """Return the number of a line and its direction, or of a place, as `_vehicles` says."""
    if start == finish:
        return -1 - at[start]
    line = lines[min(start, finish), max(start, finish), MODES[kind]]
    return 2 * line + int(start > finish)


def _trucks(
    moves: pd.DataFrame, lines: Lines, at: Mapping[str, int], grid_s: NDArray[np.int64]
) -> dict[str, Any]:
    """Return how many trucks are under way on each line, and stand at each place, at the times of
    the grid."""
    is_going = moves["from_place"] != moves["to_place"]
    going, standing = moves[is_going], moves[~is_going]
    by_line = []
    for (one, other, mode), number in lines.items():
        if mode == "road":
            ends = [one, other]
            own = going[going["from_place"].isin(ends) & going["to_place"].isin(ends)]
            by_line.append([number, _level(own, grid_s)])
    by_place = [
        [at[place], _level(own, grid_s)] for place, own in standing.groupby("from_place", sort=True)
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
    stacks = []
    for code, resource in enumerate(log.resources):
        if resource.kind == "stack" and resource.place in at and levels[code].any():
            carrier = names.parse(resource.id, "stack").carrier
            stacks.append([at[resource.place], carrier, _changes(levels[code])])
    return stacks


def _closures(log: RunLog, at: Mapping[str, int], window: Window) -> list[list[Any]]:
    """Return ``place, start, end, class`` of each closed port.

    The class is empty where the port is shut for all.
    """
    rows, starts, finishes = _inside(log, "closures", window)
    places = [log.names.place[code] for code in rows["place"].tolist()]
    classes = [*log.names.vessel_class, ""]
    closed_for = [classes[code] for code in rows["vessel_class"].tolist()]
    spans = zip(places, starts, finishes, closed_for, strict=True)
    return [[at[place], start, finish, name] for place, start, finish, name in spans]


def _embargoes(log: RunLog, window: Window) -> list[list[Any]]:
    """Return ``name, start, end`` of each loading ban."""
    rows, starts, finishes = _inside(log, "embargoes", window)
    bans = [log.names.embargo[code] for code in rows["embargo"].tolist()]
    return [list(span) for span in zip(bans, starts, finishes, strict=True)]


def _inside(log: RunLog, name: str, window: Window) -> tuple[Columns, list[int], list[int]]:
    """Return the rows of table *name* that touch *window*, with their minutes of start and end."""
    table = log.tables[name]
    ends = closed_ends(table, log.facts.end_s)
    touches = (table["start_s"] < window.end_s) & (ends > window.start_s)
    rows = table.where(touches)
    return rows, _minutes(rows["start_s"], window), _minutes(ends[touches], window)
