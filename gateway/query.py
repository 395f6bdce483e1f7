"""Query parameters into request fields: scalars, enums, repeated, nested, maps, well-known types."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from gateway import fields
from gateway.codec import Codec
from gateway.errors import invalid
from gateway.fields import FieldError, FieldPath

_MAP_ENTRY = re.compile(r"([^\[\]]+)\[([^\[\]]*)\]\Z")
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CACHE_SIZE = 1024
MAX_PARAMETERS = 1000


class QueryBinder:
    """Sets the query parameters of one binding.

    `bound` are the paths that the template binds. `body` is the rule's body: the field that the body fills,
    or "*", which leaves no parameters at all.
    """

    def __init__(self, request: Descriptor, bound: Sequence[FieldPath], body: str, codec: Codec) -> None:
        self._request = request
        self._bound = frozenset(_names(path) for path in bound)
        self._body = body
        self._codec = codec
        self._known: dict[str, FieldPath] = {}

    def bind(self, query: bytes, message: Message, *, upload: bool = False) -> None:
        """Sets the parameters of a raw query string. Raises RequestError, which names the parameter.

        An upload has no JSON body, so there a body rule takes no parameter away.
        """
        seen: dict[FieldPath, str] = {}
        for name, text in _pairs(query):
            try:
                entry = _MAP_ENTRY.match(name)
                if entry:
                    fields.set_entry(message, self._path(entry[1], upload), entry[2], text, self._codec)
                    continue
                path = self._path(name, upload)
                if fields.is_map(path[-1]):
                    raise FieldError("a map takes name[key]=value")
                before = seen.setdefault(path, "")
                if before and not (path[-1].is_repeated and before == name):
                    raise FieldError("given more than once" if before == name else f"given as {before} too")
                seen[path] = name
                fields.set_text(message, path, text, self._codec)
            except FieldError as error:
                raise invalid(name, str(error)) from error

    def _path(self, name: str, upload: bool) -> FieldPath:
        path = self._known.get(name)
        if path is None:
            path = fields.resolve(self._request, name.split("."))
            if _names(path) in self._bound:
                raise FieldError("the URL's path already says it")
            if len(self._known) < _CACHE_SIZE:
                self._known[name] = path
        if self._body and not upload and self._body in ("*", path[0].name):
            raise FieldError("belongs in the body")
        return path


def _names(path: FieldPath) -> tuple[str, ...]:
    return tuple(field.name for field in path)


def _pairs(query: bytes) -> list[tuple[str, str]]:
    if not query:
        return []
    if _BROKEN_ESCAPE.search(query):
        raise invalid("", "the query string holds a broken percent-escape")
    try:
        return parse_qsl(
            query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS
        )
    except UnicodeError as error:
        raise invalid("", "the query string is not UTF-8") from error
    except ValueError as error:
        raise invalid("", f"the query string holds more than {MAX_PARAMETERS} parameters") from error
