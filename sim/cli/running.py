"""Who runs replications for a command: told what came from where, and, when stopped, how to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sim.study.runner import Runner


@contextmanager
def running(options: dict[str, Any], on_done: Callable[[], object] = lambda: None) -> Iterator[Runner]:
    """Give a runner as the options of the command say."""
    from sim.study.runner import Runner

    many = {key: options[key] for key in ("workers", "scheduler", "store")}
    with Runner(**many, on_done=on_done) as runner:
        try:
            yield runner
        except KeyboardInterrupt:
            if runner.store is not None:
                click.echo(f"stopped{runner.how_to_go_on()}", err=True)
            raise
        finally:
            if told := runner.told():
                click.echo(told, err=True)
