"""Words as sparse vectors: which terms a record has, and how much each of them says about it.

The weights are BM25's without the rarity of a term, which an index knows: a score is, summed over the terms
of a query, the weight that a record has for the term times the term's rarity in the index. No language is
assumed: a term is a word as filters read it, neither stemmed nor left out for being common.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TypeAlias

from orchestrator.domain.filter import Attributes, words

Terms: TypeAlias = Mapping[int, float]
"""Weights by term: a hash of the word, 32 bits."""

FIELDS = ("caption", "content", "labels", "display_name", "folder")
"""The attributes whose words count."""

MAX_TERMS = 1000
"""Terms that a record is found by; of a longer one, those that say most."""

MAX_QUERY_TERMS = 64
"""Different words of a query that count: its first ones."""

_SATURATION, _LENGTH_SHARE, _USUAL_LENGTH = 1.2, 0.75, 24
"""BM25's k1 and b, and the length, in words, at which it neither favours nor punishes."""


def document_terms(attributes: Attributes) -> Terms:
    """The terms of a record, from its caption or content, its labels, display name and folder."""
    counted = Counter(word for text in _texts(attributes) for word in words(text))
    length = sum(counted.values())
    damped = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * length / _USUAL_LENGTH)
    weights = {
        term(word): count * (_SATURATION + 1) / (count + damped)
        for word, count in counted.most_common(MAX_TERMS)
    }
    return dict(sorted(weights.items()))


def query_terms(text: str) -> Terms:
    """The terms of a query; each counts once."""
    distinct = list(dict.fromkeys(words(text)))[:MAX_QUERY_TERMS]
    return dict.fromkeys(sorted(map(term, distinct)), 1.0)


@lru_cache(maxsize=65_536)
def term(word: str) -> int:
    """A word's term. Two words share one once in four thousand million pairs."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "little")


def rarity(records: int, having: int) -> float:
    """The inverse document frequency of a term that so many of the records have."""
    return math.log(1 + (records - having + 0.5) / (having + 0.5))


def _texts(attributes: Attributes) -> Iterator[str]:
    for name in FIELDS:
        value = attributes.get(name)
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | tuple):
            # A folder comes with its ancestors, whose words it repeats.
            yield from (str(item) for item in (value[-1:] if name == "folder" else value))
