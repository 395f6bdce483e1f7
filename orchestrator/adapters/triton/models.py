"""The Models port: which packs are installed, their parts, and what Triton serves now."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from orchestrator.adapters.triton.captioner import TritonCaptioner
from orchestrator.adapters.triton.client import TritonSession
from orchestrator.adapters.triton.embedder import TritonEmbedder
from orchestrator.adapters.triton.matcher import TritonMatcher
from orchestrator.adapters.triton.packs import Pack, read_packs
from orchestrator.adapters.triton.segmenter import TritonSegmenter
from orchestrator.application.ports import Cache, Captioner, Embedder, Matcher, PackInfo, Segmenter
from orchestrator.domain.errors import InvalidArgument

READY_TIMEOUT = 1.0
READY_KEPT = 1.0

T = TypeVar("T")


class TritonModels:
    """The packs that were installed when it was made, served by one Triton."""

    def __init__(self, session: TritonSession, packs: Path, models: Path | None, cache: Cache) -> None:
        """Reads the packs; see `read_packs`. Raises PackError."""
        self._session = session
        self._packs = read_packs(packs, models)
        self._embedders: dict[str, Embedder] = {
            name: TritonEmbedder(session, pack.embedder, cache)
            for name, pack in self._packs.items()
            if pack.embedder
        }
        self._segmenters: dict[str, Segmenter] = {
            name: TritonSegmenter(session, pack.segmenter)
            for name, pack in self._packs.items()
            if pack.segmenter
        }
        self._matchers: dict[str, Matcher] = {
            name: TritonMatcher(session, pack.matcher) for name, pack in self._packs.items() if pack.matcher
        }
        self._captioners: dict[str, Captioner] = {
            name: TritonCaptioner(session, pack.captioner)
            for name, pack in self._packs.items()
            if pack.captioner
        }
        self._ready: Mapping[str, bool] = {}
        self._ready_until = 0.0
        self._asking = asyncio.Lock()

    def packs(self) -> Sequence[PackInfo]:
        """All of them, by name. Asks no engine."""
        return [_info(pack) for pack in self._packs.values()]

    def embedder(self, pack: str) -> Embedder:
        """Raises InvalidArgument where the pack is unknown or does not embed."""
        return _part(self._embedders, pack, "embedder")

    def segmenter(self, pack: str) -> Segmenter:
        """Raises InvalidArgument where the pack is unknown or does not segment."""
        return _part(self._segmenters, pack, "segmenter")

    def matcher(self, pack: str) -> Matcher:
        """Raises InvalidArgument where the pack is unknown or has no matcher."""
        return _part(self._matchers, pack, "matcher")

    def captioner(self, pack: str) -> Captioner:
        """Raises InvalidArgument where the pack is unknown or has no captioner."""
        return _part(self._captioners, pack, "captioner")

    async def ready(self) -> Mapping[str, bool]:
        """Triton model name → served now, asked at most once a second. Never raises."""
        async with self._asking:
            if time.monotonic() >= self._ready_until:
                names = sorted({model for pack in self._packs.values() for model in pack.models})
                answers = await asyncio.gather(
                    *(self._session.is_ready(name, READY_TIMEOUT) for name in names)
                )
                self._ready = dict(zip(names, answers, strict=True))
                self._ready_until = time.monotonic() + READY_KEPT
            return self._ready


def _part(parts: Mapping[str, T], pack: str, kind: str) -> T:
    if pack not in parts:
        installed = ", ".join(sorted(parts)) or "none"
        raise InvalidArgument.field(kind, f"{pack!r} is no installed {kind}; installed: {installed}")
    return parts[pack]


def _info(pack: Pack) -> PackInfo:
    embedder, tokenization = pack.embedder, pack.embedder.tokenization if pack.embedder else None
    return PackInfo(
        name=pack.name,
        title=pack.title,
        description=pack.description,
        revision=pack.revision,
        licence=pack.licence,
        source=pack.source,
        models=pack.models,
        embedder_models=pack.embedder_models,
        segmenter_models=pack.segmenter.models if pack.segmenter else (),
        space=embedder.space if embedder else None,
        image_size=embedder.preprocessing.image_size if embedder else None,
        has_text=tokenization is not None,
        context_length=tokenization.context_length if tokenization else 0,
        relevance_threshold=embedder.calibration.threshold if embedder else 0.5,
        segmenter_image_size=pack.segmenter.image_size if pack.segmenter else None,
        label_count=len(embedder.labelling.words) if embedder else 0,
        matcher_image_size=pack.matcher.preprocessing.image_size if pack.matcher else None,
        captioner_image_size=pack.captioner.preprocessing.image_size if pack.captioner else None,
        captioner_max_tokens=pack.captioner.max_tokens if pack.captioner else 0,
    )
