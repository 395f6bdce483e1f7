"""Page tokens belong to one request; sizes stay within bounds."""

import numpy as np
import pytest

from orchestrator.application.paging import clamp_page_size, decode_page_token, encode_page_token
from orchestrator.domain.errors import InvalidArgument

REQUEST = {"parent": "collections/a", "filter": "width=1", "content": b"\x00" * 9, "vector": np.arange(3.0)}


@pytest.mark.parametrize("cursor", [10, "2026-01-01/x", ["a", 3], {"offset": 7}])
def test_round_trip(cursor: object) -> None:
    assert decode_page_token(encode_page_token(cursor, REQUEST), REQUEST) == cursor


def test_the_empty_token_is_the_first_page() -> None:
    assert decode_page_token("", REQUEST) is None


@pytest.mark.parametrize(
    "change",
    [{"parent": "collections/b"}, {"content": b"\x01" * 9}, {"vector": np.arange(3.0) + 1}, {"more": True}],
)
def test_a_token_of_another_request_is_refused(change: dict[str, object]) -> None:
    token = encode_page_token(10, REQUEST)
    with pytest.raises(InvalidArgument) as caught:
        decode_page_token(token, REQUEST | change)
    assert caught.value.violations[0].field == "page_token"


def test_a_token_with_one_character_changed_is_refused() -> None:
    token = encode_page_token(["name", 10], REQUEST)
    for place, character in enumerate(token):
        changed = token[:place] + ("A" if character != "A" else "Z") + token[place + 1 :]
        with pytest.raises(InvalidArgument):
            decode_page_token(changed, REQUEST)


@pytest.mark.parametrize("token", ["x", "né", "=" * 4, "A" * 5000, "a b c d", "AAAA" * 10])
def test_rubbish_is_refused(token: str) -> None:
    with pytest.raises(InvalidArgument):
        decode_page_token(token, REQUEST)


def test_sizes() -> None:
    assert clamp_page_size(0) == 50
    assert clamp_page_size(7) == 7
    assert clamp_page_size(10**9) == 1000
    assert clamp_page_size(0, default=10, maximum=200) == 10
    with pytest.raises(InvalidArgument):
        clamp_page_size(-1)
