"""Zero-shot labels: words of a vocabulary whose embeddings lie near an image's (CLIP, section 3.1)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np

from orchestrator.domain.embedding import Calibration, EmbeddingSpace, Vectors
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.image import Label

MAX_WORDS, MAX_LETTERS = 10_000, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelling:
    """How a pack labels: the vocabulary of collections that bring none, and what `{}` of `prompt` stands in.

    At most `most` words are chosen, of at least the relevance `threshold`; None: the calibration's own.
    """

    words: tuple[str, ...] = ()
    prompt: str = "{}"
    threshold: float | None = None
    most: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Words to choose from. Equal stamps choose equal labels; that of no words is empty."""

    words: tuple[str, ...]
    labelling: Labelling
    image_calibration: Calibration
    region_calibration: Calibration
    stamp: str

    @property
    def texts(self) -> list[str]:
        """What is embedded of each word."""
        return [self.labelling.prompt.replace("{}", word) for word in self.words]

    def choose(
        self, vectors: Vectors, embedded: Vectors, *, regions: bool = False
    ) -> list[tuple[Label, ...]]:
        """The labels of images or of regions, best first: `vectors` (N, D) against `embedded` (W, D)."""
        calibration = self.region_calibration if regions else self.image_calibration
        threshold = self.labelling.threshold
        least = calibration.threshold if threshold is None else threshold
        most = min(self.labelling.most, len(self.words))
        if not len(vectors) or not most:
            return [() for _ in vectors]
        cosines = vectors @ embedded.T
        nearest = np.argpartition(cosines, len(self.words) - most, axis=1)[:, -most:]
        return [
            tuple(
                Label(label=self.words[place], score=round(relevance, 4))
                for place in sorted(places, key=lambda place: (-row[place], place))
                if (relevance := calibration.relevance(float(row[place]))) >= least
            )
            for row, places in zip(cosines, nearest.tolist(), strict=True)
        ]


@lru_cache(maxsize=64)
def vocabulary(
    words: tuple[str, ...],
    labelling: Labelling,
    space: EmbeddingSpace,
    image_calibration: Calibration,
    region_calibration: Calibration,
) -> Vocabulary:
    """A vocabulary in an embedding space; its stamp covers all that decides which labels are chosen."""
    decides = [
        space.stamp,
        words,
        [labelling.prompt, labelling.threshold, labelling.most],
        asdict(image_calibration),
        asdict(region_calibration),
    ]
    return Vocabulary(
        words=words,
        labelling=labelling,
        image_calibration=image_calibration,
        region_calibration=region_calibration,
        stamp=hashlib.sha256(json.dumps(decides).encode()).hexdigest()[:16] if words else "",
    )


def check_words(words: Sequence[str], field: str) -> tuple[str, ...]:
    """The words of a vocabulary. Raises InvalidArgument for too many, blank, long or repeated ones."""
    if len(words) > MAX_WORDS:
        raise InvalidArgument.field(field, f"holds {len(words):,} labels; at most {MAX_WORDS:,} are taken")
    seen: set[str] = set()
    for place, word in enumerate(words):
        plain = word == word.strip() and len(word.splitlines()) == 1 and "\0" not in word
        if not plain or len(word) > MAX_LETTERS:
            raise InvalidArgument.field(
                f"{field}[{place}]", f"is one line of 1 to {MAX_LETTERS} characters, no blank at either end"
            )
        if word in seen:
            raise InvalidArgument.field(f"{field}[{place}]", f"{word!r} is there before")
        seen.add(word)
    return tuple(words)
