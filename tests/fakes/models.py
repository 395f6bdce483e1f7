"""Models that know colours: a picture's vector is its share of each, a word's is the colour that it names."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from orchestrator.application.ports import (
    Captioner,
    Embedder,
    LazyPicture,
    Matcher,
    PackInfo,
    Segmenter,
    TextEmbeddings,
)
from orchestrator.domain.embedding import Calibration, EmbeddingSpace, Vectors
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument, Unavailable
from orchestrator.domain.image import Picture
from orchestrator.domain.labels import Labelling
from orchestrator.domain.region import Box, Boxes, Everything, Mask, Points, Prompt, Segment

PALETTE: Mapping[str, tuple[int, int, int]] = {
    "red": (255, 0, 0),
    "green": (0, 160, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "purple": (160, 0, 160),
    "orange": (255, 140, 0),
    "black": (0, 0, 0),
    "white": (255, 255, 255),
}
CONTEXT_WORDS = 16
PACK = "colours"
BLIND = "wordless"
JUDGE = "judge"
POET = "poet"
_SENTENCES = {JUDGE: "a {} picture", POET: "O {}!"}


def nearest_colour(picture: Picture) -> NDArray[np.intp]:
    """(H, W): the palette's index of each pixel."""
    colours = np.array(list(PALETTE.values()), dtype=np.int32)
    distances = ((picture[:, :, None, :].astype(np.int32) - colours) ** 2).sum(-1)
    nearest: NDArray[np.intp] = np.argmin(distances, axis=-1)
    return nearest


class ColourEmbedder:
    """An embedder whose vectors have one number a colour of the palette."""

    def __init__(self, models: "ColourModels", pack: str, *, text: bool) -> None:
        self._models = models
        self._text = text
        self.space = EmbeddingSpace(pack=pack, revision="1", preprocessing="palette", dimension=len(PALETTE))
        self.calibration = Calibration(scale=12.0, bias=-6.0)
        self.region_calibration = Calibration(scale=12.0, bias=-7.0)

    @property
    def labelling(self) -> Labelling:
        return self._models.labelling if self._text else Labelling()

    @property
    def has_text(self) -> bool:
        return self._text

    async def embed_pictures(self, pictures: Sequence[Picture], *, bulk: bool = False) -> Vectors:
        self._models.check()
        counts = [np.bincount(nearest_colour(each).ravel(), minlength=len(PALETTE)) for each in pictures]
        self._models.embedded_pictures += len(pictures)
        self._models.embedded_in_bulk += len(pictures) if bulk else 0
        return _normalised(np.sqrt(np.array(counts).reshape(len(pictures), len(PALETTE))))

    async def embed_texts(self, texts: Sequence[str], *, bulk: bool = False) -> TextEmbeddings:
        if not self._text:
            raise FailedPrecondition(f"pack {self.space.pack} has no text tower")
        self._models.check()
        self._models.embedded_texts += len(texts)
        words = [text.lower().split() for text in texts]
        vectors = [[float(colour in each[:CONTEXT_WORDS]) + 1e-3 for colour in PALETTE] for each in words]
        return TextEmbeddings(
            vectors=_normalised(np.array(vectors)),
            truncated=tuple(len(each) > CONTEXT_WORDS for each in words),
        )


class ColourSegmenter:
    """A segmenter to which everything of one colour is a thing, and the commonest colour the background."""

    def __init__(self, models: "ColourModels") -> None:
        self._models = models

    async def segment(self, picture: LazyPicture, prompt: Prompt) -> Sequence[Segment]:
        self._models.check()
        colours = nearest_colour(await picture.pixels())
        background = np.bincount(colours.ravel()).argmax()
        match prompt:
            case Everything():
                found = [colours == each for each in np.unique(colours) if each != background]
                return sorted((_segment(each) for each in found), key=lambda s: -s.area)
            case Points(points=points):
                on = next((point for point in points if not point.background), points[0])
                return [_segment(colours == colours[int(on.y), int(on.x)])]
            case Boxes(boxes=boxes):
                return [_segment(_inside(colours != background, box)) for box in boxes]


class ColourMatcher:
    """A matcher to which a picture matches a text by the share of its pixels that have each colour named."""

    stamp = f"{JUDGE}@1"

    def __init__(self, models: "ColourModels") -> None:
        self._models = models

    async def prepare(self, picture: Picture) -> Picture:
        return picture

    async def match(self, text: str, prepared: Sequence[Picture]) -> NDArray[np.float32]:
        self._models.match_calls += 1
        await asyncio.sleep(self._models.match_seconds)
        self._models.check()
        self._models.matched.append(len(prepared))
        named = [place for place, colour in enumerate(PALETTE) if colour in text.lower().split()]
        shares = [np.bincount(nearest_colour(each).ravel(), minlength=len(PALETTE)) for each in prepared]
        return np.array(
            [min(share[named], default=0) / max(share[named].sum(), 1) for share in shares], np.float32
        )


