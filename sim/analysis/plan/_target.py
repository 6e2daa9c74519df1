"""The demand that a plan has to carry: so many times today's, or so many tonnes a year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import fsum

from sim.errors import UsageError
from sim.log import CORRIDOR_SCOPE
from sim.network.build import build
from sim.network.preview import units_per_year
from sim.spec.load import Scenario

SCALE = "demand.scale"
FORMS = "write it like 5x (times the demand at demand.scale 1), 10Mt or 7900kt (net, a year)"
MOST = 64.0
"""Largest multiple of the demand that can be asked for."""
RUNGS = 5
"""Steps of the ladder, from once the demand to the target."""
_PATTERN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(x|mt|kt|t)\s*", re.IGNORECASE)
_TONNES = {"mt": 1e6, "kt": 1e3, "t": 1.0}


@dataclass(frozen=True, slots=True)
class DemandTarget:
    """A multiple of the demand, and what it is in tonnes."""

    text: str
    scale: float
    """Value of ``demand.scale``."""
    tonnes_per_year: float
    """Net cargo of scope ``titr`` that is offered then."""

    @property
    def rungs(self) -> tuple[float, ...]:
        """Multiples on the way, from 1 to the target in equal steps."""
        if self.scale <= 1:
            return (self.scale,)
        last = RUNGS - 1
        return tuple(round(1 + (self.scale - 1) * rung / last, 4) for rung in range(RUNGS))


def read_target(text: str | None, scenario: Scenario) -> DemandTarget:
    """Return the target that *text* names; without it, the demand of *scenario* as it is.

    Raises
    ------
    UsageError
        *text* has another form than ``5x`` or ``10Mt``, or asks for less than the scenario has at a
        scale of 1.
    """
    once = tonnes_at_once(scenario)
    if text is None:
        scale = scenario.spec.demand.scale
        if not scale:
            raise UsageError("demand.scale is 0: nothing is demanded, so nothing has to be built")
        return DemandTarget(f"{scale:g}x", scale, scale * once)
    scale = _scale_of(text, once)
    if scale < 1:
        today = f"{once / 1e6:.3g} Mt" if once else "1x"
        raise UsageError(
            f"--target {text} is less than the cargo at demand.scale 1 ({today}); ask for 1x or more"
        )
    if scale > MOST:
        raise UsageError(
            f"--target {text} is {scale:.3g} times the demand; the largest target is {MOST:g}x"
        )
    return DemandTarget(text.strip(), scale, scale * once)


def _scale_of(text: str, once: float) -> float:
    """Return the multiple that *text* names, where the demand at a scale of 1 is *once* [t/a]."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise UsageError(f"--target {text!r} is no target; {FORMS}")
    value, unit = float(match[1]), match[2].lower()
    if unit == "x":
        return value
    if not once:
        raise UsageError(
            f"--target {text}: the cargo of scope titr weighs nothing here; "
            "give a multiple, such as 5x"
        )
    return value * _TONNES[unit] / once


def tonnes_at_once(scenario: Scenario) -> float:
    """Return net tonnes a year of scope ``titr`` at a demand scale of 1, by the preview."""
    network = build(scenario.with_({SCALE: 1}))
    pairs = zip(network.flow_facts, units_per_year(network), strict=True)
    return fsum(
        flow.kg_per_unit / 1000 * units for flow, units in pairs if flow.scope == CORRIDOR_SCOPE
    )
