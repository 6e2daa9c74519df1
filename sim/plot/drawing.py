"""What every kind of figure is asked for and gives back: a figure, the numbers in it, and what to
see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sim.errors import UsageError
from sim.plot.look import Provenance, noted
from sim.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from sim.log import RunLog
    from sim.study.study import Study

Span = tuple[pd.Timestamp, pd.Timestamp]
SHOWN_DAYS = 30
"""Of a figure of single vehicles, if nobody says which."""


@dataclass(frozen=True, slots=True)
class View:
    """What of a study is wanted; None: the figure's own choice."""

    span: Span | None = None
    """First and last moment that is shown."""
    at: str | None = None
    """Port."""
    via: str | None = None
    """Place or leg that the chain passes."""
    flow: str | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure with the numbers it was drawn from."""

    figure: Figure
    table: pd.DataFrame
    """What is drawn, tidy."""
    caption: str
    """What to see, from the numbers."""

    def with_source(self, source: Provenance) -> Drawing:
        """Write caption and source below the figure."""
        noted(self.figure, self.caption, source.line())
        return self


def source_of(studies: Sequence[Study], *, from_log: bool = False, beside: str = "") -> Provenance:
    """Return where the numbers come from; *from_log*: from the one replication whose log is
    kept."""
    first = studies[0]
    count = 1 if from_log else len(first.replications)
    *others, last = [study.scenario for study in studies]
    names = ", ".join(
        [*(f"{scenario.name} ({scenario.hash[:12]})" for scenario in others), last.name]
    )
    return Provenance(names, last.hash, first.seed, count, __version__, beside)


def log_of(study: Study) -> RunLog:
    """Return the log of the first replication.

    Raises
    ------
    UsageError
        None was kept.
    """
    log = study.replications[0].log if study.replications else None
    if log is None:
        what = "keeps no log of a replication, which this figure reads"
        raise UsageError(
            f"the study of {study.scenario.name} {what}; run it with --out, or replicate with keep_log=True"
        )
    return log


def place_name(study: Study, place: str) -> str:
    """Return the name of *place* as people write it."""
    spec = study.scenario.spec.places.get(place)
    return (spec.name if spec is not None else None) or place


def summaries(studies: Sequence[Study]) -> pd.DataFrame:
    """Return the summaries of *studies* with their scenario."""
    return pd.concat(
        [s.summary().assign(scenario=s.scenario.name) for s in studies], ignore_index=True
    )


def shown_span(log: RunLog, span: Span | None) -> Span:
    """Return *span*, or the first days of the measured window."""
    first = pd.Timestamp(log.facts.start_date) + pd.Timedelta(seconds=log.facts.warmup_s)
    return span or (first, first + pd.Timedelta(days=SHOWN_DAYS))
