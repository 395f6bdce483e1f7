"""Puts texts into a collection, many at once: they are written as images are, and survive the same kills."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from orchestrator.application.embed import embedder_of
from orchestrator.application.ports import (
    NewText,
    Ports,
    RequestRecord,
    StoredVector,
    Work,
)
from orchestrator.application.settle import see_through, settle, settle_texts
from orchestrator.application.texts import check_fields
from orchestrator.domain.collection import Collection
from orchestrator.domain.errors import (
    Aborted,
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    SightlineError,
)
from orchestrator.domain.identifiers import new_etag, new_id
from orchestrator.domain.names import TEXT_ID, CollectionName, TextName
from orchestrator.domain.text import Text, TextFields

MAX_TEXTS = 256
"""Texts that are created together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateText:
    """What to create. Without `text_id` the server chooses one, by time."""

    text_id: str = ""
    fields: TextFields
    request_id: str = ""

    @property
    def payload(self) -> str:
        """A hash of what it asks for."""
        told = json.dumps(["text", self.text_id, asdict(self.fields)], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


Outcome = Text | SightlineError
"""A text record, or why there is none."""


async def create_text(
    ports: Ports, parent: CollectionName, item: CreateText, *, validate_only: bool = False
) -> Text:
    """As `create_all_texts`, of one text; with `validate_only` nothing is stored."""
    (made,) = await create_texts(ports, parent, [item], validate_only=validate_only)
    if isinstance(made, SightlineError):
        raise made
    return made


async def create_all_texts(ports: Ports, parent: CollectionName, items: Sequence[CreateText]) -> list[Text]:
    """As `create_texts`, but all or none: raises the first item's error, its place in the fields' names."""
    made = []
    for outcome in await create_texts(ports, parent, items, field="requests[{}].", whole=True):
        if isinstance(outcome, SightlineError):  # deleted already
            raise outcome
        made.append(outcome)
    return made


async def create_texts(
    ports: Ports,
    parent: CollectionName,
    items: Sequence[CreateText],
    *,
    field: str = "",
    whole: bool = False,
    validate_only: bool = False,
) -> list[Outcome]:
    """Embeds and indexes at most 256 texts, each answered in its place; the next search finds them.

    An item that fails, fails alone unless `whole` says that its error is to be raised, and nothing written:
    InvalidArgument, its fields named behind `field` with its place for `{}`; AlreadyExists for its id. Doing
    it again with the same ids, or request ids, makes nothing twice. Raises NotFound for the collection;
    FailedPrecondition where its pack has no text tower or has changed; InvalidArgument for too many;
    ResourceExhausted, Unavailable: what was begun then, recovery ends.
    """
    if len(items) > MAX_TEXTS:
        raise InvalidArgument.field("requests", f"holds {len(items)}; at most {MAX_TEXTS} are taken")
    collection = await ports.catalog.get_collection(parent)
    check_text_tower(ports, collection)
    outcomes: dict[int, Outcome] = {}
    for place, item in enumerate(items):
        try:
            _check(item, field.format(place))
            made = None if validate_only else await _made_before(ports, parent, item)
        except SightlineError as error:
            if whole:
                raise
            outcomes[place] = error
        else:
            if made is not None:
                outcomes[place] = made
    left = [place for place in range(len(items)) if place not in outcomes]
    if left:
        async with ports.permits.take(sum(len(items[place].fields.content) for place in left)):
            new = await _embed(ports, collection, [items[place] for place in left])
            made_now: Sequence[Outcome] = [each.text for each in new]
            if not validate_only:
                some = [items[place] for place in left]
                made_now = await see_through(_write(ports, collection, some, new, whole))
        outcomes.update(zip(left, made_now, strict=True))
    return [outcomes[place] for place in range(len(items))]


def check_text_tower(ports: Ports, collection: Collection) -> None:
    """Raises FailedPrecondition where a collection's pack has no text tower, or is another one by now."""
    if not embedder_of(ports, collection).has_text:
        raise FailedPrecondition(
            f"the pack {collection.embedder} of {collection.name} has no text tower",
            reason="NO_TEXT_TOWER",
            metadata={"pack": collection.embedder},
        )


async def _embed(ports: Ports, collection: Collection, items: Sequence[CreateText]) -> list[NewText]:
    embedder = embedder_of(ports, collection)
    embedded = await embedder.embed_texts([item.fields.content for item in items], bulk=True)
    now = datetime.now(UTC)
    new = []
    rows = zip(items, embedded.vectors, embedded.truncated, strict=True)
    for place, (item, vector, truncated) in enumerate(rows):
        moment = now + timedelta(microseconds=place)  # a list has them in the order in which they came
        name = TextName(collection.name.collection, item.text_id or new_id())
        new.append(
            NewText(
                text=Text(
                    name=name,
                    uid=new_id(),
                    fields=item.fields,
                    truncated=truncated,
                    create_time=moment,
                    update_time=moment,
                    etag=new_etag(),
                ),
                vector=StoredVector(name=name, space=collection.space, vector=vector),
                request=RequestRecord(request_id=item.request_id, payload=item.payload, made=name)
                if item.request_id
                else None,
            )
        )
    return new


async def _write(
    ports: Ports, collection: Collection, items: Sequence[CreateText], new: Sequence[NewText], whole: bool
) -> list[Outcome]:
    """The PENDING rows with their vectors, then the index, then the ACTIVE rows."""
    await _end_cut_short(
        ports, [each.text.name for item, each in zip(items, new, strict=True) if item.text_id]
    )
    begun = await ports.catalog.begin_texts(collection.name, new, whole=whole)
    works = [each for each in begun if isinstance(each, Work)]
    settled = iter(await settle_texts(ports, works))
    outcomes: list[Outcome] = []
    for item, each in zip(items, begun, strict=True):
        if isinstance(each, AlreadyExists):
            outcomes.append(await _taken(ports, collection, item, each))
        else:
            said = f"{each.record.name} was deleted while it was created"
            outcomes.append(next(settled) or Aborted(said, reason="DELETED_MEANWHILE"))
    return outcomes


async def _end_cut_short(ports: Ports, names: Sequence[TextName]) -> None:
    """Ends creations and deletions of these names that were cut short: they would be in the way."""
    existing = [name for name in await ports.catalog.revisions(names) if isinstance(name, TextName)]
    if existing:
        seen = await ports.catalog.get_texts(existing)
        for name in existing:
            if name not in seen:
                await settle(ports, name)


async def _taken(ports: Ports, collection: Collection, item: CreateText, error: AlreadyExists) -> Outcome:
    """What the same request made meanwhile, or that the name is taken."""
    try:
        return await _made_before(ports, collection.name, item) or error
    except SightlineError as other:
        return other


async def _made_before(ports: Ports, parent: CollectionName, item: CreateText) -> Text | None:
    """What the same request made earlier (AIP-155)."""
    if not item.request_id:
        return None
    record = await ports.catalog.find_request(parent, item.request_id)
    if record is None:
        return None
    if record.payload != item.payload or not isinstance(record.made, TextName):
        raise InvalidArgument.field(
            "request_id", "was sent with another request before", reason="REQUEST_ID_REUSED"
        )
    try:
        return await ports.catalog.get_text(record.made)
    except NotFound:
        made = await see_through(settle(ports, record.made))
        if made is None:
            raise
        return made


def _check(item: CreateText, field: str) -> None:
    if item.text_id and not TEXT_ID.fullmatch(item.text_id):
        raise InvalidArgument.field(
            f"{field}text_id",
            "is letters, digits, '.', '_', '~' and '-', a letter or digit first, at most 128",
        )
    check_fields(item.fields, f"{field}text")
