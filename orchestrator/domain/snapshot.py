"""A snapshot: a collection as open files, with a manifest that says what belongs to it."""

from dataclasses import dataclass
from datetime import datetime

FORMAT = "sightline-snapshot"
VERSION = 1
MANIFEST = "manifest.json"
"""Written last: without it there is no snapshot."""

MAX_MANIFEST_BYTES = 64 * 1024 * 1024
MAX_PART_BYTES = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of records: a key below the snapshot's place, and what it must hold."""

    path: str
    rows: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a snapshot holds. `space` stamps every vector; with `files` it has the pictures too.

    Images of `images[n]` have their regions in `regions[n]`, where that has rows.
    """

    format: str = FORMAT
    version: int = VERSION
    export: str
    create_time: datetime
    collection: str
    display_name: str
    embedder: str
    segmenter: str
    segmentation: str
    matcher: str
    captioner: str
    labels_vocabulary: tuple[str, ...]
    space: str
    dimension: int
    files: bool
    file_count: int
    images: tuple[Part, ...]
    regions: tuple[Part, ...]
    texts: tuple[Part, ...]

    @property
    def image_count(self) -> int:
        """Images in all parts."""
        return sum(part.rows for part in self.images)

    @property
    def region_count(self) -> int:
        """Regions in all parts."""
        return sum(part.rows for part in self.regions)

    @property
    def text_count(self) -> int:
        """Text records in all parts."""
        return sum(part.rows for part in self.texts)
