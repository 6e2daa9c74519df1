"""How objects show themselves in a notebook: short tables of escaped text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def heading(name: str, title: str) -> str:
    """Return the first line: what it is, and what it is about."""
    return f"<b>{escape(name)}</b>: {escape(title)}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of texts; what begins as a number stands to the right."""
    names = "".join(f"<th scope='col'>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: Sequence[str]) -> str:
    sides = ["right" if text.lstrip("-+")[:1].isdigit() else "left" for text in row]
    return "".join(
        f"<td style='text-align: {s}'>{escape(text)}</td>"
        for s, text in zip(sides, row, strict=True)
    )


def small(*lines: str) -> str:
    """Return lines of small print, those that say nothing left out."""
    return "".join(f"<div><small>{escape(line)}</small></div>" for line in lines if line)
