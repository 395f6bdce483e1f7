"""JSON, query and errors: whatever comes in, the answer is a message or a refusal that names the place."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.struct_pb2 import Struct
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import fields
from gateway.codec import Codec, JsonError, dumps, loads
from gateway.codec.known import MAX_MEMBERS
from gateway.descriptors import read_file
from gateway.errors import RequestError
from gateway.query import QueryBinder
from gateway.schema import Schema
from tests.protos.library_server import build

SCHEMA = Schema(read_file(build() / "library.binpb"))
CODEC = Codec(SCHEMA.pool)
EVERYTHING = SCHEMA.pool.FindMessageTypeByName("library.v1.Everything")
NAMES = [field.json_name for field in EVERYTHING.fields]

# What Python says of a value of the wrong type, which is not for callers.
PYTHON = re.compile(
    r"'(?:int|str|float|bool|dict|list|NoneType)'|argument|literal|iterable|hashable|\[\] which"
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*NAMES, "@type"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), json_values, max_size=4))
def test_any_json_is_a_message_or_refused(value: dict[str, Any]) -> None:
    message = GetMessageClass(EVERYTHING)()
    refused: JsonError | None = None
    try:
        CODEC.merge(value, message)
    except JsonError as error:
        refused = error
    if refused is not None:
        assert not PYTHON.search(refused.why), refused.why
        return
    again = GetMessageClass(EVERYTHING)()
    CODEC.merge(loads(CODEC.dumps(message)), again)
    assert again.SerializeToString(deterministic=True) == message.SerializeToString(deterministic=True)


@pytest.mark.parametrize(
    ("value", "refusal"),
    [
        ({"nested": {"text": 1}}, "nested.text: must be a string"),
        ({"nested": {"nested": {"text": ["a"]}}}, "nested.nested.text: must be a string"),
        ({"nestedList": [{}, {"text": True}]}, "nestedList[1].text: must be a string"),
        ({"nestedMap": {"k": {"text": 1}}}, "nestedMap[k].text: must be a string"),
        ({"choiceNested": {"text": {}}}, "choiceNested.text: must be a string"),
        ({"nested": 1}, "nested: must be an object"),
        ({"nested": []}, "nested: must be an object"),
        ([], "must be an object"),
        ({"int32List": 1}, "int32List: must be an array"),
        ({"int32List": [1, None]}, "int32List[1]: must not be null"),
        ({"int32List": [1, "x"]}, "int32List[1]: must be an integer of 32 bits"),
        ({"int32_value": 2**31}, "int32_value: must be an integer of 32 bits"),
        ({"uint64Value": -1}, "uint64Value: must be an integer of 64 bits, not below 0"),
        ({"floatValue": 1e39}, "floatValue: must be a number of 32 bits"),
        ({"boolValue": "true"}, "boolValue: must be true or false"),
        ({"bytesValue": "a"}, "bytesValue: must be base64, as a string"),
        ({"genreList": ["POEM"]}, "genreList[0]: must be one of GENRE_UNSPECIFIED, FICTION, ESSAY"),
        ({"stringMap": []}, "stringMap: must be an object"),
        ({"genreMap": {"x": "FICTION"}}, "genreMap[x]: the key must be an integer of 32 bits"),
        ({"timestampList": ["today"]}, "timestampList[0]: must be a time such as 2020-01-02T03:04:05Z"),
        ({"duration": 1}, "duration: must be a number of seconds such as 1.5s, as a string"),
        ({"struct": 5}, "struct: must be an object"),
        ({"stringWrapper": 5}, "stringWrapper: must be a string"),
        ({"any": {"@type": 5}}, 'any: must be an object with a string "@type"'),
    ],
    ids=str,
)
def test_a_refusal_names_the_field_and_what_it_takes(value: Any, refusal: str) -> None:
    with pytest.raises(JsonError) as refused:
        CODEC.merge(value, GetMessageClass(EVERYTHING)())
    assert str(refused.value) == refusal
    assert refused.value.field == refusal.rpartition(": ")[0]


def test_an_object_of_any_json_has_so_many_members_at_most() -> None:
    members = {str(number): number for number in range(MAX_MEMBERS)}
    message: Any = GetMessageClass(EVERYTHING)()
    CODEC.merge({"struct": members}, message)
    assert len(message.struct.fields) == MAX_MEMBERS
    with pytest.raises(JsonError) as refused:
        CODEC.merge({"struct": {"within": [members | {"more": 1}]}}, message)
    assert str(refused.value) == f"struct.within[0]: has more than {MAX_MEMBERS} members"


@pytest.mark.parametrize("depth", [40, 90])
def test_any_json_that_protobuf_finds_too_deep_is_refused(depth: int) -> None:
    nested: dict[str, Any] = {}
    for _ in range(depth):
        nested = {"a": nested}
    with pytest.raises(JsonError, match="is nested too deep"):
        CODEC.merge({"struct": nested}, GetMessageClass(EVERYTHING)())
    with pytest.raises(JsonError, match="is nested too deep"):
        CODEC.merge(nested, Struct())


def test_a_map_of_many_entries_is_read_into_what_is_there() -> None:
    entries = {str(number): f"{number}ü" for number in range(300_000)}
    message: Any = GetMessageClass(EVERYTHING)(string_map={"0": "before", "other": "kept"}, int32_list=[1])
    CODEC.merge({"stringMap": entries, "int32List": [2]}, message)
    assert dict(message.string_map) == {**entries, "other": "kept"}
    assert list(message.int32_list) == [1, 2]


@settings(deadline=None)
@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_any_bytes_are_json_or_refused(text: bytes) -> None:
    try:
        value = loads(text)
    except JsonError:
        return
    assert loads(dumps(value)) == value


@settings(deadline=None)
@given(st.sampled_from(NAMES), st.text(max_size=24))
def test_any_query_is_bound_or_refused(name: str, text: str) -> None:
    from urllib.parse import urlencode

    binder = QueryBinder(EVERYTHING, [], "", CODEC)
    message = GetMessageClass(EVERYTHING)()
    try:
        binder.bind(urlencode({name: text}).encode(), message)
    except RequestError as error:
        refused = error
    else:
        return
    assert refused.status == 400
    assert refused.violations[0][0] == name


@settings(deadline=None)
@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float_comes_back_from_the_query(value: float) -> None:
    message: Any = GetMessageClass(EVERYTHING)()
    fields.set_text(message, fields.resolve(EVERYTHING, ["floatValue"]), repr(value), CODEC)
    assert math.isclose(message.float_value, value, rel_tol=1e-6)


def test_a_path_that_is_too_long_is_refused() -> None:
    with pytest.raises(fields.FieldError):
        fields.resolve(EVERYTHING, ["nested"] * 1000)


def test_schemas_do_not_touch_each_other() -> None:
    again = Schema(read_file(build() / "library.binpb"))
    assert again.pool is not SCHEMA.pool
    other = again.pool.FindMessageTypeByName("library.v1.Everything")
    assert GetMessageClass(other) is not GetMessageClass(EVERYTHING)
