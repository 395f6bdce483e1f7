"""Token ids, against the publisher's own tokenizer, over ten thousand texts in many scripts."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import open_clip.tokenizer as published
import pytest
from transformers import CLIPTokenizer

from orchestrator.adapters.triton.packs import Tokenization
from orchestrator.adapters.triton.tokenize import TextTokenizer
from tests.export.many_texts import TEXTS, texts

LENGTH, END = 77, 49407
MERGES = 49152 - 256 - 2


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
