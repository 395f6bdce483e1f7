"""Path templates: the grammar, matching, and the way there and back."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.pattern import DecodeError, TemplateError, decode, decode_multi, parse
from gateway.router import MethodNotAllowed, Router, Unrouted


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("/v1/messages/{message_id}", "/v1/messages/123", ["123"]),
        ("/v1/{name=messages/*}", "/v1/messages/123", ["messages/123"]),
        ("/v1/{name=messages/*}", "/v1/messages/", None),
        ("/v1/{name=messages/*}", "/v1/messages/1/2", None),
        ("/v1/{name=**}", "/v1/a/b", ["a/b"]),
        ("/v1/{name=**}", "/v1", [""]),
        ("/v1/{name=a/**}", "/v1/a", ["a"]),
        ("/v1/{name=a/**}", "/v1/b/c", None),
        ("/v1/{a.b=x/*}/{c}", "/v1/x/1/2", ["x/1", "2"]),
        ("/v1/*/b", "/v1/a/b", []),
        ("/v1/{a}/**", "/v1/x/y/z", ["x"]),
        ("/v1/{a}", "/v1/a%2Fb", ["a/b"]),
        ("/v1/{a=x/*}", "/v1/x/a%2Fb%2fc%20", ["x/a%2Fb%2fc "]),
        ("/v1/a%20b", "/v1/a%20b", []),
        ("/v1/grün", "/v1/gr%C3%BCn", []),
    ],
)
def test_matching(template: str, path: str, values: list[str] | None) -> None:
    assert parse(template).match(path[1:].split("/")) == values


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v1",
        "/",
        "/v1/",
        "//a",
        "/{a",
        "/a}",
        "/{a}b",
        "/a{b}",
        "/{a={b}}",
        "/{}",
        "/{a=}",
        "/{1a}",
        "/{a.}",
        "/**/a",
        "/{a=**}/b",
        "/{a}/{a}",
        "/a:",
        "/a:b/c",
        "/a:b:c",
        "/a*",
        "/{a=b*}",
        "/a b",
        "/a?b",
    ],
)
def test_templates_that_are_none(text: str) -> None:
    with pytest.raises(TemplateError):
        parse(text)


def test_a_verb() -> None:
    template = parse("/v1/{name=a/*}:go")
    assert (template.verb, template.segments) == ("go", ("v1", "a", "*"))


segment = st.text(st.characters(codec="utf-8"), min_size=1)
multi = st.text(st.characters(codec="utf-8", exclude_characters="/%"), min_size=1)


@settings(deadline=None)
@given(one=segment, rest=st.lists(multi, min_size=1, max_size=4), book=multi)
def test_expand_and_match_are_inverse(one: str, rest: list[str], book: str) -> None:
    template = parse("/v1/{one}/x/{book.name=shelves/*}/{rest=**}:verb")
    values = {"one": one, "book.name": f"shelves/{book}", "rest": "/".join(rest)}
    path = template.expand(values)
    assert path.isascii()
    router = Router([("GET", template, "target")])
    assert router.find("GET", path) == ("target", [values["one"], values["book.name"], values["rest"]])


@settings(deadline=None)
@given(st.text(st.sampled_from("/%:{}=*ab2F\xff\u1234."), max_size=40))
def test_no_path_breaks_the_router(path: str) -> None:
    router = Router([("GET", parse(text), text) for text in ("/a/{b}", "/{a=b/**}:b", "/{a=**}", "/a:b")])
    with contextlib.suppress(Unrouted, DecodeError):
        router.find("GET", path)


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8")))
def test_decoding(text: str) -> None:
    encoded = "".join(f"%{byte:02X}" for byte in text.encode())
    assert decode(encoded) == text
    assert decode_multi(encoded) == text.replace("/", "%2F")


def test_precedence() -> None:
    texts = ["/{a=**}", "/v1/{a=**}", "/v1/*/c", "/v1/b/*", "/v1/b/c", "/v1/b/c:go", "/v1/{a=b/*}:go"]
    router = Router([("GET", parse(text), text) for text in texts])
    for path, expected in {
        "/v1/b/c": "/v1/b/c",
        "/v1/x/c": "/v1/*/c",
        "/v1/b/x": "/v1/b/*",
        "/v1/x/y": "/v1/{a=**}",
        "/z": "/{a=**}",
        "/v1/b/c:go": "/v1/b/c:go",
        "/v1/b/x:go": "/v1/{a=b/*}:go",
        "/v1/b/x:no": "/v1/b/*",
    }.items():
        assert router.find("GET", path)[0] == expected


def test_methods() -> None:
    router = Router([("GET", parse("/a/{b}"), 1), ("PUT", parse("/a/*"), 2), ("*", parse("/any"), 3)])
    assert router.find("HEAD", "/a/b")[0] == 1
    assert router.find("LOCK", "/any")[0] == 3
    assert router.allowed("/a/b") == ["GET", "HEAD", "PUT"]
    with pytest.raises(MethodNotAllowed) as refused:
        router.find("POST", "/a/b")
    assert refused.value.allow == ["GET", "HEAD", "PUT"]
    with pytest.raises(Unrouted):
        router.find("GET", "/b")
