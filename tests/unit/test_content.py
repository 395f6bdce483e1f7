"""Stored pictures as files."""

import io

import numpy as np
import pytest
from PIL import Image as Pillow
from pycocotools import mask as coco

from orchestrator.application import collections, images
from orchestrator.application.content import RegionView, box_mask, image_content, region_content
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.ports import Ports
from orchestrator.application.regions import create_region, delete_region
from orchestrator.domain.collection import Segmentation
from orchestrator.domain.errors import DataLoss, InvalidArgument, NotFound
from orchestrator.domain.image import Image
from orchestrator.domain.names import CollectionName, ImageName, RegionName
from orchestrator.domain.region import Box
from tests.fakes.models import PACK
from tests.fixtures.pictures import drawing, encoded

SPOT = Box(x_min=40, y_min=8, x_max=72, y_max=32)


@pytest.fixture
async def image(ports: Ports) -> Image:
    """White, 96 x 64, with a blue spot; stored as BMP."""
    await collections.create_collection(
        ports,
        collection_id="shop",
        display_name="",
        embedder=PACK,
        segmenter=PACK,
        segmentation=Segmentation.OFF,
    )
    content = encoded(drawing("white", {"blue": (40, 8, 71, 31)}), "BMP")
    return await create_image(
        ports, CreateImage(parent=CollectionName("shop"), image_id="a", content=content)
    )


def opened(answer: tuple[str, bytes], content_type: str) -> np.ndarray:
    assert answer[0] == content_type
    return np.asarray(Pillow.open(io.BytesIO(answer[1])))


async def test_the_file_comes_back_byte_by_byte(ports: Ports, image: Image) -> None:
    content_type, content = await image_content(ports, name=image.name)
    assert content_type == "image/bmp"
    assert content == await ports.blobs.get(image.blob_key)


async def test_smaller_and_cropped(ports: Ports, image: Image) -> None:
    small = await image_content(ports, name=image.name, max_pixels=48)
    assert opened(small, "image/jpeg").shape == (32, 48, 3)
    await ports.blobs.delete([image.blob_key])
    assert await image_content(ports, name=image.name, max_pixels=48) == small  # remembered
    with pytest.raises(DataLoss):
        await image_content(ports, name=image.name, max_pixels=47)


async def test_a_crop(ports: Ports, image: Image) -> None:
    part = opened(await image_content(ports, name=image.name, crop=SPOT), "image/jpeg")
    assert part.shape == (24, 32, 3)
    assert np.abs(part.astype(int) - (0, 0, 255)).max() < 12
    for wrong in (Box(x_min=96, y_min=0, x_max=99, y_max=5), Box(x_min=5, y_min=0, x_max=5, y_max=5)):
        with pytest.raises(InvalidArgument) as caught:
            await image_content(ports, name=image.name, crop=wrong)
        assert caught.value.violations[0].field == "crop"
    with pytest.raises(InvalidArgument):
        await image_content(ports, name=image.name, max_pixels=9000)


async def test_a_region_as_crop_cutout_and_mask(ports: Ports, image: Image) -> None:
    wide = Box(x_min=30, y_min=0, x_max=96, y_max=64)
    mask = box_mask(SPOT, image)
    drawn = await create_region(ports, parent=image.name, region_id="m", box=wide, mask=mask, labels=())
    plain = await create_region(ports, parent=image.name, region_id="b", box=wide, mask=None, labels=())
    box = drawn.segment.box
    size = (int(box.y_max - box.y_min), int(box.x_max - box.x_min))
    crop = opened(await region_content(ports, name=drawn.name), "image/jpeg")
    assert crop.shape == (*size, 3)
    cutout = opened(await region_content(ports, name=drawn.name, view=RegionView.CUTOUT), "image/png")
    assert (cutout[..., 3] == 255).sum() == SPOT.area
    assert (cutout[cutout[..., 3] == 255][:, :3] == (0, 0, 255)).all()
    white = opened(await region_content(ports, name=drawn.name, view=RegionView.MASK), "image/png")
    assert white.shape == (64, 96)
    assert (white[8:32, 40:72] == 255).all()
    assert (white == 255).sum() == SPOT.area
    boxed = opened(
        await region_content(ports, name=plain.name, view=RegionView.MASK, max_pixels=48), "image/png"
    )
    assert boxed.shape == (32, 48)
    assert (boxed[:, 16:] == 255).all()
    with pytest.raises(NotFound):
        await region_content(ports, name=RegionName("shop", "a", "none"))


async def test_a_region_that_is_drawn_again_is_shown_anew(ports: Ports, image: Image) -> None:
    wide = Box(x_min=0, y_min=0, x_max=96, y_max=64)
    for part in (SPOT, Box(x_min=0, y_min=0, x_max=10, y_max=10)):
        drawn = await create_region(
            ports, parent=image.name, region_id="m", box=wide, mask=box_mask(part, image), labels=()
        )
        shown = await region_content(ports, name=drawn.name, view=RegionView.MASK, max_pixels=96)
        assert (opened(shown, "image/png") == 255).sum() == part.area
        await delete_region(ports, drawn.name)


async def test_a_deleted_image_is_gone(ports: Ports, image: Image) -> None:
    await images.delete_image(ports, name=image.name)
    for name in (image.name, ImageName("shop", "nobody")):
        with pytest.raises(NotFound):
            await image_content(ports, name=name)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((0, 0, 96, 64), (0, 0, 96, 64)),
        ((5, 0, 9, 64), (5, 0, 9, 64)),
        ((0, 3, 96, 64), (0, 3, 96, 64)),
        ((1.5, 2.5, 3.5, 4.5), (1, 2, 4, 5)),
        ((90, 60, 200, 200), (90, 60, 96, 64)),
        ((40, 8, 72, 32), (40, 8, 72, 32)),
    ],
)
async def test_the_mask_of_a_box(
    image: Image, box: tuple[float, float, float, float], expected: tuple[int, int, int, int]
) -> None:
    x_min, y_min, x_max, y_max = box
    mask = box_mask(Box(x_min=x_min, y_min=y_min, x_max=x_max, y_max=y_max), image)
    left, top, right, bottom = expected
    true = np.zeros((64, 96), np.uint8, order="F")
    true[top:bottom, left:right] = 1
    assert mask.counts == coco.encode(true)["counts"].decode()
