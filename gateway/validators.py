"""Entity tags, dates and the conditions that requests make of them: RFC 9110, section 13."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


@dataclass(frozen=True, slots=True)
class Validators:
    """What tells one state of a resource from another: its ETag and its Last-Modified, "" for none."""

    etag: str = ""
    modified: str = ""

    def refusal(self, headers: Mapping[str, str]) -> int:
        """304 or 412 where the conditions of a GET or HEAD fail, 0 where it is to be answered."""
        if (match := headers.get("if-match")) is not None:
            if match.strip() != "*" and not _lists(match, self.etag, strong=True):
                return 412
        elif (since := _date(headers.get("if-unmodified-since"))) and self._changed(since):
            return 412
        if (none := headers.get("if-none-match")) is not None:
            return 304 if none.strip() == "*" or _lists(none, self.etag, strong=False) else 0
        since, modified = _date(headers.get("if-modified-since")), _date(self.modified)
        return 304 if since and modified and modified <= since else 0

    def allow_range(self, headers: Mapping[str, str]) -> bool:
        """Whether If-Range, if it was sent, names this very state."""
        condition = headers.get("if-range")
        if condition is None:
            return True
        if '"' in condition:
            return _lists(condition, self.etag, strong=True)
        return bool(self.modified) and condition.strip() == self.modified

    def _changed(self, since: datetime) -> bool:
        modified = _date(self.modified)
        return modified is not None and modified > since


def tag_of(content_type: str, data: bytes) -> str:
    """A strong ETag of some content."""
    digest = hashlib.blake2b(data, digest_size=16, key=content_type.encode()[:64])
    return f'"{digest.hexdigest()}"'


def _lists(header: str, etag: str, *, strong: bool) -> bool:
    """Whether a list of tags holds one. By the strong comparison, weak tags equal nothing."""
    if not etag or (strong and etag.startswith("W/")):
        return False
    opaque = etag.removeprefix("W/")
    return any(
        tag.removeprefix("W/") == opaque and not (strong and tag.startswith("W/"))
        for tag in _TAG.findall(header)
    )


def _date(header: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(header) if header else None
    except (ValueError, OverflowError):  # an offset of more digits than a clock has
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
