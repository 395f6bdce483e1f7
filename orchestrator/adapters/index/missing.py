"""The error of every engine for a namespace that it does not hold."""

from orchestrator.domain.errors import Unavailable


class Missing(Unavailable):
    """The namespace is not in the index: it waits to be made, or to be rebuilt."""

    reason = "NAMESPACE_MISSING"

    def __init__(self) -> None:
        super().__init__("the vector index does not hold this collection yet", retry_after=1.0)
