"""What sources say of pictures, cut to what the catalog keeps: sources are not to be trusted with limits."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.domain.image import MAX_CAPTION, Description, Label

MAX_NAME = 500
MAX_FOLDER = 1024
MAX_URI = 2048
MAX_LABEL = 200
MAX_LABELS = 100
MAX_METADATA_BYTES = 16 * 1024

_DEEPEST = 16


def describe(
    *,
    path: str = "",
    source_uri: str = "",
    caption: str = "",
    labels: Iterable[str] = (),
    metadata: Mapping[str, Any] | None = None,
) -> Description:
    """A description within the limits of `Image`. The last part of `path` is the display name, those before
    it are the folder. What is too long is cut; keys of metadata that no longer fit are left out."""
    parts = [part for part in map(clean, path.split("/")) if part]
    return Description(
        display_name=(parts or [""])[-1][:MAX_NAME],
        folder=_folder(parts[:-1]),
        source_uri=clean(source_uri) if len(source_uri) <= MAX_URI else "",
        caption=clean(caption)[:MAX_CAPTION],
        labels=to_labels(labels),
        metadata=_metadata(metadata or {}),
    )


def to_labels(labels: Iterable[str]) -> tuple[Label, ...]:
    """Labels, each once, within the limits."""
    cleaned = dict.fromkeys(clean(label)[:MAX_LABEL] for label in labels)
    return tuple(Label(label=label) for label in cleaned if label)[:MAX_LABELS]


def clean(text: str) -> str:
    """A text that every database keeps: no NUL, no halves of surrogate pairs, no blanks around it."""
    return text.replace("\0", "").encode("utf-8", "replace").decode().strip()


def _folder(parts: list[str]) -> str:
    while len(folder := "/".join(parts)) > MAX_FOLDER:
        parts = parts[:-1]
    return folder


def _metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    left = MAX_METADATA_BYTES - 2
    for key, value in metadata.items():
        name, plain = clean(str(key)), to_plain(value)
        size = len(json.dumps({name: plain}, ensure_ascii=False, separators=(",", ":")).encode())
        if name and size <= left:
            kept[name] = plain
            left -= size
    return kept


def to_plain(value: Any, depth: int = 0) -> Any:
    """A value as JSON has it; what JSON has not is its text, or None."""
    match value:
        case None | bool():
            return value
        case str():
            return clean(value)
        case int():
            return value if abs(value) < 1 << 53 else str(value)
        case float():
            return value if math.isfinite(value) else None
        case bytes() | bytearray() | memoryview():
            return None
        case _ if depth >= _DEEPEST:
            return None
        case Mapping():
            return {clean(str(key)): to_plain(each, depth + 1) for key, each in value.items()}
        case list() | tuple():
            return [to_plain(each, depth + 1) for each in value]
    return clean(str(value))
