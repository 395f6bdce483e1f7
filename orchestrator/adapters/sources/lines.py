"""A text file as it comes, line by line, none longer than a bound."""

import csv
from collections.abc import AsyncIterator

from orchestrator.domain.errors import InvalidArgument

MAX_LINE_BYTES = 1 << 20


async def read_lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, str]]:
    """Each line's number, from 1, and its text without the end of the line. Raises InvalidArgument for a line
    that is too long; what is no UTF-8 is replaced."""
    left, number = b"", 0
    async for piece in pieces:
        *lines, left = (left + piece).split(b"\n")
        for line in lines:
            number += 1
            yield number, _text(line, number)
        if len(left) > MAX_LINE_BYTES:
            raise _too_long(number + 1)
    if left:
        yield number + 1, _text(left, number + 1)


async def read_csv(
    lines: AsyncIterator[tuple[int, str]], delimiter: str
) -> AsyncIterator[tuple[int, list[str]]]:
    """The number of each record's first line, and its fields; quoted fields may hold line ends. A record that
    makes no sense has no fields."""
    record, first = "", 0
    async for number, line in lines:
        record, first = (f"{record}\n{line}", first) if record else (line, number)
        if record.count('"') % 2 and len(record) <= MAX_LINE_BYTES:
            continue
        yield first, _fields(record, delimiter)
        record = ""
    if record:
        yield first, []


def _fields(record: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([record], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _text(line: bytes, number: int) -> str:
    if len(line) > MAX_LINE_BYTES:
        raise _too_long(number)
    return (
        (line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line).rstrip(b"\r").decode("utf-8", "replace")
    )


def _too_long(number: int) -> InvalidArgument:
    return InvalidArgument(f"line {number} has more than {MAX_LINE_BYTES} bytes", reason="SOURCE_BROKEN")
