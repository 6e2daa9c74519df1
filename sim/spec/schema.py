"""JSON Schema of a scenario file, made from the models, for editors that complete and check.

A file may be a child that holds only what differs, so keys inside are not required; a value may
stand with its source; and ``null`` deletes what was inherited. References between ids and physics
are beyond a schema: see ``corridor check``.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from sim.spec.departure import NEVER, VESSELS_ALONE
from sim.spec.fields import CountDistribution, Duration, DurationDistribution
from sim.spec.loading import ORDERS
from sim.spec.scenario import MAY_BE_FILES, ScenarioSpec

Schema = dict[str, Any]

_NULL: Schema = {"type": "null"}
_AT_ONCE: Schema = {"const": "at_once"}


def json_schema() -> Schema:
    """Return the schema of a scenario file (draft 2020-12)."""
    raw = ScenarioSpec.model_json_schema(by_alias=True)
    shared = {
        "Duration": TypeAdapter(Duration).json_schema(),
        "DurationDistribution": TypeAdapter(DurationDistribution).json_schema(),
        "CountDistribution": TypeAdapter(CountDistribution).json_schema(),
    }
    definitions = {name: _file_form(node, shared) for name, node in raw.pop("$defs").items()}
    duration = {"Duration": shared["Duration"]}
    definitions["Duration"] = _with_source(shared["Duration"])
    for name in ("DurationDistribution", "CountDistribution"):
        definitions[name] = _or(_file_form(shared[name], duration), {"$ref": "#/$defs/Step"})
    _add_choices(definitions["Departure"]["properties"])
    definitions["Departure"] = {"anyOf": [definitions["Departure"], _AT_ONCE, _CHOICE_REF]}
    orders: Schema = {"enum": list(ORDERS)}
    definitions["Loading"] = {"anyOf": [definitions["Loading"], orders, _CHOICE_REF]}
    _add_short_forms(definitions)
    root = _file_form(raw, shared)
    root["properties"] = {
        "extends": {"type": "string", "description": _EXTENDS},
        **root["properties"],
    }
    for part in MAY_BE_FILES:
        root["properties"][part] = _or(root["properties"][part], {"type": "string"})
    definitions["Step"] = _STEP
    definitions["Choice"] = _CHOICE
    root["anyOf"] = [{"required": ["extends"]}, {"required": ["title", "places"]}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **root, "$defs": definitions}


_AMOUNT: Schema = {"type": ["number", "string", "array", "object"]}
_STEP: Schema = {
    "description": "So much more than what is inherited, or so many times as much; a distribution takes times alone.",
    "type": "object",
    "properties": {"plus": _AMOUNT, "times": _AMOUNT},
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
}

_TEXT: Schema = {"type": "string"}
_CHOICE: Schema = {
    "description": "A rule with what it may be instead, where no source says which one holds.",
    "type": "object",
    "properties": {
        "value": {},
        "alternatives": {"type": "array", "minItems": 1},
        **dict.fromkeys(("source", "assumed", "fitted", "note"), _TEXT),
    },
    "required": ["value"],
    "anyOf": [{"required": ["source"]}, {"required": ["assumed"]}, {"required": ["fitted"]}],
    "additionalProperties": False,
}

_CHOICE_REF: Schema = {"$ref": "#/$defs/Choice"}

_EXTENDS = "Parent: a shipped scenario, or a file in the folder of this one."


def _add_short_forms(definitions: dict[str, Schema]) -> None:
    """Allow the short forms: one rule or time for both ends, and bare names."""
    duration: Schema = {"$ref": "#/$defs/DurationDistribution"}
    rule: Schema = {"$ref": "#/$defs/Departure"}
    for line in ("Train", "Service"):
        properties = definitions[line]["properties"]
        properties["departure"] = _or(properties["departure"], rule)
        properties["handling"] = _or(properties["handling"], duration)
    border = definitions["Border"]["properties"]
    for part in ("handover", "clearance", "transload"):
        border[part] = _or(border[part], duration)
    border["hours"] = _or(border["hours"], {"$ref": "#/$defs/Hours"})
    priority = _with_source({"type": "integer", "minimum": 0, "maximum": 9})
    border["priority"] = _or(border["priority"], priority)
    service = definitions["Service"]["properties"]
    service["sailing"] = _or(service["sailing"], {"const": "departure"})
    service["sailing"] = _or(service["sailing"], _CHOICE_REF)
    service["loading"] = _or(service["loading"], {"$ref": "#/$defs/Loading"})
    service["prefers"] = _or(service["prefers"], _CHOICE_REF)
    _add_plain_tariffs(definitions["Money"]["properties"]["tariffs_usd"])
    flow = definitions["Flow"]["properties"]
    flow["arrivals"] = _or(flow["arrivals"], {"const": "poisson"})


def _add_choices(conditions: Schema) -> None:
    """Allow conditions of departure that do not hold, and what they may be instead."""
    for condition in ("cargo_waits_over_there", "before_storm"):
        conditions[condition] = _or(conditions[condition], {"const": NEVER})
    for condition in VESSELS_ALONE:
        conditions[condition] = _or(conditions[condition], _CHOICE_REF)


def _add_plain_tariffs(tariffs: Schema) -> None:
    """Allow one price for both ends, below line and unit."""
    (by_unit,) = tariffs["anyOf"][0]["patternProperties"].values()
    prices = by_unit["anyOf"][0]["patternProperties"]
    for unit, by_end in prices.items():
        (price,) = by_end["anyOf"][0]["patternProperties"].values()
        prices[unit] = _or(by_end, price)


def _or(node: Schema, other: Schema) -> Schema:
    kept = {key: value for key, value in node.items() if key in ("description", "default")}
    inner = {key: value for key, value in node.items() if key not in kept}
    return {"anyOf": [inner, other], **kept}


def _file_form(node: Any, shared: dict[str, Schema]) -> Any:
    """Return *node* as files may write it: nothing required, null, and numbers with a source.

    Forms that are *shared* are written by reference.
    """
    if isinstance(node, list):
        return [_file_form(item, shared) for item in node]
    if not isinstance(node, dict):
        return node
    named = _reference(node, shared)
    if named is not None:
        return named
    form = {key: _file_form(value, shared) for key, value in node.items() if key != "title"}
    if "default" in node:
        form["default"] = node["default"]
    is_quantity = node.get("type") in ("number", "integer", "array")
    if is_quantity or node.get("format") == "date" or "enum" in node:
        return _with_source(form)
    # The parameters of a distribution stay required: half a distribution is none.
    if "properties" in node and not _is_distribution(node):
        form.pop("required", None)
        form["properties"] = _each_or_null(node["properties"], shared)
    if "patternProperties" in node:
        form["patternProperties"] = _each_or_null(node["patternProperties"], shared)
        form["additionalProperties"] = False
    return form


def _each_or_null(properties: dict[str, Schema], shared: dict[str, Schema]) -> dict[str, Schema]:
    return {key: _or_null(_file_form(value, shared)) for key, value in properties.items()}


def _reference(node: Schema, shared: dict[str, Schema]) -> Schema | None:
    """Return a reference, with the description, if *node* is one of the *shared* forms."""
    extra = {
        key: value for key, value in node.items() if key in ("description", "default", "title")
    }
    bare = {key: value for key, value in node.items() if key not in extra}
    extra.pop("title", None)
    for name, form in shared.items():
        if bare == {
            key: value for key, value in form.items() if key not in ("description", "title")
        }:
            return {"$ref": f"#/$defs/{name}", **extra}
    return None


def _is_distribution(node: Schema) -> bool:
    return (
        bool(node.get("required"))
        and set(node["required"]) <= set(node["properties"])
        and "title" not in node
    )


def _or_null(node: Schema) -> Schema:
    if node.get("anyOf") is not None and _NULL in node["anyOf"]:
        return node
    return _or(node, _NULL)


def _with_source(node: Schema) -> Schema:
    """Return the schema of a plain value, or of the same with its range and source."""
    kept = {key: value for key, value in node.items() if key in ("description", "default")}
    plain = {key: value for key, value in node.items() if key not in kept}
    text: Schema = {"type": "string"}
    sourced: Schema = {
        "type": "object",
        "properties": {
            "value": plain,
            "low": {},
            "high": {},
            "alternatives": {"type": "array", "items": plain, "minItems": 1},
            "source": text,
            "derived": text,
            "assumed": text,
            "fitted": text,
            "note": text,
        },
        "required": ["value"],
        "anyOf": [{"required": ["source"]}, {"required": ["assumed"]}, {"required": ["fitted"]}],
        "additionalProperties": False,
    }
    return {"anyOf": [plain, sourced, {"$ref": "#/$defs/Step"}], **kept}
