"""What an object store's failures mean to callers, and what of them may be logged."""

import re

import structlog
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from orchestrator.domain.errors import SightlineError, Unavailable

FAILURES = (BaseError, OSError)
"""What obstore raises. A file that is not there is a FileNotFoundError, whatever the store."""

_CODE = re.compile(r"<Code>(\w{1,64})</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
_DENIED = {"401", "403"}
_log = structlog.get_logger(__name__)


def unavailable(error: Exception, doing: str) -> SightlineError:
    """Logs a failure in one line, and answers what to raise."""
    code, status = _found(_CODE, error), _found(_STATUS, error)
    _log.warning("blobs.failed", doing=doing, kind=type(error).__name__, code=code, why=_line(error))
    if status in _DENIED or isinstance(error, PermissionDeniedError | UnauthenticatedError):
        return Unavailable(
            f"the object store does not let the server in ({code or status or 'denied'})",
            reason="OBJECT_STORE_DENIED",
        )
    if code:
        return Unavailable(f"the object store answers {code}", retry_after=1.0)
    return Unavailable("the object store does not answer", retry_after=1.0)


def _found(pattern: re.Pattern[str], error: Exception) -> str:
    found = pattern.search(str(error))
    return found[1] if found else ""


def _line(error: Exception) -> str:
    """The first line, without queries of URLs, which may be signed, and without what the store said: S3 sends
    back access key and signature of a request that it refuses, and configurations hold keys."""
    first = (str(error).splitlines() or [""])[0]
    return re.sub(r"\?[^\s)]*", "", re.split(r"[<{]", first)[0])[:300].strip()
