"""Embedding: a pack's towers, and what they give."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from orchestrator.domain.embedding import Calibration, EmbeddingSpace, Vectors
from orchestrator.domain.image import Picture
from orchestrator.domain.labels import Labelling


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEmbeddings:
    """Embedded texts: `vectors` (N, D); `truncated[i]`: words beyond the tower's length were cut off."""

    vectors: Vectors
    truncated: tuple[bool, ...]


class Embedder(Protocol):
    """A pack's towers."""

    @property
    def space(self) -> EmbeddingSpace:
        """The space that its vectors live in."""
        ...

    @property
    def calibration(self) -> Calibration:
        """What a text–image cosine is worth."""
        ...

    @property
    def region_calibration(self) -> Calibration:
        """What a cosine of a text and a region is worth: parts of a thing look like it, too."""
        ...

    @property
    def labelling(self) -> Labelling:
        """How it labels, and its own vocabulary."""
        ...

    @property
    def has_text(self) -> bool:
        """Whether it has a text tower."""
        ...

    async def embed_pictures(self, pictures: Sequence[Picture], *, bulk: bool = False) -> Vectors:
        """Embeds N pictures of any sizes: (N, D). `bulk` lets others go before. Raises Unavailable."""
        ...

    async def embed_texts(self, texts: Sequence[str], *, bulk: bool = False) -> TextEmbeddings:
        """Embeds N texts. `bulk` lets others go before, and remembers none of them.

        Raises FailedPrecondition without a text tower, Unavailable.
        """
        ...
