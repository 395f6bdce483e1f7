"""What the starter is examined on: data sets of drawings with known answers, from a seed of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from model_repository.train import rle
from model_repository.train.backgrounds import KINDS
from model_repository.train.captions import GROUNDS, article, counted, listed, relation_told
from model_repository.train.concepts import COLOURS, Concept, Stock
from model_repository.train.scenes import Drawing, Painter, Scene, compose, relation_of, seen

SEED = 30_000_000  # training takes the seed of its command line, by default 0
SIZES = ((256, 256), (320, 240), (240, 320), (288, 216))
GROUPS = 150  # of each contrast
SCENES = 500  # that are looked for by two of their things
REGION_SIZE = (448, 336)

Row = dict[str, Any]
Made = Iterator[tuple[Drawing, Row]]


def paraphrase(concept: Concept) -> str | None:
    """What a concept is called without its name: its keywords; None where they say the name itself."""
    words = [word for word in concept.keywords if concept.name not in word]
    told = {part for word in words for part in word.split()}
    return ", ".join(words) if words and not set(concept.name.split()) <= told else None


class Examiner:
    """Draws data sets of one seed."""

    def __init__(self, stock: Stock, seed: int) -> None:
        self.stock, self.seed = stock, seed
        self.painter = Painter(stock)

    def sets(self) -> dict[str, Made]:
        """Every data set: its name → drawings with what is said of them."""
        return {
            "names": self.names(),
            "alike": self.alike(),
            "absent": self.absent(),
            "pairs": self.pairs(),
            "colours": self.colours(),
            "counts": self.counts(),
            "relations": self.relations(),
            "grounds": self.grounds(),
            "regions": self.regions(),
        }

    def _rng(self, *numbers: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, *numbers])

    def _draw(self, scene: Scene, rng: np.random.Generator) -> Drawing:
        return self.painter.draw(scene, *SIZES[int(rng.integers(len(SIZES)))])

    def _alone(self, place: int, *numbers: int) -> Drawing:
        rng = self._rng(*numbers, place)
        return self._draw(compose(self.stock, rng, 1, concepts=(place,), sizes=(0.45, 0.95)), rng)

    def names(self) -> Made:
        """Each concept alone, looked for by its name (a caption) and by its keywords (a query)."""
        for place, concept in enumerate(self.stock.concepts):
            said = paraphrase(concept)
            yield (
                self._alone(place, 1),
                {"captions": [article(concept.name)], "queries": [said] if said else []},
            )

    def alike(self) -> Made:
        """Each concept drawn twice, one to be found by the other."""
        for turn in (2, 3):
            for place, concept in enumerate(self.stock.concepts):
                yield self._alone(place, turn), {"same": concept.name}

    def absent(self) -> Made:
        """Every second concept, and the names of the others."""
        for place, concept in enumerate(self.stock.concepts):
            if place % 2 == 0:
                yield self._alone(place, 4), {"captions": [article(concept.name)]}

    def absent_texts(self) -> list[str]:
        """The names that the pictures of ``absent`` do not show."""
        return [article(concept.name) for place, concept in enumerate(self.stock.concepts) if place % 2 == 1]

    def pairs(self) -> Made:
        """Scenes of two to four different things, looked for by two of them."""
        for number in range(SCENES):
            rng = self._rng(5, number)
            places = [int(place) for place in rng.choice(len(self.stock), int(rng.integers(2, 5)), False)]
            drawing = self._draw(compose(self.stock, rng, len(places), concepts=tuple(places)), rng)
            first, second = (self.stock.concepts[place].name for place in places[:2])
            yield drawing, {"captions": [listed([article(first), article(second)])]}

    def colours(self) -> Made:
        """A shape beside a thing, in four colours."""
        shapes: dict[str, list[int]] = {}
        for place, concept in enumerate(self.stock.concepts):
            if concept.group == "shapes":
                shapes.setdefault(concept.code, []).append(place)
        kinds = list(shapes.values())
        others = [place for place, concept in enumerate(self.stock.concepts) if concept.group != "shapes"]
        for number in range(GROUPS):
            rng = self._rng(6, number)
            colours = rng.choice(kinds[int(rng.integers(len(kinds)))], min(4, len(COLOURS)), False)
            other = others[int(rng.integers(len(others)))] if others else int(rng.integers(len(self.stock)))
            scene = compose(self.stock, rng, 2, concepts=(int(colours[0]), other))
            for colour in colours:
                things = tuple(
                    replace(thing, concept=int(colour)) if thing.concept == colours[0] else thing
                    for thing in scene.things
                )
                names = [self.stock.concepts[place].name for place in (int(colour), other)]
                yield (
                    self._draw(replace(scene, things=things), self._rng(6, number, 1)),
                    {"group": f"{number}", "captions": [listed([article(name) for name in names])]},
                )

    def counts(self) -> Made:
        """One, two and three of a thing."""
        for number in range(GROUPS):
            place = int(self._rng(7, number).integers(len(self.stock)))
            ground = compose(self.stock, self._rng(7, number, 0), 1, concepts=(place,))
            for count in (1, 2, 3):
                scene = compose(self.stock, self._rng(7, number, count), count, concepts=(place,) * count)
                scene = replace(scene, background=ground.background, colours=ground.colours, seed=ground.seed)
                yield (
                    self._draw(scene, self._rng(7, number, 4)),
                    {"group": f"{number}", "captions": [counted(self.stock.concepts[place].name, count)]},
                )

    def relations(self) -> Made:
        """Two things, and the same two in each other's place."""
        number = made = 0
        while made < GROUPS:
            number += 1
            rng = self._rng(8, number)
            places = tuple(int(place) for place in rng.choice(len(self.stock), 2, False))
            scene = compose(self.stock, rng, 2, concepts=places)
            related = relation_of(scene.things[0], scene.things[1])
            if related is None:
                continue
            made += 1
            relation, swapped = related
            for turned in (False, True):
                first, second = scene.things
                if turned:
                    first, second = (
                        replace(first, concept=second.concept),
                        replace(second, concept=first.concept),
                    )
                before, after = (second, first) if swapped else (first, second)
                names = [self.stock.concepts[thing.concept].name for thing in (before, after)]
                yield (
                    self._draw(replace(scene, things=(first, second)), self._rng(8, number, 1)),
                    {"group": f"{made}", "captions": [relation_told(names[0], names[1], relation)]},
                )

    def grounds(self) -> Made:
        """One thing before each kind of ground."""
        for number in range(GROUPS):
            rng = self._rng(9, number)
            scene = compose(self.stock, rng, 1)
            name = article(self.stock.concepts[scene.things[0].concept].name)
            for kind in KINDS:
                yield (
                    self._draw(replace(scene, background=kind), self._rng(9, number, 1)),
                    {"group": f"{number}", "captions": [f"{name} {GROUNDS[kind]}"]},
                )

    def regions(self) -> Made:
        """Scenes of two to four things with their masks, no concept twice."""
        left = [int(place) for place in self._rng(10).permutation(len(self.stock))]
        number = 0
        while len(left) >= 4:
            number += 1
            rng = self._rng(10, number)
            places = tuple(left.pop() for _ in range(int(rng.integers(2, 5))))
            scene = compose(self.stock, rng, len(places), concepts=places, aspect=4 / 3)
            drawing = self.painter.draw(scene, *REGION_SIZE)
            things = [
                {
                    "name": self.stock.concepts[scene.things[place].concept].name,
                    "box": list(drawing.boxes()[place]),
                    "mask": rle.encode(drawing.masks[place]),
                }
                for place in np.flatnonzero(seen(drawing))
            ]
            yield drawing, {"things": things}


def draw_exam(stock: Stock, out: Path, seed: int, only: tuple[str, ...] = ()) -> None:
    """Draw every data set, or the ``only`` ones, into folders of ``out``."""
    examiner = Examiner(stock, seed)
    for name, made in examiner.sets().items():
        if only and name not in only:
            continue
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        rows: list[Row] = []
        for number, (drawing, row) in enumerate(made):
            file = f"{number:04d}.jpg"
            Image.fromarray(drawing.pixels).save(folder / file, quality=90)
            rows.append({"file": file, **row})
        if name == "absent":
            rows.append({"absent": examiner.absent_texts()})
        lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
        (folder / "answers.jsonl").write_text("\n".join(lines) + "\n")
