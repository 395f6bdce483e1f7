"""`ports.ForeignRows`: JSON lines, an object a vector."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from orchestrator.application.ports.foreign import ForeignRow
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.image import Label

_MAX_LINE = 1024 * 1024

Labelled = Annotated[
    Label, BeforeValidator(lambda given: Label(label=given) if isinstance(given, str) else given)
]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: int | None = Field(None, ge=-(2**63), lt=2**63)
    name: str = ""
    file: str = ""
    text: str = ""
    display_name: str = ""
    folder: str = ""
    source_uri: str = ""
    caption: str = Field("", max_length=2000)
    labels: tuple[Labelled, ...] = ()
    metadata: dict[str, Any] = Field(default_factory=dict)


class JsonLines:
    """Rows of a file. Without an `id` a row is of the vector at its place; without a `name` its id is it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __iter__(self) -> Iterator[ForeignRow]:
        """Line by line. Raises InvalidArgument, OSError."""
        with self._file.open("rb") as lines:
            number = place = 0
            while line := lines.readline(_MAX_LINE + 1):
                number += 1
                if len(line) > _MAX_LINE:
                    said = f"line {number} has more than {_MAX_LINE} bytes"
                    raise InvalidArgument(said, reason="ROWS_INVALID")
                if not line.strip():
                    continue
                try:
                    row = _Row.model_validate_json(line)
                except (ValidationError, RecursionError) as error:
                    raise InvalidArgument(f"line {number} is no row", reason="ROWS_INVALID") from error
                id = place if row.id is None else row.id
                told = row.model_dump(exclude={"id", "name", "labels"})
                yield ForeignRow(line=number, id=id, name=row.name or str(id), labels=row.labels, **told)
                place += 1
