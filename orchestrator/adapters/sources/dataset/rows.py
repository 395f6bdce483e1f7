"""Rows become items: one with a picture an image, one with a text alone a text record."""

import hashlib
import json
from collections.abc import Generator, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from orchestrator.adapters.sources.dataset.columns import Columns
from orchestrator.adapters.sources.dataset.tables import Table, broken
from orchestrator.adapters.sources.describe import describe
from orchestrator.adapters.sources.storage import Entry
from orchestrator.domain.import_source import SourceItem


def items_of(
    table: Table, columns: Columns, entry: Entry, uri: str, where: Mapping[str, str]
) -> Generator[SourceItem, None, None]:
    """All rows of a table, numbered through the file. `where` says in which file of which commit; blocks."""
    with broken():
        yield from _items_of(table, columns, entry, uri, where)


def _items_of(
    table: Table, columns: Columns, entry: Entry, uri: str, where: Mapping[str, str]
) -> Iterator[SourceItem]:
    number = 0
    for group, first, batch in table.scan(columns.told(), columns.image):
        listed = [name for name in batch.schema.names if not _heavy(batch, name)]
        rows = batch.select(listed).to_pylist()
        pictures = _pictures(batch, columns)
        for index, row in enumerate(rows or [{}] * batch.num_rows):
            place = {**where, "group": group, "row": first + index, "column": columns.image}
            yield _item(row, pictures[index], columns, f"{entry.path}/{number}", entry.version, uri, place)
            number += 1


def _item(
    row: Mapping[str, Any],
    picture: str | None,
    columns: Columns,
    key: str,
    version: str,
    uri: str,
    place: Mapping[str, Any],
) -> SourceItem:
    text = _text(row.get(columns.text)) if columns.text else ""
    caption = _text(row.get(columns.caption)) if columns.caption else ""
    description = describe(
        path=_name(picture) or key.rpartition("/")[2],
        source_uri=picture if picture and _is_url(picture) else f"{uri}#{key.rpartition('/')[2]}",
        caption=caption or (text if picture is not None else ""),
        labels=_labels(row.get(columns.label), columns.label_names) if columns.label else (),
        metadata={name: row.get(name) for name in columns.others},
    )
    if picture is None:
        words = text or caption
        return SourceItem(
            key=key,
            fingerprint=_fingerprint(version, key, description, words),
            description=description,
            text=words or None,
            problem="" if words else "has neither a picture nor a text",
        )
    return SourceItem(
        key=key,
        fingerprint=_fingerprint(version, key, description),
        locator=dict(place),
        description=description,
    )


def _pictures(batch: Any, columns: Columns) -> list[str | None]:
    """For each row the path that its picture bears, empty for none; None where it has no picture."""
    if not columns.image:
        return [None] * batch.num_rows
    if columns.image not in batch.schema.names:  # all have one
        return [""] * batch.num_rows
    column = batch.column(columns.image)
    if not columns.image_inside:
        return [value.strip() or None if isinstance(value, str) else None for value in column.to_pylist()]
    valid = column.is_valid().to_pylist()
    paths: list[Any] = [None] * batch.num_rows
    if getattr(column.type, "num_fields", 0) and column.type.get_field_index("path") >= 0:
        paths = column.field("path").to_pylist()
        if column.type.get_field_index("bytes") >= 0:
            inside = column.field("bytes").is_valid().to_pylist()
            valid = [v and (b or bool(p)) for v, b, p in zip(valid, inside, paths, strict=True)]
    elif getattr(column.type, "num_fields", 0) and column.type.get_field_index("bytes") >= 0:
        inside = column.field("bytes").is_valid().to_pylist()
        valid = [v and b for v, b in zip(valid, inside, strict=True)]
    return [str(path or "") if ok else None for path, ok in zip(paths, valid, strict=True)]


def _heavy(batch: Any, name: str) -> bool:
    """Whether a column may hold files: these are not made Python's."""
    return "binary" in str(batch.schema.field(name).type)


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case list() if value:
            return _text(value[0])
        case dict():
            return _text(value.get("raw") or value.get("text") or value.get("caption") or "")
    return ""


def _labels(value: Any, names: tuple[str, ...]) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        match each:
            case bool() | None:
                continue
            case int() if names:
                if 0 <= each < len(names):
                    yield names[each]
            case int() | str():
                yield str(each)


def _name(picture: str | None) -> str:
    path = urlsplit(picture).path if picture and _is_url(picture) else picture or ""
    return path.rpartition("/")[2]


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def _fingerprint(version: str, key: str, *told: Any) -> str:
    text = json.dumps([version, key, repr(told)])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest() if version else ""
