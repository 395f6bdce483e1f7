"""Connected components of a mask in plain numpy, and what is removed with them."""

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Index = npt.NDArray[np.intp]


def label_components(
    mask: Mask, row_weights: Index | None = None, column_weights: Index | None = None
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """8-connected components of a `(H, W)` mask: labels `(H, W)`, 0 none, and areas, `areas[label - 1]`.

    A row or a column of weight n counts as n equal ones. Runs of every row are joined with the runs above
    that they touch, then each takes the least number it can reach: whole-array steps, no loop over pixels.
    """
    height, width = mask.shape
    padded = np.zeros((height, width + 2), np.int8)
    padded[:, 1:-1] = mask
    edges = np.diff(padded, axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]  # exclusive
    root = _join(rows.size, *_touching(rows, starts, ends, width))
    kept, number = np.unique(root, return_inverse=True)
    across = np.concatenate(
        [
            [0],
            np.cumsum(np.ones(width, np.intp) if column_weights is None else column_weights),
        ]
    )
    pixels = (across[ends] - across[starts]) * (1 if row_weights is None else row_weights[rows])
    areas = np.zeros(kept.size, np.int64)
    np.add.at(areas, number, pixels)
    labels = np.zeros((height, width), np.int32)
    labels[mask] = np.repeat(number.astype(np.int32) + 1, ends - starts)
    return labels, areas


def remove_small_regions(
    mask: Mask,
    least_area: float,
    *,
    holes: bool,
    weights: tuple[Index, Index] | None = None,
) -> tuple[Mask, bool]:
    """Fill holes, or drop islands, of fewer than `least_area` pixels; and whether there was one.

    As `sam2.utils.amg.remove_small_regions`: where every island is small the largest stays. `weights` are
    those of the rows and columns.
    """
    labels, areas = label_components(~mask if holes else mask, *(weights or (None, None)))
    small = areas < least_area
    if not small.any():
        return mask, False
    if holes:
        return mask | np.concatenate([[False], small])[labels], True
    if small.all():
        small[int(np.argmax(areas))] = False
    return np.asarray(np.concatenate([[False], ~small])[labels], np.bool_), True


def clean_crop(
    crop: Mask, origin: tuple[int, int], size: tuple[int, int], least_area: float
) -> tuple[Mask, tuple[int, int], bool]:
    """Holes filled, then islands dropped, in a `(H, W)` = `size` mask that is `crop` at `origin`, else empty.

    The crop and origin of the result, and whether anything was small. What lies beyond the crop joins as one
    row or column a side, weighted by how many it stands for: exact, and never a picture-sized array unless
    that is filled.
    """
    before = [n for n in origin]
    after = [n - start - extent for n, start, extent in zip(size, origin, crop.shape, strict=True)]
    weights = [
        np.concatenate([[b] * (b > 0), np.ones(extent), [a] * (a > 0)]).astype(np.intp)
        for b, extent, a in zip(before, crop.shape, after, strict=True)
    ]
    rim = [(int(b > 0), int(a > 0)) for b, a in zip(before, after, strict=True)]
    filled, holes = remove_small_regions(
        np.pad(crop, rim), least_area, holes=True, weights=(weights[0], weights[1])
    )
    cleaned, islands = remove_small_regions(filled, least_area, holes=False, weights=(weights[0], weights[1]))
    if not holes and not islands:
        return crop, origin, False
    (top, bottom), (left, right) = rim
    inner = cleaned[top : cleaned.shape[0] - bottom, left : cleaned.shape[1] - right]
    if np.count_nonzero(inner) == np.count_nonzero(cleaned):
        return inner, origin, True
    return (
        np.repeat(np.repeat(cleaned, weights[0], axis=0), weights[1], axis=1),
        (0, 0),
        True,
    )


def _touching(rows: Index, starts: Index, ends: Index, width: int) -> tuple[Index, Index]:
    """Pairs of runs, one in the row above the other, that share a side or a corner."""
    # Runs are ordered by row and column, so those above that a run can touch lie side by side.
    stride = width + 2
    low = np.searchsorted(rows * stride + ends, (rows - 1) * stride + starts, side="left")
    high = np.searchsorted(rows * stride + starts, (rows - 1) * stride + ends, side="right")
    counts = np.maximum(high - low, 0)
    second = np.repeat(np.arange(rows.size), counts)
    within = np.arange(second.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return low[second] + within, second


def _join(count: int, first: Index, second: Index) -> Index:
    """The least member of each run's component."""
    root = np.arange(count)
    while first.size:
        least = np.minimum(root[first], root[second])
        np.minimum.at(root, root[first], least)
        np.minimum.at(root, root[second], least)
        while not np.array_equal(jumped := root[root], root):
            root = jumped
        apart = root[first] != root[second]
        first, second = first[apart], second[apart]
    return root
