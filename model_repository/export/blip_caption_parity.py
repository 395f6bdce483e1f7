"""What a captioner must answer: the tokens that the publisher's own `generate` chooses, and their text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch

from model_repository.caption.greedy import Caption, Logits, Tokens, decode
from model_repository.export.ask_triton import ask_triton
from model_repository.export.blip_checkpoint import BlipCheckpoint
from model_repository.export.blip_graphs import CROSS, PAST, PRESENT
from model_repository.export.parity import Case, Figure, compare
from model_repository.export.precision import ALLOWED, TOKENS, Precision
from model_repository.export.raw_pixels import Pictures, normalised, sample_pictures
from model_repository.export.staged_triton import staged_triton

LIMIT = 1e-3  # of logits
MARGIN = 1e-3  # of logits: where torch's two likeliest tokens lie closer, either may be chosen


@dataclass(frozen=True, slots=True)
class Captioned:
    """Pictures, torch's tokens for them (N, T), and the logits (N, T, vocabulary) that it chose them from."""

    name: str
    pixels: Pictures
    tokens: Tokens
    logits: Logits

    @property
    def certain(self) -> Any:
        """Where torch's likeliest token leads by more than the margin: bool (N, T)."""
        best = np.partition(self.logits, -2, axis=-1)
        return best[..., -1] - best[..., -2] > MARGIN

    def differing(self, tokens: Tokens, how: Caption) -> int:
        """How many captions take another token where torch is certain. What follows where it was not, and
        another was taken, is another caption and not compared."""
        expected, actual = (_filled(each, how) for each in (self.tokens, tokens))
        if expected.shape != actual.shape:
            return len(expected)
        certain = np.ones_like(expected, bool)
        certain[:, : self.tokens.shape[1]] = self.certain
        differs = expected != actual
        first = differs.argmax(axis=1)
        rows = np.flatnonzero(differs.any(axis=1))
        return int(certain[rows, first[rows]].sum())


def captioned(checkpoint: BlipCheckpoint, how: Caption) -> list[Captioned]:
    """Seeded pictures and what torch says of them."""
    pictures = sample_pictures(np.random.default_rng(0), checkpoint.preprocessing.image_size)
    return [_generate(checkpoint, name, pixels, how) for name, pixels in pictures.items()]


def check_staged(
    tree: Path,
    model: str,
    checkpoint: BlipCheckpoint,
    how: Caption,
    triton: str | None,
    precision: Precision = Precision.FP32,
) -> list[Figure]:
    """The graphs on ONNX Runtime: their logits after torch's own tokens, and the tokens that greedy decoding
    over them takes. Where these pass and a Triton runs, `model` there: its tokens, and its captions.

    Of converted graphs, how many of the likeliest tokens after torch's own are others, and how many of
    Triton's are others than greedy decoding over the same graphs takes here.
    """
    cases = captioned(checkpoint, how)
    exact = precision is Precision.FP32
    figures: list[Figure] = []
    graphs = Graphs.load(tree, model)
    decoded = [decode(graphs.steps(case.pixels), len(case.pixels), how) for case in cases]
    logits = [_logits_on_onnx_runtime(graphs, case, how) for case in cases]
    if exact:
        for case, found, tokens in zip(cases, logits, decoded, strict=True):
            figures += _logits_figures(f"{model}_decoder", case, found)
            figures.append(_tokens_figure(model, "ONNX Runtime", case, tokens, how))
    else:
        expected = [case.logits.argmax(axis=-1) for case in cases]
        likeliest = [each.argmax(axis=-1) for each in logits]
        figures.append(_share_figure(model, "ONNX Runtime", expected, likeliest, precision))
    if not all(figure.passes for figure in figures):
        return figures
    del graphs
    with staged_triton(tree, triton) as served:
        if served is not None:
            outputs = ("token_ids", "caption")
            said = []
            for case in cases:
                answer = ask_triton(served.address, served.name(model), {"pixels": case.pixels}, outputs)
                said.append(answer["token_ids"])
                if exact:
                    figures.append(_tokens_figure(model, "Triton", case, answer["token_ids"], how))
                figures.append(_captions_figure(model, case, answer, checkpoint))
            if not exact:
                here, there = ([_filled(each, how) for each in tokens] for tokens in (decoded, said))
                figures.append(_share_figure(model, "Triton", here, there, precision))
    return figures


