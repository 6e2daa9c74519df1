"""Headlines of what holds a model against observations and inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.analysis.headlines._headline import Headline, Number
from sim.study.interval import Interval

if TYPE_CHECKING:
    from sim.analysis.observed import Calibration, Validation
    from sim.analysis.sensitivity import Sensitivity


def of_validation(validation: Validation) -> Headline:
    """Return how many observed targets lie in their range."""
    name = validation.study.scenario.name
    numbers = []
    for use in ("judged", "fitted"):
        inside, count = validation.share_inside(use)
        if count:
            numbers.append(Number(f"{use} targets inside their range, of {count}", float(inside)))
    for kind in validation.kinds[-1:]:
        share = validation.share_forecast(kind, "judged")
        numbers.append(Number.of("judged inside the forecast of one season, share", share))
    sentence = f"{name}: {validation.in_words()}."
    return Headline(sentence, tuple(numbers), "forecast")


def of_calibration(result: Calibration) -> Headline:
    """Return whether the best point explains the targets, and how many parameters they identify."""
    identified = sum(fit.is_identified for fit in result.fits)
    verdict = "within chance of the targets"
    if not result.explains:
        verdict = "further from the targets than chance allows (99 %)"
    sentence = (
        f"{result.scenario.name}: the best of {len(result.shares)} points is {verdict}; the targets "
        f"identify {identified} of {len(result.fits)} parameters."
    )
    numbers = (
        Number("parameters identified", float(identified)),
        Number("discrepancy of the best point", float(result.discrepancy[result.best])),
        Number("targets", float(len(result.targets))),
    )
    return Headline(sentence, numbers, "plausible")


def of_sensitivity(result: Sensitivity) -> Headline:
    """Return on which uncertain values the first outcome depends most."""
    name, indices = result.scenario.name, result.indices()
    if indices.empty:
        return Headline(f"{name}: no value has a range.", (), "tornado")
    outcome = indices["outcome"].iloc[0]
    own = indices[(indices["outcome"] == outcome) & indices["above_noise"].astype(bool)]
    own = own.nlargest(3, "total")
    if own.empty:
        sentence = f"{name}: {outcome} depends on no value more than on random numbers."
        return Headline(sentence, (), "tornado")
    first = own.iloc[0]
    sentence = (
        f"{name}: {outcome} depends most on {first['factor']}, which is in a share of "
        f"{first['total']:.2f} of its variance ({first['confidence']})."
    )
    numbers = tuple(
        Number.of(f"share of variance, {row['factor']}", Interval.from_row(row, "total", "total"))
        for row in own.to_dict("records")
    )
    return Headline(sentence, numbers, "tornado")
