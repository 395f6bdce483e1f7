"""TOML as packs are described in it: what is wrong is named by file and key."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

T = TypeVar("T")


class PackError(ValueError):
    """A pack's description is wrong; the message names the file and the key."""


class Table:
    """A TOML table that says which key of which file is wrong."""

    def __init__(self, path: Path, name: str, values: Mapping[str, Any]) -> None:
        self.path, self._name, self._values = path, name, values

    def problem(self, key: str, what: str) -> PackError:
        """An error to raise: `what` is wrong with a key."""
        return PackError(f"{self.path}: {self._name + '.' if self._name else ''}{key} {what}")

    def table(self, key: str) -> "Table | None":
        """A table in it; None where there is none. Raises PackError, as all below do."""
        values = self._values.get(key)
        if values is None:
            return None
        if not isinstance(values, dict):
            raise self.problem(key, "must be a table")
        return Table(self.path, f"{self._name}.{key}".lstrip("."), values)

    def names(self) -> Iterable[str]:
        """Its keys."""
        return self._values.keys()

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without a default it must be there, and so below."""
        return self._get(key, default, lambda value: isinstance(value, str), "must be a text")

    def whole(self, key: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number within bounds."""
        return self._get(
            key,
            default,
            lambda value: type(value) is int and least <= value <= most,
            f"must be a whole number from {least} to {most}",
        )

    def number(self, key: str, default: float | None = None) -> float:
        """A number."""
        return float(self._get(key, default, lambda value: type(value) in (int, float), "must be a number"))

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> Any:
        """One of some texts."""
        return self._get(key, default, lambda value: value in choices, f"must be one of {', '.join(choices)}")

    def _get(self, key: str, default: T | None, fits: Callable[[Any], bool], wanted: str) -> T:
        value = self._values.get(key, default)
        if value is None:
            raise self.problem(key, f"is missing: {wanted}")
        if not fits(value):
            raise self.problem(key, f"{wanted}, not {value!r}")
        return cast(T, value)


def is_installed(revision: str, names: tuple[str | None, ...], models: Path | None) -> bool:
    """Whether a part has a revision, and the folders of its models lie below `models`; None: anywhere."""
    there = models is None or all((models / name / "config.pbtxt").is_file() for name in names if name)
    return bool(revision) and there
