"""Makes a snapshot of another program's index: its vectors, and the pictures and texts that they are of."""

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from orchestrator.application.index_image import check_description
from orchestrator.application.ports import Blobs, ImageEntry, Ports, TextEntry
from orchestrator.application.ports.foreign import ForeignIndex, ForeignRow, ForeignRows, PictureFiles
from orchestrator.application.snapshots.export import Report, check_empty
from orchestrator.application.snapshots.parts import part_path, write_part
from orchestrator.domain.embedding import EmbeddingSpace, Vector
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument
from orchestrator.domain.identifiers import new_etag, new_id
from orchestrator.domain.image import MAX_CONTENT_BYTES, Description, Image
from orchestrator.domain.names import IMAGE_ID, CollectionName, ImageName, TextName
from orchestrator.domain.snapshot import MANIFEST, Manifest, Part
from orchestrator.domain.text import MAX_CONTENT, Text, TextFields

_ROWS_A_PART = 256
_FILES_AT_ONCE = 4
_UNIT = 1e-3  # how far a vector's length may be from 1


async def snapshot_of_index(
    ports: Ports,
    *,
    index: ForeignIndex,
    rows: ForeignRows,
    pictures: PictureFiles,
    place: Blobs,
    name: CollectionName,
    embedder: str,
    report: Report,
) -> Mapping[str, Any]:
    """Writes a snapshot of the vectors of an index that an installed pack made; nothing is embedded.

    Each row is an image, whose picture is read and stored whole, or a text record. A row whose picture cannot
    be read is left out, and reported with `left_out` and `why`: an image is never made without its file. A
    number of rows at a time are held. Raises InvalidArgument for rows and vectors that do not fit together,
    a pack that is not installed, and vectors that are not of length 1; FailedPrecondition for another
    dimension than the pack's, and where a snapshot lies; Unavailable.
    """
    space = ports.models.embedder(embedder).space
    if index.dimension != space.dimension:
        raise FailedPrecondition(
            f"the index holds vectors of {index.dimension} numbers, and {embedder} makes {space.dimension}",
            reason="SPACE_MISMATCH",
        )
    await check_empty(ports, place)
    ids = index.ids()
    order = np.argsort(ids, kind="stable")
    await asyncio.to_thread(_check_rows, rows, ids[order])
    counts = {"images": 0, "texts": 0, "files": 0, "left_out": 0}
    images: list[Part] = []
    texts: list[Part] = []
    numbered = iter(rows)
    while some := await asyncio.to_thread(lambda: list(itertools.islice(numbered, _ROWS_A_PART))):
        positions = order[np.searchsorted(ids[order], [row.id for row in some])]
        vectors = await asyncio.to_thread(index.vectors, positions)
        _check_vectors(some, vectors)
        of_images = [pair for pair in zip(some, vectors, strict=True) if pair[0].file]
        of_texts = [pair for pair in zip(some, vectors, strict=True) if not pair[0].file]
        entries = await _images(ports, pictures, place, name, of_images, counts, report)
        if entries:
            content = await asyncio.to_thread(ports.snapshots.write_images, entries, {})
            images.append(await write_part(place, part_path("images", len(images)), content, len(entries)))
        if of_texts:
            found = [TextEntry(text=_text(name, row), vector=vector) for row, vector in of_texts]
            content = await asyncio.to_thread(ports.snapshots.write_texts, found, {})
            texts.append(await write_part(place, part_path("texts", len(texts)), content, len(found)))
        counts["images"] += len(entries)
        counts["files"] += len(entries)
        counts["texts"] += len(of_texts)
        await report({**counts, "rows": len(ids)})
    manifest = _manifest(name, embedder, space, images, texts)
    content = await asyncio.to_thread(ports.snapshots.write_manifest, manifest)
    await place.put(MANIFEST, content, content_type="application/json")
    return counts


