"""What every kind of figure is asked for and returns: a figure, its numbers, caption and source."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.errors import UsageError
from sim.plot.look import FULL_IN, INK, MUTED, SMALL_PT, TINY_PT
from sim.plot.words import counted
from sim.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from sim.log import RunLog
    from sim.study.study import Study

Span = tuple[pd.Timestamp, pd.Timestamp]
SHOWN_DAYS = 30
"""Days in a figure of single vehicles where the view names none."""
LEFT_IN, LETTER, LINE_HEIGHT = 0.07, 0.54, 1.25
"""Left edge of caption and source [inch]; width of a letter and height of a line, in sizes of text."""


@dataclass(frozen=True, slots=True)
class View:
    """What part of a study a figure shows; None: the figure's own choice."""

    span: Span | None = None
    """First and last moment that is shown."""
    at: str | None = None
    """Port."""
    via: str | None = None
    """Place or leg that the chain passes."""
    flow: str | None = None
    outcome: str | None = None
    """Answer that a figure of one answer shows."""
    scaled_with: tuple[Study, ...] = ()
    """Studies that stand on the same page, with which a map shares its scale."""
    width_in: float = FULL_IN
    """Width on paper [inch]; only kinds that fit a column can be narrower than a page."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the numbers of a figure come from."""

    scenario: str
    hash: str
    seed: int
    replications: int
    """How many; 0: nothing was simulated."""
    version: str
    beside: str = ""
    """What else is used, such as a base map."""
    in_all: bool = False
    """Whether the replications are those of all points that were tried together."""

    def line(self) -> str:
        """Return the source line of a figure."""
        text = f"Source: scenario {self.scenario} ({self.hash[:12]})"
        if self.replications:
            text += f", seed {self.seed}, {counted(self.replications, 'replication')}"
            if self.in_all:
                text += " of all points together"
        text += f"; middle-corridor-sim {self.version}"
        if self.beside:
            text += f". {self.beside}"
        return text


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure, the numbers it was drawn from, and the words that belong to it."""

    figure: Figure
    table: pd.DataFrame
    """What is drawn, tidy."""
    caption: str
    """What to see, from the numbers."""
    source: Provenance | None = None
    """Where the numbers come from; a kind adds it to what its function draws."""

    def noted(self) -> Drawing:
        """Write caption and source below the figure, once, and return the drawing.

        A legend of the figure belongs above its axes (``outside upper``): one below would stand in
        the room that is added for the notes.
        """
        notes = [(self.caption, SMALL_PT, INK)]
        if self.source is not None:
            notes.append((self.source.line(), TINY_PT, MUTED))
        _write_below(self.figure, [note for note in notes if note[0]])
        return self


def _write_below(figure: Figure, notes: Sequence[tuple[str, int, str]]) -> None:
    """Write each text, of a size [pt] and a colour, below all that is drawn, in added room."""
    width_in, height_in = (float(side) for side in figure.get_size_inches())
    blocks = []
    for text, size, colour in notes:
        letters = int((width_in - 2 * LEFT_IN - 0.01) * 72 / (LETTER * size))
        lines = wrap(text, letters)
        blocks.append(("\n".join(lines), size, colour, LINE_HEIGHT * size * len(lines) / 72 + 0.03))
    added_in = sum(used_in for *_, used_in in blocks) + 0.06
    whole_in = height_in + added_in
    figure.set_size_inches(width_in, whole_in)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.set(rect=(0, added_in / whole_in, 1, height_in / whole_in))  # type: ignore[call-arg]
    top_in = added_in - 0.02
    for text, size, colour, used_in in blocks:
        style: dict[str, Any] = {"fontsize": size, "color": colour, "linespacing": 1.2}
        figure.text(LEFT_IN / width_in, top_in / whole_in, text, va="top", ha="left", **style)
        top_in -= used_in


def source_of(studies: Sequence[Study], *, from_log: bool = False, beside: str = "") -> Provenance:
    """Return where the numbers of *studies* come from.

    Parameters
    ----------
    from_log
        Whether they come from the one replication whose log is kept.
    beside
        What else is used.
    """
    first = studies[0]
    count = 1 if from_log else len(first.replications)
    *others, last = [study.scenario for study in studies]
    names = [f"{scenario.name} ({scenario.hash[:12]})" for scenario in others]
    listed = ", ".join([*names, last.name])
    return Provenance(listed, last.hash, first.seed, count, __version__, beside)


def log_of(study: Study) -> RunLog:
    """Return the log of the first replication.

    Raises
    ------
    UsageError
        None was kept.
    """
    for replication in study.replications[:1]:
        if replication.log is not None:
            return replication.log
    what = "keeps no log of a replication, which is shown here"
    remedy = "run it with --out, or replicate with keep_log=True"
    raise UsageError(f"the study of {study.scenario.name} {what}; {remedy}")


def has_log(study: Study) -> bool:
    """Return whether the log of a replication was kept."""
    return bool(study.replications) and study.replications[0].log is not None


def summaries(studies: Sequence[Study]) -> pd.DataFrame:
    """Return the summaries of *studies* with their scenario."""
    frames = [study.summary().assign(scenario=study.scenario.name) for study in studies]
    return pd.concat(frames, ignore_index=True)


def shown_span(log: RunLog, span: Span | None) -> Span:
    """Return *span*, or the first days of the measured window."""
    first = pd.Timestamp(log.facts.start_date) + pd.Timedelta(seconds=log.facts.warmup_s)
    return span or (first, first + pd.Timedelta(days=SHOWN_DAYS))
