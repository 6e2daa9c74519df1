"""Any sequence of overwriting, killing, reporting, reading and going on leaves one whole study and a sound store."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import sim
from sim.runs.store import Key, Store
from sim.study.contents import ON_REQUEST
from sim.study.files import load_study, save_study, save_text
from sim.study.sealed import verified
from tests.disk import Killed, failing, kill

DAYS = {"horizon.days": 30, "horizon.warmup_days": 2, "horizon.followup_days": 0}
STUDIES = range(3)
OPERATIONS = st.integers(1, 200)
"""More than any rule needs: a number beyond its last operation lets it end."""
_MADE: dict[int, sim.Study] = {}


def _study(number: int) -> sim.Study:
    """Return the study of this *number*, simulated once."""
    if number not in _MADE:
        line = sim.load("textbook/one-ferry-line", {**DAYS, "services.line.vessels": number + 1})
        _MADE[number] = sim.replicate(line, replications=1 + number % 2, workers=1)
    return _MADE[number]


class StudyFolder(RuleBasedStateMachine):
    """The model: which study the folder may hold, whether a page may be in it, what the store must have."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.folder = self.home / "out"
        self.mine = self.home / "notes.txt"
        self.mine.write_text("mine")
        self.held: set[int | None] = {None}
        self.pages: set[str | None] = {None}
        self.kept: dict[Key, bytes] = {}
        self.unsure: set[Key] = set()
        """Parts that were being put when the process was killed: there whole, or not at all."""

    def teardown(self) -> None:
        shutil.rmtree(self.home)

    @rule(number=st.sampled_from(STUDIES))
    def overwrite(self, number: int) -> None:
        save_study(_study(number), self.folder)
        self.held, self.pages = {number}, {None}

    @rule(number=st.sampled_from(STUDIES), at=OPERATIONS)
    def overwrite_and_be_killed(self, number: int, at: int) -> None:
        with failing(at, kill), suppress(Killed):
            save_study(_study(number), self.folder)
        self.held, self.pages = self.held | {number}, self.pages | {None}

    @precondition(lambda self: None not in self.held)
    @rule(text=st.sampled_from(["one page", "another page"]), at=OPERATIONS)
    def report(self, text: str, at: int) -> None:
        with failing(at, kill) as disk, suppress(Killed):
            save_text(text, self.folder / "report.html")
        self.pages = self.pages | {text} if disk.failed else {text}

    @precondition(lambda self: None not in self.held)
    @rule()
    def go_on(self) -> None:
        study = load_study(self.folder)
        after = sim.load(self.folder / "state.yaml")
        assert after.spec.horizon.start > study.scenario.spec.horizon.start

    @rule(replication=st.integers(0, 2), at=OPERATIONS)
    def put(self, replication: int, at: int) -> None:
        key, part = Key("a" * 32, "b" * 16, 1, replication), f"part {replication}".encode()
        with failing(at, kill) as disk, suppress(Killed):
            Store(self.home / "store").put(key, part, None)
        if not disk.failed:
            self.kept[key] = part
        elif key not in self.kept:
            self.unsure.add(key)

    @precondition(lambda self: self.kept)
    @rule()
    def resume(self) -> None:
        store = Store(self.home / "store")
        for key, part in self.kept.items():
            assert store.part(key) == part
        for key in sorted(self.unsure - self.kept.keys()):
            assert store.part(key) in (None, f"part {key.replication}".encode())
        assert not store.verify()

    @invariant()
    def one_whole_study_is_there(self) -> None:
        assert self.mine.read_text() == "mine"
        contents = verified(self.folder) if self.folder.is_dir() else None
        if not contents or "manifest.json" not in contents:
            assert None in self.held
            return
        read = load_study(self.folder)
        numbers = [n for n in STUDIES if _study(n).scenario.hash == read.scenario.hash]
        assert set(numbers) <= self.held
        assert read.metrics.equals(_study(numbers[0]).metrics)
        page = self.folder / "report.html"
        shown = page.read_text() if page.exists() else None
        assert shown in self.pages
        assert shown is None or contents["report.html"].by == ON_REQUEST
        self.held, self.pages = set(numbers), {shown}


StudyFolder.TestCase.settings = settings(
    max_examples=8, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
)
TestStudyFolder = StudyFolder.TestCase
