"""Segmentation: masks from prompts, or of all that is there."""

from collections.abc import Sequence
from typing import Protocol

from orchestrator.application.ports.pictures import LazyPicture
from orchestrator.domain.region import Prompt, Segment


class Segmenter(Protocol):
    """A pack's segmenter."""

    async def segment(self, picture: LazyPicture, prompt: Prompt) -> Sequence[Segment]:
        """Segments a picture. Automatic: by predicted IoU; prompts: in their order. Raises Unavailable."""
        ...
