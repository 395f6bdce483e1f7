"""What is committed loads on the official Triton image that docker-compose.yml pins."""

from pathlib import Path

import onnx
import pytest
from google.protobuf import text_format
from onnx import TensorProto, helper

from model_repository.export import official_image
from tests.fixtures.official_image import check_graph, check_tree, parse_config

ROOT = Path(__file__).parents[2]


def test_the_image_is_the_one_that_compose_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    pinned = f"{official_image.REPOSITORY}:${{SIGHTLINE_TRITON_TAG:-{official_image.TAG}}}"
    assert f"image: {pinned}\n" in (ROOT / "docker-compose.yml").read_text()
    monkeypatch.setenv("SIGHTLINE_TRITON_TAG", "26.01-py3")
    assert official_image.image() == "nvcr.io/nvidia/tritonserver:26.01-py3"


def test_installed_models_keep_to_its_opsets_and_fields() -> None:
    assert check_tree(ROOT / "model_repository" / "models") >= 6  # the starter's


@pytest.mark.parametrize(
    ("domain", "opset", "ir_version"), [("", 22, 10), ("", 18, 11), ("com.microsoft", 1, 10)]
)
def test_a_graph_beyond_it_is_found(tmp_path: Path, domain: str, opset: int, ir_version: int) -> None:
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", value[:1], value[1:])
    opsets = {"": 18} | {domain: opset}
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid(*each) for each in opsets.items()], ir_version=ir_version
    )
    onnx.save(model, tmp_path / "model.onnx")
    with pytest.raises(AssertionError, match="reads"):
        check_graph(tmp_path / "model.onnx")


def test_a_field_of_a_later_release_is_found() -> None:
    parse_config("ensemble_scheduling { step { } }")
    with pytest.raises(text_format.ParseError, match="max_inflight_requests"):
        parse_config("ensemble_scheduling { max_inflight_requests: 2 }")
