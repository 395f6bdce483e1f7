"""CLIP checkpoint to `<pack>_image`, `<pack>_text_tower` and `<pack>_text`.

python -m model_repository.export.clip --checkpoint DIR_OR_HUB_ID --pack clip-vit-b32
"""

from __future__ import annotations

import sys

from model_repository.export.clip_checkpoint import load_checkpoint
from model_repository.export.command import run
from model_repository.export.contrastive import export_pack


def main(arguments: list[str] | None = None) -> int:
    """The command line; 1 with one line on stderr where nothing could be installed."""
    return run(
        load_checkpoint,
        export_pack,
        program="model_repository.export.clip",
        description=__doc__,
        layouts="transformers' or OpenCLIP's",
        arguments=arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
