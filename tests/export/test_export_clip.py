"""The CLIP exporter, from a checkpoint of the real architecture to a pack that a real Triton serves."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
import tritonclient.grpc as grpc
from tokenizers import Tokenizer
from transformers import CLIPConfig, CLIPModel
from tritonclient.utils import InferenceServerException

from model_repository.export import clip
from model_repository.export.clip_checkpoint import load_checkpoint
from model_repository.export.contrastive_graphs import ImageTower
from model_repository.export.install import revision_of
from tests.export.exporting import export
from tests.fixtures.tokenizer import write_tokenizer
from tests.fixtures.triton import running_triton

EXPORTER = clip
WORDS = ["<pad>", "<begin>", "red", "blue", "car", "tree", "<end>"]
SIDE, LENGTH, DIMENSION = 32, 12, 16
MEAN, STD = [0.48, 0.46, 0.41], [0.27, 0.26, 0.28]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random CLIP in transformers' layout."""
    torch.manual_seed(0)
    end = len(WORDS) - 1
    text = {
        "vocab_size": len(WORDS),
        "max_position_embeddings": LENGTH,
        "bos_token_id": 1,
        "eos_token_id": end,
        "pad_token_id": 0,
    }
    vision = {"image_size": SIDE, "patch_size": 8}
    size = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = CLIPConfig(
        text_config={**size, **text}, vision_config={**size, **vision}, projection_dim=DIMENSION
    )
    folder = tmp_path_factory.mktemp("checkpoint")
    CLIPModel(config).save_pretrained(folder)
    words = {word: index for index, word in enumerate(WORDS)}
    around = ("<begin>", "<end>")
    write_tokenizer(folder / "tokenizer.json", words, unknown="<pad>", around=around, padded_to=5)
    (folder / "preprocessor_config.json").write_text(
        json.dumps(
            {
                "size": {"shortest_edge": SIDE},
                "crop_size": {"height": SIDE, "width": SIDE},
                "resample": 3,
                "image_mean": MEAN,
                "image_std": STD,
            }
        )
    )
    return folder


def test_the_pack_is_described(exported: Path) -> None:
    pack = tomllib.loads((exported / "packs" / "tiny.toml").read_text())
    assert pack["revision"] == revision_of(exported / "models", "tiny")
    embedder = pack["embedder"]
    assert embedder["image_model"], embedder["text_model"] == ("tiny_image", "tiny_text")
    assert embedder["dimension"] == DIMENSION
    assert (embedder["image_size"], embedder["resize"], embedder["crop"]) == (SIDE, "shortest_edge", "center")
    assert embedder["context_length"] == LENGTH
    assert embedder["logit_scale"] == pytest.approx(14.2857, rel=1e-3)
    tokenizer = Tokenizer.from_file(str(exported / "packs" / embedder["tokenizer"]))
    assert tokenizer.encode("red car").ids == [1, 2, 4, 6]


def test_the_graphs_keep_to_the_contract(exported: Path) -> None:
    for model in ("tiny_image", "tiny_text_tower"):
        graph = onnx.load(exported / "models" / model / "1" / "model.onnx")
        onnx.checker.check_model(graph)
        assert 17 <= graph.opset_import[0].version <= 20
        assert [output.name for output in graph.graph.output] == ["embedding"]


def test_triton_answers_as_torch_does(exported: Path, checkpoint: Path) -> None:
    model = CLIPModel.from_pretrained(checkpoint).eval()
    pixels = np.random.default_rng(1).integers(0, 256, (3, SIDE, SIDE, 3), np.uint8)
    normalised = (torch.from_numpy(pixels / 255.0) - torch.tensor(MEAN)) / torch.tensor(STD)
    ids = np.zeros((2, LENGTH), np.int64)
    ids[0, :4], ids[1, :6] = [1, 2, 4, 6], [1, 3, 5, 2, 4, 6]
    with torch.inference_mode():
        answer = model(
            pixel_values=normalised.permute(0, 3, 1, 2).float(),
            input_ids=torch.from_numpy(ids),
            return_loss=False,
        )
    with (
        running_triton(exported / "models") as triton,
        grpc.InferenceServerClient(triton.grpc_address) as client,
    ):

        def embed(name: str, tensor: str, array: np.ndarray, kind: str) -> np.ndarray:
            given = grpc.InferInput(tensor, list(array.shape), kind)
            given.set_data_from_numpy(array)
            return client.infer(name, [given]).as_numpy("embedding")

        np.testing.assert_allclose(
            embed("tiny_image", "pixels", pixels, "UINT8"), answer.image_embeds, atol=1e-5
        )
        np.testing.assert_allclose(
            embed("tiny_text", "token_ids", ids, "INT64"), answer.text_embeds, atol=1e-5
        )
        with pytest.raises(InferenceServerException, match="token_ids must be from 0 to 6"):
            embed("tiny_text", "token_ids", np.full((1, LENGTH), 7), "INT64")
        # A second export compares on the Triton that runs, which is left as it was.
        assert export(clip, checkpoint, exported / "again", "--triton", triton.grpc_address) == 0
        ready = {
            each["name"]
            for each in client.get_model_repository_index(as_json=True)["models"]
            if each.get("state") == "READY"
        }
    assert ready == {"tiny_image", "tiny_text", "tiny_text_tower"}


def test_a_model_that_drifts_is_refused_and_nothing_installed(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = ImageTower.forward

    def drifting(self: ImageTower, pixels: torch.Tensor) -> torch.Tensor:
        return whole(self, pixels) + 0.01

    monkeypatch.setattr(ImageTower, "forward", drifting)
    (tmp_path / "here").mkdir()
    assert export(clip, checkpoint, tmp_path / "here") == 1
    shown = capsys.readouterr()
    assert "tiny_image drifts: embedding on ONNX Runtime" in shown.err
    assert "1.00e-02" in shown.out
    assert list((tmp_path / "here").iterdir()) == []


def test_what_is_no_checkpoint_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert clip.main(["--checkpoint", str(tmp_path), "--pack", "tiny"]) == 1
    assert "is not a CLIP checkpoint" in capsys.readouterr().err


def test_a_preprocessing_that_a_pack_cannot_say_is_refused(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in checkpoint.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    described = json.loads((checkpoint / "preprocessor_config.json").read_text())
    (tmp_path / "preprocessor_config.json").write_text(json.dumps({**described, "resample": 0}))
    assert clip.main(["--checkpoint", str(tmp_path), "--pack", "tiny"]) == 1
    assert "filter 0" in capsys.readouterr().err


def test_the_checkpoint_says_where_a_text_ends(checkpoint: Path) -> None:
    loaded = load_checkpoint(str(checkpoint))
    assert (loaded.end_token_id, loaded.pad_token_id) == (6, 0)
