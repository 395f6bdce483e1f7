"""The codec beside protobuf's json_format, over random messages of a proto that has every kind of field."""

from __future__ import annotations

import json
import math
import re
import struct
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc_tools
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_tools import protoc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.codec import Codec, JsonError, loads

PROTOS = Path(__file__).parents[1] / "protos"


def _pool() -> DescriptorPool:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "every.binpb"
        well_known = Path(grpc_tools.__file__).parent / "_proto"
        options = [f"-I{PROTOS}", f"-I{well_known}", "--include_imports", f"--descriptor_set_out={out}"]
        assert protoc.main(["protoc", *options, "codec/v1/every.proto", "codec/v1/old.proto"]) == 0
        pool = DescriptorPool()
        for file in FileDescriptorSet.FromString(out.read_bytes()).file:
            pool.Add(file)
        return pool


POOL = _pool()
CODEC = Codec(POOL)
EVERY = POOL.FindMessageTypeByName("codec.v1.Every")
Every: Any = GetMessageClass(EVERY)

F = FieldDescriptor
_SCALARS: dict[int, st.SearchStrategy[Any]] = {
    F.CPPTYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    F.CPPTYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    F.CPPTYPE_UINT32: st.integers(0, 2**32 - 1),
    F.CPPTYPE_UINT64: st.integers(0, 2**64 - 1),
    F.CPPTYPE_DOUBLE: st.floats(),
    # json_format does not read the largest one again that it writes itself.
    F.CPPTYPE_FLOAT: st.floats(width=32).filter(lambda value: abs(value) != (2 - 2**-23) * 2.0**127),
    F.CPPTYPE_BOOL: st.booleans(),
    F.CPPTYPE_STRING: st.text(max_size=12),
}
_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def scalar(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values])
    return st.binary(max_size=9) if field.type == F.TYPE_BYTES else _SCALARS[field.cpp_type]


@st.composite
def filled(draw: st.DrawFn, descriptor: Any, depth: int = 0) -> Any:
    """A random message of a type."""
    message: Any = GetMessageClass(descriptor)()
    match descriptor.full_name.removeprefix("google.protobuf."):
        case "Any":
            if draw(st.booleans()):
                names = ["codec.v1.Inner", "google.protobuf.Duration", "google.protobuf.Int64Value"]
                inner = POOL.FindMessageTypeByName(draw(st.sampled_from(names)))
                message.Pack(draw(filled(inner, depth + 1)))
        case "Timestamp":
            message.seconds = draw(st.integers(-62135596800, 253402300799))
            message.nanos = draw(st.sampled_from([0, 1, 10**6, 123_456_000, 999_999_999]))
        case "Duration":
            seconds = draw(st.integers(-315_576_000_000, 315_576_000_000))
            message.seconds = seconds
            message.nanos = draw(st.integers(0, 10**9 - 1)) * (-1 if seconds < 0 else 1)
        case "FieldMask":
            message.paths.extend(draw(st.lists(st.sampled_from(["a", "a_b.c_d", "x1.y"]), max_size=3)))
        case "Struct":
            json_format.ParseDict(draw(st.dictionaries(st.text(max_size=4), _JSON, max_size=3)), message)
        case "Value":
            value: Any = draw(_JSON)
            json_format.ParseDict(value, message)
        case "ListValue":
            values: Any = draw(st.lists(_JSON, max_size=3))
            json_format.ParseDict(values, message)
        case _:
            fields = list(descriptor.fields)
            for field in draw(st.lists(st.sampled_from(fields), max_size=5, unique_by=id)) if fields else ():
                fill(draw, message, field, depth)
    return message


def fill(draw: st.DrawFn, message: Any, field: FieldDescriptor, depth: int) -> None:
    kind = field.message_type
    if kind is None:
        values = st.lists(scalar(field), max_size=3) if field.is_repeated else scalar(field)
        drawn = draw(values)
        if field.is_repeated:
            getattr(message, field.name).extend(drawn)
        else:
            setattr(message, field.name, drawn)
    elif kind.GetOptions().map_entry:
        held = getattr(message, field.name)
        value = kind.fields_by_name["value"]
        for key in draw(st.lists(scalar(kind.fields_by_name["key"]), max_size=2)):
            if value.message_type is None:
                held[key] = draw(scalar(value))
            elif depth < 2:
                held[key].CopyFrom(draw(filled(value.message_type, depth + 1)))
    elif field.is_repeated:
        for _ in range(draw(st.integers(0, 2)) if depth < 2 else 0):
            getattr(message, field.name).add().CopyFrom(draw(filled(kind, depth + 1)))
    elif depth < 3:
        getattr(message, field.name).SetInParent()
        getattr(message, field.name).CopyFrom(draw(filled(kind, depth + 1)))


def bits(message: Any) -> bytes:
    return bytes(message.SerializeToString(deterministic=True))


def same(ours: Any, theirs: Any) -> bool:
    """Whether two JSON values are one; floats that are one in 32 bits are."""
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, float) and isinstance(theirs, (int, float)) and ours != theirs:
        return struct.pack("f", ours) == struct.pack("f", theirs)
    return bool(ours == theirs)


slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@slow
@given(filled(EVERY))
def test_it_writes_what_json_format_writes(message: Any) -> None:
    always = {"always_print_fields_with_no_presence": True}
    theirs = json_format.MessageToDict(message, descriptor_pool=POOL, **always)
    assert same(loads(CODEC.dumps(message)), theirs)
    assert same(CODEC.to_value(message), theirs)


@slow
@given(filled(EVERY), st.booleans())
def test_it_reads_what_json_format_reads(message: Any, by_proto_name: bool) -> None:
    names = {"preserving_proto_field_name": by_proto_name}
    text = json_format.MessageToJson(message, descriptor_pool=POOL, **names)
    ours, theirs = Every(), Every()
    CODEC.merge(loads(text.encode()), ours)
    json_format.Parse(text, theirs, descriptor_pool=POOL)
    assert bits(ours) == bits(theirs)
    again = Every()
    CODEC.merge(loads(CODEC.dumps(message)), again)
    assert bits(again) == bits(theirs)


_ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**31, -(2**31) - 1, 2**32, 2**53, 2**63, -(2**63) - 1, 2**64, 10**30]),
    st.sampled_from([1.0, 1.5, 1e39, 1e400]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.integers().map(str),
    st.sampled_from(["1.0", "1e5", "-0", "NaN", "nan", "-Infinity", "1e39", "1e400"]),
    st.sampled_from([" 1", "+1", "1_0", "0x1", "ONE"]),
    st.sampled_from(["a", "QQ==", "QQ", "Q-_Q", "Q+/Q", "1s", "-1.5s", "1.5", "a_b", "aB"]),
    st.just("2020-01-02T03:04:05Z"),
    st.sampled_from(
        ["2020-01-02T03:04:05.1+01:00", "2020-02-30T03:04:05Z", "0000-01-01T00:00:00Z", "\ud800"]
    ),
    st.just([]) | st.just({}) | st.just([None]) | st.just({"@type": 1}),
)


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """The JSON value of a random message with one place changed."""
    value = json_format.MessageToDict(draw(filled(EVERY)), descriptor_pool=POOL)
    holder: Any = value
    while True:
        if isinstance(holder, dict):
            new = draw(st.sampled_from(["theInt32", "the_int32", "nope", "theEvery", "theBytes"]))
            step = draw(st.sampled_from([*holder, new]))
        else:
            step = draw(st.integers(0, len(holder) - 1))
        inner = holder.get(step) if isinstance(holder, dict) else holder[step]
        if not isinstance(inner, (dict, list)) or not inner or draw(st.booleans()):
            holder[step] = draw(_ODD)
            return value
        holder = inner


# What json_format takes, by what the codec says of it; the specification takes none of it.
_LAX = {
    "must be one of": lambda value: _whole(value),  # enums: numbers unknown, and in strings
    "must be base64, as a string": lambda value: isinstance(value, str),  # foreign characters are skipped
    "must be an integer": lambda value: bool(re.search(r"[\s+_]", str(value))),
    # inf, 1_0, true; 1e39 in 32 bits, 1e400 in a Value
    "must be a number of": lambda value: isinstance(value, (bool, str)) or abs(value) == math.inf,
    "must be an object": lambda value: value in ("", []),  # nothing in it, so no error
    "must be a number of seconds": lambda value: not re.match(r"-?\d+(\.\d+)?s", str(value)),
    "there is no such field": lambda value: True,  # beside "value" in an Any
    "the field comes twice": lambda value: True,
}


def _whole(value: Any) -> bool:
    try:
        return int(value) is not None
    except (ValueError, OverflowError):
        return False


def at(value: Any, path: str) -> Any:
    """The value at a path as refusals give it."""
    for name, index in re.findall(r"([^.\[\]]+)|\[([^\]]*)\]", path):
        value = value[int(index)] if isinstance(value, list) else value[name or index]
    return value


