"""Builds a SAM 2 model from its configuration and checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import torch
from hydra import compose
from hydra.utils import instantiate
from omegaconf import OmegaConf
from sam2.modeling.sam2_base import SAM2Base

from model_repository.export.checkpoint import CheckpointError
from model_repository.export.download import obtain
from model_repository.export.source import DownloadError, Source, SourceFile

SIZES = {
    "tiny": "configs/sam2.1/sam2.1_hiera_t.yaml",
    "small": "configs/sam2.1/sam2.1_hiera_s.yaml",
    "base-plus": "configs/sam2.1/sam2.1_hiera_b+.yaml",
    "large": "configs/sam2.1/sam2.1_hiera_l.yaml",
}
HUB = {
    "tiny": ("facebook/sam2.1-hiera-tiny", "sam2.1_hiera_tiny.pt"),
    "small": ("facebook/sam2.1-hiera-small", "sam2.1_hiera_small.pt"),
    "base-plus": ("facebook/sam2.1-hiera-base-plus", "sam2.1_hiera_base_plus.pt"),
    "large": ("facebook/sam2.1-hiera-large", "sam2.1_hiera_large.pt"),
}
# What tracks things through a video; no part of it reaches the exported graphs.
VIDEO_ONLY = ("memory_", "maskmem_", "no_mem_pos_enc", "no_obj_", "obj_ptr_", "mask_downsample.")


def build_model(config: str, checkpoint: Path | None) -> SAM2Base:
    """The model in evaluation mode on the CPU.

    `config` is a size of SAM 2.1 or the path of a yaml in the `sam2` package's layout; `checkpoint` a file
    with the weights under `model`, as published. None leaves the weights random. CheckpointError if they do
    not fit; weights that only video tracking uses may be absent.
    """
    import sam2  # noqa: F401  tells hydra where the published configurations are

    if config not in SIZES and not Path(config).is_file():
        raise CheckpointError(f"--config: one of {', '.join(SIZES)}, or a yaml file; {config} is neither")
    try:
        loaded = compose(config_name=SIZES[config]) if config in SIZES else OmegaConf.load(config)
        OmegaConf.resolve(loaded)
        model = cast(SAM2Base, instantiate(OmegaConf.select(loaded, "model"), _recursive_=True))
    except Exception as error:
        raise CheckpointError(f"{config} does not describe a SAM 2 model: {error}") from error
    if checkpoint is not None:
        _load(model, checkpoint)
    _check(model)
    return model.eval().requires_grad_(False)


def obtain_checkpoint(given: str, size: str, revision: str | None, pack: str, packs: Path) -> Path:
    """A file, or `hub`: what the pack's description names, else the size's published checkpoint.

    CheckpointError where it cannot be had, or is not what the pack pins.
    """
    default = None
    if size in HUB:
        repository, filename = HUB[size]
        files = (SourceFile(paths=(filename,)),)
        default = Source(pack=pack, repository=repository, revision="main", files=files)
    try:
        if given != "hub" and not Path(given).exists():
            raise DownloadError(f"{given}: no such file")
        return obtain(pack, packs, given, revision, default=default).path
    except DownloadError as error:
        raise CheckpointError(str(error)) from error


def _load(model: SAM2Base, checkpoint: Path) -> None:
    if not checkpoint.is_file():
        raise CheckpointError(f"{checkpoint}: no such file")
    try:
        content: Mapping[str, Any] = torch.load(checkpoint, map_location="cpu", weights_only=True)
        weights = content["model"]
        missing, unexpected = model.load_state_dict(weights, strict=False)
    except Exception as error:
        first = " ".join(str(error).split("\n")[:2])
        raise CheckpointError(f"{checkpoint} does not fit the configuration: {first}") from error
    missing = [name for name in missing if not name.startswith(VIDEO_ONLY)]
    if missing or unexpected:
        names = ", ".join([*missing, *unexpected][:5])
        raise CheckpointError(
            f"{checkpoint} does not fit the configuration: {len(missing)} weights missing, {len(unexpected)} "
            f"unexpected ({names} …)"
        )


def _check(model: SAM2Base) -> None:
    if not model.use_high_res_features_in_sam or model.num_feature_levels != 3:
        raise CheckpointError(
            "the configuration has no high-resolution features (use_high_res_features_in_sam)"
        )
    if model.sam_mask_decoder.num_mask_tokens != 4:
        raise CheckpointError("the mask decoder does not give one single and three multiple masks")
    if model.image_size % 32:
        raise CheckpointError(f"image_size {model.image_size} is no multiple of 32")
