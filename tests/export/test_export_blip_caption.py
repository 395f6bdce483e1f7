"""The exporter of BLIP's captioner, from checkpoints that transformers' own classes saved to Triton."""

from __future__ import annotations

import re
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import tritonclient.grpc as grpc
from PIL import Image
from transformers import (
    BertTokenizer,
    BlipForConditionalGeneration,
    BlipForImageTextRetrieval,
    BlipImageProcessorPil,
)

from model_repository.caption.greedy import Caption, Logits, Tokens, decode
from model_repository.caption.wordpiece import detokenize
from model_repository.export import blip_caption, blip_graphs
from model_repository.export.blip_caption_parity import Captioned
from model_repository.export.blip_checkpoint import load_captioner
from model_repository.export.install import revision_of
from orchestrator.adapters.triton.packs import read_packs
from orchestrator.adapters.triton.preprocess import preprocess
from tests.export.blip_checkpoints import SIDE, SPECIAL, TOKENS, save_small, tokenizer
from tests.export.exporting import export
from tests.fixtures.triton import running_triton

EXPORTER = blip_caption
HOW = Caption(start_token_id=9, end_token_id=1, pad_token_id=0, max_tokens=4)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random captioner, some of whose captions end early."""
    folder = tmp_path_factory.mktemp("checkpoint")
    model = save_small(folder, BlipForConditionalGeneration)
    model.text_decoder.cls.predictions.bias[SPECIAL["[SEP]"]] = 7
    model.save_pretrained(folder)
    return folder


def test_the_pack_is_described(exported: Path) -> None:
    pack = tomllib.loads((exported / "packs" / "tiny.toml").read_text())
    assert pack["revision"] == revision_of(exported / "models", "tiny")
    assert pack["captioner"] == {
        "model": "tiny_caption",
        "image_size": SIDE,
        "resize": "squash",
        "resample": "bicubic",
        "max_tokens": 20,
        "precision": "fp32",
        "revision": pack["revision"],
    }


def test_triton_captions_as_the_publishers_processor_and_model_do(exported: Path, checkpoint: Path) -> None:
    random = np.random.default_rng(1)
    pictures = [random.integers(0, 256, (45 + 9 * each, 60, 3), np.uint8) for each in range(8)]
    processor = BlipImageProcessorPil.from_pretrained(checkpoint)
    seen = processor([Image.fromarray(each) for each in pictures], return_tensors="pt")["pixel_values"]
    model = BlipForConditionalGeneration.from_pretrained(checkpoint).eval()
    with torch.inference_mode():
        expected = model.generate(pixel_values=seen, do_sample=False, max_new_tokens=20)[:, 1:]
    said = BertTokenizer.from_pretrained(checkpoint).batch_decode(expected, skip_special_tokens=True)
    assert len(set(said)) >= 4  # else the pictures said nothing
    assert len(set((expected != 0).sum(dim=1).tolist())) >= 3  # captions of several lengths

    pack = read_packs(exported / "packs", exported / "models")["tiny"]
    assert pack.captioner is not None
    assert set(pack.models) == {"tiny_caption", "tiny_caption_encoder", "tiny_caption_decoder"}
    model_name = pack.captioner.model
    pixels = preprocess(pictures, pack.captioner.preprocessing)
    with (
        running_triton(exported / "models") as triton,
        grpc.InferenceServerClient(triton.grpc_address) as client,
        ThreadPoolExecutor(8) as together,
    ):

        def caption(part: np.ndarray) -> tuple[np.ndarray, list[str]]:
            given = grpc.InferInput("pixels", list(part.shape), "UINT8")
            given.set_data_from_numpy(part)
            answer = client.infer(model_name, [given])
            assert answer.as_numpy("caption").shape == (len(part), 1)
            return answer.as_numpy("token_ids"), [each.decode() for each in answer.as_numpy("caption")[:, 0]]

        batches = [caption(pixels[:4]), caption(pixels[4:])]
        alone = list(together.map(caption, np.split(pixels, 8)))
    assert [each for _, captions in batches for each in captions] == said
    assert [each for _, captions in alone for each in captions] == said
    for (tokens, _), wanted in zip(alone, expected.numpy(), strict=True):
        assert tokens[0].tolist() == np.trim_zeros(wanted, "b").tolist()


def test_tokens_become_the_publishers_text(checkpoint: Path) -> None:
    published = tokenizer(TOKENS)
    vocabulary = blip_caption.vocabulary(load_captioner(str(checkpoint)))
    random = np.random.default_rng(3)
    said = [published(text, add_special_tokens=False)["input_ids"] for text in ("Red, a car's tree! .5", "")]
    drawn = [random.integers(0, TOKENS + 2, random.integers(0, 30)).tolist() for _ in range(2000)]
    for ids in (*said, *drawn):
        assert detokenize(ids, vocabulary) == published.decode(ids, skip_special_tokens=True)


def test_an_export_that_drifts_is_not_installed(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = blip_graphs.CaptionEncoder._of_all_layers

    def drifting(self: Any, projection: str, seen: torch.Tensor) -> torch.Tensor:
        return whole(self, projection, seen) + 0.1

    monkeypatch.setattr(blip_graphs.CaptionEncoder, "_of_all_layers", drifting)
    (tmp_path / "here").mkdir()
    assert export(blip_caption, checkpoint, tmp_path / "here") == 1
    assert re.search(r"tiny_caption\w* drifts: \w+ on ONNX Runtime", capsys.readouterr().err)
    assert list((tmp_path / "here").iterdir()) == []


def test_a_matcher_is_no_captioner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_small(tmp_path / "checkpoint", BlipForImageTextRetrieval)
    assert export(blip_caption, tmp_path / "checkpoint", tmp_path) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert "lacks" in said
    assert "text_decoder" in said


def test_greedy_decoding_ends_each_caption_and_stops_with_the_last() -> None:
    given: list[list[int]] = []
    script = {9: {0: 5, 1: 6}, 5: {0: 1}, 6: {1: 7}, 7: {1: 1}}

    def step(latest: Tokens) -> Logits:
        given.append(latest[:, 0].tolist())
        logits = np.zeros((2, 10), np.float32)
        for row, token in enumerate(given[-1]):
            logits[row, script.get(token, {}).get(row, 3)] = 1
        return logits

    assert decode(step, 2, HOW).tolist() == [[5, 1, 0], [6, 7, 1]]
    assert given == [[9, 9], [5, 6], [1, 7]]


def test_a_caption_without_an_end_has_the_most_tokens() -> None:
    assert decode(lambda latest: np.eye(10, dtype=np.float32)[[4]], 1, HOW).tolist() == [[4, 4, 4, 4]]


@pytest.mark.parametrize(
    ("tokens", "differing"),
    [
        ([[5, 6, 1]], 0),
        ([[5, 6, 1, 0]], 0),
        ([[5, 7, 1]], 0),  # where torch was not certain
        ([[5, 7, 4, 4]], 0),  # and what follows
        ([[4, 6, 1]], 1),
        ([[5, 6, 4, 1]], 1),
        ([[5, 6, 1], [5, 6, 1]], 1),  # a caption too many
    ],
)
def test_tokens_differ_only_where_torch_is_certain(tokens: list[list[int]], differing: int) -> None:
    logits = np.zeros((1, 3, 10), np.float32)
    logits[0, [0, 1, 2], [5, 6, 1]] = [1, 0.0009, 0.0011]
    case = Captioned("one", np.zeros((1, 2, 2, 3), np.uint8), np.array([[5, 6, 1]]), logits)
    assert case.certain.tolist() == [[True, False, True]]
    assert case.differing(np.array(tokens), HOW) == differing
