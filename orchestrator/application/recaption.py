"""Captions what is there without a caption, or with another captioner's; never what a caller said."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence

import structlog

from orchestrator.application.caption import captioner_of, write_caption
from orchestrator.application.content import stored_file
from orchestrator.application.ports import CaptionChange, Captioner, Ports, Prediction, Work
from orchestrator.domain.collection import Collection
from orchestrator.domain.errors import ResourceExhausted, SightlineError, Unavailable
from orchestrator.domain.image import Image

TRY_AGAIN = 600.0
"""Seconds after which a picture that could not be captioned is looked at again."""

_log = structlog.get_logger(__name__)


class Recaptioner:
    """Captions images from their files, behind what callers wait for; see `predict_anew.Predictor`.

    A picture that cannot be read, or that the captioner fails on, holds up no other: it goes on waiting, and
    is tried again after a while.
    """

    prediction = Prediction.CAPTION
    images = 4  # as many as a captioner of ours takes at once: callers' pictures wait for no more

    def __init__(self) -> None:
        # (an image's uid, a captioner's stamp) → when it may be tried again, the soonest first
        self.postponed: OrderedDict[tuple[str, str], float] = OrderedDict()

    def stamp(self, ports: Ports, collection: Collection) -> str | None:
        """That of the collection's captioner; None where it has none: captions stay."""
        captioner = captioner_of(ports, collection)
        return None if captioner is None else captioner.stamp

    async def predict(
        self, ports: Ports, collection: Collection, works: Sequence[Work[Image]]
    ) -> Sequence[CaptionChange]:
        """Captions of those images that can be captioned. Raises Unavailable, ResourceExhausted."""
        captioner = captioner_of(ports, collection)
        if captioner is None:
            return []
        self._forget_what_is_due()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._caption(ports, captioner, work)) for work in works]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        return [change for task in tasks if (change := task.result()) is not None]

    async def _caption(self, ports: Ports, captioner: Captioner, work: Work[Image]) -> CaptionChange | None:
        key = work.record.uid, captioner.stamp
        if key in self.postponed:
            return None
        try:
            async with ports.permits.take(work.record.facts.size_bytes):
                decoded = await ports.pictures.decode(await stored_file(ports, work.record))
            caption = await write_caption(captioner, decoded.pixels, bulk=True)
        except (Unavailable, ResourceExhausted):
            raise
        except SightlineError as error:
            _log.warning("recaption.not_captioned", image=str(work.record.name), because=error.message)
            self.postponed[key] = time.monotonic() + TRY_AGAIN
            return None
        return CaptionChange(
            image=work.record.name, revision=work.revision, captioner=captioner.stamp, caption=caption
        )

    def _forget_what_is_due(self) -> None:
        """Also what will never be tried again, since its image is gone or its captioner is another."""
        now = time.monotonic()
        while self.postponed and next(iter(self.postponed.values())) <= now:
            self.postponed.popitem(last=False)
