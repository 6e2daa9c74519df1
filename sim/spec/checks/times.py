"""Checks of every time of a scenario: none too short to be simulated, none longer than the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from sim.distributions import Distribution
from sim.spec.findings import Finding
from sim.spec.messages import Path
from sim.spec.scenario import CATALOGUES, ScenarioSpec
from sim.units import DAY, MINUTE, Seconds, format_duration

_PLAIN = frozenset({"headway", "arrives_in", "clearing"})
"""Keys of durations that are no distribution and end within a run."""
_MAY_OUTLAST = frozenset({"every", "lasting"})
"""Keys of times that may be longer than a run: nothing fails in it, or not to its end."""


def check_times(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield a warning for every time that rounding would show in, or that no run sees the end of."""
    run_s = scenario.horizon.longest_days * DAY
    for path, mean_s in _times(scenario, ()):
        if 0 < mean_s < MINUTE and path[-1] not in _PLAIN:
            what = f"takes {mean_s:g} s on average"
            what += "; below a minute the rounding to whole seconds shows"
            yield Finding(path, what, is_warning=True)
        elif mean_s > run_s and path[-1] not in _MAY_OUTLAST:
            what = (
                f"{format_duration(mean_s)} is longer than the whole run of {run_s // DAY:,} days"
            )
            yield Finding(path, f"{what}, so hardly any ends in it", is_warning=True)


def _times(value: object, path: Path) -> Iterator[tuple[Path, float]]:
    """Yield the mean of every duration in *value* [s] with its path; those in catalogues hold in no
    run."""
    if isinstance(value, Distribution):
        if path[-1] != "consignment_units":
            yield path, value.mean
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            if name not in CATALOGUES:
                yield from _times(getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _times(item, (*path, str(key)))
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _times(item, (*path, str(number)))
    elif path[-1] in _PLAIN and isinstance(value, int):
        seconds: Seconds = value
        yield path, seconds
