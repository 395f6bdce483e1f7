"""Reading and writing picture files."""

from dataclasses import dataclass
from typing import Protocol

from orchestrator.domain.image import FileFacts, Picture
from orchestrator.domain.region import Box, Mask


class LazyPicture(Protocol):
    """A picture that is decoded only when its pixels are needed: a click on encoded features needs none."""

    @property
    def sha256(self) -> str:
        """SHA-256 of its file: the key of its features."""
        ...

    @property
    def width(self) -> int:
        """Of the upright picture, in pixels."""
        ...

    @property
    def height(self) -> int:
        """Of the upright picture, in pixels."""
        ...

    async def pixels(self) -> Picture:
        """The upright pixels."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedPicture:
    """A file that was read: what it tells, and its upright pixels."""

    facts: FileFacts
    pixels: Picture


class Pictures(Protocol):
    """Reads and writes picture files. Work is done off the event loop, within bounds."""

    async def decode(self, content: bytes, field: str = "content") -> DecodedPicture:
        """Decodes a file. Checks size, type and dimensions before decoding. Raises InvalidArgument."""
        ...

    async def thumbnail(self, content: bytes, max_pixels: int, crop: Box | None = None) -> tuple[str, bytes]:
        """A smaller or cropped upright picture: (content type, file). `max_pixels` 0: no limit."""
        ...

    async def cutout(self, content: bytes, box: Box, mask: Mask | None, max_pixels: int) -> tuple[str, bytes]:
        """The mask's pixels, the rest of the box transparent: (content type, PNG)."""
        ...

    async def mask_picture(self, mask: Mask, max_pixels: int) -> tuple[str, bytes]:
        """The mask, white on black: (content type, PNG)."""
        ...
