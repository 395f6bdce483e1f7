"""Gets, lists, changes and deletes text records."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from orchestrator.application.collections import check_etag
from orchestrator.application.embed import embedder_of
from orchestrator.application.filters import parse_filter
from orchestrator.application.paging import clamp_page_size, decode_page_token, encode_page_token
from orchestrator.application.ports import Ports, StoredVector, TextKey
from orchestrator.application.settle import see_through, settle
from orchestrator.domain.errors import Aborted, InvalidArgument, NotFound
from orchestrator.domain.identifiers import new_etag
from orchestrator.domain.names import CollectionName, TextName
from orchestrator.domain.text import MAX_CONTENT, Text, TextFields

_ATTEMPTS = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def get_text(ports: Ports, name: TextName) -> Text:
    """Raises NotFound."""
    return await ports.catalog.get_text(name)


async def list_texts(
    ports: Ports, *, parent: CollectionName, page_size: int = 0, page_token: str = "", filter: str = ""
) -> tuple[Sequence[Text], str, int]:
    """A page of text records, the oldest first, the next page's token, and how many the filter finds in all.

    Raises NotFound for the collection; InvalidArgument for a filter or a token that makes no sense.
    """
    size, parsed = clamp_page_size(page_size), parse_filter(filter)
    request = {"method": "ListTexts", "parent": str(parent), "filter": filter}
    cursor = decode_page_token(page_token, request)
    after, total = None, 0
    if cursor is not None:
        after = TextKey(create_time=_EPOCH + timedelta(microseconds=cursor[0]), text=cursor[1])
        total = cursor[2]  # counted once, for the first page: a filter looks at every record to count
    found = await ports.catalog.list_texts(parent, filter=parsed, limit=size + 1, after=after)
    if cursor is None:
        total = await ports.catalog.count_texts(parent, parsed) if len(found) > size else len(found)
    page = found[:size]
    if len(found) <= size:
        return page, "", total
    last = page[-1]
    moment = (last.create_time - _EPOCH) // timedelta(microseconds=1)
    return page, encode_page_token([moment, last.name.text, total], request), total


async def update_text(ports: Ports, *, name: TextName, changes: Mapping[str, Any], etag: str = "") -> Text:
    """Changes fields of a text record, given by the names of `TextFields`; searches see it at once.

    Another content is embedded. Raises NotFound; Aborted where `etag` is given and stale; InvalidArgument;
    FailedPrecondition where the collection's pack has changed; Unavailable.
    """
    for _ in range(_ATTEMPTS):
        current = await ports.catalog.get_text(name)
        check_etag(str(name), etag, current.etag)
        fields = replace(current.fields, **changes)
        check_fields(fields)
        vector, truncated = None, current.truncated
        if fields.content != current.fields.content:
            vector, truncated = await _embed(ports, name, fields.content)
        changed = replace(
            current, fields=fields, truncated=truncated, update_time=datetime.now(UTC), etag=new_etag()
        )
        with suppress(Aborted):  # another change came in between: this one is made to what it left
            await see_through(_change(ports, changed, vector, current.etag))
            return changed
    raise Aborted(f"{name} keeps changing")


async def delete_text(ports: Ports, *, name: TextName, etag: str = "", allow_missing: bool = False) -> None:
    """Deletes a text record and its vector.

    Raises NotFound unless `allow_missing`; Aborted where `etag` is given and stale; Unavailable: it is hidden
    then, and recovery deletes it.
    """
    try:
        await see_through(_delete(ports, name, etag))
    except NotFound:
        if not allow_missing:
            raise


def check_fields(fields: TextFields, field: str = "text") -> None:
    """Raises InvalidArgument for no content or too much, and for texts that no database keeps."""
    if not fields.content.strip():
        raise InvalidArgument.field(f"{field}.content", "is blank")
    if len(fields.content) > MAX_CONTENT:
        raise InvalidArgument.field(
            f"{field}.content", f"has more than {MAX_CONTENT:,} characters", reason="TEXT_TOO_LONG"
        )
    if "\\u0000" in json.dumps(asdict(fields)):
        raise InvalidArgument.field(field, "a text holds a NUL character")


async def _embed(ports: Ports, name: TextName, content: str) -> tuple[StoredVector, bool]:
    embedder = embedder_of(ports, await ports.catalog.get_collection(name.parent))
    embedded = await embedder.embed_texts([content], bulk=True)
    vector = StoredVector(name=name, space=embedder.space.stamp, vector=embedded.vectors[0])
    return vector, embedded.truncated[0]


async def _change(ports: Ports, changed: Text, vector: StoredVector | None, etag: str) -> None:
    entry = await ports.catalog.change_text(changed, vector, etag=etag)
    if await settle(ports, changed.name, entry) is None:
        raise NotFound.resource(str(changed.name))


async def _delete(ports: Ports, name: TextName, etag: str) -> None:
    entry = await ports.catalog.begin_text_deletion(name, etag=etag)
    await settle(ports, name, entry)
