"""Gets, lists, changes and deletes images."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from orchestrator.application.collections import check_etag
from orchestrator.application.filters import parse_filter
from orchestrator.application.index_image import check_description
from orchestrator.application.paging import clamp_page_size, decode_page_token, encode_page_token
from orchestrator.application.ports import ImageKey, ImageOrder, Ports
from orchestrator.application.settle import see_through, settle
from orchestrator.domain.errors import Aborted, InvalidArgument, NotFound
from orchestrator.domain.identifiers import new_etag
from orchestrator.domain.image import Image
from orchestrator.domain.names import CollectionName, ImageName

_CHANGEABLE = frozenset({"display_name", "folder", "source_uri", "caption", "labels", "metadata"})
_ATTEMPTS = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def get_image(ports: Ports, name: ImageName) -> Image:
    """Raises NotFound."""
    return await ports.catalog.get_image(name)


async def list_images(
    ports: Ports,
    *,
    parent: CollectionName,
    page_size: int = 0,
    page_token: str = "",
    filter: str = "",
    order_by: str = "",
) -> tuple[Sequence[Image], str, int]:
    """A page of images, the next page's token, and how many the filter finds on all pages.

    Raises NotFound for the collection; InvalidArgument for a filter, an order or a token that makes no sense.
    """
    size, order, parsed = clamp_page_size(page_size), _order(order_by), parse_filter(filter)
    request = {"parent": str(parent), "filter": filter, "order_by": order.value}
    cursor = decode_page_token(page_token, request)
    after, total = None, 0
    if cursor is not None:
        after = ImageKey(create_time=_EPOCH + timedelta(microseconds=cursor[0]), image=cursor[1])
        total = cursor[2]  # counted once, for the first page: a filter looks at every image to count
    found = await ports.catalog.list_images(parent, filter=parsed, order=order, limit=size + 1, after=after)
    if cursor is None:
        total = await ports.catalog.count_images(parent, parsed) if len(found) > size else len(found)
    page = found[:size]
    if len(found) <= size:
        return page, "", total
    last = page[-1]
    moment = (last.create_time - _EPOCH) // timedelta(microseconds=1)
    return page, encode_page_token([moment, last.name.image, total], request), total


async def update_image(ports: Ports, *, name: ImageName, changes: Mapping[str, Any], etag: str = "") -> Image:
    """Changes fields of an image's description, given by their names; searches see it at once.

    Another caption, or none, is the caller's from then on: no captioner changes it. Raises NotFound; Aborted
    where `etag` is given and stale; InvalidArgument for another field; Unavailable: the change is kept then,
    and recovery brings it to the index.
    """
    for field in changes.keys() - _CHANGEABLE:
        raise InvalidArgument.field(f"image.{field}", "cannot be changed")
    for _ in range(_ATTEMPTS):
        current = await ports.catalog.get_image(name)
        check_etag(str(name), etag, current.etag)
        description = replace(current.description, **changes)
        check_description(description)
        same = description.caption == current.description.caption
        changed = replace(
            current,
            description=description,
            captioner=current.captioner if same else None,
            update_time=datetime.now(UTC),
            etag=new_etag(),
        )
        with suppress(Aborted):  # another change came in between: this one is made to what it left
            await see_through(_change(ports, changed, current.etag))
            return changed
    raise Aborted(f"{name} keeps changing")


async def _change(ports: Ports, changed: Image, etag: str) -> None:
    entry = await ports.catalog.change_image(changed, etag=etag)
    if await settle(ports, changed.name, entry) is None:
        raise NotFound.resource(str(changed.name))


async def delete_image(ports: Ports, *, name: ImageName, etag: str = "", allow_missing: bool = False) -> None:
    """Deletes an image, its regions, its vectors and its file.

    Raises NotFound unless `allow_missing`; Aborted where `etag` is given and stale; Unavailable: the image is
    hidden then, and recovery deletes it.
    """
    try:
        await see_through(_delete(ports, name, etag))
    except NotFound:
        if not allow_missing:
            raise


async def _delete(ports: Ports, name: ImageName, etag: str) -> None:
    entry = await ports.catalog.begin_image_deletion(name, etag=etag)
    await settle(ports, name, entry)


def _order(order_by: str) -> ImageOrder:
    text = " ".join(order_by.split())
    try:
        return ImageOrder(text.removesuffix(" asc")) if text else ImageOrder.CREATE_TIME
    except ValueError as error:
        raise InvalidArgument.field(
            "order_by", "is create_time or name, with ' desc' behind it for the reverse"
        ) from error
