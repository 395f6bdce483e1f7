"""Embedding, comparing and laying out through the use cases."""

from dataclasses import replace

import numpy as np
import pytest

from orchestrator.application import collections
from orchestrator.application.embed import (
    Content,
    PictureContent,
    StoredContent,
    TextContent,
    compare_embeddings,
    embed_content,
    principal_components,
    project_embeddings,
)
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.permits import Permits
from orchestrator.application.ports import Ports
from orchestrator.domain.collection import Segmentation
from orchestrator.domain.errors import InvalidArgument, NotFound, ResourceExhausted
from orchestrator.domain.image import Description
from orchestrator.domain.names import CollectionName, ImageName
from tests.fakes.models import PACK, PALETTE
from tests.fixtures.pictures import png

PARENT = CollectionName("shop")
RED, BLUE = list(PALETTE).index("red"), list(PALETTE).index("blue")


@pytest.fixture
async def shop(ports: Ports) -> Ports:
    await collections.create_collection(
        ports,
        collection_id="shop",
        display_name="",
        embedder=PACK,
        segmenter=PACK,
        segmentation=Segmentation.OFF,
    )
    for image_id, folder in (("red", "a"), ("blue", "a"), ("green", "b")):
        await create_image(
            ports,
            CreateImage(
                parent=PARENT,
                image_id=image_id,
                content=png(image_id),
                description=Description(folder=folder),
            ),
        )
    return ports


async def test_contents_of_every_kind_in_their_order(shop: Ports) -> None:
    contents: list[Content] = [
        PictureContent(png("blue")),
        TextContent("red"),
        StoredContent(ImageName("shop", "blue")),
        PictureContent(png("red")),
        TextContent("blue"),
    ]
    embedded = await embed_content(shop, parent=PARENT, contents=contents)
    assert embedded.vectors.shape == (5, len(PALETTE))
    assert embedded.vectors.argmax(axis=1).tolist() == [BLUE, RED, BLUE, RED, BLUE]
    assert embedded.space == shop.models.embedder(PACK).space


async def test_more_pictures_than_are_held_at_once(shop: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.application.embed._PIXELS_AT_ONCE", 10_000)  # two pictures of 96 x 64
    names = ["red", "blue", "blue", "red", "red"]
    contents = [PictureContent(png(name)) for name in names]
    embedded = await embed_content(shop, parent=PARENT, contents=contents)
    assert embedded.vectors.argmax(axis=1).tolist() == [BLUE if name == "blue" else RED for name in names]


async def test_pictures_are_embedded_under_a_permit_that_is_given_back(shop: Ports) -> None:
    busy = replace(shop, permits=Permits(under_way=1, waiting=0))
    picture = [PictureContent(png("blue"))]
    async with busy.permits.take():
        with pytest.raises(ResourceExhausted):
            await embed_content(busy, parent=PARENT, contents=picture)
        await embed_content(busy, parent=PARENT, contents=[TextContent("red")])
    await compare_embeddings(busy, parent=PARENT, rows=picture, columns=picture)


async def test_mistakes_are_told_with_their_place(shop: Ports) -> None:
    with pytest.raises(InvalidArgument) as caught:
        await embed_content(shop, parent=PARENT, contents=[PictureContent(png("red")), PictureContent(b"x")])
    assert caught.value.violations[0].field == "contents[1].image"
    with pytest.raises(InvalidArgument) as caught:
        await embed_content(shop, parent=PARENT, contents=[StoredContent(ImageName("other", "red"))])
    assert caught.value.violations[0].field == "contents[0].name"
    with pytest.raises(NotFound):
        await embed_content(shop, parent=PARENT, contents=[StoredContent(ImageName("shop", "nobody"))])
    for contents in ([], [TextContent("red")] * 257):
        with pytest.raises(InvalidArgument):
            await embed_content(shop, parent=PARENT, contents=contents)


async def test_comparison(shop: Ports) -> None:
    found = await compare_embeddings(
        shop,
        parent=PARENT,
        rows=[TextContent("red"), PictureContent(png("blue"))],
        columns=[StoredContent(ImageName("shop", name)) for name in ("red", "green", "blue")],
    )
    assert found.cosines.shape == found.relevances.shape == (2, 3)
    assert found.cosines == pytest.approx(np.array([[1, 0, 0], [0, 0, 1]]), abs=0.01)
    assert found.relevances[0, 0] > 0.9 > 0.1 > found.relevances[0, 1]


async def test_projection(shop: Ports) -> None:
    found = await project_embeddings(shop, parent=PARENT)
    assert {name.image for name in found.images} == {"red", "green", "blue"}
    assert found.points.shape == (3, 2)
    assert found.explained_variance == pytest.approx(1)  # three points lie in a plane
    apart = np.linalg.norm(found.points[:, None] - found.points[None], axis=-1)
    assert apart[np.triu_indices(3, 1)] == pytest.approx([2**0.5] * 3, abs=1e-4)
    some = await project_embeddings(shop, parent=PARENT, filter='folder = "b"')
    assert [name.image for name in some.images] == ["green"]
    assert len((await project_embeddings(shop, parent=PARENT, max_points=2)).images) == 2
    nothing = await project_embeddings(shop, parent=PARENT, filter="width > 999")
    assert (nothing.images, nothing.points.shape, nothing.explained_variance) == ((), (0, 2), 0)
    for wrong in ({"max_points": 10_001}, {"filter": "=="}):
        with pytest.raises(InvalidArgument):
            await project_embeddings(shop, parent=PARENT, **wrong)


@pytest.mark.parametrize(("count", "dimension"), [(50, 8), (6, 30), (2, 5), (5, 1)])
def test_principal_components_are_those_of_the_svd(count: int, dimension: int) -> None:
    vectors = np.random.default_rng(count).normal(size=(count, dimension))
    points, explained = principal_components(vectors)
    centred = vectors - vectors.mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    assert explained == pytest.approx(float((values[:2] ** 2).sum() / (values**2).sum()))
    for axis in range(min(2, dimension, count - 1)):
        assert np.abs(points[:, axis]) == pytest.approx(np.abs(left[:, axis] * values[axis]), abs=1e-4)
        assert points[:, axis].max() >= -points[:, axis].min() - 1e-5
