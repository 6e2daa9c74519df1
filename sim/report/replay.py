"""The replay: one HTML file that shows a run on the map, minute by minute."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from sim.report.replay_data import Dates, replay_data
from sim.report.templates import render
from sim.version import __version__

if TYPE_CHECKING:
    from sim.study.study import Study


def replay_page(studies: Sequence[Study], dates: Dates | None = None) -> str:
    """Return the replay of the first replication of each of *studies* as one HTML page without a
    network.

    Parameters
    ----------
    dates
        What is shown; without it, the last month of the measured window of the first study.

    Raises
    ------
    UsageError
        A study has no log, or a run does not cover the dates.
    """
    data = replay_data(studies, dates)
    first = data["scenarios"][0]
    runs = "; ".join(f"{s['name']}: hash {s['hash']}, seed {s['seed']}" for s in data["scenarios"])
    ground = "Base map: Natural Earth. " if first["isMap"] else ""
    return render(
        "replay.html.j2",
        title=first["title"],
        begin=data["begin"],
        end=data["end"],
        minutes=data["minutes"],
        names=[s["name"] for s in data["scenarios"]],
        credit=f"{ground}Lines are for drawing, not for distances. {runs}. middle-corridor-sim {__version__}.",
        data=_in_script(data),
    )


def _in_script(data: object) -> Markup:
    """Return *data* as JSON that may stand in a script element: nothing in it can end the
    element."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    # A scenario's text is only ever read by JSON.parse; the three letters below are all that HTML
    # would look at.
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704
