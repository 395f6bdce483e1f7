"""A checkpoint of two towers to `<pack>_image`, `<pack>_text_tower` and `<pack>_text`: what the exporters of
CLIP and SigLIP share."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

from model_repository.export.checkpoint import Checkpoint
from model_repository.export.config import ModelConfig, Tensor, Warmup
from model_repository.export.contrastive_graphs import (
    OUTPUT,
    ImageTower,
    TextTower,
    export_image_tower,
    export_text_tower,
)
from model_repository.export.contrastive_parity import Cases, check_staged
from model_repository.export.install import Staging, staging, undescribed
from model_repository.export.parity import gate
from model_repository.export.precision import Precision, chosen, convert

TEXT_MODEL = Path(__file__).parent.parent / "text" / "model.py"
MAX_BATCH_SIZE = 32
# Where neither the pack nor its training nor the weights say better: published CLIPs put a fitting caption
# near a cosine of 0.30 and any other near 0.18.
RELEVANCE = {"scale": 50.0, "bias": -12.0, "threshold": 0.5}


def image_config(
    name: str, image_size: int, dimension: int, precision: Precision = Precision.FP32
) -> ModelConfig:
    """The image tower's contract. Priority 2 is for bulk work: it waits while there is anything else."""
    return ModelConfig(
        name=name,
        backend="onnxruntime",
        inputs=[Tensor("pixels", "UINT8", (image_size, image_size, 3))],
        outputs=[Tensor(OUTPUT, "FP32", (dimension,))],
        max_batch_size=MAX_BATCH_SIZE,
        # While one reads its batch and answers, the other computes.
        instance_count=2,
        queue_delay_us=1000,
        preferred_batch_sizes=(8, 16, 32),
        priority_levels=2,
        instance_kind=precision.instance_kind,
        tensorrt=precision is not Precision.INT8,
        tensorrt_precision="FP16" if precision is Precision.FP16 else "FP32",
        warmup=[Warmup(batch_size=1), Warmup(batch_size=8)],
    )


def text_tower_config(
    name: str, checkpoint: Checkpoint, precision: Precision = Precision.FP32
) -> ModelConfig:
    """The text tower's contract; `<pack>_text` has batched already, so nothing waits here."""
    length, trims = checkpoint.context_length, checkpoint.trims
    return ModelConfig(
        name=name,
        backend="onnxruntime",
        inputs=[Tensor("token_ids", "INT64", (-1 if trims else length,))],
        outputs=[Tensor(OUTPUT, "FP32", (checkpoint.dimension,))],
        max_batch_size=MAX_BATCH_SIZE,
        instance_kind=precision.instance_kind,
        warmup=[Warmup(dims={"token_ids": (min(8, length) if trims else length,)})],
    )


def text_config(name: str, tower: str, checkpoint: Checkpoint) -> ModelConfig:
    """The text model's contract: all texts of a batch are padded to the tower's length."""
    return ModelConfig(
        name=name,
        backend="python",
        inputs=[Tensor("token_ids", "INT64", (checkpoint.context_length,))],
        outputs=[Tensor(OUTPUT, "FP32", (checkpoint.dimension,))],
        max_batch_size=MAX_BATCH_SIZE,
        instance_kind="KIND_CPU",
        queue_delay_us=500,
        priority_levels=2,
        parameters={
            "tower": tower,
            "trim": "true" if checkpoint.trims else "false",
            "end_token_id": str(checkpoint.end_token_id),
            "vocabulary_size": str(checkpoint.vocabulary_size),
        },
    )


def export_pack(
    checkpoint: Checkpoint,
    *,
    pack: str,
    models: Path,
    packs: Path,
    source: str,
    triton: str | None = None,
    precision: Precision | None = None,
) -> str:
    """Exports, converts, compares, installs; the pack's revision. The precision is by default the installed
    pack's.

    Raises `ParityError` (drift) and `TritonFailed` (a model does not load); then nothing was installed.
    """
    precision = chosen(precision, packs / f"{pack}.toml")
    with staging(pack, models, packs) as staged:
        _stage(staged, checkpoint, precision)
        gate(check_staged(staged.tree, pack, Cases.of(checkpoint), triton, precision))
        tokenizer = f"{pack}/tokenizer.json"
        staged.add_pack_file(tokenizer, checkpoint.tokenizer.to_str(pretty=False).encode())
        described = _embedder(pack, checkpoint, tokenizer) | {
            "precision": precision.value,
            "engine": "onnxruntime",
        }
        installed = _installed_embedder(packs / f"{pack}.toml").get("relevance", {})
        if checkpoint.relevance or not installed:
            described["relevance"] = {**RELEVANCE, **installed, **(checkpoint.relevance or {})}
        return staged.install("embedder", described, undescribed(pack, source, checkpoint.revision))


def _stage(staged: Staging, checkpoint: Checkpoint, precision: Precision) -> None:
    dimension = checkpoint.dimension
    image, tower, text = (f"{staged.pack}_{part}" for part in ("image", "text_tower", "text"))
    how = checkpoint.preprocessing
    version = staged.add_model(image_config(image, how.image_size, dimension, precision))
    export_image_tower(ImageTower(checkpoint), how.image_size, version / "model.onnx")
    convert(version / "model.onnx", precision)
    version = staged.add_model(text_tower_config(tower, checkpoint, precision))
    export_text_tower(
        TextTower(checkpoint), checkpoint.context_length, checkpoint.trims, version / "model.onnx"
    )
    convert(version / "model.onnx", precision)
    version = staged.add_model(text_config(text, tower, checkpoint))
    shutil.copyfile(TEXT_MODEL, version / "model.py")


def _embedder(pack: str, checkpoint: Checkpoint, tokenizer: str) -> dict[str, Any]:
    how = checkpoint.preprocessing
    described = {
        "image_model": f"{pack}_image",
        "text_model": f"{pack}_text",
        "dimension": checkpoint.dimension,
        "image_size": how.image_size,
        "resize": how.resize,
        "resample": how.resample,
        "crop": how.crop,
        "tokenizer": tokenizer,
        "context_length": checkpoint.context_length,
        "pad_token_id": checkpoint.pad_token_id,
        "text_cleaning": checkpoint.text_cleaning,
        "logit_scale": round(checkpoint.logit_scale, 4),
    }
    return {key: value for key, value in described.items() if value is not None}


def _installed_embedder(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(path.read_text()).get("embedder", {}) if path.exists() else {}
    return found
