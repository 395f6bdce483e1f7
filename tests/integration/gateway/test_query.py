"""Query parameters of every kind of field, over HTTP, and what is said of those that are wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.protos.library_server import gateway, library


@pytest_asyncio.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with library() as server, gateway(server.address) as client:
        yield client


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ("uint32Value=4294967295", "uint32Value", 4294967295),
        ("sint32Value=-2147483648", "sint32Value", -(2**31)),
        ("sint64Value=-9223372036854775808", "sint64Value", str(-(2**63))),
        ("fixed32Value=4294967295", "fixed32Value", 4294967295),
        ("fixed64Value=18446744073709551615", "fixed64Value", str(2**64 - 1)),
        ("sfixed32Value=-1", "sfixed32Value", -1),
        ("sfixed64_value=-1", "sfixed64Value", "-1"),
        ("doubleValue=-Infinity", "doubleValue", "-Infinity"),
        ("floatValue=1e-3", "floatValue", 0.001),
        *((f"boolValue={text}", "boolValue", True) for text in ("true", "1", "t", "T", "TRUE", "True")),
        *((f"boolValue={text}", "boolValue", False) for text in ("false", "0", "f", "F", "FALSE", "False")),
        ("floatValue=3.4028235e38", "floatValue", 3.4028235e38),
        ("doubleWrapper=1.5", "doubleWrapper", 1.5),
        ("floatWrapper=0.1", "floatWrapper", 0.1),
        ("int64Wrapper=-5", "int64Wrapper", "-5"),
        ("uint64Wrapper=18446744073709551615", "uint64Wrapper", str(2**64 - 1)),
        ("int32Wrapper=0", "int32Wrapper", 0),
        ("uint32Wrapper=7", "uint32Wrapper", 7),
        ("boolWrapper=t", "boolWrapper", True),
        ("stringWrapper=a+b", "stringWrapper", "a b"),
        ("bytesWrapper=AP8", "bytesWrapper", "AP8="),
        ("fieldMask=a.bC,d_e,*", "fieldMask", "a.bC,dE,*"),
        ("listValue=[1,{%22a%22:null}]", "listValue", [1.0, {"a": None}]),
        ("value=null", "value", None),
        ("nullValue=NULL_VALUE", "nullValue", None),
        ("empty=", "empty", {}),
        ("empty={}", "empty", {}),
        ("byAnotherName=x", "byAnotherName", "x"),
        ("hand_named=x", "byAnotherName", "x"),
        ("stringWrapperList=a&stringWrapperList=b", "stringWrapperList", ["a", "b"]),
        ("boolMap[true]=1&boolMap[f]=-9223372036854775808", "boolMap", {"true": "1", "false": str(-(2**63))}),
        ("doubleMap[18446744073709551615]=NaN", "doubleMap", {str(2**64 - 1): "NaN"}),
        ("timestampMap[a]=2020-01-02T03:04:05Z", "timestampMap", {"a": "2020-01-02T03:04:05Z"}),
        ("string_map[]=x", "stringMap", {"": "x"}),
        ("string_map%5Ba%5D=x", "stringMap", {"a": "x"}),
        ("genreMap[-1]=2", "genreMap", {"-1": "ESSAY"}),
        ("optionalGenre=0", "optionalGenre", "GENRE_UNSPECIFIED"),
        ("genreList=1&genreList=ESSAY", "genreList", ["FICTION", "ESSAY"]),
        ("choiceNested.genre=1", "choiceNested", {"text": "", "genre": "FICTION"}),
        ("text=", "text", ""),
        ("text", "text", ""),
        ("text=a;b", "text", "a;b"),
    ],
)
async def test_every_kind(http: httpx.AsyncClient, query: str, field: str, value: Any) -> None:
    answer = await http.get(f"/v1/echo?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.json()[field] == value


@pytest.mark.parametrize(
    ("query", "field", "why"),
    [
        ("genre=99", "genre", "'99' is not one of GENRE_UNSPECIFIED, FICTION, ESSAY"),
        ("genre=-1", "genre", "'-1' is not one of"),
        ("genreList=1&genreList=3", "genreList", "'3' is not one of"),
        ("nested.genre=99", "nested.genre", "'99' is not one of"),
        ("genreMap[1]=99", "genreMap[1]", "'99' is not one of"),
        ("int32Value=1&int32_value=1", "int32_value", "given as int32Value too"),
        ("int32_list=1&int32List=2", "int32List", "given as int32_list too"),
        ("nested.text=a&nested.text=b", "nested.text", "given more than once"),
        ("stringMap[a]=1&stringMap[a]=2", "stringMap[a]", "given more than once"),
        ("stringMap[a]=1&string_map[a]=2", "string_map[a]", "given more than once"),
        ("boolMap[true]=1&boolMap[1]=2", "boolMap[1]", "given more than once"),
        ("boolMap[2]=1", "boolMap[2]", "'2' is neither true nor false"),
        ("genreMap[2147483648]=1", "genreMap[2147483648]", "'2147483648' is out of range"),
        ("timestampMap[a]=now", "timestampMap[a]", "must be a time such as"),
        ("text[a]=1", "text[a]", "is not a map"),
        ("empty=1", "empty", "'1' is not empty"),
        ("fixed32Value=-1", "fixed32Value", "'-1' is out of range"),
        ("sfixed64Value=9223372036854775808", "sfixed64Value", "out of range"),
        ("uint32Wrapper=4294967296", "uint32Wrapper", "out of range"),
        ("floatValue=", "floatValue", "'' is not a number"),
        ("int64Value=%2B5", "int64Value", "'+5' is not an integer"),
        ("listValue={}", "listValue", "must be an array"),
        ("fieldMask=a__b", "fieldMask", "'a__b' is not a list of field paths"),
        ("fieldMask=a,b_", "fieldMask", "is not a list of field paths"),
        ("fieldMask=%C3%89", "fieldMask", "is not a list of field paths"),
        ("any.typeUrl=x", "any.typeUrl", "any has no fields of its own here"),
        ("timestamp.seconds=1", "timestamp.seconds", "timestamp has no fields of its own here"),
        ("int64Wrapper.value=1", "int64Wrapper.value", "int64_wrapper has no fields of its own here"),
        ("floatValue=-1.8e308", "floatValue", "'-1.8e308' is out of range"),
        ("floatValue=3.5e38", "floatValue", "'3.5e38' is out of range"),
        ("doubleWrapper=1e999", "doubleWrapper", "'1e999' is out of range"),
        ("handNamed=1", "handNamed", "there is no such field"),
        ("any=1", "any", "an Any cannot be given as text"),
        ("nested=1", "nested", "name a field of it"),
        ("text=%zz", "", "broken percent-escape"),
        ("text=%4", "", "broken percent-escape"),
        ("%=1", "", "broken percent-escape"),
        ("text=%ff", "", "is not UTF-8"),
        ("&".join(f"int32List={n}" for n in range(1001)), "", "more than 1000 parameters"),
    ],
)
async def test_what_is_wrong_is_named(http: httpx.AsyncClient, query: str, field: str, why: str) -> None:
    answer = await http.get(f"/v1/echo?{query}")
    assert answer.status_code == 400, answer.text
    (violation,) = answer.json()["details"][0]["fieldViolations"]
    assert violation["field"] == field
    assert why in violation["description"]
