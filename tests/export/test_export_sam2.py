"""The SAM 2.1 exporter, and the segmenter over what it installs, against the `sam2` package itself."""

import re
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
import tritonclient.grpc as grpc

pytest.importorskip("sam2")

from model_repository.export import sam2, sam2_parity, sam2_segment, staged_triton
from model_repository.export.checkpoint import CheckpointError
from model_repository.export.mask_iou import mask_iou
from model_repository.export.sam2_checkpoint import build_model
from model_repository.export.sam2_onnx_segmenter import onnx_segmenter
from model_repository.segment import rle
from model_repository.triton_environment import TritonUnavailable
from tests.export import official_sam2
from tests.export.exporting import export
from tests.export.official_sam2 import OfficialPredictor, official_generator
from tests.fixtures.triton import running_triton

# The sam2 package scripts its transforms, and looks in vain for its CUDA extension.
pytestmark = pytest.mark.filterwarnings(
    "ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning"
)

CONFIG = str(Path(__file__).with_name("sam2_very_small.yaml"))
SQUARE = 128


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """Random weights, with a decoder that answers clearly: steep masks, and scores that differ."""
    torch.manual_seed(4)
    model = build_model(CONFIG, None)
    decoder = model.sam_mask_decoder
    for mlp in decoder.output_hypernetworks_mlps:
        mlp.layers[-1].weight.mul_(3000)
    decoder.iou_prediction_head.layers[-1].weight.mul_(40)
    decoder.iou_prediction_head.layers[-1].bias.add_(1.5)
    path = tmp_path_factory.mktemp("checkpoint") / "sam2.pt"
    torch.save({"model": model.state_dict()}, path)
    return path


@pytest.fixture(scope="module")
def pack(checkpoint, tmp_path_factory):
    root = tmp_path_factory.mktemp("repository")
    revision = sam2.export_pack(
        config=CONFIG, checkpoint=checkpoint, pack="tiny", models=root / "models", packs=root / "packs"
    )
    return root, revision


@pytest.fixture(scope="module")
def predictor(checkpoint):
    return OfficialPredictor(build_model(CONFIG, checkpoint))


