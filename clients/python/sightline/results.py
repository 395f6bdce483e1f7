"""What bulk calls answer, one an item."""

from dataclasses import dataclass

from sightline._inputs import NewImage
from sightline.errors import CallError
from sightline.v1 import image_pb2


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateResult:
    """What became of one image: the `image`, or the `error` for which there is none."""

    index: int
    new: NewImage
    image: image_pb2.Image | None = None
    error: CallError | OSError | None = None

    @property
    def ok(self) -> bool:
        """Whether the image was created."""
        return self.image is not None
