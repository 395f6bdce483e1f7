"""What every catalog does with text records: they appear whole, beside images, and go wholly."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from orchestrator.adapters.catalog.sql_catalog import SqlCatalog
from orchestrator.application.filters import parse_filter
from orchestrator.application.ports import (
    REQUEST_ID_TAKEN,
    Catalog,
    NewText,
    RequestRecord,
    TextKey,
    Work,
)
from orchestrator.domain.errors import Aborted, AlreadyExists, FailedPrecondition, NotFound
from orchestrator.domain.image import Label
from orchestrator.domain.names import CollectionName, EmbeddedName, RecordName, TextName
from orchestrator.domain.record_state import RecordState
from orchestrator.domain.text import Text
from tests.fixtures.images import collection, image, new_text, region, text, vectors, vectors_of

THINGS = CollectionName("things")
LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
async def catalog(catalog_url: str) -> AsyncIterator[Catalog]:
    catalog = SqlCatalog(catalog_url)
    await catalog.open()
    await catalog.add_collection(collection())
    yield catalog
    await catalog.close()


async def begun(catalog: Catalog, *texts: Text) -> list[Work[Text]]:
    works = []
    for each in await catalog.begin_texts(THINGS, [new_text(made) for made in texts]):
        assert isinstance(each, Work)
        works.append(each)
    return works


async def shown(catalog: Catalog, *texts: Text) -> list[Text]:
    assert all(await catalog.finish_all(await begun(catalog, *texts)))
    found = await catalog.get_texts([each.name for each in texts])
    return [found[each.name] for each in texts]


async def names_in(catalog: Catalog) -> set[str]:
    return {each.name.text for each in await catalog.list_texts(THINGS, limit=99)}


async def test_a_text_is_hidden_until_it_is_finished(catalog: Catalog) -> None:
    one, two = text("one"), text("two")
    works = await begun(catalog, one, two)
    assert [work.record for work in works] == [one, two]
    with pytest.raises(NotFound):
        await catalog.get_text(one.name)
    assert await catalog.get_vectors([one.name]) == {}
    assert await catalog.list_texts(THINGS, limit=9) == []
    assert await catalog.count_texts(THINGS) == 0
    assert (await catalog.collection_totals(THINGS)).pending_texts == 2
    owed = await catalog.owed(before=LATER, limit=9)
    assert [entry.name for entry in owed] == [one.name, two.name]
    assert await catalog.finish_all(works[:1]) == [True]
    assert await catalog.get_text(one.name) == replace(one, state=RecordState.ACTIVE)
    assert await names_in(catalog) == {"one"}
    assert [entry.name for entry in await catalog.owed(before=LATER, limit=9)] == [two.name]
    assert await catalog.finish(works[1], works[1].entry)
    assert await catalog.owed(before=LATER, limit=9) == []
    kept = await catalog.get_collection(THINGS)
    assert (kept.text_count, kept.image_count) == (2, 0)
    assert (await catalog.collection_totals(THINGS)).pending_texts == 0


async def test_what_is_written_is_read_the_same(catalog: Catalog) -> None:
    one = text(
        content="Ä \U0001f600\nnext line",
        display_name="a note",
        folder="a/b",
        source_uri="https://example.org/1",
        labels=(Label(label="car", score=0.5),),
        metadata={"shop": {"id": 7.0, "open": True}, "tags": ["x", "y"], 'odd "key"': None},
    )
    one = replace(one, truncated=True)
    assert await shown(catalog, one) == [replace(one, state=RecordState.ACTIVE)]
    kept = (await catalog.get_vectors([one.name]))[one.name]
    (stored,) = vectors(one.name)
    assert (kept.name, kept.space) == (stored.name, stored.space)
    assert np.array_equal(kept.vector, stored.vector)


async def test_names_and_request_ids_are_taken_once(catalog: Catalog) -> None:
    await shown(catalog, text("old"))
    record = RequestRecord(request_id="r", payload="p", made=TextName("things", "new"))
    asked = [
        NewText(text=text("new"), vector=vectors(TextName("things", "new"))[0], request=record),
        new_text(text("old")),
        new_text(text("new")),
        NewText(text=text("other"), vector=vectors(TextName("things", "other"))[0], request=record),
    ]
    with pytest.raises(AlreadyExists):
        await catalog.begin_texts(THINGS, asked, whole=True)
    assert await catalog.find_request(THINGS, "r") is None
    answers = await catalog.begin_texts(THINGS, asked)
    assert [type(each).__name__ for each in answers] == ["Work", *["AlreadyExists"] * 3]
    reasons = [each.reason for each in answers if isinstance(each, AlreadyExists)]
    assert [reason == REQUEST_ID_TAKEN for reason in reasons] == [False, False, True]
    assert await catalog.find_request(THINGS, "r") == record
    assert len(await catalog.owed(before=LATER, limit=9)) == 1


async def test_texts_of_no_collection_are_refused(catalog: Catalog) -> None:
    nowhere = CollectionName("nowhere")
    with pytest.raises(NotFound):
        await catalog.begin_texts(nowhere, [new_text(text(of="nowhere"))])
    with pytest.raises(NotFound):
        await catalog.list_texts(nowhere, limit=1)
    with pytest.raises(NotFound):
        await catalog.count_texts(nowhere)


async def test_a_change_is_made_to_what_was_read(catalog: Catalog) -> None:
    (one,) = await shown(catalog, text(folder="old"))
    changed = replace(one, fields=replace(one.fields, folder="new", content="blue"), etag="e2")
    (other,) = vectors(TextName("things", "other"))
    entry = await catalog.change_text(changed, replace(other, name=one.name), etag=one.etag)
    with pytest.raises(Aborted):
        await catalog.change_text(changed, None, etag=one.etag)
    assert await catalog.get_text(one.name) == changed
    assert np.array_equal((await catalog.get_vectors([one.name]))[one.name].vector, other.vector)
    work = await catalog.read_work(one.name)
    assert work is not None
    assert (work.record, work.revision) == (changed, 2)
    stale = replace(work, revision=1)
    assert not await catalog.finish(stale, entry)
    assert await catalog.finish(work, entry)
    with pytest.raises(NotFound):
        await catalog.change_text(replace(one, name=TextName("things", "none")), None, etag="")


async def test_a_deletion_hides_at_once_and_then_removes(catalog: Catalog) -> None:
    (one,) = await shown(catalog, text())
    with pytest.raises(Aborted):
        await catalog.begin_text_deletion(one.name, etag="stale")
    entry = await catalog.begin_text_deletion(one.name, etag=one.etag)
    assert await catalog.get_texts([one.name]) == {}
    assert (await catalog.get_collection(THINGS)).text_count == 0
    with pytest.raises(NotFound):
        await catalog.begin_text_deletion(one.name)
    work = await catalog.read_work(one.name)
    assert work is not None
    assert work.record.state is RecordState.DELETING
    assert await catalog.finish(work, entry)
    assert await catalog.read_work(one.name) is None
    assert await catalog.owed(before=LATER, limit=9) == []


async def test_what_another_finished_is_not_finished_twice(catalog: Catalog) -> None:
    works = await begun(catalog, text("one"), text("two"))
    assert await catalog.finish(works[0], None)
    assert await catalog.finish_all(works) == [False, True]
    assert (await catalog.get_collection(THINGS)).text_count == 2


async def test_pages_and_filters(catalog: Catalog) -> None:
    made = [
        text(f"t{number}", seconds=number // 2, folder="a/b" if number % 2 else "c", content=f"car {number}")
        for number in range(5)
    ]
    await shown(catalog, *reversed(made))
    found: list[Text] = []
    after = None
    while page := await catalog.list_texts(THINGS, limit=2, after=after):
        found += page
        after = TextKey(create_time=page[-1].create_time, text=page[-1].name.text)
    assert [each.name for each in found] == [each.name for each in made]
    for filter, expected in (
        ('folder = "a"', {"t1", "t3"}),
        ('content:"CAR 4"', {"t4"}),
        ("NOT content:car", set()),
        ("width > 1", set()),
        ("NOT width > 1", {"t0", "t1", "t2", "t3", "t4"}),
    ):
        parsed = parse_filter(filter)
        assert {
            each.name.text for each in await catalog.list_texts(THINGS, filter=parsed, limit=9)
        } == expected
        assert await catalog.count_texts(THINGS, parsed) == len(expected)


async def test_what_an_index_is_rebuilt_from_is_images_and_then_texts(catalog: Catalog) -> None:
    first = replace(image("b"), region_count=1)
    parts = [region(first)]
    work = await catalog.begin_image(first, parts, vectors_of(first, parts))
    assert await catalog.finish(work, work.entry)
    await shown(catalog, *(text(name) for name in ("a", "c", "z")))
    await begun(catalog, text("hidden"))
    records: list[RecordName] = []
    after: RecordName | None = None
    while works := await catalog.kept_work(THINGS, limit=2, after=after):
        after = works[-1].record.name
        records += [work.record.name for work in works]
    texts = [TextName("things", name) for name in ("a", "c", "z")]
    assert records == [first.name, *texts]
    names: list[EmbeddedName] = []
    behind: EmbeddedName | None = None
    while some := await catalog.kept_names(THINGS, limit=2, after=behind):
        names += some
        behind = some[-1]
    hidden = TextName("things", "hidden")
    assert names == [first.name, parts[0].name, *sorted([*texts, hidden])]
    unknown = TextName("things", "none")
    assert await catalog.revisions([first.name, hidden, unknown]) == {first.name: 1, hidden: 1}


async def test_a_collection_goes_with_its_texts(catalog: Catalog) -> None:
    await shown(catalog, *(text(f"t{number}") for number in range(5)))
    await begun(catalog, text("hidden"))
    with pytest.raises(FailedPrecondition):
        await catalog.begin_collection_deletion(THINGS, force=False, etag="")
    assert await catalog.remove_texts(THINGS, limit=9) == 0, "it is not being deleted"
    await catalog.begin_collection_deletion(THINGS, force=True, etag="")
    assert await catalog.get_texts([TextName("things", "t1")]) == {}
    left = []
    while removed := await catalog.remove_texts(THINGS, limit=4):
        left.append(removed)
    assert left == [4, 2]
    assert await catalog.finish_collection_deletion(THINGS, limit=9) == []
    assert await catalog.owed(before=LATER, limit=9) == []
    with pytest.raises(NotFound):
        await catalog.get_collection(THINGS)


async def test_request_ids_of_texts_are_forgotten_too(catalog: Catalog) -> None:
    record = RequestRecord(request_id="r", payload="p", made=TextName("things", "note"))
    await catalog.begin_texts(THINGS, [replace(new_text(text()), request=record)])
    await catalog.forget_requests(before=LATER - timedelta(days=1))
    assert await catalog.find_request(THINGS, "r") is None
