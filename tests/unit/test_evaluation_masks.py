"""Where a click is put, what masks have in common, and what is asked of a server about a picture's things."""

import asyncio
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sightline import Segmentation, Sightline
from sightline.evaluation.collection import EvaluationError, Plan
from sightline.evaluation.dataset import Dataset, Record, Thing
from sightline.evaluation.masks import about, clip_box, innermost_point, iou_with, measure_masks
from sightline.evaluation.report import Masks
from sightline.evaluation.run import evaluate
from sightline.masks import decode_runs
from sightline.v1.region_pb2 import Box, Mask
from tests.fixtures.server import RunningServer

SIDE = 20
RED_SQUARE = (slice(2, 8), slice(3, 9))  # rows, columns
BLUE_SQUARE = (slice(12, 16), slice(10, 18))


def thing(rows: Sequence[str]) -> Thing:
    """A thing drawn in letters: runs go down the columns."""
    columns = "".join("".join(row[at] for row in rows) for at in range(len(rows[0])))
    runs, inside = [0], False
    for letter in columns:
        if (letter == "#") != inside:
            inside = not inside
            runs.append(0)
        runs[-1] += 1
    return Thing(name="it", box=(0, 0, 1, 1), runs=tuple(runs), size=(len(rows), len(rows[0])))


LARGER = thing([*["." * 30] * 29, "." * 29 + "#"])
"""In a corner that a picture of 20 × 20 does not have."""


def test_the_innermost_point_is_far_from_every_edge() -> None:
    ring = thing(
        ["........", "######..", "######..", "######..", "######..", "######..", "....####", "........"]
    )
    assert innermost_point(ring) == (2.5, 3.5) or innermost_point(ring) == (3.5, 3.5)


def test_the_picture_itself_is_an_edge() -> None:
    assert innermost_point(thing(["###.", "###.", "###."])) == (1.5, 1.5)


def test_the_innermost_point_of_what_has_a_hole_lies_on_it() -> None:
    x, y = innermost_point(thing(["#####", "#...#", "#...#", "#...#", "#####"]))
    assert (x, y) != (2.5, 2.5)
    assert 4.5 in (x, y) or 0.5 in (x, y)


def test_an_empty_mask_has_no_point() -> None:
    with pytest.raises(ValueError, match="empty"):
        innermost_point(thing(["..", ".."]))


def test_a_mask_of_another_picture_is_told() -> None:
    square = thing(["##", "##"])
    assert iou_with(Mask(size=[2, 2], counts="04"), square) == 1
    assert iou_with(Mask(), square) == 0
    with pytest.raises(EvaluationError, match="it: its mask has 2 × 2, not 3 × 2 pixels"):
        iou_with(Mask(size=[2, 3], counts="06"), square)


def test_a_mask_on_its_side_is_told() -> None:
    with pytest.raises(EvaluationError, match="2 × 3, not 3 × 2"):
        iou_with(Mask(size=[2, 3], counts="06"), thing(["##", "##", "##"]))


@pytest.mark.parametrize(
    ("box", "clipped"),
    [
        ((1, 1, 3, 2), (1, 1, 3, 2)),
        ((-2.5, -1, 9, 9), (0, 0, 4, 3)),
        ((2, 1, 4.5, 2), (2, 1, 4, 2)),
        ((4, 0, 5, 3), None),
        ((-3, 0, 0, 3), None),
        ((0, 3, 4, 4), None),
        ((2, 1, 2.00000001, 2), None),  # nothing in float32
    ],
)
def test_a_box_ends_where_the_picture_ends(
    box: tuple[float, float, float, float], clipped: tuple[float, float, float, float] | None
) -> None:
    found = clip_box(replace(thing(["####", "####", "####"]), box=box))
    edges = None if found is None else (found.x_min, found.y_min, found.x_max, found.y_max)
    assert edges == clipped


def test_whatever_is_wrong_with_a_record_names_it() -> None:
    with pytest.raises(EvaluationError, match=r"^cats/1\.png: the mask is empty$"), about("cats/1.png"):
        innermost_point(thing(["..", ".."]))


