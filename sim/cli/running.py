"""Who runs replications for a command: told what came from where, and, when stopped, how to go
on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sim.runs.runner import Runner
    from sim.spec.load import Scenario


def load_and_warn(name: str, options: dict[str, Any]) -> Scenario:
    """Load a scenario with the changes of the command, and tell what is doubtful about it."""
    from sim.spec.load import load

    loaded = load(name, options["changes"])
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}", err=True)
    return loaded


def prepare_out(options: dict[str, Any]) -> None:
    """See that results can be written; the store lies beside them, unless there is a better place.

    So a command that is stopped goes on from there.
    """
    from sim.study.files import prepare

    if options["out"] is not None:
        prepare(options["out"])
        options["store"] = options["store"] or options["out"] / "store"


@contextmanager
def running(
    options: dict[str, Any], on_done: Callable[[], object] = lambda: None
) -> Iterator[Runner]:
    """Give a runner as the options of the command say."""
    from sim.runs.runner import Runner

    many = {key: options[key] for key in ("workers", "scheduler", "store")}
    with Runner(**many, on_done=on_done) as runner:
        try:
            yield runner
        except KeyboardInterrupt:
            if runner.store is not None:
                click.echo(f"stopped{runner.how_to_go_on()}", err=True)
            raise
        finally:
            if message := runner.store_message():
                click.echo(message, err=True)
