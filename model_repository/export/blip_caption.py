"""BLIP checkpoint for captioning to `<pack>_caption_encoder`, `<pack>_caption_decoder` and `<pack>_caption`.

python -m model_repository.export.blip_caption --checkpoint DIR_OR_HUB_ID --pack blip-caption
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import model_repository.caption
from model_repository.caption.greedy import Caption
from model_repository.export.blip_caption_parity import check_staged
from model_repository.export.blip_checkpoint import BlipCheckpoint, load_captioner
from model_repository.export.blip_graphs import (
    CROSS,
    PAST,
    PRESENT,
    CaptionDecoder,
    CaptionEncoder,
    export_caption_decoder,
    export_caption_encoder,
)
from model_repository.export.command import run
from model_repository.export.config import ModelConfig, Tensor, Warmup
from model_repository.export.install import Staging, staging, undescribed
from model_repository.export.parity import gate
from model_repository.export.precision import Precision, chosen, convert

SOURCES = Path(model_repository.caption.__file__).parent
MAX_BATCH_SIZE = 4  # some 40 MB a picture go to the decoder at every step
MAX_TOKENS = 20  # BLIP's own demonstrations stop there


def encoder_config(
    name: str, image_size: int, cross: tuple[int, ...], precision: Precision = Precision.FP32
) -> ModelConfig:
    """The encoder's contract; `cross` is the shape of one picture's keys, and of its values."""
    return ModelConfig(
        name=name,
        backend="onnxruntime",
        inputs=[Tensor("pixels", "UINT8", (image_size, image_size, 3))],
        outputs=[Tensor(output, "FP32", cross) for output in CROSS],
        max_batch_size=MAX_BATCH_SIZE,
        instance_kind=precision.instance_kind,
        tensorrt=precision is not Precision.INT8,
        tensorrt_precision="FP16" if precision is Precision.FP16 else "FP32",
        warmup=[Warmup()],
    )


def decoder_config(
    name: str, cross: tuple[int, ...], vocabulary_size: int, precision: Precision = Precision.FP32
) -> ModelConfig:
    """The decoder's contract. No TensorRT: it would build an engine for every length of the past."""
    layers, heads, _, size = cross
    past = layers, heads, -1, size
    return ModelConfig(
        name=name,
        backend="onnxruntime",
        inputs=[
            Tensor("input_ids", "INT64", (1,)),
            *(Tensor(each, "FP32", cross) for each in CROSS),
            *(Tensor(each, "FP32", past) for each in PAST),
        ],
        outputs=[
            Tensor("logits", "FP32", (vocabulary_size,)),
            *(Tensor(each, "FP32", past) for each in PRESENT),
        ],
        max_batch_size=MAX_BATCH_SIZE,
        instance_kind=precision.instance_kind,
        warmup=[Warmup(dims={each: (layers, heads, 1, size) for each in PAST})],
    )


def caption_config(
    name: str, models: tuple[str, str], image_size: int, cross: tuple[int, ...], how: Caption
) -> ModelConfig:
    """The contract of the model that others call; `models` are its encoder and decoder."""
    layers, heads, _, size = cross
    parameters = {
        "start_token_id": how.start_token_id,
        "end_token_id": how.end_token_id,
        "pad_token_id": how.pad_token_id,
        "max_tokens": how.max_tokens,
        "layers": layers,
        "heads": heads,
        "head_size": size,
    }
    return ModelConfig(
        name=name,
        backend="python",
        inputs=[Tensor("pixels", "UINT8", (image_size, image_size, 3))],
        outputs=[Tensor("caption", "STRING", (1,)), Tensor("token_ids", "INT64", (-1,))],
        max_batch_size=MAX_BATCH_SIZE,
        instance_kind="KIND_CPU",
        queue_delay_us=1000,
        priority_levels=2,  # pictures that somebody waits for, and those captioned in the background
        parameters={
            "encoder": models[0],
            "decoder": models[1],
            **{key: str(value) for key, value in parameters.items()},
        },
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
    precision = chosen(precision, packs / f"{pack}.toml", "captioner")
    text, preprocessing = checkpoint.model.config.text_config, checkpoint.preprocessing
    how = Caption(
        start_token_id=text.bos_token_id,
        end_token_id=text.sep_token_id,
        pad_token_id=text.pad_token_id,
        max_tokens=min(MAX_TOKENS, text.max_position_embeddings),
    )
    with staging(pack, models, packs) as staged:
        name = _stage(staged, checkpoint, how, precision)
        gate(check_staged(staged.tree, name, checkpoint, how, triton, precision))
        described = {
            "model": name,
            "image_size": preprocessing.image_size,
            "resize": preprocessing.resize,
            "resample": preprocessing.resample,
            "max_tokens": how.max_tokens,
            "precision": precision.value,
        }
        return staged.install("captioner", described, undescribed(pack, source, checkpoint.revision))


def _stage(staged: Staging, checkpoint: BlipCheckpoint, how: Caption, precision: Precision) -> str:
    name, image_size = f"{staged.pack}_caption", checkpoint.preprocessing.image_size
    encoder, decoder = f"{name}_encoder", f"{name}_decoder"
    text, vision = checkpoint.model.config.text_config, checkpoint.model.config.vision_config
    patches = (image_size // vision.patch_size) ** 2
    heads = text.num_attention_heads
    cross = text.num_hidden_layers, heads, patches + 1, text.hidden_size // heads
    version = staged.add_model(encoder_config(encoder, image_size, cross, precision))
    export_caption_encoder(CaptionEncoder(checkpoint), image_size, version / "model.onnx")
    convert(version / "model.onnx", precision)
    version = staged.add_model(decoder_config(decoder, cross, text.vocab_size, precision))
    longest = text.max_position_embeddings
    export_caption_decoder(CaptionDecoder(checkpoint), cross, longest, version / "model.onnx")
    convert(version / "model.onnx", precision)
    version = staged.add_model(caption_config(name, (encoder, decoder), image_size, cross, how))
    for path in SOURCES.glob("*.py"):
        shutil.copyfile(path, version / path.name)
    (version / "vocabulary.json").write_text(json.dumps(vocabulary(checkpoint)), encoding="utf-8")
    return name


def vocabulary(checkpoint: BlipCheckpoint) -> list[str]:
    """Tokens by id; those that a caption does not say are empty."""
    tokenizer = checkpoint.tokenizer
    special = {id for id, token in tokenizer.get_added_tokens_decoder().items() if token.special}
    tokens = {id: token for token, id in tokenizer.get_vocab().items() if id not in special}
    return [tokens.get(id, "") for id in range(max(tokens) + 1)]


def main(arguments: list[str] | None = None) -> int:
    """The command line; 1 with one line on stderr where nothing could be installed."""
    return run(
        load_captioner,
        export_pack,
        program="model_repository.export.blip_caption",
        description=__doc__,
        layouts="transformers'",
        arguments=arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
