"""Contact sheets: the hits of searches as one picture, with what was found marked."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from sightline.lettering import fit, font_of
from sightline.masks import mask_picture
from sightline.v1 import region_pb2

__all__ = ["Row", "Tile", "draw_marked", "draw_sheet"]

TILE = 224
MARGIN = 14
CAPTION = 40
HEADING = 38
INK = (28, 30, 36)
PALE = (110, 114, 124)
PAPER = (250, 250, 248)
MARK = (230, 30, 110)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One hit: a picture file, its upright size in pixels, what to mark in it, and two lines for below it."""

    picture: bytes
    width: int
    height: int
    box: region_pb2.Box | None = None
    mask: region_pb2.Mask | None = None
    lines: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The hits of one search under a heading. `query` is shown in front of them, where it is a picture."""

    heading: str
    tiles: Sequence[Tile]
    query: Tile | None = None


def draw_sheet(rows: Sequence[Row], *, columns: int = 5) -> Image.Image:
    """Draws rows of hits below each other; a long row goes on in the next line. RGB."""
    lines = [_lines(row, columns) for row in rows]
    width = MARGIN + columns * (TILE + MARGIN)
    height = MARGIN + sum(HEADING + len(found) * (TILE + CAPTION + MARGIN) for found in lines)
    sheet = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(sheet)
    top = MARGIN
    for row, found in zip(rows, lines, strict=True):
        pen.text((MARGIN, top), fit(row.heading, font_of(21), width - 2 * MARGIN), INK, font=font_of(21))
        top += HEADING
        for line in found:
            for column, tile in enumerate(line):
                _draw_tile(sheet, tile, MARGIN + column * (TILE + MARGIN), top, tile is row.query)
            top += TILE + CAPTION + MARGIN
    return sheet


def draw_marked(tile: Tile, side: int, *, regions: Sequence[region_pb2.Region] = ()) -> Image.Image:
    """A picture of at most `side` pixels, its box and mask marked, and those of more regions. RGB."""
    with Image.open(io.BytesIO(tile.picture)) as opened:
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    picture.thumbnail((side, side))
    scale = picture.width / max(tile.width, 1)
    marks = [(tile.box, tile.mask)] if tile.box is not None else []
    marks += [(region.box, region.mask if region.HasField("mask") else None) for region in regions]
    for index, (box, mask) in enumerate(marks):
        colour = MARK if len(marks) == 1 else _colour(index)
        if mask is not None and mask.counts:
            _outline(picture, mask, colour)
        corners = [round(edge * scale) for edge in (box.x_min, box.y_min, box.x_max, box.y_max)]
        corners[2:] = max(corners[2] - 1, corners[0]), max(corners[3] - 1, corners[1])
        if mask is None or len(marks) == 1:
            ImageDraw.Draw(picture).rectangle(corners, outline=colour, width=2)
    return picture


def _lines(row: Row, columns: int) -> list[list[Tile]]:
    tiles = [*([row.query] if row.query else []), *row.tiles]
    return [tiles[start : start + columns] for start in range(0, len(tiles), columns)]


def _draw_tile(sheet: Image.Image, tile: Tile, left: int, top: int, is_query: bool) -> None:
    picture = draw_marked(tile, TILE)
    at = (left + (TILE - picture.width) // 2, top + (TILE - picture.height) // 2)
    sheet.paste(picture, at)
    pen = ImageDraw.Draw(sheet)
    if is_query:
        edges = (at[0] - 4, at[1] - 4, at[0] + picture.width + 3, at[1] + picture.height + 3)
        pen.rectangle(edges, outline=INK, width=2)
    for number, text in enumerate(tile.lines[:2]):
        pen.text(
            (left, top + TILE + 3 + number * 17),
            fit(text, font_of(14), TILE),
            INK if not number else PALE,
            font_of(14),
        )


def _outline(picture: Image.Image, mask: region_pb2.Mask, colour: tuple[int, int, int]) -> None:
    inside = (
        mask_picture(mask)
        .resize(picture.size, Image.Resampling.BILINEAR)
        .point(lambda grey: 255 * (grey > 127))
    )
    veil = Image.new("RGB", picture.size, colour)
    picture.paste(veil, mask=inside.point(lambda grey: grey // 3))
    edge = inside.filter(ImageFilter.MaxFilter(5)).point(lambda grey: 255 * (grey > 127))
    rim = Image.composite(Image.new("L", picture.size, 0), edge, inside)
    picture.paste(veil, mask=rim)


def _colour(index: int) -> tuple[int, int, int]:
    hue = int(index * 0.618 * 256) % 256
    red, green, blue = Image.new("HSV", (1, 1), (hue, 220, 235)).convert("RGB").getpixel((0, 0))  # type: ignore[misc]
    return int(red), int(green), int(blue)
