"""Annotations of pictures: COCO's, and the layouts of Roboflow's exports."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orchestrator.adapters.sources.annotations import coco as coco_module
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument
from orchestrator.domain.import_source import AnnotationFormat, Annotations, FilesSource, SourceItem
from orchestrator.domain.region import Box, Mask
from orchestrator.domain.rle import decode_mask, encode_runs
from tests.fixtures.pictures import drawing, encoded, png
from tests.fixtures.sources import contents, listed, sources_of

COCO, ROBOFLOW = AnnotationFormat.COCO, AnnotationFormat.ROBOFLOW


async def items_of(folder: Path, annotations: Path, format: AnnotationFormat = COCO) -> dict[str, SourceItem]:
    source = FilesSource(
        uri=folder.as_uri(), annotations=Annotations(format=format, uri=annotations.as_uri())
    )
    return {item.key: item for item in await listed(sources_of(), source)}


def box(*edges: float) -> Box:
    return Box(x_min=edges[0], y_min=edges[1], x_max=edges[2], y_max=edges[3])


def covered(mask: Mask | None) -> Any:
    assert mask is not None
    return decode_mask(mask)


CATEGORIES = [{"id": 3, "name": "car", "supercategory": "vehicle"}, {"id": 7, "name": "red thing"}]


def mark(image: int, **said: Any) -> dict[str, Any]:
    return {"image_id": image, "category_id": 3, "iscrowd": 0, **said}


def written(path: Path, images: list[Any], marks: list[Any], **more: Any) -> Path:
    """A COCO file, what refers to others before these."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "info": {"year": 2026},
        "annotations": marks,
        "images": images,
        "categories": CATEGORIES,
        **more,
    }
    path.write_text(json.dumps(content))
    return path


