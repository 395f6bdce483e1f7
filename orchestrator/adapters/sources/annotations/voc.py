"""Pascal VOC's files: an XML beside each picture."""

import asyncio
import xml.etree.ElementTree as ET

from orchestrator.adapters.sources.annotations.marks import to_box, to_region
from orchestrator.adapters.sources.annotations.said import MOST_REGIONS, Said
from orchestrator.adapters.sources.storage import Storage
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.import_source import AnnotatedRegion, SourceItem

MAX_FILE_BYTES = 4 << 20

_EDGES = ("xmin", "ymin", "xmax", "ymax")


class VocAnnotator:
    """`Annotator` over `a.xml` beside `a.jpg`."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def load(self) -> None:
        """There is nothing for all pictures together."""

    async def said(self, item: SourceItem) -> Said | None:
        """The boxes of a picture."""
        try:
            content = await self._storage.read(f"{item.key.rpartition('.')[0]}.xml", limit=MAX_FILE_BYTES)
        except InvalidArgument:
            return None
        return Said(regions=await asyncio.to_thread(_regions, content))

    def close(self) -> None:
        """There is nothing to take away."""


def _regions(content: bytes) -> list[AnnotatedRegion]:
    if b"<!" in content.replace(b"<!--", b""):  # a document type may define entities
        return []
    try:
        root = ET.fromstring(content)  # noqa: S314 - small, and without entities
    except (ET.ParseError, ValueError):
        return []
    regions: list[AnnotatedRegion] = []
    for thing in root.findall("object")[:MOST_REGIONS]:
        try:
            edges = [float(thing.findtext(f"bndbox/{edge}", "")) for edge in _EDGES]
        except ValueError:
            continue
        region = to_region(to_box(*edges), None, thing.findtext("name", ""))
        if region is not None:
            regions.append(region)
    return regions
