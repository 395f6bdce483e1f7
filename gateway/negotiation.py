"""Reads the quality values of Accept and Accept-Encoding: RFC 9110, section 12.4.2."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

_WEIGHT = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\Z")


# Longer headers are nobody's habit, and not worth remembering.
_KEPT = 512
_MOST_ITEMS = 50


def qualities(header: str) -> Mapping[str, float]:
    """What a header names, in lower case and without parameters, with the weight that it gives: 0 to 1.

    A name that comes twice has its highest weight; a weight that is none counts as 0. Only the first 50 items
    are read.
    """
    return _kept(header) if len(header) <= _KEPT else _read(header)


@functools.lru_cache(maxsize=256)
def _kept(header: str) -> Mapping[str, float]:
    return _read(header)


def _read(header: str) -> Mapping[str, float]:
    out: dict[str, float] = {}
    for item in header.lower().split(",", _MOST_ITEMS)[:_MOST_ITEMS]:
        name, *parameters = (part.strip() for part in item.split(";"))
        if not name:
            continue
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                found = _WEIGHT.match(parameter)
                weight = float(found[1]) if found else 0.0
        out[name] = max(weight, out.get(name, 0.0))
    return out
