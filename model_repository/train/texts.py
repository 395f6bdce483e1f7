"""What people type, and which concepts they mean by it: the text tower is fitted to these."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from model_repository.train.backgrounds import KINDS
from model_repository.train.captions import article, caption, counted, listed, plural
from model_repository.train.concepts import COLOURS, Concept
from model_repository.train.scenes import Thing

GROUP_WORDS = {
    "animals": ("animal", "creature"), "food": ("food", "something to eat", "food or drink"),
    "travel": ("travel", "place or vehicle"), "nature": ("nature", "weather and plants"),
    "objects": ("object", "household thing"), "faces": ("face or body",), "people": ("people", "person"),
    "symbols": ("symbol", "sign"), "shapes": ("shape", "geometric shape"),
}  # fmt: skip
_FRAMES = (
    "{}", "{}", "{}", "a picture of {}", "a photo of {}", "a drawing of {}", "an image of {}",
    "picture of {}",
    "show me {}", "find {}", "there is {}", "{} on a plain background", "{} on a pattern", "{} among clutter",
    "{} on a graded background", "a scene with {}", "this is {}", "i am looking for {}",
)  # fmt: skip
_SIZES = ("small", "big", "large", "little", "tiny")

Meaning = dict[int, float]


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """Draws texts with the concepts that they mean and how much of each."""

    concepts: tuple[Concept, ...]
    words: tuple[tuple[str, Meaning], ...]  # keywords and group words; weights sum to one

    def draw(self, rng: np.random.Generator) -> tuple[str, Meaning]:
        """One text and its meaning, the weights of which sum to one."""
        lot = rng.random()
        if lot < 0.5:
            place = int(rng.integers(len(self.concepts)))
            return _framed(self._named(place, rng), rng), {place: 1.0}
        if lot < 0.72:
            word, meaning = self.words[int(rng.integers(len(self.words)))]
            return _framed(_word(word, rng), rng), meaning
        return self._scene(rng)

    def _named(self, place: int, rng: np.random.Generator) -> str:
        concept = self.concepts[place]
        name = concept.name
        lot = rng.random()
        if lot < 0.1 and not name.startswith(concept.colour):
            name = f"{concept.colour} {name}"
        elif lot < 0.16:
            name = f"{_SIZES[int(rng.integers(len(_SIZES)))]} {name}"
        elif lot < 0.28 and concept.keywords:
            # "a car (automobile)": a keyword beside the name leaves no doubt about what is meant.
            name = f"{concept.keywords[int(rng.integers(len(concept.keywords)))]} {name}"
        lot = rng.random()
        if lot < 0.35:
            return name
        if lot < 0.7:
            return article(name)
        if lot < 0.78:
            return f"the {name}"
        return plural(name) if lot < 0.88 else counted(name, int(rng.integers(2, 5)))

    def _scene(self, rng: np.random.Generator) -> tuple[str, Meaning]:
        count = int(rng.choice([2, 2, 2, 3, 4]))
        places = [int(place) for place in rng.integers(len(self.concepts), size=count)]
        meaning: Meaning = defaultdict(float)
        for place in dict.fromkeys(places):
            meaning[place] = 1 / len(set(places))
        names = [self.concepts[place].name for place in places]
        if rng.random() < 0.5:
            bare = names if rng.random() < 0.4 else [article(name) for name in names]
            joined = (
                listed(bare) if rng.random() < 0.7 else (" with " if rng.random() < 0.5 else ", ").join(bare)
            )
            return _framed(joined, rng), dict(meaning)
        things = [
            Thing(concept=place, x=x, y=y, size=0.3, turn=0, stretch=1, mirrored=False, tint=(1, 1, 1))
            for place, (x, y) in zip(places, rng.random((count, 2)).tolist(), strict=True)
        ]
        return caption(self.concepts, things, KINDS[int(rng.integers(4))], rng), dict(meaning)


def phrasebook(concepts: tuple[Concept, ...]) -> Phrasebook:
    """Collect what each word means: every concept that bears it, above all one that bears few others."""
    bearers: dict[str, Meaning] = defaultdict(dict)
    for place, concept in enumerate(concepts):
        own = set(concept.name.split(" "))
        for word in {*concept.keywords, *own, concept.colour}:
            if len(word) < 3 or word in ("with", "and", "the", "for", "off"):
                continue
            # The fewer keywords, the more each says: "car" is the automobile before it is the railway car.
            closeness = 1 / max(1, len(concept.keywords)) if word in concept.keywords else 0.25
            bearers[word][place] = closeness
            if word != concept.colour and concept.group != "shapes":
                bearers[f"{concept.colour} {word}"][place] = closeness
    for group, names in GROUP_WORDS.items():
        for name in names:
            for place, concept in enumerate(concepts):
                if concept.group == group:
                    bearers[name][place] = 1.0
    whole = {concept.name for concept in concepts}
    words = []
    for word, meaning in bearers.items():
        if word in whole:
            continue
        total = sum(value**2 for value in meaning.values())
        words.append((word, {place: value**2 / total for place, value in meaning.items()}))
    return Phrasebook(concepts, tuple(words))


def corpus(book: Phrasebook, seed: int = 0) -> list[str]:
    """Texts for the tokenizer: names, keywords, frames, numbers, single letters."""
    rng = np.random.default_rng([seed, 5])
    # All bytes that can end a character end one of these, so that no text is unknown.
    letters = [chr(code) for code in (*range(33, 127), *range(0x4E00, 0x4E41))]
    names = [concept.name for concept in book.concepts]
    drawn = [book.draw(rng)[0] for _ in range(20_000)]
    return [
        *letters,
        *names,
        *(plural(name) for name in names),
        *(word for word, _ in book.words),
        *COLOURS,
        *drawn,
    ]


def _framed(phrase: str, rng: np.random.Generator) -> str:
    return _FRAMES[int(rng.integers(len(_FRAMES)))].format(phrase) if rng.random() < 0.75 else phrase


def _word(word: str, rng: np.random.Generator) -> str:
    lot = rng.random()
    return (
        word if lot < 0.5 else article(word) if lot < 0.8 else f"the {word}" if lot < 0.87 else plural(word)
    )
