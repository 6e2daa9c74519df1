"""The command ``corridor``: parse, call one function, print."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

import click

from sim.errors import CorridorError

DISTRIBUTION = "middle-corridor-sim"

INTERRUPTED = 130
MACHINE = 4
DEFECT = 3

COMMANDS: Mapping[str, tuple[str, str]] = {
    "run": ("sim.cli.run_commands:run", "Simulate a scenario and tell what the corridor carries."),
    "compare": (
        "sim.cli.run_commands:compare",
        "Paired differences between scenarios, with intervals.",
    ),
    "answer": (
        "sim.cli.answer_command:answer",
        "Five times the cargo: all readings, works and stresses in one table.",
    ),
    "validate": (
        "sim.cli.run_commands:validate",
        "Hold a scenario against what was observed, target by target.",
    ),
    "worth": (
        "sim.cli.worth_command:worth",
        "Net present value of projects: a scenario with against one without.",
    ),
    "calibrate": ("sim.cli.calibrate_command:calibrate", "Fit parameters to what was observed."),
    "sensitivity": (
        "sim.cli.sensitivity_command:sensitivity",
        "Which values with a range the answers hang on.",
    ),
    "sweep": (
        "sim.cli.sweep_command:sweep",
        "The main outcomes at many points: a grid, a sample, or a design.",
    ),
    "saturation": (
        "sim.cli.sweep_command:saturation",
        "How many times its demand a scenario carries.",
    ),
    "disrupt": (
        "sim.cli.disrupt_command:disrupt",
        "What a closure of so many days costs, against their number.",
    ),
    "bottlenecks": (
        "sim.cli.bottlenecks_command:bottlenecks",
        "What holds a scenario back, what next, and the proof.",
    ),
    "plan": (
        "sim.cli.plan_command:plan",
        "The cheapest projects that reach a target, and when they are due.",
    ),
    "capacity": (
        "sim.cli.capacity_command:capacity",
        "Demand against capacity of every resource, no simulation.",
    ),
    "plot": (
        "sim.cli.plot_command:plot",
        "Draw one figure of a study that --out wrote: map, time-space, waits ...",
    ),
    "report": ("sim.cli.report_command:report", "Write the report of a study as one HTML file."),
    "replay": (
        "sim.cli.report_command:replay",
        "Write a replay of a run on the map as one HTML file.",
    ),
    "events": (
        "sim.cli.events_command:events",
        "Write the log of a study as a flat table, for process mining.",
    ),
    "indicators": (
        "sim.cli.events_command:indicators",
        "Time, cost and speed of a study in CAREC's form.",
    ),
    "verify": ("sim.cli.verify_command:verify", "Hold the rules of the engine against theory."),
    "check": (
        "sim.cli.scenario_commands:check",
        "Tell all problems of a scenario file, or that it is fine.",
    ),
    "show": (
        "sim.cli.scenario_commands:show",
        "Print a scenario as it is after parents, projects and --set.",
    ),
    "sources": (
        "sim.cli.scenario_commands:sources",
        "List every number with its range, source and confidence.",
    ),
    "scenarios": (
        "sim.cli.scenario_commands:scenarios",
        "List the scenarios that ship with the package.",
    ),
    "projects": (
        "sim.cli.projects_command:projects",
        "List what could be built: status, date, capital, needs.",
    ),
    "store": (
        "sim.cli.store_commands:store",
        "List, show, verify and prune finished replications.",
    ),
    "schema": ("sim.cli.scenario_commands:schema", "Print the JSON Schema of scenario files."),
}
"""Where each command lives and what it does: help is shown without importing any of them."""


class LazyGroup(click.Group):
    """Commands that are imported when they are called, so that help and mistakes are answered at
    once."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is no command")
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def _print_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        # A third of the time to start, and needed here alone.
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version(DISTRIBUTION)
        except PackageNotFoundError:
            number = "(a source checkout that is not installed)"
        click.echo(f"corridor {number}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version.",
)
def corridor() -> None:
    """Simulate the Middle Corridor: how much it carries, what breaks first, and what would help.

    SCENARIO is the name of a shipped scenario (see `corridor scenarios`) or the path of a file.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code; asked to end, it keeps what is finished,
    as with Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; what goes wrong is told in one message on
    stderr."""
    try:
        code = _invoke(list(arguments))
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the outermost place: each is told below
        return _failed(error)
    return code


def _failed(error: BaseException) -> int:
    """Tell what went wrong and return the exit code it has."""
    code = DEFECT
    if isinstance(error, click.ClickException):
        error.show()
        code = error.exit_code
    elif isinstance(error, CorridorError):
        _tell(str(error))
        code = error.exit_code
    elif isinstance(error, KeyboardInterrupt | click.Abort):
        _tell("interrupted")
        code = INTERRUPTED
    elif isinstance(error, OSError):
        code = _machine_failed(error)
    elif isinstance(error, MemoryError):
        _tell(
            "the machine has no memory left for this; make the scenario smaller or use fewer workers"
        )
        code = MACHINE
    else:
        import traceback

        traceback.print_exception(error)
        _tell("this is a defect of the simulator, not of the scenario")
    return code


def _invoke(arguments: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter gets its code, not a failure.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    try:
        with corridor.make_context("corridor", arguments) as context:
            corridor.invoke(context)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    return 0


def _tell(message: str) -> None:
    click.echo(f"corridor: {message}", err=True)


def _machine_failed(error: OSError) -> int:
    if isinstance(error, BrokenPipeError):
        # The reader has seen enough. What is left to write goes nowhere, or the interpreter
        # complains at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    where = f"{error.filename}: " if error.filename else ""
    if error.errno == errno.ENOSPC:
        _tell(f"{where}no space is left on the disk")
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        _tell(f"{where}no permission to write or read here")
    else:
        _tell(f"{where}{error.strerror or error}")
    return MACHINE
