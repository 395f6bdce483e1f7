"""The request's `parameters`: JSON read into one frozen object, every value in its range."""

import json
from dataclasses import dataclass, fields
from typing import Any

MODES = ("automatic", "quick", "prompt")


class InvalidArgument(ValueError):
    """The request is wrong; the message names the field and may be shown to the caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Defaults are those of `SAM2AutomaticMaskGenerator`; areas are pixels of the upright picture."""

    mode: str
    points_per_side: int = 32
    points_per_batch: int = 64
    pred_iou_thresh: float = 0.8
    stability_score_thresh: float = 0.95
    stability_score_offset: float = 1.0
    mask_threshold: float = 0.0
    box_nms_thresh: float = 0.7
    min_mask_region_area: float = 0
    multimask_output: bool = True
    max_masks: int = 1000
    combine: bool = False
    crop_n_layers: int = 0


RANGES: dict[str, tuple[float, float]] = {
    "points_per_side": (1, 64),
    "points_per_batch": (1, 256),
    "pred_iou_thresh": (0, 1),
    "stability_score_thresh": (0, 1),
    "stability_score_offset": (0, 10),
    "mask_threshold": (-10, 10),
    "box_nms_thresh": (0, 1),
    "min_mask_region_area": (0, 1e8),
    "max_masks": (1, 1000),
    "crop_n_layers": (0, 0),
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "quick": {"points_per_side": 8},
    "prompt": {
        "pred_iou_thresh": 0.0,
        "stability_score_thresh": 0.0,
        "multimask_output": False,
    },
}
AUTOMATIC_ONLY = {"points_per_side", "box_nms_thresh", "max_masks", "crop_n_layers"}
LONGEST = 10_000


def parse_parameters(text: bytes) -> Parameters:
    """Read `{"mode": …, …}`. InvalidArgument names what is unknown, of another type, or out of range."""
    if len(text) > LONGEST:
        raise InvalidArgument(f"parameters: longer than {LONGEST} bytes")
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidArgument("parameters: not JSON") from None
    if not isinstance(values, dict):
        raise InvalidArgument("parameters: not a JSON object")
    mode = values.get("mode")
    if mode not in MODES:
        raise InvalidArgument(f"parameters.mode: one of {', '.join(MODES)}")
    types = {field.name: field.type for field in fields(Parameters)}
    elsewhere = AUTOMATIC_ONLY if mode == "prompt" else {"combine"}
    for name, value in values.items():
        if name not in types or name in elsewhere:
            raise InvalidArgument(f"parameters: {name[:64]!r} means nothing in mode {mode}")
        if name != "mode":
            _check(name, value, types[name])
    defaults = DEFAULTS.get(mode, {})
    return Parameters(**{**defaults, **values})


def _check(name: str, value: object, kind: object) -> None:
    if kind is bool:
        if not isinstance(value, bool):
            raise InvalidArgument(f"parameters.{name}: true or false")
        return
    least, most = RANGES[name]
    number = isinstance(value, int if kind is int else (int, float)) and not isinstance(value, bool)
    if not number or not least <= value <= most:  # type: ignore[operator]
        whole = "a whole number" if kind is int else "a number"
        raise InvalidArgument(f"parameters.{name}: {whole} from {least:g} to {most:g}")
