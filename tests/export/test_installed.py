"""Weights come back out of ONNX files: whatever the exporter did to them, the module answers as the file."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from model_repository.export.sam2_config import FEATURES, MASKS, PROMPTS
from model_repository.export.sam2_graphs import Decoder, Encoder
from model_repository.train.concepts import Stock
from model_repository.train.installed import read_installed
from model_repository.train.sam2 import read_segmenter
from model_repository.train.segmenter import SIDE, train_segmenter
from model_repository.train.sharpen import soften

# torch's own exporter and sam2's kernels warn about what is not ours.
pytestmark = pytest.mark.filterwarnings("default")

MODELS = Path("model_repository/models")


class Joined(nn.Module):
    """Weights that the exporter keeps, transposes, reshapes and joins; one that it leaves out."""

    shift: Tensor

    def __init__(self, width: int = 6) -> None:
        super().__init__()
        self.first = nn.Linear(4, width)
        self.second = nn.Linear(width, 3)
        self.tokens, self.more = nn.Parameter(torch.randn(1, 4)), nn.Parameter(torch.randn(2, 4))
        self.unused = nn.Parameter(torch.randn(5))
        self.register_buffer("shift", torch.randn(4))

    def forward(self, rows: Tensor) -> Tensor:
        rows = torch.cat([torch.cat([self.tokens, self.more]).expand(rows.shape[0], -1, -1), rows], dim=1)
        answer: Tensor = self.second(torch.relu(self.first(rows + self.shift.reshape(1, 1, 4))))
        return answer


def export_to(module: nn.Module, dynamo: bool) -> Callable[[Path], None]:
    def export(path: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(module, (torch.zeros(2, 5, 4),), path, dynamo=dynamo, verbose=False)

    return export


@pytest.mark.parametrize("dynamo", [False, True])
def test_every_weight_of_the_file_comes_back(tmp_path: Path, dynamo: bool) -> None:
    installed, fresh = Joined().eval(), Joined().eval()
    export_to(installed, dynamo)(tmp_path / "model.onnx")
    unused = fresh.unused.clone()
    found = read_installed(fresh, export_to(fresh, dynamo), tmp_path / "model.onnx")
    assert set(found) == set(fresh.state_dict()) - {"unused"}
    assert torch.equal(fresh.unused, unused)
    for name in found:
        assert torch.equal(fresh.state_dict()[name], installed.state_dict()[name])


def test_another_graph_is_refused_and_nothing_is_changed(tmp_path: Path) -> None:
    fresh = Joined().eval()
    before = {name: value.clone() for name, value in fresh.state_dict().items()}
    for other in (Joined(width=7).eval(), nn.Sequential(Joined().eval(), nn.Tanh())):
        export_to(other, dynamo=False)(tmp_path / "model.onnx")
        with pytest.raises(ValueError, match="another"):
            read_installed(fresh, export_to(fresh, dynamo=False), tmp_path / "model.onnx")
        assert all(torch.equal(value, before[name]) for name, value in fresh.state_dict().items())


def test_the_committed_segmenter_comes_back() -> None:
    torch.manual_seed(0)
    model = read_segmenter(MODELS)
    encoder, decoder = Encoder(model).eval(), Decoder(model).eval()
    pixels = np.random.default_rng(0).integers(0, 256, (1, SIDE, SIDE, 3), dtype=np.uint8)
    inputs = [torch.rand(3, 1, 2) * SIDE, torch.ones(3, 1, dtype=torch.int32)]
    inputs += [torch.zeros(1, 1, SIDE // 4, SIDE // 4), torch.zeros(1)]
    with torch.no_grad():
        features = encoder(torch.from_numpy(pixels))
        masks = decoder(*features, *inputs)
    theirs = session("encoder").run(list(FEATURES), {"pixels": pixels})
    for ours, other in zip(features, theirs, strict=True):
        assert np.abs(ours.float().numpy() - other).max() <= 4 * np.spacing(np.abs(other).max())
    named = zip((*FEATURES, *PROMPTS), (*features, *inputs), strict=True)
    theirs = session("decoder").run(list(MASKS), {name: value.numpy() for name, value in named})
    assert np.abs(masks[0].numpy() - theirs[0]).max() < 1e-5 * np.abs(theirs[0]).max()
    assert np.abs(masks[1].numpy() - theirs[1]).max() < 1e-5


def test_training_goes_on_from_the_committed_segmenter(stock: Stock, tmp_path: Path) -> None:
    start = read_segmenter(MODELS)
    assert soften(start, stock) > 1, "installed logits are sharpened"
    before = {name: value.clone() for name, value in start.state_dict().items()}
    trained = train_segmenter(stock, tmp_path, minutes=60, seed=0, most_steps=2, start=start)
    name = "sam_mask_decoder.transformer.layers.0.mlp.layers.0.weight"
    step = (trained.state_dict()[name] - before[name]).abs().max()
    assert 0 < step < 0.1 * before[name].abs().max()


def session(part: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # it warns of the branches that the tracer left in the encoder
    return onnxruntime.InferenceSession(MODELS / f"starter_sam_{part}" / "1" / "model.onnx", options)
