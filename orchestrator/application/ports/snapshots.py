"""Snapshots: the places where they lie, and the files that they are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from orchestrator.application.ports.blobs import Blobs
from orchestrator.domain.embedding import Vector
from orchestrator.domain.image import Image
from orchestrator.domain.names import CollectionName
from orchestrator.domain.region import Region
from orchestrator.domain.snapshot import Manifest
from orchestrator.domain.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageEntry:
    """An image with its vector; `file` is the key of its file in the snapshot, empty where that has none."""

    image: Image
    vector: Vector
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionEntry:
    """A region with its vector."""

    region: Region
    vector: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEntry:
    """A text record with its vector."""

    text: Text
    vector: Vector


class Places(Protocol):
    """Folders of the server and buckets, by their URIs."""

    def open(self, uri: str, *, field: str, create: bool = False) -> Blobs:
        """The files below a folder or prefix. With `create`, a folder that is missing is made.

        Raises InvalidArgument for what is no `file:///…`, `s3://…`, `gs://…`, and where there is no such
        folder; FailedPrecondition for a folder outside those that the settings allow, and for the place of
        the server's own pictures.
        """
        ...


class SnapshotFiles(Protocol):
    """A snapshot's files, each from and to bytes; blocks, so that it is called in a thread.

    Reading trusts nothing: InvalidArgument for bytes that are no such file, or hold what no record may.
    `marks` are texts that a file bears about itself.
    """

    def write_manifest(self, manifest: Manifest) -> bytes:
        """The manifest's file."""
        ...

    def read_manifest(self, content: bytes) -> Manifest:
        """The manifest, of this format and version."""
        ...

    def write_images(self, entries: Sequence[ImageEntry], marks: Mapping[str, str]) -> bytes:
        """A part of images, at least one."""
        ...

    def write_regions(self, entries: Sequence[RegionEntry], marks: Mapping[str, str]) -> bytes:
        """A part of regions, at least one."""
        ...

    def write_texts(self, entries: Sequence[TextEntry], marks: Mapping[str, str]) -> bytes:
        """A part of text records, at least one."""
        ...

    def read_marks(self, content: bytes) -> tuple[int, Mapping[str, str]]:
        """How many rows a part has, and its marks."""
        ...

    def read_images(self, content: bytes, collection: CollectionName, dimension: int) -> Sequence[ImageEntry]:
        """Images of a part, as of a collection."""
        ...

    def read_regions(
        self, content: bytes, collection: CollectionName, dimension: int
    ) -> Sequence[RegionEntry]:
        """Regions of a part, as of a collection."""
        ...

    def read_texts(self, content: bytes, collection: CollectionName, dimension: int) -> Sequence[TextEntry]:
        """Text records of a part, as of a collection."""
        ...
