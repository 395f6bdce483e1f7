"""Finds the route of a request: by HTTP method, number of segments and verb, then by template."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from gateway.pattern import Template

T = TypeVar("T")

ANY_METHOD = "*"


class Unrouted(Exception):
    """No template matches the path."""


class MethodNotAllowed(Exception):
    """The path exists under other methods, which `allow` lists."""

    def __init__(self, allow: list[str]) -> None:
        super().__init__(", ".join(allow))
        self.allow = allow


class Router(Generic[T]):
    """An immutable table of routes.

    Where several templates match, one with a verb wins over one without, one of fixed length over one that
    ends in `**`, literals over wildcards from left to right, and then the one that came first.
    HEAD falls back to GET, and every method to a rule of the custom kind "*".
    """

    def __init__(self, entries: Iterable[tuple[str, Template, T]]) -> None:
        fixed: dict[str, dict[tuple[int, str], list[tuple[Template, T]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        tails: dict[str, dict[str, list[tuple[Template, T]]]] = defaultdict(lambda: defaultdict(list))
        for method, template, target in entries:
            if template.open_ended:
                tails[method][template.verb].append((template, target))
            else:
                fixed[method][len(template.segments), template.verb].append((template, target))
        self._methods = sorted({*fixed, *tails})
        self._fixed = {method: dict(table) for method, table in fixed.items()}
        self._tails = {method: dict(table) for method, table in tails.items()}
        for method in self._methods:
            for routes in (*fixed[method].values(), *tails[method].values()):
                routes.sort(key=lambda route: route[0].specificity())

    @property
    def methods(self) -> list[str]:
        """The HTTP methods of all routes; none for a rule that takes every one."""
        return [method for method in self._methods if method != ANY_METHOD]

    def find(self, method: str, raw_path: str) -> tuple[T, list[str]]:
        """The target for a method and a raw (still encoded) path, and its template's variables.

        Raises Unrouted, MethodNotAllowed, and DecodeError of a path that would match but cannot be decoded.
        """
        readings = list(_readings(raw_path))
        for known in (method, "GET", ANY_METHOD) if method == "HEAD" else (method, ANY_METHOD):
            found = self._find(known, readings)
            if found is not None:
                return found
        allow = self.allowed(raw_path)
        if allow:
            raise MethodNotAllowed(allow)
        raise Unrouted(raw_path)

    def allowed(self, raw_path: str) -> list[str]:
        """The HTTP methods under which the path is served; none for an unknown path."""
        readings = list(_readings(raw_path))
        found = {method for method in self._methods if self._find(method, readings) is not None}
        if "GET" in found:
            found.add("HEAD")
        return sorted(found)

    def _find(self, method: str, readings: Sequence[tuple[list[str], str]]) -> tuple[T, list[str]] | None:
        fixed, tails = self._fixed.get(method), self._tails.get(method)
        for segments, verb in readings:
            for template, target in fixed.get((len(segments), verb), ()) if fixed else ():
                values = template.match(segments)
                if values is not None:
                    return target, values
            for template, target in tails.get(verb, ()) if tails else ():
                values = template.match(segments)
                if values is not None:
                    return target, values
        return None


def _readings(raw_path: str) -> Iterator[tuple[list[str], str]]:
    """The path's segments and verb: first with what follows the last colon as the verb, then without one."""
    if not raw_path.startswith("/"):
        return
    segments = raw_path[1:].split("/")
    head, colon, verb = segments[-1].rpartition(":")
    if colon and verb:
        yield [*segments[:-1], head], verb
    yield segments, ""
