"""Frames and base64 that come in any pieces, and bytes that are neither."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.envelope import frame, frames
from gateway.errors import RequestError
from gateway.grpc_web import decoded
from tests.fixtures.frames import framed, unframed


async def pieces(body: bytes, cuts: list[int]) -> AsyncIterator[bytes]:
    """A body, cut at some places."""
    start = 0
    for cut in [*sorted(cut % (len(body) + 1) for cut in cuts), len(body)]:
        yield body[start:cut]
        start = cut


MESSAGES = st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=40)), max_size=6)
CUTS = st.lists(st.integers(0, 10_000), max_size=12)


@given(MESSAGES, CUTS)
async def test_frames_are_read_as_they_were_written(
    messages: list[tuple[int, bytes]], cuts: list[int]
) -> None:
    body = b"".join(frame(flags, payload) for flags, payload in messages)
    assert body == b"".join(framed(payload, flags=flags) for flags, payload in messages)
    assert unframed(body) == messages
    assert [each async for each in frames(pieces(body, cuts), 40)] == messages


@given(st.binary(max_size=200), CUTS)
async def test_bytes_that_are_no_frames_are_refused_or_read(body: bytes, cuts: list[int]) -> None:
    refusal, read = None, []
    try:
        read = [each async for each in frames(pieces(body, cuts), 40)]
    except RequestError as error:
        refusal = error.code.name
    assert refusal in (None, "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED")
    assert refusal or b"".join(frame(flags, payload) for flags, payload in read) == body


async def test_a_frame_that_says_too_much_is_refused_before_it_comes() -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"\x00\xff\xff\xff\xff"
        pytest.fail("more was read")

    with pytest.raises(RequestError, match="limit of 40 bytes"):
        async for _ in frames(endless(), 40):
            pass


@given(st.lists(st.binary(max_size=30), max_size=6), CUTS)
async def test_text_is_read_however_it_was_padded_and_cut(parts: list[bytes], cuts: list[int]) -> None:
    body = b"".join(base64.b64encode(part) for part in parts)
    assert b"".join([each async for each in decoded(pieces(body, cuts))]) == b"".join(parts)


@given(st.binary(max_size=60), CUTS)
async def test_what_is_no_base64_is_refused(body: bytes, cuts: list[int]) -> None:
    refusal, read = None, []
    try:
        read = [each async for each in decoded(pieces(body, cuts))]
    except RequestError as error:
        refusal = error.code.name
    assert refusal in (None, "INVALID_ARGUMENT")
    assert len(b"".join(read)) <= len(body) * 3 / 4
