"""Imports one item: reads it, and makes of it what is new or changed."""

import asyncio
import hashlib

from orchestrator.application.imports.plan import ImportPlan, told_hash
from orchestrator.application.imports.record import describe, exists, make, record_name, remove
from orchestrator.application.ports import Ports
from orchestrator.application.ports.imports import ImportScope
from orchestrator.application.ports.sources import Source
from orchestrator.domain.errors import InvalidArgument, SightlineError
from orchestrator.domain.import_item import ClaimedItem, Imported, ItemState, Outcome
from orchestrator.domain.names import ImageName, OperationName, TextName, parse_image, parse_text


class ReadFailed(Exception):
    """The source could not be read now; the cause says why."""

    def __init__(self, cause: SightlineError) -> None:
        super().__init__(cause.message)
        self.cause = cause


class Held(Exception):
    """Another item of the import is about to become the image that this one would be a duplicate of."""


async def import_item(
    ports: Ports, name: OperationName, plan: ImportPlan, source: Source, claimed: ClaimedItem
) -> Outcome:
    """What became of an item. Doing it again, whatever of it was done, ends the same.

    An image keeps its name for as long as its bytes are the same; of changed bytes a new one is made, and is
    found, before the old one goes. Raises ReadFailed, Held, and as `create_image` and `create_text`.
    """
    item, scope = claimed.source, plan.scope
    content = await _content(source, claimed)
    sha256 = await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest())
    before = await ports.imports.imported(scope, claimed.item)
    target = record_name(scope, claimed.item, item, sha256)
    told = told_hash(item)

    def ended(state: ItemState, made: str, *, owned: bool = True, size: int = 0) -> Outcome:
        known = Imported(
            item=claimed.item,
            fingerprint=item.fingerprint,
            told=told,
            sha256=sha256,
            made=made,
            owned=owned,
            extent=item.extent,
        )
        replaces = before.made if before and before.made != made else ""
        return Outcome(state=state, made=made, imported=known, content_bytes=size, replaces=replaces)

    if before and before.sha256 == sha256 and await exists(ports, _parse(before.made)):
        if before.told == told or not before.owned:
            return ended(ItemState.UNCHANGED, before.made, owned=before.owned)
        await describe(ports, _parse(before.made), item)
        return ended(ItemState.DONE, before.made, size=len(content))
    if not await exists(ports, target):
        if isinstance(target, ImageName) and plan.options.skip_duplicates:
            other = await _duplicate(ports, name, plan, claimed.item, sha256)
            if other:
                await _replace(ports, scope, before, other)
                return ended(ItemState.DUPLICATE, other, owned=False)
        await make(ports, target, item, content)
    await _replace(ports, scope, before, str(target))
    return ended(ItemState.DONE, str(target), size=len(content))


async def _content(source: Source, claimed: ClaimedItem) -> bytes:
    item = claimed.source
    if item.problem:  # what could not be listed has nothing to read, however often it is tried
        raise ReadFailed(InvalidArgument(item.problem, reason="NOT_LISTED"))
    if item.text is not None:
        return item.text.encode("utf-8", "replace")
    try:
        return await source.read(item)
    except SightlineError as error:
        raise ReadFailed(error) from error


async def _duplicate(ports: Ports, name: OperationName, plan: ImportPlan, item: str, sha256: str) -> str:
    """The image that has the item's bytes; empty: they are imported for this item. Raises Held."""
    # Held before it is looked for: what another held is there before it lets go.
    holder = await ports.imports.hold_content(name, sha256, item)
    found = await ports.imports.find_content(plan.collection, sha256)
    if found is None and holder != item:
        raise Held
    return str(found or "")


async def _replace(ports: Ports, scope: ImportScope, before: Imported | None, made: str) -> None:
    """Deletes what the item had become, unless others are its duplicates."""
    if before and before.made != made and (gone := await ports.imports.give_up(scope, before.item)):
        await remove(ports, gone)


def _parse(made: str) -> ImageName | TextName:
    return parse_text(made) if "/texts/" in made else parse_image(made)
