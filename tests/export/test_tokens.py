"""Token ids, against the publisher's own tokenizer, over ten thousand texts in many scripts."""

from __future__ import annotations

import gzip
import random
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import open_clip.tokenizer as published
import pytest
from transformers import CLIPTokenizer

from orchestrator.adapters.triton.packs import Tokenization
from orchestrator.adapters.triton.tokenize import TextTokenizer

TEXTS = 10_000
LENGTH, END = 77, 49407
MERGES = 49152 - 256 - 2

# First and last code points: Latin, Greek, Cyrillic, Hebrew, Arabic, Devanagari, Thai, kana, Han, Hangul,
# marks that combine, Jamo, full-width forms, punctuation, emoji, mathematical letters.
SCRIPTS = [
    *((0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x3FF), (0x400, 0x4FF), (0x590, 0x5FF), (0x600, 0x6FF)),
    *((0x900, 0x97F), (0xE00, 0xE7F), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x300, 0x36F)),
    *((0x1100, 0x11FF), (0xFF00, 0xFFEF), (0x2000, 0x206F), (0x1F300, 0x1F64F), (0x1D400, 0x1D7FF)),
]
WORDS = """
a photo of the cat's dog don't I'll we've 3 12,000 50% HTML &amp; &lt;b&gt; &amp;amp; “quoted” ‘s it’s ﬁne
naïve café cafÃ© Ａ １２ … — !? #tag @user C++ state-of-the-art 🐱 👩‍👩‍👧 🏳️‍🌈 ½ ² İ ß ǅ
""".split()  # noqa: SIM905 - a list of forty


def texts() -> Iterator[str]:
    """The empty text, texts far too long, and seeded ones: words, one script, or both."""
    drawn = random.Random(0)
    yield from ("", " ", "\t\n", "a" * 5000, "word " * 500, "🐱" * 300, "\x00\x1b[31mred")
    for _ in range(TEXTS):
        first, last = drawn.choice(SCRIPTS)
        drawn_characters = (chr(drawn.randint(first, last)) for _ in range(drawn.randint(1, 40)))
        script = "".join(each for each in drawn_characters if unicodedata.category(each) != "Cn")  # assigned
        words = " ".join(drawn.choice(WORDS) for _ in range(drawn.randint(0, 60)))
        yield drawn.choice((words, script, script + drawn.choice((" ", "  ", "\t", "\n")) + words))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> TextTokenizer:
    """The pack's tokenizer, as transformers makes it of CLIP's vocabulary."""
    lines = gzip.decompress(Path(published.default_bpe()).read_bytes()).decode().split("\n")
    merges: Any = [tuple(line.split()) for line in lines[1 : MERGES + 1]]
    letters = list(published.bytes_to_unicode().values())
    tokens = [*letters, *(each + "</w>" for each in letters), *("".join(pair) for pair in merges)]
    vocabulary = {token: id for id, token in enumerate([*tokens, "<|startoftext|>", "<|endoftext|>"])}
    path = tmp_path_factory.mktemp("clip") / "tokenizer.json"
    CLIPTokenizer(vocab=vocabulary, merges=merges).backend_tokenizer.save(str(path))
    return TextTokenizer(
        Tokenization(tokenizer=path, context_length=LENGTH, pad_token_id=END, cleaning="clip")
    )


def test_clip_reads_texts_as_its_publisher_does(ours: TextTokenizer) -> None:
    asked = list(texts())
    assert len(asked) > TEXTS
    theirs = published.SimpleTokenizer()(asked).numpy()
    found, truncated = ours.encode(asked)
    ends = (theirs == END).argmax(1)
    for text, expected, end, actual in zip(asked, theirs, ends, found, strict=True):
        assert actual[: end + 1].tolist() == expected[: end + 1].tolist(), repr(text)
        assert (actual[end + 1 :] == END).all()
    assert truncated[3:6] == (True, True, True)
    assert not any(truncated[:3])
    assert len(np.unique(found, axis=0)) > TEXTS * 0.8
