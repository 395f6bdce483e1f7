"""Captions: written for images that come without one, where the collection has a captioner."""

import pytest

from orchestrator.application.collections import create_collection, get_collection, update_collection
from orchestrator.application.images import get_image, list_images, update_image
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.ports import Ports
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument, Unavailable
from orchestrator.domain.image import MAX_CAPTION, Description, Image
from orchestrator.domain.names import CollectionName
from tests.fakes.models import JUDGE, PACK, ColourModels
from tests.fixtures.pictures import png

PARENT = CollectionName("shop")


async def add(ports: Ports, colour: str, caption: str = "", *, validate_only: bool = False) -> Image:
    request = CreateImage(
        parent=PARENT,
        content=png(colour),
        description=Description(caption=caption, folder="f"),
        validate_only=validate_only,
    )
    return await create_image(ports, request)


def fake(ports: Ports) -> ColourModels:
    assert isinstance(ports.models, ColourModels)
    return ports.models


async def test_an_image_without_a_caption_gets_one(ports: Ports) -> None:
    await create_collection(ports, collection_id="shop", captioner=JUDGE)
    made = await add(ports, "red")
    assert made.description == Description(caption="a red picture", folder="f")
    assert await get_image(ports, made.name) == made
    listed, _, _ = await list_images(ports, parent=PARENT, filter='caption: "red"')
    assert [image.name for image in listed] == [made.name]
    assert made.captioned_by == JUDGE
    own = await add(ports, "blue", "the sea")
    assert (own.description.caption, own.captioned_by) == ("the sea", "")
    assert fake(ports).captioned == 1
    changed = await update_image(ports, name=made.name, changes={"caption": ""})
    assert changed.description.caption == ""  # who takes it away does not want it


async def test_without_a_captioner_none_is_written(ports: Ports) -> None:
    await create_collection(ports, collection_id="shop")
    assert (await add(ports, "red")).description.caption == ""
    await update_collection(ports, name=PARENT, changes={"captioner": JUDGE})
    assert (await get_collection(ports, PARENT)).captioner == JUDGE
    assert (await add(ports, "red", validate_only=True)).description.caption == ""
    assert fake(ports).captioned == 0
    assert (await add(ports, "red")).description.caption == "a red picture"
    await update_collection(ports, name=PARENT, changes={"captioner": ""})
    assert (await add(ports, "red")).description.caption == ""


async def test_a_captioner_that_is_gone_fails_the_creation_whole(
    ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_collection(ports, collection_id="shop", captioner=JUDGE)

    async def gone(*_: object, **__: object) -> None:
        raise Unavailable("gone")

    with monkeypatch.context() as patched:
        patched.setattr("tests.fakes.models.ColourCaptioner.caption", gone)
        with pytest.raises(Unavailable):
            await add(ports, "red")
        assert (await add(ports, "red", "mine")).description.caption == "mine"  # not asked
    assert await ports.catalog.count_images(PARENT) == 1
    assert len([key async for key, _ in ports.blobs.list()]) == 1

    def missing(pack: str) -> None:
        raise InvalidArgument.field("captioner", "unknown")

    monkeypatch.setattr(ports.models, "captioner", missing)
    with pytest.raises(FailedPrecondition) as caught:
        await add(ports, "red")
    assert caught.value.reason == "PACK_NOT_INSTALLED"


async def test_a_caption_keeps_to_the_limit(ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    await create_collection(ports, collection_id="shop", captioner=JUDGE)

    async def long(*_: object, **__: object) -> list[str]:
        return ["word " * MAX_CAPTION]

    monkeypatch.setattr("tests.fakes.models.ColourCaptioner.caption", long)
    assert len((await add(ports, "red")).description.caption) == MAX_CAPTION


async def test_a_collection_names_an_installed_captioner(ports: Ports) -> None:
    for pack in (PACK, "nobody"):
        with pytest.raises(InvalidArgument) as caught:
            await create_collection(ports, collection_id="shop", captioner=pack)
        assert caught.value.violations[0].field == "captioner"
