"""What the image tower learns from: scenes and crops of things, as small squares with what they show."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_repository.train import meaning
from model_repository.train.concepts import Stock
from model_repository.train.meaning import Meaning
from model_repository.train.scenes import Drawing, Painter, Scene, compose, relation_of, seen

IMAGE_SIZE = 96
PATCH = 12
UNKNOWN = -1

_SIDES, _SCENE_SIDES, _CROPPED_SIDES = (80, 161), (112, 193), (160, 257)  # pixels, of what is then shrunk
_SAMPLES = 4  # a side of a patch, to tell what covers it
_FILTERS = (
    Image.Resampling.BICUBIC,
    Image.Resampling.BICUBIC,
    Image.Resampling.BILINEAR,
    Image.Resampling.LANCZOS,
)
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class View:
    """``pixels`` uint8 ``(S, S, 3)``, S = IMAGE_SIZE; the ``concepts`` shown, repeats kept; ``patches`` int64
    ``(64,)``, what each patch shows: a concept, a kind of ground (behind the concepts) or UNKNOWN;
    ``contrasts``, what the view means and what it does not (of a crop only what it means)."""

    pixels: NDArray[np.uint8]
    concepts: list[int]
    patches: NDArray[np.int64]
    contrasts: list[Meaning]


def shrink(
    pixels: NDArray[np.uint8], filtering: Image.Resampling = Image.Resampling.BICUBIC
) -> NDArray[np.uint8]:
    """Squash RGB ``pixels`` to the tower's square, with no regard to their aspect, as the pack's
    ``resize`` says."""
    return np.asarray(Image.fromarray(pixels).resize((IMAGE_SIZE, IMAGE_SIZE), filtering))


def widen(box: Box, margin: float, width: int, height: int, shift: tuple[float, float] = (0.0, 0.0)) -> Box:
    """``box`` grown on each side by ``margin`` of its own size, moved by ``shift`` of it, kept inside the
    picture."""
    x0, y0, x1, y1 = box
    dx, dy = (x1 - x0) * margin, (y1 - y0) * margin
    sx, sy = (x1 - x0) * shift[0], (y1 - y0) * shift[1]
    left, top = max(0, math.floor(x0 - dx + sx)), max(0, math.floor(y0 - dy + sy))
    return (
        left,
        top,
        max(left + 2, min(width, math.ceil(x1 + dx + sx))),
        max(top + 2, min(height, math.ceil(y1 + dy + sy))),
    )


def view(stock: Stock, painter: Painter, rng: np.random.Generator, ease: float = 0.0) -> View:
    """One training picture.

    A fifth show one thing, a fifth are crops around one thing of a scene, with others peeking in, as
    regions are, a fifth show two or three of the same, the others different things. A share ``ease``
    shows one thing that fills the picture: to begin with.
    """
    if rng.random() < ease:
        return _scene(stock, painter, rng, compose(stock, rng, 1, sizes=(0.75, 1.0)), IMAGE_SIZE)
    lot = rng.random()
    aspect = float(math.exp(rng.uniform(-0.4, 0.4)))
    if lot < 0.2:
        scene = compose(stock, rng, 1, sizes=(0.4, 1.0), aspect=aspect)
        return _scene(stock, painter, rng, scene, int(rng.integers(*_SIDES)))
    if lot < 0.4:
        scene = compose(stock, rng, int(rng.integers(1, 5)), aspect=aspect)
        return _crop(stock, _draw(painter, scene, int(rng.integers(*_CROPPED_SIDES))), scene, rng)
    if lot < 0.6:
        same = int(rng.integers(len(stock)))
        copies = int(rng.integers(2, 4))
        scene = compose(stock, rng, copies, concepts=(same,) * copies, aspect=aspect)
    else:
        scene = compose(stock, rng, int(rng.choice([2, 2, 2, 2, 3, 4])), aspect=aspect)
    return _scene(stock, painter, rng, scene, int(rng.integers(*_SCENE_SIDES)))


def twin_family(
    stock: Stock, painter: Painter, near: NDArray[np.int64], rng: np.random.Generator
) -> list[View]:
    """Two drawings of a thing alone, and two of another that is much like it, one of those that ``near``
    int64 ``(concepts, K)`` names."""
    concept = int(rng.integers(len(stock)))
    other = int(near[concept, int(rng.integers(near.shape[1]))])
    family = []
    for shown in (concept, concept, other, other):
        aspect = float(math.exp(rng.uniform(-0.4, 0.4)))
        scene = compose(stock, rng, 1, concepts=(shown,), sizes=(0.4, 1.0), aspect=aspect)
        family.append(_scene(stock, painter, rng, scene, int(rng.integers(*_SIDES))))
    return family


def counted_family(stock: Stock, painter: Painter, rng: np.random.Generator) -> list[View]:
    """One, two and three of a thing before the same ground."""
    concept = int(rng.integers(len(stock)))
    side = int(rng.integers(*_SCENE_SIDES))
    ground = compose(stock, rng, 1, concepts=(concept,))
    family = []
    for count in (1, 2, 3):
        drawing = None
        while drawing is None or not seen(drawing).all():
            scene = compose(stock, rng, count, concepts=(concept,) * count)
            scene = replace(scene, background=ground.background, colours=ground.colours, seed=ground.seed)
            drawing = _draw(painter, scene, side)
        truth = meaning.of_things([concept] * count)
        contrasts = meaning.alternatives(truth, "count", len(stock))
        family.append(_view(stock, scene, drawing, [concept] * count, contrasts, rng))
    return family


def swapped_family(stock: Stock, painter: Painter, rng: np.random.Generator) -> list[View]:
    """Two things beside or above one another, and each in the other's place."""
    side = int(rng.integers(*_SCENE_SIDES))
    related = drawings = None
    while related is None or not all(seen(drawing).all() for drawing in drawings or ()):
        places = tuple(int(place) for place in rng.choice(len(stock), 2, False))
        scene = compose(stock, rng, 2, concepts=places)
        first, second = scene.things
        there = replace(first, concept=second.concept), replace(second, concept=first.concept)
        scenes = scene, replace(scene, things=there)
        related = relation_of(first, second)
        drawings = [_draw(painter, each, side) for each in scenes]
    relation, swapped = related
    family = []
    for scene, drawing in zip(scenes, drawings or (), strict=True):
        names = [thing.concept for thing in scene.things]
        before, after = reversed(names) if swapped else names
        truth = meaning.of_pair(before, after, meaning.OPERATORS.index(relation))
        contrasts = meaning.alternatives(truth, "relation", len(stock))
        family.append(_view(stock, scene, drawing, names, contrasts, rng))
    return family


