"""JSON, query and errors: whatever comes in, the answer is a message or a refusal that names the place."""

from __future__ import annotations

import math
from typing import Any

import pytest
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import fields
from gateway.codec import Codec, JsonError, dumps, loads
from gateway.descriptors import read_file
from gateway.errors import RequestError
from gateway.query import QueryBinder
from gateway.schema import Schema
from tests.protos.library_server import build

SCHEMA = Schema(read_file(build() / "library.binpb"))
CODEC = Codec(SCHEMA.pool)
EVERYTHING = SCHEMA.pool.FindMessageTypeByName("library.v1.Everything")
NAMES = [field.json_name for field in EVERYTHING.fields]

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
    try:
        CODEC.merge(value, message)
    except JsonError:
        return
    again = GetMessageClass(EVERYTHING)()
    CODEC.merge(loads(CODEC.dumps(message)), again)
    assert again.SerializeToString(deterministic=True) == message.SerializeToString(deterministic=True)


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
