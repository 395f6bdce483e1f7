"""English for scenes: names with articles, plurals, counts, and where things lie."""

from __future__ import annotations

import numpy as np

from model_repository.train.concepts import Concept
from model_repository.train.scenes import Thing, relation_of

_CONSONANT_SOUNDS = ("uni", "ewe", "euro", "one")
COUNTS = ("no", "one", "two", "three", "four", "five", "six")
_IRREGULAR = {
    "mouse": "mice", "foot": "feet", "tooth": "teeth", "leaf": "leaves", "knife": "knives",
    "wolf": "wolves", "person": "people", "man": "men", "woman": "women", "child": "children",
    "scarf": "scarves", "fish": "fish", "sheep": "sheep", "deer": "deer", "squid": "squid",
}  # fmt: skip

RELATIONS = {"left": "left of", "above": "above"}
GROUNDS = {
    "solid": "on a plain background",
    "graded": "on a graded background",
    "textured": "on a pattern",
    "cluttered": "among clutter",
}


def article(name: str) -> str:
    """``name`` with its indefinite article."""
    vowel = name.startswith("x-") or (name[0] in "aeiou" and not name.startswith(_CONSONANT_SOUNDS))
    return f"{'an' if vowel else 'a'} {name}"


def plural(name: str) -> str:
    """The plural of a name's head word: the last one, or that before "with", "of", "in" …."""
    words = name.split(" ")
    cut = next(
        (
            i
            for i, word in enumerate(words)
            if i and word in ("with", "of", "in", "on", "at", "and", "behind")
        ),
        len(words),
    )
    head = words[cut - 1]
    if head in _IRREGULAR:
        head = _IRREGULAR[head]
    elif head.endswith(("s", "x", "z", "ch", "sh")):
        head += "es"
    elif head.endswith("y") and head[-2:-1] not in "aeiou":
        head = head[:-1] + "ies"
    else:
        head += "s"
    return " ".join([*words[: cut - 1], head, *words[cut:]])


def counted(name: str, count: int) -> str:
    """Say how many: "a dog", "two dogs", …"""
    return (
        article(name) if count == 1 else f"{COUNTS[count] if count < len(COUNTS) else count} {plural(name)}"
    )


def listed(parts: list[str]) -> str:
    """Join: "a", "a and b", "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def relation_told(first: str, second: str, relation: str) -> str:
    """Say how two things lie: "a dog left of a cat"; ``relation`` is one of RELATIONS."""
    return f"{article(first)} {RELATIONS[relation]} {article(second)}"


def caption(
    concepts: tuple[Concept, ...], things: list[Thing], background: str, rng: np.random.Generator
) -> str:
    """What a person might say of the scene: its things with their counts, sometimes where they lie, and
    the ground."""
    names = [concepts[thing.concept].name for thing in things]
    different = list(dict.fromkeys(names))
    related = relation_of(things[0], things[1]) if len(names) == len(different) == 2 else None
    if related and rng.random() < 0.6:
        relation, swapped = related
        before, after = reversed(names) if swapped else names
        told = relation_told(before, after, relation)
    else:
        told = listed([counted(name, names.count(name)) for name in different])
    ground = GROUNDS[background]
    return f"{told} {ground}" if rng.random() < 0.5 else told
