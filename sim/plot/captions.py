"""What to see in a figure, said with its numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.plot.look import FREE_FLOW, GROUP_OF

MOST = 3
"""Names in a row."""


def carried(frame: pd.DataFrame) -> str:
    """Say what share of the offered cargo every scenario carries."""
    rows = frame[frame["flow"].isna()].pivot_table(
        index="scenario", columns="name", values="mean", sort=False
    )
    if "offered_t_per_year" not in rows:
        return "Nothing was offered."
    told = [
        f"{scenario} carries {done / offered:.0%} of the {offered / 1e6:.2f} Mt a year offered"
        for scenario, done, offered in zip(
            rows.index, rows["carried_t_per_year"], rows["offered_t_per_year"], strict=True
        )
        if offered
    ]
    return (
        f"{'; '.join(told)}. The gap to the outline is not carried."
        if told
        else "Nothing was offered."
    )


def answer(table: pd.DataFrame) -> str:
    """Say in how many scenarios something is overloaded, and which carries least of what it is
    offered."""
    if table.empty:
        return "No scenario was run."
    count = table["state"].value_counts()
    over, open_ = (int(count.get(state, 0)) for state in ("overloaded", "undecided"))
    least = table.loc[table["share"].idxmin()]
    shown = f"{least['scenario']} carries least of what it is offered, {least['share']:.0%}"
    return f"In {over} of {len(table)} scenarios something is overloaded, in {open_} that is undecided; {shown}."


def occupancy(frame: pd.DataFrame) -> str:
    """Name the busiest resource of every scenario, and how many are overloaded."""
    rows, told = frame[frame["name"] == "occupancy"], []
    over = frame[(frame["name"] == "overloaded") & (frame["mean"] == 1)]
    for scenario, mine in rows.groupby("scenario", sort=False):
        most = mine.loc[mine["mean"].idxmax()]
        queues = list(dict.fromkeys(over.loc[over["scenario"] == scenario, "where"].astype(str)))
        more = f" and {len(queues) - MOST} more" if len(queues) > MOST else ""
        grow = (
            f"the queue grows without end at {', '.join(queues[:MOST])}{more}"
            if queues
            else "no queue grows without end"
        )
        told.append(f"{scenario}: {most['where']} is busiest, {most['mean']:.0%}; {grow}")
    return f"{'. '.join(told)}." if told else "No resource has a limit."


def transit(frame: pd.DataFrame) -> str:
    """Name the slowest and the least reliable flow of every scenario, and how many have no transit
    time."""
    table = frame[
        frame["name"].isin(["transit_days_p50", "transit_days_p90"]) & frame["flow"].notna()
    ]
    told = []
    for scenario, mine in table.groupby("scenario", sort=False):
        days = mine.pivot_table(
            index="flow", columns="name", values="mean", dropna=False, sort=False, observed=True
        )
        days = days.reindex(columns=["transit_days_p50", "transit_days_p90"])
        known = days.dropna()
        none = len(days) - len(known)
        first = f"{none} of {len(days)} flows have no transit time" if none else ""
        if len(known):
            slow, late = (
                known["transit_days_p50"],
                known["transit_days_p90"] - known["transit_days_p50"],
            )
            said = f"{slow.idxmax()} takes longest, {slow.max():.1f} days by the median"
            said += f"; one unit in ten of {late.idxmax()} takes {late.max():.1f} days more than its median"
            first = f"{said}; {first}" if first else said
        told.append(f"{scenario}: {first}")
    return f"{'. '.join(told)}." if told else "No cargo was delivered."


def waits(frame: pd.DataFrame) -> str:
    """Say what share of each scenario's time is no wait, and which wait is the longest."""
    rows = frame[frame["name"] == "wait_days"]
    without = frame[(frame["name"] == "transit_days_mean") & frame["mean"].isna()]
    lost, told = set(zip(without["scenario"], without["flow"], strict=True)), []
    known = [key not in lost for key in zip(rows["scenario"], rows["flow"], strict=True)]
    rows = rows[np.array(known, bool)]
    for scenario, mine in rows.groupby("scenario", sort=False):
        by = (
            mine.assign(group=mine["activity"].map(dict(GROUP_OF)))
            .groupby(["flow", "group"], sort=False)["mean"]
            .sum()
        )
        waiting = by[~by.index.get_level_values("group").isin(FREE_FLOW)]
        if len(waiting) and waiting.max() > 0:
            flow, group = waiting.idxmax()
            told.append(
                f"{scenario}: the longest wait is that of {flow}, {waiting.max():.1f} days {group}"
            )
    return (
        f"{'. '.join(told)}. Blue and grey are no waits."
        if told
        else "Nothing waits, or nothing was delivered."
    )


def stacks(levels: pd.DataFrame, names: Sequence[str]) -> str:
    """Name the stack that is fullest, and which end much fuller than they begin."""
    if not names:
        return "No stack was used."
    median = (
        levels[levels["stack"].isin(list(names))]
        .groupby(["scenario", "stack", "day"], sort=False)["level"]
        .median()
    )
    scenario, stack, day = median.idxmax()
    first = f"The highest level is that of {stack} in {scenario}: {median.max():,.0f} units on {day:%d %B %Y}"
    halves = {}
    for key, mine in median.groupby(level=["scenario", "stack"], sort=False):
        half = len(mine) // 2
        if half and mine.iloc[half:].mean() > 1.5 * mine.iloc[:half].mean() > 0:
            halves[key] = mine.iloc[half:].mean() / mine.iloc[:half].mean()
    growing = f"{len(halves)} of {median.groupby(level=['scenario', 'stack']).ngroups} lines"
    marks = (
        "Line: median, band: 5 to 95 % of replications, shaded: port shut by weather (first replication), "
        "dotted: ends of the measured time"
    )
    return f"{first}; {growing} hold over half as much again in the second half of the run as in the first. {marks}."


