"""Backgrounds: solid, graded, textured and cluttered, the same at every size."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

KINDS = ("solid", "graded", "textured", "cluttered")
_WEIGHTS = (0.27, 0.27, 0.26, 0.20)

Colour = NDArray[np.float64]


def choose_kind(rng: np.random.Generator) -> str:
    """Draw one of KINDS."""
    return KINDS[int(rng.choice(len(KINDS), p=_WEIGHTS))]


def choose_colour(rng: np.random.Generator) -> Colour:
    """Draw a colour, often a pale or a muted one."""
    colour = rng.uniform(0, 255, 3)
    paleness = rng.uniform(0, 0.75)
    target = 255.0 if rng.random() < 0.7 else 60.0
    return np.asarray(colour * (1 - paleness) + target * paleness)


def draw(kind: str, colours: tuple[Colour, Colour], seed: int, width: int, height: int) -> Image.Image:
    """Draw an RGB background of ``width`` × ``height`` pixels. ValueError for a kind that is not in KINDS."""
    rng = np.random.default_rng(seed)
    first, second = colours
    if kind == "solid":
        return Image.new("RGB", (width, height), _rgb(first))
    if kind == "graded":
        return _graded(rng, first, second, width, height)
    if kind == "textured":
        return _textured(rng, first, second, width, height)
    if kind == "cluttered":
        return _cluttered(rng, first, second, width, height)
    raise ValueError(f"no background is called {kind!r}")


def _rgb(colour: Colour) -> tuple[int, int, int]:
    red, green, blue = (int(min(255, max(0, value))) for value in colour)
    return red, green, blue


def _blend(weight: NDArray[np.float64], first: Colour, second: Colour) -> NDArray[np.uint8]:
    mixed = first + np.clip(weight, 0, 1)[..., None] * (second - first)
    return np.clip(mixed, 0, 255).astype(np.uint8)


def _graded(rng: np.random.Generator, first: Colour, second: Colour, width: int, height: int) -> Image.Image:
    # A grade is smooth: a coarse one, enlarged, costs a tenth and looks the same.
    angle = rng.uniform(0, 2 * math.pi)
    y, x = np.mgrid[0:16, 0:16] / 15.0 - 0.5
    weight = x * math.cos(angle) + y * math.sin(angle) + 0.5 if rng.random() < 0.7 else np.hypot(x, y) * 1.6
    return Image.fromarray(_blend(weight, first, second)).resize((width, height), Image.Resampling.BILINEAR)


def _textured(
    rng: np.random.Generator, first: Colour, second: Colour, width: int, height: int
) -> Image.Image:
    style = int(rng.integers(4))
    second = first + rng.uniform(0.2, 0.7) * (second - first)
    if style == 0:  # clouds: noise of two scales
        coarse, fine = rng.random((7, 7)), rng.random((24, 24))
        grown = np.asarray(
            Image.fromarray((coarse * 255).astype(np.uint8)).resize((24, 24), Image.Resampling.BICUBIC)
        )
        weight = 0.7 * grown / 255.0 + 0.4 * fine - 0.05
        return Image.fromarray(_blend(weight, first, second)).resize(
            (width, height), Image.Resampling.BICUBIC
        )
    scale = min(width, height)
    y, x = np.mgrid[0:height, 0:width] / scale
    period = rng.uniform(0.05, 0.3)
    angle = rng.uniform(0, math.pi)
    u = (x * math.cos(angle) + y * math.sin(angle)) / period
    v = (y * math.cos(angle) - x * math.sin(angle)) / period
    if style == 1:
        weight = np.sin(2 * math.pi * u) * 2 + 0.5
    elif style == 2:
        weight = (np.floor(u) + np.floor(v)) % 2
    else:
        weight = (0.33 - np.hypot(u % 1 - 0.5, v % 1 - 0.5)) * 12
    return Image.fromarray(_blend(weight, first, second))


def _cluttered(
    rng: np.random.Generator, first: Colour, second: Colour, width: int, height: int
) -> Image.Image:
    picture = Image.new("RGB", (width, height), _rgb(first))
    pen = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(8, 26))):
        tone = first + rng.uniform(0.1, 0.6) * (second - first) + rng.normal(0, 12, 3)
        x, y = rng.uniform(-0.1, 1.1) * width, rng.uniform(-0.1, 1.1) * height
        reach = rng.uniform(0.02, 0.16) * min(width, height)
        kind = int(rng.integers(3))
        if kind == 0:
            angle = rng.uniform(0, math.pi)
            dx, dy = 3 * reach * math.cos(angle), 3 * reach * math.sin(angle)
            pen.line([x - dx, y - dy, x + dx, y + dy], fill=_rgb(tone), width=max(1, int(reach / 5)))
        elif kind == 1:
            pen.ellipse([x - reach, y - reach, x + reach, y + reach], fill=_rgb(tone))
        else:
            corners = [(x + reach * rng.uniform(-1, 1), y + reach * rng.uniform(-1, 1)) for _ in range(3)]
            pen.polygon(corners, fill=_rgb(tone))
    return picture
