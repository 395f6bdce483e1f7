"""What the exported encoder and decoder are compared on, and how far each may be from torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from model_repository.export import sam2_masks
from model_repository.export.parity import Case, Figure, check_onnx_runtime, check_triton
from model_repository.export.sam2_config import FEATURES, MASKS, PROMPTS
from model_repository.export.sam2_graphs import Decoder, Encoder
from model_repository.export.sam2_masks import Prompted
from model_repository.export.staged_triton import staged_triton

Arrays = dict[str, npt.NDArray[Any]]
# float32 in another order of summing. A feature may besides round to the float16 next to torch's.
RELATIVE_LIMIT = 2e-4
# Of the predicted IoU, a number from 0 to 1.
SCORE_LIMIT = 1e-3


@dataclass(frozen=True, slots=True)
class Cases:
    """Inputs and torch's answers; `masks` are the published predictor's, `features` the encoder's for the
    first picture, float16, by name."""

    encoder: list[Case]
    decoder: list[Case]
    masks: list[Prompted]
    features: Arrays

    @classmethod
    def of(cls, encoder: Encoder, decoder: Decoder, square: int) -> Cases:
        """Two pictures, and prompts of several N, K and M on the first."""
        with torch.no_grad():
            pictures = [(name, pixels, encoder(pixels)) for name, pixels in _pictures(square)]
            encoded = [
                Case(name, {"pixels": pixels.numpy()}, _named(FEATURES, features))
                for name, pixels, features in pictures
            ]
            _, pixels, features = pictures[0]
            decoded = []
            for name, prompts in _prompts(square):
                inputs = _named((*FEATURES, *PROMPTS), (*features, *prompts))
                decoded.append(Case(name, inputs, _named(MASKS, decoder(*features, *prompts))))
        masks = sam2_masks.predict(encoder.model, pixels[0].numpy())
        return cls(encoded, decoded, masks, _named(FEATURES, features))

    @property
    def encoder_limit(self) -> float:
        """A few float16 steps at the largest feature."""
        largest = max(np.abs(array).max() for case in self.encoder for array in case.expected.values())
        return float(np.spacing(np.float16(largest))) * 4

    @property
    def decoder_limit(self) -> float:
        """In logits, relative to the largest."""
        largest = max(float(np.abs(case.expected["low_res_masks"]).max()) for case in self.decoder)
        return RELATIVE_LIMIT * max(1.0, largest)


def check_staged(tree: Path, pack: str, cases: Cases, triton: str | None) -> list[Figure]:
    """Every case on ONNX Runtime and, where they pass and a Triton runs, there: on the one at `triton`
    (`host:port` of its gRPC), or on a new one."""
    encoder, decoder, segment = (f"{pack}_{part}" for part in ("sam_encoder", "sam_decoder", "segment"))
    graphs = (
        (encoder, cases.encoder, cases.encoder_limit),
        (decoder, cases.decoder, cases.decoder_limit),
    )
    figures = []
    for name, chosen, limit in graphs:
        figures += check_onnx_runtime(name, tree / name / "1" / "model.onnx", chosen, limit)
    figures += sam2_masks.check_onnx_runtime(segment, tree, pack, cases.masks)
    figures = _with_score_limit(figures)
    if not all(figure.passes for figure in figures):
        return figures
    with staged_triton(tree, triton) as served:
        if served is not None:
            for name, chosen, limit in graphs:
                there = check_triton(name, served.address, chosen, limit, served.name(name))
                figures += _with_score_limit(there)
            figures += sam2_masks.check_triton(segment, served.address, served.name(segment), cases.masks)
    return figures


def _with_score_limit(figures: list[Figure]) -> list[Figure]:
    return [
        replace(figure, limit=SCORE_LIMIT) if figure.output == "iou_scores" else figure for figure in figures
    ]


def _named(names: tuple[str, ...], tensors: tuple[Tensor, ...]) -> Arrays:
    return {name: tensor.numpy() for name, tensor in zip(names, tensors, strict=True)}


def _pictures(square: int) -> Iterator[tuple[str, Tensor]]:
    y, x = np.mgrid[:square, :square] / square
    disc = np.hypot(x - 0.4, y - 0.5) < 0.25
    drawn = np.stack([220 * disc + 20, 200 * x, 150 * y + 60 * disc], axis=-1).astype(np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, drawn.shape, np.uint8)
    yield "a disc", torch.from_numpy(drawn[None])
    yield "noise", torch.from_numpy(noise[None])


def _prompts(square: int) -> Iterator[tuple[str, tuple[Tensor, Tensor, Tensor, Tensor]]]:
    random = torch.Generator().manual_seed(0)
    side = square // 4

    def prompts(count: int, labels: list[int], masks: int | None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        coords = torch.rand(count, len(labels), 2, generator=random).sort(dim=1).values * square
        previous = torch.randn(masks or 1, 1, side, side, generator=random) * 5
        flag = torch.full((masks or 1,), 0.0 if masks is None else 1.0)
        return coords, torch.tensor([labels] * count, dtype=torch.int32), previous, flag

    yield "a point", prompts(1, [1], None)
    yield "16 points", prompts(16, [1], None)
    yield "3 boxes", prompts(3, [2, 3], None)
    yield "2 boxes with points, masks", prompts(2, [2, 3, 1, 0], 2)
    yield "2 padded points, one mask", prompts(2, [1, 0, -1], 1)
