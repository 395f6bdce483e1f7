"""Labels anew what was labelled from another vocabulary: from the kept vectors, without a picture."""

import asyncio
from collections.abc import Sequence

import structlog

from orchestrator.application.embed import embedder_of
from orchestrator.application.ports import Embedder, LabelChange, Ports, Work
from orchestrator.application.predict_labels import predict_labels, vocabulary_of
from orchestrator.application.settle import settle
from orchestrator.domain.collection import Collection
from orchestrator.domain.errors import Aborted, FailedPrecondition, NotFound, Unavailable
from orchestrator.domain.labels import Vocabulary

_COLLECTIONS = 200
_IMAGES = 16

_log = structlog.get_logger(__name__)


async def relabel_once(ports: Ports) -> int:
    """Labels every image whose labels are not of its collection's vocabulary; how many.

    Each image says what it was labelled from, and changes in one transaction with its regions and its outbox
    entry: whoever is killed leaves it as it was or as it will be. Raises Unavailable.
    """
    relabelled, after = 0, ""
    while page := await ports.catalog.list_collections(limit=_COLLECTIONS, after=after):
        for collection in page:
            while some := await _relabel_some(ports, collection):
                relabelled += some
        after = page[-1].name.collection
    return relabelled


async def keep_relabelling(ports: Ports, *, every: float) -> None:
    """Relabels until it is cancelled, a little while after what there was to do is done."""
    while True:
        try:
            if relabelled := await relabel_once(ports):
                _log.info("relabelled", images=relabelled)
        except Unavailable as error:
            _log.info("relabelling waits", because=error.message)
        except Exception as error:
            _log.error("relabelling failed", exc_info=error)
        await asyncio.sleep(every)


async def _relabel_some(ports: Ports, known: Collection) -> int:
    """Labels the next few images, by what the collection says now; how many."""
    try:
        collection = await ports.catalog.get_collection(known.name)
        embedder = embedder_of(ports, collection)
        words = vocabulary_of(embedder, collection)
        works = await ports.catalog.labelled_otherwise(collection.name, words.stamp, limit=_IMAGES)
        if not works:
            return 0
        entries = await ports.catalog.change_labels(collection, await _changes(ports, embedder, words, works))
    except (NotFound, FailedPrecondition):  # gone, or its pack is: its labels stay
        return 0
    except Aborted:  # its vocabulary may be another one now
        return 1
    await asyncio.gather(*(settle(ports, entry.image, entry) for entry in entries))
    return len(works)


async def _changes(
    ports: Ports, embedder: Embedder, words: Vocabulary, works: Sequence[Work]
) -> list[LabelChange]:
    stored = [each for work in works for each in work.vectors]
    predicted = await predict_labels(ports.vocabularies, embedder, words, stored)
    return [
        LabelChange(
            image=work.image.name,
            revision=work.revision,
            vocabulary=predicted.vocabulary,
            labels={each.name: predicted.labels.get(each.name, ()) for each in work.vectors},
        )
        for work in works
    ]
