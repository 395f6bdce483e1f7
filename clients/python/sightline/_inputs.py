"""What callers may pass, and how it becomes messages."""

import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct

from sightline.errors import FieldViolation, InvalidArgument
from sightline.v1 import (
    image_pb2,
    image_service_pb2,
    region_pb2,
    search_service_pb2,
    text_pb2,
    text_service_pb2,
)

MAX_PICTURE_BYTES: Final = 32 * 1024 * 1024
PICTURE_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"})

PictureFile: TypeAlias = bytes | str | PathLike[str]
"""A picture: its file's bytes, or a path to it."""

BoxLike: TypeAlias = region_pb2.Box | tuple[float, float, float, float]
"""A box: a message, or (x_min, y_min, x_max, y_max) in pixels of the upright picture."""

Target: TypeAlias = Literal["images", "regions", "texts", "images_and_texts"]
"""What a search finds: whole images, regions of them, text records, or the first and the last together."""

Segmentation: TypeAlias = Literal["off", "quick", "full"]
"""How much of each new image of a collection is segmented."""

View: TypeAlias = Literal["crop", "cutout", "mask"]
"""A region as a picture: its box (JPEG), itself on nothing (PNG), its mask (PNG)."""

ServingStatus: TypeAlias = Literal["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"]
"""How a service is, in the words of gRPC's health protocol."""

ItemState: TypeAlias = Literal["pending", "done", "skipped", "failed"]
"""What became of an item of an import."""

RerankOptions: TypeAlias = search_service_pb2.SearchRequest.RerankOptions
"""How hits are reranked: `candidates`, `matcher_weight`, `vector_weight`, `allow_skip`."""

Hybrid: TypeAlias = search_service_pb2.SearchRequest.Hybrid
"""How an embedding and words are fused: `vector_weight`, `lexical_weight`; neither: by ranks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewImage:
    """An image to create. `picture`, at most 32 MiB, is read when its turn comes, not before; a text that
    begins with `https://` or `http://` is a URL, which the server fetches.

    `image_id` is the last part of its name, else the server's choice. `display_name` is the file's, where
    `picture` is a path or a URL. `metadata` is what JSON can say.
    """

    picture: PictureFile
    image_id: str = ""
    display_name: str = ""
    folder: str = ""
    caption: str = ""
    labels: Sequence[str] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    source_uri: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewText:
    """A text record to create. `content` has at most 4,096 characters.

    `text_id` is the last part of its name, else the server's choice. `metadata` is what JSON can say.
    """

    content: str
    text_id: str = ""
    display_name: str = ""
    folder: str = ""
    labels: Sequence[str] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    source_uri: str = ""


def read_pictures(pictures: Sequence[PictureFile]) -> list[bytes]:
    """The bytes of each, as `read_picture` reads them."""
    return [read_picture(picture) for picture in pictures]


def read_picture(picture: PictureFile) -> bytes:
    """The file's bytes. Raises OSError where it cannot be read, InvalidArgument above 32 MiB, unread then."""
    return b"".join(picture_chunks(picture, MAX_PICTURE_BYTES + 1))


def picture_chunks(picture: PictureFile, size: int) -> Iterator[bytes]:
    """As `read_picture`, at most `size` bytes at a time. The first raises what can be known beforehand."""
    if isinstance(picture, bytes | bytearray | memoryview):
        view = memoryview(picture).cast("B")
        _check_size(view.nbytes)
        yield from (bytes(view[offset : offset + size]) for offset in range(0, view.nbytes, size))
        return
    with Path(picture).open("rb") as file:
        _check_size(os.fstat(file.fileno()).st_size)
        total = 0
        while chunk := file.read(min(size, MAX_PICTURE_BYTES + 1 - total)):
            total += len(chunk)
            _check_size(total)  # it may grow meanwhile, or be a device without a size
            yield chunk


def _check_size(size: int) -> None:
    if size > MAX_PICTURE_BYTES:
        said = f"{size:,} bytes: a picture's file has at most {MAX_PICTURE_BYTES:,}"
        raise InvalidArgument(
            f"content: {said}", reason="IMAGE_TOO_LARGE", field_violations=[FieldViolation("content", said)]
        )


def collection_name(collection: str) -> str:
    """`collections/ID` from an id or a name."""
    return collection if collection.startswith("collections/") else f"collections/{collection}"


def to_box(box: BoxLike) -> region_pb2.Box:
    """A message from either form."""
    if isinstance(box, region_pb2.Box):
        return box
    x_min, y_min, x_max, y_max = box
    return region_pb2.Box(x_min=x_min, y_min=y_min, x_max=x_max, y_max=y_max)


def to_target(target: Target) -> search_service_pb2.SearchRequest.Target.ValueType:
    """The enum's value from its name in lower case."""
    return search_service_pb2.SearchRequest.Target.Value(target.upper())


def to_new_image(new: NewImage | PictureFile) -> NewImage:
    """A picture alone as an image to create."""
    return new if isinstance(new, NewImage) else NewImage(picture=new)


def describe(new: NewImage) -> image_pb2.Image:
    """The message's writable fields. A path names the image when nothing else does."""
    metadata = ParseDict(dict(new.metadata), Struct()) if new.metadata else None
    return image_pb2.Image(
        display_name=new.display_name or _name_of(new.picture),
        folder=new.folder,
        caption=new.caption,
        labels=[image_pb2.Label(label=label) for label in new.labels],
        metadata=metadata,
        source_uri=new.source_uri,
    )


def url_of(picture: PictureFile) -> str:
    """The URL that a picture is given as, else nothing."""
    return picture if isinstance(picture, str) and picture.startswith(("http://", "https://")) else ""


def _name_of(picture: PictureFile) -> str:
    """The name of the file that a path or URL names."""
    if url := url_of(picture):
        return Path(unquote(urlsplit(url).path)).name
    return Path(picture).name if isinstance(picture, str | PathLike) else ""


def create_request(
    new: NewImage, collection: str, *, validate_only: bool = False
) -> image_service_pb2.CreateImageRequest:
    """The request that creates it. It bears a request id, so that a retry creates nothing twice."""
    url = url_of(new.picture)
    return image_service_pb2.CreateImageRequest(
        parent=collection_name(collection),
        image_id=new.image_id,
        image=describe(new),
        **({"source_uri": url} if url else {"content": read_picture(new.picture)}),
        request_id=str(uuid.uuid4()),
        validate_only=validate_only,
    )


def to_new_text(new: NewText | str) -> NewText:
    """A content alone as a text record to create."""
    return new if isinstance(new, NewText) else NewText(content=new)


def create_text_request(
    new: NewText, collection: str, *, validate_only: bool = False
) -> text_service_pb2.CreateTextRequest:
    """The request that creates it. It bears a request id, so that a retry creates nothing twice."""
    return text_service_pb2.CreateTextRequest(
        parent=collection_name(collection),
        text_id=new.text_id,
        text=text_pb2.Text(
            content=new.content,
            display_name=new.display_name,
            folder=new.folder,
            labels=[image_pb2.Label(label=label) for label in new.labels],
            metadata=ParseDict(dict(new.metadata), Struct()) if new.metadata else None,
            source_uri=new.source_uri,
        ),
        request_id=str(uuid.uuid4()),
        validate_only=validate_only,
    )
