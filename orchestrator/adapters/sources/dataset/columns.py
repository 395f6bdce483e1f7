"""Which column of a table holds what: as the caller says, as the data set says, else by type and name."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.import_source import DatasetSource

_IMAGES = ("image", "img", "picture", "photo", "jpg", "jpeg", "png", "webp", "bytes", "image_bytes")
_ADDRESSES = ("image_url", "url", "image_uri", "image_path", "file_name", "filepath", "path", "image", "img")
_CAPTIONS = ("caption", "captions", "text", "description", "alt", "alt_text", "prompt", "title", "sentences")
_TEXTS = ("text", "content", "sentence", "caption", "passage", "document", "title")
_LABELS = ("label", "labels", "category", "categories", "class", "cls", "fine_label", "tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Names of columns, empty where there is none; `label_names` are the classes that a label numbers.

    `image_inside`: the file itself lies in the column; else its URL or path does.
    """

    image: str = ""
    image_inside: bool = True
    caption: str = ""
    text: str = ""
    label: str = ""
    label_names: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def told(self) -> list[str]:
        """Columns that are read for the listing, beside the picture's."""
        names = [self.caption, self.text, self.label, *self.others]
        return list(dict.fromkeys(name for name in names if name))


def columns_of(schema: pa.Schema, source: DatasetSource) -> Columns:
    """What the columns hold. Raises InvalidArgument for a column that is named and is not there, and where
    neither pictures nor texts are."""
    features = _features(schema)
    named = {
        "image_column": source.image_column,
        "caption_column": source.caption_column,
        "text_column": source.text_column,
        "label_column": source.label_column,
        **{f"columns[{number}]": name for number, name in enumerate(source.columns)},
    }
    for field, name in named.items():
        if name and name not in schema.names:
            known = ", ".join(schema.names)[:500]
            raise InvalidArgument.field(field, f"is no column; there are {known}", reason="SOURCE_NOT_FOUND")
    image = source.image_column or _image(schema, features)
    text = source.text_column or ("" if image else _first(schema, _TEXTS, _is_text))
    caption = source.caption_column or (_first(schema, _CAPTIONS, _is_text) if image else "")
    label = source.label_column or _label(schema, features)
    if not image and not text:
        known = ", ".join(schema.names)[:500]
        raise InvalidArgument(f"no column holds pictures or texts; there are {known}", reason="SOURCE_BROKEN")
    return Columns(
        image=image,
        image_inside=bool(image) and not _is_string(schema.field(image).type),
        caption=caption if caption != image else "",
        text=text if text != image else "",
        label=label,
        label_names=_classes(features.get(label)),
        others=source.columns,
    )


def _image(schema: pa.Schema, features: Mapping[str, Any]) -> str:
    told = [name for name, each in features.items() if _kind(each) == "Image" and name in schema.names]
    if told:
        return told[0]
    inside = [str(field.name) for field in schema if _holds_files(field.type)]
    for name in _IMAGES:
        if name in inside:
            return name
    if inside:
        return inside[0]
    return _first(schema, _ADDRESSES, _is_string)


def _label(schema: pa.Schema, features: Mapping[str, Any]) -> str:
    for name, each in features.items():
        if _classes(each) and name in schema.names:
            return name
    return _first(schema, _LABELS, lambda kind: pa.types.is_integer(kind) or _is_text(kind))


def _first(schema: pa.Schema, names: Sequence[str], fits: Any) -> str:
    return next((name for name in names if name in schema.names and fits(schema.field(name).type)), "")


def _is_string(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _is_string(kind.value_type) or pa.types.is_integer(kind.value_type)
    if pa.types.is_dictionary(kind):
        return _is_string(kind.value_type)
    return _is_string(kind)


def _holds_files(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        return any(field.name == "bytes" and _holds_files(field.type) for field in kind)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def _features(schema: pa.Schema) -> Mapping[str, Any]:
    """What `datasets` wrote into the file of its columns."""
    try:
        told = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, ValueError, TypeError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _kind(feature: Any) -> Any:
    return feature.get("_type") if isinstance(feature, dict) else None


def _classes(feature: Any) -> tuple[str, ...]:
    if isinstance(feature, list) and feature:
        feature = feature[0]
    if _kind(feature) in ("Sequence", "List", "LargeList"):
        feature = feature.get("feature")
    names = feature.get("names") if _kind(feature) == "ClassLabel" else None
    return tuple(map(str, names)) if isinstance(names, list) else ()
