"""SAM 2.1 checkpoint to `<pack>_sam_encoder`, `<pack>_sam_decoder` and `<pack>_segment`.

python -m model_repository.export.sam2 --checkpoint FILE --config tiny --pack sam2.1-tiny
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any, Unpack

import torch

from model_repository.export.command import Told, install, parser_of
from model_repository.export.install import Staging, staging
from model_repository.export.parity import gate
from model_repository.export.precision import Precision, chosen, convert
from model_repository.export.sam2_checkpoint import HUB, build_model, obtain_checkpoint
from model_repository.export.sam2_config import decoder_config, encoder_config
from model_repository.export.sam2_converted import check_converted
from model_repository.export.sam2_graphs import Decoder, Encoder, export_decoder, export_encoder
from model_repository.export.sam2_parity import Cases, check_staged
from model_repository.export.sam2_segment import CACHE_BYTES, stage_segment


def export_pack(
    *,
    config: str,
    checkpoint: Path | None,
    pack: str,
    models: Path,
    packs: Path,
    triton: str | None = None,
    cache_bytes: int = CACHE_BYTES,
    precision: Precision | None = None,
) -> str:
    """Export, convert, compare, install; the pack's revision. The precision is by default the installed
    pack's.

    Raises ParityError (drift), CheckpointError or TritonFailed (a model does not load); then nothing was
    installed.
    """
    precision = chosen(precision, packs / f"{pack}.toml", "segmenter")
    model = build_model(config, checkpoint)
    square = int(model.image_size)
    encoder, decoder = Encoder(model).eval(), Decoder(model).eval()
    cases = Cases.of(encoder, decoder, square)
    with staging(pack, models, packs) as staged:
        names = _stage(staged, encoder, decoder, cases, square, precision)
        segment = stage_segment(staged, names, square, cache_bytes)
        if precision is Precision.FP32:
            gate(check_staged(staged.tree, pack, cases, triton))
        else:
            gate(check_converted(staged.tree, pack, model, precision, triton))
        description = {
            "encoder_model": names[0],
            "decoder_model": names[1],
            "segment_model": segment,
            "image_size": square,
            "precision": precision.value,
            "engine": "onnxruntime",
        }
        return staged.install("segmenter", description, _general(config, checkpoint))


def _stage(
    staged: Staging, encoder: Encoder, decoder: Decoder, cases: Cases, square: int, precision: Precision
) -> tuple[str, str]:
    names = f"{staged.pack}_sam_encoder", f"{staged.pack}_sam_decoder"
    shapes = {name: array.shape for name, array in cases.features.items()}
    version = staged.add_model(encoder_config(names[0], square, shapes, precision))
    export_encoder(encoder, square, version / "model.onnx")
    convert(version / "model.onnx", precision)
    version = staged.add_model(decoder_config(names[1], square, shapes, precision))
    features = [torch.from_numpy(array) for array in cases.features.values()]
    export_decoder(decoder, square, features, version / "model.onnx")
    convert(version / "model.onnx", precision)
    return names


def _general(config: str, checkpoint: Path | None) -> dict[str, Any]:
    described: dict[str, Any] = {"licence": "Apache-2.0"}
    if config in HUB:
        described |= {"title": f"SAM 2.1 {config}", "source": f"hub:{HUB[config][0]}"}
    if checkpoint is not None:
        with checkpoint.open("rb") as file:
            described["segmenter_sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
    return described


def main(arguments: list[str] | None = None) -> int:
    """The command line; 1 with one line on stderr where nothing could be installed."""
    parser = parser_of("model_repository.export.sam2", __doc__)
    parser.add_argument("--checkpoint", required=True, help="a file; or `hub`: the publisher's, for a size")
    parser.add_argument("--revision", help="the hub's commit, with --checkpoint hub")
    parser.add_argument("--config", required=True, help=f"{', '.join(HUB)}, or a yaml in sam2's layout")
    parser.add_argument(
        "--cache-bytes", type=int, default=CACHE_BYTES, help="features kept by <pack>_segment"
    )
    given = parser.parse_args(arguments)

    def export(**told: Unpack[Told]) -> str:
        checkpoint = obtain_checkpoint(
            given.checkpoint, given.config, given.revision, given.pack, given.packs
        )
        return export_pack(config=given.config, checkpoint=checkpoint, cache_bytes=given.cache_bytes, **told)

    return install(given, export)


if __name__ == "__main__":
    sys.exit(main())
