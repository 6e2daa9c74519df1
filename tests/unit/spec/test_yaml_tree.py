"""YAML 1.2 as scenario files use it."""

from __future__ import annotations

from sim.spec.messages import harmless, shown
from sim.spec.yaml_tree import Origin, read_tree, read_value


def test_values_are_those_of_yaml_1_2():
    text = b"""time: 12:30
norway: NO
float: 1e3
whole: 010
hex: 0x1F
octal: 0o17
date: 2023-01-01
yes: true
none: ~
text: '5'
long: |
  two
  lines
"""
    assert read_tree(text, "x").values == {
        "time": "12:30",
        "norway": "NO",
        "float": 1000.0,
        "whole": 10,
        "hex": 31,
        "octal": 15,
        "date": "2023-01-01",
        "yes": True,
        "none": None,
        "text": "5",
        "long": "two\nlines\n",
    }


def test_keys_and_entries_remember_where_they_stood():
    tree = read_tree("a:\n  b: [1, é, {c: 2}]\n".encode(), "file.yaml")
    assert tree.origins["a", "b"] == Origin("file.yaml", 2, 3)
    assert tree.origins["a", "b", "1"] == Origin("file.yaml", 2, 10)
    assert tree.origins["a", "b", "2", "c"] == Origin("file.yaml", 2, 14)


def test_an_alias_is_a_copy():
    values = read_tree(b"a: &a {x: 1}\nb: *a\n", "x").values
    assert values["a"] == values["b"] == {"x": 1}
    assert values["a"] is not values["b"]


def test_a_byte_order_mark_is_no_text():
    assert read_tree(b"\xef\xbb\xbfa: 1\n", "x").values == {"a": 1}


def test_single_values_are_read_alike():
    assert [read_value(text, "x") for text in ("5", "20h", "[a, 1]", "", "NO")] == [
        5,
        "20h",
        ["a", 1],
        None,
        "NO",
    ]


def test_what_is_shown_is_short_and_harmless():
    assert shown("a" * 100) == repr("a" * 60) + "..."
    assert shown("\x1b[31m") == "'\\x1b[31m'"
    assert harmless("a\x1b\nb") == "a\\x1b b"
