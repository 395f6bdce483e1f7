"""Records as rows of columns that other programs read, and back, without trusting them."""

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import pyarrow as pa
from pydantic import TypeAdapter

from orchestrator.domain.identifiers import new_etag
from orchestrator.domain.image import MAX_PIXELS, Description, Exif, FileFacts, Image, Label
from orchestrator.domain.names import IMAGE_ID, TEXT_ID, CollectionName, ImageName, RegionName, TextName
from orchestrator.domain.region import Box, Mask, Origin, Region, Segment
from orchestrator.domain.rle import decode_runs
from orchestrator.domain.text import MAX_CONTENT, Text, TextFields

Row: TypeAlias = Mapping[str, Any]

_TIME = pa.timestamp("us", tz="UTC")
_LABELS = TypeAdapter(tuple[Label, ...])
_METADATA = TypeAdapter(dict[str, Any])
_EXIF = TypeAdapter(Exif)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TYPE = re.compile(r"image/[a-z0-9.+-]{1,64}")

IMAGE_COLUMNS = {
    "image": pa.string(),
    "uid": pa.string(),
    "file": pa.string(),
    **dict.fromkeys(("display_name", "folder", "source_uri", "caption", "labels", "metadata"), pa.string()),
    **dict.fromkeys(("content_type", "sha256", "perceptual_hash"), pa.string()),
    "exif": pa.string(),
    "width": pa.int32(),
    "height": pa.int32(),
    "size_bytes": pa.int64(),
    **dict.fromkeys(("predicted_labels", "vocabulary", "captioner"), pa.string()),
    "create_time": _TIME,
    "update_time": _TIME,
}
REGION_COLUMNS = {
    "image": pa.string(),
    "region": pa.string(),
    **dict.fromkeys(("x_min", "y_min", "x_max", "y_max"), pa.float64()),
    "mask_height": pa.int32(),
    "mask_width": pa.int32(),
    "mask_counts": pa.string(),
    "area": pa.int64(),
    **dict.fromkeys(("predicted_iou", "stability_score"), pa.float64()),
    **dict.fromkeys(("labels", "predicted_labels", "origin"), pa.string()),
    "create_time": _TIME,
}
TEXT_COLUMNS = {
    "text": pa.string(),
    "uid": pa.string(),
    **dict.fromkeys(("content", "display_name", "folder", "source_uri", "labels", "metadata"), pa.string()),
    "truncated": pa.bool_(),
    "create_time": _TIME,
    "update_time": _TIME,
}
"""Name → type. `labels`, `predicted_labels`, `metadata` and `exif` are JSON; masks are COCO's RLE."""


def image_row(image: Image, file: str) -> Row:
    """The columns of an image."""
    facts, said = image.facts, image.description
    return {
        "image": image.name.image,
        "uid": image.uid,
        "file": file,
        "display_name": said.display_name,
        "folder": said.folder,
        "source_uri": said.source_uri,
        "caption": said.caption,
        "labels": _LABELS.dump_json(said.labels).decode(),
        "metadata": _METADATA.dump_json(dict(said.metadata)).decode(),
        "content_type": facts.content_type,
        "sha256": facts.sha256,
        "perceptual_hash": facts.perceptual_hash,
        "exif": _EXIF.dump_json(facts.exif).decode() if facts.exif else None,
        "width": facts.width,
        "height": facts.height,
        "size_bytes": facts.size_bytes,
        "predicted_labels": _LABELS.dump_json(image.predicted_labels).decode(),
        "vocabulary": image.vocabulary,
        "captioner": image.captioner,
        "create_time": image.create_time,
        "update_time": image.update_time,
    }


