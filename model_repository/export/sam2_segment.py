"""Stages `<pack>_segment`: the sources of `model_repository/segment` and its configuration."""

from __future__ import annotations

import shutil
from pathlib import Path
from string import Template

import model_repository.segment
from model_repository.export.install import Staging

CACHE_BYTES = 256 << 20
SOURCES = Path(model_repository.segment.__file__).parent


def stage_segment(staged: Staging, names: tuple[str, str], square: int, cache_bytes: int) -> str:
    """Write the model beside its encoder and decoder, `names`; its own name."""
    name = f"{staged.pack}_segment"
    write_segment(staged.tree / name, name, names, square, cache_bytes)
    return name


def write_segment(
    target: Path, name: str, names: tuple[str, str], square: int, cache_bytes: int = CACHE_BYTES
) -> None:
    """Write `target`/config.pbtxt and `target`/1/*.py for the pack's encoder and decoder, `names`."""
    version = target / "1"
    version.mkdir(parents=True)
    for source in sorted(SOURCES.glob("*.py")):
        shutil.copyfile(source, version / source.name)
    template = Template((SOURCES / "config.pbtxt.template").read_text())
    text = template.substitute(
        segment_model=name,
        encoder_model=names[0],
        decoder_model=names[1],
        image_size=square,
        cache_bytes=cache_bytes,
    )
    (target / "config.pbtxt").write_text(text)
