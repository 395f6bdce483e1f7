"""What every store of imports does: whose a source is, what listings saw, and what becomes of items."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from orchestrator.adapters.catalog.import_claims import MOST_CLAIMS
from orchestrator.adapters.catalog.import_rows import SqlImports
from orchestrator.adapters.catalog.operation_rows import SqlOperations
from orchestrator.adapters.catalog.sql_catalog import SqlCatalog
from orchestrator.application.operations import new_operation
from orchestrator.application.ports.imports import ImportScope, ListedItem
from orchestrator.domain.import_item import Imported, ItemState, Outcome
from orchestrator.domain.import_source import SourceItem
from orchestrator.domain.names import CollectionName, OperationName
from orchestrator.domain.operation import Failure, OperationState
from tests.fixtures.images import collection

SCOPE = ImportScope(collection=CollectionName("things"), source="somewhere")
LEASE = timedelta(minutes=5)


class Store:
    """A catalog's imports, and the operations whose they are."""

    def __init__(self, catalog: SqlCatalog) -> None:
        self.catalog = catalog
        self.operations = SqlOperations(catalog.database)
        self.imports = SqlImports(catalog.database)

    async def added(self) -> OperationName:
        return (await self.operations.add(new_operation("import", {}))).name

    async def end(self, name: OperationName) -> None:
        await self.operations.change_state(name, OperationState.CANCELLED, among=[OperationState.RUNNING])

    async def list_items(self, name: OperationName, items: Sequence[str]) -> None:
        listed = [
            ListedItem(item=item, number=number, told="", source=SourceItem(key=item))
            for number, item in enumerate(items)
        ]
        await self.imports.begin_listing(name, SCOPE)
        await self.imports.add_items(name, SCOPE, listed)
        await self.imports.end_listing(name)

    async def make(self, name: OperationName, items: Sequence[str]) -> None:
        """Lists items and imports them."""
        assert await self.imports.begin(name, SCOPE) is None
        await self.list_items(name, items)
        claimed = await self.imports.claim(name, SCOPE, "me", limit=1000, lease=LEASE)
        assert [each.item for each in claimed] == [*items]
        for item in items:
            assert await self.imports.finish_item(name, SCOPE, "me", item, done(item))

    async def vanished(self, name: OperationName, **asked: str) -> list[str]:
        return [each.item for each in await self.imports.vanished(name, SCOPE, [""], limit=3, **asked)]


def done(item: str) -> Outcome:
    made = f"collections/things/images/{item}"
    known = Imported(item=item, fingerprint="", told="", sha256=item, made=made, owned=True)
    return Outcome(state=ItemState.DONE, made=made, imported=known)


@pytest.fixture
async def store(catalog_url: str) -> AsyncIterator[Store]:
    catalog = SqlCatalog(catalog_url)
    await catalog.open()
    await catalog.add_collection(collection())
    yield Store(catalog)
    await catalog.close()


async def test_what_no_later_listing_saw_has_vanished(store: Store) -> None:
    first, second, third = [await store.added() for _ in range(3)]
    await store.make(first, ["a", "b", "c", "d", "e", "f"])
    await store.end(first)
    await store.make(second, ["b", "g"])
    assert await store.vanished(first) == []
    assert await store.vanished(second) == ["a", "c", "d"]
    assert await store.vanished(second, after="d") == ["e", "f"]
    await store.end(second)
    assert await store.imports.begin(third, SCOPE) is None
    assert await store.vanished(third) == []
    await store.list_items(third, ["a"])
    assert await store.vanished(third) == ["b", "c", "d"]
    assert await store.vanished(second) == ["c", "d", "e"]


