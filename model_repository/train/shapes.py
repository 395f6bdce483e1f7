"""Plain shapes, drawn as RGBA pictures."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

NAMES = (
    "circle", "square", "triangle", "diamond", "pentagon", "star", "ring", "cross", "oval", "half circle",
    "rectangle",
)  # fmt: skip
_OVERSAMPLING = 4

Point = tuple[float, float]


def _polygon(corners: int, radius: float = 1.0, inner: float | None = None) -> list[Point]:
    """A regular polygon about the origin, its first corner up; a star where ``inner`` is the inner radius."""
    radii = [radius] if inner is None else [radius, inner]
    steps = corners * len(radii)
    turn = 2 * math.pi / steps
    return [
        (radii[i % len(radii)] * math.sin(i * turn), -radii[i % len(radii)] * math.cos(i * turn))
        for i in range(steps)
    ]


def draw(shape: str, rgb: tuple[int, int, int], side: int) -> Image.Image:
    """Draw ``shape`` (one of NAMES) in colour ``rgb`` on a transparent ``side`` × ``side`` square."""
    big = side * _OVERSAMPLING
    mask = Image.new("L", (big, big))
    pen = ImageDraw.Draw(mask)

    def place(points: list[Point]) -> list[Point]:
        return [(big * (0.5 + 0.47 * x), big * (0.5 + 0.47 * y)) for x, y in points]

    def ellipse(x: float, y: float, fill: int = 255) -> None:
        pen.ellipse([place([(-x, -y)])[0], place([(x, y)])[0]], fill=fill)

    def box(x: float, y: float) -> None:
        pen.rectangle([place([(-x, -y)])[0], place([(x, y)])[0]], fill=255)

    if shape == "circle":
        ellipse(1, 1)
    elif shape == "oval":
        ellipse(1, 0.55)
    elif shape == "ring":
        ellipse(1, 1)
        ellipse(0.58, 0.58, fill=0)
    elif shape == "half circle":
        ellipse(1, 1)
        pen.rectangle([0, big // 2, big, big], fill=0)
    elif shape == "square":
        box(0.9, 0.9)
    elif shape == "rectangle":
        box(1, 0.5)
    elif shape == "cross":
        box(1, 0.32)
        box(0.32, 1)
    elif shape == "diamond":
        pen.polygon(place([(0, -1), (0.72, 0), (0, 1), (-0.72, 0)]), fill=255)
    elif shape == "triangle":
        pen.polygon(place(_polygon(3)), fill=255)
    elif shape == "pentagon":
        pen.polygon(place(_polygon(5)), fill=255)
    elif shape == "star":
        pen.polygon(place(_polygon(5, inner=0.42)), fill=255)
    else:
        raise ValueError(f"no shape is called {shape!r}")
    picture = Image.new("RGBA", (big, big), (*rgb, 255))
    picture.putalpha(mask)
    return picture.resize((side, side), Image.Resampling.BOX)
