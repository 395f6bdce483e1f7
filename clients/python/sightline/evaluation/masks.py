"""How well a stack cuts things out, against masks that are known: by itself, by one click, by a box."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PIL import ImageFilter, ImageOps

from sightline import InvalidArgument, Sightline
from sightline.evaluation.collection import EvaluationError, Progress
from sightline.evaluation.dataset import Record, Thing
from sightline.evaluation.metrics import mask_iou, mean, percentile
from sightline.evaluation.report import Masks
from sightline.masks import decode_runs, runs_picture
from sightline.v1.region_pb2 import Box, Mask

FOUND_IOU = 0.5
MOST_BOXES = 256  # that a call takes


def measure_masks(
    client: Sightline, records: Sequence[Record], names: dict[str, str], progress: Progress
) -> Masks | None:
    """Mean IoUs over the records' things with masks; None without any.

    `automatic` is the best that any stored region of the picture has with a thing, `found` the share of
    things with one of at least 0.5; `click` that of the mask which one click at the thing's innermost pixel
    gives; `box` that of the mask in its box, 0 for a box beside the picture. Raises EvaluationError, which
    names the record that cannot be measured on, and CallError.
    """
    shown = [(record, [thing for thing in record.things if thing.runs]) for record in records]
    shown = [(record, things) for record, things in shown if things]
    if not shown:
        return None
    automatic: list[float] = []
    clicked: list[float] = []
    boxed: list[float] = []
    milliseconds: list[float] = []
    for done, (record, things) in enumerate(shown, 1):
        image = names[record.key]
        with about(record.key):
            automatic += _best_ious(client, image, things)
            for thing in things:
                point = innermost_point(thing)
                began = time.perf_counter()
                (region,) = client.segment_image(image, points=[point]).regions
                milliseconds.append(1000 * (time.perf_counter() - began))
                clicked.append(iou_with(region.mask, thing))
            boxed += _box_ious(client, image, things)
        progress("segmenting", done, len(shown))
    return Masks(
        things=len(automatic),
        automatic=mean(automatic),
        found=mean([float(iou >= FOUND_IOU) for iou in automatic]),
        click=mean(clicked),
        box=mean(boxed),
        p50_ms=percentile(milliseconds, 0.5),
        p95_ms=percentile(milliseconds, 0.95),
    )


@contextmanager
def about(record: str) -> Iterator[None]:
    """What is wrong with a record is an EvaluationError that names it, by its key."""
    try:
        yield
    except (EvaluationError, InvalidArgument, ValueError) as error:
        raise EvaluationError(f"{record}: {error}") from error


def innermost_point(thing: Thing) -> tuple[float, float]:
    """The centre (x, y) of the pixel of a thing's mask that lies farthest from its edge, by the chessboard
    distance; of several the one nearest to their mean. As the SAM paper clicks (Kirillov et al., 2023, D.1).

    Raises ValueError for an empty mask.
    """
    whole = runs_picture(thing.runs, *thing.size)
    frame = whole.getbbox()
    if frame is None:
        raise ValueError("the mask is empty")
    inner = rest = ImageOps.expand(whole.crop(frame), 1)
    while rest.getbbox():
        inner, rest = rest, rest.filter(ImageFilter.MinFilter(3))
    places = [divmod(at, inner.width) for at, value in enumerate(inner.tobytes()) if value]
    middle = mean([y for y, _ in places]), mean([x for _, x in places])
    y, x = min(places, key=lambda place: (place[0] - middle[0]) ** 2 + (place[1] - middle[1]) ** 2)
    return frame[0] + x - 0.5, frame[1] + y - 0.5


def clip_box(thing: Thing) -> Box | None:
    """As much of a thing's box as the picture of its mask has; None where that is nothing, in float32."""
    (x_min, y_min, x_max, y_max), (height, width) = thing.box, thing.size
    box = Box(x_min=max(x_min, 0), y_min=max(y_min, 0), x_max=min(x_max, width), y_max=min(y_max, height))
    return box if box.x_min < box.x_max and box.y_min < box.y_max else None


def iou_with(mask: Mask, thing: Thing) -> float:
    """The IoU of a mask with a thing's, 0 where there is none.

    Raises EvaluationError for masks of other sizes, ValueError for one that is broken.
    """
    return _ious(mask, [thing])[0]


def _ious(mask: Mask, things: Sequence[Thing]) -> list[float]:
    """As `iou_with`, with each thing."""
    if not mask.counts:
        return [0.0] * len(things)
    size, runs = tuple(mask.size), decode_runs(mask.counts)
    for thing in things:
        if thing.size != size:
            sizes = ", not ".join(f"{width} × {height}" for height, width in (thing.size, size))
            raise EvaluationError(f"{thing.name}: its mask has {sizes} pixels: is it of this picture?")
    return [mask_iou(runs, thing.runs) for thing in things]


def _best_ious(client: Sightline, image: str, things: Sequence[Thing]) -> list[float]:
    """The best of the image's stored regions with each thing, 0 without any."""
    found = [_ious(region.mask, things) for region in client.list_regions(image, page_size=1000)]
    return [max(ious) for ious in zip([0.0] * len(things), *found, strict=True)]


def _box_ious(client: Sightline, image: str, things: Sequence[Thing]) -> list[float]:
    """Of the masks in the things' boxes, those of nothing last."""
    asked = [(box, thing) for thing in things if (box := clip_box(thing)) is not None]
    ious: list[float] = []
    for start in range(0, len(asked), MOST_BOXES):
        batch = asked[start : start + MOST_BOXES]
        regions = client.segment_image(image, boxes=[box for box, _ in batch]).regions
        ious += [iou_with(region.mask, thing) for region, (_, thing) in zip(regions, batch, strict=True)]
    return ious + [0.0] * (len(things) - len(asked))
