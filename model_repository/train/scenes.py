"""Scenes with known answers: which things, where, how large, how turned, before what; drawn at any size.

Everything follows from a seed. Places and sizes are fractions of the picture, so that one scene can be drawn
small for a tower and large for a gallery.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_repository.train import backgrounds
from model_repository.train.concepts import COLOURS, SIDE, Stock

_PLAINLY = 1.3  # how much further apart things lie in the direction that is told than in the other
_LEAST_VISIBLE = 0.5  # a thing of which less than this is seen is not part of the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One thing in a scene: centre and size in fractions of the width, the height and the shorter side."""

    concept: int
    x: float
    y: float
    size: float
    turn: float  # degrees
    stretch: float  # width over height, times the drawing's own
    mirrored: bool
    tint: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Things, the last one in front, before a background. ``aspect`` is width over height."""

    things: tuple[Thing, ...]
    background: str
    colours: tuple[NDArray[np.float64], NDArray[np.float64]]
    seed: int
    aspect: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """``pixels`` uint8 ``(H, W, 3)``; ``masks`` bool ``(K, H, W)``, the visible pixels of each thing;
    ``visible`` float ``(K,)``, the visible share of each thing's own pixels."""

    pixels: NDArray[np.uint8]
    masks: NDArray[np.bool_]
    visible: NDArray[np.float64]

    def boxes(self) -> list[tuple[int, int, int, int]]:
        """(x_min, y_min, x_max, y_max) of each thing's visible pixels, the maxima exclusive; zeros if
        unseen."""
        found = []
        for mask in self.masks:
            rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
            if len(rows):
                found.append((int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1))
            else:
                found.append((0, 0, 0, 0))
        return found


