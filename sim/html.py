"""Pieces of HTML by which objects show themselves in a notebook; all text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def heading(name: str, title: str) -> str:
    """Return a first line: what the object is, and what it is about."""
    return f"<b>{escape(name)}</b>: {escape(title)}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of texts; cells that begin as a number are aligned to the right."""
    names = "".join(f"<th scope='col'>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: Sequence[str]) -> str:
    return "".join(f"<td style='text-align: {_side(text)}'>{escape(text)}</td>" for text in row)


def _side(text: str) -> str:
    begins_as_number = text.lstrip("-+")[:1].isdigit()
    return "right" if begins_as_number else "left"


def small(*lines: str) -> str:
    """Return *lines* in small print, empty ones left out."""
    return "".join(f"<div><small>{escape(line)}</small></div>" for line in lines if line)
