"""The JSON Schema of a record: the model's own, with units, directions and the rules between keys.

Made from `hmu_bench.records` and the metric table; whatever the model accepts the schema accepts,
and what the schema cannot say is said in a description.
"""

from __future__ import annotations

from typing import Any

from hmu_bench.files import canonical_json
from hmu_bench.metrics.table import METRICS
from hmu_bench.records import Record
from leaderboard.facts import PROMPT_SETS, SCORES, Column, SetFacts

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILE = "record.schema.json"
LINK = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s\"'<>\\`]*$"
NULL, NUMBER, TEXT = {"type": "null"}, {"type": "number"}, {"type": "string"}


def record_schema(base_url: str | None = None) -> str:
    """The schema as JSON text; `$id` is given where the site's address is known."""
    schema = Record.model_json_schema()
    kinds = schema["$defs"]
    kinds["Value"]["allOf"] = [_exactly_one("value", "reason"), _both_or_none("low", "high")]
    for key in ("paper", "code"):
        kinds["Method"]["properties"][key]["anyOf"][0] |= {"pattern": LINK, "maxLength": 500}
    for name, facts in PROMPT_SETS.items():
        kinds[f"Metrics_{name}"] = _metrics(facts)
    schema["properties"]["metrics"] = _by_set({"$ref": "#/$defs/Metrics_{}"})
    schema["properties"]["categories"] |= _by_set(
        {
            "type": "object",
            "propertyNames": schema["$defs"]["Flag"]["properties"]["name"],
            "additionalProperties": {"$ref": "#/$defs/Metrics_{}"},
        }
    )
    for score, column in SCORES.items():
        facts_of = {"description": column.metric.formula, "x-direction": column.direction}
        kinds["Scores"]["properties"][score] |= facts_of
    schema["allOf"] = _between_keys()
    head = {"$schema": DIALECT}
    if base_url:
        head["$id"] = f"{base_url}downloads/{FILE}"
    return canonical_json(head | schema | {"title": "A record of hmu-bench"})


def _metrics(facts: SetFacts) -> dict[str, Any]:
    """The metrics of a prompt set, each with what the metric table knows of it."""
    return {
        "title": f"Metrics on {facts.label}: {facts.about}",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            metric.name: {
                "$ref": "#/$defs/Value",
                "title": metric.label,
                "description": metric.formula,
                "x-direction": Column(facts, metric).direction,
                "x-unit": metric.unit,
                "x-range": list(metric.range),
                "x-source": metric.source,
            }
            for metric in METRICS.values()
        },
    }


def _by_set(shape: Any) -> dict[str, Any]:
    """An object with a key a prompt set; `{}` in the shape's reference becomes its name."""

    def filled(part: Any, name: str) -> Any:
        if isinstance(part, dict):
            return {key: filled(value, name) for key, value in part.items()}
        return part.replace("{}", name) if isinstance(part, str) else part

    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: filled(shape, name) for name in PROMPT_SETS},
    }


def _is(key: str, rule: dict[str, Any]) -> dict[str, Any]:
    return {"properties": {key: rule}, "required": [key]}


def _exactly_one(one: str, other: str) -> dict[str, Any]:
    """A number in `one` or a text in `other`, never both, never none of the two."""
    return {
        "oneOf": [
            _is(one, NUMBER) | {"not": _is(other, TEXT)},
            {"allOf": [_is(one, NULL), _is(other, TEXT)]},
        ]
    }


def _both_or_none(one: str, other: str) -> dict[str, Any]:
    return {
        "oneOf": [
            {"allOf": [_is(one, NUMBER), _is(other, NUMBER)]},
            {"not": {"anyOf": [_is(one, NUMBER), _is(other, NUMBER)]}},
        ]
    }


def _between_keys() -> list[dict[str, Any]]:
    """What a kind of record needs."""
    cited = _is("provenance", _is("citation", {"type": "string", "minLength": 1}))
    measured = {
        "allOf": [
            _is("provenance", _is("evaluator", {"type": "object"})),
            _is("coverage", {"type": "object"}),
        ]
    }
    return [
        {"if": _is("kind", {"const": "reported"}), "then": cited, "else": measured},
        {"if": _is("role", {"const": "real"}), "then": _is("kind", {"const": "reference"})},
    ]
