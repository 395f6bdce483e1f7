"""Text records in the catalog: one row each, with its vector."""

# ruff: noqa: D102 — the methods' contracts stand in `ports.TextCatalog`.

from collections import Counter
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from orchestrator.adapters.catalog.collection_rows import active_collection, check_etag
from orchestrator.adapters.catalog.database import Database
from orchestrator.adapters.catalog.documents import (
    TEXT_COLUMNS,
    read_collection,
    read_text,
    text_row,
    vector_columns,
)
from orchestrator.adapters.catalog.image_rows import ACTIVE, batches, behind, in_collection, named, visible
from orchestrator.adapters.catalog.locks import Lock, locked
from orchestrator.adapters.catalog.request_rows import find_request, request_row
from orchestrator.adapters.catalog.tables import collections, outbox, request_ids, texts
from orchestrator.adapters.catalog.works import DELETING, add_to_counts, owe, owe_all, row_of, touch
from orchestrator.application.ports import (
    REQUEST_ID_TAKEN,
    NewText,
    OutboxEntry,
    StoredVector,
    TextKey,
    Work,
)
from orchestrator.domain.collection import CollectionState
from orchestrator.domain.errors import Aborted, AlreadyExists, NotFound
from orchestrator.domain.filter import Filter
from orchestrator.domain.names import CollectionName, TextName
from orchestrator.domain.record_state import RecordState
from orchestrator.domain.text import Text

_NAMED_TEXTS = sa.select(*TEXT_COLUMNS).where(named(texts), visible(texts))
_EXISTING = sa.select(texts.c.text).where(named(texts))


_ATTEMPTS = 5