def square(window: tuple[slice, slice], box: tuple[float, float, float, float] | None = None) -> Thing:
    """What lies in those rows and columns of the picture, in its own box unless another is given."""
    drawn = np.full((SIDE, SIDE), ".")
    drawn[window] = "#"
    rows, columns = window
    own = columns.start, rows.start, columns.stop, rows.stop
    return replace(thing(["".join(row) for row in drawn]), box=box or own)


def picture() -> bytes:
    pixels = np.full((SIDE, SIDE, 3), 255, np.uint8)
    pixels[RED_SQUARE], pixels[BLUE_SQUARE] = (255, 0, 0), (0, 0, 255)
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG")
    return written.getvalue()


def record(*things: Thing) -> Record:
    return Record(path=Path("two.png"), key="two.png", things=things)


async def measure(
    server: RunningServer, measured: Record, segmentation: Segmentation = "quick"
) -> Masks | None:
    """Of a picture with a red and a blue square, of which the server keeps regions unless that is "off"."""

    def work() -> Masks | None:
        with Sightline(server.address) as client:
            client.create_collection("shop", segmentation=segmentation)
            image = client.create_image(picture(), collection="shop")
            return measure_masks(client, [measured], {measured.key: image.name}, lambda *_: None)

    return await asyncio.to_thread(work)


async def test_a_segmenter_that_finds_everything_has_an_iou_of_one(server: RunningServer) -> None:
    found = await measure(server, record(square(RED_SQUARE), square(BLUE_SQUARE)))
    assert found is not None
    assert (found.things, found.automatic, found.found, found.click, found.box) == (2, 1, 1, 1, 1)
    assert found.p95_ms >= found.p50_ms > 0


async def test_more_things_than_a_call_takes_are_asked_for_in_several(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    segment_image = Sightline.segment_image

    def count(client: Sightline, name: str, boxes: Sequence[Box] = (), **prompt: object) -> object:
        asked.append(len(boxes))
        return segment_image(client, name, boxes=boxes, **prompt)  # type: ignore[arg-type]

    monkeypatch.setattr(Sightline, "segment_image", count)
    found = await measure(server, record(*[square(RED_SQUARE), square(BLUE_SQUARE)] * 130))
    assert found is not None
    assert (found.things, found.box) == (260, 1)
    assert [boxes for boxes in asked if boxes] == [256, 4]


async def test_a_box_beside_the_picture_has_no_mask_and_fails_nothing(server: RunningServer) -> None:
    beyond = square(BLUE_SQUARE, (-3, 12, 99, 16))
    beside = square(RED_SQUARE, (SIDE, 0, SIDE + 5, 5))
    found = await measure(server, record(beside, beyond, square(RED_SQUARE)))
    assert found is not None
    assert (found.things, found.click) == (3, 1)
    assert found.box == pytest.approx(2 / 3)


async def test_the_record_whose_mask_is_of_another_picture_is_named(server: RunningServer) -> None:
    with pytest.raises(EvaluationError, match=re.escape("two.png: it: its mask has 30 × 30, not 20 × 20")):
        await measure(server, record(square(RED_SQUARE), LARGER))


async def test_the_record_that_the_server_refuses_is_named(server: RunningServer) -> None:
    """Without regions, a click beside the picture is the first that tells."""
    with pytest.raises(EvaluationError, match=r"^two\.png: .*outside the picture of 20 x 20"):
        await measure(server, record(LARGER), segmentation="off")


async def test_the_search_for_regions_names_it_too(server: RunningServer, tmp_path: Path) -> None:
    (tmp_path / "two.png").write_bytes(picture())
    dataset = Dataset(
        name="two", records=(replace(record(replace(LARGER, name="red")), path=tmp_path / "two.png"),)
    )

    def work() -> None:
        with Sightline(server.address) as client:
            evaluate(client, dataset, Plan(), lambda *_: None)

    with pytest.raises(EvaluationError, match=r"^two\.png: red: its mask has 30 × 30, not 20 × 20"):
        await asyncio.to_thread(work)


async def test_each_regions_mask_is_decoded_once(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[str] = []

    def decode(counts: str) -> list[int]:
        decoded.append(counts)
        return decode_runs(counts)

    monkeypatch.setattr("sightline.evaluation.masks.decode_runs", decode)
    await measure(server, record(*[square(RED_SQUARE)] * 5))
    regions, clicks, boxes = 2, 5, 5
    assert len(decoded) == regions + clicks + boxes
