"""A call that failed, as proto3 JSON tells it."""

from typing import Any


class Failed(Exception):
    """Bears the google.rpc.Status: `code`, `message`, `details`."""

    def __init__(self, status: dict[str, Any]) -> None:
        super().__init__(status)
        self.status = status
