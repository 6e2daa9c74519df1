"""Names in figures are text, whatever letters they have."""

from __future__ import annotations

from sim.plot.axes import new_axes
from sim.plot.figures import save_figure


def test_a_dollar_begins_no_formula(tmp_path):
    ax = new_axes(None)
    ax.set_title("from $5, 60 % to $7")
    ax.set_xticks([0, 1], ["$\\broken{$", "$"])
    file = save_figure(ax.figure, tmp_path / "a.svg")
    assert "from $5, 60 % to $7" in file.read_text() and "broken" in file.read_text()


def test_missing_letters_are_noted_without_a_raw_warning(tmp_path, recwarn):
    ax = new_axes(None)
    ax.set_title("\u4e2d\u6b27")
    save_figure(ax.figure, tmp_path / "a.png")
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]
