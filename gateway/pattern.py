"""Path templates of `google/api/http.proto`: parse, match, expand.

Template  = "/" Segments [ ":" LITERAL ]
Segments  = Segment { "/" Segment }
Segment   = "*" | "**" | LITERAL | "{" FieldPath [ "=" Segments ] "}"
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

ONE = "*"
REST = "**"

_FIELD_PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*\Z")
_LITERAL = re.compile(r"[^*{}=:/?#\s]+\Z")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SLASH = re.compile(r"(%2[Ff])")


class TemplateError(ValueError):
    """A path template that `google/api/http.proto` does not allow."""


class DecodeError(ValueError):
    """A path whose percent-encoding is broken, or is not UTF-8."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A bound part of a path: segments [start, stop) of the template; stop None reaches to the path's end."""

    field_path: tuple[str, ...]
    start: int
    stop: int | None
    multi: bool  # more than one segment may match: "%2F" stays as it is


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed path template."""

    text: str
    segments: tuple[str, ...]  # a literal, ONE or REST; REST only as the last
    verb: str
    variables: tuple[Variable, ...]

    @property
    def open_ended(self) -> bool:
        """Whether the path may be longer than the template: it ends in `**`."""
        return bool(self.segments) and self.segments[-1] == REST

    def specificity(self) -> tuple[int, ...]:
        """Sort key: literals before `*` before `**`, from left to right."""
        return tuple({ONE: 1, REST: 2}.get(segment, 0) for segment in self.segments)

    def match(self, raw: Sequence[str]) -> list[str] | None:
        """The variables' decoded values, in their order, if the raw (encoded) path segments match.

        Raises DecodeError.
        """
        if self.open_ended:
            if len(raw) < len(self.segments) - 1:
                return None
        elif len(raw) != len(self.segments):
            return None
        for segment, given in zip(self.segments, raw, strict=False):
            if segment == REST:
                break
            if segment == ONE:
                if not given:
                    return None
            elif segment != given and ("%" not in given or decode(given) != segment):
                return None
        values = []
        for variable in self.variables:
            parts = raw[variable.start : variable.stop]
            values.append(decode_multi("/".join(parts)) if variable.multi else decode(parts[0]))
        return values

    def expand(self, values: Mapping[str, str]) -> str:
        """The path that binds each variable to its value, encoded as the rule tells clients to.

        Raises KeyError for a variable without a value. Whether the value fits the template is not checked.
        """
        out: list[str] = []
        at = 0
        for variable in self.variables:
            out += self.segments[at : variable.start]
            out.append(
                quote(values[".".join(variable.field_path)], safe="/-_.~" if variable.multi else "-_.~")
            )
            at = len(self.segments) if variable.stop is None else variable.stop
        out += self.segments[at:]
        return "/" + "/".join(out) + (f":{self.verb}" if self.verb else "")


def decode(segment: str) -> str:
    """Percent-decodes one segment: every escape. Raises DecodeError."""
    if "%" not in segment:
        return segment
    if _BROKEN_ESCAPE.search(segment):
        raise DecodeError("the path holds a broken percent-escape")
    try:
        return unquote_to_bytes(segment).decode("utf-8")
    except UnicodeDecodeError as error:
        raise DecodeError("the path is not UTF-8 after percent-decoding") from error


def decode_multi(segments: str) -> str:
    """Percent-decodes several segments: every escape but that of the slash. Raises DecodeError."""
    if "%" not in segments:
        return segments
    return "".join(part if _SLASH.fullmatch(part) else decode(part) for part in _SLASH.split(segments))


def parse(text: str) -> Template:
    """Parses a path template. Raises TemplateError, which says what is wrong with it."""
    if not text.startswith("/"):
        raise TemplateError(f"{text!r} does not start with '/'")
    body, verb = _split_verb(text)
    segments: list[str] = []
    variables: list[Variable] = []
    for piece in _split(body[1:], text):
        if not piece.startswith("{"):
            segments.append(_segment(piece, text))
            continue
        path, equals, inner = piece[1:-1].partition("=")
        if not _FIELD_PATH.match(path):
            raise TemplateError(f"{text!r}: {path!r} is not a field path")
        start = len(segments)
        segments += [_segment(part, text) for part in inner.split("/")] if equals else [ONE]
        stop = None if segments[-1] == REST else len(segments)
        multi = segments[start:] != [ONE]
        variables.append(Variable(tuple(path.split(".")), start, stop, multi))
    if REST in segments[:-1]:
        raise TemplateError(f"{text!r}: '**' must be the last segment")
    paths = [variable.field_path for variable in variables]
    if len(set(paths)) != len(paths):
        raise TemplateError(f"{text!r} binds a field twice")
    return Template(text, tuple(segments), verb, tuple(variables))


def _split_verb(text: str) -> tuple[str, str]:
    close = text.rfind("}")
    colon = text.find(":", close + 1)
    if colon < 0:
        return text, ""
    verb = text[colon + 1 :]
    if not _LITERAL.match(verb):
        raise TemplateError(f"{text!r}: {verb!r} is not a verb")
    return text[:colon], verb


def _split(body: str, text: str) -> list[str]:
    """Splits at the slashes outside of braces."""
    pieces, depth, start = [], 0, 0
    for at, char in enumerate(body):
        if char == "{":
            depth += 1
            if depth > 1 or at != start:
                raise TemplateError(f"{text!r}: a variable must be a whole segment, and hold no other")
        elif char == "}":
            depth -= 1
            if depth < 0 or body[at + 1 : at + 2] not in ("", "/"):
                raise TemplateError(f"{text!r}: a variable must be a whole segment")
        elif char == "/" and not depth:
            pieces.append(body[start:at])
            start = at + 1
    if depth:
        raise TemplateError(f"{text!r}: a brace is not closed")
    return [*pieces, body[start:]]


def _segment(piece: str, text: str) -> str:
    if piece in (ONE, REST) or _LITERAL.match(piece):
        return piece
    raise TemplateError(f"{text!r}: {piece!r} is not a segment")
