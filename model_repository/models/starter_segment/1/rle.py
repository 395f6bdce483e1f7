"""COCO run-length encoding of masks in plain numpy, byte for byte what pycocotools writes.

A mask is read column by column; `counts` are lengths of runs, first of zeros, then of ones, in turn. The
compressed form writes each as a variable number of 5-bit groups, from the third on as the difference to the
one two before (`rleToString` in cocoapi's maskApi.c).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]


def encode(mask: Mask) -> bytes:
    """Compressed counts of a `(H, W)` bool mask."""
    return encode_crop(mask, (0, 0), mask.shape)


def encode_crop(crop: Mask, origin: tuple[int, int], size: tuple[int, ...]) -> bytes:
    """Compressed counts of a `(H, W)` mask that is `crop` with its corner at `origin` (row, column), else
    empty.
    """
    return compress(crop_counts(crop, origin, size))


def crop_counts(crop: Mask, origin: tuple[int, int], size: tuple[int, ...]) -> Counts:
    """Run lengths `(R,)` of a `(H, W)` mask that is `crop` with its corner at `origin` (row, column), else
    empty.
    """
    height, width = int(size[0]), int(size[1])
    (row, column), (rows, columns) = origin, crop.shape
    if row < 0 or column < 0 or row + rows > height or column + columns > width:
        raise ValueError(f"a crop of {crop.shape} at {origin} does not fit into {(height, width)}")
    # A zero after every column keeps runs of neighbouring columns apart, so that they can be moved to their
    # places.
    padded = np.zeros(columns * (rows + 1) + 1, np.int8)
    padded[1:].reshape(columns, rows + 1)[:, :rows] = crop.T
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    places = (column + edges // (rows + 1)) * height + row + edges % (rows + 1)
    starts, ends = places[0::2], places[1::2]
    apart = starts[1:] != ends[:-1]  # runs that meet across two columns are one
    starts = np.concatenate([starts[:1], starts[1:][apart]])
    ends = np.concatenate([ends[:-1][apart], ends[-1:]])
    bounds = np.stack([starts, ends], axis=1).ravel()
    last = int(bounds[-1]) if bounds.size else 0
    counts = np.diff(bounds, prepend=0)
    if last < height * width or not bounds.size:
        counts = np.append(counts, height * width - last)
    return np.asarray(counts, np.int64)


def compress(counts: npt.NDArray[np.integer[Any]]) -> bytes:
    """Run lengths `(R,)` as COCO's ASCII string."""
    values = np.asarray(counts, np.int64).copy()
    values[3:] -= np.asarray(counts, np.int64)[1:-2]
    characters = np.zeros((values.size, 8), np.uint8)  # 5 bits each: 40 bits hold a run of 10^12
    used = np.zeros((values.size, 8), np.bool_)
    unfinished = np.ones(values.size, np.bool_)
    for group in range(8):
        used[:, group] = unfinished
        bits = values & 31
        values >>= 5
        more = np.where(bits & 16, values != -1, values != 0)
        characters[:, group] = (bits | (more << 5)) + 48
        unfinished &= more
        if not unfinished.any():
            break
    return characters[used].tobytes()


def decompress(data: bytes) -> Counts:
    """Run lengths `(R,)` of COCO's ASCII string. ValueError if it is none."""
    characters = np.frombuffer(data, np.uint8).astype(np.int64) - 48
    if characters.size and (characters.min() < 0 or characters.max() > 63 or characters[-1] & 32):
        raise ValueError("not a compressed COCO RLE")
    ends = np.flatnonzero(~characters & 32)
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)[: ends.size]
    lengths = ends - starts + 1
    if ends.size and lengths.max() > 8:
        raise ValueError("not a compressed COCO RLE")
    shifts = 5 * (np.arange(characters.size) - np.repeat(starts, lengths))
    values = np.add.reduceat((characters & 31) << shifts, starts) if ends.size else np.zeros(0, np.int64)
    negative = (characters[ends] & 16) != 0
    values = np.where(negative, values - (np.int64(1) << (5 * lengths)), values).astype(np.int64)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return np.asarray(values, np.int64)


def decode(data: bytes, size: tuple[int, int]) -> Mask:
    """The `(H, W)` bool mask of counts. ValueError if the runs do not fill `size` (height, width)."""
    counts = decompress(data)
    height, width = size
    if (counts < 0).any() or int(counts.sum()) != height * width:
        raise ValueError(f"the runs do not fill {size}")
    return np.repeat(np.arange(counts.size) % 2 == 1, counts).reshape(width, height).T