@slow
@given(spoilt())
def test_it_refuses_what_json_format_refuses_and_says_where(value: Any) -> None:
    text = json.dumps(value).replace("Infinity", "1e400")
    ours, theirs = Every(), Every()
    try:
        CODEC.merge(loads(text.encode()), ours)
    except JsonError as error:
        refusal: JsonError | None = error
    else:
        refusal = None
    try:
        json_format.Parse(text, theirs, descriptor_pool=POOL)
    except json_format.ParseError:
        assert refusal is not None
        assert refusal.why
    else:
        if refusal is None:
            assert bits(ours) == bits(theirs)
            return
        lax = [allows for why, allows in _LAX.items() if refusal.why.startswith(why)]
        assert lax, f"{refusal}: json_format takes it"
        assert any(allows(at(value, refusal.field)) for allows in lax), f"{refusal}: json_format takes it"


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"number": 0, "shade": "LIGHT", "shades": ["DARK", 1], "part": {"text": "a"}}',
        '{"extendable": {"name": "a", "[codec.v1.more]": "b"}}',
    ],
)
def test_it_takes_what_only_proto2_has(text: str) -> None:
    of: Any = GetMessageClass(POOL.FindMessageTypeByName("codec.v1.Old"))
    ours, theirs = of(), of()
    CODEC.merge(loads(text.encode()), ours)
    json_format.Parse(text, theirs, descriptor_pool=POOL)
    assert ours == theirs
    always: Any = {"always_print_fields_with_no_presence": True}
    assert loads(CODEC.dumps(ours)) == json_format.MessageToDict(theirs, descriptor_pool=POOL, **always)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ('{"theInner": {"text": "a", "text": "b"}}', "theInner.text: the key comes twice"),
        ('{"listInner": [{}, {"x\\"": {"a" : 1, "a" : 2}}]}', 'listInner[1].x".a: the key comes twice'),
        ('{"mapInner": {"k:1": {}, "k:1": {}}}', "mapInner.k:1: the key comes twice"),
        ('{"theInt32": 1, "the_int32": 2}', "the_int32: the field comes twice: theInt32 is it too"),
        ('{"byInt32": {"1": "a", "01": "b"}}', "byInt32[01]: the key must be an integer of 32 bits"),
        (
            '{"choiceBool": true, "choiceInt32": 0}',
            "choiceInt32: only one of a oneof may be set, and choiceBool is",
        ),
        ('{"theInner": {"nope": 1}}', "theInner.nope: there is no such field"),
        ('{"theKind": 7}', "theKind: must be one of KIND_UNSPECIFIED, ONE, UNO, MINUS, LAST"),
        ('{"theKind": "2"}', "theKind: must be one of KIND_UNSPECIFIED, ONE, UNO, MINUS, LAST"),
        ('{"theInt64": -9223372036854775809}', "theInt64: must be an integer of 64 bits"),
        ('{"theUint64": 18446744073709551616}', "theUint64: must be an integer of 64 bits, not below 0"),
        ('{"theDouble": 1e400}', "theDouble: must be a number of 64 bits"),
        ('{"theDouble": NaN}', 'NaN is not JSON; send "NaN" as a string'),
        ('{"theStruct": {"a": [{"b": 1e400}]}}', "theStruct.a[0].b: must be a number of 64 bits"),
        ('{"listString": ["a", "\\ud800"]}', "listString[1]: must be Unicode text"),
        ('{"mapString": {"\\ud800": ""}}', None),
        ('{"theAny": {"@type": "x/no.Such"}}', "theAny.@type: no such type is known here"),
        ('{"theAny": {"@type": "x/google.protobuf.Duration"}}', "theAny.value: must be set"),
        (
            '{"theAny": {"@type": "x/codec.v1.Inner", "camelCaseName": "a"}}',
            "theAny.camelCaseName: must be an integer of 64 bits",
        ),
        ('{"theEvery":' * 99 + "{}" + "}" * 99, ""),
        (
            '{"theEvery":' * 100 + "{}" + "}" * 100,
            "theEvery." * 99 + "theEvery: is nested more than 100 deep",
        ),
        (
            '{"theValue":' + "[" * 100 + "]" * 100 + "}",
            "theValue" + "[0]" * 98 + ": is nested more than 100 deep",
        ),
    ],
)
def test_a_refusal_says_where(text: str, refusal: str | None) -> None:
    message = Every()
    if refusal == "":
        CODEC.merge(loads(text.encode()), message)
        return
    with pytest.raises(JsonError) as refused:
        CODEC.merge(loads(text.encode()), message)
    assert refusal is None or str(refused.value) == refusal


def test_threads_write_floats_at_their_shortest_too() -> None:
    messages = [Every(the_float=index / 7, list_float=[index / 9]) for index in range(64)]
    with ThreadPoolExecutor(8) as pool:
        assert (
            list(pool.map(CODEC.dumps, messages * 20)) == [CODEC.dumps(message) for message in messages] * 20
        )


def test_a_large_text_is_read_like_a_small_one() -> None:
    message = Every(list_string=["a"] * 300_000, the_uint64=2**64 - 1)
    text = CODEC.dumps(message)
    assert len(text) > 1 << 20
    again = Every()
    CODEC.merge(loads(text), again)
    assert again == message
    with pytest.raises(JsonError, match="theBool: the key comes twice"):
        loads(text.replace(b"{", b'{"theBool": true, ', 1))


@pytest.mark.parametrize("value", [0.1, 1e-45, 3.4028235e38, 16777216.0, -0.0, 0.33333334, 1e10])
def test_floats_of_32_bits_print_at_their_shortest(value: float) -> None:
    message = Every(the_float=value, list_float=[value, math.nan])
    kept = message.the_float
    written = loads(CODEC.dumps(Every(the_float=value)))["theFloat"]
    assert written == value
    assert CODEC.to_value(message)["listFloat"] == [value, "NaN"]
    assert loads(CODEC.dumps(message))["listFloat"] == [value, "NaN"]
    again = Every()
    CODEC.merge({"theFloat": written}, again)
    assert again.the_float == kept