def _check_rows(rows: ForeignRows, ids: Any) -> None:
    """Every vector has one row, and every row a vector and a name of its own."""
    if len(ids) and np.any(ids[1:] == ids[:-1]):
        raise InvalidArgument("the index bears an id twice", reason="INDEX_INVALID")
    seen, names = np.zeros(len(ids), np.bool_), set[str]()
    for row in rows:
        place = int(np.searchsorted(ids, row.id))
        if place == len(ids) or ids[place] != row.id:
            raise InvalidArgument(f"line {row.line}: the index has no vector {row.id}", reason="ROWS_INVALID")
        if seen[place] or row.name in names:
            raise InvalidArgument(f"line {row.line}: its id or name was given before", reason="ROWS_INVALID")
        if not IMAGE_ID.fullmatch(row.name):
            raise InvalidArgument(
                f"line {row.line}: a name is letters, digits, '.', '_', '~' and '-', at most 128",
                reason="ROWS_INVALID",
            )
        if bool(row.file) == bool(row.text) or len(row.text) > MAX_CONTENT:
            raise InvalidArgument(
                f"line {row.line}: a row has a file, or a text of at most {MAX_CONTENT} letters",
                reason="ROWS_INVALID",
            )
        seen[place] = True
        names.add(row.name)
    if not seen.all():
        raise InvalidArgument(
            f"{len(ids)} vectors, and {int(seen.sum())} rows that say what they are of", reason="ROWS_INVALID"
        )


def _check_vectors(rows: Sequence[ForeignRow], vectors: Any) -> None:
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1)
    wrong = np.flatnonzero(~(np.abs(lengths - 1.0) < _UNIT))
    if len(wrong):
        raise InvalidArgument(
            f"line {rows[int(wrong[0])].line}: its vector is not of length 1: inner products are no cosines",
            reason="INDEX_INVALID",
        )


async def _images(
    ports: Ports,
    pictures: PictureFiles,
    place: Blobs,
    name: CollectionName,
    pairs: Sequence[tuple[ForeignRow, Vector]],
    counts: dict[str, int],
    report: Report,
) -> list[ImageEntry]:
    free = asyncio.Semaphore(_FILES_AT_ONCE)

    async def make(row: ForeignRow, vector: Vector) -> ImageEntry | None:
        async with free:
            try:
                content = await pictures.read(row.file, limit=MAX_CONTENT_BYTES)
                decoded = await ports.pictures.decode(content)
                image = _image(name, row, decoded.facts)
            except InvalidArgument as error:
                counts["left_out"] += 1
                await report({"left_out": counts["left_out"], "line": row.line, "why": error.message})
                return None
            file = f"files/{image.uid[-2:]}/{image.name.image}.{image.uid}"
            await place.put(file, content, content_type=image.facts.content_type)
            return ImageEntry(image=image, vector=vector, file=file)

    made = await asyncio.gather(*(make(row, vector) for row, vector in pairs))
    return [entry for entry in made if entry is not None]


def _image(name: CollectionName, row: ForeignRow, facts: Any) -> Image:
    said = Description(
        display_name=row.display_name,
        folder=row.folder,
        source_uri=row.source_uri,
        caption=row.caption,
        labels=row.labels,
        metadata=row.metadata,
    )
    check_description(said)
    now = datetime.now(UTC)
    return Image(
        name=ImageName(name.collection, row.name),
        uid=new_id(),
        facts=facts,
        description=said,
        captioner=None if row.caption else "",
        create_time=now,
        update_time=now,
        etag=new_etag(),
    )


def _text(name: CollectionName, row: ForeignRow) -> Text:
    now = datetime.now(UTC)
    return Text(
        name=TextName(name.collection, row.name),
        uid=new_id(),
        fields=TextFields(
            content=row.text,
            display_name=row.display_name,
            folder=row.folder,
            source_uri=row.source_uri,
            labels=row.labels,
            metadata=row.metadata,
        ),
        create_time=now,
        update_time=now,
        etag=new_etag(),
    )


def _manifest(
    name: CollectionName, embedder: str, space: EmbeddingSpace, images: list[Part], texts: list[Part]
) -> Manifest:
    return Manifest(
        export="",
        create_time=datetime.now(UTC),
        collection=name.collection,
        display_name="",
        embedder=embedder,
        segmenter="",
        segmentation="OFF",
        matcher="",
        captioner="",
        labels_vocabulary=(),
        space=space.stamp,
        dimension=space.dimension,
        files=True,
        file_count=sum(part.rows for part in images),
        images=tuple(images),
        regions=(),
        texts=tuple(texts),
    )