def _draw(painter: Painter, scene: Scene, side: int) -> Drawing:
    stretch = math.sqrt(scene.aspect)
    return painter.draw(scene, round(side * stretch), round(side / stretch))


def _scene(stock: Stock, painter: Painter, rng: np.random.Generator, scene: Scene, side: int) -> View:
    drawing = _draw(painter, scene, side)
    known = np.flatnonzero(seen(drawing))
    if not len(known):
        known = np.array([len(scene.things) - 1])
    concepts = [scene.things[place].concept for place in known]
    return _view(stock, scene, drawing, concepts, _contrasts(len(stock), scene, known, rng), rng)


def _view(
    stock: Stock,
    scene: Scene,
    drawing: Drawing,
    concepts: list[int],
    contrasts: list[Meaning],
    rng: np.random.Generator,
) -> View:
    height, width = drawing.pixels.shape[:2]
    patches = _patches(stock, scene, drawing, (0, 0, width, height))
    return View(_finish(drawing.pixels, rng), concepts, patches, contrasts)


def _crop(stock: Stock, drawing: Drawing, scene: Scene, rng: np.random.Generator) -> View:
    place = int(rng.choice(np.flatnonzero(seen(drawing))))
    height, width = drawing.pixels.shape[:2]
    shift = rng.normal(0, 0.03, 2)
    margin = float(rng.uniform(-0.03, 0.22))
    box = widen(drawing.boxes()[place], margin, width, height, (float(shift[0]), float(shift[1])))
    x0, y0, x1, y1 = box
    pixels = _finish(drawing.pixels[y0:y1, x0:x1], rng)
    concept = scene.things[place].concept
    return View(pixels, [concept], _patches(stock, scene, drawing, box), [meaning.of_things([concept])])


def _patches(stock: Stock, scene: Scene, drawing: Drawing, box: Box) -> NDArray[np.int64]:
    x0, y0, x1, y1 = box
    which = np.zeros((y1 - y0, x1 - x0), np.uint8)
    for place, mask in enumerate(drawing.masks, start=1):
        which[mask[y0:y1, x0:x1]] = place
    grid = IMAGE_SIZE // PATCH
    small = Image.fromarray(which).resize((grid * _SAMPLES,) * 2, Image.Resampling.NEAREST)
    blocks = np.asarray(small).reshape(grid, _SAMPLES, grid, _SAMPLES).transpose(0, 2, 1, 3)
    samples = blocks.reshape(grid * grid, -1)
    _, ground = meaning.ground(len(stock), scene.background)
    found = np.where((samples == 0).mean(1) > 0.93, ground, UNKNOWN)
    for place, thing in enumerate(scene.things, start=1):
        found = np.where((samples == place).mean(1) > 0.55, thing.concept, found)
    return found.astype(np.int64)


def _contrasts(
    concepts: int, scene: Scene, known: NDArray[np.int64], rng: np.random.Generator
) -> list[Meaning]:
    things = [scene.things[place] for place in known]
    names = [thing.concept for thing in things]
    if len(things) == 2 and names[0] != names[1] and rng.random() < 0.9:
        related = relation_of(things[0], things[1])
        if related is not None:
            relation, swapped = related
            first, second = reversed(names) if swapped else names
            truth = meaning.of_pair(first, second, meaning.OPERATORS.index(relation))
            return meaning.alternatives(truth, "relation", concepts)
    if len(set(names)) == 1 and len(names) <= 3 and rng.random() < 0.7:
        return meaning.alternatives(meaning.of_things(names), "count", concepts)
    term = meaning.ground(concepts, scene.background)
    truth = {**meaning.of_things(names[: meaning.TERMS - 1]), term: meaning.GROUND_WEIGHT}
    return meaning.alternatives(truth, "ground", concepts)


def _finish(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    small = shrink(pixels, _FILTERS[int(rng.integers(len(_FILTERS)))]).astype(np.float32)
    small = (small - 128) * rng.uniform(0.85, 1.1) + 128 + rng.normal(0, 8)
    if rng.random() < 0.3:
        small += rng.normal(0, rng.uniform(0, 6), small.shape)
    return np.clip(small, 0, 255).astype(np.uint8)
