"""Figures as files: PNG to look at, SVG and PDF to print, always the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure

from sim.plot.axes import settle, text_as_written
from sim.study.files import whole

DPI = 200
SAVED_AS = ("png", "svg")
"""Formats that ``--out`` writes."""
NO_DATE: Mapping[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
}
"""Metadata of each format that would differ from one time to the next."""


def save_figures(figures: Mapping[str, Figure], folder: Path) -> list[Path]:
    """Write *figures* by name into *folder* and return the files."""
    if figures:
        folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, figure in figures.items():
        files += [save_figure(figure, folder / f"{name}.{ending}") for ending in SAVED_AS]
    return files


def save_figure(figure: Figure, path: Path) -> Path:
    """Write *figure* as SVG, PNG or PDF by the ending of *path*, and return the path."""
    _settle(figure)
    kind = path.suffix.removeprefix(".")
    # Fixed ids and no date.
    fixed = rc_context({"svg.hashsalt": "corridor", "svg.fonttype": "none"})
    with fixed, text_as_written(figure), whole(path) as part:
        figure.savefig(part, format=kind, dpi=DPI, metadata=NO_DATE[kind])
    return path


def _settle(figure: Figure) -> None:
    """Lay *figure* out for good, on round places.

    The solver of the layout ends anywhere within its last digits.
    """
    settle(figure)
    figure.set_layout_engine("none")
    for ax in figure.axes:
        ax.set_position(tuple(round(value, 6) for value in ax.get_position(original=True).bounds))
