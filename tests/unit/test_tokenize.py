"""Texts become token ids of one length, and what was cut off is told."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from orchestrator.adapters.triton.pack_table import PackError
from orchestrator.adapters.triton.packs import Tokenization
from orchestrator.adapters.triton.tokenize import TextTokenizer


@pytest.fixture
def how(tmp_path: Path) -> Tokenization:
    words = {"<pad>": 0, "<s>": 1, "</s>": 2, "a": 3, "red": 4, "car": 5, "?": 6}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    tokenizer.save(str(tmp_path / "tokenizer.json"))
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
