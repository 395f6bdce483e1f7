"""Ten thousand texts in many scripts, on which a pack's tokenizer is held against its publisher's."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator

TEXTS = 10_000

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
