"""Whatever comes to the paths of RPCs, the gateway answers as the protocol has it: no fault of its own."""

from __future__ import annotations

import base64
import gzip
import json

from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures.frames import framed, unframed
from tests.fuzz.conftest import Live
from tests.fuzz.test_http import json_values, ours
from tests.fuzz.wire import Answer, check, head, send
from tests.protos.library_server import stubs

UNARY = ["Echo", "GetBook", "CreateBook", "Fail", "Hidden", "Print"]
STREAMS = ["Search", "CountBooks", "BulkCreateBooks", "StreamBook"]
BARE = ["application/json", "application/proto"]
CONNECT = ["application/connect+json", "application/connect+proto"]
WEB = ["application/grpc-web", "application/grpc-web+proto", "application/grpc-web+json"]
PARAMETERS = ["message", "encoding", "base64", "compression", "connect", "x"]
TEXT = ["application/grpc-web-text", "application/grpc-web-text+proto"]

jsons = json_values.map(lambda value: json.dumps(value).encode())
binaries = st.one_of(
    st.binary(max_size=60),
    st.builds(lambda text, number: stubs()[0].Everything(text=text, int32_value=number).SerializeToString(),
              st.text(st.characters(exclude_categories=["Cs"]), max_size=9), st.integers(-9, 9)),
)  # fmt: skip
payloads = st.one_of(jsons, binaries, binaries.map(gzip.compress))
bodies = st.one_of(
    st.binary(max_size=80),
    st.lists(st.tuples(st.sampled_from([0, 0, 0, 1, 2, 3, 0x80, 255]), payloads), max_size=4).map(
        lambda found: b"".join(framed(payload, flags=flags) for flags, payload in found)
    ),
)
headers = st.fixed_dictionaries(
    {},
    optional={
        "Connect-Protocol-Version": st.sampled_from(["1", "2", ""]),
        "Connect-Timeout-Ms": st.sampled_from(["1000", "0", "-1", "x", "99999999999"]),
        "Connect-Content-Encoding": st.sampled_from(["gzip", "identity", "br", "snappy", ""]),
        "Grpc-Timeout": st.sampled_from(["1S", "0n", "S", "999999999S"]),
        "Grpc-Encoding": st.sampled_from(["gzip", "zstd", "x"]),
        "Content-Encoding": st.sampled_from(["gzip", "identity", "zstd", "snappy"]),
        "X-Key-Bin": st.sampled_from(["AP8", "AP8,AQ", "*", ""]),
    },
)


words = st.one_of(
    st.sampled_from(["json", "proto", "1", "gzip", "v1", "%7B%7D", "e30", "%ff", "%zz", ""]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=9),
)


def path(method: str) -> bytes:
    return f"/library.v1.Library/{method}".encode()


@ours
@given(method=st.sampled_from(UNARY), kind=st.sampled_from(BARE), body=payloads, more=headers)
def test_unary_calls_of_connect(
    live: Live, method: str, kind: str, body: bytes, more: dict[str, str]
) -> None:
    answer = send(live.url, head("POST", path(method), {"Content-Type": kind, **more}, body))
    if method not in ("Fail", "Hidden"):  # which answer with what they are told
        check(answer)
    assert answer is not None
    if answer.status != 200:
        assert set(json.loads(answer.body)) <= {"code", "message", "details"}


@ours
@given(query=st.dictionaries(st.sampled_from(PARAMETERS), words))
def test_gets_of_connect(live: Live, query: dict[str, str]) -> None:
    target = path("GetBook") + b"?" + "&".join(f"{key}={value}" for key, value in query.items()).encode()
    check(send(live.url, head("GET", target)))


@ours
@given(method=st.sampled_from(STREAMS), kind=st.sampled_from(CONNECT), body=bodies, more=headers)
def test_streams_of_connect(live: Live, method: str, kind: str, body: bytes, more: dict[str, str]) -> None:
    answer = send(live.url, head("POST", path(method), {"Content-Type": kind, **more}, body))
    flags, last = _last(answer)
    assert flags == 2
    assert set(json.loads(last)) <= {"error", "metadata"}


@ours
@given(
    method=st.sampled_from(UNARY + STREAMS), kind=st.sampled_from(WEB + TEXT), body=bodies, more=headers,
    encoded=st.booleans(),
)  # fmt: skip
def test_grpc_web(
    live: Live, method: str, kind: str, body: bytes, more: dict[str, str], encoded: bool
) -> None:
    sent = base64.b64encode(body) if encoded else body
    answer = send(live.url, head("POST", path(method), {"Content-Type": kind, **more}, sent))
    if answer is not None and kind in TEXT:
        quanta = [answer.body[at : at + 4] for at in range(0, len(answer.body), 4)]
        answer = Answer(answer.status, answer.content_type, b"".join(map(base64.b64decode, quanta)))
    flags, last = _last(answer)
    assert flags == 0x80
    assert last.startswith(b"grpc-status: ")


def _last(answer: Answer | None) -> tuple[int, bytes]:
    """The last frame of an answer of frames."""
    assert answer is not None
    assert answer.status == 200, answer
    return unframed(answer.body)[-1]
