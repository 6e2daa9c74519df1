"""Text and tables within a width: no word and no number is broken."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from sim.cli.layout import JOINTS, Column, panels, wrapped

WORDS = st.text("abcdefgh0123456789.,±", min_size=1, max_size=30)
TEXTS = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)


@given(TEXTS, st.integers(40, 100))
def test_text_is_wrapped_between_words(text, width):
    lines = wrapped(text, width)
    assert " ".join(lines).split() == text.split()
    assert all(len(line) <= width for line in lines)


def test_an_indent_is_kept_and_every_line_is_wrapped_by_itself():
    assert wrapped("  one two three\nfour", 9) == ["  one two", "  three", "four"]


@given(
    st.integers(1, 5).flatmap(
        lambda rows: st.lists(
            st.tuples(st.lists(TEXTS, min_size=rows, max_size=rows), st.booleans()),
            min_size=1,
            max_size=8,
        )
    )
)
def test_a_table_keeps_every_word_whole_and_stays_within_the_width(written):
    columns = [
        Column(f"head{number}", tuple(cells), is_right)
        for number, (cells, is_right) in enumerate(written)
    ]
    lines = []
    for panel in panels(columns, 80):
        lines += panel.head
        for row in panel.rows:
            lines += row
    assert all(len(line) <= 80 for line in lines)
    shown = set(" ".join(lines).split())
    for column in columns:
        assert set(" ".join(column.cells).split()) <= shown


def test_a_table_that_is_too_wide_becomes_panels_that_begin_with_its_first_column():
    columns = [Column(f"c{number}", ("x" * 30,), is_right=False) for number in range(4)]
    shown = panels(columns, 80)
    assert [panel.head[0].split() for panel in shown] == [["c0", "c1"], ["c0", "c2"], ["c0", "c3"]]


def test_only_a_name_longer_than_half_a_line_is_broken_and_behind_a_joint():
    name = "services.kuryk-alat.vessels/" + "abcdefgh-" * 6
    (panel,) = panels([Column("path", (name,), is_right=False)], 80)
    pieces = [line.strip() for line in panel.rows[0]]
    assert "".join(re.sub(r"\s", "", piece) for piece in pieces) == name
    assert all(piece[-1] in JOINTS for piece in pieces[:-1])
