"""What bulk calls answer, one an item."""

from dataclasses import dataclass

from sightline._inputs import NewImage, NewText
from sightline.v1 import image_pb2, text_pb2


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateResult:
    """What became of one image: the `image`, or the `error` for which there is none.

    The error is a CallError of the server, InvalidArgument for a file above 32 MiB, OSError for one that
    cannot be read, ParseError for metadata that JSON does not know, or ValueError for what is no text.
    """

    index: int
    new: NewImage
    image: image_pb2.Image | None = None
    error: Exception | None = None

    @property
    def ok(self) -> bool:
        """Whether the image was created."""
        return self.image is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTextResult:
    """What became of one text: the `text` record, or the `error` for which there is none.

    The error is a CallError of the server, ParseError for metadata that JSON does not know, or ValueError for
    what is no text.
    """

    index: int
    new: NewText
    text: text_pb2.Text | None = None
    error: Exception | None = None

    @property
    def ok(self) -> bool:
        """Whether the text record was created."""
        return self.text is not None
