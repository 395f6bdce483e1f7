"""The vocabulary of things that a scene can show: pictographs with their CLDR names, and coloured shapes.

Pictographs are the bitmap strikes of Noto Color Emoji (SIL OFL 1.1), names and keywords CLDR's English
annotations (Unicode licence). Debian: ``fonts-noto-color-emoji``, ``unicode-cldr-core``.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from model_repository.train import shapes, vocabulary

FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
ANNOTATIONS = Path("/usr/share/unicode/cldr/common/annotations/en.xml")
STRIKE = 109  # the only size of the font's bitmaps, pixels per em
SIDE = 128  # pixels of a glyph in the stock

_TURNS_MEAN_SOMETHING = re.compile(
    r"arrow|left|right|\bup\b|down|button|symbol|sign|letter|clock|hand|upside|moon"
)

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (218, 41, 42),
    "orange": (245, 136, 22),
    "yellow": (250, 215, 50),
    "green": (52, 160, 60),
    "blue": (40, 90, 215),
    "purple": (135, 55, 170),
    "pink": (245, 125, 175),
    "brown": (125, 78, 42),
    "black": (25, 25, 28),
    "white": (248, 248, 248),
    "grey": (135, 138, 140),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """One kind of thing: ``name`` is unique in the vocabulary; ``colour`` is the drawing's prevailing
    colour."""

    name: str
    keywords: tuple[str, ...]
    also: tuple[str, ...] = ()  # names of pictographs that look the same and are not drawn
    colour: str
    group: str  # "animals", "food", …, "shapes"
    code: str  # the pictograph's character, or the shape's name
    free_turn: bool  # whether mirroring or turning it leaves its name true


@dataclass(frozen=True, slots=True)
class Stock:
    """Every concept with its drawing: ``glyphs`` uint8 ``(N, 128, 128, 4)``, RGBA, not premultiplied."""

    concepts: tuple[Concept, ...]
    glyphs: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.concepts)

    def index(self, name: str) -> int:
        """The place of the concept called ``name``; KeyError where there is none."""
        for place, concept in enumerate(self.concepts):
            if concept.name == name:
                return place
        raise KeyError(name)


def prevailing_colour(glyph: NDArray[np.uint8]) -> str:
    """The colour that most opaque pixels of an RGBA ``glyph`` are nearest to."""
    opaque = glyph[glyph[..., 3] > 127][:, :3].astype(np.float64)
    table = np.array(list(COLOURS.values()), dtype=np.float64)
    nearest = ((opaque[:, None] - table) ** 2 * (2.0, 4.0, 3.0)).sum(2).argmin(1)
    return list(COLOURS)[int(np.bincount(nearest, minlength=len(table)).argmax())]


def read_annotations(path: Path = ANNOTATIONS) -> dict[str, tuple[str, tuple[str, ...]]]:
    """CLDR's annotations: character → (name, keywords). A character without a name is left out."""
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: apt-get install unicode-cldr-core")
    names: dict[str, str] = {}
    keywords: dict[str, tuple[str, ...]] = {}
    for node in ElementTree.parse(path).getroot().iter("annotation"):  # noqa: S314 - the system's own file
        character, text = node.attrib["cp"], (node.text or "").strip()
        if node.attrib.get("type") == "tts":
            names[character] = text
        else:
            keywords[character] = tuple(part.strip() for part in text.split("|"))
    return {character: (name, keywords.get(character, ())) for character, name in names.items()}


