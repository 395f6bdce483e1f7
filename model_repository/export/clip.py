"""CLIP checkpoint to `<pack>_image`, `<pack>_text_tower` and `<pack>_text`.

python -m model_repository.export.clip --checkpoint DIR_OR_HUB_ID --pack clip-vit-b32
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

from model_repository.export.clip_checkpoint import Checkpoint, CheckpointError, load_checkpoint
from model_repository.export.clip_graphs import (
    OUTPUT,
    ImageTower,
    TextTower,
    export_image_tower,
    export_text_tower,
)
from model_repository.export.clip_parity import Cases, check_staged
from model_repository.export.config import ModelConfig, Tensor, Warmup
from model_repository.export.install import Staging, staging
from model_repository.export.parity import ParityError, gate
from model_repository.triton_server import TritonFailed

MODELS = Path(__file__).parent.parent / "models"
PACKS = Path(__file__).parent.parent / "packs"
TEXT_MODEL = Path(__file__).parent.parent / "text" / "model.py"
MAX_BATCH_SIZE = 32
# Where neither the pack nor its training says better: published CLIPs put a fitting caption near a cosine of
# 0.30 and any other near 0.18.
RELEVANCE = {"scale": 50.0, "bias": -12.0, "threshold": 0.5}


def image_config(name: str, image_size: int, dimension: int) -> ModelConfig:
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
        tensorrt=True,
        warmup=[Warmup(batch_size=1), Warmup(batch_size=8)],
    )


def text_tower_config(name: str, context_length: int, dimension: int) -> ModelConfig:
    """The text tower's contract; `<pack>_text` has batched already, so nothing waits here."""
    return ModelConfig(
        name=name,
        backend="onnxruntime",
        inputs=[Tensor("token_ids", "INT64", (-1,))],
        outputs=[Tensor(OUTPUT, "FP32", (dimension,))],
        max_batch_size=MAX_BATCH_SIZE,
        warmup=[Warmup(dims={"token_ids": (min(8, context_length),)})],
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
            "trim": "true",
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
) -> str:
    """Exports, compares, installs; the pack's revision.

    Raises `ParityError` (drift), `TritonFailed` (a model does not load); then nothing was installed.
    """
    with staging(pack, models, packs) as staged:
        _stage(staged, checkpoint)
        gate(check_staged(staged.tree, pack, Cases.of(checkpoint), triton))
        tokenizer = f"{pack}/tokenizer.json"
        staged.add_pack_file(tokenizer, checkpoint.tokenizer.to_str(pretty=False).encode())
        described = _embedder(pack, checkpoint, tokenizer)
        if "relevance" not in _installed_embedder(packs / f"{pack}.toml"):
            described["relevance"] = RELEVANCE
        general = {"title": pack, "description": "", "licence": "", "source": source}
        if checkpoint.revision:
            general["source_revision"] = checkpoint.revision
        return staged.install("embedder", described, general)


def _stage(staged: Staging, checkpoint: Checkpoint) -> None:
    dimension = checkpoint.dimension
    image, tower, text = (f"{staged.pack}_{part}" for part in ("image", "text_tower", "text"))
    how = checkpoint.preprocessing
    version = staged.add_model(image_config(image, how.image_size, dimension))
    graph = ImageTower(checkpoint.model, how.scale, how.mean, how.std)
    export_image_tower(graph, how.image_size, version / "model.onnx")
    version = staged.add_model(text_tower_config(tower, checkpoint.context_length, dimension))
    export_text_tower(TextTower(checkpoint.model), checkpoint.context_length, version / "model.onnx")
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
        "logit_scale": round(float(checkpoint.model.logit_scale.detach().exp()), 4),
    }
    return {key: value for key, value in described.items() if value is not None}


def _installed_embedder(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(path.read_text()).get("embedder", {}) if path.exists() else {}
    return found


def _source(checkpoint: str | None, revision: str | None, path: Path) -> tuple[str, str | None]:
    """What to read: as given, else as the pack's description says."""
    pack = tomllib.loads(path.read_text()) if path.exists() else {}
    hub, found, described = str(pack.get("source", "")).partition("hub:")
    if checkpoint is None and (hub or not found):
        raise CheckpointError(f"{path} names no checkpoint on the hub: say which with --checkpoint")
    chosen = checkpoint or described
    return chosen, revision or (pack.get("source_revision") or None if chosen == described else None)


def main(arguments: list[str] | None = None) -> int:
    """The command line; 1 with one line on stderr where nothing could be installed."""
    parser = argparse.ArgumentParser(prog="python -m model_repository.export.clip", description=__doc__)
    parser.add_argument(
        "--checkpoint", help="a folder in transformers' layout, or a hub id (default: the pack's)"
    )
    parser.add_argument("--revision", help="the hub's commit (default: the pack's)")
    parser.add_argument("--pack", required=True)
    parser.add_argument("--source", help="what the pack's description names as its source")
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--packs", type=Path, default=PACKS)
    parser.add_argument(
        "--triton", metavar="HOST:PORT", help="compare on this Triton (gRPC), not on a new one"
    )
    given = parser.parse_args(arguments)
    try:
        checkpoint, revision = _source(given.checkpoint, given.revision, given.packs / f"{given.pack}.toml")
        revision = export_pack(
            load_checkpoint(checkpoint, revision),
            pack=given.pack,
            models=given.models,
            packs=given.packs,
            source=given.source or ("local" if Path(checkpoint).is_dir() else f"hub:{checkpoint}"),
            triton=given.triton,
        )
    except (CheckpointError, ParityError, TritonFailed) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{given.pack}: revision {revision} in {given.models}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
