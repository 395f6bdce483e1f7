"""Examples of messages: valid, of what bears an example or is required, and of one member of each oneof."""

from __future__ import annotations

from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from gateway.choices import Choice, add_choices
from gateway.examples import add_examples

TEXT: dict[str, Any] = {"type": "string"}
NAME: dict[str, Any] = {"type": "string", "examples": ["Anna"]}


def of(properties: dict[str, Any], *groups: Choice, required: tuple[str, ...] = (), **others: Any) -> Any:
    schema: dict[str, Any] = {"type": "object", "properties": properties, "required": list(required)}
    add_choices(schema, groups)
    schemas = {"It": schema, **others}
    add_examples(schemas)
    for example in schema.get("examples", ()):
        OAS31Validator({"$ref": "#/components/schemas/It", "components": {"schemas": schemas}}).validate(
            example
        )
    return schema.get("examples", [None])[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (TEXT, "text"),
        ({"type": "string", "format": "date-time"}, "2020-01-02T03:04:05Z"),
        ({"type": "string", "format": "int64"}, "1"),
        ({"type": "integer", "minimum": 5, "maximum": 9}, 5),
        ({"type": "boolean"}, True),
        ({"type": "string", "enum": ["KIND_UNSPECIFIED", "SMALL"]}, "SMALL"),
        ({"const": 7}, 7),
        ({"type": ["string", "null"]}, "text"),
        ({"type": "array", "items": TEXT, "minItems": 1}, ["text"]),
        ({"$ref": "#/components/schemas/Other"}, {"a": "Anna"}),
    ],
    ids=str,
)
def test_what_is_required_is_made_up(field: dict[str, Any], value: Any) -> None:
    other = {"type": "object", "properties": {"a": NAME, "b": TEXT}}
    assert of({"a": NAME, "it": field, "b": TEXT}, required=("it",), Other=other) == {
        "a": "Anna",
        "it": value,
    }


@pytest.mark.parametrize(
    "field",
    [
        {"type": "string", "pattern": "^[a-z]{7}$"},
        {"type": "string", "minLength": 50},
        {"type": "integer", "exclusiveMinimum": 5},
        {"type": "array", "items": TEXT, "minItems": 2},
        {"type": "string", "not": {"enum": ["text"]}},
        {"$ref": "#/components/schemas/It"},
    ],
    ids=str,
)
def test_nothing_is_made_up_that_may_be_wrong(field: dict[str, Any]) -> None:
    assert of({"a": NAME, "it": field}, required=("it",)) is None


def test_without_an_example_there_is_none() -> None:
    assert of({"it": TEXT}, required=("it",)) is None


def test_one_member_of_a_oneof() -> None:
    either = Choice(("a", "b"), required=False)
    assert of({"a": NAME, "b": NAME, "c": NAME}, either) == {"a": "Anna", "c": "Anna"}
    must = Choice(("x", "y"), required=True)
    patterned = {"type": "string", "pattern": "^x$"}
    assert of({"a": NAME, "x": patterned, "y": TEXT}, must) == {"a": "Anna", "y": "text"}
    assert of({"a": NAME, "x": patterned, "y": patterned}, must) is None
    assert of({"a": NAME, "b": NAME, "x": TEXT, "y": TEXT}, either, must) == {"a": "Anna", "x": "text"}
