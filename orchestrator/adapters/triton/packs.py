"""Reads model packs: `packs/<pack>.toml`, one a pack, and which of their models are installed."""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from orchestrator.adapters.triton.pack_labels import read_labelling
from orchestrator.adapters.triton.pack_segmenter import SegmenterPack, read_segmenter
from orchestrator.adapters.triton.pack_table import PackError, Table, is_installed
from orchestrator.domain.embedding import Calibration, EmbeddingSpace
from orchestrator.domain.labels import Labelling

PACK_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """How pictures become what a model takes: (S, S, 3) uint8.

    `shortest_edge` scales the shorter side to S and crops the centre (CLIP); `squash` keeps no aspect ratio
    (SigLIP); `letterbox` scales the longer side to S and pads with `pad_value`.
    """

    image_size: int
    resize: Literal["shortest_edge", "squash", "letterbox"] = "shortest_edge"
    resample: Literal["bicubic", "bilinear"] = "bicubic"
    pad_value: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokenization:
    """How texts become token ids: the tokenizer's file, the tower's length, and what fills it up.

    `cleaning` is what is done to a text first: nothing, or what OpenAI's CLIP was trained with.
    """

    tokenizer: Path
    context_length: int
    pad_token_id: int
    cleaning: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedderPack:
    """A pack's towers. `text_model` and `tokenization` are None where it has no text tower."""

    image_model: str
    text_model: str | None
    space: EmbeddingSpace
    preprocessing: Preprocessing
    tokenization: Tokenization | None
    calibration: Calibration
    region_calibration: Calibration
    labelling: Labelling


