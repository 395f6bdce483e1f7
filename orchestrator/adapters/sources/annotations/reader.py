"""Pictures of a folder or bucket with what was marked in them."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace

from orchestrator.adapters.sources.annotations.coco import CocoAnnotator
from orchestrator.adapters.sources.annotations.said import Annotator, Said
from orchestrator.adapters.sources.annotations.voc import VocAnnotator
from orchestrator.adapters.sources.annotations.yolo import YoloAnnotator
from orchestrator.adapters.sources.describe import clean, describe, to_labels
from orchestrator.adapters.sources.files import FilesReader, is_picture
from orchestrator.adapters.sources.notes import Notes
from orchestrator.adapters.sources.patterns import Pattern
from orchestrator.adapters.sources.storage import Storage
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.image import MAX_CAPTION
from orchestrator.domain.import_source import AnnotationFormat, Annotations, SourceItem

_ROBOFLOW = "_annotations.coco.json"
_MOST_FILES = 1000
_AT_ONCE = 16

OpenFile = Callable[[str], tuple[Storage, str]]
OpenFolder = Callable[[str], Storage]


@dataclass(slots=True)
class _Layout:
    """What a folder of annotations holds."""

    coco: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


class AnnotatedReader:
    """`Source` over the files of a storage and the annotations of them."""

    def __init__(
        self,
        storage: Storage,
        pattern: Pattern,
        annotations: Annotations,
        open_file: OpenFile,
        open_folder: OpenFolder,
    ) -> None:
        self._storage, self._annotations = storage, annotations
        captions = annotations.format is AnnotationFormat.COCO  # elsewhere texts beside pictures are marks
        self._files = FilesReader(storage, pattern, captions=captions)
        self._open_file, self._open_folder = open_file, open_folder

    async def items(self) -> AsyncIterator[SourceItem]:
        """Pictures, those that nothing is said of too."""
        names = Notes()
        annotator: Annotator | None = None
        try:
            annotator = await self._annotator(names)
            await annotator.load()
            page: list[SourceItem] = []
            async for item in self._files.items():
                page.append(item)
                if len(page) == _AT_ONCE:
                    for told in await asyncio.gather(*(_told(annotator, each) for each in page)):
                        yield told
                    page = []
            for told in await asyncio.gather(*(_told(annotator, each) for each in page)):
                yield told
        finally:
            names.close()
            if annotator is not None:
                annotator.close()

    async def read(self, item: SourceItem) -> bytes:
        """The file."""
        return await self._files.read(item)

    async def _annotator(self, names: Notes) -> Annotator:
        uri = self._annotations.uri
        if self._annotations.format is AnnotationFormat.COCO:
            await self._count_names(names)
            is_alone = _alone_in(names)
            if uri.lower().endswith(".json"):
                return CocoAnnotator([(*self._open_file(uri), "")], is_alone)
            storage = self._open_folder(uri)
            layout = await _survey(storage)
            if not layout.coco:
                raise InvalidArgument.field("annotations.uri", "holds no .json", reason="SOURCE_NOT_FOUND")
            return CocoAnnotator([(storage, path, "") for path in layout.coco], is_alone)
        storage = self._open_folder(uri)
        layout = await _survey(storage)
        exported = [path for path in layout.coco if path.rpartition("/")[2] == _ROBOFLOW]
        if exported:
            files = [(storage, path, path.rpartition("/")[0]) for path in exported]
            return CocoAnnotator(files, lambda name: False)
        if layout.names:
            return YoloAnnotator(storage, layout.names[0], self._storage)
        return VocAnnotator(storage)

    async def _count_names(self, names: Notes) -> None:
        async for entry in self._storage.list():
            if is_picture(entry.path) and not entry.problem:
                names.add([(entry.path.rpartition("/")[2], 1)])
        await asyncio.to_thread(names.index)


async def _survey(storage: Storage) -> _Layout:
    layout = _Layout()
    async for entry in storage.list():
        name = entry.path.rpartition("/")[2].lower()
        if name.endswith(".json") and len(layout.coco) < _MOST_FILES:
            layout.coco.append(entry.path)
        elif name in ("data.yaml", "data.yml"):
            layout.names.append(entry.path)
    layout.names.sort(key=lambda path: (path.count("/"), path))
    layout.coco.sort()
    return layout


async def _told(annotator: Annotator, item: SourceItem) -> SourceItem:
    said = None if item.problem else await annotator.said(item)
    if said is None:
        return item
    labels = [label.label for region in said.regions for label in region.labels]
    captions = [clean(caption)[:MAX_CAPTION] for caption in said.captions]
    description = replace(
        item.description,
        caption=item.description.caption or (captions[0] if captions else ""),
        labels=to_labels([*(label.label for label in item.description.labels), *labels]),
        metadata=describe(metadata={"captions": captions}).metadata if len(captions) > 1 else {},
    )
    return replace(
        item,
        fingerprint=f"{item.fingerprint}+{_hash(said)}",
        description=description,
        regions=tuple(said.regions),
    )


def _alone_in(names: Notes) -> Callable[[str], bool]:
    return lambda name: len(names.of(name)) == 1


def _hash(said: Said) -> str:
    return hashlib.blake2b(repr((said.regions, said.captions)).encode(), digest_size=8).hexdigest()
