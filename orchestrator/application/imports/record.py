"""Makes an image or a text record of an item, or finds that it is made."""

from collections.abc import Sequence
from dataclasses import fields

from orchestrator.application.images import delete_image, update_image
from orchestrator.application.imports.plan import record_stem
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.index_texts import CreateText, create_text
from orchestrator.application.ports import Ports
from orchestrator.application.ports.imports import ImportScope
from orchestrator.application.regions import annotate, delete_region, list_regions
from orchestrator.application.settle import see_through, settle
from orchestrator.application.texts import delete_text, update_text
from orchestrator.domain.errors import AlreadyExists
from orchestrator.domain.image import Description
from orchestrator.domain.import_source import AnnotatedRegion, SourceItem
from orchestrator.domain.names import ImageName, TextName, parse_image, parse_text
from orchestrator.domain.region import Origin, Region
from orchestrator.domain.text import TextFields


def record_name(scope: ImportScope, item: str, source: SourceItem, sha256: str) -> ImageName | TextName:
    """The name of what an item with these bytes becomes: the same in every import of its source."""
    own = f"{record_stem(scope, item)}-{sha256[:12]}"
    kind = ImageName if source.text is None else TextName
    return kind(scope.collection.collection, own)


async def exists(ports: Ports, name: ImageName | TextName) -> bool:
    """Whether it is there; what was begun and cut short is ended first."""
    if await _shown(ports, name):
        return True
    if name not in await ports.catalog.revisions([name]):
        return False
    await see_through(settle(ports, name))
    return await _shown(ports, name)


async def make(ports: Ports, name: ImageName | TextName, source: SourceItem, content: bytes) -> None:
    """Makes the record of an item; one that is there already stays as it is.

    Raises as `create_image` and `create_text`.
    """
    try:
        if isinstance(name, TextName):
            item = CreateText(text_id=name.text, fields=_text_fields(source))
            await create_text(ports, name.parent, item)
            return
        request = CreateImage(
            parent=name.parent,
            image_id=name.image,
            content=content,
            description=source.description,
            regions=source.regions,
        )
        await create_image(ports, request)
    except AlreadyExists:  # another's try made it meanwhile: of the same bytes
        if not await exists(ports, name):
            raise


async def describe(ports: Ports, name: ImageName | TextName, source: SourceItem) -> None:
    """Brings what is said of a record, and an image's imported regions, to what its source now says."""
    if isinstance(name, TextName):
        said = _text_fields(source)
        await update_text(
            ports, name=name, changes={each.name: getattr(said, each.name) for each in fields(said)}
        )
        return
    told = source.description
    changes = {each.name: getattr(told, each.name) for each in fields(Description)}
    if not told.caption:  # a captioner may have written one
        del changes["caption"]
    await update_image(ports, name=name, changes=changes)
    await _mark(ports, name, source.regions)


async def remove(ports: Ports, made: str) -> None:
    """Deletes what an item had become; nothing where it is gone."""
    if "/texts/" in made:
        await delete_text(ports, name=parse_text(made), allow_missing=True)
    else:
        await delete_image(ports, name=parse_image(made), allow_missing=True)


async def _mark(ports: Ports, image: ImageName, regions: Sequence[AnnotatedRegion]) -> None:
    before: list[Region] = []
    token = ""
    while True:
        page, token = await list_regions(ports, parent=image, page_size=1000, page_token=token)
        before.extend(region for region in page if region.origin is Origin.IMPORTED)
        if not token:
            break
    there = {(region.segment.box, region.segment.mask, region.labels): region.name for region in before}
    wanted = {(region.box, region.mask, region.labels): region for region in regions}
    await annotate(ports, image, [wanted[key] for key in wanted if key not in there])
    for key, name in there.items():
        if key not in wanted:
            await delete_region(ports, name)


async def _shown(ports: Ports, name: ImageName | TextName) -> bool:
    if isinstance(name, TextName):
        return bool(await ports.catalog.get_texts([name]))
    return bool(await ports.catalog.get_images([name]))


def _text_fields(source: SourceItem) -> TextFields:
    said = source.description
    return TextFields(
        content=source.text or "",
        display_name=said.display_name,
        folder=said.folder,
        source_uri=said.source_uri,
        labels=said.labels,
        metadata=said.metadata,
    )
