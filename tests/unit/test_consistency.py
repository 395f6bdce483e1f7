"""What a write leaves for a search that is to see it."""

import asyncio

import pytest

from orchestrator.application.consistency import encode_tokens, note, noting, token_for
from orchestrator.domain.errors import InvalidArgument


async def test_a_block_collects_what_its_tasks_write() -> None:
    async def write(namespace: str, token: str | None) -> None:
        note(namespace, token)

    with noting() as tokens:
        await asyncio.gather(write("a", "1"), write("b", "7"), asyncio.create_task(write("b", None)))
        await write("a", "2")
        with noting() as others:
            note("c", "9")
    note("a", "3")
    assert (tokens, others) == ({"a": "2", "b": "7"}, {"c": "9"})


def test_a_token_speaks_of_its_own_namespaces() -> None:
    token = encode_tokens({"a@1": "5", "b": "ü"})
    assert (token_for(token, "a@1"), token_for(token, "b"), token_for(token, "c")) == ("5", "ü", None)
    assert encode_tokens({}) == ""
    assert token_for("", "a") is None


@pytest.mark.parametrize("token", ["x", "!", "e30=", "WzFd", "eyJhIjoxfQ", "/w"])
def test_what_is_no_token_is_refused(token: str) -> None:
    if token == "e30=":
        assert token_for(token.rstrip("="), "a") is None
        return
    with pytest.raises(InvalidArgument, match="consistency_token"):
        token_for(token, "a")
