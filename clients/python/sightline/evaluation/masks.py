"""How well a stack cuts things out, against masks that are known: by itself, by one click, by a box."""

import time
from collections.abc import Sequence

from PIL import ImageFilter, ImageOps

from sightline import Sightline
from sightline.evaluation.collection import EvaluationError, Progress
from sightline.evaluation.dataset import Record, Thing
from sightline.evaluation.metrics import mask_iou, mean, percentile
from sightline.evaluation.report import Masks
from sightline.masks import decode_runs, runs_picture
from sightline.v1.region_pb2 import Mask

FOUND_IOU = 0.5


def measure_masks(
    client: Sightline, records: Sequence[Record], names: dict[str, str], progress: Progress
) -> Masks | None:
    """Mean IoUs over the records' things with masks; None without any.

    `automatic` is the best that any stored region of the picture has with a thing, `found` the share of
    things with one of at least 0.5; `click` that of the mask which one click at the thing's innermost pixel
    gives; `box` that of the mask in its box. Raises EvaluationError and CallError.
    """
    shown = [(record, [thing for thing in record.things if thing.runs]) for record in records]
    shown = [(record, things) for record, things in shown if things]
    if not shown:
        return None
    automatic: list[float] = []
    clicked: list[float] = []
    boxed: list[float] = []
    seconds: list[float] = []
    for done, (record, things) in enumerate(shown, 1):
        image = names[record.key]
        regions = list(client.list_regions(image, page_size=1000))
        automatic += [
            max((iou_with(region.mask, thing) for region in regions), default=0.0) for thing in things
        ]
        for thing in things:
            began = time.perf_counter()
            answer = client.segment_image(image, points=[innermost_point(thing)])
            seconds.append(time.perf_counter() - began)
            clicked.append(iou_with(answer.regions[0].mask, thing))
        framed = client.segment_image(image, boxes=[thing.box for thing in things]).regions
        boxed += [iou_with(region.mask, thing) for region, thing in zip(framed, things, strict=True)]
        progress("segmenting", done, len(shown))
    milliseconds = [1000 * spent for spent in seconds]
    return Masks(
        things=len(automatic),
        automatic=mean(automatic),
        found=mean([float(iou >= FOUND_IOU) for iou in automatic]),
        click=mean(clicked),
        box=mean(boxed),
        p50_ms=percentile(milliseconds, 0.5),
        p95_ms=percentile(milliseconds, 0.95),
    )


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


def iou_with(mask: Mask, thing: Thing) -> float:
    """The IoU of a mask with a thing's, 0 where there is none. Raises EvaluationError for other sizes."""
    if not mask.counts:
        return 0.0
    try:
        return mask_iou(decode_runs(mask.counts), thing.runs)
    except ValueError as error:
        raise EvaluationError(f"{thing.name}: {error}: is the data set's mask of this picture?") from error
