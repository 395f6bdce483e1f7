"""What two towers must answer: the publisher's own model on normalised pictures and on whole texts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from model_repository.export.checkpoint import Checkpoint
from model_repository.export.contrastive_graphs import OUTPUT
from model_repository.export.parity import Case, Figure, check_onnx_runtime, check_triton
from model_repository.export.staged_triton import staged_triton

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
        noise = rng.integers(0, 256, (3, side, side, 3), dtype=np.uint8)
        blocks = rng.integers(0, 256, (1, 4, 4, 3), dtype=np.uint8)
        blocks = blocks.repeat(-(-side // 4), axis=1).repeat(-(-side // 4), axis=2)[:, :side, :side]
        extremes = np.stack([np.zeros_like(noise[0]), np.full_like(noise[0], 255)])
        pictures = {"noise": noise, "one picture": np.ascontiguousarray(blocks), "black and white": extremes}
        images = [
            Case(name, {"pixels": pixels}, {OUTPUT: _embed_pixels(checkpoint, pixels)})
            for name, pixels in pictures.items()
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


def check_staged(tree: Path, pack: str, cases: Cases, triton: str | None) -> list[Figure]:
    """Every case on ONNX Runtime, and on a Triton where one runs: the one at `triton`, or a new one."""
    image, tower, text = (f"{pack}_{part}" for part in ("image", "text_tower", "text"))
    figures = []
    for model, chosen in ((image, cases.images), (tower, cases.texts + cases.trimmed)):
        figures += check_onnx_runtime(model, tree / model / "1" / "model.onnx", chosen, LIMIT)
    if not all(figure.passes for figure in figures):
        return figures
    with staged_triton(tree, triton) as served:
        if served is not None:
            for model, chosen in (
                (image, cases.images),
                (tower, cases.trimmed or cases.texts),
                (text, cases.texts),
            ):
                figures += check_triton(model, served.address, chosen, LIMIT, served.name(model))
    return figures


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
    how = checkpoint.preprocessing
    scaled = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() * how.scale
    normalised = (scaled - torch.tensor(how.mean).view(3, 1, 1)) / torch.tensor(how.std).view(3, 1, 1)
    features = checkpoint.model.get_image_features(pixel_values=normalised).pooler_output
    return np.asarray(functional.normalize(features, dim=-1))


@torch.inference_mode()
def _embed_texts(checkpoint: Checkpoint, token_ids: np.ndarray) -> np.ndarray:
    features = checkpoint.model.get_text_features(input_ids=torch.from_numpy(token_ids)).pooler_output
    return np.asarray(functional.normalize(features, dim=-1))