def image(identifier: int, name: str) -> dict[str, Any]:
    return {"id": identifier, "file_name": name, "width": 96, "height": 64}


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    for name in ("1.png", "val/2.png", "a/3.png", "b/3.png", "4.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(png("red"))
    return folder


async def test_boxes_polygons_and_crowds_become_regions(pictures: Path, tmp_path: Path) -> None:
    runs = np.zeros((64, 96), np.bool_)
    runs[10:20, 30:50] = True
    flat = runs.T.ravel()
    changes = np.flatnonzero(np.diff(flat.astype(np.int8))) + 1
    counts = np.diff(np.concatenate(([0], changes, [flat.size])))
    marks = [
        mark(1, bbox=[10, 20, 30, 15.5], segmentation=[[10, 20, 40, 20, 40, 35, 10, 35]]),
        mark(1, bbox=[30, 10, 20, 10], segmentation={"counts": counts.tolist(), "size": [64, 96]}, iscrowd=1),
        mark(1, category_id=7, segmentation={"counts": encode_runs(counts), "size": [64, 96]}),
        mark(1, bbox=[0, 0, 5, 5], category_id=99),
    ]
    path = written(tmp_path / "instances.json", [image(1, "1.png")], marks)
    items = await items_of(pictures, path)
    polygon, crowd, compressed, unnamed = items["1.png"].regions
    assert polygon.box == box(10, 20, 40, 35.5)
    assert covered(polygon.mask).sum() == 30 * 15
    assert (covered(crowd.mask) == runs).all()
    assert (compressed.box, compressed.mask) == (box(30, 10, 50, 20), crowd.mask)
    labels = [[label.label for label in region.labels] for region in items["1.png"].regions]
    assert labels == [["car"], ["car"], ["red thing"], []]
    assert unnamed.mask is None
    assert [label.label for label in items["1.png"].description.labels] == ["car", "red thing"]
    assert items["4.png"].regions == ()


async def test_captions_and_instances_of_a_folder_come_together(pictures: Path, tmp_path: Path) -> None:
    folder = tmp_path / "annotations"
    written(folder / "instances_val.json", [image(1, "1.png")], [mark(1, bbox=[0, 0, 9, 9])])
    captions = [{"image_id": 1, "caption": "a red\npicture"}, {"image_id": 1, "caption": "red"}]
    written(folder / "captions_val.json", [image(1, "1.png")], captions)
    before = (await items_of(pictures, folder))["1.png"]
    assert (len(before.regions), before.description.caption) == (1, "a red\npicture")
    assert before.description.metadata == {"captions": ["a red\npicture", "red"]}
    written(folder / "captions_val.json", [image(1, "1.png")], captions[1:])
    after = (await items_of(pictures, folder))["1.png"]
    assert after.fingerprint != before.fingerprint
    assert (await items_of(pictures, folder))["4.png"].fingerprint


async def test_pictures_are_meant_by_their_paths_or_by_names_that_no_other_bears(
    pictures: Path, tmp_path: Path
) -> None:
    images = [
        image(1, "2.png"),
        image(2, "3.png"),
        image(3, "./4.png"),
        image(4, "../1.png"),
        image(5, "a/3.png"),
    ]
    marks = [mark(each["id"], bbox=[each["id"], 0, 9, 9]) for each in images]
    items = await items_of(pictures, written(tmp_path / "x.json", images, marks))
    assert {key: [region.box.x_min for region in item.regions] for key, item in items.items()} == {
        "1.png": [],
        "val/2.png": [1],
        "a/3.png": [5],
        "b/3.png": [],
        "4.png": [3],
    }


async def test_marks_that_make_no_sense_are_left_out(pictures: Path, tmp_path: Path) -> None:
    marks: list[Any] = [
        mark(1, bbox=[0, 0, 0, 5]),
        mark(1, bbox=[0, 0, -1, 5]),
        mark(1, bbox=[0, 0, 1e300, 5]),
        mark(1, bbox=["0", 0, 1, 5]),
        mark(1, bbox=[0, 0]),
        mark(1, bbox=[True, 0, 1, 1], segmentation="x"),
        mark(1, segmentation=[[1, 2, 3]]),
        mark(1, segmentation=[["a"] * 6, [1e300] * 6, None]),
        mark(1, segmentation={"counts": [1, 2], "size": [64, 96]}),
        mark(1, segmentation={"counts": "nonsense", "size": [64, 96]}),
        mark(1, segmentation={"counts": [64 * 96], "size": [64, 96]}),
        mark(1, segmentation={"counts": [1], "size": [1 << 40, 1 << 40]}),
        {"bbox": [0, 0, 1, 1]},
        "no mark",
        None,
        mark(1, bbox=[1, 1, 2, 2]),
    ]
    path = written(tmp_path / "x.json", [image(1, "1.png"), {"id": 2}, "no image", None], marks)
    (region, *more) = (await items_of(pictures, path))["1.png"].regions
    assert more == [] or all(each.mask is None for each in more)
    assert [each.box for each in (region, *more)][-1] == box(1, 1, 3, 3)
    far = mark(1, segmentation=[[-1e9, -1e9, 1e9, -1e9, 1e9, 1e9, -1e9, 1e9]])
    (whole,) = (await items_of(pictures, written(path, [image(1, "1.png")], [far])))["1.png"].regions
    assert covered(whole.mask).all()


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "no JSON", '{"images": [{"id": 1}', '{"images": []}', "[" * 100_000]
)
async def test_a_file_that_is_none_is_refused(pictures: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(InvalidArgument):
        await items_of(pictures, tmp_path / "x.json")


async def test_a_record_without_end_is_not_held(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coco_module, "MOST_BYTES_A_RECORD", 1 << 20)
    (tmp_path / "x.json").write_text('{"annotations": [{"bbox": [' + "1," * (2 << 20))
    with pytest.raises(InvalidArgument, match="holds no COCO"):
        await items_of(pictures, tmp_path / "x.json")


async def test_real_photographs_of_coco(shared: Path | None, tmp_path: Path) -> None:
    if shared is None:
        pytest.skip("the photographs are not beside the checkout")
    photos = shared / "photos" / "coco"
    rows = json.loads((photos / "index.json").read_text())
    from PIL import Image

    images, marks, captions = [], [], []
    names = sorted({thing["category"] for row in rows for thing in row["objects"]})
    for number, row in enumerate(rows):
        with Image.open(photos / row["file"]) as picture:
            width, height = picture.size
        images.append({"id": number, "file_name": row["file"], "width": width, "height": height})
        captions += [{"image_id": number, "caption": caption} for caption in row["captions"]]
        marks += [
            mark(
                number,
                bbox=thing["bbox_xywh"],
                segmentation=thing["segmentation"],
                iscrowd=thing["iscrowd"],
                category_id=names.index(thing["category"]),
            )
            for thing in row["objects"]
        ]
    folder = tmp_path / "annotations"
    written(folder / "instances.json", images, marks)
    categories = [{"id": number, "name": name} for number, name in enumerate(names)]
    written(folder / "instances.json", images, marks, categories=categories)
    written(folder / "captions.json", images, captions)
    items = await items_of(photos, folder)
    assert items.keys() == {row["file"] for row in rows}
    regions = 0
    for row in rows:
        item = items[row["file"]]
        assert item.description.caption == row["captions"][0].strip()
        wanted = [thing["category"] for thing in row["objects"] if min(thing["bbox_xywh"][2:]) > 0]
        assert [region.labels[0].label for region in item.regions] == wanted
        for region in item.regions:
            regions += 1
            if region.mask is None:
                continue
            ys, xs = np.nonzero(covered(region.mask))
            slack = 2
            assert region.box.x_min - slack <= xs.min() <= xs.max() < region.box.x_max + slack
            assert region.box.y_min - slack <= ys.min() <= ys.max() < region.box.y_max + slack
    assert regions > len(rows)


def export(tmp_path: Path, folder: str) -> Path:
    root = tmp_path / "export"
    for split in ("train", "valid"):
        place = root / split / folder
        place.mkdir(parents=True)
        (place / "1.jpg").write_bytes(encoded(drawing("red", size=(200, 100)), "JPEG"))
    return root


async def test_roboflows_coco_layout(tmp_path: Path) -> None:
    root = export(tmp_path, "")
    for split, left in (("train", 1), ("valid", 2)):
        path = root / split / "_annotations.coco.json"
        written(path, [image(0, "1.jpg")], [mark(0, bbox=[left, 0, 9, 9])])
    items = await items_of(root, root, ROBOFLOW)
    assert {key: item.regions[0].box.x_min for key, item in items.items()} == {
        "train/1.jpg": 1,
        "valid/1.jpg": 2,
    }


async def test_roboflows_yolo_layout(tmp_path: Path) -> None:
    root = export(tmp_path, "images")
    turned = drawing("red", size=(200, 100))
    exif = turned.getexif()
    exif[0x0112] = 6
    (root / "valid/images/1.jpg").write_bytes(encoded(turned, "JPEG", exif=exif))
    (root / "data.yaml").write_text("nc: 2\nnames: [car, 'red thing']\ntrain: ../train/images\n")
    lines = [
        "0 0.5 0.5 0.2 0.4",
        "1 0 0 0.5 0 0.5 1 0 1",
        "9 0.1 0.1 0.1 0.1",
        "x",
        "0 0.5",
        "0 nan 0 1 1",
        "",
    ]
    for split in ("train", "valid"):
        (root / split / "labels").mkdir()
        (root / split / "labels/1.txt").write_text("\n".join(lines))
    items = await items_of(root, root, ROBOFLOW)
    rectangle, half, unnamed = items["train/images/1.jpg"].regions
    edges = rectangle.box
    assert (edges.x_min, edges.y_min, edges.x_max, edges.y_max) == pytest.approx((80, 30, 120, 70))
    assert half.box == box(0, 0, 100, 100)
    assert covered(half.mask)[:, :100].all()
    assert [region.labels[0].label for region in (rectangle, half, unnamed)] == ["car", "red thing", "9"]
    upright = items["valid/images/1.jpg"].regions[0].box
    assert (upright.x_min, upright.y_max) == pytest.approx((40, 140))
    assert items["train/images/1.jpg"].description.caption == ""


async def test_yolo_texts_beside_the_pictures_and_names_by_number(tmp_path: Path) -> None:
    root = export(tmp_path, "")
    (root / "data.yaml").write_text("names: {0: car, x: y, 1: [a]}\n")
    (root / "train/1.txt").write_text("0 0.5 0.5 1 1\n")
    items = await items_of(root, root, ROBOFLOW)
    (region,) = items["train/1.jpg"].regions
    assert (region.box, region.labels[0].label) == (box(0, 0, 200, 100), "car")
    assert items["train/1.jpg"].description.caption == ""
    assert items["valid/1.jpg"].regions == ()
    (root / "data.yaml").write_text("nc: 3\n")
    with pytest.raises(InvalidArgument):
        await items_of(root, root, ROBOFLOW)


VOC = """<annotation><!-- drawn --><filename>1.jpg</filename>
<size><width>200</width><height>100</height></size>
<object><name>car</name><bndbox><xmin>10</xmin><ymin>20</ymin><xmax>30</xmax><ymax>40</ymax></bndbox></object>
<object><name>none</name><bndbox><xmin>x</xmin></bndbox></object></annotation>"""


async def test_roboflows_voc_layout(tmp_path: Path) -> None:
    root = export(tmp_path, "")
    (root / "train/1.xml").write_text(VOC)
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]>' + VOC.replace("car", "&c;")
    (root / "valid/1.xml").write_text(bomb)
    items = await items_of(root, root, ROBOFLOW)
    (region,) = items["train/1.jpg"].regions
    assert (region.box, region.labels[0].label) == (box(10, 20, 30, 40), "car")
    assert items["valid/1.jpg"].regions == ()


async def test_pictures_are_read_as_ever(pictures: Path, tmp_path: Path) -> None:
    path = written(tmp_path / "x.json", [image(1, "1.png")], [])
    annotations = Annotations(format=COCO, uri=path.as_uri())
    source = FilesSource(uri=pictures.as_uri(), pattern="*.png", annotations=annotations)
    assert await contents(sources_of(), source) == {"1.png": png("red"), "4.png": png("red")}


def test_where_annotations_lie_is_checked(pictures: Path, tmp_path: Path) -> None:
    def source(uri: str) -> FilesSource:
        return FilesSource(uri=pictures.as_uri(), annotations=Annotations(format=COCO, uri=uri))

    with pytest.raises(FailedPrecondition):
        sources_of([pictures]).check(source((tmp_path / "x.json").as_uri()))
    with pytest.raises(InvalidArgument, match=r"annotations\.uri"):
        sources_of().check(source("ftp://x"))


async def test_a_folder_without_annotations_is_told(pictures: Path) -> None:
    with pytest.raises(InvalidArgument):
        await items_of(pictures, pictures)
