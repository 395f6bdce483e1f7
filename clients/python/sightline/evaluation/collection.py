"""The collection that an evaluation runs in: what it adds is taken away again, whatever happens."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sightline import AlreadyExists, NewImage, NotFound, Sightline
from sightline.errors import SightlineError
from sightline.evaluation.dataset import Record

Progress = Callable[[str, int, int], None]


class EvaluationError(SightlineError):
    """A run that cannot give figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to run: over which collection or packs, how many hits a query, whether the matcher ranks the hits
    of texts anew, and whether to keep the pictures.

    Without a collection, one is made under a name of its own.
    """

    collection: str = ""
    embedder: str = ""
    segmenter: str = ""
    matcher: str = ""
    rerank: bool = False
    depth: int = 100
    keep: bool = False


@contextmanager
def filled_collection(
    client: Sightline, records: Sequence[Record], plan: Plan, progress: Progress
) -> Iterator[tuple[str, dict[str, str]]]:
    """A collection with the records' pictures, and the image names by the records' keys."""
    collection = plan.collection or f"eval-{time.time_ns():x}"
    made = not plan.collection  # a name of its own is nobody else's: it goes even if its answer never came
    missing: list[str] = []
    names = {record.key: f"collections/{collection}/images/{_image_id(record)}" for record in records}
    try:
        try:
            client.create_collection(
                collection,
                display_name="sightline eval",
                embedder=plan.embedder,
                segmenter=plan.segmenter,
                matcher=plan.matcher,
                segmentation="quick" if any(record.things for record in records) else "off",
            )
            made = True
        except AlreadyExists:
            made = False
            if plan.embedder or plan.segmenter or plan.matcher:
                raise EvaluationError(
                    f"collections/{collection} exists already, and keeps its packs: name another"
                ) from None
        present: set[str] = set()
        if not made:
            present = {image.name for image in client.list_images(collection=collection, page_size=1000)}
        absent = [record for record in records if names[record.key] not in present]
        missing = [names[record.key] for record in absent]
        _add(client, absent, names, collection, progress)
        yield collection, names
    finally:
        if not plan.keep:
            if made:
                with suppress(NotFound):
                    client.delete_collection(collection, force=True)
            else:
                for image in missing:
                    client.delete_image(image, allow_missing=True)


def _add(
    client: Sightline, records: Sequence[Record], names: dict[str, str], collection: str, progress: Progress
) -> None:
    images = (
        NewImage(
            picture=record.path,
            image_id=names[record.key].rpartition("/")[2],
            display_name=record.path.name,
            folder=folder_of(record.group),
        )
        for record in records
    )
    results = client.create_images(images, collection=collection)
    for done, result in enumerate(results, 1):
        if not result.ok:
            raise EvaluationError(f"{records[result.index].path} was not added: {result.error}")
        progress("adding pictures", done, len(records))


def folder_of(group: str) -> str:
    """Where the pictures of a group are put, so that a filter finds them; "" for those of none."""
    return hashlib.sha256(group.encode()).hexdigest()[:16] if group else ""


def _image_id(record: Record) -> str:
    """An id that the same file in the same place of a data set gets again."""
    digest = hashlib.sha256(f"{record.key}\0".encode())
    with record.path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return f"eval-{digest.hexdigest()[:32]}"
