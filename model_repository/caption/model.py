"""`<pack>_caption`, a Triton Python model: encodes pictures once and writes their captions, token by token.

`pixels` UINT8 (N, S, S, 3) → `caption` BYTES (N, 1), UTF-8, and `token_ids` INT64 (N, T): the tokens that the
decoder chose, the end token with them, filled up with padding to the longest of the request.

Parameters: `encoder` and `decoder`, models' names; `start_token_id`, `end_token_id`, `pad_token_id`,
`max_tokens`; `layers`, `heads` and `head_size` of the decoder. `vocabulary.json` beside this file holds the
tokens by id, empty where one is not said. The official image has numpy and nothing else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils

from .greedy import Caption, Logits, Tokens, decode
from .wordpiece import detokenize

CROSS = ("cross_keys", "cross_values")
PAST = ("past_keys", "past_values")
PRESENT = ("present_keys", "present_values")


class TritonPythonModel:
    """See the module."""

    def initialize(self, args: dict[str, str]) -> None:
        """Reads the parameters and the vocabulary."""
        config = json.loads(args["model_config"])
        parameters = {key: value["string_value"] for key, value in config["parameters"].items()}
        self.encoder, self.decoder = parameters["encoder"], parameters["decoder"]
        self.how = Caption(
            start_token_id=int(parameters["start_token_id"]),
            end_token_id=int(parameters["end_token_id"]),
            pad_token_id=int(parameters["pad_token_id"]),
            max_tokens=int(parameters["max_tokens"]),
        )
        self.cache = tuple(int(parameters[name]) for name in ("layers", "heads", "head_size"))
        vocabulary = Path(args["model_repository"]) / args["model_version"] / "vocabulary.json"
        self.vocabulary = json.loads(vocabulary.read_text(encoding="utf-8"))

    def execute(self, requests: list[Any]) -> list[Any]:
        """The captions of all requests together, as one batch."""
        pixels = [pb_utils.get_input_tensor_by_name(request, "pixels").as_numpy() for request in requests]
        together = np.concatenate(pixels)
        try:
            token_ids = decode(Steps(self, together), len(together), self.how)
        except pb_utils.TritonModelException as error:
            failure = pb_utils.TritonError(str(error))
            return [pb_utils.InferenceResponse(error=failure) for _ in requests]
        bounds = np.cumsum([len(each) for each in pixels])[:-1]
        return [self._answer(part) for part in np.split(token_ids, bounds)]

    def _answer(self, token_ids: Tokens) -> Any:
        used = np.flatnonzero((token_ids != self.how.pad_token_id).any(axis=0))
        token_ids = np.ascontiguousarray(token_ids[:, : used.max(initial=-1) + 1])
        captions = [detokenize(row, self.vocabulary).encode() for row in token_ids]
        return pb_utils.InferenceResponse(
            output_tensors=[
                pb_utils.Tensor("caption", np.array(captions, np.object_).reshape(-1, 1)),
                pb_utils.Tensor("token_ids", token_ids),
            ]
        )


class Steps:
    """The decoder over a batch of pictures, with what it was given so far. Raises pb_utils'
    `TritonModelException` where a model fails."""

    def __init__(self, model: TritonPythonModel, pixels: Any) -> None:
        self.decoder = model.decoder
        # Handed from model to model as they are: some 40 MB a picture at BLIP's base size.
        self.cross = _call(model.encoder, [pb_utils.Tensor("pixels", pixels)], CROSS)
        layers, heads, size = model.cache
        empty = np.zeros((len(pixels), layers, heads, 0, size), np.float32)
        self.past = [pb_utils.Tensor(name, empty) for name in PAST]

    def __call__(self, latest: Tokens) -> Logits:
        """The logits (N, vocabulary) after the latest tokens (N, 1)."""
        inputs = [pb_utils.Tensor("input_ids", latest), *self.cross, *self.past]
        logits, *present = _call(self.decoder, inputs, ("logits", *PRESENT))
        # Copies: the answer's shared memory goes with it.
        self.past = [
            pb_utils.Tensor(name, np.array(tensor.as_numpy()))
            for name, tensor in zip(PAST, present, strict=True)
        ]
        return np.array(logits.as_numpy())


def _call(model: str, inputs: list[Any], outputs: tuple[str, ...]) -> list[Any]:
    response = pb_utils.InferenceRequest(
        model_name=model,
        requested_output_names=list(outputs),
        inputs=inputs,
        preferred_memory=pb_utils.PreferredMemory(pb_utils.TRITONSERVER_MEMORY_CPU, 0),
    ).exec()
    if response.has_error():
        raise pb_utils.TritonModelException(f"{model}: {response.error().message()}")
    return [pb_utils.get_output_tensor_by_name(response, name) for name in outputs]
