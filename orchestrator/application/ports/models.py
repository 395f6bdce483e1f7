"""The installed packs, and their parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from orchestrator.application.ports.captioner import Captioner
from orchestrator.application.ports.embedder import Embedder
from orchestrator.application.ports.matcher import Matcher
from orchestrator.application.ports.segmenter import Segmenter
from orchestrator.domain.embedding import EmbeddingSpace


@dataclass(frozen=True, slots=True, kw_only=True)
class PackInfo:
    """An installed pack, as people are told of it. Sizes in pixels; None where there is no such part.

    `models` are all its Triton models, `embedder_models` and `segmenter_models` those of them that these
    parts need.
    """

    name: str
    title: str
    description: str
    revision: str
    licence: str
    source: str
    models: tuple[str, ...]
    embedder_models: tuple[str, ...] = ()
    segmenter_models: tuple[str, ...] = ()
    space: EmbeddingSpace | None = None
    image_size: int | None = None
    has_text: bool = False
    context_length: int = 0
    relevance_threshold: float = 0.5
    segmenter_image_size: int | None = None
    matcher_image_size: int | None = None
    captioner_image_size: int | None = None
    captioner_max_tokens: int = 0
    label_count: int = 0


class Models(Protocol):
    """The installed packs."""

    def packs(self) -> Sequence[PackInfo]:
        """All of them, by name. Asks no engine."""
        ...

    def embedder(self, pack: str) -> Embedder:
        """Raises InvalidArgument where the pack is unknown or does not embed."""
        ...

    def segmenter(self, pack: str) -> Segmenter:
        """Raises InvalidArgument where the pack is unknown or does not segment."""
        ...

    def matcher(self, pack: str) -> Matcher:
        """Raises InvalidArgument where the pack is unknown or has no matcher."""
        ...

    def captioner(self, pack: str) -> Captioner:
        """Raises InvalidArgument where the pack is unknown or has no captioner."""
        ...

    async def ready(self) -> Mapping[str, bool]:
        """Triton model name → served now. All False where Triton does not answer; never raises."""
        ...
