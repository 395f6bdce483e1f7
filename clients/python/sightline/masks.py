"""Masks in COCO's compressed run-length encoding as pictures.

The encoding is that of `rleFrString` in the COCO API (maskApi.c): runs of 0s and 1s in turn, column by
column, each number in groups of five bits, from the third on as the difference to the last but one.
"""

from collections.abc import Sequence

from PIL import Image

from sightline.v1 import region_pb2

__all__ = ["decode_runs", "mask_picture", "runs_picture"]


def decode_runs(counts: str) -> list[int]:
    """The lengths of the runs, of 0s first. Raises ValueError for letters that are none of the encoding."""
    runs: list[int] = []
    position = 0
    while position < len(counts):
        value, shift, more = 0, 0, True
        while more:
            if position == len(counts):
                raise ValueError("the encoding ends in the middle of a number")
            group = ord(counts[position]) - 48
            if not 0 <= group < 64:
                raise ValueError(f"{counts[position]!r} is no letter of the encoding")
            position += 1
            value |= (group & 0x1F) << shift
            shift += 5
            more = bool(group & 0x20)
            if not more and group & 0x10:
                value |= -1 << shift
        if len(runs) > 2:
            value += runs[-2]
        runs.append(value)
    return runs


def mask_picture(mask: region_pb2.Mask) -> Image.Image:
    """The mask as a grey picture of its size: 255 inside, 0 outside. Raises ValueError for a broken one."""
    height, width = mask.size
    return runs_picture(decode_runs(mask.counts), height, width)


def runs_picture(runs: Sequence[int], height: int, width: int) -> Image.Image:
    """As `mask_picture`, of decoded runs."""
    if any(run < 0 for run in runs) or sum(runs) != height * width:
        raise ValueError(f"the runs do not fill {width} × {height} pixels")
    columns = b"".join((b"\xff" if index % 2 else b"\x00") * run for index, run in enumerate(runs))
    return Image.frombytes("L", (height, width), columns).transpose(Image.Transpose.TRANSPOSE)
