"""Where a click is put, and what masks have in common."""

import pytest

from sightline.evaluation.collection import EvaluationError
from sightline.evaluation.dataset import Thing
from sightline.evaluation.masks import innermost_point, iou_with
from sightline.v1.region_pb2 import Mask


def thing(rows: list[str]) -> Thing:
    """A thing drawn in letters: runs go down the columns."""
    columns = "".join("".join(row[at] for row in rows) for at in range(len(rows[0])))
    runs, inside = [0], False
    for letter in columns:
        if (letter == "#") != inside:
            inside = not inside
            runs.append(0)
        runs[-1] += 1
    return Thing(name="it", box=(0, 0, 1, 1), runs=tuple(runs), size=(len(rows), len(rows[0])))


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
    with pytest.raises(EvaluationError, match="of this picture"):
        iou_with(Mask(size=[2, 3], counts="06"), square)
