"""A pack's own vocabulary is read from its file, or refused by name."""

from pathlib import Path

import pytest

from orchestrator.adapters.triton.pack_labels import read_labelling
from orchestrator.adapters.triton.pack_table import PackError, Table
from orchestrator.adapters.triton.packs import read_packs
from orchestrator.domain.labels import Labelling

ROOT = Path(__file__).parents[2] / "model_repository"


def labelling(folder: Path, content: bytes = b"a cat\n\n  a dog \n", **table: object) -> Labelling:
    (folder / "labels.txt").write_bytes(content)
    return read_labelling(Table(folder / "pack.toml", "labels", {"vocabulary": "labels.txt", **table}))


def test_a_label_a_line(tmp_path: Path) -> None:
    assert labelling(tmp_path) == Labelling(words=("a cat", "a dog"))
    assert labelling(tmp_path, prompt="this is {}", threshold=0.25, most=2) == Labelling(
        words=("a cat", "a dog"), prompt="this is {}", threshold=0.25, most=2
    )
    assert read_labelling(None) == Labelling()


@pytest.mark.parametrize(
    ("content", "table", "key"),
    [
        (b"\xff\xfe\xff", {}, "vocabulary"),
        (b"twice\ntwice\n", {}, "vocabulary"),
        (b"x" * 201, {}, "vocabulary"),
        (b"a", {"vocabulary": "nowhere.txt"}, "vocabulary"),
        (b"a", {"prompt": "a photo"}, "prompt"),
        (b"a", {"most": 0}, "most"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, content: bytes, table: dict[str, object], key: str) -> None:
    with pytest.raises(PackError, match=rf"pack\.toml: labels\.{key} "):
        labelling(tmp_path, content, **table)


def test_the_starter_brings_a_vocabulary() -> None:
    starter = read_packs(ROOT / "packs", ROOT / "models")["starter"].embedder
    assert starter is not None
    assert len(starter.labelling.words) > 500
    assert "red circle" in starter.labelling.words
