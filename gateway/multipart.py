"""multipart/form-data: a body's parts, with limits on their number and headers."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from gateway.errors import invalid

# RFC 8187, section 3.2
_EXTENDED = re.compile(r";\s*filename\*\s*=\s*(?P<charset>UTF-8|ISO-8859-1)'[^']*'(?P<name>[^\s;]+)", re.I)
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"?')


@dataclass(slots=True)
class Part:
    """One part of a form. `filename` is None where the part is no file."""

    name: str
    filename: str | None = None
    content_type: str = ""
    content: bytearray = field(default_factory=bytearray)


async def read_form(chunks: AsyncIterator[bytes], content_type: str, max_parts: int) -> list[Part]:
    """The parts of a form, in order, with their content. Raises as `form_events` does.

    A file input that was left empty (no name, no content) is left out.
    """
    parts: list[Part] = []
    async for event in form_events(chunks, content_type, max_parts):
        if isinstance(event, Part):
            parts.append(event)
        else:
            parts[-1].content.extend(event)
    return [part for part in parts if part.filename != "" or part.content]


async def form_events(
    chunks: AsyncIterator[bytes], content_type: str, max_parts: int
) -> AsyncIterator[Part | bytes]:
    """A form as it comes: each part, still empty, and then the pieces of its content.

    Raises RequestError (400) for what is no well-formed form, or one that ends too early.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise invalid("Content-Type", "multipart/form-data needs a boundary")
    collector = _Collector(max_parts)
    try:
        parser = MultipartParser(boundary, collector.callbacks())  # type: ignore[arg-type]
        async for chunk in chunks:
            parser.write(chunk)
            for event in collector.take():
                yield event
    except FormParserError as error:
        raise invalid("", "the form is not well-formed multipart/form-data") from error
    if not collector.complete:
        raise invalid("", "the form ends too early")


class _Collector:
    def __init__(self, max_parts: int) -> None:
        self.complete = False
        self._events: list[Part | bytes] = []
        self._left = self._max_parts = max_parts
        self._headers: dict[str, str] = {}
        self._name = bytearray()
        self._value = bytearray()

    def take(self) -> list[Part | bytes]:
        """What was read since the last time."""
        events, self._events = self._events, []
        return events

    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header,
            "on_headers_finished": self._start,
            "on_part_data": lambda data, start, end: self._events.append(bytes(data[start:end])),
            "on_end": self._end,
        }

    def _begin(self) -> None:
        if not self._left:
            raise invalid("", f"the form has more than {self._max_parts} parts")
        self._left -= 1
        self._headers = {}

    def _header(self) -> None:
        self._headers[self._name.decode("latin-1").lower()] = self._value.decode("latin-1")
        self._name.clear()
        self._value.clear()

    def _start(self) -> None:
        disposition, options = parse_options_header(self._headers.get("content-disposition", ""))
        name = options.get(b"name")
        if disposition != b"form-data" or name is None:
            raise invalid("", "a part of the form has no name")
        filename = options.get(b"filename")
        self._events.append(
            Part(
                name=_text(name),
                filename=None if filename is None else _text(filename),
                content_type=media_type(self._headers.get("content-type", "")),
            )
        )

    def _end(self) -> None:
        self.complete = True


def media_type(content_type: str) -> str:
    """The media type of a Content-Type header, lower case, without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def filename_of(disposition: str) -> str:
    """The file name that a Content-Disposition header gives, "" for none; folders in front are cut off.

    `filename*` goes before `filename`: RFC 6266, section 4.3.
    """
    if found := _EXTENDED.search(_QUOTED.sub("", disposition)):
        with contextlib.suppress(UnicodeDecodeError):
            return base_name(unquote(found["name"], found["charset"], "strict"))
    return base_name(_text(parse_options_header(disposition)[1].get(b"filename", b"")))


def base_name(filename: str) -> str:
    """A file name without the folders in front of it, whichever slash parts them."""
    return filename.replace("\\", "/").rpartition("/")[2]


def _text(value: bytes) -> str:
    # parse_options_header hands back latin-1; browsers and curl send UTF-8.
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
