"""protovalidate's standard rules (`buf.validate.field`) as JSON Schema keywords."""

from __future__ import annotations

from typing import Any

_NUMBERS = {"gt": "exclusiveMinimum", "gte": "minimum", "lt": "exclusiveMaximum", "lte": "maximum"}
_STRINGS = {"min_len": "minLength", "max_len": "maxLength", "pattern": "pattern"}
_FORMATS = {
    "email": "email",
    "hostname": "hostname",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
    "uri": "uri",
    "uuid": "uuid",
}
_LISTS = {"min_items": "minItems", "max_items": "maxItems", "unique": "uniqueItems"}
_MAPS = {"min_pairs": "minProperties", "max_pairs": "maxProperties"}


def add_bounds(schema: dict[str, Any], rules: Any) -> None:
    """Adds what JSON Schema can say of a field's rules. `rules` is a FieldRules message of any version.

    A 64-bit integer is a string in proto3 JSON and gets none; nor do bytes, whose length base64 changes.
    """
    for kind, value in rules.ListFields():
        if kind.message_type is None:
            continue
        given = {field.name: item for field, item in value.ListFields()}
        match kind.name:
            case "string":
                _copy(schema, given, _STRINGS)
                if "len" in given:
                    schema["minLength"] = schema["maxLength"] = given["len"]
                for rule, name in _FORMATS.items():
                    if given.get(rule) is True:
                        schema["format"] = name
                _choices(schema, given)
            case "repeated":
                _copy(schema, given, _LISTS)
                if "items" in given and "$ref" not in schema.get("items", {}):
                    add_bounds(schema["items"], given["items"])
            case "map":
                _copy(schema, given, _MAPS)
            case _ if schema.get("type") in ("integer", "number"):
                _copy(schema, given, _NUMBERS)
                _choices(schema, given)


def _copy(schema: dict[str, Any], given: dict[str, Any], keywords: dict[str, str]) -> None:
    schema.update({keyword: given[rule] for rule, keyword in keywords.items() if rule in given})


def _choices(schema: dict[str, Any], given: dict[str, Any]) -> None:
    if "in" in given:
        schema["enum"] = list(given["in"])
    if "const" in given:
        schema["const"] = given["const"]
