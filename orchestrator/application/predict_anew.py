"""Predicts anew what another model predicted than a collection names now: in the background, few at once."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

from orchestrator.application.collections import every_collection
from orchestrator.application.ports import Ports, Prediction, PredictionChange, Work
from orchestrator.application.settle import settle
from orchestrator.domain.collection import Collection
from orchestrator.domain.errors import (
    Aborted,
    FailedPrecondition,
    NotFound,
    ResourceExhausted,
    SightlineError,
    Unavailable,
)
from orchestrator.domain.image import Image
from orchestrator.domain.names import CollectionName

_log = structlog.get_logger(__name__)


class Predictor(Protocol):
    """Makes one kind of prediction; of at most `images` images together."""

    prediction: Prediction
    images: int

    def stamp(self, ports: Ports, collection: Collection) -> str | None:
        """What a collection's predictions are to be of; None: they stay as they are.

        Raises FailedPrecondition where its pack is not installed.
        """
        ...

    async def predict(
        self, ports: Ports, collection: Collection, works: Sequence[Work[Image]]
    ) -> Sequence[PredictionChange]:
        """What is to be written; images that it leaves out stay as they are. Raises Unavailable,
        ResourceExhausted."""
        ...


async def predict_anew_once(ports: Ports, predictor: Predictor) -> int:
    """Predicts once of every image what is of another stamp than its collection's; of how many it did.

    Each image says what it was predicted by, and changes in one transaction with its outbox entry: whoever is
    killed leaves it as it was or as it will be. A collection whose model does not answer is passed over; then
    raises Unavailable or ResourceExhausted at the end.
    """
    changed, waiting = 0, list[SightlineError]()
    async for collection in every_collection(ports):
        try:
            changed += await _of_collection(ports, predictor, collection.name)
        except (Unavailable, ResourceExhausted) as error:
            waiting.append(error)
    if waiting:
        raise waiting[0]
    return changed


async def keep_predicting_anew(ports: Ports, predictor: Predictor, *, every: float) -> None:
    """Predicts until it is cancelled, `every` seconds after what there was to do is done.

    One of several orchestrators does, the one that leads: models are not asked twice.
    """
    log = _log.bind(of=predictor.prediction.value)
    while True:
        try:
            if ports.leads() and (changed := await predict_anew_once(ports, predictor)):
                log.info("predicted anew", images=changed)
        except (Unavailable, ResourceExhausted) as error:
            log.info("predicting anew waits", because=error.message)
        except Exception as error:
            log.error("predicting anew failed", exc_info=error)
        await asyncio.sleep(every)


async def _of_collection(ports: Ports, predictor: Predictor, name: CollectionName) -> int:
    """Some images after others, each by what the collection says then; of how many it predicted."""
    changed, after = 0, None
    while True:
        try:
            some, last = await _of_some(ports, predictor, name, after)
        except (NotFound, FailedPrecondition):  # gone, or its pack is: what was predicted stays
            return changed
        except Aborted:  # it may name another model now
            continue
        if last is None:
            return changed
        changed, after = changed + some, last


async def _of_some(
    ports: Ports, predictor: Predictor, name: CollectionName, after: Image | None
) -> tuple[int, Image | None]:
    """Of how many of the next images it predicted, and the last of them; None: there were none."""
    collection = await ports.catalog.get_collection(name)
    stamp = predictor.stamp(ports, collection)
    if stamp is None:
        return 0, None
    works = await ports.catalog.outdated(
        name, predictor.prediction, stamp, limit=predictor.images, after=after
    )
    if not works:
        return 0, None
    changes = await predictor.predict(ports, collection, works)
    entries = await ports.catalog.change_predictions(collection, changes)
    await asyncio.gather(*(settle(ports, entry.name, entry) for entry in entries))
    return len(entries), works[-1].record
