"""The Captioner port: a pack's model that says what pictures show."""

import asyncio
from collections.abc import Sequence

import numpy as np

from orchestrator.adapters.triton.client import BULK_PRIORITY, ModelFault, TritonSession
from orchestrator.adapters.triton.packs import CaptionerPack
from orchestrator.adapters.triton.preprocess import preprocess
from orchestrator.domain.image import Picture

MAX_PICTURES_A_REQUEST = 16


class TritonCaptioner:
    """A pack's captioner."""

    def __init__(self, session: TritonSession, pack: CaptionerPack) -> None:
        self._session, self._pack = session, pack

    @property
    def stamp(self) -> str:
        """Equal for equal captions."""
        return self._pack.stamp

    async def caption(self, pictures: Sequence[Picture], *, bulk: bool = False) -> list[str]:
        """A sentence about each of N pictures of any sizes. Raises Unavailable, ResourceExhausted."""
        model, captions = self._pack.model, list[str]()
        priority = BULK_PRIORITY if bulk else 0
        most = await self._session.request_size(model, MAX_PICTURES_A_REQUEST)
        for start in range(0, len(pictures), most):
            part = pictures[start : start + most]
            pixels = await asyncio.to_thread(preprocess, part, self._pack.preprocessing)
            inputs = {"pixels": pixels}
            answer = (await self._session.infer(model, inputs, ["caption"], priority=priority))["caption"]
            if answer.shape != (len(part), 1) or answer.dtype != np.object_:
                raise ModelFault(f"model {model} answered no captions", metadata={"model": model})
            captions += [bytes(each).decode(errors="replace").strip() for each in answer[:, 0]]
        return captions
