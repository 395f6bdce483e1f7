"""The SigLIP exporter, from checkpoints that transformers' own classes saved to a pack that Triton serves."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
import tritonclient.grpc as grpc
from PIL import Image
from transformers import (
    Siglip2Tokenizer,
    SiglipImageProcessorPil,
    SiglipModel,
)

from model_repository.export import siglip
from model_repository.export.install import revision_of
from model_repository.export.siglip_checkpoint import load_checkpoint
from orchestrator.adapters.triton.packs import EmbedderPack, read_packs
from orchestrator.adapters.triton.preprocess import preprocess
from orchestrator.adapters.triton.tokenize import TextTokenizer
from tests.export.exporting import export
from tests.export.siglip_checkpoints import DIMENSION, LENGTH, PIECES, SIDE, save_small
from tests.fixtures.triton import running_triton

EXPORTER = siglip
TEXTS = ["a red car", "A RED Car!", "", "red " * 30, "tree\nhouse ö"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random SigLIP 2."""
    folder = tmp_path_factory.mktemp("checkpoint")
    save_small(folder)
    return folder


def embedder(root: Path, pack: str = "tiny") -> EmbedderPack:
    found = read_packs(root / "packs", root / "models")[pack].embedder
    assert found is not None
    return found


def agrees(answer: np.ndarray, expected: torch.Tensor) -> None:
    """Within 1e-4 of torch's, each at a cosine of at least 0.9999."""
    wanted = torch.nn.functional.normalize(expected, dim=-1).numpy()
    assert np.abs(answer - wanted).max() <= 1e-4
    assert (answer * wanted).sum(axis=1).min() >= 0.9999


def test_the_pack_is_described(exported: Path, checkpoint: Path) -> None:
    pack = tomllib.loads((exported / "packs" / "tiny.toml").read_text())
    assert pack["revision"] == revision_of(exported / "models", "tiny")
    described = pack["embedder"]
    assert (described["image_size"], described["resize"], described["resample"]) == (
        SIDE,
        "squash",
        "bilinear",
    )
    assert "crop" not in described
    assert (described["dimension"], described["context_length"], described["pad_token_id"]) == (
        DIMENSION,
        LENGTH,
        0,
    )
    assert (
        'key: "trim" value { string_value: "false" }'
        in (exported / "models" / "tiny_text" / "config.pbtxt").read_text()
    )


def test_relevance_is_the_probability_that_the_model_publishes(exported: Path, checkpoint: Path) -> None:
    model = SiglipModel.from_pretrained(checkpoint).eval()
    ids = torch.randint(5, len(PIECES), (3, LENGTH), generator=torch.Generator().manual_seed(1))
    pixels = torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        answer = model(input_ids=ids, pixel_values=pixels)
    cosines = answer.image_embeds @ answer.text_embeds.T
    calibration = embedder(exported).calibration
    ours = [[calibration.relevance(float(cosine)) for cosine in row] for row in cosines]
    np.testing.assert_allclose(ours, torch.sigmoid(answer.logits_per_image), atol=1e-3)


def test_texts_become_the_publishers_tokens(exported: Path, checkpoint: Path) -> None:
    published = Siglip2Tokenizer.from_pretrained(checkpoint)
    expected = published(TEXTS, padding="max_length", max_length=LENGTH, truncation=True)["input_ids"]
    how = embedder(exported).tokenization
    assert how is not None
    ids, truncated = TextTokenizer(how).encode(TEXTS)
    assert ids.tolist() == expected
    assert ids[0, :3].tolist() == ids[1, :3].tolist()
    assert truncated == (False, False, False, True, False)


def test_a_file_that_keeps_case_and_adds_no_end_is_put_right(checkpoint: Path, tmp_path: Path) -> None:
    shutil.copytree(checkpoint, tmp_path, dirs_exist_ok=True)
    written = json.loads((checkpoint / "tokenizer.json").read_text())
    written["normalizer"] = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    written["post_processor"] = None
    (tmp_path / "tokenizer.json").write_text(json.dumps(written))
    published = Siglip2Tokenizer.from_pretrained(checkpoint)
    tokenizer = load_checkpoint(str(tmp_path)).tokenizer
    assert [tokenizer.encode(text).ids for text in TEXTS] == published(TEXTS)["input_ids"]


def test_triton_answers_as_torch_does(exported: Path, checkpoint: Path) -> None:
    model = SiglipModel.from_pretrained(checkpoint).eval()
    how = embedder(exported)
    assert how.tokenization is not None
    assert how.text_model is not None
    ids, _ = TextTokenizer(how.tokenization).encode(TEXTS)
    picture = np.random.default_rng(1).integers(0, 256, (45, 60, 3), np.uint8)
    pixels = preprocess([picture], how.preprocessing)
    processor = SiglipImageProcessorPil.from_pretrained(checkpoint)
    published = processor(Image.fromarray(picture), return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        images = model.get_image_features(pixel_values=published).pooler_output
        texts = model.get_text_features(input_ids=torch.from_numpy(ids)).pooler_output
    with (
        running_triton(exported / "models") as triton,
        grpc.InferenceServerClient(triton.grpc_address) as client,
    ):

        def embed(name: str, tensor: str, array: np.ndarray, kind: str) -> np.ndarray:
            given = grpc.InferInput(tensor, list(array.shape), kind)
            given.set_data_from_numpy(array)
            return client.infer(name, [given]).as_numpy("embedding")

        agrees(embed(how.image_model, "pixels", pixels, "UINT8"), images)
        agrees(embed(how.text_model, "token_ids", ids, "INT64"), texts)


def test_a_text_of_another_length_is_refused(exported: Path) -> None:
    path = exported / "models" / "tiny_text_tower" / "1" / "model.onnx"
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    with pytest.raises(Exception, match=f"Expected: {LENGTH}"):
        session.run(None, {"token_ids": np.zeros((1, LENGTH - 1), np.int64)})


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("config.json", {"model_type": "siglip2"}, "holds a model of type 'siglip2', not 'siglip'"),
        ("tokenizer_config.json", {"padding_side": "left"}, "pads its texts on the left"),
        ("tokenizer_config.json", {"tokenizer_class": "SiglipTokenizer"}, "first version"),
    ],
)
def test_what_a_pack_cannot_say_is_refused(
    checkpoint: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    change: dict[str, str],
    said: str,
) -> None:
    shutil.copytree(checkpoint, tmp_path / "checkpoint")
    path = tmp_path / "checkpoint" / file
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert export(siglip, tmp_path / "checkpoint", tmp_path) == 1
    assert said in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "models").exists()
