"""The command line that was given, to be repeated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from shlex import quote
from typing import Any

import click
from click.core import ParameterSource

_ELSEWHERE = ("out", "json_file", "workers", "scheduler", "store", "memory_gb")
"""Options that say where results go or how they are computed, and change none of them."""


def command_line(context: click.Context) -> str:
    """Return the command of *context* with what was given that decides its results."""
    words = ["corridor", str(context.info_name)]
    for parameter in context.command.params:
        name = str(parameter.name)
        is_given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if is_given and name not in _ELSEWHERE:
            words += _words(parameter, context.params[name])
    return " ".join(words)


def _words(parameter: click.Parameter, value: Any) -> Iterator[str]:
    """Yield a parameter as it is written."""
    values = value if isinstance(value, tuple) else (value,)
    for one in values:
        if isinstance(parameter, click.Argument):
            yield _word(one)
            continue
        yield max(parameter.opts, key=len)
        if not getattr(parameter, "is_flag", False):
            yield _word(one)


def _word(value: Any) -> str:
    text = value.date().isoformat() if isinstance(value, datetime) else str(value)
    return quote(text)
