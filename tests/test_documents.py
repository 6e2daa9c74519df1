"""The documents name what there is: every path in them exists, every room of the package is named."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

import sim

ROOT = Path(__file__).parent.parent
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/design/README.md",
    "docs/reading-a-validation.md",
    "docs/trust.md",
)
FOLDERS = ("sim", "tests", "scenarios", "docs", "notebooks", "benchmarks")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_a_document_names_is_there(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    paths = re.findall(rf"`((?:{'|'.join(FOLDERS)})/[^`*{{}} ]*)`", text)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_bound_is_the_number_that_the_code_has():
    text = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .* \| ([\d,]+) \| `([\w.]+):(\w+)` \|$", text, re.MULTILINE)
    assert len(rows) >= 15
    for number, module, name in rows:
        stated = int(number.replace(",", ""))
        assert getattr(import_module(module), name) == stated, (module, name)


def test_contributing_leads_into_every_room():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = [path.name for path in (ROOT / "sim").iterdir() if (path / "__init__.py").exists()]
    assert [room for room in rooms if f"`sim/{room}/" not in text] == []


def test_the_changelog_and_the_citation_speak_of_this_version():
    assert f"## {sim.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"version: {sim.__version__}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
