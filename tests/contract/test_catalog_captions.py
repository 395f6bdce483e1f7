"""What every catalog does with captions: it knows whose they are, and tells which are another captioner's."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from orchestrator.adapters.catalog.sql_catalog import SqlCatalog
from orchestrator.application.ports import CaptionChange, Catalog, ImageOrder, LabelChange, Prediction
from orchestrator.domain.errors import Aborted
from orchestrator.domain.filter import Matches
from orchestrator.domain.image import Image
from orchestrator.domain.names import CollectionName
from tests.fixtures.catalogs import downgrade
from tests.fixtures.images import collection, image, vectors_of

THINGS = CollectionName("things")
OLD, NEW = "judge@1", "poet@1"


@pytest.fixture
async def catalog(catalog_url: str) -> AsyncIterator[Catalog]:
    catalog = SqlCatalog(catalog_url)
    await catalog.open()
    await catalog.add_collection(collection())
    yield catalog
    await catalog.close()


async def shown(catalog: Catalog, image: Image) -> Image:
    work = await catalog.begin_image(image, [], vectors_of(image))
    assert await catalog.finish(work, work.entry)
    return await catalog.get_image(image.name)


async def outdated(
    catalog: Catalog, stamp: str = NEW, limit: int = 99, after: Image | None = None
) -> list[Image]:
    works = await catalog.outdated(THINGS, Prediction.CAPTION, stamp, limit=limit, after=after)
    return [work.record for work in works]


async def waiting(catalog: Catalog, stamp: str = NEW) -> int:
    return (await catalog.collection_totals(THINGS, captioner=stamp)).captioned_otherwise


def change(image: Image, revision: int = 1) -> CaptionChange:
    return CaptionChange(image=image.name, revision=revision, captioner=NEW, caption="a new caption")


async def test_it_is_known_whose_a_caption_is(catalog: Catalog) -> None:
    without = await shown(catalog, image("without"))
    written = await shown(catalog, replace(image("written", caption="a cat"), captioner=OLD))
    nothing = await shown(catalog, replace(image("nothing"), captioner=OLD))  # it had nothing to say
    callers = await shown(catalog, replace(image("callers", caption="mine"), captioner=None))
    assert [each.captioner for each in (without, written, callers)] == ["", OLD, None]
    assert await outdated(catalog) == [without, nothing, written]
    assert await outdated(catalog, OLD) == [without]
    assert (await waiting(catalog), await waiting(catalog, OLD)) == (3, 1)
    assert (await catalog.collection_totals(THINGS)).captioned_otherwise == 0


async def test_what_waits_comes_in_a_fixed_order_and_once(catalog: Catalog) -> None:
    stamps = ("", "a@1", NEW, "z@1", None)
    for number in range(20):
        await shown(catalog, replace(image(f"i{number}"), captioner=stamps[number % 5]))
    whole = await outdated(catalog)
    assert [(each.captioner, each.name.image) for each in whole] == sorted(
        (each.captioner, each.name.image) for each in whole
    )
    assert len(whole) == 12
    for size in (1, 3, 5, 12):
        paged: list[Image] = []
        while page := await outdated(catalog, limit=size, after=paged[-1] if paged else None):
            paged += page
        assert paged == whole, size


async def test_a_caption_changes_with_its_etag_and_leaves_an_entry(catalog: Catalog) -> None:
    one = await shown(catalog, image("one", folder="f"))
    held = await catalog.get_collection(THINGS)
    (entry,) = await catalog.change_predictions(held, [change(one)])
    after = await catalog.get_image(one.name)
    assert after.description == replace(one.description, caption="a new caption")
    assert after.captioner == NEW
    assert after.etag != one.etag
    assert after.update_time > one.update_time
    assert await outdated(catalog) == []
    assert await waiting(catalog) == 1  # no index holds it yet
    assert await catalog.count_images(THINGS, Matches("caption", "new")) == 1
    with pytest.raises(Aborted):  # whoever read it before does not write over it
        await catalog.change_image(replace(one, captioner=None), etag=one.etag)
    work = await catalog.read_work(one.name)
    assert work is not None
    assert work.record == after
    assert await catalog.finish(work, entry)
    assert await waiting(catalog) == 0


async def test_a_caller_who_was_quicker_keeps_the_caption(catalog: Catalog) -> None:
    one = await shown(catalog, image("one"))
    said = replace(one, description=replace(one.description, caption="mine"), captioner=None, etag="other")
    await catalog.change_image(said, etag=one.etag)
    held = await catalog.get_collection(THINGS)
    assert await catalog.change_predictions(held, [change(one)]) == []
    assert await catalog.get_image(one.name) == said
    assert await outdated(catalog) == []


async def test_labels_and_captions_do_not_undo_each_other(catalog: Catalog) -> None:
    one = await shown(catalog, image("one"))
    held = await catalog.get_collection(THINGS)
    labelled = LabelChange(image=one.name, revision=1, vocabulary="new", labels={})
    assert len(await catalog.change_predictions(held, [labelled, change(one), change(one, revision=2)])) == 2
    after = await catalog.get_image(one.name)
    assert (after.vocabulary, after.description.caption) == ("new", "a new caption")


async def test_captions_of_before_captioners_were_known_are_their_callers(catalog_url: str) -> None:
    catalog = SqlCatalog(catalog_url)
    await catalog.open()
    await catalog.add_collection(collection())
    for made in (image("with", caption='a "quoted" cat'), image("without")):
        await shown(catalog, made)
    await catalog.close()
    downgrade(catalog_url, "0004")  # to the tables before this one, and what they held
    catalog = SqlCatalog(catalog_url)
    await catalog.open()
    assert [each.name.image for each in await outdated(catalog)] == ["without"]
    (kept,) = await catalog.list_images(
        THINGS, filter=Matches("caption", "cat"), order=ImageOrder.NAME, limit=9
    )
    assert kept.captioner is None
    await catalog.close()
