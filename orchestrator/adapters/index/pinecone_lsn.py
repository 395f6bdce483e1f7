"""Log sequence numbers: what Pinecone tells of a write, and how far a query's answer has come.

A token of this engine is the last number written, in each kind of a namespace: "image=7,region=12".
"""

import re

from pinecone.models.response_info import ResponseInfo

from orchestrator.application.ports import Kind
from orchestrator.domain.errors import InvalidArgument

_TOKEN = re.compile(r"[a-z]+=\d{1,18}(,[a-z]+=\d{1,18})*")


class Lsns:
    """What this process wrote last, by namespace and kind."""

    def __init__(self) -> None:
        self._last: dict[str, dict[str, int]] = {}

    def wrote(self, namespace: str, kind: Kind, lsn: int | None) -> None:
        """Notes a write."""
        if lsn is not None:
            last = self._last.setdefault(namespace, {})
            last[kind.value] = max(lsn, last.get(kind.value, 0))

    def token(self, namespace: str) -> str | None:
        """The token of all that was written to a namespace; None: nothing was."""
        last = self._last.get(namespace)
        return ",".join(f"{kind}={lsn}" for kind, lsn in sorted(last.items())) if last else None

    def of(self, token: str | None, kind: Kind) -> int | None:
        """The number that a search among a kind has to come to. Raises InvalidArgument."""
        if token is None:
            return None
        if not _TOKEN.fullmatch(token):
            raise InvalidArgument.field("consistency_token", "is no token of a write")
        found = dict(part.split("=") for part in token.split(","))
        return int(found[kind.value]) if kind.value in found else None


def committed(info: ResponseInfo | None) -> int | None:
    """The number of a write."""
    return _header(info, "x-pinecone-request-lsn", "x-pinecone-lsn-committed")


def indexed(info: ResponseInfo | None) -> int:
    """The number up to which a query's answer knows all writes; 0 where it does not say."""
    return _header(info, "x-pinecone-max-indexed-lsn", "x-pinecone-lsn-reconciled") or 0


def _header(info: ResponseInfo | None, *names: str) -> int | None:
    """The first of some headers: the documented one, or the one that the SDK knows."""
    for name in names:
        value = info.raw_headers.get(name, "") if info else ""
        if value.isdecimal():
            return int(value)
    return None
