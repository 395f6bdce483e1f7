"""protovalidate's rules of fields (`buf.validate.field`) as JSON Schema keywords, and the rest in words."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

Json = dict[str, Any]
Given = dict[str, Any]

_IGNORE_ALWAYS = 3
_NUMBERS = {"gt": "exclusiveMinimum", "gte": "minimum", "lt": "exclusiveMaximum", "lte": "maximum"}
_IN_WORDS = {"gt": "above", "gte": "at least", "lt": "below", "lte": "at most"}
_FORMATS = {
    "email": "email",
    "hostname": "hostname",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
    "uri": "uri",
    "uri_ref": "uri-reference",
    "uuid": "uuid",
}
_KINDS = {
    "ip": "an IP address",
    "address": "a host name or an IP address",
    "tuuid": "a UUID without hyphens",
    "ip_with_prefixlen": "an IP address with its prefix length",
    "ipv4_with_prefixlen": "an IPv4 address with its prefix length",
    "ipv6_with_prefixlen": "an IPv6 address with its prefix length",
    "ip_prefix": "an IP prefix",
    "ipv4_prefix": "an IPv4 prefix",
    "ipv6_prefix": "an IPv6 prefix",
    "host_and_port": "a host and a port",
    "well_known_regex": "the name or the value of an HTTP header",
}


def add_bounds(schema: Json, rules: Any, field: FieldDescriptor) -> list[str]:
    """Adds what JSON Schema can say of a field's rules, and returns in words what it cannot.

    `schema` is the field's own, `rules` a FieldRules message of any version of buf/validate/validate.proto.
    """
    words: list[str] = []
    listed = {at.name: value for at, value in rules.ListFields()}
    if listed.get("ignore") == _IGNORE_ALWAYS:
        return []
    for name, value in listed.items():
        if name == "cel":
            words += [rule.message or rule.expression for rule in value]
        elif name == "cel_expression":
            words += value
        elif hasattr(value, "ListFields"):
            given = {at.name: item for at, item in value.ListFields()}
            words += _ADDERS.get(name, _add_number)(schema, given, field)
    if listed.get("required") and not field.has_presence:
        least = {"string": "minLength", "array": "minItems", "object": "minProperties"}.get(_type(schema))
        if least is not None:
            schema.setdefault(least, 1)
    return words


def _add_number(schema: Json, given: Given, field: FieldDescriptor) -> list[str]:
    """Numbers of up to 53 bits get keywords; the others are strings in proto3 JSON, and get words."""
    high = given.get("lt", given.get("lte"))
    low = given.get("gt", given.get("gte"))
    outside = high is not None and low is not None and low >= high  # protovalidate: below lt or above gt
    numeric = _type(schema) in ("integer", "number")
    if numeric and not outside:
        schema.update({keyword: given[rule] for rule, keyword in _NUMBERS.items() if rule in given})
    _add_choices(schema, given, (lambda value: value) if numeric else str)
    return [] if numeric and not outside else _limits(given, str, " or " if outside else ", ")


def _add_string(schema: Json, given: Given, field: FieldDescriptor) -> list[str]:
    for rule, keyword in (("min_len", "minLength"), ("max_len", "maxLength")):
        if rule in given or "len" in given:
            schema[keyword] = given.get(rule, given.get("len"))
    words = _counts(given, ("min_bytes", "max_bytes", "len_bytes"), "bytes of UTF-8")
    schema.update([("format", name) for rule, name in _FORMATS.items() if given.get(rule) is True])
    words += [text for rule, text in _KINDS.items() if given.get(rule)]
    patterns = [given["pattern"]] if "pattern" in given else []
    patterns += [
        before + _escape(given[rule]) + after
        for rule, before, after in (("prefix", "^", ""), ("suffix", "", "$"), ("contains", "", ""))
        if rule in given
    ]
    plain = [text for text in patterns if "(?" not in text and "\\z" not in text and "\\A" not in text]
    if plain:
        schema["pattern"] = plain[0]
    words += [f"matches `{text}`" for text in patterns if text not in plain[:1]]
    if "not_contains" in given:
        words.append(f"does not contain `{given['not_contains']}`")
    _add_choices(schema, given, lambda value: value)
    return words


def _add_bytes(schema: Json, given: Given, field: FieldDescriptor) -> list[str]:
    """Lengths are those of base64, with padding or without."""
    if (least := given.get("min_len", given.get("len"))) is not None:
        schema["minLength"] = -(-least * 4 // 3)
    if (most := given.get("max_len", given.get("len"))) is not None:
        schema["maxLength"] = -(-most // 3) * 4
    _add_choices(schema, given, lambda value: base64.b64encode(value).decode())
    words = _counts(given, ("min_len", "max_len", "len"), "bytes")
    return words + ([f"matches `{given['pattern']}`"] if "pattern" in given else [])


def _add_enum(schema: Json, given: Given, field: FieldDescriptor) -> list[str]:
    enum: Any = field.enum_type

    def name(number: int) -> str:
        value = enum.values_by_number.get(number)
        return value.name if value is not None else str(number)

    _add_choices(schema, given, name)
    return []


def _add_bool(schema: Json, given: Given, field: FieldDescriptor) -> list[str]:
    _add_choices(schema, given, lambda value: value)
    return []


def _add_time(schema: Json, given: Given, field: FieldDescriptor) -> list[str]:
    """Timestamps and durations: JSON Schema orders no strings."""
    _add_choices(schema, given, lambda value: value.ToJsonString())
    words = _limits(given, lambda value: value.ToJsonString(), ", ")
    words += [
        text for rule, text in (("lt_now", "in the past"), ("gt_now", "in the future")) if given.get(rule)
    ]
    return words + ([f"within {given['within'].ToJsonString()} of now"] if "within" in given else [])


def _add_list(schema: Json, given: Given, field: FieldDescriptor) -> list[str]:
    for rule, keyword in (("min_items", "minItems"), ("max_items", "maxItems"), ("unique", "uniqueItems")):
        if rule in given:
            schema[keyword] = given[rule]
    if "items" not in given:
        return []
    return [f"each item: {text}" for text in add_bounds(schema["items"], given["items"], field)]


def _add_map(schema: Json, given: Given, field: FieldDescriptor) -> list[str]:
    entry: Any = field.message_type
    for rule, keyword in (("min_pairs", "minProperties"), ("max_pairs", "maxProperties")):
        if rule in given:
            schema[keyword] = given[rule]
    words = []
    if "keys" in given:  # a key is a string in JSON, whatever its type
        keys: Json = schema.setdefault("propertyNames", {"type": "string"})
        words += [
            f"each key: {text}" for text in add_bounds(keys, given["keys"], entry.fields_by_name["key"])
        ]
    if "values" in given:
        of_value = entry.fields_by_name["value"]
        words += [
            f"each value: {text}"
            for text in add_bounds(schema["additionalProperties"], given["values"], of_value)
        ]
    return words


def _add_any(schema: Json, given: Given, field: FieldDescriptor) -> list[str]:
    words = [f"one of {', '.join(given['in'])}"] if "in" in given else []
    return words + ([f"none of {', '.join(given['not_in'])}"] if "not_in" in given else [])


_ADDERS: dict[str, Callable[[Json, Given, FieldDescriptor], list[str]]] = {
    "string": _add_string,
    "bytes": _add_bytes,
    "bool": _add_bool,
    "enum": _add_enum,
    "repeated": _add_list,
    "map": _add_map,
    "any": _add_any,
    "duration": _add_time,
    "timestamp": _add_time,
}


def _add_choices(schema: Json, given: Given, written: Callable[[Any], Any]) -> None:
    null: Sequence[Any] = [None] if isinstance(schema.get("type"), list) else []
    if "const" in given:
        schema |= {"enum": [written(given["const"]), *null]} if null else {"const": written(given["const"])}
    if "in" in given:
        schema["enum"] = [*map(written, given["in"]), *null]
    if "not_in" in given:
        schema["not"] = {"enum": [written(value) for value in given["not_in"]]}
    if "example" in given:
        schema["examples"] = [written(value) for value in given["example"]]


def _limits(given: Given, written: Callable[[Any], str], between: str) -> list[str]:
    limits = [f"{text} {written(given[rule])}" for rule, text in _IN_WORDS.items() if rule in given]
    return [between.join(limits)] if limits else []


def _counts(given: Given, rules: tuple[str, str, str], unit: str) -> list[str]:
    words = zip(("at least", "at most", "exactly"), rules, strict=True)
    return [f"{text} {given[rule]} {unit}" for text, rule in words if rule in given]


def _type(schema: Json) -> Any:
    kind = schema.get("type")
    return kind[0] if isinstance(kind, list) else kind


def _escape(text: str) -> str:
    """A text as ECMA-262's regular expressions quote it."""
    return re.sub(r"([\\^$.*+?()\[\]{}|/])", r"\\\1", text)
