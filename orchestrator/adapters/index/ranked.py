"""Pages of a ranking whose equals stand by name, out of engines that order equals as they like."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from orchestrator.application.ports import Neighbour, WordMatch
from orchestrator.domain.errors import InvalidArgument

_BEYOND = 4
"""Records beyond the page, so that equal cosines at its end are seen, and sorted by name, on both pages."""

_SAME_COSINE = 6
"""Decimals to which cosines are compared: below that, engines differ with the order of summation."""

_SAME_SCORE = 4
"""Decimals to which scores of words are compared."""

_NO_SCORE = 1e-6


async def ranked_page(
    nearest: Callable[[int], Awaitable[Sequence[tuple[str, float]]]], *, offset: int, limit: int, deepest: int
) -> list[Neighbour]:
    """The records from `offset` on. `nearest` answers the best N, names with cosines; N is at most `deepest`.

    Raises InvalidArgument for what lies deeper.
    """
    end = offset + limit
    if end > deepest:
        raise InvalidArgument.field("page_size", f"results end at {deepest}; this page ends at {end}")
    asked = min(end + _BEYOND, deepest)
    while True:
        found = await nearest(asked)
        cosines = [round(cosine, _SAME_COSINE) for _, cosine in found]
        seen_all = len(found) < asked or asked >= deepest
        if seen_all or end == 0 or cosines[end - 1] > cosines[-1]:
            break
        asked = min(asked * 4, deepest)
    ranked = sorted(zip(cosines, found, strict=True), key=lambda each: (-each[0], each[1][0]))
    return [
        Neighbour(name=name, cosine=max(-1.0, min(1.0, cosine))) for _, (name, cosine) in ranked[offset:end]
    ]


def by_score(found: Iterable[tuple[str, float]]) -> list[WordMatch]:
    """Records that have a term, names with scores, the best first; of equal scores, by name."""
    matches = [WordMatch(name=name, score=score) for name, score in found if score > _NO_SCORE]
    return sorted(matches, key=lambda match: (-round(match.score, _SAME_SCORE), match.name))
