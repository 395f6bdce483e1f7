"""Picture files to upright RGB pixels: limits first, then the type from the bytes, then the decoding."""

import hashlib
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from orchestrator.adapters.imaging.exif import read_exif
from orchestrator.domain.errors import InvalidArgument, ResourceExhausted
from orchestrator.domain.image import MAX_CONTENT_BYTES, MAX_PIXELS, Exif, FileFacts

MAX_SIDE = 65_535
MAX_JPEG_SCANS = 500  # as in libjpeg-turbo's own fuzzer: each scan of a progressive file costs a pass

CONTENT_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # JPEG with more pictures behind the first; Pillow's JPEG reader names it so
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "WEBP": "image/webp",
}
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")

_UPRIGHT = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}


def configure_pillow() -> None:
    """Sets Pillow's process-wide guard to our limit; its other warnings are about lies that are tolerated."""
    Pillow.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.filterwarnings("ignore", module=r"PIL\.")
    warnings.filterwarnings("error", category=Pillow.DecompressionBombWarning)
    Pillow.init()


def check_size(content: bytes, field: str) -> None:
    """Raises InvalidArgument, naming `field`, for no bytes and for too many."""
    if not content:
        raise InvalidArgument.field(field, "is empty")
    if len(content) > MAX_CONTENT_BYTES:
        limit = MAX_CONTENT_BYTES // 2**20
        raise InvalidArgument.field(field, f"is larger than {limit} MiB", reason="IMAGE_TOO_LARGE")


@contextmanager
def opened(content: bytes, field: str) -> Iterator[Pillow.Image]:
    """A file whose header was read and found within the limits; no pixel is decoded yet.

    Raises InvalidArgument, naming `field`, for what is none of the six formats, too large, or damaged,
    whatever decoding within the block raised; ResourceExhausted without memory. Nothing but decoding belongs
    into the block.
    """
    check_size(content, field)
    try:
        with Pillow.open(io.BytesIO(content), formats=_FORMATS) as image:
            _check_dimensions(image, content, field)
            yield image
    except UnidentifiedImageError as error:
        raise InvalidArgument.field(
            field, "is no picture in PNG, JPEG, GIF, BMP, TIFF or WebP", reason="NOT_A_PICTURE"
        ) from error
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        raise _too_many_pixels(field) from error
    except InvalidArgument:
        raise
    except MemoryError as error:
        raise ResourceExhausted("no memory left to decode the picture", retry_after=5.0) from error
    except Exception as error:  # decoders raise OSError, SyntaxError, ValueError, struct.error, EOFError …
        raise InvalidArgument.field(
            field, "is a damaged or truncated picture", reason="DAMAGED_PICTURE"
        ) from error


def _check_dimensions(image: Pillow.Image, content: bytes, field: str) -> None:
    width, height = image.size
    if width < 1 or height < 1:
        raise InvalidArgument.field(field, "is a picture without pixels", reason="DAMAGED_PICTURE")
    if width * height > MAX_PIXELS:
        raise _too_many_pixels(field)
    if max(width, height) > MAX_SIDE:
        raise InvalidArgument.field(
            field, f"is a picture with a side of more than {MAX_SIDE:,} pixels", reason="IMAGE_TOO_LARGE"
        )
    if image.format in ("JPEG", "MPO") and content.count(b"\xff\xda") > MAX_JPEG_SCANS:
        raise InvalidArgument.field(
            field, f"is a JPEG of more than {MAX_JPEG_SCANS} scans", reason="DAMAGED_PICTURE"
        )


def _too_many_pixels(field: str) -> InvalidArgument:
    limit = MAX_PIXELS // 1_000_000
    return InvalidArgument.field(
        field, f"is a picture of more than {limit} megapixels", reason="IMAGE_TOO_LARGE"
    )


@dataclass(frozen=True, slots=True)
class Upright:
    """A decoded file: an RGB picture after its EXIF orientation, transparency laid over white."""

    format: str
    picture: Pillow.Image
    exif: Exif | None


class LargePicture(Exception):
    """A picture of more pixels than its decoder was to take."""


def decode_upright(content: bytes, field: str, *, draft: int = 0, most_pixels: int = MAX_PIXELS) -> Upright:
    """Decodes a file; `draft` above 0: a picture whose longer side has twice as many pixels will do.

    Raises LargePicture, before any pixel is decoded, above `most_pixels`; else as `opened` does.
    """
    with opened(content, field) as image:
        upright = _read(image, draft) if image.width * image.height <= most_pixels else None
    if upright is None:
        raise LargePicture
    return upright


def _read(image: Pillow.Image, draft: int) -> Upright:
    content_format = image.format or ""
    if draft and isinstance(image, JpegImageFile):
        # libjpeg scales by 1/2, 1/4 or 1/8 while it decodes, never below what is asked for.
        image.draft("RGB", (2 * draft, 2 * draft))
    exif = read_exif(image)
    image.load()
    pixels = _to_rgb(image)
    # Pillow turns TIFFs by itself while it loads them.
    turn = _UPRIGHT.get(exif.orientation) if exif and content_format != "TIFF" else None
    return Upright(content_format, pixels.transpose(turn) if turn is not None else pixels, exif)


def facts_of(content: bytes, upright: Upright) -> FileFacts:
    """What a decoded file tells by itself."""
    return FileFacts(
        content_type=CONTENT_TYPES[upright.format],
        width=upright.picture.width,
        height=upright.picture.height,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        perceptual_hash=perceptual_hash(upright.picture),
        exif=upright.exif,
    )


def perceptual_hash(picture: Pillow.Image) -> str:
    """64-bit pHash (DCT of 32 x 32 grey pixels against its median), 16 hexadecimal digits."""
    grey = picture.convert("L")
    factor = min(grey.size) // 256  # averaging first changes nothing that 32 pixels show, and is fast
    return str(imagehash.phash(grey.reduce(factor) if factor > 1 else grey))


def _to_rgb(image: Pillow.Image) -> Pillow.Image:
    if image.mode == "RGB" and not image.has_transparency_data:
        return image
    if image.mode.startswith(("I", "F")):
        return Pillow.fromarray(_eight_bits(np.asarray(image))).convert("RGB")
    if image.has_transparency_data:
        over = image.convert("RGBA")
        white = Pillow.new("RGB", over.size, (255, 255, 255))
        white.paste(over, mask=over.getchannel("A"))
        return white
    return image.convert("RGB")


def _eight_bits(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Deep grey values as 8 bits: 16-bit ones by their high byte, real ones stretched to their range."""
    if values.dtype.kind == "f":
        finite = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
        low, high = (0.0, 1.0) if finite.min() >= 0 and finite.max() <= 1 else (finite.min(), finite.max())
        return ((finite - low) * (255.0 / max(high - low, 1e-12))).round().astype(np.uint8)
    return (np.clip(values.astype(np.int64), 0, 65_535) >> 8).astype(np.uint8)
