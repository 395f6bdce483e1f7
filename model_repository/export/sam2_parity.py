"""What the exported encoder and decoder are compared on, and how far each may be from torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from torch import Tensor

from model_repository.export.parity import Case, Figure, check_onnx_runtime, check_triton
from model_repository.export.sam2_graphs import FEATURES, MASKS, PROMPTS, Decoder, Encoder

Arrays = dict[str, npt.NDArray[Any]]
# float32 in another order of summing. A feature may besides round to the float16 next to torch's.
RELATIVE_LIMIT = 2e-4
# Of the predicted IoU, a number from 0 to 1.
SCORE_LIMIT = 1e-3
# Pixels whose side of the threshold may differ when ONNX Runtime encodes and decodes.
MASK_LIMIT = 2e-3


@dataclass(frozen=True, slots=True)
class Cases:
    """Inputs and torch's answers; `features` are torch's for the first picture, float16, by name."""

    encoder: list[Case]
    decoder: list[Case]
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
            features = pictures[0][2]
            decoded = []
            for name, prompts in _prompts(square):
                inputs = _named((*FEATURES, *PROMPTS), (*features, *prompts))
                decoded.append(Case(name, inputs, _named(MASKS, decoder(*features, *prompts))))
        return cls(encoded, decoded, _named(FEATURES, features))

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


def check_staged(tree: Path, encoder: str, decoder: str, cases: Cases, triton: str | None) -> list[Figure]:
    """Every case on ONNX Runtime, on both models in a row, and on the Triton at `triton` if one is given."""
    paths = [tree / name / "1" / "model.onnx" for name in (encoder, decoder)]
    limits = (cases.encoder_limit, cases.decoder_limit)
    figures = []
    for name, path, chosen, limit in zip(
        (encoder, decoder), paths, (cases.encoder, cases.decoder), limits, strict=True
    ):
        figures += check_onnx_runtime(name, path, chosen, limit)
        if triton is not None:
            figures += check_triton(name, triton, chosen, limit)
    figures = [
        replace(figure, limit=SCORE_LIMIT) if figure.output == "iou_scores" else figure for figure in figures
    ]
    return [*figures, _check_both(paths[0], paths[1], decoder, cases)]


def _check_both(encoder: Path, decoder: Path, name: str, cases: Cases) -> Figure:
    """The share of mask pixels that differ when the encoder's own features are decoded."""
    first, second = (
        onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]) for path in (encoder, decoder)
    )
    features = dict(zip(FEATURES, first.run(list(FEATURES), cases.encoder[0].inputs), strict=True))
    shares = []
    for case in cases.decoder:
        masks = second.run(["low_res_masks"], {**case.inputs, **features})[0]
        shares.append(float(np.mean((masks > 0) != (case.expected["low_res_masks"] > 0))))
    return Figure(
        model=name,
        runtime="ONNX Runtime",
        case="after the encoder",
        output="mask pixels that differ",
        largest_difference=max(shares),
        limit=MASK_LIMIT,
    )


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
