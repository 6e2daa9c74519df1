"""Projects that stand in the way of the others.

More projects never do worse: the search for a plan rests on that. A project that limits what it
does not enlarge breaks it. Without such a project the corridor can do more than with it, and "all
projects" would be no upper bound of what can be reached.
"""

from __future__ import annotations

from collections.abc import Mapping

from sim.analysis.loads import loads_of
from sim.analysis.plan._choices import Built, Choices

TIGHT = 0.85
"""Load by the preview above which a resource may be too small: the preview leaves out storms, rules
of departure and full decks."""
ROUNDING = 1e-9


def obstacles(choices: Choices, scale: float) -> dict[str, str]:
    """Return the projects that stand in the way of all others at *scale*, and how.

    Beside all others such a project relieves no resource, and the tightest one has less room with
    it than without. Only what the preview sees is found, and only where it puts the load of
    something above `TIGHT`. Two projects that set the same limit are not found: without either the
    other holds.
    """

    def loads(built: Built) -> dict[str, float]:
        return loads_of(choices.scenario.with_(choices.changes(built, scale)))

    with_all = loads(choices.everything)
    tightest = max(with_all, key=lambda resource: with_all[resource], default="")
    if with_all.get(tightest, 0.0) <= TIGHT:
        return {}
    reasons = {}
    for name in choices.candidates:
        # What needs the project is left out on both sides: it may stand in the way itself.
        others = choices.closed(choices.everything - {name})
        without = loads(others)
        beside = with_all if others | {name} == choices.everything else loads(others | {name})
        load, load_without = beside.get(tightest, 0.0), without.get(tightest, 0.0)
        if load > load_without + ROUNDING and not _relieves(beside, without):
            reasons[name] = (
                f"beside all others it relieves nothing, and {tightest} is asked for "
                f"{load:.2f} of what it can do, {load_without:.2f} without it"
            )
    return reasons


def _relieves(beside: Mapping[str, float], without: Mapping[str, float]) -> bool:
    """Return whether some resource is fuller *without* a project than *beside* it."""
    return any(load > beside.get(resource, 0.0) + ROUNDING for resource, load in without.items())
