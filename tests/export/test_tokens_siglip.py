"""SigLIP 2's token ids, against transformers' tokenizer and plain byte-pair encoding."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, normalizers, pre_tokenizers, trainers
from tokenizers.models import BPE
from transformers import Siglip2Tokenizer

from model_repository.export import siglip_checkpoint
from orchestrator.adapters.triton.packs import Tokenization
from orchestrator.adapters.triton.tokenize import TextTokenizer
from tests.export.many_texts import TEXTS, texts

LENGTH, PAD, END = 64, 0, 1
BYTES = [f"<0x{each:02X}>" for each in range(256)]
Merges = list[tuple[str, str]]


@pytest.fixture(scope="module")
def learnt() -> tuple[dict[str, int], Merges]:
    """A vocabulary of Gemma's kind, learnt from a third of the texts: rare characters are bytes."""
    learning = Tokenizer(BPE(unk_token="<unk>"))
    learning.normalizer = normalizers.Replace(" ", "▁")
    learning.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", *BYTES]
    trainer = trainers.BpeTrainer(vocab_size=8000, limit_alphabet=1500, special_tokens=special)
    learning.train_from_iterator(islice(texts(), 7, TEXTS // 3), trainer)
    merges = json.loads(learning.to_str())["model"]["merges"]
    return learning.get_vocab(), [(left, right) for left, right in merges]


@pytest.fixture(scope="module")
def published(learnt: tuple[dict[str, int], Merges], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That vocabulary in the publisher's files."""
    vocabulary, merges = learnt
    folder = tmp_path_factory.mktemp("siglip")
    Siglip2Tokenizer(
        vocab=vocabulary,
        merges=merges,  # type: ignore[arg-type]
        add_bos_token=False,
        add_eos_token=True,
        padding_side="right",
    ).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def found(published: Path) -> np.ndarray:
    """The texts' ids, by the pack's tokenizer as the exporter writes it."""
    path = published / "packed.json"
    described = json.loads((published / "tokenizer_config.json").read_text())
    packed = siglip_checkpoint._tokenizer(str(published), None, described)
    path.write_text(packed.to_str(pretty=False), encoding="utf-8")
    ours = TextTokenizer(Tokenization(tokenizer=path, context_length=LENGTH, pad_token_id=PAD))
    ids, truncated = ours.encode(list(texts()))
    assert truncated[3:6] == (True, True, True)
    assert not any(truncated[:3])
    return ids


def test_siglip_reads_texts_as_transformers_does(found: np.ndarray, published: Path) -> None:
    asked = list(texts())
    theirs = Siglip2Tokenizer.from_pretrained(published)
    expected = theirs(asked, padding="max_length", truncation=True, max_length=LENGTH)["input_ids"]
    for text, ids, wanted in zip(asked, found.tolist(), expected, strict=True):
        assert ids == wanted, repr(text)
    assert len(np.unique(found, axis=0)) > TEXTS * 0.8


def test_siglip_reads_texts_by_byte_pair_encoding_in_lower_case(
    found: np.ndarray, learnt: tuple[dict[str, int], Merges]
) -> None:
    """Written out here, and sharing nothing with the tokenizers library."""
    vocabulary, merges = learnt
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    fallen = np.isin(found, [vocabulary[each] for each in BYTES])
    assert 0.01 < fallen.sum() / (found != PAD).sum() < 0.5

    @cache
    def ids_of(word: str) -> list[int]:
        return [vocabulary[piece] for piece in pieces(word, vocabulary, ranks)]

    for text, ids in zip(texts(), found.tolist(), strict=True):
        lower = "".join(character.lower() for character in text).replace(" ", "▁")
        # No merge reaches over the beginning of a word.
        words = re.findall("▁?[^▁]+|▁", lower)
        wanted = [each for word in words for each in ids_of(word)][: LENGTH - 1]
        padding = [PAD] * (LENGTH - 1 - len(wanted))
        assert ids == [*wanted, END, *padding], repr(text)


def pieces(word: str, vocabulary: Mapping[str, int], ranks: Mapping[tuple[str, str], int]) -> list[str]:
    """A word's pieces: characters, or the bytes of unknown ones, merged as long as the merges allow."""
    parts: list[str] = []
    for character in word:
        parts += [character] if character in vocabulary else [BYTES[each] for each in character.encode()]
    while len(parts) > 1:
        best = min(pairwise(parts), key=lambda pair: ranks.get(pair, len(ranks)))
        if best not in ranks:
            break
        merged: list[str] = []
        for part in parts:
            if merged and (merged[-1], part) == best:
                merged[-1] += part
            else:
                merged.append(part)
        parts = merged
    return parts
