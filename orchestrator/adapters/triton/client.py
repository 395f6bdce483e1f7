"""One session with a Triton server: deadlines, one retry layer, and its errors in our terms."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, NoReturn

import grpc
import numpy as np
import tritonclient.grpc.aio as triton
from numpy.typing import NDArray
from tritonclient.grpc import InferInput, InferRequestedOutput
from tritonclient.grpc._utils import get_error_grpc
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from orchestrator.domain.errors import ResourceExhausted, SightlineError, Unavailable

MAX_MESSAGE_BYTES = 64 * 1024 * 1024
RETRY_PAUSES = (0.05, 0.2, 0.6)  # seconds; Triton gone for longer is told to the caller
RETRY_AFTER = 2.0
BULK_PRIORITY = 2
"""Of a model's two priorities the second: what callers wait for, at the first, does not queue behind bulk."""

_CHANNEL = [
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    # A Triton that came back is found again within a second.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
]

Tensors = Mapping[str, NDArray[Any]]


class ModelFault(SightlineError):
    """A model answered with an error of its own, or with tensors that it should not: ours to repair."""

    reason = "MODEL_FAULT"


class StreamedFault(Exception):
    """What a decoupled model said instead of an answer: `code` and `text` of its `CODE: text`."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code, self.text = code, text


class TritonSession:
    """A channel to one Triton, which connects by itself and again when it must.

    `timeout` in seconds bounds each call, retries included; a caller's own deadline cancels it earlier.
    """

    def __init__(self, address: str, *, timeout: float = 60.0) -> None:
        self._address = address
        self._timeout = timeout
        self._opened: triton.InferenceServerClient | None = None
        self._batch_sizes: dict[str, int] = {}

    @property
    def _client(self) -> triton.InferenceServerClient:
        if self._opened is None:  # a grpc.aio channel belongs to the event loop that runs when it is made
            self._opened = triton.InferenceServerClient(self._address, channel_args=_CHANNEL)
        return self._opened

    async def close(self) -> None:
        """Ends the session; calls under way fail."""
        if self._opened is not None:
            await self._opened.close()
            self._opened = None

    async def infer(
        self, model: str, inputs: Tensors, outputs: Sequence[str], *, priority: int = 0
    ) -> dict[str, NDArray[Any]]:
        """Runs a model that only computes, and so may be asked again while Triton is away.

        `priority` 1 goes first; 0 is the model's default, as is any that the model does not know.
        Raises Unavailable, ResourceExhausted when its queue is full, ModelFault.
        """
        request = [_tensor(name, array) for name, array in inputs.items()]
        wanted = [InferRequestedOutput(name) for name in outputs]
        deadline = time.monotonic() + self._timeout
        for pause in (*RETRY_PAUSES, None):
            left = max(0.001, deadline - time.monotonic())
            try:
                result = await self._client.infer(
                    model, request, outputs=wanted, priority=priority, client_timeout=left
                )
                return {name: _output(model, result, name) for name in outputs}
            except InferenceServerException as error:
                if pause is None or not _may_repeat(error) or time.monotonic() + pause >= deadline:
                    _translate(error, model)
                await asyncio.sleep(pause)
        raise AssertionError  # the last round returns or raises

    async def stream(
        self, model: str, inputs: Tensors, outputs: Sequence[str], timeout: float
    ) -> dict[str, NDArray[Any]]:
        """Runs a decoupled model that answers once. `timeout` in seconds.

        Raises StreamedFault where the model itself refuses, Unavailable, ModelFault.
        """
        message = {"model_name": model, "inputs": [_tensor(name, array) for name, array in inputs.items()]}

        async def requests() -> AsyncIterator[dict[str, Any]]:
            yield message

        answers = self._client.stream_infer(requests(), stream_timeout=timeout)
        try:
            async for result, error in answers:
                if error is not None:
                    raise _streamed(error.message(), model)
                return {name: _output(model, result, name) for name in outputs}
        except grpc.RpcError as error:
            _translate(get_error_grpc(error), model)
        except InferenceServerException as error:
            _translate(error, model)
        finally:
            answers.cancel()
        raise ModelFault(f"model {model} ended without an answer")

    async def max_batch_size(self, model: str) -> int:
        """The model's `max_batch_size`, 0 where it does not batch. Raises Unavailable."""
        if model not in self._batch_sizes:
            try:
                answer = await self._client.get_model_config(model, client_timeout=min(10.0, self._timeout))
            except InferenceServerException as error:
                _translate(error, model)
            self._batch_sizes[model] = int(answer.config.max_batch_size)
        return self._batch_sizes[model]

    async def request_size(self, model: str, most: int) -> int:
        """How many rows one request to a model may hold: `most`, its `max_batch_size`, at least 1. Raises
        Unavailable."""
        return max(1, min(most, await self.max_batch_size(model)))

    async def is_ready(self, model: str, timeout: float) -> bool:
        """Whether the model is served now; never raises."""
        try:
            return bool(await self._client.is_model_ready(model, client_timeout=timeout))
        except InferenceServerException:
            return False


def _tensor(name: str, array: NDArray[Any]) -> InferInput:
    tensor = InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
    tensor.set_data_from_numpy(np.ascontiguousarray(array))
    return tensor


def _output(model: str, result: Any, name: str) -> NDArray[Any]:
    array = result.as_numpy(name)
    if array is None:
        raise ModelFault(f"model {model} answered without {name}")
    return np.asarray(array)


def _code(error: InferenceServerException) -> str:
    return str(error.status() or "").removeprefix("StatusCode.")


def _queue_is_full(error: InferenceServerException) -> bool:
    return "maximum queue size" in (error.message() or "")


def _may_repeat(error: InferenceServerException) -> bool:
    return _code(error) == "UNAVAILABLE" and not _queue_is_full(error)


def _translate(error: InferenceServerException, model: str) -> NoReturn:
    metadata = {"model": model}
    if _queue_is_full(error) or _code(error) == "RESOURCE_EXHAUSTED":
        raise ResourceExhausted(
            f"too many requests wait for model {model}", metadata=metadata, retry_after=RETRY_AFTER
        ) from error
    # Unknown models are NOT_FOUND to Triton; CANCELLED is what a Triton that goes away makes of open calls.
    if _code(error) in ("UNAVAILABLE", "NOT_FOUND", "DEADLINE_EXCEEDED", "CANCELLED"):
        why = {"NOT_FOUND": "is not loaded", "DEADLINE_EXCEEDED": "did not answer in time"}
        raise Unavailable(
            f"Triton is unavailable: model {model} {why.get(_code(error), 'does not answer')}",
            metadata=metadata,
            retry_after=RETRY_AFTER,
        ) from error
    raise ModelFault(f"model {model} failed", metadata=metadata) from error


def _streamed(message: str, model: str) -> Exception:
    """A stream's errors bear no status; our models write `CODE: text` somewhere in the message."""
    codes = ("FEATURES_MISSING", "INVALID_ARGUMENT", "CANCELLED", "UNAVAILABLE", "INTERNAL")
    places = [(message.find(f"{code}: "), code) for code in codes if f"{code}: " in message]
    if places:
        place, code = min(places)
        return StreamedFault(code, message[place + len(code) + 2 :])
    if "not found" in message or "not ready" in message or "unavailable" in message.lower():
        return Unavailable(
            f"Triton is unavailable: model {model} is not loaded",
            metadata={"model": model},
            retry_after=RETRY_AFTER,
        )
    return ModelFault(f"model {model} failed", metadata={"model": model})
