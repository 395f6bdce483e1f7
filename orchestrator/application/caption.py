"""Captions: what a collection's captioner says of pictures."""

from orchestrator.application.ports import Captioner, Ports
from orchestrator.domain.collection import Collection
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument
from orchestrator.domain.image import MAX_CAPTION, Picture


def captioner_of(ports: Ports, collection: Collection) -> Captioner | None:
    """The captioner that a collection names, else its embedder's pack's own; None where that has none.

    Raises FailedPrecondition where the one that it names is not installed.
    """
    try:
        return ports.models.captioner(collection.captioner or collection.embedder)
    except InvalidArgument as error:
        if not collection.captioner:
            return None
        raise FailedPrecondition(
            f"the captioner of {collection.name}, {collection.captioner}, is not installed",
            reason="PACK_NOT_INSTALLED",
            metadata={"collection": str(collection.name), "captioner": collection.captioner},
        ) from error


async def write_caption(captioner: Captioner, picture: Picture, *, bulk: bool = False) -> str:
    """A sentence about a picture, of at most 2,000 characters. Raises Unavailable."""
    (caption,) = await captioner.caption([picture], bulk=bulk)
    return caption[:MAX_CAPTION]
