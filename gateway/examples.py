"""Examples of whole messages, put together from the examples that their fields bear."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_MAX_DEPTH = 6
_NONE = object()
DURATION = r"^-?[0-9]+(\.[0-9]{1,9})?s$"
"""The pattern of a duration in proto3 JSON."""
_TEXTS = {
    "date-time": "2020-01-02T03:04:05Z",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uri-reference": "/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "int64": "1",
    "uint64": "1",
}


def add_examples(schemas: dict[str, Json]) -> None:
    """Gives component schemas whose fields bear examples one of their own.

    It holds what is required and what bears an example, and is left out where something required has a
    pattern, which nothing is made up for.
    """
    for schema in schemas.values():
        if "properties" in schema and "examples" not in schema:
            example = _object(schema, schemas, _MAX_DEPTH)
            if example is not _NONE and example and _bears(schema, schemas, _MAX_DEPTH):
                schema["examples"] = [example]


def _bears(schema: Json, schemas: dict[str, Json], depth: int) -> bool:
    """Whether an example stands at the schema or below it."""
    if depth == 0:
        return False
    if "$ref" in schema:
        return _bears(_target(schema, schemas), schemas, depth - 1)
    if schema.get("pattern") == DURATION:  # an example of the type, and not of the field
        return False
    inner = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return "examples" in schema or any(_bears(each, schemas, depth - 1) for each in inner)


def _object(schema: Json, schemas: dict[str, Json], depth: int) -> Any:
    required, groups = set(schema.get("required", ())), _groups(schema)
    out: Json = {}

    def put(name: str) -> bool:
        value = _value(schema["properties"][name], schemas, depth - 1)
        if value is not _NONE:
            out[name] = value
        return value is not _NONE

    for name, field in schema["properties"].items():
        taken = any(name in names and out.keys() & names for names, _ in groups)
        wanted = not taken and (name in required or _bears(field, schemas, depth))
        if wanted and not put(name) and name in required:
            return _NONE
    for names, needed in groups:
        if needed and not out.keys() & names and not any(map(put, names)):
            return _NONE
    return out


def _groups(schema: Json) -> list[tuple[list[str], bool]]:
    """(names of which at most one is set, whether one must be) of each group that choices.py added."""
    rules = [rule["oneOf"] for rule in (schema, *schema.get("allOf", ())) if "oneOf" in rule]
    return [
        (
            [name for each in rule for name in each.get("required", ())],
            not any("not" in each for each in rule),
        )
        for rule in rules
    ]


def _value(schema: Json, schemas: dict[str, Json], depth: int) -> Any:
    if depth <= 0:
        return _NONE
    if "examples" in schema:
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return next((name for name in schema["enum"] if not str(name).endswith("UNSPECIFIED")), _NONE)
    if "$ref" in schema:
        return _value(_target(schema, schemas), schemas, depth - 1)
    if "not" in schema or "pattern" in schema:
        return _NONE
    kind = schema.get("type")
    match kind[0] if isinstance(kind, list) else kind:
        case "object" if "properties" in schema:
            return _object(schema, schemas, depth)
        case "array" if "items" in schema:
            item = _value(schema["items"], schemas, depth - 1)
            return _NONE if item is _NONE or schema.get("minItems", 0) > 1 else [item]
        case "string":
            text = _TEXTS.get(schema.get("format", ""), "text")
            fits = schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text))
            return text if fits and "contentEncoding" not in schema else _NONE
        case "integer" | "number" if "exclusiveMinimum" not in schema:
            number = schema.get("minimum", 1)
            high = schema.get("maximum", schema.get("exclusiveMaximum", number + 1))
            return number if number < high else _NONE
        case "boolean":
            return True
    return _NONE


def _target(schema: Json, schemas: dict[str, Json]) -> Json:
    return schemas[schema["$ref"].rpartition("/")[2]]
