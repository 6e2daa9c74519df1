"""What hangs on rules that no source settles: cargo carried under each alternative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.plot.answer import CARRIED, COLUMNS, answer
from sim.plot.axes import figure_of
from sim.plot.columns import Number, Words
from sim.plot.drawing import Drawing
from sim.plot.kind import TableKind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE = 44
"""Letters of a rule on one line."""


def policies(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw offered (outline) and carried (filled, 95 % interval) cargo by alternative [Mt net a
    year].

    Parameters
    ----------
    table
        `sim.analysis.policies.Policies.table`, of one scenario or of several below each other.
    """
    labels = [_label(row) for row in table.to_dict("records")]
    return answer(table.assign(scenario=labels), ax)


def _label(row: dict[str, object]) -> str:
    """Return the name of a row: the scenario, or below it an alternative in short."""
    if not row["level"]:
        return str(row["scenario"])
    name = ".".join(str(row["input"]).split(".")[-2:])
    level = str(row["level"]).replace("{", "").replace("}", "")
    if len(level) > LINE:
        level = f"{level[: LINE - 3]}..."
    return f"{name}\n{level or 'none'}"


def caption(table: pd.DataFrame) -> str:
    """Return between which alternatives most hangs, and which are ruled out."""
    if table.empty:
        return "No alternative was run."
    sentences = [_range(rows) for _, rows in table.groupby("scenario", sort=False)]
    out = table[table["ruled_out"] == 1].to_dict("records")
    if out:
        names = "; ".join(_named(row) for row in out)
        sentences.append(f"Ruled out by what was observed: {names}.")
    elif table["ruled_out"].notna().any():
        sentences.append("What was observed rules none of them out.")
    return " ".join(sentences)


def _range(rows: pd.DataFrame) -> str:
    """Return under which alternatives a scenario carries least and most."""
    order = rows.sort_values("carried", kind="stable").to_dict("records")
    least, most = order[0], order[-1]
    return (
        f"{least['scenario']}: from {least['carried'] / 1e6:.2f} Mt a year ({_named(least)}) to "
        f"{most['carried'] / 1e6:.2f} ({_named(most)})."
    )


def _named(row: dict[Any, Any]) -> str:
    return f"{row['input']} {row['level']}".strip() or "as it is"


def draw(table: pd.DataFrame) -> Drawing:
    """Draw the alternatives with the caption."""
    return Drawing(figure_of(policies(table)), table, caption(table))


KIND = TableKind(
    name="policies",
    shows="what hangs on rules that no source settles",
    command="policies",
    columns={
        "policies": {
            **COLUMNS,
            "input": Words(),
            "level": Words(),
            "ruled_out": Number(0, may_lack=True),
        }
    },
    column="ruled_out",
    make=draw,
    orders=(CARRIED,),
)
