"""One picture in, masks out: who encodes, who decodes, and who waits for whom. Knows nothing of Triton."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .amg import Candidates, Found, build_point_grid, describe, select
from .features import FeatureCache, Features
from .masks import Logits, cut, enlarge
from .parameters import InvalidArgument, Parameters
from .prompts import (
    Batch,
    Floats,
    Ints,
    Prompt,
    batch_prompts,
    grid_prompts,
    read_prompts,
)

Pixels = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float32]
Encode = Callable[[Pixels], Awaitable[Features]]
Decode = Callable[[Features, Floats, Ints], Awaitable[tuple[Logits, Scores]]]

# Published in sam2.build_sam: below this stability at ± delta the single mask gives way to the best of the
# three.
STABILITY_DELTA = 0.05
STABILITY_THRESH = 0.98
LONGEST_HASH = 128


class FeaturesMissing(LookupError):
    """No pixels came, and the picture's features are not kept (any more)."""


class Cancelled(Exception):
    """The caller went away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One picture's question; `size` is width and height of the upright picture, all coordinates are its
    pixels.
    """

    image_hash: bytes
    size: tuple[int, int]
    parameters: Parameters
    pixels: Pixels | None = None
    point_coords: Floats | None = None
    point_labels: Ints | None = None
    boxes: Floats | None = None


class Segmenter:
    """Encodes once a picture, decodes prompts in batches.

    `encode` takes `(S, S, 3)` pixels; `decode` features, `(N, K, 2)` coordinates in the square and `(N, K)`
    labels, and gives `(N, 4, S/4, S/4)` logits and `(N, 4)` scores. Automatic requests share one turn at
    each, so that a prompt, which takes none, waits for no more than the models themselves do.
    """

    def __init__(
        self,
        encode: Encode,
        decode: Decode,
        *,
        square: int,
        cache_bytes: int,
        threads: int = 2,
    ) -> None:
        self._encode, self._decode, self._square = encode, decode, square
        self.cache = FeatureCache(cache_bytes)
        self._encode_turn, self._decode_turn = asyncio.Lock(), asyncio.Lock()
        # A pool each: the enlarging of automatic masks must not stand before a click's.
        self._bulk = ThreadPoolExecutor(threads, "automatic")
        self._prompt = ThreadPoolExecutor(threads, "prompt")

    def close(self) -> None:
        """Let the threads go; work not begun is dropped."""
        for pool in (self._bulk, self._prompt):
            pool.shutdown(wait=False, cancel_futures=True)

    async def segment(self, request: Request, cancelled: Callable[[], bool] = lambda: False) -> list[Found]:
        """The masks asked for. InvalidArgument, FeaturesMissing, Cancelled, or what `encode` and `decode`
        raise.
        """
        if not 1 <= len(request.image_hash) <= LONGEST_HASH:
            raise InvalidArgument(f"image_hash: 1 to {LONGEST_HASH} bytes")
        if request.parameters.mode == "prompt":
            return await self._answer_prompts(request)
        if not (request.point_coords is None and request.point_labels is None and request.boxes is None):
            raise InvalidArgument(
                f"point_coords, boxes: prompts mean nothing in mode {request.parameters.mode}"
            )
        return await self._generate(request, cancelled)

    async def _features(self, request: Request) -> Features:
        pixels = request.pixels
        features = await self.cache.get(
            request.image_hash, None if pixels is None else lambda: self._encode(pixels)
        )
        if features is None:
            raise FeaturesMissing("the picture's features are not kept; send its pixels again")
        return features

    async def _answer_prompts(self, request: Request) -> list[Found]:
        parameters = request.parameters
        prompts = read_prompts(
            request.point_coords,
            request.point_labels,
            request.boxes,
            request.size,
            self._square,
            parameters.combine,
        )
        features = await self._features(request)
        found: list[Found] = []
        for batch in batch_prompts(prompts, parameters.points_per_batch):
            logits, scores = await self._decode_batch(features, batch, parameters)
            found += await self._run(self._prompt, _describe_batch, logits, scores, batch, request)
        return sorted(found, key=lambda one: one.prompt_index)

    async def _generate(self, request: Request, cancelled: Callable[[], bool]) -> list[Found]:
        parameters = request.parameters
        # The turn is taken outside the cache: one who waits for it holds up nobody who asks for the same
        # picture.
        async with self._encode_turn:
            _stop_if(cancelled)
            features = await self._features(request)
        prompts: list[Prompt] = grid_prompts(build_point_grid(parameters.points_per_side), self._square)
        candidates = Candidates(parameters)
        adding: Awaitable[None] | None = None
        for batch in batch_prompts(prompts, parameters.points_per_batch):
            async with self._decode_turn:
                _stop_if(cancelled)
                logits, scores = await self._decode_batch(features, batch, parameters)
            if adding is not None:
                await adding  # the last batch was filtered while this one was decoded
            adding = self._run(self._bulk, candidates.add, logits, scores, int(batch.numbers[0]))
        if adding is not None:
            await adding
        chosen = select(candidates, request.size)
        found: list[Found] = []
        while (one := await self._run(self._bulk, next, chosen, None)) is not None:
            _stop_if(cancelled)
            found.append(one)
        return found

    async def _decode_batch(
        self, features: Features, batch: Batch, parameters: Parameters
    ) -> tuple[Logits, Scores]:
        logits, scores = await self._decode(features, batch.coords, batch.labels)
        if parameters.multimask_output:
            return logits[:, 1:], scores[:, 1:]
        return single_mask(logits, scores)

    def _run(self, pool: ThreadPoolExecutor, function: Callable[..., Any], *arguments: Any) -> Awaitable[Any]:
        return asyncio.get_running_loop().run_in_executor(pool, function, *arguments)


def single_mask(logits: Logits, scores: Scores) -> tuple[Logits, Scores]:
    """`(N, 1, h, w)` and `(N, 1)`: the single mask, or the best of the three where that one is unstable.

    MaskDecoder._dynamic_multimask_via_stability of SAM 2, an empty mask counting as stable.
    """
    single = logits[:, 0]
    intersection = np.count_nonzero(single > STABILITY_DELTA, axis=(1, 2))
    union = np.count_nonzero(single > -STABILITY_DELTA, axis=(1, 2))
    stable = (union == 0) | (intersection >= STABILITY_THRESH * union)
    chosen = np.where(stable, 0, 1 + np.argmax(scores[:, 1:], axis=1))
    rows = np.arange(chosen.size)
    return logits[rows, chosen][:, None], scores[rows, chosen][:, None]


def _describe_batch(logits: Logits, scores: Scores, batch: Batch, request: Request) -> list[Found]:
    parameters = request.parameters
    threshold, offset = parameters.mask_threshold, parameters.stability_score_offset
    found: list[Found] = []
    for prompt, number in enumerate(batch.numbers):
        for mask_logits, score in zip(logits[prompt], scores[prompt], strict=True):
            if parameters.pred_iou_thresh > 0 and not score > parameters.pred_iou_thresh:
                continue
            mask = enlarge(cut(mask_logits, threshold - offset), request.size, threshold, offset)
            if (
                parameters.stability_score_thresh > 0
                and not mask.stability >= parameters.stability_score_thresh
            ):
                continue
            if parameters.min_mask_region_area > 0 and mask.crop.any():
                mask = mask.without_small_regions(parameters.min_mask_region_area, request.size)
            found.append(describe(int(number), float(score), mask, request.size))
    return found


def _stop_if(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled("the caller went away")