def fit(glyph: Image.Image) -> NDArray[np.uint8] | None:
    """Crop an RGBA drawing to what is opaque and centre it in a SIDE × SIDE square; None where it is
    empty."""
    box = glyph.getchannel("A").point(lambda a: 255 if a > 16 else 0).getbbox()
    if box is None or min(box[2] - box[0], box[3] - box[1]) < 8:
        return None
    crop = glyph.crop(box)
    scale = (SIDE - 2) / max(crop.size)
    crop = crop.resize(
        (max(1, round(crop.width * scale)), max(1, round(crop.height * scale))), Image.Resampling.BICUBIC
    )
    square = Image.new("RGBA", (SIDE, SIDE))
    square.paste(crop, ((SIDE - crop.width) // 2, (SIDE - crop.height) // 2))
    return np.asarray(square)


def _pictographs(font_path: Path) -> list[tuple[Concept, NDArray[np.uint8]]]:
    stand_ins = {names[0]: names[1:] for names in vocabulary.ALIKE}
    left_out = {name for names in vocabulary.ALIKE for name in names[1:]}
    if not font_path.exists():
        raise FileNotFoundError(f"{font_path} is missing: apt-get install fonts-noto-color-emoji")
    font = ImageFont.truetype(str(font_path), STRIKE, layout_engine=ImageFont.Layout.BASIC)
    missing = _strike(font, "\U000e0fff")
    found = []
    for character, (name, keywords) in read_annotations().items():
        plain = character.replace("️", "")
        if len(plain) != 1 or ord(plain) < 0x200D or name in left_out or vocabulary.LEFT_OUT.search(name):
            continue
        strike = _strike(font, plain)
        glyph = None if strike.tobytes() == missing.tobytes() else fit(strike)
        if glyph is None:
            continue
        also = tuple(_plain(other) for other in stand_ins.get(name, ()))
        name = _plain(name)
        words = tuple(dict.fromkeys(_plain(word) for word in keywords if word.lower() != name))
        free = not _TURNS_MEAN_SOMETHING.search(name)
        concept = Concept(
            name=name,
            keywords=words,
            also=also,
            colour=prevailing_colour(glyph),
            group=vocabulary.group_of(plain),
            code=plain,
            free_turn=free,
        )
        found.append((concept, glyph))
    return found


def _plain(name: str) -> str:
    return name.replace("’", "'").lower()


def _strike(font: ImageFont.FreeTypeFont, character: str) -> Image.Image:
    canvas = Image.new("RGBA", (160, 160))
    ImageDraw.Draw(canvas).text((8, 8), character, font=font, embedded_color=True)
    return canvas


def _shapes() -> list[tuple[Concept, NDArray[np.uint8]]]:
    made = []
    for colour, rgb in COLOURS.items():
        for shape in shapes.NAMES:
            glyph = fit(shapes.draw(shape, rgb, SIDE))
            if glyph is None:
                raise ValueError(f"{shape} draws nothing")
            concept = Concept(
                name=f"{colour} {shape}",
                keywords=(shape, colour),
                colour=colour,
                group="shapes",
                code=shape,
                free_turn=False,
            )
            made.append((concept, glyph))
    return made


def build_stock(font_path: Path | None = FONT) -> Stock:
    """Render every concept; without a font, the shapes alone. FileNotFoundError names the package to
    install."""
    pairs: dict[str, tuple[Concept, NDArray[np.uint8]]] = {}
    for concept, glyph in (_pictographs(font_path) if font_path else []) + _shapes():
        pairs.setdefault(concept.name, (concept, glyph))
    concepts, glyphs = zip(*pairs.values(), strict=True)
    return Stock(tuple(concepts), np.stack(glyphs))


def load_stock(cache: Path) -> Stock:
    """The stock kept in folder ``cache``; rendered and kept there where it is not yet."""
    if not (cache / "concepts.json").exists():
        stock = build_stock()
        cache.mkdir(parents=True, exist_ok=True)
        np.save(cache / "glyphs.npy", stock.glyphs)
        # Written last and renamed: its presence says that the glyphs are whole.
        partial = cache / "concepts.json.partial"
        partial.write_text(json.dumps([asdict(concept) for concept in stock.concepts], ensure_ascii=False))
        partial.rename(cache / "concepts.json")
    records = json.loads((cache / "concepts.json").read_text())
    concepts = tuple(
        Concept(**{**record, "keywords": tuple(record["keywords"]), "also": tuple(record["also"])})
        for record in records
    )
    return Stock(concepts, np.load(cache / "glyphs.npy"))
