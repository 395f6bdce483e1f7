"""`<pack>_text`, a Triton Python model: trims a batch of texts to its longest and calls the text tower.

Clients pad every text to the same length, so that Triton's dynamic batcher, which merges equal shapes only,
can merge them; only here is the batch known, and with it how much of that padding is worth computing. A tower
that pools at the end token and attends causally (CLIP) answers the same without what follows that token.
The official image has numpy and nothing else.

Parameters: `tower`, the tower's model name; `trim`, `true` or `false`; `end_token_id`; `vocabulary_size`.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    """`token_ids` INT64 (N, L) → `embedding` FP32 (N, D), L2-normalised."""

    def initialize(self, args: dict[str, str]) -> None:
        """Reads the parameters."""
        config = json.loads(args["model_config"])
        parameters = {key: value["string_value"] for key, value in config["parameters"].items()}
        self.tower = parameters["tower"]
        self.trim = parameters["trim"] == "true"
        self.end_token_id = int(parameters["end_token_id"])
        self.vocabulary_size = int(parameters["vocabulary_size"])

    def execute(self, requests: list[Any]) -> list[Any]:
        """One call of the tower for all requests; one with a token id out of range fails alone."""
        answers: list[Any] = [None] * len(requests)
        good: list[int] = []
        texts: list[Any] = []
        for index, request in enumerate(requests):
            token_ids = pb_utils.get_input_tensor_by_name(request, "token_ids").as_numpy()
            if token_ids.size and (token_ids.min() < 0 or token_ids.max() >= self.vocabulary_size):
                message = f"token_ids must be from 0 to {self.vocabulary_size - 1}"
                error = pb_utils.TritonError(message, pb_utils.TritonError.INVALID_ARG)
                answers[index] = pb_utils.InferenceResponse(error=error)
            else:
                good.append(index)
                texts.append(token_ids)
        if good:
            for index, answer in zip(good, self._embed(texts), strict=True):
                answers[index] = answer
        return answers

    def _embed(self, texts: list[Any]) -> list[Any]:
        token_ids = np.concatenate(texts)
        if self.trim:
            token_ids = np.ascontiguousarray(token_ids[:, : longest(token_ids, self.end_token_id)])
        response = pb_utils.InferenceRequest(
            model_name=self.tower,
            requested_output_names=["embedding"],
            inputs=[pb_utils.Tensor("token_ids", token_ids)],
        ).exec()
        if response.has_error():
            return [pb_utils.InferenceResponse(error=response.error()) for _ in texts]
        embedding = pb_utils.get_output_tensor_by_name(response, "embedding").as_numpy()
        bounds = np.cumsum([len(text) for text in texts])[:-1]
        return [
            pb_utils.InferenceResponse(output_tensors=[pb_utils.Tensor("embedding", part)])
            for part in np.split(embedding, bounds)
        ]


def longest(token_ids: Any, end_token_id: int) -> int:
    """Columns needed so that every row keeps its first end token; all of them where a row has none."""
    ends = token_ids == end_token_id
    if not ends.size or not ends.any(axis=1).all():
        return int(token_ids.shape[1])
    return int(ends.argmax(axis=1).max()) + 1
