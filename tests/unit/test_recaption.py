"""A captioner that is set captions what is there: in the background, and never over what a caller said."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from types import SimpleNamespace

import pytest

from orchestrator.application import recaption
from orchestrator.application.collections import (
    collection_statistics,
    create_collection,
    get_collection,
    update_collection,
)
from orchestrator.application.images import delete_image, get_image, list_images, update_image
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.ports import Kind, Ports
from orchestrator.application.predict_anew import keep_predicting_anew, predict_anew_once
from orchestrator.application.recaption import Recaptioner
from orchestrator.domain.errors import InvalidArgument, SightlineError, Unavailable
from orchestrator.domain.filter import Matches
from orchestrator.domain.image import Description, Image, Picture
from orchestrator.domain.names import CollectionName, ImageName
from tests.fakes.models import JUDGE, POET, ColourCaptioner, ColourModels
from tests.fixtures.crash import Death, Killed, mortal, recovered
from tests.fixtures.pictures import png

PARENT = CollectionName("shop")


@pytest.fixture
async def shop(ports: Ports) -> Ports:
    """A collection without a captioner."""
    await create_collection(ports, collection_id="shop")
    return ports


async def add(ports: Ports, name: str, colour: str = "red", caption: str = "") -> Image:
    said = Description(caption=caption)
    request = CreateImage(parent=PARENT, image_id=name, content=png(colour), description=said)
    return await create_image(ports, request)


async def use(ports: Ports, captioner: str) -> None:
    await update_collection(ports, name=PARENT, changes={"captioner": captioner})


async def recaption_once(ports: Ports) -> int:
    return await predict_anew_once(ports, Recaptioner())


async def left(ports: Ports) -> int:
    return (await collection_statistics(ports, PARENT)).uncaptioned_images


async def captions(ports: Ports) -> dict[str, str]:
    images, _, _ = await list_images(ports, parent=PARENT, page_size=99)
    return {image.name.image: image.description.caption for image in images}


async def indexed(ports: Ports, word: str) -> int:
    """How many images the index finds by a word of their captions."""
    namespace = (await get_collection(ports, PARENT)).namespace
    return await ports.index.count(namespace, Kind.IMAGE, Matches("caption", word))


def try_again_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    later = SimpleNamespace(monotonic=lambda: now + recaption.TRY_AGAIN)
    monkeypatch.setattr(recaption, "time", later)


def fake(ports: Ports) -> ColourModels:
    assert isinstance(ports.models, ColourModels)
    return ports.models


async def test_what_is_there_is_captioned(shop: Ports) -> None:
    for number in range(10):  # more than are captioned together
        await add(shop, f"i{number}", "red" if number % 2 else "green")
    before = await add(shop, "own", caption="mine")
    assert (await left(shop), await recaption_once(shop)) == (0, 0)
    await use(shop, JUDGE)
    assert await left(shop) == 10
    assert await recaption_once(shop) == 10
    assert await left(shop) == 0
    expected = {f"i{n}": f"a {'red' if n % 2 else 'green'} picture" for n in range(10)}
    assert await captions(shop) == expected | {"own": "mine"}
    assert (await indexed(shop, "red"), await indexed(shop, "green")) == (5, 5)
    assert await get_image(shop, before.name) == before
    assert fake(shop).captioned == fake(shop).captioned_in_bulk == 10
    assert await recaption_once(shop) == 0
    await add(shop, "new", "blue")  # somebody waits for that one
    assert (fake(shop).captioned, fake(shop).captioned_in_bulk) == (11, 10)
    assert await recaption_once(shop) == 0


async def test_few_are_captioned_at_once(shop: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    caption, under_way, most = ColourCaptioner.caption, 0, 0

    async def counted(self: ColourCaptioner, pictures: Sequence[Picture], *, bulk: bool = False) -> list[str]:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.02)
        under_way -= 1
        return await caption(self, pictures, bulk=bulk)

    for number in range(10):
        await add(shop, f"i{number}")
    await use(shop, JUDGE)
    monkeypatch.setattr(ColourCaptioner, "caption", counted)
    assert await recaption_once(shop) == 10
    assert 2 <= most <= Recaptioner.images


async def test_another_captioner_writes_only_over_captioners(shop: Ports) -> None:
    await use(shop, JUDGE)
    await add(shop, "machine")
    await add(shop, "own", caption="mine")
    changed, removed = await add(shop, "changed"), await add(shop, "removed")
    await update_image(shop, name=changed.name, changes={"caption": "a red fish"})
    await update_image(shop, name=removed.name, changes={"caption": ""})
    same = await add(shop, "same")
    await update_image(shop, name=same.name, changes={"caption": "a red picture", "folder": "f"})
    await use(shop, POET)
    assert await left(shop) == 2
    assert await recaption_once(shop) == 2
    assert await captions(shop) == {
        "machine": "O red!",
        "own": "mine",
        "changed": "a red fish",
        "removed": "",
        "same": "O red!",
    }
    assert (await get_image(shop, same.name)).captioned_by == POET
    await use(shop, "")
    assert (await left(shop), await recaption_once(shop)) == (0, 0)
    assert (await captions(shop))["machine"] == "O red!"


async def test_a_picture_that_cannot_be_captioned_holds_up_no_other(
    shop: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [await add(shop, f"i{number}", "blue") for number in range(6)]
    await add(shop, "odd", "green")
    await shop.blobs.delete([made[0].blob_key])
    await use(shop, JUDGE)
    caption, asked = ColourCaptioner.caption, []

    async def but_green(
        self: ColourCaptioner, pictures: Sequence[Picture], *, bulk: bool = False
    ) -> list[str]:
        (said,) = await caption(self, pictures, bulk=bulk)
        asked.append(said)
        if "green" in said:
            raise SightlineError("the model failed")
        return [said]

    monkeypatch.setattr(ColourCaptioner, "caption", but_green)
    recaptioner = Recaptioner()
    assert await predict_anew_once(shop, recaptioner) == 5
    assert await left(shop) == 2  # and it says so
    assert await predict_anew_once(shop, recaptioner) == 0
    assert len(asked) == 6  # not at once again
    try_again_is_over(monkeypatch)
    monkeypatch.setattr(ColourCaptioner, "caption", caption)
    assert await predict_anew_once(shop, recaptioner) == 1
    assert (await captions(shop))["odd"] == "a green picture"
    assert await left(shop) == 1


async def test_what_went_is_not_remembered_for_ever(shop: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    recaptioner = Recaptioner()
    made = [await add(shop, f"i{number}") for number in range(5)]
    await shop.blobs.delete([each.blob_key for each in made])
    await use(shop, JUDGE)
    assert await predict_anew_once(shop, recaptioner) == 0
    assert len(recaptioner.postponed) == 5
    for each in made[1:]:
        await delete_image(shop, name=each.name)
    try_again_is_over(monkeypatch)
    assert await predict_anew_once(shop, recaptioner) == 0
    assert [uid for uid, _ in recaptioner.postponed] == [made[0].uid]


async def test_it_waits_for_the_captioner_and_goes_on(shop: Ports) -> None:
    for number in range(6):
        await add(shop, f"i{number}")
    await use(shop, JUDGE)
    fake(shop).gone = True
    with pytest.raises(Unavailable):
        await recaption_once(shop)
    background = asyncio.create_task(keep_predicting_anew(shop, Recaptioner(), every=0.01))
    await asyncio.sleep(0.1)
    assert await left(shop) == 6
    fake(shop).gone = False
    async with asyncio.timeout(30):
        while await left(shop):
            await asyncio.sleep(0.02)
    background.cancel()
    assert set((await captions(shop)).values()) == {"a red picture"}


async def test_a_captioner_that_is_away_holds_up_no_other_collection(
    shop: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    caption = ColourCaptioner.caption

    async def one_away(
        self: ColourCaptioner, pictures: Sequence[Picture], *, bulk: bool = False
    ) -> list[str]:
        if self.stamp.startswith(JUDGE):
            raise Unavailable("not loaded")
        return await caption(self, pictures, bulk=bulk)

    await create_collection(shop, collection_id="a", captioner="")
    other = CreateImage(parent=CollectionName("a"), content=png("red"))
    await create_image(shop, other)
    await add(shop, "one")
    await update_collection(shop, name=CollectionName("a"), changes={"captioner": JUDGE})
    await use(shop, POET)
    monkeypatch.setattr(ColourCaptioner, "caption", one_away)
    with pytest.raises(Unavailable):
        await recaption_once(shop)
    assert await captions(shop) == {"one": "O red!"}


@pytest.mark.parametrize("after", [False, True])
async def test_a_death_leaves_each_image_whole_and_the_rest_to_do(shop: Ports, after: bool) -> None:
    for number in range(6):
        await add(shop, f"i{number}")
    for step in count(1):
        await use(shop, JUDGE)
        await recaption_once(shop)
        await use(shop, POET)
        death = Death(step, after=after)
        with suppress(Killed, BaseExceptionGroup):
            await predict_anew_once(mortal(shop, death), Recaptioner())
        await asyncio.sleep(0.01)
        said = [image.description.caption for image in (await recovered(shop)).values()]
        assert await indexed(shop, "O") == said.count("O red!")
        assert await indexed(shop, "picture") == said.count("a red picture")
        assert await left(shop) == said.count("a red picture")
        await recaption_once(shop)
        assert set((await captions(shop)).values()) == {"O red!"}
        if not death.struck:
            assert step > 2
            return


async def test_what_changes_meanwhile_is_not_written_over(shop: Ports) -> None:
    for number in range(4):
        await add(shop, f"i{number}")
    await use(shop, JUDGE)
    caption = ColourCaptioner.caption

    async def while_all_change(
        self: ColourCaptioner, pictures: Sequence[Picture], *, bulk: bool = False
    ) -> list[str]:
        for name, changes in (("i0", {"caption": "mine"}), ("i1", {"folder": "moved"})):
            await update_image(shop, name=ImageName("shop", name), changes=changes)
        with suppress(SightlineError):
            await delete_image(shop, name=ImageName("shop", "i2"))
        return await caption(self, pictures, bulk=bulk)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ColourCaptioner, "caption", while_all_change)
        assert await recaption_once(shop) == 1
    assert await recaption_once(shop) == 1
    assert await captions(shop) == {"i0": "mine", "i1": "a red picture", "i3": "a red picture"}
    assert (await get_image(shop, ImageName("shop", "i1"))).description.folder == "moved"


async def test_two_orchestrators_at_once_write_each_caption_once(
    shop: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        await add(shop, f"i{number}")
    await use(shop, JUDGE)
    caption = ColourCaptioner.caption
    after_the_other: dict[ImageName, Image] = {}

    async def while_another_does_it_all(
        self: ColourCaptioner, pictures: Sequence[Picture], *, bulk: bool = False
    ) -> list[str]:
        monkeypatch.setattr(ColourCaptioner, "caption", caption)
        assert await recaption_once(shop) == 10
        images, _, _ = await list_images(shop, parent=PARENT, page_size=99)
        after_the_other.update({image.name: image for image in images})
        return await caption(self, pictures, bulk=bulk)

    monkeypatch.setattr(ColourCaptioner, "caption", while_another_does_it_all)
    assert await recaption_once(shop) == 0
    assert len(after_the_other) == 10
    assert 10 < fake(shop).captioned <= 10 + Recaptioner.images  # work done twice, and no more than that
    for name, image in after_the_other.items():
        assert await get_image(shop, name) == image


async def test_a_captioner_that_went_leaves_captions_as_they_are(
    shop: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(shop, "one")
    await use(shop, JUDGE)

    def missing(pack: str) -> None:
        raise InvalidArgument.field("captioner", "unknown")

    monkeypatch.setattr(shop.models, "captioner", missing)
    assert (await left(shop), await recaption_once(shop)) == (0, 0)


async def test_another_captioner_in_the_middle_has_the_last_word(
    shop: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        await add(shop, f"i{number}")
    await use(shop, JUDGE)
    caption = ColourCaptioner.caption

    async def then_another(
        self: ColourCaptioner, pictures: Sequence[Picture], *, bulk: bool = False
    ) -> list[str]:
        if fake(shop).captioned == 5:
            await use(shop, POET)
        return await caption(self, pictures, bulk=bulk)

    monkeypatch.setattr(ColourCaptioner, "caption", then_another)
    await recaption_once(shop)
    await recaption_once(shop)
    assert set((await captions(shop)).values()) == {"O red!"}
    assert await left(shop) == 0
