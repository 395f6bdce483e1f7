"""What two towers must answer: the publisher's own model on normalised pictures and on whole texts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from model_repository.export import staged_parity
from model_repository.export.checkpoint import Checkpoint
from model_repository.export.contrastive_graphs import OUTPUT
from model_repository.export.parity import Case, Figure
from model_repository.export.precision import Precision
from model_repository.export.raw_pixels import normalised, sample_pictures

LIMIT = 1e-4  # of L2-normalised embeddings; a sound export stays near 1e-6


@dataclass(frozen=True, slots=True)
class Cases:
    """`texts` are padded to the context length, as clients send them; `trimmed` are those without padding,
    and none where a tower sees padding."""

    images: list[Case]
    texts: list[Case]
    trimmed: list[Case]

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> Cases:
        """Seeded noise, blocks of colour and random texts of several lengths, with torch's own answers."""
        rng = np.random.default_rng(0)
        side = checkpoint.preprocessing.image_size
        images = [
            Case(name, {"pixels": pixels}, {OUTPUT: _embed_pixels(checkpoint, pixels)})
            for name, pixels in sample_pictures(rng, side).items()
        ]
        texts, trimmed = [], []
        for count, length in ((1, 3), (3, min(8, checkpoint.context_length)), (2, checkpoint.context_length)):
            whole = _texts(checkpoint, rng, count, length)
            expected = {OUTPUT: _embed_texts(checkpoint, whole)}
            texts.append(Case(f"{count} of length {length}", {"token_ids": whole}, expected))
            short = np.ascontiguousarray(whole[:, :length])
            if checkpoint.trims:
                trimmed.append(Case(f"{count} × {length} tokens", {"token_ids": short}, expected))
        return cls(images, texts, trimmed)


def check_staged(
    tree: Path, pack: str, cases: Cases, triton: str | None, precision: Precision
) -> list[Figure]:
    """Every case on ONNX Runtime, and on a Triton where one runs: the one at `triton`, or a new one."""
    image, tower, text = (f"{pack}_{part}" for part in ("image", "text_tower", "text"))
    graphs = {image: cases.images, tower: cases.texts + cases.trimmed}
    served = {image: cases.images, tower: cases.trimmed or cases.texts, text: cases.texts}
    limit, distance = precision.limit(LIMIT)
    return staged_parity.check_staged(tree, graphs, served, limit, triton, distance)


def _texts(checkpoint: Checkpoint, rng: np.random.Generator, count: int, length: int) -> np.ndarray:
    """int64 (count, context length): each at most `length` tokens long, the first of just that length."""
    ids = np.full((count, checkpoint.context_length), checkpoint.pad_token_id, np.int64)
    for row in range(count):
        end = max(1, length - 1 - row)
        words = rng.integers(0, checkpoint.vocabulary_size, end)
        ids[row, :end] = np.where(words == checkpoint.end_token_id, 0, words)
        ids[row, end] = checkpoint.end_token_id
    return ids


@torch.inference_mode()
def _embed_pixels(checkpoint: Checkpoint, pixels: np.ndarray) -> np.ndarray:
    published = normalised(pixels, checkpoint.preprocessing)
    features = checkpoint.model.get_image_features(pixel_values=published).pooler_output
    return np.asarray(functional.normalize(features, dim=-1))


@torch.inference_mode()
def _embed_texts(checkpoint: Checkpoint, token_ids: np.ndarray) -> np.ndarray:
    features = checkpoint.model.get_text_features(input_ids=torch.from_numpy(token_ids)).pooler_output
    return np.asarray(functional.normalize(features, dim=-1))
