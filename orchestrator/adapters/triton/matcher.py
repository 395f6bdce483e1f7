"""The Matcher port: a pack's image-text matcher, asked about many pictures at once."""

import asyncio
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from orchestrator.adapters.triton.client import ModelFault, TritonSession
from orchestrator.adapters.triton.packs import MatcherPack
from orchestrator.adapters.triton.preprocess import preprocess
from orchestrator.adapters.triton.tokenize import TextTokenizer
from orchestrator.domain.image import Picture

MAX_PICTURES_A_REQUEST = 100  # of 384 x 384 pixels: 44 MB of a message's 64


class TritonMatcher:
    """A pack's image-text matcher."""

    def __init__(self, session: TritonSession, pack: MatcherPack) -> None:
        self._session, self._pack = session, pack
        self._tokenizer = TextTokenizer(pack.tokenization)

    @property
    def stamp(self) -> str:
        """Equal for equal answers."""
        return self._pack.stamp

    async def prepare(self, picture: Picture) -> Picture:
        """What it looks at of a picture: (S, S, 3) uint8."""
        prepared: Picture = (await asyncio.to_thread(preprocess, [picture], self._pack.preprocessing))[0]
        return prepared

    async def match(self, text: str, prepared: Sequence[Picture]) -> NDArray[np.float32]:
        """How likely each of N prepared pictures shows what a text says: (N,), 0 to 1.

        One request, where the model takes as many at once. Raises Unavailable.
        """
        model = self._pack.model
        ids, _ = await asyncio.to_thread(self._tokenizer.encode, [text])
        most = await self._session.request_size(model, MAX_PICTURES_A_REQUEST)
        found = [np.empty(0, np.float32)]
        for start in range(0, len(prepared), most):
            pixels = np.stack(prepared[start : start + most])
            inputs = {"pixels": pixels, "input_ids": np.repeat(ids, len(pixels), axis=0)}
            logits = (await self._session.infer(model, inputs, ["itm_logits"]))["itm_logits"]
            if logits.shape != (len(pixels), 2) or not np.isfinite(logits).all():
                raise ModelFault(f"model {model} answered no logits of a match", metadata={"model": model})
            found.append(_probability(logits.astype(np.float32, copy=False)))
        return np.concatenate(found)


def _probability(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """The softmax of (mismatch, match), its second column: (N,)."""
    difference = np.clip(logits[:, 0] - logits[:, 1], -60, 60)
    return np.asarray(1 / (1 + np.exp(difference)), np.float32)
