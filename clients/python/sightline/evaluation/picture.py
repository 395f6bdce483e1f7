"""Draws reports: recall by k and the reliability curve, a second report beside the first in dashes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageDraw

from sightline.evaluation.report import Figures, Report
from sightline.lettering import fit, font_of

WIDTH, HEIGHT = 1280, 640
PLOT = 420
TOP = 112
LEFT = 72
GAP = 92
INK = (28, 30, 36)
PALE = (110, 114, 124)
GRID = (226, 226, 222)
PAPER = (250, 250, 248)
COLOURS = {
    "captions": (0, 107, 176),
    "labels": (214, 92, 0),
    "queries": (128, 82, 176),
    "regions": (0, 140, 98),
    "contrasts": (176, 38, 70),
    "pictures": (120, 104, 40),
}
SMOOTH = 2  # drawn this much larger, then made smaller: Pillow's lines have hard edges

Colour = tuple[int, int, int]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Plot:
    """A square with both axes from 0 to 1, at a corner of the sheet."""

    pen: ImageDraw.ImageDraw
    left: int
    top: int

    def at(self, x: float, y: float) -> Point:
        return SMOOTH * (self.left + x * PLOT), SMOOTH * (self.top + (1 - y) * PLOT)


def draw_report(report: Report, other: Report | None = None) -> Image.Image:
    """The sheet: recall by k, reliability with dots as large as the hits are many, and a key. RGB."""
    sheet = Image.new("RGB", (WIDTH * SMOOTH, HEIGHT * SMOOTH), PAPER)
    pen = ImageDraw.Draw(sheet)
    title = f"{report.dataset}: {report.pictures:,} pictures, {report.embedder}"
    if other is not None:
        title += f"   (in dashes: {other.dataset}, {other.pictures:,} pictures, {other.embedder})"
    _text(pen, (LEFT, 22), title, 22, limit=WIDTH - LEFT - 24)
    recall = _Plot(pen, LEFT, TOP)
    reliability = _Plot(pen, LEFT + PLOT + GAP, TOP)
    cuts = sorted({cut for figures in report.kinds.values() for cut in figures.recall})
    places = {cut: (index + 0.5) / len(cuts) for index, cut in enumerate(cuts)}
    _axes(recall, "Recall by k", {place: f"{cut}" for cut, place in places.items()}, "k", "recall")
    shares = {step / 5: f"{step / 5:.1f}" for step in range(6)}
    _axes(reliability, "Reliability of the relevance", shares, "relevance of the hits", "share that is right")
    _line(pen, [reliability.at(0, 0), reliability.at(1, 1)], PALE, 1, dashed=True)
    note = "a dot's area: how many of the hits it stands for"
    _text(pen, (LEFT + PLOT + GAP + PLOT // 2, TOP + PLOT + 54), note, 13, PALE, anchor="mt")
    for drawn, dashed in ((other, True), (report, False)):
        for kind, figures in drawn.kinds.items() if drawn is not None else ():
            colour = COLOURS.get(kind, INK)
            points = [recall.at(places[cut], figures.recall[cut]) for cut in cuts if cut in figures.recall]
            _curve(pen, points, colour, lambda _: 5.0, dashed=dashed)
            _reliability(reliability, figures, colour, dashed=dashed)
    _key(pen, LEFT + 2 * PLOT + GAP + 40, report)
    return sheet.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _axes(plot: _Plot, title: str, ticks: dict[float, str], below: str, beside: str) -> None:
    pen, left, top = plot.pen, plot.left, plot.top
    _text(pen, (left, top - 46), title, 18)
    _text(pen, (left, top - 21), beside, 13, PALE)
    for step in range(6):
        share = step / 5
        _line(pen, [plot.at(0, share), plot.at(1, share)], GRID if step else PALE, 1)
        _text(pen, (left - 10, round(top + (1 - share) * PLOT)), f"{share:.1f}", 13, PALE, anchor="rm")
    for place, text in ticks.items():
        _line(pen, [plot.at(place, 0), plot.at(place, -0.012)], PALE, 1)
        _text(pen, (round(left + place * PLOT), top + PLOT + 10), text, 13, PALE, anchor="mt")
    _text(pen, (left + PLOT // 2, top + PLOT + 32), below, 13, PALE, anchor="mt")


def _reliability(plot: _Plot, figures: Figures, colour: Colour, *, dashed: bool) -> None:
    """A point a bin that has hits, its area by how many."""
    held = [each for each in figures.reliability if each.count]
    total = sum(each.count for each in held)
    sizes = [4 + 10 * (each.count / total) ** 0.5 for each in held]
    points = [plot.at(each.confidence, each.accuracy) for each in held]
    _curve(plot.pen, points, colour, lambda index: sizes[index], dashed=dashed)


def _curve(
    pen: ImageDraw.ImageDraw,
    points: Sequence[Point],
    colour: Colour,
    radius: Callable[[int], float],
    *,
    dashed: bool,
) -> None:
    _line(pen, points, colour, 2, dashed=dashed)
    for index, (x, y) in enumerate(points):
        reach = radius(index) * SMOOTH
        pen.ellipse(
            (x - reach, y - reach, x + reach, y + reach),
            fill=PAPER if dashed else colour,
            outline=colour if dashed else PAPER,
            width=2 * SMOOTH,
        )


def _line(
    pen: ImageDraw.ImageDraw, points: Sequence[Point], colour: Colour, width: int, *, dashed: bool = False
) -> None:
    if not dashed:
        pen.line(list(points), colour, width * SMOOTH, joint="curve")
        return
    for (x, y), (to_x, to_y) in pairwise(points):
        length = max(((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5, 1e-9)
        step = 7 * SMOOTH
        for start in range(0, int(length), 2 * step):
            end = min(start + step, length)
            along = [(x + (to_x - x) * at / length, y + (to_y - y) * at / length) for at in (start, end)]
            pen.line(along, colour, width * SMOOTH)


def _key(pen: ImageDraw.ImageDraw, left: int, report: Report) -> None:
    top = TOP - 8
    entries: dict[str, list[str]] = {}
    for kind, figures in report.kinds.items():
        entries[kind] = [
            f"{figures.queries:,} queries",
            f"mAP {figures.map:.3f}   MRR {figures.mrr:.3f}",
            f"calibration error {figures.ece:.3f}",
            f"p50 {figures.p50_ms:.0f} ms   p95 {figures.p95_ms:.0f} ms",
        ]
        if figures.box_iou is not None:
            masks = f"   mask {figures.mask_iou:.3f}" if figures.mask_iou is not None else ""
            entries[kind].append(f"IoU: box {figures.box_iou:.3f}{masks}")
    if report.masks:
        held = report.masks
        entries["masks"] = [
            f"IoU over {held.things:,} things",
            f"automatic {held.automatic:.3f}, {held.found:.0%} found",
            f"click {held.click:.3f}   box {held.box:.3f}",
        ]
    for kind, lines in entries.items():
        if kind in report.kinds:
            corner = (left * SMOOTH, (top + 4) * SMOOTH, (left + 14) * SMOOTH, (top + 18) * SMOOTH)
            pen.rectangle(corner, fill=COLOURS.get(kind, INK))
        _text(pen, (left + 22, top), kind, 17)
        for number, line in enumerate(lines):
            _text(pen, (left + 22, top + 25 + 18 * number), line, 13, PALE)
        top += 25 + 18 * len(lines) + 16


def _text(
    pen: ImageDraw.ImageDraw,
    at: tuple[int, int],
    text: str,
    size: int,
    colour: Colour = INK,
    *,
    anchor: str = "la",
    limit: int = 0,
) -> None:
    font = font_of(size * SMOOTH)
    text = fit(text, font, limit * SMOOTH) if limit else text
    pen.text((at[0] * SMOOTH, at[1] * SMOOTH), text, colour, font=font, anchor=anchor)
