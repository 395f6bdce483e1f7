"""Globs of paths: `*` and `?` within a part, `**` for any number of parts."""

import re
from collections.abc import Sequence
from fnmatch import translate

from orchestrator.domain.errors import InvalidArgument

LONGEST = 1024


class Pattern:
    """A glob, matched against whole paths. Raises InvalidArgument where it is too long."""

    def __init__(self, pattern: str) -> None:
        if len(pattern) > LONGEST:
            raise InvalidArgument.field("pattern", f"has more than {LONGEST} characters")
        parts = [part for part in pattern.split("/") if part]
        self._parts = [None if part == "**" else re.compile(translate(part)) for part in parts]
        plain = [part for part in parts[:-1]]
        for number, part in enumerate(plain):
            if any(letter in part for letter in "*?["):
                plain = plain[:number]
                break
        self.folder = "/".join(plain)
        """The folder that everything it matches lies below."""

    def matches(self, path: str) -> bool:
        """Whether it matches a path. Takes time proportional to both lengths, whatever they hold."""
        return not self._parts or _match(path.split("/"), self._parts)


def _match(path: Sequence[str], pattern: Sequence[re.Pattern[str] | None]) -> bool:
    # reached[n]: the parts of the path so far match the first n parts of the pattern.
    reached = [True] + [False] * len(pattern)
    for n, part in enumerate(pattern, 1):
        reached[n] = reached[n - 1] and part is None
    for name in path:
        before, reached = reached, [False] * len(reached)
        for n, part in enumerate(pattern, 1):
            if part is None:
                reached[n] = before[n] or reached[n - 1]
            else:
                reached[n] = before[n - 1] and part.match(name) is not None
    return reached[-1]
