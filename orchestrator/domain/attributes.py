"""The flat attributes of images and texts that filters look at, the same in catalog and indexes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.domain.filter import Attributes, Value
from orchestrator.domain.image import Image, Label
from orchestrator.domain.text import Text

TIMESTAMPS = frozenset({"create_time", "update_time", "exif.taken_time"})
"""Attributes kept as seconds since 1970; filters write them in RFC 3339."""

TEXTS = frozenset(
    {"display_name", "folder", "source_uri", "content_type", "sha256", "perceptual_hash", "caption", "labels"}
    | {"predicted_labels", "exif.camera", "exif.lens", "content"}
)
NUMBERS = frozenset(
    {
        "width",
        "height",
        "size_bytes",
        "exif.orientation",
        "exif.exposure_seconds",
        "exif.f_number",
        "exif.iso",
    }
    | {"exif.focal_length_mm", "exif.gps.latitude", "exif.gps.longitude", "exif.gps.altitude_metres"}
)
"""The fixed attributes; beside them stand `metadata.KEY`, of any type."""


def ancestors(folder: str) -> list[str]:
    """The folder and all folders above it: "a/b/c" → ["a", "a/b", "a/b/c"]; of "" none."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[: depth + 1]) for depth in range(len(parts))]


def image_attributes(image: Image) -> Attributes:
    """What a filter sees of an image. Empty texts and unknown numbers are absent.

    Its labels are those that callers gave and those that were predicted.
    """
    facts, description, exif = image.facts, image.description, image.facts.exif
    found: dict[str, Any] = {
        "display_name": description.display_name,
        "folder": ancestors(description.folder),
        "source_uri": description.source_uri,
        "content_type": facts.content_type,
        "width": float(facts.width),
        "height": float(facts.height),
        "size_bytes": float(facts.size_bytes),
        "sha256": facts.sha256,
        "perceptual_hash": facts.perceptual_hash,
        "caption": description.caption,
        "labels": _names((*description.labels, *image.predicted_labels)),
        "predicted_labels": _names(image.predicted_labels),
        "create_time": image.create_time.timestamp(),
        "update_time": image.update_time.timestamp(),
    }
    if exif is not None:
        found |= {
            "exif.camera": exif.camera,
            "exif.lens": exif.lens,
            "exif.taken_time": exif.taken_time.timestamp() if exif.taken_time else None,
            "exif.orientation": float(exif.orientation),
            "exif.exposure_seconds": exif.exposure_seconds or None,
            "exif.f_number": exif.f_number or None,
            "exif.iso": float(exif.iso) or None,
            "exif.focal_length_mm": exif.focal_length_mm or None,
        }
        if exif.gps is not None:
            found |= {
                "exif.gps.latitude": exif.gps.latitude,
                "exif.gps.longitude": exif.gps.longitude,
                "exif.gps.altitude_metres": exif.gps.altitude_metres,
            }
    return _present(found | dict(_flatten("metadata", description.metadata)))


def text_attributes(text: Text) -> Attributes:
    """What a filter sees of a text record: what an image has too under the same names, and `content`."""
    said = text.fields
    found: dict[str, Any] = {
        "display_name": said.display_name,
        "folder": ancestors(said.folder),
        "source_uri": said.source_uri,
        "content": said.content,
        "labels": _names(said.labels),
        "create_time": text.create_time.timestamp(),
        "update_time": text.update_time.timestamp(),
    }
    return _present(found | dict(_flatten("metadata", said.metadata)))


def region_attributes(attributes: Attributes, predicted_labels: Iterable[Label]) -> Attributes:
    """What a filter sees of a region: what it sees of its image, and the labels predicted for the region."""
    image = {name: value for name, value in attributes.items() if name != "predicted_labels"}
    own = _names(predicted_labels)
    if not own:
        return image
    return image | {
        "labels": list(dict.fromkeys([*_texts(image.get("labels")), *own])),
        "predicted_labels": own,
    }


def _present(found: Mapping[str, Any]) -> Attributes:
    return {name: value for name, value in found.items() if value is not None and value != "" and value != []}


def _names(labels: Iterable[Label]) -> list[str]:
    return list(dict.fromkeys(label.label for label in labels))


def _texts(value: Any) -> list[str]:
    return list(value or ())


def _flatten(prefix: str, value: Any) -> Iterator[tuple[str, Value | list[Value]]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flatten(f"{prefix}.{key}", item)
    elif isinstance(value, list | tuple):
        yield prefix, [_scalar(item) for item in value if isinstance(item, str | int | float | bool)]
    elif value is not None:
        yield prefix, _scalar(value)


def _scalar(value: str | int | float | bool) -> Value:
    return value if isinstance(value, str | bool) else float(value)