@dataclass(frozen=True, slots=True, kw_only=True)
class MatcherPack:
    """A pack's image-text matcher; `stamp` is equal for equal weights."""

    model: str
    stamp: str
    preprocessing: Preprocessing
    tokenization: Tokenization


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionerPack:
    """A pack's captioner: the model that is asked, and those that it asks below its name.

    `stamp` is equal for equal weights.
    """

    model: str
    stamp: str
    preprocessing: Preprocessing
    max_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack, with the parts that are installed. `models` are all its Triton models."""

    name: str
    title: str
    description: str
    licence: str
    source: str
    revision: str
    models: tuple[str, ...]
    embedder: EmbedderPack | None
    segmenter: SegmenterPack | None
    matcher: MatcherPack | None
    captioner: CaptionerPack | None

    @property
    def embedder_models(self) -> tuple[str, ...]:
        """Those of its Triton models that no other part of it needs."""
        others = set(self.segmenter.models) if self.segmenter else set()
        others |= {self.matcher.model} if self.matcher else set()
        if self.captioner:
            others |= {model for model in self.models if model.startswith(self.captioner.model)}
        return tuple(model for model in self.models if model not in others) if self.embedder else ()


def read_packs(packs: Path, models: Path | None) -> Mapping[str, Pack]:
    """The packs of which at least one part is installed, by name.

    A part is installed when the exporter wrote its revision and the folders of its models lie below `models`;
    with None the folders are not looked for: Triton runs elsewhere. Raises PackError for a description that
    makes no sense.
    """
    found = (_read(path, models) for path in sorted(packs.glob("*.toml")))
    return {
        pack.name: pack for pack in found if pack.embedder or pack.segmenter or pack.matcher or pack.captioner
    }


def _read(path: Path, models: Path | None) -> Pack:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PackError(f"{path}: {error}") from error
    table = Table(path, "", document)
    name = table.text("name", path.stem)
    if name != path.stem or not PACK_NAME.fullmatch(name):
        raise table.problem(
            "name", f"must be the file's name, {path.stem!r}: lower-case letters, digits, . and -"
        )
    revision = table.text("revision", "")
    embedder = _embedder(table, name, revision, models)
    segmenter = read_segmenter(table, revision, models)
    named: set[str] = (
        {embedder.image_model, embedder.text_model or embedder.image_model} if embedder else set()
    )
    named |= set(segmenter.models) if segmenter else set()
    matcher = _matcher(table, name, revision, models)
    named |= {matcher.model} if matcher else set()
    captioner = _captioner(table, name, revision, models)
    named |= {captioner.model} if captioner else set()
    if models is not None:
        named |= {folder.parent.name for folder in models.glob(f"{name}_*/config.pbtxt")}
    return Pack(
        name=name,
        title=table.text("title", name),
        description=table.text("description", ""),
        licence=table.text("licence", ""),
        source=table.text("source", ""),
        revision=revision,
        models=tuple(sorted(named)),
        embedder=embedder,
        segmenter=segmenter,
        matcher=matcher,
        captioner=captioner,
    )


def _embedder(pack: Table, name: str, revision: str, models: Path | None) -> EmbedderPack | None:
    table = pack.table("embedder")
    if table is None:
        return None
    image_model, text_model = table.text("image_model"), table.text("text_model", "") or None
    revision = table.text("revision", "") or revision
    if not is_installed(revision, (image_model, text_model), models):  # nor is its tokenizer
        return None
    preprocessing = _preprocessing(table)
    tokenization = _tokenization(table) if text_model else None
    relevance = _calibration(table.table("relevance") or Table(table.path, "embedder.relevance", {}))
    of_regions = table.table("region_relevance")
    return EmbedderPack(
        image_model=image_model,
        text_model=text_model,
        space=EmbeddingSpace(
            pack=name,
            revision=revision,
            preprocessing=_fingerprint(preprocessing, tokenization),
            dimension=table.whole("dimension", 1, 8192),
        ),
        preprocessing=preprocessing,
        tokenization=tokenization,
        calibration=relevance,
        region_calibration=_calibration(of_regions) if of_regions else relevance,
        labelling=read_labelling(pack.table("labels")),
    )


def _preprocessing(table: Table) -> Preprocessing:
    table.choice("crop", ("center",), "center")
    return Preprocessing(
        image_size=table.whole("image_size", 8, 2048),
        resize=table.choice("resize", ("shortest_edge", "squash", "letterbox"), "shortest_edge"),
        resample=table.choice("resample", ("bicubic", "bilinear"), "bicubic"),
        pad_value=table.whole("pad_value", 0, 255, 0),
    )


def _calibration(table: Table) -> Calibration:
    return Calibration(
        scale=table.number("scale"), bias=table.number("bias"), threshold=table.number("threshold", 0.5)
    )


def _tokenization(table: Table) -> Tokenization:
    tokenizer = table.path.parent / table.text("tokenizer")
    if not tokenizer.is_file():
        raise table.problem("tokenizer", f"{tokenizer} does not exist")
    return Tokenization(
        tokenizer=tokenizer,
        context_length=table.whole("context_length", 2, 8192),
        pad_token_id=table.whole("pad_token_id", 0, 2**31 - 1, 0),
        cleaning=table.choice("text_cleaning", ("none", "clip"), "none"),
    )


def _fingerprint(preprocessing: Preprocessing, tokenization: Tokenization | None) -> str:
    """Equal for equal treatment of pictures and texts: 8 hexadecimal digits."""
    what: list[Any] = [
        preprocessing.image_size,
        preprocessing.resize,
        preprocessing.resample,
        preprocessing.pad_value if preprocessing.resize == "letterbox" else 0,
    ]
    if tokenization:
        digest = hashlib.sha256(tokenization.tokenizer.read_bytes()).hexdigest()
        what += [digest, tokenization.context_length, tokenization.pad_token_id]
        what += [tokenization.cleaning] if tokenization.cleaning != "none" else []
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:8]


def _matcher(pack: Table, name: str, revision: str, models: Path | None) -> MatcherPack | None:
    table = pack.table("matcher")
    if table is None:
        return None
    model, revision = table.text("model"), table.text("revision", "") or revision
    if not is_installed(revision, (model,), models):
        return None
    preprocessing, tokenization = _preprocessing(table), _tokenization(table)
    return MatcherPack(
        model=model,
        stamp=f"{name}@{revision}+{_fingerprint(preprocessing, tokenization)}",
        preprocessing=preprocessing,
        tokenization=tokenization,
    )


def _captioner(pack: Table, name: str, revision: str, models: Path | None) -> CaptionerPack | None:
    table = pack.table("captioner")
    if table is None:
        return None
    model, revision = table.text("model"), table.text("revision", "") or revision
    if not is_installed(revision, (model,), models):
        return None
    preprocessing = _preprocessing(table)
    return CaptionerPack(
        model=model,
        stamp=f"{name}@{revision}+{_fingerprint(preprocessing, None)}",
        preprocessing=preprocessing,
        max_tokens=table.whole("max_tokens", 1, 512),
    )
