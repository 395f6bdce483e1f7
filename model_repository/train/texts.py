"""What people type, and which concepts they mean by it: the text tower is fitted to these."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from model_repository.train.backgrounds import KINDS
from model_repository.train.captions import GROUNDS, article, counted, listed, plural, relation_told
from model_repository.train.concepts import COLOURS, Concept
from model_repository.train.meaning import (
    GROUND_WEIGHT,
    OPERATORS,
    PLAIN,
    Meaning,
    alternatives,
    ground,
    of_pair,
    of_things,
)

GROUP_WORDS = {
    "animals": ("animal", "creature"), "food": ("food", "something to eat", "food or drink"),
    "travel": ("travel", "place or vehicle"), "nature": ("nature", "weather and plants"),
    "objects": ("object", "household thing"), "faces": ("face or body",), "people": ("people", "person"),
    "symbols": ("symbol", "sign"), "shapes": ("shape", "geometric shape"),
}  # fmt: skip
_FRAMES = (
    "{}", "{}", "{}", "a picture of {}", "a photo of {}", "a drawing of {}", "an image of {}",
    "picture of {}",
    "show me {}", "find {}", "there is {}", "a scene with {}", "this is {}", "i am looking for {}",
)  # fmt: skip
_SIZES = ("small", "big", "large", "little", "tiny")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text, what it means, and what else it might be taken for (what it means first), if anything."""

    text: str
    meaning: Meaning
    contrasts: tuple[Meaning, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """Draws texts with what they mean."""

    concepts: tuple[Concept, ...]
    words: tuple[tuple[str, Meaning], ...]  # keywords and group words; weights sum to one
    bearers: dict[str, frozenset[int]]  # of each keyword

    def draw(self, rng: np.random.Generator) -> Phrase:
        """One text: a name, how many of a thing, a keyword, a description without the name, or a scene."""
        lot = rng.random()
        place = int(rng.integers(len(self.concepts)))
        if lot < 0.26:
            return Phrase(framed(self._named(place, rng), rng), {(PLAIN, place): 1.0})
        if lot < 0.36:
            return self._counted(place, rng)
        if lot < 0.48:
            word, meaning = self.words[int(rng.integers(len(self.words)))]
            return Phrase(framed(_word(word, rng), rng), meaning)
        if lot < 0.60:
            return self.described(place, rng)
        return self._scene(rng)

    def _named(self, place: int, rng: np.random.Generator) -> str:
        concept = self.concepts[place]
        name = concept.name
        if concept.also and rng.random() < 0.5:
            name = concept.also[int(rng.integers(len(concept.also)))]
        lot = rng.random()
        if lot < 0.1 and not name.startswith(concept.colour):
            name = f"{concept.colour} {name}"
        elif lot < 0.16:
            name = f"{_SIZES[int(rng.integers(len(_SIZES)))]} {name}"
        elif lot < 0.28 and concept.keywords:
            # "a car (automobile)": a keyword beside the name leaves no doubt about what is meant.
            name = f"{concept.keywords[int(rng.integers(len(concept.keywords)))]} {name}"
        lot = rng.random()
        if lot < 0.4:
            return name
        if lot < 0.8:
            return article(name)
        return f"the {name}" if lot < 0.9 else plural(name)

    def _counted(self, place: int, rng: np.random.Generator) -> Phrase:
        count = int(rng.choice([1, 2, 2, 3, 3, 4]))
        meaning = of_things([place] * count)
        text = framed(counted(self.concepts[place].name, count), rng)
        return Phrase(text, meaning, tuple(alternatives(meaning, "count", len(self.concepts))))

    def described(self, place: int, rng: np.random.Generator) -> Phrase:
        """Keywords, colour and kind, without the name; it means all that bear the keywords."""
        concept = self.concepts[place]
        if not concept.keywords:
            return Phrase(framed(article(concept.name), rng), {(PLAIN, place): 1.0})
        most = len(concept.keywords)
        count = most if rng.random() < 0.5 else int(rng.integers(1, most + 1))
        chosen = [concept.keywords[i] for i in rng.permutation(most)[:count]]
        bearing = set.intersection(*(set(self.bearers[word]) for word in chosen))
        if rng.random() < 0.25:
            chosen.insert(0, concept.colour)
            bearing = {other for other in bearing if self.concepts[other].colour == concept.colour}
        if rng.random() < 0.15 and concept.group in GROUP_WORDS:
            kinds = GROUP_WORDS[concept.group]
            chosen.append(kinds[int(rng.integers(len(kinds)))])
            bearing = {other for other in bearing if self.concepts[other].group == concept.group}
        joined = (" ", ", ", ", ", " and ")[int(rng.integers(4))].join(chosen)
        # Above all a concept that has few other keywords: they describe it best.
        weights = {other: 1 / max(1, len(self.concepts[other].keywords)) for other in bearing}
        weights[place] = max(weights.values())
        total = sum(weights.values())
        text = framed(joined if rng.random() < 0.7 else article(joined), rng)
        return Phrase(text, {(PLAIN, other): value / total for other, value in weights.items()})

    def _scene(self, rng: np.random.Generator) -> Phrase:
        total = len(self.concepts)
        places = [int(place) for place in rng.integers(total, size=int(rng.choice([1, 2, 2, 2, 3, 4])))]
        if len(places) > 1 and rng.random() < 0.15:
            places[1] = places[0]
        names = [self.concepts[place].name for place in places]
        meaning = of_things(places)
        contrasts: tuple[Meaning, ...] = ()
        if len(set(places)) == len(places) == 2 and rng.random() < 0.5:
            relation = ("left", "above")[int(rng.integers(2))]
            meaning = of_pair(places[0], places[1], OPERATORS.index(relation))
            contrasts = tuple(alternatives(meaning, "relation", total))
            told = relation_told(names[0], names[1], relation)
        elif rng.random() < 0.25 and len(set(places)) == len(places):
            bare = names if rng.random() < 0.6 else [article(name) for name in names]
            told = (" with ", ", ", " ")[int(rng.integers(3))].join(bare)
        else:
            told = listed([counted(name, names.count(name)) for name in dict.fromkeys(names)])
        if rng.random() < 0.4:
            kind = KINDS[int(rng.integers(len(KINDS)))]
            told = f"{told} {GROUNDS[kind]}"
            behind = {ground(total, kind): GROUND_WEIGHT}
            meaning = meaning | behind
            contrasts = tuple(other | behind for other in contrasts) or tuple(
                alternatives(meaning, "ground", total)
            )
        return Phrase(framed(told, rng), meaning, contrasts)


def phrasebook(concepts: tuple[Concept, ...]) -> Phrasebook:
    """Collect what each word means: every concept that bears it, above all one that bears few others."""
    closeness: dict[str, dict[int, float]] = defaultdict(dict)
    keywords: dict[str, set[int]] = defaultdict(set)
    for place, concept in enumerate(concepts):
        own = set(concept.name.split(" "))
        for keyword in concept.keywords:
            keywords[keyword].add(place)
        for word in {*concept.keywords, *own, concept.colour}:
            if len(word) < 3 or word in ("with", "and", "the", "for", "off"):
                continue
            # The fewer keywords, the more each says: "car" is the automobile before it is the railway car.
            near = 1 / max(1, len(concept.keywords)) if word in concept.keywords else 0.25
            closeness[word][place] = near
            if word != concept.colour and concept.group != "shapes":
                closeness[f"{concept.colour} {word}"][place] = near
    for group, names in GROUP_WORDS.items():
        for name in names:
            for place, concept in enumerate(concepts):
                if concept.group == group:
                    closeness[name][place] = 1.0
    whole = {name for concept in concepts for name in (concept.name, *concept.also)}
    words = []
    for word, bearing in closeness.items():
        if word in whole:
            continue
        total = sum(value**2 for value in bearing.values())
        words.append((word, {(PLAIN, place): value**2 / total for place, value in bearing.items()}))
    return Phrasebook(concepts, tuple(words), {word: frozenset(places) for word, places in keywords.items()})


def corpus(book: Phrasebook, seed: int = 0) -> list[str]:
    """Texts for the tokenizer: names, keywords, frames, numbers, single letters."""
    rng = np.random.default_rng([seed, 5])
    # All bytes that can end a character end one of these, so that no text is unknown.
    letters = [chr(code) for code in (*range(33, 127), *range(0x4E00, 0x4E41))]
    names = [concept.name for concept in book.concepts]
    drawn = [book.draw(rng).text for _ in range(20_000)]
    return [
        *letters,
        *names,
        *(plural(name) for name in names),
        *(word for word, _ in book.words),
        *COLOURS,
        *drawn,
    ]


def framed(phrase: str, rng: np.random.Generator) -> str:
    """A phrase as people ask for it: "show me a dog", or the phrase alone."""
    return _FRAMES[int(rng.integers(len(_FRAMES)))].format(phrase) if rng.random() < 0.75 else phrase


def _word(word: str, rng: np.random.Generator) -> str:
    lot = rng.random()
    return (
        word if lot < 0.5 else article(word) if lot < 0.8 else f"the {word}" if lot < 0.87 else plural(word)
    )
