"""A source's items as JSON and back: what an import keeps of them until they are read."""

import json
from dataclasses import asdict
from typing import Any

from orchestrator.domain.image import Description, Label
from orchestrator.domain.import_source import AnnotatedRegion, SourceItem
from orchestrator.domain.operation import Failure
from orchestrator.domain.region import Box, Mask


def item_json(item: SourceItem) -> str:
    """The text of an item. Half surrogate pairs, which no database takes, stay escaped."""
    return json.dumps(asdict(item), separators=(",", ":"))


def read_item(text: str) -> SourceItem:
    """An item from its text."""
    document = json.loads(text)
    said = document.pop("description")
    said["labels"] = _labels(said["labels"])
    return SourceItem(
        description=Description(**said),
        regions=tuple(map(_region, document.pop("regions"))),
        **document,
    )


def failure_json(failure: Failure | None) -> str | None:
    """The text of a failure; None for none."""
    return json.dumps(asdict(failure)) if failure else None


def _region(document: dict[str, Any]) -> AnnotatedRegion:
    mask = document["mask"]
    return AnnotatedRegion(
        box=Box(**document["box"]), mask=Mask(**mask) if mask else None, labels=_labels(document["labels"])
    )


def _labels(documents: list[dict[str, Any]]) -> tuple[Label, ...]:
    return tuple(Label(**document) for document in documents)
