"""BLIP's token ids, against BERT's own tokenizers, over ten thousand texts in many scripts."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, trainers
from tokenizers.models import WordPiece
from transformers import BertTokenizer
from transformers.models.bert.tokenization_bert_legacy import BertTokenizerLegacy

from model_repository.export.checkpoint import read_tokenizer
from orchestrator.adapters.triton.packs import Tokenization
from orchestrator.adapters.triton.tokenize import TextTokenizer
from tests.export.many_texts import TEXTS, texts

LENGTH, PAD, UNKNOWN = 35, 0, 1
# What Python and the tokenizers library differ on: a mark of Unicode 14, punctuation to Python alone, and the
# capital sigma, whose lower case at a word's end is another to Python alone.
APART = ("\u061d", "Σ")
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WordPiece vocabulary in lower case, learnt from a third of the texts, in the publisher's files.
    Rare characters are unknown to it."""
    like = BertTokenizer().backend_tokenizer
    learning = Tokenizer(WordPiece(unk_token="[UNK]"))
    learning.normalizer, learning.pre_tokenizer = like.normalizer, like.pre_tokenizer
    trainer = trainers.WordPieceTrainer(vocab_size=8000, limit_alphabet=1500, special_tokens=SPECIAL)
    learning.train_from_iterator(islice(texts(), 7, TEXTS // 3), trainer)
    folder = tmp_path_factory.mktemp("blip")
    BertTokenizer(vocab=learning.get_vocab(), model_max_length=512).save_pretrained(folder)
    tokens = sorted(learning.get_vocab().items(), key=lambda entry: entry[1])
    (folder / "vocab.txt").write_text("".join(f"{token}\n" for token, _ in tokens), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def ours(published: Path) -> TextTokenizer:
    """The pack's tokenizer, as the exporter writes it."""
    path = published / "packed.json"
    path.write_text(read_tokenizer(str(published), None).to_str(pretty=False), encoding="utf-8")
    return TextTokenizer(Tokenization(tokenizer=path, context_length=LENGTH, pad_token_id=PAD))


def test_blip_reads_texts_as_its_publisher_does(ours: TextTokenizer, published: Path) -> None:
    asked = list(texts())
    theirs = BertTokenizer.from_pretrained(published)
    expected = theirs(asked, padding="max_length", truncation=True, max_length=LENGTH)["input_ids"]
    found, truncated = ours.encode(asked)
    for text, ids, wanted in zip(asked, found.tolist(), expected, strict=True):
        assert ids == wanted, repr(text)
    assert truncated[3:6] == (False, True, False)  # a word of more than 100 characters is one unknown token
    assert not any(truncated[:3])
    assert len(np.unique(found, axis=0)) > TEXTS * 0.8
    assert 0.01 < (found == UNKNOWN).sum() / (found != PAD).sum() < 0.5


def test_blip_reads_texts_as_berts_first_tokenizer_does(ours: TextTokenizer, published: Path) -> None:
    """Google's algorithm in Python, which shares nothing with the tokenizers library."""
    asked = list(texts())
    first = BertTokenizerLegacy(str(published / "vocab.txt"))
    found, _ = ours.encode(asked)
    differing = [
        text
        for text, ids in zip(asked, found.tolist(), strict=True)
        if ids != first(text, padding="max_length", truncation=True, max_length=LENGTH)["input_ids"]
    ]
    assert [text for text in differing if not any(each in text for each in APART)] == []