async def test_a_source_is_in_one_imports_hands(store: Store) -> None:
    first, second = [await store.added() for _ in range(2)]
    assert await store.imports.begin(first, SCOPE) is None
    assert await store.imports.begin(second, SCOPE) == first
    assert await store.imports.begin(first, SCOPE) is None
    other = ImportScope(collection=SCOPE.collection, source="elsewhere")
    assert await store.imports.begin(second, other) is None
    await store.list_items(first, ["a", "b"])
    assert len(await store.imports.claim(first, SCOPE, "me", limit=1, lease=LEASE)) == 1
    await store.operations.change_state(first, OperationState.PAUSED, among=[OperationState.RUNNING])
    assert await store.imports.begin(second, SCOPE) == first
    await store.imports.release("me")
    assert await store.imports.begin(second, SCOPE) is None
    await store.operations.change_state(first, OperationState.RUNNING, among=[OperationState.PAUSED])
    assert await store.imports.begin(first, SCOPE) == second
    assert not await store.imports.claim(first, SCOPE, "me", limit=1, lease=LEASE)


async def test_an_import_does_not_succeed_while_items_are_pending(store: Store) -> None:
    name = await store.added()
    await store.imports.begin(name, SCOPE)
    await store.list_items(name, ["a"])
    (claimed,) = await store.imports.claim(name, SCOPE, "me", limit=1, lease=LEASE)
    failed = Outcome(
        state=ItemState.FAILED, failure=Failure(kind="InvalidArgument", message="no picture", reason="")
    )
    assert await store.imports.finish_item(name, SCOPE, "me", claimed.item, failed)
    assert await store.operations.claim(name, "owner", lease=LEASE)
    assert await store.imports.retry(name, None) == 1
    assert not await store.operations.finish(name, "owner", result={})
    assert (await store.operations.get(name)).state is OperationState.RUNNING
    await store.operations.change_state(name, OperationState.SUCCEEDED, among=[OperationState.RUNNING])
    assert await store.imports.retry(name, None) == 0
    assert (await store.operations.get(name)).state is OperationState.RUNNING
    await store.imports.claim(name, SCOPE, "me", limit=1, lease=LEASE)
    assert await store.imports.finish_item(name, SCOPE, "me", "a", done("a"))
    assert await store.operations.claim(name, "owner", lease=LEASE)
    assert await store.operations.finish(name, "owner", result={})


async def test_what_ends_each_process_that_works_on_it_fails_at_last(store: Store) -> None:
    name = await store.added()
    assert await store.imports.begin(name, SCOPE) is None
    await store.list_items(name, [f"{number}" for number in range(6)])
    deaths, left = 0, ["0", "1", "2", "3", "4", "5"]
    while left:
        mine = f"process {deaths}"
        while claimed := await store.imports.claim(name, SCOPE, mine, limit=4, lease=timedelta(0)):
            if "2" in [each.item for each in claimed]:  # it ends this process, and all it had taken
                deaths += 1
                break
            for each in claimed:
                assert await store.imports.finish_item(name, SCOPE, mine, each.item, done(each.item))
                left.remove(each.item)
        else:
            break
    progress = await store.imports.progress(name)
    assert (progress.done, progress.failed, progress.pending, deaths) == (5, 1, 0, MOST_CLAIMS)
    (failed,) = await store.imports.latest_failures(name, limit=9)
    assert failed.failure is not None
    assert (failed.item, failed.failure.reason) == ("2", "SERVER_ENDED")
    assert await store.imports.retry(name, ["2"]) == 1
    for _ in range(2 * MOST_CLAIMS):  # what is let go is not held against it
        assert await store.imports.claim(name, SCOPE, "me", limit=4, lease=LEASE)
        await store.imports.release("me")


async def test_what_a_collection_under_deletion_had_imported_is_forgotten_some_at_a_time(
    store: Store,
) -> None:
    first = await store.added()
    await store.make(first, ["a", "b", "c"])
    assert await store.imports.forget_collection(SCOPE.collection, limit=2) == 0, "it is not being deleted"
    assert await store.imports.imported(SCOPE, "a") is not None
    await store.catalog.begin_collection_deletion(SCOPE.collection, force=True, etag="")
    assert [await store.imports.forget_collection(SCOPE.collection, limit=2) for _ in range(3)] == [2, 1, 0]