class Graphs:
    """The exported encoder and decoder on ONNX Runtime."""

    def __init__(self, encoder: onnxruntime.InferenceSession, decoder: onnxruntime.InferenceSession) -> None:
        self.encoder, self.decoder = encoder, decoder

    @classmethod
    def load(cls, tree: Path, model: str) -> Graphs:
        """Those of the captioner `model`."""
        return cls(
            *(
                onnxruntime.InferenceSession(
                    tree / f"{model}_{part}" / "1" / "model.onnx", providers=["CPUExecutionProvider"]
                )
                for part in ("encoder", "decoder")
            )
        )

    def steps(self, pixels: Pictures) -> Any:
        """As `greedy.decode` asks for them, over these pictures."""
        cross = dict(zip(CROSS, self.encoder.run(CROSS, {"pixels": pixels}), strict=True))
        past = dict(zip(PAST, (each[:, :, :, :0] for each in cross.values()), strict=True))

        def step(latest: Tokens) -> Logits:
            inputs = {"input_ids": latest, **cross, **past}
            logits, *present = self.decoder.run(("logits", *PRESENT), inputs)
            past.update(zip(PAST, present, strict=True))
            answer: Logits = logits
            return answer

        return step


def _logits_on_onnx_runtime(graphs: Graphs, case: Captioned, how: Caption) -> Logits:
    step = graphs.steps(case.pixels)
    given = np.insert(case.tokens, 0, how.start_token_id, axis=1)[:, :-1]
    return np.stack([step(given[:, each : each + 1]) for each in range(given.shape[1])], axis=1)


def _logits_figures(model: str, case: Captioned, logits: Logits) -> Iterable[Figure]:
    expected = Case(case.name, {}, {"logits": case.logits})
    return compare(model, "ONNX Runtime", expected, {"logits": logits}, LIMIT)


def _share_figure(
    model: str, runtime: str, expected: Sequence[Tokens], tokens: Sequence[Tokens], precision: Precision
) -> Figure:
    """Over the pictures of all cases together: one token of a single caption would be a large share."""
    differs = [
        (ours != theirs).ravel() if ours.shape == theirs.shape else np.ones(theirs.size, bool)
        for ours, theirs in zip(tokens, expected, strict=True)
    ]
    shares = np.concatenate(differs)
    return Figure(
        model=model,
        runtime=runtime,
        case=f"{shares.size} tokens",
        output="token_ids",
        largest_difference=float(shares.mean()),
        limit=ALLOWED[precision][TOKENS],
        distance=TOKENS,
    )


def _tokens_figure(model: str, runtime: str, case: Captioned, tokens: Tokens, how: Caption) -> Figure:
    certain = f"{case.certain.sum()} of {case.certain.size} tokens certain"
    return Figure(
        model=model,
        runtime=runtime,
        case=f"{case.name}, {certain}",
        output="token_ids",
        largest_difference=case.differing(tokens, how),
        limit=0,
    )


def _captions_figure(model: str, case: Captioned, answer: Any, checkpoint: BlipCheckpoint) -> Figure:
    """How many of Triton's captions are not what the publisher's tokenizer makes of Triton's tokens."""
    texts = [checkpoint.tokenizer.decode(row) for row in answer["token_ids"].tolist()]
    captions = [each.decode() for each in answer["caption"].reshape(-1)]
    return Figure(
        model=model,
        runtime="Triton",
        case=case.name,
        output="caption",
        largest_difference=sum(a != b for a, b in zip(texts, captions, strict=True)),
        limit=0,
    )


@torch.inference_mode()
def _generate(checkpoint: BlipCheckpoint, name: str, pixels: Pictures, how: Caption) -> Captioned:
    answer = checkpoint.model.generate(
        pixel_values=normalised(pixels, checkpoint.preprocessing),
        do_sample=False,
        num_beams=1,
        max_new_tokens=how.max_tokens,
        return_dict_in_generate=True,
        output_logits=True,
    )
    tokens = np.asarray(answer.sequences[:, 1:])
    return Captioned(name, pixels, tokens, np.asarray(torch.stack(answer.logits, dim=1)))


def _filled(tokens: Tokens, how: Caption) -> Tokens:
    missing = max(0, how.max_tokens - tokens.shape[1])
    return np.pad(tokens, ((0, 0), (0, missing)), constant_values=how.pad_token_id)
