"""Byte ranges and validators, by the letter of RFC 9110."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ranges import Cutter, spans
from gateway.validators import Validators, tag_of

OLD, NEW = "Sun, 06 Nov 1994 08:49:37 GMT", "Mon, 07 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("bytes=0-0", [(0, 1)]),
        ("bytes=0-", [(0, 10)]),
        ("bytes=-3", [(7, 10)]),
        ("bytes=-30", [(0, 10)]),
        ("bytes=8-99", [(8, 10)]),
        ("BYTES = 8-9", [(8, 10)]),
        ("bytes=6-7, 1-2", [(1, 3), (6, 8)]),
        ("bytes=0-3,2-5,6-6", [(0, 7)]),
        ("bytes=10-", []),
        ("bytes=-0", []),
        ("bytes=5-6,10-", [(5, 7)]),
        ("bytes=6-5", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=a-b", None),
        ("bytes=1", None),
        ("lines=1-2", None),
        ("bytes=" + ",".join(f"{n}-{n}" for n in range(17)), None),
        ("bytes=0-" + "9" * 400, None),
    ],
)
def test_spans(header: str, found: object) -> None:
    assert spans(header, 10) == found


@given(st.binary(min_size=1, max_size=60), st.data())
def test_pieces_are_cut_wherever_the_content_is_parted(content: bytes, data: st.DataObject) -> None:
    number = st.integers(0, len(content) + 2)
    pairs = data.draw(st.lists(st.tuples(number, number), min_size=1, max_size=4))
    wanted = spans("bytes=" + ",".join(f"{min(pair)}-{max(pair)}" for pair in pairs), len(content))
    assert wanted is not None
    if not wanted:
        return
    cutter = Cutter(wanted, len(content), "text/plain")
    cuts = sorted({0, len(content), *data.draw(st.lists(st.integers(0, len(content)), max_size=5))})
    got = b"".join(cutter.cut(content[a:b]) for a, b in pairwise(cuts))
    assert cutter.done
    assert len(got) == cutter.length
    parts = [got]
    if len(wanted) > 1:
        boundary = cutter.content_type.partition("boundary=")[2].encode()
        *inner, end = got.split(b"\r\n--" + boundary)[1:]
        assert end == b"--\r\n"
        parts = [part.partition(b"\r\n\r\n")[2] for part in inner]
    assert parts == [content[start:stop] for start, stop in wanted]


def test_tags_differ_by_content_and_type() -> None:
    assert tag_of("a/b", b"x") == tag_of("a/b", b"x")
    assert len({tag_of("a/b", b"x"), tag_of("a/c", b"x"), tag_of("a/b", b"y")}) == 3


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 0),
        ({"if-none-match": '"b"'}, 0),
        ({"if-none-match": '"b", W/"a"'}, 304),
        ({"if-none-match": "*"}, 304),
        ({"if-none-match": "a"}, 0),
        ({"if-match": '"a"'}, 0),
        ({"if-match": "*"}, 0),
        ({"if-match": 'W/"a"'}, 412),
        ({"if-match": '"b"', "if-none-match": '"a"'}, 412),
        ({"if-unmodified-since": OLD}, 412),
        ({"if-unmodified-since": NEW}, 0),
        ({"if-match": '"a"', "if-unmodified-since": OLD}, 0),
        ({"if-modified-since": NEW}, 304),
        ({"if-modified-since": OLD}, 0),
        ({"if-modified-since": "yesterday"}, 0),
        ({"if-modified-since": "Mon, 07 Nov 1994 08:49:37 -0000"}, 304),
        ({"if-none-match": '"b"', "if-modified-since": NEW}, 0),
    ],
)
def test_conditions(headers: dict[str, str], status: int) -> None:
    assert Validators('"a"', NEW).refusal(headers) == status


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [(None, True), ('"a"', True), ('"b"', False), ('W/"a"', False), (NEW, True), (OLD, False)],
)
def test_if_range(condition: str | None, allowed: bool) -> None:
    headers = {} if condition is None else {"if-range": condition}
    assert Validators('"a"', NEW).allow_range(headers) == allowed
    assert not Validators('W/"a"').allow_range({"if-range": '"a"'})
