"""Problem details for HTTP APIs: https://www.rfc-editor.org/rfc/rfc9457."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from gateway.negotiation import qualities

PROBLEM = "application/problem+json"


def prefers(accept: str) -> bool:
    """Whether an Accept header names problem details, and no less than plain JSON."""
    asked = qualities(accept)
    weight = asked.get(PROBLEM, 0.0)
    return weight > 0 and weight >= asked.get("application/json", 0.0)


def problem(status: int, error: dict[str, Any], instance: str) -> dict[str, Any]:
    """The problem of an error as grpc-gateway words it, whose `code` and `details` stay as extensions."""
    try:
        title = HTTPStatus(status).phrase
    except ValueError:  # 499
        title = "Client Closed Request"
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": error["message"],
        "instance": instance,
        "code": error["code"],
        "details": error["details"],
    }
