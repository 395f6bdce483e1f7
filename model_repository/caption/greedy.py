"""Greedy decoding: at every step the likeliest token, until all captions have ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Tokens = npt.NDArray[np.int64]
Logits = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Caption:
    """How a caption begins, what ends it, what fills it up after its end, and the most tokens that it has."""

    start_token_id: int
    end_token_id: int
    pad_token_id: int
    max_tokens: int


def decode(step: Callable[[Tokens], Logits], captions: int, how: Caption) -> Tokens:
    """Token ids (captions, T), without the start and with the end; T is the longest's length.

    `step` is given the latest tokens (captions, 1), all captions' at every step, and answers the logits
    (captions, vocabulary) of the next; what it was given before is its own to remember.
    """
    tokens = np.full((captions, how.max_tokens), how.pad_token_id, np.int64)
    latest = np.full((captions, 1), how.start_token_id, np.int64)
    ended = np.zeros(captions, bool)
    for position in range(how.max_tokens):
        chosen = step(latest).argmax(axis=1)
        tokens[:, position] = latest[:, 0] = np.where(ended, how.pad_token_id, chosen)
        ended |= chosen == how.end_token_id
        if ended.all():
            return tokens[:, : position + 1]
    return tokens
