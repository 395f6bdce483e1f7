"""Image-text matching: how well a text fits a picture."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from orchestrator.domain.image import Picture


class Matcher(Protocol):
    """A pack's image-text matcher: slower than a comparison of embeddings, and sees more."""

    @property
    def stamp(self) -> str:
        """Equal for equal answers: what they are remembered by."""
        ...

    async def prepare(self, picture: Picture) -> Picture:
        """What it looks at of a picture: small enough that many can be held."""
        ...

    async def match(self, text: str, prepared: Sequence[Picture]) -> NDArray[np.float32]:
        """How likely each of N prepared pictures shows what a text says: (N,), 0 to 1. Raises Unavailable."""
        ...
