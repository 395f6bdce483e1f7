"""When two images are the same or nearly so."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from orchestrator.domain.image import Image

HASH_BITS = 6
"""Bits of 64 in which the perceptual hashes of one picture, resized or compressed anew, differ at most."""

_EXACT = 1e-6  # cosines of equal vectors differ from 1 with the order of summation


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Images are alike by a cosine of `least`, or of `least_hashed` where their perceptual hashes agree."""

    least: float = 0.95
    least_hashed: float = 0.85

    def between(self, one: Image, other: Image, cosine: float) -> float | None:
        """How similar they are, 0 to 1: 1 for equal files, else the cosine. None: they are not alike."""
        if one.facts.sha256 == other.facts.sha256:
            return 1.0
        bits = int(one.facts.perceptual_hash, 16) ^ int(other.facts.perceptual_hash, 16)
        least = self.least_hashed if bits.bit_count() <= HASH_BITS else self.least
        return min(max(cosine, 0.0), 1.0) if cosine >= least - _EXACT else None


def weakest_link(links: Iterable[tuple[float, Hashable, Hashable]]) -> float:
    """The least similarity among the links that hold a group together: of its maximum spanning tree (Kruskal,
    1956), by union-find. 1 for no links."""
    parents: dict[Hashable, Hashable] = {}

    def root(node: Hashable) -> Hashable:
        while (above := parents.setdefault(node, node)) != node:
            parents[node] = parents[above]
            node = above
        return node

    weakest = 1.0
    for similarity, one, other in sorted(links, key=lambda link: -link[0]):
        first, second = root(one), root(other)
        if first != second:
            parents[first] = second
            weakest = similarity
    return weakest
