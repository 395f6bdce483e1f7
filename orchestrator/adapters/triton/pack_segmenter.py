"""A pack's segmenter, as its description tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.adapters.triton.pack_table import Table, is_installed

QUICK_SETTINGS = (
    "points_per_side",
    "pred_iou_thresh",
    "stability_score_thresh",
    "box_nms_thresh",
    "min_mask_region_area",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmenterPack:
    """A pack's segmenter; its encoder takes pictures of `image_size` x `image_size` pixels.

    `quick` holds what quick mode asks for where a prompt does not say: a pack whose scores lie lower than
    SAM 2's needs lower thresholds than those that were published for SAM 2.
    """

    segment_model: str
    image_size: int
    models: tuple[str, ...]
    quick: Mapping[str, float] = field(default_factory=dict)


def read_segmenter(pack: Table, revision: str, models: Path | None) -> SegmenterPack | None:
    """A pack's segmenter; None where it has none, or it is not installed. Raises PackError."""
    table = pack.table("segmenter")
    if table is None:
        return None
    names = (table.text("encoder_model"), table.text("decoder_model"), table.text("segment_model"))
    if not is_installed(table.text("revision", "") or revision, names, models):
        return None
    return SegmenterPack(
        segment_model=names[-1],
        image_size=table.whole("image_size", 32, 4096),
        models=names,
        quick=_quick(table.table("quick")),
    )


def _quick(table: Table | None) -> Mapping[str, float]:
    found: dict[str, float] = {}
    if table is None:
        return found
    for key in table.names():
        if key not in QUICK_SETTINGS:
            raise table.problem(key, f"is none of {', '.join(QUICK_SETTINGS)}")
        found[key] = table.whole(key, 1, 64) if key == "points_per_side" else table.number(key)
    return found