class Painter:
    """Draws scenes from a stock of glyphs."""

    def __init__(self, stock: Stock) -> None:
        self.stock = stock
        full = stock.glyphs
        # Smaller copies: sampling a large glyph sparsely would alias.
        self._levels = {SIDE: full}
        for side in (SIDE // 2, SIDE // 4):
            small = [
                np.asarray(Image.fromarray(glyph).resize((side, side), Image.Resampling.BOX))
                for glyph in full
            ]
            self._levels[side] = np.stack(small)

    def draw(self, scene: Scene, width: int, height: int) -> Drawing:
        """Draw ``scene`` at ``width`` × ``height`` pixels."""
        picture = backgrounds.draw(scene.background, scene.colours, scene.seed, width, height)
        masks = np.zeros((len(scene.things), height, width), dtype=np.bool_)
        whole = np.ones(len(scene.things))
        for place, thing in enumerate(scene.things):
            patch = self._patch(thing, min(width, height))
            left = round(thing.x * width - patch.width / 2)
            top = round(thing.y * height - patch.height / 2)
            alpha = patch.getchannel("A")
            picture.paste(patch, (left, top), alpha)
            solid = np.asarray(alpha) > 127
            whole[place] = max(1, int(solid.sum()))
            x0, y0, x1, y1 = (
                max(0, left),
                max(0, top),
                min(width, left + patch.width),
                min(height, top + patch.height),
            )
            if x0 < x1 and y0 < y1:
                inside = solid[y0 - top : y1 - top, x0 - left : x1 - left]
                masks[place, y0:y1, x0:x1] = inside
                masks[:place, y0:y1, x0:x1] &= ~inside
        visible = masks.sum((1, 2)) / whole
        return Drawing(np.asarray(picture), masks, visible)

    def _patch(self, thing: Thing, short_side: int) -> Image.Image:
        size = max(4.0, thing.size * short_side)
        level = next((side for side in sorted(self._levels) if side >= size), SIDE)
        glyph = Image.fromarray(self._levels[level][thing.concept])
        # output pixel → glyph pixel: undo the turn, then the stretch and the scale
        wide, high = size * math.sqrt(thing.stretch), size / math.sqrt(thing.stretch)
        angle = math.radians(thing.turn)
        cos, sin = math.cos(angle), math.sin(angle)
        out_w = math.ceil(abs(wide * cos) + abs(high * sin)) + 1
        out_h = math.ceil(abs(wide * sin) + abs(high * cos)) + 1
        flip = -1.0 if thing.mirrored else 1.0
        a, b = flip * cos * level / wide, flip * sin * level / wide
        d, e = -sin * level / high, cos * level / high
        c = level / 2 - a * out_w / 2 - b * out_h / 2
        f = level / 2 - d * out_w / 2 - e * out_h / 2
        filtering = Image.Resampling.BICUBIC if size > SIDE else Image.Resampling.BILINEAR
        patch = glyph.transform((out_w, out_h), Image.Transform.AFFINE, (a, b, c, d, e, f), filtering)
        painted = np.asarray(patch).copy()
        painted[..., :3] = np.minimum(painted[..., :3] * np.array(thing.tint, dtype=np.float32), 255)
        return Image.fromarray(painted)


def compose(
    stock: Stock,
    rng: np.random.Generator,
    count: int,
    *,
    concepts: tuple[int, ...] = (),
    sizes: tuple[float, float] | None = None,
    aspect: float = 1.0,
) -> Scene:
    """Compose a scene of ``count`` things, the first ones of the given ``concepts``, the others drawn by lot.

    ``sizes`` are the least and the greatest size in fractions of the shorter side. A place where a thing
    would
    hide more than a little of another is drawn again; after twelve tries the thing is made smaller.
    """
    least, greatest = sizes or _SIZES[min(count, 4)]
    room_x, room_y = max(1.0, aspect), max(1.0, 1 / aspect)
    things: list[Thing] = []
    for place in range(count):
        concept = concepts[place] if place < len(concepts) else int(rng.integers(len(stock)))
        if not concepts and place and rng.random() < 0.12:
            concept = things[-1].concept
        size = float(rng.uniform(least, greatest))
        for attempt in range(36):
            if attempt and attempt % 12 == 0:
                size *= 0.75
            x, y = (
                float(rng.uniform(min(0.5, 0.45 * size / room), max(0.5, 1 - 0.45 * size / room)))
                for room in (room_x, room_y)
            )
            gaps = [
                math.hypot((x - other.x) * room_x, (y - other.y) * room_y) - 0.42 * (size + other.size)
                for other in things
            ]
            if all(gap > 0 for gap in gaps):
                break
        free = stock.concepts[concept].free_turn
        reach = 30.0 if free else 10.0
        shade = rng.uniform(0.82, 1.12)
        tint = tuple(float(value) for value in shade * rng.uniform(0.94, 1.06, 3))
        things.append(
            Thing(
                concept=concept,
                x=x,
                y=y,
                size=size,
                turn=float(rng.triangular(-reach, 0, reach)),
                # A stretched circle is an oval.
                stretch=float(
                    math.exp(rng.normal(0, 0.03 if stock.concepts[concept].group == "shapes" else 0.1))
                ),
                mirrored=bool(free and rng.random() < 0.4),
                tint=(tint[0], tint[1], tint[2]),
            )
        )
    order = rng.permutation(count)
    first, second = _contrasting(stock, things, rng)
    return Scene(
        things=tuple(things[i] for i in order),
        background=backgrounds.choose_kind(rng),
        colours=(first, second),
        seed=int(rng.integers(2**31)),
        aspect=aspect,
    )


_SIZES = {1: (0.35, 0.95), 2: (0.3, 0.55), 3: (0.25, 0.45), 4: (0.22, 0.4)}


def _contrasting(
    stock: Stock, things: list[Thing], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two background colours, far from those of the things where that can be had."""
    taken = [np.array(COLOURS[stock.concepts[thing.concept].colour], dtype=np.float64) for thing in things]
    chosen = []
    for _ in range(2):
        colour = backgrounds.choose_colour(rng)
        for _ in range(8):
            if all(np.abs(colour - other).sum() > 130 for other in taken):
                break
            colour = backgrounds.choose_colour(rng)
        chosen.append(colour)
    return chosen[0], chosen[1]


def relation_of(first: Thing, second: Thing) -> tuple[str, bool] | None:
    """How two things lie: "left" or "above", and whether it is the second one that lies so; None where
    neither is plain to see."""
    dx, dy = second.x - first.x, second.y - first.y
    if max(abs(dx), abs(dy)) < _PLAINLY * min(abs(dx), abs(dy)):
        return None
    return ("left", dx < 0) if abs(dx) > abs(dy) else ("above", dy < 0)


def seen(drawing: Drawing) -> NDArray[np.bool_]:
    """Which things count as part of the answer: those of which enough is visible."""
    return np.asarray(drawing.visible >= _LEAST_VISIBLE)
