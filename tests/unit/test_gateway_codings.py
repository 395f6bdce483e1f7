"""Content codings piece by piece, and which of them an Accept-Encoding header gets."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from gateway.codings import PACKERS, PIECE, unpacker
from gateway.compression import choose
from gateway.errors import RequestError

WHOLE = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstd.compress}
READ = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress}
names = st.sampled_from(sorted(WHOLE))


def unpacked(name: str, *pieces: bytes) -> list[bytes]:
    stream = unpacker(name)
    assert stream is not None
    out = [piece for data in pieces for piece in stream.unpack(data)]
    stream.finish()
    return out


@given(names, st.lists(st.binary(max_size=50), max_size=6), st.booleans())
def test_what_is_packed_is_what_others_read(name: str, pieces: list[bytes], flush: bool) -> None:
    packer = PACKERS[name]()
    packed = b"".join([*(packer.pack(piece, flush=flush) for piece in pieces), packer.finish()])
    assert READ[name](packed) == b"".join(pieces)


@pytest.mark.parametrize("name", WHOLE)
def test_a_flush_lets_all_be_read(name: str) -> None:
    packer, stream = PACKERS[name](), unpacker(name)
    assert stream is not None
    for text in (b"one", b"two"):
        assert b"".join(stream.unpack(packer.pack(text, flush=True))) == text


@given(names, st.binary(max_size=300), st.integers(1, 40))
def test_what_others_pack_is_read_however_it_is_parted(name: str, data: bytes, step: int) -> None:
    packed = WHOLE[name](data)
    assert b"".join(unpacked(name, *(packed[n : n + step] for n in range(0, len(packed), step)))) == data


@pytest.mark.parametrize("name", WHOLE)
def test_a_bomb_goes_off_in_small_pieces(name: str) -> None:
    size = 40 << 20
    packed = WHOLE[name](bytes(size))
    assert len(packed) < size // 500
    pieces = unpacked(name, packed)
    assert sum(map(len, pieces)) == size
    assert max(map(len, pieces)) <= 2 * PIECE


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_a_body_may_be_several_in_a_row(name: str) -> None:
    both = WHOLE[name](b"one") + WHOLE[name](b"two")
    assert b"".join(unpacked(name, both)) == b"".join(unpacked(name, both[:9], both[9:])) == b"onetwo"


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("broken", ["cut", "none", "behind", "empty"])
def test_what_is_not_of_the_coding_is_refused(name: str, broken: str) -> None:
    whole = WHOLE[name](b"some text")
    data = {"cut": whole[:-2], "none": b"some text", "behind": whole + b"text", "empty": b""}[broken]
    with pytest.raises(RequestError, match=f"not well-formed {name}") as refused:
        unpacked(name, data)
    assert refused.value.status == 400


def test_a_window_beyond_what_http_allows_is_refused() -> None:
    options: dict[int, int] = {zstd.CompressionParameter.window_log: 27}
    large = zstd.ZstdCompressor(options=options)
    packed = large.compress(bytes(range(256)) * 10) + large.flush()
    with pytest.raises(RequestError, match="not well-formed zstd"):
        unpacked("zstd", packed)


@pytest.mark.parametrize("name", ["deflate", "compress", "gzip, br", "aws-chunked"])
def test_other_codings(name: str) -> None:
    with pytest.raises(RequestError) as refused:
        unpacker(name)
    assert (refused.value.status, refused.value.headers) == (415, [("accept-encoding", "zstd, br, gzip")])


def test_no_coding() -> None:
    assert unpacker(None) is unpacker("") is unpacker("identity") is None
    assert b"".join(unpacked("X-GZip", zlib.compress(b"x", wbits=31))) == b"x"


@pytest.mark.parametrize(
    ("header", "coding", "bound"),
    [
        (None, "identity", False),
        ("", "identity", False),
        ("gzip", "gzip", False),
        ("gzip, deflate, br, zstd", "zstd", False),
        ("gzip, deflate, br", "br", False),
        ("gzip;q=1.0, br;q=0.5", "gzip", False),
        ("x-gzip", "gzip", False),
        ("*", "zstd", False),
        ("*;q=0.5, gzip", "gzip", False),
        ("zstd;q=0, *", "br", False),
        ("identity, gzip;q=0.5", "identity", False),
        ("gzip;q=0", "identity", False),
        ("compress", "identity", False),
        ("identity;q=0, gzip", "gzip", True),
        ("gzip, *;q=0", "gzip", True),
        ("*;q=0, identity", "identity", False),
        ("identity;q=0", None, True),
        ("*;q=0", None, True),
        ("compress, identity;q=0", None, True),
    ],
)
def test_which_coding_a_client_gets(header: str | None, coding: str | None, bound: bool) -> None:
    assert choose(header) == (coding, bound)