@pytest.fixture(scope="module")
def picture():
    """(100, 150, 3): discs and bars."""
    y, x = np.mgrid[:100, :150]
    picture = np.stack([x, 255 - y, (x + y) // 2], axis=-1).astype(np.uint8)
    picture[np.hypot(x - 40, y - 50) < 25] = (250, 30, 20)
    picture[np.hypot(x - 110, y - 40) < 18] = (20, 200, 250)
    picture[80:92, 20:130] = (10, 10, 10)
    return picture


@pytest.fixture
def segmenter(pack):
    segmenter = onnx_segmenter(pack[0] / "models", "tiny", SQUARE)
    yield segmenter
    segmenter.close()


def ask(segmenter, picture, asked, **prompts):
    return official_sam2.ask(segmenter, picture, SQUARE, asked, **prompts)


def test_a_pack_is_described_and_installed_whole(pack):
    root, revision = pack
    described = tomllib.loads((root / "packs" / "tiny.toml").read_text())
    assert described["revision"] == revision
    assert described["segmenter"]["image_size"] == SQUARE
    for name in ("encoder_model", "decoder_model", "segment_model"):
        assert (root / "models" / described["segmenter"][name] / "config.pbtxt").is_file()
    assert (root / "models" / "tiny_segment" / "1" / "model.py").is_file()
    assert "${" not in (root / "models" / "tiny_segment" / "config.pbtxt").read_text()


@pytest.mark.parametrize("multimask", [True, False])
def test_prompts_answer_as_the_published_predictor(segmenter, predictor, picture, multimask):
    predictor.set_image(picture)
    points = np.array([[[40, 50], [110, 40]], [[110, 40], [20, 20]]], np.float32)
    labels = np.array([[1, 0], [1, -1]], np.int32)
    boxes = np.array([[15, 25, 66, 76]], np.float32)
    asked = {"mode": "prompt", "multimask_output": multimask}
    found = ask(segmenter, picture, asked, point_coords=points, point_labels=labels, boxes=boxes)
    each = 3 if multimask else 1
    assert [one.prompt_index for one in found] == [index for index in range(3) for _ in range(each)]
    expected = [
        predictor.predict(points[0], labels[0], multimask_output=multimask),
        predictor.predict(points[1, :1], labels[1, :1], multimask_output=multimask),
        predictor.predict(box=boxes[0], multimask_output=multimask),
    ]
    masks = np.concatenate([masks for masks, _, _ in expected]).astype(bool)
    scores = np.concatenate([scores for _, scores, _ in expected])
    for one, mask, score in zip(found, masks, scores, strict=True):
        assert mask_iou(rle.decode(one.rle, mask.shape), mask) > 0.98
        assert one.predicted_iou == pytest.approx(score, abs=0.01)


def test_a_box_and_a_point_make_one_prompt(segmenter, predictor, picture):
    predictor.set_image(picture)
    point, label = np.array([[[40, 50]]], np.float32), np.array([[1]], np.int32)
    box = np.array([[15, 25, 66, 76]], np.float32)
    asked = {"mode": "prompt", "combine": True, "multimask_output": True}
    found = ask(segmenter, picture, asked, point_coords=point, point_labels=label, boxes=box)
    masks, _, _ = predictor.predict(point[0], label[0], box=box[0], multimask_output=True)
    assert [
        mask_iou(rle.decode(one.rle, mask.shape), mask.astype(bool)) > 0.98
        for one, mask in zip(found, masks, strict=True)
    ]
    assert len(found) == 3


def test_automatic_masks_are_those_of_sam2s_own_generator(segmenter, predictor, picture):
    asked = {"mode": "automatic", "points_per_side": 12, "points_per_batch": 32}
    asked |= {"pred_iou_thresh": 0.05, "stability_score_thresh": 0.5, "box_nms_thresh": 0.98}
    expected = official_generator(predictor, asked).generate(picture)
    found = ask(segmenter, picture, asked)
    assert len(expected) >= 3, "the weights give too few masks to compare"
    theirs = [one["segmentation"] for one in expected]
    ours = [rle.decode(one.rle, picture.shape[:2]) for one in found]
    # Pixels of ours were rounded to bytes and features to float16: one that lies on a threshold may tip.
    alike = [max(mask_iou(mask, other) for other in ours) > 0.98 for mask in theirs]
    assert sum(alike) >= 0.9 * len(theirs)
    assert abs(len(ours) - len(theirs)) <= 0.1 * len(theirs)
    for one in found:
        box = one.box
        inside = rle.decode(one.rle, picture.shape[:2])[box[1] : box[3], box[0] : box[2]]
        assert inside.sum() == one.area


def installed(root):
    return [*root.rglob("*.onnx"), *root.rglob("*.toml")]


def test_all_three_models_are_compared_on_a_triton_that_runs(pack, checkpoint, tmp_path, capsys):
    with (
        running_triton(pack[0] / "models") as triton,
        grpc.InferenceServerClient(triton.grpc_address) as client,
    ):
        assert export(sam2, checkpoint, tmp_path, "--config", CONFIG, "--triton", triton.grpc_address) == 0
        index = client.get_model_repository_index(as_json=True)["models"]
    ready = {each["name"] for each in index if each.get("state") == "READY"}
    assert ready == {"tiny_segment", "tiny_sam_encoder", "tiny_sam_decoder"}, "it is left as it was"
    shown = capsys.readouterr().out
    on_triton = [line for line in shown.splitlines() if " Triton " in line]
    assert all(" ok " in line for line in on_triton)
    assert sum("1 − IoU" in line for line in on_triton) == 4
    assert sum("tiny_sam_decoder" in line for line in on_triton) == 10
    assert sum("tiny_sam_encoder" in line for line in on_triton) == 6
    assert installed(tmp_path)


def test_a_model_that_drifts_is_not_installed(checkpoint, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sam2_parity, "RELATIVE_LIMIT", 1e-12)
    assert export(sam2, checkpoint, tmp_path, "--config", CONFIG) == 1
    assert "drifts" in capsys.readouterr().err
    assert not installed(tmp_path)


def test_masks_that_drift_on_triton_alone_install_nothing(checkpoint, tmp_path, monkeypatch, capsys):
    sources = tmp_path / "segment"
    shutil.copytree(sam2_segment.SOURCES, sources)
    served = (sources / "segmenter.py").read_text()
    shifted = served.replace("return logits[:, 1:], scores[:, 1:]", "return logits[:, :3], scores[:, :3]")
    assert shifted != served
    (sources / "segmenter.py").write_text(shifted)
    monkeypatch.setattr(sam2_segment, "SOURCES", sources)
    (tmp_path / "here").mkdir()
    assert export(sam2, checkpoint, tmp_path / "here", "--config", CONFIG) == 1
    assert re.search(r"tiny_segment drifts: \w+ on Triton", capsys.readouterr().err)
    assert list((tmp_path / "here").iterdir()) == []


def test_where_no_triton_runs_it_is_said(checkpoint, tmp_path, monkeypatch, capsys):
    def unavailable(say):
        raise TritonUnavailable("none for this machine")

    monkeypatch.setattr(staged_triton, "find_or_set_up", unavailable)
    assert export(sam2, checkpoint, tmp_path, "--config", CONFIG) == 0
    shown = capsys.readouterr().out
    assert "Not compared on Triton: none for this machine" in shown
    assert shown.count("1 − IoU") == 4
    assert installed(tmp_path)


def test_a_checkpoint_of_another_size_is_refused(checkpoint, tmp_path):
    weights = torch.load(checkpoint, weights_only=True)["model"]
    del weights["sam_mask_decoder.iou_token.weight"]
    torch.save({"model": weights}, tmp_path / "cut.pt")
    with pytest.raises(CheckpointError, match="1 weights missing"):
        build_model(CONFIG, tmp_path / "cut.pt")
    (tmp_path / "text.pt").write_text("no checkpoint")
    with pytest.raises(CheckpointError, match="does not fit"):
        build_model(CONFIG, tmp_path / "text.pt")
    with pytest.raises(CheckpointError, match="neither"):
        build_model("enormous", None)
