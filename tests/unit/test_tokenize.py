"""Texts become token ids of one length, and what was cut off is told."""

from pathlib import Path

import numpy as np
import pytest

from orchestrator.adapters.triton.pack_table import PackError
from orchestrator.adapters.triton.packs import Tokenization
from orchestrator.adapters.triton.tokenize import TextTokenizer
from tests.fixtures.tokenizer import write_tokenizer


@pytest.fixture
def how(tmp_path: Path) -> Tokenization:
    words = {"<pad>": 0, "<s>": 1, "</s>": 2, "a": 3, "red": 4, "car": 5, "?": 6}
    write_tokenizer(tmp_path / "tokenizer.json", words, unknown="?", around=("<s>", "</s>"))
    return Tokenization(tokenizer=tmp_path / "tokenizer.json", context_length=5, pad_token_id=9)


def test_texts_are_opened_closed_padded_and_cut(how: Tokenization) -> None:
    ids, truncated = TextTokenizer(how).encode(["a red car", "car", "", "a red red car", "a dog"])
    assert ids.dtype == np.int64
    assert ids.tolist() == [
        [1, 3, 4, 5, 2],
        [1, 5, 2, 9, 9],
        [1, 2, 9, 9, 9],
        [1, 3, 4, 4, 2],
        [1, 3, 6, 2, 9],
    ]
    assert truncated == (False, False, False, True, False)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text("{}")
    with pytest.raises(PackError, match=r"tokenizer\.json"):
        TextTokenizer(Tokenization(tokenizer=path, context_length=5, pad_token_id=0))
