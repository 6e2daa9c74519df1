"""The command ``corridor``: parse, call one function, print."""

from __future__ import annotations

import errno
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from io import StringIO

import click

from sim.cli.completion import answer_shell
from sim.cli.output import say
from sim.cli.process import Ending, drop_unwritten, open_streams
from sim.errors import CorridorError
from sim.runs.memory import check_memory_limit, take_buffers, use_one_thread

DISTRIBUTION = "middle-corridor-sim"

INTERRUPTED = 130
MACHINE = 4
DEFECT = 3

HELP = frozenset(("-h", "--help"))

_OF_ITS_OWN = (click.ClickException, CorridorError, OSError, MemoryError)
"""Errors that are reported in one message."""

COMMANDS: Mapping[str, str] = {
    "run": "Simulate a scenario and report what the corridor carries.",
    "compare": "Paired differences between scenarios, with intervals.",
    "answer": "Five times the cargo: demands, projects, stresses in one table.",
    "validate": "Compare a scenario with what was observed, target by target.",
    "worth": "Net present value of projects, against a scenario without them.",
    "calibrate": "Fit parameters to what was observed.",
    "sensitivity": "Rank the uncertain values by their effect on the results.",
    "policies": "What hangs on rules that no source settles, side by side.",
    "sweep": "The main outcomes at the points of a grid, sample or design.",
    "saturation": "The largest multiple of its demand that a scenario carries.",
    "disrupt": "Cost of a closure against its length in days.",
    "bottlenecks": "Find the bottleneck, raise it, find the next, with evidence.",
    "plan": "The cheapest projects that reach a target, and their due dates.",
    "capacity": "Demand against capacity of every resource, without simulation.",
    "plot": "Draw one figure of a folder that --out wrote: map, waits ...",
    "report": "Write the report of a study as one HTML file.",
    "replay": "Write a replay of a run on the map as one HTML file.",
    "events": "Write the log of a study as a table for process mining.",
    "indicators": "Time, cost and speed of a study in CAREC's form.",
    "verify": "Compare the rules of the engine with queueing theory.",
    "check": "List all problems of a scenario file.",
    "show": "Print a scenario after parents, projects and --set are applied.",
    "sources": "List every number with its range, source and confidence.",
    "scenarios": "List the scenarios that ship with the package.",
    "projects": "List what could be built: status, date, capital, needs.",
    "store": "List, show, verify and prune stored replications.",
    "schema": "Print the JSON Schema of scenario files.",
}
"""What each command does, in the order of the help. A command NAME is the function of that name in
``sim/cli/NAME_command.py``, which is imported only when it is called."""


class LazyGroup(click.Group):
    """The commands, each imported when it is called: help and usage errors come at once."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def invoke(self, ctx: click.Context) -> object:
        """Call the command, where its libraries find the memory to be loaded; its help needs none."""
        if HELP.isdisjoint(ctx.args):
            check_memory_limit()
            take_buffers()
        return super().invoke(ctx)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = f"sim.cli.{cmd_name}_command"
        command = getattr(import_module(module), cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}: {cmd_name} is no command")
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _print_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        # Imported here: it takes a third of the start-up time, and no other command needs it.
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version(DISTRIBUTION)
        except PackageNotFoundError:
            number = "(a source checkout that is not installed)"
        say(f"corridor {number}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": sorted(HELP)})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version.",
)
def corridor() -> None:
    """Simulate the Middle Corridor: how much it carries, what limits it, and what would help.

    SCENARIO is the name of a shipped scenario (see `corridor scenarios`) or the path of a file.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code; SIGTERM acts like Ctrl-C."""
    use_one_thread()
    open_streams()
    ending = Ending()
    ending.install()
    code = INTERRUPTED
    try:
        answered = answer_shell(corridor)
        if answered is not None:
            sys.exit(answered)
        code = run(sys.argv[1:] if arguments is None else arguments, ending)
        ending.code = code
    except KeyboardInterrupt:
        # It came while the end of the command was being reported.
        ending.code = code
    sys.exit(code)


def run(arguments: Sequence[str], ending: Ending | None = None) -> int:
    """Run one command and return its exit code; report a failure in one message on stderr."""
    try:
        code = _invoke(list(arguments))
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the outermost place: each is reported below
        if ending is not None and ending.is_asked and not isinstance(error, _OF_ITS_OWN):
            # A library that is interrupted while it is loaded may raise an error of its own.
            error = KeyboardInterrupt()
        return _report_failure(error)
    return code


def _report_failure(error: BaseException) -> int:
    """Report what went wrong and return its exit code."""
    if isinstance(error, click.ClickException):
        shown = StringIO()
        error.show(file=shown)
        say(shown.getvalue(), err=True, nl=False)
        return error.exit_code
    if isinstance(error, CorridorError):
        _report(str(error))
        return error.exit_code
    if isinstance(error, KeyboardInterrupt | click.Abort):
        _report("interrupted")
        return INTERRUPTED
    if isinstance(error, OSError):
        return _report_system_error(error)
    if isinstance(error, MemoryError):
        _report("out of memory; make the scenario smaller or use fewer --workers")
        return MACHINE
    import traceback

    traceback.print_exception(error)
    _report("this is a defect of the simulator, not of the scenario")
    return DEFECT


def _invoke(arguments: list[str]) -> int:
    try:
        with corridor.make_context("corridor", arguments) as context:
            corridor.invoke(context)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    return 0


def _report(message: str) -> None:
    say(f"corridor: {message}", err=True)


def _report_system_error(error: OSError) -> int:
    drop_unwritten()
    if isinstance(error, BrokenPipeError):
        # The reader of the pipe has left.
        return 0
    where = f"{error.filename}: " if error.filename else ""
    if error.errno == errno.ENOSPC:
        _report(f"{where}no space is left on the disk")
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        _report(f"{where}no permission to write or read here")
    else:
        _report(f"{where}{error.strerror or error}")
    return MACHINE