class TextRows:
    """The catalog's part about text records; `ports.TextCatalog` has the contracts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin_texts(
        self, collection: CollectionName, new: Sequence[NewText], *, whole: bool = False
    ) -> Sequence[Work[Text] | AlreadyExists]:
        def write(connection: sa.Connection) -> Sequence[Work[Text] | AlreadyExists]:
            owner = read_collection(active_collection(connection, collection, lock=Lock.KEEP))
            taken = _insert_free(connection, collection, new, whole=whole)
            free = [each for place, each in enumerate(new) if place not in taken]
            entries = iter(owe_all(connection, [each.text.name for each in free]))
            return [
                taken.get(place)
                or Work(
                    record=each.text,
                    namespace=owner.namespace,
                    dimension=owner.dimension,
                    revision=1,
                    vectors=(each.vector,),
                    entry=next(entries),
                )
                for place, each in enumerate(new)
            ]

        return await self._database.write(write)

    async def finish_all(self, works: Sequence[Work[Text]]) -> Sequence[bool]:
        fresh = (
            sa.update(texts)
            .where(
                named(texts),
                texts.c.uid.in_([work.record.uid for work in works]),
                texts.c.state == RecordState.PENDING.value,
                texts.c.revision == 1,
            )
            .values(state=ACTIVE)
            .returning(texts.c.uid)
        )

        def write(connection: sa.Connection) -> Sequence[bool]:
            uids: set[str] = set()
            counts = Counter[str]()
            for some in batches(texts, [work.record.name for work in works]):
                shown = connection.execute(fresh, some).scalars().all()
                counts[some["in_collection"]] += len(shown)
                uids.update(shown)
            done = [work.record.uid in uids for work in works]
            entries = [
                work.entry.id for work, is_done in zip(works, done, strict=True) if is_done and work.entry
            ]
            connection.execute(sa.delete(outbox).where(outbox.c.id.in_(entries)))
            for name in sorted(counts):  # last: until the end others wait to count in it
                add_to_counts(connection, name, text_count=counts[name])
            return done

        return await self._database.write(write)

    async def get_text(self, name: TextName) -> Text:
        found = await self.get_texts([name])
        if name not in found:
            raise NotFound.resource(str(name))
        return found[name]

    async def get_texts(self, names: Sequence[TextName]) -> Mapping[TextName, Text]:
        def read(connection: sa.Connection) -> Mapping[TextName, Text]:
            found: dict[TextName, Text] = {}
            for some in batches(texts, names):
                rows = connection.execute(_NAMED_TEXTS, some)
                found.update({text.name: text for text in map(read_text, rows.mappings())})
            return found

        return await self._database.read(read)

    async def list_texts(
        self,
        collection: CollectionName,
        *,
        filter: Filter | None = None,
        limit: int,
        after: TextKey | None = None,
    ) -> Sequence[Text]:
        columns = [texts.c.create_time, texts.c.text]
        query = (
            sa.select(*TEXT_COLUMNS)
            .where(in_collection(texts, collection, filter))
            .order_by(*columns)
            .limit(limit)
        )
        if after is not None:
            query = query.where(behind(columns, (after.create_time, after.text), descending=False))

        def read(connection: sa.Connection) -> Sequence[Text]:
            active_collection(connection, collection)
            return [read_text(row) for row in connection.execute(query).mappings()]

        return await self._database.read(read)

    async def count_texts(self, collection: CollectionName, filter: Filter | None = None) -> int:
        def read(connection: sa.Connection) -> int:
            row = active_collection(connection, collection)
            if filter is None:
                return int(row["text_count"])
            inside = in_collection(texts, collection, filter)
            return int(connection.execute(sa.select(sa.func.count()).where(inside)).scalar_one())

        return await self._database.read(read)

    async def change_text(self, text: Text, vector: StoredVector | None, *, etag: str) -> OutboxEntry:
        written = text_row(text)
        changes = {name: written[name] for name in ("document", "attributes", "update_time", "etag")}
        if vector is not None:
            changes |= vector_columns(vector)

        def write(connection: sa.Connection) -> OutboxEntry:
            row = _visible_text(connection, text.name, lock=Lock.CHANGE)
            check_etag(row, etag, str(text.name))
            touch(connection, text.name, changes)
            return owe(connection, text.name)

        return await self._database.write(write)

    async def begin_text_deletion(self, name: TextName, *, etag: str = "") -> OutboxEntry:
        def write(connection: sa.Connection) -> OutboxEntry:
            check_etag(_visible_text(connection, name, lock=Lock.CHANGE), etag, str(name))
            touch(connection, name, {"state": DELETING})
            add_to_counts(connection, name.collection, text_count=-1)
            return owe(connection, name)

        return await self._database.write(write)

    async def remove_texts(self, collection: CollectionName, *, limit: int) -> int:
        some = (
            sa.select(texts.c.text)
            .join(collections, collections.c.collection == texts.c.collection)
            .where(
                texts.c.collection == collection.collection,
                collections.c.state == CollectionState.DELETING.value,
            )
            .limit(limit)
        )
        gone = sa.delete(texts).where(
            texts.c.collection == collection.collection, texts.c.text.in_(some.scalar_subquery())
        )

        def write(connection: sa.Connection) -> int:
            return connection.execute(gone).rowcount

        return await self._database.write(write)


def _insert_free(
    connection: sa.Connection, collection: CollectionName, new: Sequence[NewText], *, whole: bool
) -> dict[int, AlreadyExists]:
    """Writes what can be written; place → why what is asked for there is not. `whole`: all or none."""
    for _ in range(_ATTEMPTS):
        taken = _taken(connection, new)
        if whole and taken:
            raise taken[min(taken)]
        try:
            with connection.begin_nested():
                _insert(connection, [each for place, each in enumerate(new) if place not in taken])
            return taken
        except IntegrityError:  # another was quicker: what is taken is seen now
            continue
    raise Aborted(f"names of {collection} keep being taken meanwhile", reason="NAME_TAKEN")


def _taken(connection: sa.Connection, new: Sequence[NewText]) -> dict[int, AlreadyExists]:
    """Place → why what is asked for there is not written."""
    names = [each.text.name for each in new]
    existing = {id for some in batches(texts, names) for id in connection.execute(_EXISTING, some).scalars()}
    requests: set[str] = set()
    found: dict[int, AlreadyExists] = {}
    for place, each in enumerate(new):
        name, request = each.text.name, each.request
        if request and (
            request.request_id in requests or find_request(connection, name.parent, request.request_id)
        ):
            said = f"request id {request.request_id} was used before"
            found[place] = AlreadyExists(said, reason=REQUEST_ID_TAKEN)
        elif name.text in existing:
            found[place] = AlreadyExists.resource(str(name))
        else:
            existing.add(name.text)
            if request:
                requests.add(request.request_id)
    return found


def _insert(connection: sa.Connection, new: Sequence[NewText]) -> None:
    rows = [text_row(each.text) | vector_columns(each.vector) | {"revision": 1} for each in new]
    if rows:
        connection.execute(sa.insert(texts), rows)
    asked = [request_row(each.request, each.text.create_time) for each in new if each.request]
    if asked:
        connection.execute(sa.insert(request_ids), asked)


def _visible_text(connection: sa.Connection, name: TextName, lock: Lock) -> sa.RowMapping:
    """The row of an ACTIVE text record, which others leave as `lock` says. Raises NotFound."""
    _, its_own = row_of(name)
    query = sa.select(*TEXT_COLUMNS).where(its_own, visible(texts))
    row = connection.execute(locked(query, lock, texts)).mappings().one_or_none()
    if row is None:
        raise NotFound.resource(str(name))
    return row
