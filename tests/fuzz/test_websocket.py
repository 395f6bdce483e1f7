"""Whatever a WebSocket says, it is closed with a code that says why, after an error that says it too."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.fuzz.conftest import Live
from tests.fuzz.test_http import json_values, ours, parameters

ROUTES = ["/v1/books:bulk", "/v1/books:count", "/v1/echo", "/v1/shelves/1:search", "/v1/shelves/1/books/2"]
METHODS = ["BulkCreateBooks", "CountBooks", "Search", "Echo", "Hidden"]

messages = st.one_of(
    json_values.map(json.dumps),
    st.builds(lambda index, text: json.dumps({"index": index, "request": {"note": text}}),
              st.integers(-(2**33), 2**33), st.text(st.characters(exclude_categories=["Cs"]), max_size=9)),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.binary(max_size=20),
)  # fmt: skip


@ours
@given(
    path=st.sampled_from([*ROUTES, *(f"/library.v1.Library/{name}" for name in METHODS)]),
    query=st.one_of(st.just(""), st.sampled_from(["method=GET", "method=POST"]), parameters),
    sent=st.lists(messages, max_size=5),
)
def test_messages(live: Live, path: str, query: str, sent: list[str | bytes]) -> None:
    url = f"{live.url.replace('http:', 'ws:')}{path}?{query}"
    try:
        with connect(url, open_timeout=60, close_timeout=60) as socket:
            heard = list(_said(socket, sent))
    except InvalidStatus as refusal:
        refused = refusal.response.status_code
    else:
        refused, code = 0, socket.close_code or 0
        assert code == 1000 or 4001 <= code <= 4016
        assert code not in (4002, 4013, 4015)  # unknown, internal, data lost
        assert ("error" in heard[-1] if heard else False) == (code != 1000)
        assert all("result" in answer for answer in heard[:-1])
    assert refused in (0, 400, 404)


def _said(socket: ClientConnection, sent: list[str | bytes]) -> Iterator[dict[str, Any]]:
    with contextlib.suppress(ConnectionClosed):  # refused, or answered, before it was all sent
        for message in [*sent, ""]:
            socket.send(message)
    with contextlib.suppress(ConnectionClosed):
        while True:
            yield json.loads(socket.recv(timeout=60))
