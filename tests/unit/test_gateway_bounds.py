"""Rules of protovalidate as JSON Schema: the same values pass as protovalidate itself lets through."""

from __future__ import annotations

import json
from typing import Any

import protovalidate
import pytest
from google.protobuf import json_format
from google.protobuf.message_factory import GetMessageClass
from openapi_schema_validator import OAS31Validator

from gateway.descriptors import Files
from gateway.json_schema import Components
from gateway.schema import Schema
from tests.protos.changing_server import compile_proto

PROTO = """
syntax = "proto3";
package ruled.v1;
import "buf/validate/validate.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
enum Kind { KIND_UNSPECIFIED = 0; SMALL = 1; LARGE = 2; }
message Ruled {
  FIELD
  MORE
}
"""
RULES: dict[str, list[Any]] = {
    "int32 v = 1 [(buf.validate.field).int32 = {gt: 2 lte: 5}];": [2, 3, 5, 6],
    "double v = 1 [(buf.validate.field).double = {gte: 0.5 lt: 1}];": [0.4, 0.5, 1],
    "int32 v = 1 [(buf.validate.field).int32 = {in: [3, 5]}];": [3, 4],
    "uint32 v = 1 [(buf.validate.field).uint32 = {not_in: [3]}];": [3, 4],
    "int32 v = 1 [(buf.validate.field).int32.const = 7];": [6, 7],
    "google.protobuf.Int32Value v = 1 [(buf.validate.field).int32.gte = 3];": [2, 3],
    "bool v = 1 [(buf.validate.field).bool.const = true];": [True, False],
    "string v = 1 [(buf.validate.field).string = {min_len: 2 max_len: 3}];": ["a", "ab", "abc", "abcd"],
    "string v = 1 [(buf.validate.field).string.len = 2];": ["a", "ab", "abc"],
    'string v = 1 [(buf.validate.field).string.pattern = "^[a-c]+$"];': ["ab", "d"],
    'string v = 1 [(buf.validate.field).string.prefix = "a.b"];': ["a.bc", "axb", "ca.b"],
    'string v = 1 [(buf.validate.field).string.suffix = "[c"];': ["a[c", "[ca"],
    'string v = 1 [(buf.validate.field).string.contains = "b+"];': ["ab+c", "abb"],
    'string v = 1 [(buf.validate.field).string = {in: ["a", "b"]}];': ["a", "c"],
    "string v = 1 [(buf.validate.field).required = true];": ["", "a"],
    "bytes v = 1 [(buf.validate.field).bytes = {min_len: 2 max_len: 4}];": ["", "AAA=", "AAAAAAAAAAA="],
    "Kind v = 1 [(buf.validate.field).enum = {in: [1, 2]}];": ["SMALL", "LARGE", "KIND_UNSPECIFIED"],
    "Kind v = 1 [(buf.validate.field).enum.const = 2];": ["SMALL", "LARGE"],
    "Kind v = 1 [(buf.validate.field).enum = {not_in: [0]}];": ["SMALL", "KIND_UNSPECIFIED"],
    "repeated int32 v = 1 [(buf.validate.field).repeated = {min_items: 1 max_items: 2 unique: true}];": [
        [],
        [1],
        [1, 1],
        [1, 2],
        [1, 2, 3],
    ],
    "repeated Kind v = 1 [(buf.validate.field).repeated.items.enum.const = 1];": [["SMALL"], ["LARGE"]],
    "map<string, int32> v = 1 [(buf.validate.field).map = {min_pairs: 1 max_pairs: 2}];": [
        {},
        {"a": 1},
        {"a": 1, "b": 2, "c": 3},
    ],
    "map<string, int32> v = 1 [(buf.validate.field).map = "
    "{keys: {string: {min_len: 2}} values: {int32: {gt: 1}}}];": [
        {"ab": 2},
        {"a": 2},
        {"ab": 1},
    ],
    "string v = 1 [(buf.validate.field) = {ignore: IGNORE_ALWAYS string: {min_len: 5}}];": ["a"],
}


def compiled(field: str, more: str = "") -> tuple[Any, Components]:
    served = compile_proto(PROTO.replace("FIELD", field).replace("MORE", more))
    files = Files({file.name: file for file in served.files.file}, ())
    schema = Schema(files)
    return schema.pool.FindMessageTypeByName("ruled.v1.Ruled"), Components(schema)


@pytest.mark.parametrize(("field", "values"), RULES.items(), ids=[field[:60] for field in RULES])
def test_keywords_say_what_the_rules_do(field: str, values: list[Any]) -> None:
    descriptor, components = compiled(field)
    components.message(descriptor)
    validator = OAS31Validator(
        {"$ref": "#/components/schemas/Ruled", "components": {"schemas": components.schemas}}
    )
    judge, outcomes = protovalidate.Validator(), set()
    for value in values:
        message = json_format.Parse(json.dumps({"v": value}), GetMessageClass(descriptor)())
        try:
            judge.validate(message)
            passes = True
        except protovalidate.ValidationError:
            passes = False
        assert validator.is_valid({"v": value}) is passes, value
        outcomes.add(passes)
    assert outcomes == {True, False} or "IGNORE" in field


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("int64 v = 1 [(buf.validate.field).int64 = {gte: 1 lt: 10}];", "at least 1, below 10"),
        ("int32 v = 1 [(buf.validate.field).int32 = {lt: 1 gt: 10}];", "above 10 or below 1"),
        (
            "google.protobuf.Duration v = 1 [(buf.validate.field).duration = {gt {} lte {seconds: 2}}];",
            "above 0s, at most 2s",
        ),
        ("google.protobuf.Timestamp v = 1 [(buf.validate.field).timestamp.lt_now = true];", "in the past"),
        ("string v = 1 [(buf.validate.field).string.host_and_port = true];", "a host and a port"),
        ("string v = 1 [(buf.validate.field).string.max_bytes = 9];", "at most 9 bytes of UTF-8"),
        (
            'string v = 1 [(buf.validate.field).cel = {id: "x" message: "must rhyme" expression: "true"}];',
            "must rhyme",
        ),
        (
            "repeated int64 v = 1 [(buf.validate.field).repeated.items.int64.gt = 4];",
            "each item: above 4",
        ),
    ],
)
def test_words_say_the_rest(field: str, words: str) -> None:
    descriptor, components = compiled(field)
    said = components.field(descriptor.fields_by_name["v"])["description"]
    assert said == f"Constraints: {words}."


def test_examples_and_groups() -> None:
    more = """
      option (buf.validate.message).oneof = {fields: ["v", "w"] required: true};
      option (buf.validate.message).cel = {id: "x" message: "v goes with w" expression: "true"};
      string w = 2;
      oneof kind { option (buf.validate.oneof).required = true; string a = 3; string b = 4; }
      optional string alone = 5;
    """
    descriptor, components = compiled('string v = 1 [(buf.validate.field).string.example = "x"];', more)
    components.message(descriptor)
    ruled = components.schemas["Ruled"]
    assert ruled["properties"]["v"]["examples"] == ["x"]
    assert ruled["description"] == (
        "Exactly one of `a`, `b` is set. Exactly one of `v`, `w` is set.\n\nConstraints: v goes with w."
    )
    validator = OAS31Validator({**ruled, "components": {"schemas": components.schemas}})
    assert validator.is_valid({"a": "", "v": "", "alone": ""})
    for wrong in ({"a": ""}, {"a": "", "b": "", "v": ""}, {"a": "", "v": "", "w": ""}):
        assert not validator.is_valid(wrong)
