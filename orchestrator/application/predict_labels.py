"""Labels images and regions by their vectors: one product with the embedded words of a vocabulary."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import structlog

from orchestrator.application.ports import Embedder, StoredVector
from orchestrator.application.vocabularies import EmbeddedVocabularies
from orchestrator.domain.collection import Collection
from orchestrator.domain.embedding import Vectors
from orchestrator.domain.errors import SightlineError
from orchestrator.domain.image import Label
from orchestrator.domain.labels import Vocabulary, vocabulary
from orchestrator.domain.names import EmbeddedName, RegionName
from orchestrator.domain.region import Region

PATIENCE = 2.0
"""Seconds that new images wait for a vocabulary to be embedded; after that, they are labelled later."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedLabels:
    """Labels of images and regions by their names, and the stamp of the vocabulary they were chosen from."""

    vocabulary: str
    labels: dict[EmbeddedName, tuple[Label, ...]]


NO_LABELS = PredictedLabels(vocabulary="", labels={})


def vocabulary_of(embedder: Embedder, collection: Collection) -> Vocabulary:
    """What a collection's images are labelled from: its own words, else its pack's; no text tower, none."""
    labelling = embedder.labelling
    words = collection.labels_vocabulary or labelling.words
    return vocabulary(
        words if embedder.has_text else (),
        labelling,
        embedder.space,
        embedder.calibration,
        embedder.region_calibration,
    )


def with_labels(regions: Sequence[Region], predicted: PredictedLabels) -> list[Region]:
    """Regions with the labels that were predicted for them."""
    return [replace(each, predicted_labels=predicted.labels.get(each.name, ())) for each in regions]


async def predict_labels(
    vocabularies: EmbeddedVocabularies,
    embedder: Embedder,
    words: Vocabulary,
    stored: Sequence[StoredVector],
    *,
    patience: float | None = None,
) -> PredictedLabels:
    """The labels of what some vectors are of.

    Raises Unavailable, and TimeoutError where the words are not embedded within `patience` seconds.
    """
    if not words.words:
        return NO_LABELS

    async def embed() -> Vectors:
        return (await embedder.embed_texts(words.texts)).vectors

    embedded = await vocabularies.get(words.stamp, embed, patience)
    labels: dict[EmbeddedName, tuple[Label, ...]] = {}
    for regions in (False, True):
        some = [each for each in stored if isinstance(each.name, RegionName) == regions]
        if some:
            vectors = np.stack([each.vector for each in some])
            chosen = await asyncio.to_thread(words.choose, vectors, embedded, regions=regions)
            labels.update(zip((each.name for each in some), chosen, strict=True))
    return PredictedLabels(vocabulary=words.stamp, labels=labels)


async def predict_labels_soon(
    vocabularies: EmbeddedVocabularies, embedder: Embedder, words: Vocabulary, stored: Sequence[StoredVector]
) -> PredictedLabels:
    """As `predict_labels`; none, to be predicted later, where the words are not embedded in time."""
    try:
        return await predict_labels(vocabularies, embedder, words, stored, patience=PATIENCE)
    except (TimeoutError, SightlineError) as error:
        _log.info("labels.later", because=repr(error))
        return NO_LABELS
