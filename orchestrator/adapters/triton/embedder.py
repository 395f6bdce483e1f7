"""The Embedder port: a pack's towers, pictures in bounded batches, texts remembered."""

import asyncio
import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from orchestrator.adapters.triton.client import BULK_PRIORITY, ModelFault, TritonSession
from orchestrator.adapters.triton.packs import EmbedderPack
from orchestrator.adapters.triton.preprocess import preprocess
from orchestrator.adapters.triton.tokenize import TextTokenizer
from orchestrator.application.ports import Cache, TextEmbeddings
from orchestrator.domain.embedding import Calibration, EmbeddingSpace, Vector, Vectors
from orchestrator.domain.errors import FailedPrecondition
from orchestrator.domain.image import Picture
from orchestrator.domain.labels import Labelling

MAX_PICTURES_A_REQUEST = 16
MAX_TEXTS_A_REQUEST = 64


class TritonEmbedder:
    """A pack's image tower and, where it has one, its text tower."""

    def __init__(self, session: TritonSession, pack: EmbedderPack, cache: Cache) -> None:
        self._session, self._pack, self._cache = session, pack, cache
        self._tokenizer = TextTokenizer(pack.tokenization) if pack.tokenization else None

    @property
    def space(self) -> EmbeddingSpace:
        """The space that its vectors live in."""
        return self._pack.space

    @property
    def calibration(self) -> Calibration:
        """What a text–image cosine is worth."""
        return self._pack.calibration

    @property
    def region_calibration(self) -> Calibration:
        """What a cosine of a text and a region is worth."""
        return self._pack.region_calibration

    @property
    def labelling(self) -> Labelling:
        """How it labels, and its own vocabulary."""
        return self._pack.labelling

    @property
    def has_text(self) -> bool:
        """Whether it has a text tower."""
        return self._tokenizer is not None

    async def embed_pictures(self, pictures: Sequence[Picture], *, bulk: bool = False) -> Vectors:
        """Embeds N pictures: (N, D); requests of at most 16 follow each other, so that others get between."""
        priority = BULK_PRIORITY if bulk else 0
        found = [np.empty((0, self.space.dimension), np.float32)]
        size = (
            await self._session.request_size(self._pack.image_model, MAX_PICTURES_A_REQUEST)
            if pictures
            else 1
        )
        for start in range(0, len(pictures), size):
            part = pictures[start : start + size]
            pixels = await asyncio.to_thread(preprocess, part, self._pack.preprocessing)
            found.append(await self._embed(self._pack.image_model, "pixels", pixels, priority))
        return np.concatenate(found)

    async def embed_texts(self, texts: Sequence[str], *, bulk: bool = False) -> TextEmbeddings:
        """Embeds N texts, each once: those asked for lately come from the cache, that `bulk` adds none to."""
        if self._tokenizer is None or self._pack.text_model is None:
            raise FailedPrecondition(
                f"the pack {self.space.pack} has no text tower",
                reason="NO_TEXT_TOWER",
                metadata={"pack": self.space.pack},
            )
        known: dict[str, tuple[Vector, bool]] = {}
        wanted = list(dict.fromkeys(texts))
        for text, found in zip(wanted, await asyncio.gather(*map(self._kept, wanted)), strict=True):
            if found is not None:
                known[text] = found
        missing = [text for text in wanted if text not in known]
        size = await self._session.request_size(self._pack.text_model, MAX_TEXTS_A_REQUEST) if missing else 1
        for start in range(0, len(missing), size):
            part = missing[start : start + size]
            ids, truncated = await asyncio.to_thread(self._tokenizer.encode, part)
            vectors = await self._embed(self._pack.text_model, "token_ids", ids, BULK_PRIORITY if bulk else 0)
            for text, vector, cut in zip(part, vectors, truncated, strict=True):
                known[text] = (vector, cut)
                if not bulk:
                    await self._cache.put(self._key(text), bytes([cut]) + vector.tobytes())
        return TextEmbeddings(
            vectors=np.array([known[text][0] for text in texts], np.float32).reshape(
                -1, self.space.dimension
            ),
            truncated=tuple(known[text][1] for text in texts),
        )

    async def _embed(self, model: str, name: str, values: NDArray[np.generic], priority: int = 0) -> Vectors:
        answer = await self._session.infer(model, {name: values}, ["embedding"], priority=priority)
        vectors = answer["embedding"].astype(np.float32, copy=False)
        if vectors.shape != (len(values), self.space.dimension) or not np.isfinite(vectors).all():
            raise ModelFault(f"model {model} answered no embeddings of its pack", metadata={"model": model})
        return vectors

    async def _kept(self, text: str) -> tuple[Vector, bool] | None:
        return self._read(await self._cache.get(self._key(text)))

    def _key(self, text: str) -> str:
        return f"text-embedding/{self.space.stamp}/{hashlib.sha256(text.encode()).hexdigest()}"

    def _read(self, kept: bytes | None) -> tuple[Vector, bool] | None:
        if kept is None or len(kept) != 1 + 4 * self.space.dimension:
            return None
        return np.frombuffer(kept, np.float32, offset=1), bool(kept[0])
