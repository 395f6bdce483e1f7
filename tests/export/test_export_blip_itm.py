"""The exporter of BLIP's matcher, from checkpoints that transformers' own classes saved to Triton."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
import tritonclient.grpc as grpc
from PIL import Image
from transformers import BlipForConditionalGeneration, BlipForImageTextRetrieval, BlipImageProcessorPil

from model_repository.export import blip_itm
from model_repository.export.blip_graphs import Matcher
from model_repository.export.install import revision_of
from orchestrator.adapters.triton.packs import read_packs
from orchestrator.adapters.triton.preprocess import preprocess
from orchestrator.adapters.triton.tokenize import TextTokenizer
from tests.export.blip_checkpoints import SIDE, save_small, tokenizer
from tests.export.exporting import export
from tests.fixtures.triton import running_triton

EXPORTER = blip_itm
TEXTS = ["two red cars", "A RED Car on a tree!", "", "red " * 60]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random matcher."""
    folder = tmp_path_factory.mktemp("checkpoint")
    save_small(folder, BlipForImageTextRetrieval)
    return folder


def session(root: Path) -> onnxruntime.InferenceSession:
    path = root / "models" / "tiny_itm" / "1" / "model.onnx"
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def published_logits(checkpoint: Path, pictures: list[np.ndarray], texts: list[str]) -> np.ndarray:
    """What the publisher's processor, tokenizer and model say."""
    processor = BlipImageProcessorPil.from_pretrained(checkpoint)
    pixels = processor([Image.fromarray(each) for each in pictures], return_tensors="pt")["pixel_values"]
    tokens = tokenizer(300)(texts, padding=True, truncation=True, max_length=35, return_tensors="pt")
    model = BlipForImageTextRetrieval.from_pretrained(checkpoint).eval()
    with torch.inference_mode():
        answer = model(
            pixel_values=pixels, input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"]
        )
    return answer.itm_score.numpy()


def test_the_pack_is_described(exported: Path) -> None:
    pack = tomllib.loads((exported / "packs" / "tiny.toml").read_text())
    assert pack["revision"] == revision_of(exported / "models", "tiny")
    assert pack["matcher"] == {
        "model": "tiny_itm",
        "image_size": SIDE,
        "resize": "squash",
        "resample": "bicubic",
        "tokenizer": "tiny/tokenizer.json",
        "context_length": 35,
        "pad_token_id": 0,
        "precision": "fp32",
        "revision": pack["revision"],
    }


def test_triton_answers_as_the_publishers_processor_and_model_do(exported: Path, checkpoint: Path) -> None:
    random = np.random.default_rng(1)
    pictures = [random.integers(0, 256, (45 + 9 * each, 60, 3), np.uint8) for each in range(len(TEXTS))]
    matcher = read_packs(exported / "packs", exported / "models")["tiny"].matcher
    assert matcher is not None
    pixels = preprocess(pictures, matcher.preprocessing)
    ids, _ = TextTokenizer(matcher.tokenization).encode(TEXTS)
    inputs = [
        grpc.InferInput("pixels", list(pixels.shape), "UINT8"),
        grpc.InferInput("input_ids", list(ids.shape), "INT64"),
    ]
    inputs[0].set_data_from_numpy(pixels)
    inputs[1].set_data_from_numpy(ids)
    with (
        running_triton(exported / "models") as triton,
        grpc.InferenceServerClient(triton.grpc_address) as client,
    ):
        logits = client.infer(matcher.model, inputs).as_numpy("itm_logits")
    expected = published_logits(checkpoint, pictures, TEXTS)
    np.testing.assert_allclose(logits, expected, atol=1e-3)
    assert np.ptp(expected, axis=0).min() > 0.05  # else the pictures and texts said nothing


def test_padding_changes_nothing(exported: Path) -> None:
    matcher = session(exported)
    pixels = np.random.default_rng(2).integers(0, 256, (1, SIDE, SIDE, 3), np.uint8)
    text = np.array([[101, 120, 130, 102]])
    short, padded, other = (
        matcher.run(None, {"pixels": pixels, "input_ids": ids})[0]
        for ids in (
            text,
            np.pad(text, ((0, 0), (0, 30))),
            np.pad(text, ((0, 0), (0, 30)), constant_values=150),
        )
    )
    np.testing.assert_allclose(short, padded, atol=1e-5)
    assert np.abs(short - other).max() > 1e-3


def test_a_pickle_of_weights_as_published_gives_the_same_graph(
    exported: Path, checkpoint: Path, tmp_path: Path
) -> None:
    shutil.copytree(checkpoint, tmp_path / "checkpoint")
    (tmp_path / "checkpoint" / "model.safetensors").unlink()
    model = BlipForImageTextRetrieval.from_pretrained(checkpoint)
    torch.save(model.state_dict(), tmp_path / "checkpoint" / "pytorch_model.bin")
    assert export(blip_itm, tmp_path / "checkpoint", tmp_path) == 0
    assert revision_of(tmp_path / "models", "tiny") == revision_of(exported / "models", "tiny")


def test_an_export_that_drifts_is_not_installed(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = Matcher.forward

    def drifting(self: Matcher, pixels: torch.Tensor, input_ids: torch.Tensor) -> torch.Tensor:
        return whole(self, pixels, input_ids) + 0.002

    monkeypatch.setattr(Matcher, "forward", drifting)
    (tmp_path / "here").mkdir()
    assert export(blip_itm, checkpoint, tmp_path / "here") == 1
    assert "tiny_itm drifts: itm_logits on ONNX Runtime" in capsys.readouterr().err
    assert list((tmp_path / "here").iterdir()) == []


def test_a_captioner_is_no_matcher(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_small(tmp_path / "checkpoint", BlipForConditionalGeneration)
    assert export(blip_itm, tmp_path / "checkpoint", tmp_path) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert "lacks" in said
    assert "itm_head" in said
