"""Iterates in a thread, a page at a time, over what blocks."""

import asyncio
from collections.abc import AsyncIterator, Generator, Iterable
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

PAGE = 500


async def in_pages(blocking: Generator[T, None, None], size: int = PAGE) -> AsyncIterator[list[T]]:
    """What a blocking generator yields, `size` together; it is closed at the end, in a thread too."""
    try:
        while page := await asyncio.to_thread(_take, blocking, size):
            yield page
    finally:
        await asyncio.to_thread(blocking.close)


def _take(blocking: Iterable[T], size: int) -> list[T]:
    return list(islice(blocking, size))
