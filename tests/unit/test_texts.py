"""Texts are put into a collection as pictures are: whole or not at all, whatever step a process dies at."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from itertools import count

import pytest

from orchestrator.application.collections import (
    collection_statistics,
    create_collection,
    delete_collection,
    ensure_default_collection,
)
from orchestrator.application.index_texts import (
    MAX_TEXTS,
    CreateText,
    create_all_texts,
    create_text,
    create_texts,
)
from orchestrator.application.ports import Kind, Ports
from orchestrator.application.rebuild_index import prune_indexes, rebuild_indexes
from orchestrator.application.recover import recover_once
from orchestrator.application.settle import records_of, upsert
from orchestrator.application.texts import delete_text, get_text, list_texts, update_text
from orchestrator.domain.collection import DEFAULT_COLLECTION
from orchestrator.domain.errors import (
    Aborted,
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    SightlineError,
    Unavailable,
)
from orchestrator.domain.names import CollectionName, TextName
from orchestrator.domain.text import MAX_CONTENT, Text, TextFields
from tests.fakes.index import MemoryIndex
from tests.fakes.models import BLIND, ColourModels
from tests.fixtures.crash import Death, Killed, mortal, recovered_texts

NAME = TextName("default", "note")
REQUEST = "5f3c1c0e-0000-4000-8000-000000000001"


@pytest.fixture
async def mesh(ports: Ports) -> Ports:
    await ensure_default_collection(ports)
    await rebuild_indexes(ports)
    return ports


def item(content: str = "a red car", text_id: str = "", request_id: str = "", folder: str = "") -> CreateText:
    fields = TextFields(content=content, folder=folder)
    return CreateText(text_id=text_id, fields=fields, request_id=request_id)


async def made(ports: Ports, *items: CreateText) -> list[Text]:
    return await create_all_texts(ports, DEFAULT_COLLECTION, items)


async def in_index(ports: Ports, word: str) -> list[str]:
    collection = await ports.catalog.get_collection(DEFAULT_COLLECTION)
    embedded = await ports.models.embedder(collection.embedder).embed_texts([word])
    near = await ports.index.search(collection.namespace, embedded.vectors[0], Kind.TEXT, limit=99)
    return [each.name for each in near if each.cosine > 0.6]


async def test_a_text_is_found_once_it_is_answered(mesh: Ports) -> None:
    red, blue = await made(mesh, item("a red car"), item("the blue sea", "sea"))
    assert blue.name == TextName("default", "sea")
    assert await in_index(mesh, "red") == [str(red.name)]
    assert await get_text(mesh, red.name) == red
    page, token, total = await list_texts(mesh, parent=DEFAULT_COLLECTION, page_size=1)
    assert (page[0].fields.content, total) == ("a red car", 2)
    rest, end, total = await list_texts(mesh, parent=DEFAULT_COLLECTION, page_size=1, page_token=token)
    assert ([each.name for each in rest], end, total) == ([blue.name], "", 2)
    statistics = await collection_statistics(mesh, DEFAULT_COLLECTION)
    assert (statistics.text_vectors, statistics.pending_texts, statistics.image_vectors) == (2, 0, 0)


async def test_items_fail_alone(mesh: Ports) -> None:
    await made(mesh, item(text_id="old"))
    outcomes = await create_texts(
        mesh,
        DEFAULT_COLLECTION,
        [
            item("one", "one"),
            item("two", "old"),
            item(" \n", "blank"),
            item("x" * (MAX_CONTENT + 1), "long"),
            item("nul \0", "nul"),
            item("bad id", "-bad"),
            item("again", "one"),
            item("ok"),
        ],
    )
    assert [type(each).__name__ for each in outcomes] == [
        *("Text", "AlreadyExists", "InvalidArgument", "InvalidArgument", "InvalidArgument"),
        *("InvalidArgument", "AlreadyExists", "Text"),
    ]
    assert set(await recovered_texts(mesh)) == {
        str(each.name) for each in outcomes if isinstance(each, Text)
    } | {"collections/default/texts/old"}


async def test_all_or_none_names_the_item(mesh: Ports) -> None:
    await made(mesh, item(text_id="old"))
    with pytest.raises(InvalidArgument) as caught:
        await made(mesh, item("fine", "fine"), item(""))
    assert caught.value.violations[0].field == "requests[1].text.content"
    with pytest.raises(AlreadyExists):
        await made(mesh, item("fine", "fine"), item("taken", "old"))
    with pytest.raises(InvalidArgument):
        await made(mesh, *(item() for _ in range(MAX_TEXTS + 1)))
    assert len(await recovered_texts(mesh)) == 1


async def test_validation_stores_nothing(mesh: Ports) -> None:
    words = " ".join(["red"] * 40)
    checked = await create_text(mesh, DEFAULT_COLLECTION, item(words), validate_only=True)
    assert checked.truncated
    assert await recovered_texts(mesh) == {}


async def test_a_pack_without_words_takes_no_texts(mesh: Ports) -> None:
    await create_collection(mesh, collection_id="blind", embedder=BLIND)
    with pytest.raises(FailedPrecondition) as caught:
        await create_text(mesh, CollectionName("blind"), item())
    assert caught.value.reason == "NO_TEXT_TOWER"
    with pytest.raises(NotFound):
        await create_text(mesh, CollectionName("none"), item())


async def test_a_repeated_request_makes_nothing_twice(mesh: Ports) -> None:
    asked = item(request_id=REQUEST)
    first, second = await asyncio.gather(
        create_text(mesh, DEFAULT_COLLECTION, asked), create_text(mesh, DEFAULT_COLLECTION, asked)
    )
    assert first == second
    with pytest.raises(InvalidArgument) as caught:
        await create_text(mesh, DEFAULT_COLLECTION, item("other", request_id=REQUEST))
    assert caught.value.reason == "REQUEST_ID_REUSED"
    assert len(await recovered_texts(mesh)) == 1


async def test_a_changed_content_is_searched_by(mesh: Ports) -> None:
    (note,) = await made(mesh, item("red", "note", folder="old"))
    embedded = _models(mesh).embedded_texts
    moved = await update_text(mesh, name=NAME, changes={"folder": "new"})
    assert _models(mesh).embedded_texts == embedded, "the same words are not embedded again"
    assert await in_index(mesh, "red") == [str(NAME)]
    changed = await update_text(mesh, name=NAME, changes={"content": "blue"}, etag=moved.etag)
    assert (await in_index(mesh, "red"), await in_index(mesh, "blue")) == ([], [str(NAME)])
    assert (changed.fields.folder, changed.create_time) == ("new", note.create_time)
    with pytest.raises(Aborted):
        await update_text(mesh, name=NAME, changes={"content": "green"}, etag=moved.etag)
    with pytest.raises(InvalidArgument):
        await update_text(mesh, name=NAME, changes={"content": ""})
    assert await recovered_texts(mesh) == {str(NAME): changed}


async def test_what_the_models_cannot_do_leaves_nothing(mesh: Ports) -> None:
    _models(mesh).gone = True
    with pytest.raises(Unavailable):
        await made(mesh, item())
    assert await recovered_texts(mesh) == {}


async def test_what_the_index_did_not_take_is_hidden_and_then_there(mesh: Ports) -> None:
    assert isinstance(mesh.index, MemoryIndex)
    mesh.index.down = True
    with pytest.raises(Unavailable):
        await made(mesh, item(text_id="note"))
    with pytest.raises(NotFound):
        await get_text(mesh, NAME)
    mesh.index.down = False
    with pytest.raises(AlreadyExists):  # what was in the way is ended first
        await made(mesh, item(text_id="note"))
    assert set(await recovered_texts(mesh)) == {str(NAME)}


async def test_an_index_is_rebuilt_and_pruned_with_its_texts(mesh: Ports) -> None:
    await made(mesh, *(item(f"red {number}") for number in range(70)))
    collection = await mesh.catalog.get_collection(DEFAULT_COLLECTION)
    await mesh.index.delete_namespace(collection.namespace)
    embedded = _models(mesh).embedded_texts
    assert await rebuild_indexes(mesh) == 70
    assert _models(mesh).embedded_texts == embedded
    assert len(await recovered_texts(mesh)) == 70
    work = await mesh.catalog.read_work((await list_texts(mesh, parent=DEFAULT_COLLECTION))[0][0].name)
    assert work is not None
    (record,) = records_of(work)
    await delete_text(mesh, name=work.record.name)  # type: ignore[arg-type]
    await upsert(mesh, collection.namespace, collection.dimension, [record])
    assert await prune_indexes(mesh) == 1
    assert len(await recovered_texts(mesh)) == 69


async def test_a_collection_goes_with_its_texts(mesh: Ports) -> None:
    notes = CollectionName("notes")
    await create_collection(mesh, collection_id="notes")
    await create_texts(mesh, notes, [item(text_id=f"t{number}") for number in range(5)])
    with pytest.raises(FailedPrecondition):
        await delete_collection(mesh, name=notes)
    await delete_collection(mesh, name=notes, force=True)
    await create_collection(mesh, collection_id="notes")
    assert await recovered_texts(mesh) == {}


async def deaths(
    ports: Ports,
    work: Callable[[Ports], Awaitable[object]],
    *,
    after: bool,
    prepare: Callable[[], Awaitable[object]],
) -> AsyncIterator[dict[str, Text]]:
    """What is left after a death at each step of `work` in turn, until it lives to its end."""
    for step in count(1):
        await prepare()
        death = Death(step, after=after)
        with suppress(Killed, BaseExceptionGroup):
            await work(mortal(ports, death))
        await asyncio.sleep(0.01)
        if not death.struck:
            assert step > 2
            return
        yield await recovered_texts(ports)


@pytest.mark.parametrize("after", [False, True])
async def test_a_batch_is_whole_or_nothing(mesh: Ports, after: bool) -> None:
    items = [item("red", "one"), item("blue", "two")]

    async def prepare() -> None:
        for each in ("one", "two"):
            await delete_text(mesh, name=TextName("default", each), allow_missing=True)

    outcomes = [
        len(found)
        async for found in deaths(mesh, lambda ports: made(ports, *items), after=after, prepare=prepare)
    ]
    assert outcomes == sorted(outcomes), "once the rows are there the texts come"
    assert set(outcomes) == ({2} if after else {0, 2})


@pytest.mark.parametrize("after", [False, True])
async def test_a_retry_after_a_death_answers_one_text(mesh: Ports, after: bool) -> None:
    for step in count(1):
        await delete_collection(mesh, name=CollectionName("again"), force=True) if step > 1 else None
        await create_collection(mesh, collection_id="again")
        death = Death(step, after=after)
        with suppress(Killed, BaseExceptionGroup):
            await create_text(mortal(mesh, death), CollectionName("again"), item(request_id=REQUEST))
        await asyncio.sleep(0.01)
        text = await create_text(mesh, CollectionName("again"), item(request_id=REQUEST))
        assert list(await recovered_texts(mesh)) == [str(text.name)]
        if not death.struck:
            break


@pytest.mark.parametrize("after", [False, True])
async def test_a_change_reaches_catalog_and_index_or_neither(mesh: Ports, after: bool) -> None:
    await made(mesh, item("red", "note"))

    async def prepare() -> None:
        await update_text(mesh, name=NAME, changes={"content": "red"})

    work = lambda ports: update_text(ports, name=NAME, changes={"content": "blue"})  # noqa: E731
    async for found in deaths(mesh, work, after=after, prepare=prepare):
        said = found[str(NAME)].fields.content
        assert await in_index(mesh, said) == [str(NAME)]
        assert await in_index(mesh, "red" if said == "blue" else "blue") == []


@pytest.mark.parametrize("after", [False, True])
async def test_a_deletion_is_whole_or_not_begun(mesh: Ports, after: bool) -> None:
    async def prepare() -> None:
        with suppress(SightlineError):
            await made(mesh, item("red", "note"))

    outcomes = []
    work = lambda ports: delete_text(ports, name=NAME)  # noqa: E731
    async for found in deaths(mesh, work, after=after, prepare=prepare):
        outcomes.append(bool(found))
    assert set(outcomes[1:]) == {False}
    assert outcomes[0] is not after


async def test_a_text_deleted_while_it_is_recovered_is_gone(mesh: Ports) -> None:
    await made(mesh, item("red", "note"))
    await asyncio.gather(delete_text(mesh, name=NAME), recover_once(mesh))
    assert await recovered_texts(mesh) == {}


def _models(ports: Ports) -> ColourModels:
    assert isinstance(ports.models, ColourModels)
    return ports.models
