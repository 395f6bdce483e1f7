"""Triton's face of the segmenter: tensors in and out, and calls of the pack's encoder and decoder (BLS)."""

import asyncio
import json
import os
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import triton_python_backend_utils as pb_utils

from .amg import Found
from .features import Features
from .masks import Logits
from .parameters import InvalidArgument, parse_parameters
from .prompts import Floats, Ints, read_size
from .segmenter import Cancelled, FeaturesMissing, Pixels, Request, Scores, Segmenter

FEATURE_NAMES = ("image_embed", "high_res_0", "high_res_1")
CODES: dict[type[Exception], str] = {
    InvalidArgument: "INVALID_ARGUMENT",
    FeaturesMissing: "FEATURES_MISSING",
    Cancelled: "CANCELLED",
}


class ModelUnavailable(Exception):
    """The encoder or decoder answered with an error."""


class TritonPythonModel:
    """`<pack>_segment`; its tensors, parameters and errors are described in README.md beside the sources."""

    def initialize(self, args: dict[str, str]) -> None:
        """Read the model's own configuration."""
        parameters = {
            name: entry["string_value"]
            for name, entry in json.loads(args["model_config"])["parameters"].items()
        }
        self._encoder, self._decoder = (
            parameters["encoder_model"],
            parameters["decoder_model"],
        )
        self._square = int(parameters["image_size"])
        self._segmenter = Segmenter(
            self._encode,
            self._decode,
            square=self._square,
            cache_bytes=int(parameters["cache_bytes"]),
            threads=max(1, (os.cpu_count() or 2) // 2),
        )
        # Triton's async_exec holds a thread of the loop's default pool for as long as the other model works;
        # that pool is small on a small machine, and clicks must not wait for a thread.
        self._calls = ThreadPoolExecutor(64, "bls")
        self._loop: asyncio.AbstractEventLoop | None = None

    async def execute(self, requests: list[Any]) -> None:
        """Answer every request through its sender. Decoupled: Triton hands over the next while these wait."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            loop.set_default_executor(self._calls)
            self._loop = loop
        await asyncio.gather(*(self._serve(request) for request in requests))

    def finalize(self) -> None:
        """Let the threads go."""
        self._segmenter.close()
        self._calls.shutdown(wait=False, cancel_futures=True)

    async def _serve(self, request: Any) -> None:
        sender = request.get_response_sender()
        try:
            found = await self._segmenter.segment(_read(request), sender.is_cancelled)
            response = pb_utils.InferenceResponse(output_tensors=_tensors(found))
        except tuple(CODES) as error:
            response = _failure(CODES[type(error)], str(error))
        except ModelUnavailable as error:
            pb_utils.Logger.log_error(str(error))
            response = _failure("UNAVAILABLE", "the pack's encoder or decoder did not answer")
        except Exception:  # a request without an answer would hang its caller for ever
            pb_utils.Logger.log_error(traceback.format_exc())
            response = _failure("INTERNAL", "a fault of the segment model")
        sender.send(response, flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)

    async def _encode(self, pixels: Pixels) -> Features:
        return Features(await _call(self._encoder, {"pixels": pixels[None]}, FEATURE_NAMES))

    async def _decode(self, features: Features, coords: Floats, labels: Ints) -> tuple[Logits, Scores]:
        side = self._square // 4
        inputs: dict[str, npt.NDArray[Any]] = {
            **features.tensors,
            "point_coords": coords,
            "point_labels": labels,
            "mask_input": np.zeros((1, 1, side, side), np.float32),
            "has_mask_input": np.zeros(1, np.float32),
        }
        answer = await _call(self._decoder, inputs, ("low_res_masks", "iou_scores"))
        return answer["low_res_masks"], answer["iou_scores"]


async def _call(
    model: str, inputs: dict[str, npt.NDArray[Any]], outputs: tuple[str, ...]
) -> dict[str, npt.NDArray[Any]]:
    request = pb_utils.InferenceRequest(
        model_name=model,
        requested_output_names=list(outputs),
        inputs=[pb_utils.Tensor(name, np.ascontiguousarray(array)) for name, array in inputs.items()],
        preferred_memory=pb_utils.PreferredMemory(pb_utils.TRITONSERVER_MEMORY_CPU, 0),
    )
    try:
        response = await request.async_exec()
    except pb_utils.TritonModelException as error:
        raise ModelUnavailable(f"{model}: {error}") from error
    if response.has_error():
        raise ModelUnavailable(f"{model}: {response.error().message()}")
    # Copies: the answer's shared memory goes with it.
    return {name: np.array(pb_utils.get_output_tensor_by_name(response, name).as_numpy()) for name in outputs}


def _read(request: Any) -> Request:
    def tensor(name: str) -> npt.NDArray[Any] | None:
        found = pb_utils.get_input_tensor_by_name(request, name)
        return None if found is None else found.as_numpy()

    size, image_hash, parameters = (
        tensor("image_size"),
        tensor("image_hash"),
        tensor("parameters"),
    )
    if size is None or image_hash is None or parameters is None:
        raise InvalidArgument("image_size, image_hash, parameters: all three are required")
    return Request(
        image_hash=bytes(image_hash[0]),
        size=read_size(size),
        parameters=parse_parameters(bytes(parameters[0])),
        pixels=tensor("pixels"),
        point_coords=tensor("point_coords"),
        point_labels=tensor("point_labels"),
        boxes=tensor("boxes"),
    )


def _tensors(found: list[Found]) -> list[Any]:
    def column(values: list[Any], dtype: Any) -> npt.NDArray[Any]:
        return np.array(values, dtype)

    columns = {
        "boxes": column([one.box for one in found], np.float32).reshape(-1, 4),
        "rle": column([one.rle for one in found], np.object_),
        "predicted_iou": column([one.predicted_iou for one in found], np.float32),
        "stability_score": column([one.stability_score for one in found], np.float32),
        "area": column([one.area for one in found], np.int64),
        "prompt_index": column([one.prompt_index for one in found], np.int32),
    }
    return [pb_utils.Tensor(name, array) for name, array in columns.items()]


def _failure(code: str, text: str) -> Any:
    return pb_utils.InferenceResponse(output_tensors=[], error=pb_utils.TritonError(f"{code}: {text}"))
