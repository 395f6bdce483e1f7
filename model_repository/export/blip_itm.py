"""BLIP checkpoint for image-text matching to `<pack>_itm`.

python -m model_repository.export.blip_itm --checkpoint DIR_OR_HUB_ID --pack blip-itm
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

from model_repository.export.blip_checkpoint import BlipCheckpoint, load_matcher
from model_repository.export.blip_graphs import Matcher, export_matcher
from model_repository.export.command import run
from model_repository.export.config import ModelConfig, Tensor, Warmup
from model_repository.export.install import staging, undescribed
from model_repository.export.parity import Case, gate
from model_repository.export.precision import MATCH, Precision, chosen, convert
from model_repository.export.raw_pixels import normalised, sample_pictures
from model_repository.export.staged_parity import check_staged

MAX_BATCH_SIZE = 32
CONTEXT_LENGTH = 35  # what BLIP was fine-tuned with; the graph takes longer texts too
LIMIT = 1e-3  # of logits


def matcher_config(name: str, image_size: int, precision: Precision = Precision.FP32) -> ModelConfig:
    """The matcher's contract. One request holds all candidates of a query, so none waits for another."""
    return ModelConfig(
        name=name,
        backend="onnxruntime",
        inputs=[Tensor("pixels", "UINT8", (image_size, image_size, 3)), Tensor("input_ids", "INT64", (-1,))],
        outputs=[Tensor("itm_logits", "FP32", (2,))],
        max_batch_size=MAX_BATCH_SIZE,
        instance_kind=precision.instance_kind,
        warmup=[Warmup(dims={"input_ids": (8,)})],
    )


def export_pack(
    checkpoint: BlipCheckpoint,
    *,
    pack: str,
    models: Path,
    packs: Path,
    source: str,
    triton: str | None = None,
    precision: Precision | None = None,
) -> str:
    """Exports, converts, compares, installs; the pack's revision. The precision is by default the installed
    pack's. Raises as `command.ExportPack` does."""
    precision = chosen(precision, packs / f"{pack}.toml", "matcher")
    limit, distance = precision.limit(LIMIT, MATCH)
    how, name = checkpoint.preprocessing, f"{pack}_itm"
    longest = checkpoint.model.config.text_config.max_position_embeddings
    context_length = min(CONTEXT_LENGTH, longest)
    with staging(pack, models, packs) as staged:
        version = staged.add_model(matcher_config(name, how.image_size, precision))
        export_matcher(Matcher(checkpoint), how.image_size, longest, version / "model.onnx")
        convert(version / "model.onnx", precision)
        compared = {name: list(cases(checkpoint, context_length))}
        gate(check_staged(staged.tree, compared, compared, limit, triton, distance))
        tokenizer = f"{pack}/tokenizer.json"
        staged.add_pack_file(tokenizer, checkpoint.tokenizer.to_str(pretty=False).encode())
        described = {
            "model": name,
            "image_size": how.image_size,
            "resize": how.resize,
            "resample": how.resample,
            "tokenizer": tokenizer,
            "context_length": context_length,
            "pad_token_id": checkpoint.pad_token_id,
            "precision": precision.value,
        }
        return staged.install("matcher", described, undescribed(pack, source, checkpoint.revision))


def cases(checkpoint: BlipCheckpoint, context_length: int) -> list[Case]:
    """Seeded pictures with random texts of several lengths, padded and not, and the logits of the publisher's
    own model."""
    rng = np.random.default_rng(0)
    tokens = np.array(sorted({*checkpoint.tokenizer.get_vocab().values()} - {checkpoint.pad_token_id}))
    found = []
    lengths = (context_length, 3, min(8, context_length))
    for length, (name, pixels) in zip(
        lengths, sample_pictures(rng, checkpoint.preprocessing.image_size).items(), strict=True
    ):
        texts = rng.choice(tokens, (len(pixels), length))
        for row in range(1, len(texts)):  # each shorter by one
            texts[row, -row:] = checkpoint.pad_token_id
        inputs = {"pixels": pixels, "input_ids": texts}
        found.append(Case(f"{name} × {length} tokens", inputs, {"itm_logits": _match(checkpoint, **inputs)}))
    return found


@torch.inference_mode()
def _match(checkpoint: BlipCheckpoint, pixels: np.ndarray, input_ids: np.ndarray) -> np.ndarray:
    answer = checkpoint.model(
        pixel_values=normalised(pixels, checkpoint.preprocessing),
        input_ids=torch.from_numpy(input_ids),
        attention_mask=torch.from_numpy((input_ids != checkpoint.pad_token_id).astype(np.int64)),
    )
    return np.asarray(answer.itm_score)


def main(arguments: list[str] | None = None) -> int:
    """The command line; 1 with one line on stderr where nothing could be installed."""
    return run(
        load_matcher,
        export_pack,
        program="model_repository.export.blip_itm",
        description=__doc__,
        layouts="transformers'",
        arguments=arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