def to_image(row: Row, collection: CollectionName) -> Image:
    """An image from its columns. Raises ValueError."""
    _must(IMAGE_ID.fullmatch(row["image"]) and IMAGE_ID.fullmatch(row["uid"]), "an id")
    _must(_SHA256.fullmatch(row["sha256"]) and _TYPE.fullmatch(row["content_type"]), "sha256 and type")
    _must(min(row["width"], row["height"]) > 0 and row["width"] * row["height"] <= MAX_PIXELS, "a size")
    _must(row["size_bytes"] >= 0, "a size")
    return Image(
        name=ImageName(collection.collection, row["image"]),
        uid=row["uid"],
        facts=FileFacts(
            content_type=row["content_type"],
            width=row["width"],
            height=row["height"],
            size_bytes=row["size_bytes"],
            sha256=row["sha256"],
            perceptual_hash=row["perceptual_hash"],
            exif=None if row["exif"] is None else _EXIF.validate_json(row["exif"]),
        ),
        description=Description(
            display_name=row["display_name"],
            folder=row["folder"],
            source_uri=row["source_uri"],
            caption=row["caption"],
            labels=_LABELS.validate_json(row["labels"]),
            metadata=_METADATA.validate_json(row["metadata"]),
        ),
        predicted_labels=_LABELS.validate_json(row["predicted_labels"]),
        vocabulary=row["vocabulary"],
        captioner=row["captioner"],
        create_time=row["create_time"],
        update_time=row["update_time"],
        etag=new_etag(),
    )


def region_row(region: Region) -> Row:
    """The columns of a region."""
    box, mask = region.segment.box, region.segment.mask
    return {
        "image": region.name.image,
        "region": region.name.region,
        "x_min": box.x_min,
        "y_min": box.y_min,
        "x_max": box.x_max,
        "y_max": box.y_max,
        "mask_height": mask.height if mask else None,
        "mask_width": mask.width if mask else None,
        "mask_counts": mask.counts if mask else None,
        "area": region.segment.area,
        "predicted_iou": region.segment.predicted_iou,
        "stability_score": region.segment.stability_score,
        "labels": _LABELS.dump_json(region.labels).decode(),
        "predicted_labels": _LABELS.dump_json(region.predicted_labels).decode(),
        "origin": region.origin.value,
        "create_time": region.create_time,
    }


def to_region(row: Row, collection: CollectionName) -> Region:
    """A region from its columns. Raises ValueError."""
    _must(IMAGE_ID.fullmatch(row["image"]) and IMAGE_ID.fullmatch(row["region"]), "an id")
    box = Box(x_min=row["x_min"], y_min=row["y_min"], x_max=row["x_max"], y_max=row["y_max"])
    _must(0 <= box.x_min < box.x_max < 2**31 and 0 <= box.y_min < box.y_max < 2**31, "a box")
    mask = None
    if row["mask_counts"] is not None:
        mask = Mask(height=row["mask_height"], width=row["mask_width"], counts=row["mask_counts"])
        decode_runs(mask)
    return Region(
        name=RegionName(collection.collection, row["image"], row["region"]),
        segment=Segment(
            box=box,
            mask=mask,
            area=row["area"],
            predicted_iou=row["predicted_iou"],
            stability_score=row["stability_score"],
        ),
        labels=_LABELS.validate_json(row["labels"]),
        predicted_labels=_LABELS.validate_json(row["predicted_labels"]),
        origin=Origin(row["origin"]),
        create_time=row["create_time"],
    )


def text_row(text: Text) -> Row:
    """The columns of a text record."""
    return {
        "text": text.name.text,
        "uid": text.uid,
        "content": text.fields.content,
        "display_name": text.fields.display_name,
        "folder": text.fields.folder,
        "source_uri": text.fields.source_uri,
        "labels": _LABELS.dump_json(text.fields.labels).decode(),
        "metadata": _METADATA.dump_json(dict(text.fields.metadata)).decode(),
        "truncated": text.truncated,
        "create_time": text.create_time,
        "update_time": text.update_time,
    }


def to_text(row: Row, collection: CollectionName) -> Text:
    """A text record from its columns. Raises ValueError."""
    _must(TEXT_ID.fullmatch(row["text"]), "an id")
    _must(0 < len(row["content"]) <= MAX_CONTENT, "a text")
    return Text(
        name=TextName(collection.collection, row["text"]),
        uid=row["uid"],
        fields=TextFields(
            content=row["content"],
            display_name=row["display_name"],
            folder=row["folder"],
            source_uri=row["source_uri"],
            labels=_LABELS.validate_json(row["labels"]),
            metadata=_METADATA.validate_json(row["metadata"]),
        ),
        truncated=row["truncated"],
        create_time=row["create_time"],
        update_time=row["update_time"],
        etag=new_etag(),
    )


def _must(holds: object, what: str) -> None:
    if not holds:
        raise ValueError(f"a row without {what} that may be")
