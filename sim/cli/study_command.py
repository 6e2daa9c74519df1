"""What every command that simulates does, once: load, warn, first line, run, save, JSON, tables.

A command makes a `StudyCommand` of its options, loads its scenarios, runs one function of
`sim.analysis` and gives its `Results`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sim.cli.command_line import command_line
from sim.cli.output import check_json_file, document_head, json_rows, list_written, say, write_json
from sim.cli.progress import progress
from sim.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.headlines import Headline
    from sim.cli.screen import Screen
    from sim.runs.runner import Runner
    from sim.spec.load import Scenario
    from sim.study.sealed import SealedFolder

T = TypeVar("T")


def _no_files(_folder: Path) -> Iterable[Path]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What an analysis of one scenario found: its JSON document, its files and its tables."""

    scenario: Scenario
    replications: int
    facts: Mapping[str, Any]
    """Keys of the JSON document beyond those of every document; a frame becomes a list of rows."""
    files: Mapping[str, pd.DataFrame]
    """Tables of ``--out`` by the names of their CSV files; figures are drawn from them."""
    headline: Headline
    """Its first sentence."""
    show: Callable[[Screen], None]
    """Prints the tables."""
    more_files: Callable[[Path], Iterable[Path]] = _no_files
    """Writes other files into ``--out`` and returns their paths."""
    is_total: bool = False
    """Whether *replications* counts those of all points together."""
    trouble: BaseException | None = None
    """Why the results are not complete; raised after they are given."""


class StudyCommand:
    """One call of a command that simulates.

    Parameters
    ----------
    options
        Values of `sim.cli.options.simulation_options`.
    store_in_out
        Whether finished replications are stored below ``--out`` where no ``--store`` is given, so
        that the same command goes on after it was stopped.

    Raises
    ------
    MachineError
        The JSON document cannot be written where it is wanted.
    """

    def __init__(self, options: Mapping[str, Any], *, store_in_out: bool = True) -> None:
        self.seed: int = options["seed"]
        self.out: Path | None = options["out"]
        self._folder: SealedFolder | None = None
        self._is_study = not store_in_out
        self._changes = options["changes"]
        self._json_file: str | None = options["json_file"]
        self._loaded: list[Scenario] = []
        self._memory_gb = options["memory_gb"]
        self._runner = {key: options[key] for key in ("workers", "scheduler", "store")}
        if store_in_out and self.out is not None and self._runner["store"] is None:
            self._runner["store"] = self.out / "store"
        check_json_file(self._json_file)
        _warn_of_open_port(options["scheduler"])

    def load(self, name: str) -> Scenario:
        """Load a scenario with the changes of ``--set`` and print its warnings."""
        (loaded,) = self.load_all([name])
        return loaded

    def load_all(self, names: Iterable[str]) -> list[Scenario]:
        """Load several scenarios likewise; those of the same name are numbered."""
        from sim.spec.load import load

        loaded = [load(name, self._changes, memory_gb=self._memory_gb) for name in names]
        if self.out is not None:
            self._folder = self._prepare(self.out)
        for scenario in loaded:
            for warning in scenario.warnings:
                say(f"warning: {warning}", err=True)
        self._loaded += loaded
        self._warn_of_memory(loaded)
        return _numbered(loaded)

    def _warn_of_memory(self, scenarios: Iterable[Scenario]) -> None:
        """Say so where the workers of this machine together may take more memory than it has."""
        from sim.bounds import PROCESS_GB, machine_memory_gb
        from sim.runs.pools import default_workers

        if self._runner["scheduler"] not in (None, "local"):
            return
        run_gb = PROCESS_GB + max(scenario.size.memory_gb for scenario in scenarios)
        workers, machine_gb = self._runner["workers"] or default_workers(), machine_memory_gb()
        if workers * run_gb > machine_gb:
            what = (
                f"{workers} workers may take {run_gb:.2g} GB of memory each, and this machine has"
            )
            remedy = f"with --workers {max(1, int(machine_gb / run_gb))} fewer run at once"
            say(f"warning: {what} {machine_gb:.2g} GB; {remedy}", err=True)

    def _prepare(self, out: Path) -> SealedFolder:
        """Return the folder of the results, held until the end of the command."""
        from sim.study.contents import STUDY
        from sim.study.sealed import SealedFolder

        context = click.get_current_context()
        part = STUDY if self._is_study else str(context.info_name)
        folder = SealedFolder(out, part)
        context.call_on_close(folder.close)
        return folder

    def announce(self, scenario: Scenario, work: str) -> None:
        """Print the first line: scenario, hash, seed, how much *work*, version."""
        head = f"{scenario.name}, hash {scenario.hash}, seed {self.seed}"
        say(f"{head}, {work}, version {__version__}", err=True)

    def run(self, name: str, replications: int | None, analysis: Callable[..., T]) -> T:
        """Call *analysis* with ``seed`` and ``runner``, under a bar of *replications*."""
        with self.runner() as runner, progress(name, replications) as runner.on_done:
            return analysis(seed=self.seed, runner=runner)

    @contextmanager
    def runner(self) -> Iterator[Runner]:
        """Give a runner as the options say; at the end, print what is doubtful in scenarios that it
        was asked for and that were not loaded, and what came from the store."""
        from sim.runs.runner import Runner

        with Runner(**self._runner) as runner:
            try:
                yield runner
            except KeyboardInterrupt:
                if runner.store is not None:
                    say(f"stopped{runner.how_to_go_on()}", err=True)
                raise
            finally:
                for doubt in runner.doubts.beyond(self._loaded):
                    say(f"warning: {doubt}", err=True)
                if counts := runner.store_message():
                    say(counts, err=True)

    def give(self, results: Results) -> None:
        """Save, write and print the results of an analysis; raise what kept them incomplete."""

        def save(folder: Path) -> list[Path]:
            from sim.plot.drawing import Provenance
            from sim.plot.kinds import save_results

            source = Provenance(
                results.scenario.name,
                results.scenario.hash,
                self.seed,
                results.replications,
                __version__,
                in_all=results.is_total,
            )
            more = results.more_files(folder)
            return [*save_results(results.files, source, folder), *more]

        head = document_head(results.scenario, self.seed, results.replications)
        self.give_document(
            {**head, **results.facts}, save, results.headline, results.show, results.trouble
        )

    def give_document(
        self,
        document: Mapping[str, Any],
        save: Callable[[Path], Iterable[Path]],
        headline: Headline,
        show: Callable[[Screen], None],
        trouble: BaseException | None = None,
    ) -> None:
        """Save into ``--out``, write *document*, print sentence and tables, then raise *trouble*.

        Parameters
        ----------
        document
            The JSON document; a frame in it is written as a list of rows.
        save
            Writes files into a folder and returns those that are listed.
        headline
            The first sentence; it is saved with the results, for the page that is made of them.
        """
        import pandas as pd

        from sim.cli.screen import Screen

        if self._folder is not None:
            self._save(self._folder, partial(_save_with_headline, save, headline), trouble)
        if self._json_file is not None:
            rows = {
                key: json_rows(value) if isinstance(value, pd.DataFrame) else value
                for key, value in document.items()
            }
            write_json(rows, self._json_file)
        if self._json_file != "-":
            screen = Screen()
            numbers = [(number.label, number.text) for number in headline.numbers]
            screen.headline(headline.sentence, numbers)
            show(screen)
            screen.next(self._next())
            screen.show()
        if trouble is not None:
            raise trouble

    def _next(self) -> str:
        """Return the command that may follow: the page of what was saved, or the same, saved."""
        if self.out is not None:
            return f"corridor report {quote(str(self.out))}"
        context = click.get_current_context()
        return f"{command_line(context)} --out out/{context.info_name}"

    def _save(
        self,
        folder: SealedFolder,
        save: Callable[[Path], Iterable[Path]],
        trouble: BaseException | None,
    ) -> None:
        """Write what *save* writes into *folder*; beside it where that would cost whole results."""
        from sim.study.contents import incomplete_file
        from sim.study.files import save_text
        from sim.study.sealed import beside

        if trouble is not None and folder.holds_whole_results:
            kept = folder.given
            folder = beside(folder)
            click.get_current_context().call_on_close(folder.close)
            what = f"{kept} holds whole results, which stay; what is finished goes to"
            say(f"{what} {folder.given}", err=True)
        with folder.writing() as fresh:
            files = [folder.given / file.relative_to(fresh) for file in save(fresh)]
            if trouble is not None:
                note = incomplete_file(folder.part)
                save_text(f"{_reason(trouble)}\n", fresh / note)
                files.append(folder.given / note)
        list_written(files, folder.given)