class ColourCaptioner:
    """A captioner that names a picture's commonest colour."""

    def __init__(self, models: "ColourModels", pack: str) -> None:
        self._models = models
        self._pack = pack
        self.stamp = f"{pack}@1"

    async def caption(self, pictures: Sequence[Picture], *, bulk: bool = False) -> list[str]:
        self._models.check()
        self._models.captioned += len(pictures)
        self._models.captioned_in_bulk += len(pictures) if bulk else 0
        colours = [np.bincount(nearest_colour(each).ravel()).argmax() for each in pictures]
        return [_SENTENCES[self._pack].format(list(PALETTE)[colour]) for colour in colours]


@dataclass
class ColourModels:
    """The pack `colours`; `wordless`, without text tower and segmenter; `judge`, a matcher and a captioner;
    `poet`, another captioner, of which no list tells.

    `gone`: Triton does not answer; `unready`: models that it does not serve, though they still answer.
    `matched`: how many pictures each call of the matcher was about; it takes `match_seconds`.
    """

    gone: bool = False
    unready: set[str] = field(default_factory=set)
    embedded_pictures: int = 0
    embedded_in_bulk: int = 0
    asked: list[str] = field(default_factory=list)
    matched: list[int] = field(default_factory=list)
    match_calls: int = 0
    match_seconds: float = 0.0
    labelling: Labelling = field(default_factory=Labelling)
    embedded_texts: int = 0
    captioned: int = 0
    captioned_in_bulk: int = 0

    def check(self) -> None:
        if self.gone:
            raise Unavailable("the models do not answer", retry_after=1.0)

    def packs(self) -> Sequence[PackInfo]:
        judge = PackInfo(
            name=JUDGE,
            title="Judge",
            description="Matches colours.",
            revision="1",
            licence="Apache-2.0",
            source="tests",
            models=("judge_caption", "judge_matcher"),
            matcher_image_size=32,
            captioner_image_size=16,
            captioner_max_tokens=3,
        )
        return [self._pack(PACK, text=True), judge, self._pack(BLIND, text=False)]

    def embedder(self, pack: str) -> Embedder:
        if pack not in (PACK, BLIND):
            raise InvalidArgument.field("embedder", f"there is no pack {pack!r}")
        return ColourEmbedder(self, pack, text=pack == PACK)

    def segmenter(self, pack: str) -> Segmenter:
        if pack != PACK:
            raise InvalidArgument.field("segmenter", f"there is no pack {pack!r} that segments")
        return ColourSegmenter(self)

    def matcher(self, pack: str) -> Matcher:
        if pack != JUDGE:
            raise InvalidArgument.field("matcher", f"there is no pack {pack!r} that matches")
        return ColourMatcher(self)

    def captioner(self, pack: str) -> Captioner:
        if pack not in _SENTENCES:
            raise InvalidArgument.field("captioner", f"there is no pack {pack!r} that writes captions")
        return ColourCaptioner(self, pack)

    async def ready(self) -> Mapping[str, bool]:
        well = not self.gone
        return {model: well and model not in self.unready for pack in self.packs() for model in pack.models}

    def _pack(self, name: str, *, text: bool) -> PackInfo:
        return PackInfo(
            name=name,
            title=name.title(),
            description="Knows colours.",
            revision="1",
            licence="Apache-2.0",
            source="tests",
            models=(f"{name}_image", f"{name}_text", f"{name}_segment") if text else (f"{name}_image",),
            embedder_models=(f"{name}_image", f"{name}_text") if text else (f"{name}_image",),
            segmenter_models=(f"{name}_segment",) if text else (),
            space=self.embedder(name).space,
            image_size=32,
            has_text=text,
            context_length=CONTEXT_WORDS if text else 0,
            segmenter_image_size=64 if text else None,
        )


def _normalised(vectors: NDArray[np.float64]) -> Vectors:
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    unit: Vectors = (vectors / lengths).astype(np.float32)
    return unit


def _inside(mask: NDArray[np.bool_], box: Box) -> NDArray[np.bool_]:
    part = np.zeros_like(mask)
    window = (slice(int(box.y_min), int(box.y_max)), slice(int(box.x_min), int(box.x_max)))
    part[window] = mask[window]
    if not part.any():
        part[window] = True
    return part


def _segment(mask: NDArray[np.bool_]) -> Segment:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    encoded = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    box = Box(
        x_min=float(columns[0]),
        y_min=float(rows[0]),
        x_max=float(columns[-1] + 1),
        y_max=float(rows[-1] + 1),
    )
    height, width = mask.shape
    return Segment(
        box=box,
        mask=Mask(height=height, width=width, counts=encoded["counts"].decode()),
        area=int(mask.sum()),
        predicted_iou=0.9,
        stability_score=0.95,
    )
