"""Texts composed by libyaml and by pure Python: the same nodes at the same places, the same messages."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sim.errors import CorridorError
from sim.spec import yaml_nodes
from sim.spec.library import scenario_folder
from sim.spec.load import load
from sim.spec.yaml_nodes import NotYaml, TooDeep, compose, compose_in_python, tag_of_plain
from sim.spec.yaml_tree import read_tree

WRONG = sorted((Path(__file__).parents[1] / "wrong").glob("*.yaml"))
SHIPPED = sorted(scenario_folder().rglob("*.yaml"))
PIECES = [
    *(": ", ":", ", ", ",", "- ", "-", "? ", "?", "{", "}", "[", "]", "{a: 1}", "[b, c]", "{a, b: }"),
    *("\n", "\n\n", "\n  ", "\n    ", " ", "  ", "\t", "\r", "\ufeff", "\u00a0", "\U0001f600", "é"),
    *("|\n", "|-\n  a\n", ">2\n", ">\n a\n", "#", " # c\n", "---\n", "...\n", "'", '"', "''", '"\\x41"'),
    *("&a ", "*a", "&a: ", "& ", "* 2", "!", "!!str ", "!<x>", "! ", "<<: ", "=", "~", "null", "no"),
    *("12:30", "0o17", "0b1", "1_0", "1e3", ".5", "-.inf", "a", "word", "a: b", "'a\n b'", '"a\\\n b"'),
]  # fmt: skip

libyaml = pytest.mark.skipif(yaml_nodes.CParser is None, reason="PyYAML has no libyaml here")


def nodes(root, levels=50):
    """Return kind, tag, place and value of *root* and all below; a date is a text of the language."""
    if root is None or not levels:
        return None
    below = root.value
    if root.id == "sequence":
        below = [nodes(item, levels - 1) for item in root.value]
    if root.id == "mapping":
        below = [(nodes(key, levels - 1), nodes(value, levels - 1)) for key, value in root.value]
    tag = str(root.tag).replace("timestamp", "str")
    mark = root.start_mark
    is_quoted = root.id == "scalar" and bool(root.style)
    return root.id, tag, mark.line, mark.column, is_quoted, below


def outcome(composer, text):
    """Return the nodes of *text*, or what is wrong with it and where."""
    try:
        return nodes(composer(text))
    except (TooDeep, NotYaml) as error:
        return type(error), error.args


@libyaml
def test_every_file_has_the_same_nodes_at_the_same_places():
    compared = [file for file in (*WRONG, *SHIPPED) if b"\0" not in file.read_bytes()]
    assert len(compared) > 250
    for file in compared:
        text = file.read_bytes().decode("utf-8", "replace")
        assert outcome(compose, text) == outcome(compose_in_python, text), file.name


@libyaml
def test_shipped_files_need_no_pure_python(monkeypatch):
    monkeypatch.delattr(yaml_nodes, "compose_in_python")
    assert all(compose(file.read_text()) for file in SHIPPED)


@libyaml
@settings(max_examples=300)
@given(pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=14))
def test_any_text_has_the_same_nodes_or_the_same_error(pieces):
    text = "".join(pieces)
    assert outcome(compose, text) == outcome(compose_in_python, text)


@given(text=st.text("0123456789-+._:eEoxbaftrunliINFNAN~<=TZ ", min_size=1, max_size=8))
def test_a_plain_value_has_the_tag_of_yaml_1_2(text):
    resolver = YAML(typ="safe", pure=True).resolver
    kind = yaml_nodes.TAG + "str"
    from ruamel.yaml.nodes import ScalarNode

    expected = str(resolver.resolve(ScalarNode, text, (True, False)))
    assert tag_of_plain(text) == expected.replace(yaml_nodes.TAG + "timestamp", kind)


@pytest.mark.parametrize("file", WRONG[::6], ids=lambda file: file.stem)
def test_without_libyaml_the_messages_are_the_same(file, monkeypatch, tmp_path):
    expected = [line[3:] for line in file.read_text().splitlines() if line.startswith("#! ")]
    monkeypatch.setattr(yaml_nodes, "CParser", None)
    monkeypatch.chdir(tmp_path)
    Path("wrong.yaml").write_bytes(file.read_bytes())
    read_tree.cache_clear()
    with pytest.raises(CorridorError) as caught:
        load("wrong.yaml")
    assert [str(problem) for problem in caught.value.problems] == expected