def _save_with_headline(
    save: Callable[[Path], Iterable[Path]], headline: Headline, folder: Path
) -> list[Path]:
    """Write what *save* writes into *folder*, and the headline beside it."""
    from sim.study.contents import headline_file
    from sim.study.files import save_text

    files = list(save(folder))
    context = click.get_current_context()
    written = {**headline.document(), "command": command_line(context)}
    file = folder / headline_file(str(context.info_name))
    save_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", file)
    return [*files, file]


def _warn_of_open_port(scheduler: str | None) -> None:
    """Warn of an address of another machine that is not encrypted."""
    if scheduler is None or not scheduler.startswith("tcp://"):
        return
    host = scheduler.removeprefix("tcp://").rpartition(":")[0]
    if host != "localhost" and not host.startswith("127."):
        what = f"{scheduler} is neither encrypted nor guarded"
        why = "whoever reaches that port can run code on the workers and on this machine"
        remedy = "use tls:// (see 'Many machines' in the README)"
        say(f"warning: {what}: {why}; {remedy}", err=True)


def _reason(trouble: BaseException) -> str:
    """Return why results are not complete."""
    if isinstance(trouble, KeyboardInterrupt):
        return "interrupted before all was finished; the same command makes it whole"
    return str(trouble)


def _numbered(scenarios: list[Scenario]) -> list[Scenario]:
    """Number scenarios of the same name, so that tables and figures can tell them apart."""
    from dataclasses import replace

    counts: dict[str, int] = {}
    numbered = []
    for scenario in scenarios:
        count = counts.get(scenario.name, 0) + 1
        counts[scenario.name] = count
        if count > 1:
            scenario = replace(scenario, name=f"{scenario.name}-{count}")  # noqa: PLW2901 - the same, renamed
        numbered.append(scenario)
    return numbered
