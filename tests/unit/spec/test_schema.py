"""The JSON Schema agrees with the loader where both can judge."""

from __future__ import annotations

import json

import pytest

from sim.spec.library import find, shipped
from sim.spec.schema import json_schema
from sim.spec.yaml_tree import read_tree

jsonschema = pytest.importorskip("jsonschema")


@pytest.fixture(scope="module")
def validator():
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_file_is_valid(validator, name):
    assert [
        error.message
        for error in validator.iter_errors(read_tree(find(name).read_bytes(), name).values)
    ] == []


@pytest.mark.parametrize(
    "child",
    [
        {"services": {"line": None}},
        {"demand": {"scale": {"value": 5, "low": 4, "high": 6, "assumed": "x"}}},
        {"services": {"line": {"departure": "at_once", "handling": "8h"}}},
        {
            "services": {
                "line": {
                    "departure": {"full": 0.9},
                    "handling": {"alat": {"value": "8h", "source": "x"}},
                }
            }
        },
        {
            "services": {
                "line": {
                    "departure": {"alat": "at_once"},
                    "crossing": {"lognormal": {"mean": "8h", "cv": 1}},
                }
            }
        },
        {
            "flows": {
                "wagons": {
                    "arrivals": "poisson",
                    "consignment_units": {"uniform": {"low": 1, "high": 9}},
                }
            }
        },
        {"weather": None},
    ],
)
def test_what_a_child_may_say_is_valid(validator, child):
    assert [error.message for error in validator.iter_errors({"extends": "base"} | child)] == []


@pytest.mark.parametrize(
    "child",
    [
        {"demnd": {}},
        {"demand": {"scale": "5"}},
        {"demand": {"scale": {"value": 5}}},
        {"services": {"line": {"crossing": 20}}},
        {"services": {"line": {"crossing": {"lognormal": {"mean": "8h"}}}}},
        {"services": {"line": {"departure": "asap"}}},
        {"services": {"Line": {}}},
        {"horizon": {"days": 0}},
    ],
)
def test_what_no_file_may_say_is_invalid(validator, child):
    assert list(validator.iter_errors({"extends": "base"} | child))


def test_a_file_without_a_parent_has_a_title_and_places(validator):
    assert list(validator.iter_errors({"title": "x"}))


def test_descriptions_of_the_fields_are_in_the_schema():
    assert "Sailing time berth to berth" in json.dumps(json_schema())
