"""Texts to token ids, by the tokenizer that a pack brings."""

import html
from collections.abc import Sequence

import ftfy
import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from orchestrator.adapters.triton.pack_table import PackError
from orchestrator.adapters.triton.packs import Tokenization


class TextTokenizer:
    """A pack's tokenizer. The tokens that open and close a text are its own to add."""

    def __init__(self, how: Tokenization) -> None:
        """Reads the tokenizer's file. Raises PackError where it cannot be read."""
        try:
            self._tokenizer = Tokenizer.from_file(str(how.tokenizer))
        except Exception as error:  # the library raises nothing narrower
            raise PackError(f"{how.tokenizer}: {error}") from error
        self._clean = clean_as_clip if how.cleaning == "clip" else str
        self._tokenizer.enable_truncation(how.context_length)
        self._tokenizer.enable_padding(length=how.context_length, pad_id=how.pad_token_id)

    def encode(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], tuple[bool, ...]]:
        """N texts: token ids (N, L) int64, padded to the tower's length, and which texts were cut off."""
        encoded = self._tokenizer.encode_batch([self._clean(text) for text in texts])
        ids = np.array([each.ids for each in encoded], np.int64)
        return ids, tuple(bool(each.overflowing) for each in encoded)


def clean_as_clip(text: str) -> str:
    """A text as openai/CLIP's simple_tokenizer.py cleans it: mended, unescaped, in lower case.

    Its pattern finds U+0345 nowhere, whose capital is a letter: that parts what stands around it.
    """
    mended = html.unescape(html.unescape(ftfy.fix_text(text)))
    return " ".join(mended.split()).lower().replace("\u0345", " ")