def validation(table: pd.DataFrame) -> str:
    """Say how many of the targets that judge, and follow from no other, lie inside, and which is
    farthest out."""
    judged = table[(table["use"] == "judged") & table["counts"].astype(bool)]
    inside = f"{int(judged['inside'].sum())} of {len(judged)} judged targets lie inside their range"
    out = table[
        ~table["inside"].astype(bool) & table["simulated"].notna() & (table["observed"] != 0)
    ]
    if out.empty:
        return f"{inside}."
    off = (out["simulated"] / out["observed"] - 1).astype(float)
    worst = off.abs().idxmax()
    side = "above" if off[worst] > 0 else "below"
    return f"{inside}; farthest out is {out.loc[worst, 'target']}, {abs(off[worst]):.0%} {side} what was observed."


def tornado(rows: pd.DataFrame) -> str:
    """Name the parameter that moves the answer most."""
    widest = rows[["low_change", "high_change"]].abs().max(axis=1)
    if widest.isna().all():
        return "No answer exists at the ends of the ranges."
    most = rows.loc[widest.idxmax()]
    unit = f" {most['unit']}" if most["unit"] else ""
    ends = f"{most['low_change']:+,.4g} at {most['low_end']} and {most['high_change']:+,.4g}{unit} at {most['high_end']}"
    return f"{most['outcome']} is moved most by {most['parameter']}: {ends}. Bars carry intervals of 95 %."


def ladder(table: pd.DataFrame) -> str:
    """Say how far the ladder climbs."""
    if table.empty:
        return "No rung was finished."
    first, last = (table["carried_t_per_year"].iloc[at] / 1e6 for at in (0, -1))
    *raised, open_fix = table["fix"]
    count = sum(map(bool, raised))
    things = "1 thing is" if count == 1 else f"{count} things are"
    unknown = " What the last fix gives was not run." if open_fix else ""
    return (
        f"{things} raised, one by one: what is carried goes from {first:.2f} to {last:.2f} "
        f"Mt a year.{unknown} Above each bar stands what is raised to come to the next; intervals of 95 %."
    )


def ladder_waits(table: pd.DataFrame) -> str:
    """Say where most of the waiting is on the first rung, and what is left of it on the last."""
    waited = table[table["activity"].astype(str).str.startswith("wait_")]
    if waited.empty:
        return "Nothing waited."
    days = waited.groupby(["rung", "where"])["days"].sum()
    first, last = table["rung"].min(), table["rung"].max()
    where = days[first].idxmax() if first in days else ""
    if not where:
        return "Nothing waited on the first rung."
    told = f"On rung {first} a delivered unit waits {days[first][where]:.3g} days at {where}"
    return (
        f"{told}; on rung {last} {days.get((last, where), 0.0):.3g}."
        if last != first
        else f"{told}."
    )


def projects(rungs: pd.DataFrame, chosen: pd.DataFrame) -> str:
    """Say how many projects are due, for how much."""
    if rungs.empty or chosen.empty:
        return "Nothing has to be built, or nothing is known to help."
    first = chosen.iloc[0]
    total, most = rungs["capital_musd"].iloc[-1], rungs["scale"].iloc[-1]
    what = "1 project" if len(chosen) == 1 else f"{len(chosen)} projects"
    carry = "carries" if len(chosen) == 1 else "carry"
    told = f"{what} for {total:,.0f} million USD {carry} {most:.3g} times the demand"
    return f"{told}; {first['project']} is due first, at {first['rung']:.3g} times."


def frontier(reaches: pd.DataFrame) -> str:
    """Say what the best set that is known carries."""
    known = reaches[reaches["multiple_low"].notna()]
    if known.empty:
        return "No multiple of the demand is known to be carried."
    most = known.loc[known["multiple_low"].idxmax()]
    told = f"{most['multiple_low']:.3g} times the demand are carried for {most['capital_musd']:,.0f} million USD"
    return f"{told}: {most['built']}."


def disruption(table: pd.DataFrame) -> str:
    """Say what the longest closure costs."""
    if table.empty:
        return "There is no closure."
    longest = table.loc[table["days"].idxmax()]
    held = (
        f"{longest['days']:.3g} days of closure hold back {longest['peak_t'] / 1e3:,.3g} kt at most"
    )
    if pd.isna(longest["recovery_days"]):
        return f"{held}; in {longest['not_recovered']:.0f} of {longest['n']:.0f} replications nothing recovers by the end."
    return f"{held}, and it takes {longest['recovery_days']:.3g} days to recover."


def plausible(table: pd.DataFrame) -> str:
    """Say how many parameters the data tell."""
    known = table.loc[table["identified"].astype(bool), "parameter"].tolist() if len(table) else []
    names = f": {', '.join(known[:MOST])}" if known else ""
    told = f"The targets tell {len(known)} of {len(table)} parameters{names}"
    return f"{told}; of the others over half of the range is plausible."
