"""Asks a model on a running Triton, over gRPC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from queue import SimpleQueue
from typing import Any

import numpy as np
import numpy.typing as npt

Arrays = Mapping[str, npt.NDArray[Any]]
_SECONDS = 600  # a large model on a slow machine


def ask_triton(
    address: str, model: str, inputs: Arrays, outputs: Sequence[str], *, decoupled: bool = False
) -> Arrays:
    """What the model, ready on the Triton whose gRPC is at `address` (`host:port`), answers; a `decoupled`
    one answers once. Raises `InferenceServerException`."""
    import tritonclient.grpc as triton
    from tritonclient.utils import np_to_triton_dtype

    given = []
    for name, array in inputs.items():
        tensor = triton.InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
        tensor.set_data_from_numpy(np.ascontiguousarray(array))
        given.append(tensor)
    wanted = [triton.InferRequestedOutput(name) for name in outputs]
    with triton.InferenceServerClient(address) as client:
        if decoupled:
            answers: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()
            client.start_stream(lambda result, error: answers.put((result, error)), stream_timeout=_SECONDS)
            client.async_stream_infer(model, given, outputs=wanted)
            result, error = answers.get()
            if error is not None:
                raise error
        else:
            result = client.infer(model, given, outputs=wanted, client_timeout=_SECONDS)
        return {name: result.as_numpy(name) for name in outputs}
