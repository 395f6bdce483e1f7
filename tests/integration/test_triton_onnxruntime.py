"""The stand-in ONNX Runtime backend, asked through a real Triton."""

from __future__ import annotations

import os
import re
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tritonclient.grpc as grpc
from onnx import TensorProto, helper
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from tests.fixtures.onnx_models import constant, echo, write_model
from tests.fixtures.triton import RunningTriton, running_triton

TYPES = {
    "BOOL": (TensorProto.BOOL, np.bool_),
    "UINT8": (TensorProto.UINT8, np.uint8),
    "UINT16": (TensorProto.UINT16, np.uint16),
    "UINT32": (TensorProto.UINT32, np.uint32),
    "UINT64": (TensorProto.UINT64, np.uint64),
    "INT8": (TensorProto.INT8, np.int8),
    "INT16": (TensorProto.INT16, np.int16),
    "INT32": (TensorProto.INT32, np.int32),
    "INT64": (TensorProto.INT64, np.int64),
    "FP16": (TensorProto.FLOAT16, np.float16),
    "FP32": (TensorProto.FLOAT, np.float32),
    "FP64": (TensorProto.DOUBLE, np.float64),
}


def describe(kind: str, batch: int, rest: str = "", dims: str = "[ 3 ]") -> str:
    return f"""
        backend: "onnxruntime"
        max_batch_size: {batch}
        input {{ name: "x" data_type: TYPE_{kind} dims: {dims} }}
        output {{ name: "y" data_type: TYPE_{kind} dims: {dims} }}
        instance_group {{ count: 1 kind: KIND_AUTO }}
        {rest}
    """


@pytest.fixture(scope="module")
def triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTriton]:
    tree = tmp_path_factory.mktemp("models")
    for kind, (onnx_type, _) in TYPES.items():
        echo(tree, f"echo_{kind}", onnx_type, describe(kind, 8))
    echo(tree, "echo_STRING", TensorProto.STRING, describe("STRING", 8))
    whole = describe("FP32", 0, dims="[ -1, 3 ]")
    echo(tree, "unbatched", TensorProto.FLOAT, whole)
    echo(tree, "by_platform", TensorProto.FLOAT, 'platform: "onnxruntime_onnx"\n')
    merging = "dynamic_batching { max_queue_delay_microseconds: 300000 preferred_batch_size: 8 }"
    zeros = 'inputs { key: "x" value { data_type: TYPE_FP32 dims: 3 zero_data: true } }'
    warm = f'model_warmup {{ name: "w" batch_size: 2 {zeros} }}'
    threads = """
        parameters { key: "intra_op_thread_count" value { string_value: "1" } }
        parameters { key: "execution_mode" value { string_value: "1" } }
        parameters { key: "enable_mem_arena" value { string_value: "0" } }
        parameters { key: "session.intra_op.allow_spinning" value { string_value: "0" } }
        optimization { graph { level: 1 }
          execution_accelerators { gpu_execution_accelerator { name: "tensorrt" } } }
    """
    echo(tree, "merging", TensorProto.FLOAT, describe("FP32", 8, merging + warm + threads))
    two = describe("FP32", 4).replace("count: 1", "count: 2")
    echo(tree, "two_instances", TensorProto.FLOAT, two)
    # Gather fails on an index past the end: a request that is bad by its values alone.
    write_model(
        tree,
        "lookup",
        f"""
        backend: "onnxruntime"
        max_batch_size: 8
        input {{ name: "i" data_type: TYPE_INT64 dims: [ 1 ] }}
        output {{ name: "v" data_type: TYPE_INT64 dims: [ 1 ] }}
        output {{ name: "negative" data_type: TYPE_INT64 dims: [ 1 ] }}
        instance_group {{ count: 1 kind: KIND_AUTO }}
        {merging}
        """,
        [
            helper.make_node("Gather", ["table", "i"], ["v"]),
            helper.make_node("Neg", ["v"], ["negative"]),
        ],
        {"i": (TensorProto.INT64, ("n", 1))},
        {"v": (TensorProto.INT64, ("n", 1)), "negative": (TensorProto.INT64, ("n", 1))},
        [constant("table", [10, 20, 30])],
    )
    with running_triton(tree) as running:
        yield running


def infer(triton: RunningTriton, model: str, outputs: list[str] | None = None, **arrays: Any) -> Any:
    inputs = []
    for name, array in arrays.items():
        tensor = grpc.InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
        tensor.set_data_from_numpy(array)
        inputs.append(tensor)
    asked = [grpc.InferRequestedOutput(name) for name in outputs] if outputs else None
    with grpc.InferenceServerClient(triton.grpc_address) as client:
        return client.infer(model, inputs, outputs=asked, client_timeout=60)


def executions(triton: RunningTriton, model: str) -> tuple[int, int]:
    with grpc.InferenceServerClient(triton.grpc_address) as client:
        stats = client.get_inference_statistics(model, as_json=True)["model_stats"][0]
    return int(stats.get("inference_count", 0)), int(stats.get("execution_count", 0))


@pytest.mark.parametrize("kind", TYPES)
def test_every_number_type_passes_through(triton: RunningTriton, kind: str) -> None:
    array: np.ndarray = np.array([[0, 1, 2], [3, 4, 5]]).astype(TYPES[kind][1])
    answer = infer(triton, f"echo_{kind}", x=array).as_numpy("y")
    assert answer.dtype == array.dtype
    np.testing.assert_array_equal(answer, array)


def test_strings_pass_through(triton: RunningTriton) -> None:
    array = np.array([["a", "é", ""]], dtype=np.object_)
    answer = infer(triton, "echo_STRING", x=array).as_numpy("y")
    assert [text.decode() for text in answer[0]] == ["a", "é", ""]


def test_a_model_that_does_not_batch_takes_whole_shapes(triton: RunningTriton) -> None:
    array = np.random.default_rng(0).random((5, 3), np.float32)
    np.testing.assert_array_equal(infer(triton, "unbatched", x=array).as_numpy("y"), array)


def test_an_empty_batchless_tensor_is_answered(triton: RunningTriton) -> None:
    assert infer(triton, "unbatched", x=np.zeros((0, 3), np.float32)).as_numpy("y").shape == (0, 3)


def test_a_configuration_is_completed_from_the_graph(triton: RunningTriton) -> None:
    with grpc.InferenceServerClient(triton.grpc_address) as client:
        config = client.get_model_config("by_platform", as_json=True)["config"]
    assert config["max_batch_size"] == 4
    assert config["input"][0]["name"] == "x"
    assert (config["input"][0]["data_type"], config["input"][0]["dims"]) == ("TYPE_FP32", ["3"])
    array = np.ones((2, 3), np.float32)
    np.testing.assert_array_equal(infer(triton, "by_platform", x=array).as_numpy("y"), array)


def test_requests_that_arrive_together_run_as_one_and_get_their_own_rows(triton: RunningTriton) -> None:
    before = executions(triton, "merging")
    arrays = [np.full((1 + number % 2, 3), number, np.float32) for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda array: infer(triton, "merging", x=array).as_numpy("y"), arrays))
    for array, answer in zip(arrays, answers, strict=True):
        np.testing.assert_array_equal(answer, array)
    inferences, runs = (now - then for now, then in zip(executions(triton, "merging"), before, strict=True))
    assert inferences == sum(len(array) for array in arrays)
    assert runs < len(arrays)


def test_a_bad_request_fails_alone(triton: RunningTriton) -> None:
    def ask(index: int) -> Any:
        try:
            return infer(triton, "lookup", i=np.array([[index]])).as_numpy("v")[0, 0]
        except InferenceServerException as error:
            return error

    before = executions(triton, "lookup")[1]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, [0, 7, 1, 2]))
    assert [answers[0], answers[2], answers[3]] == [10, 20, 30]
    assert isinstance(answers[1], InferenceServerException)
    assert "out of data bounds" in str(answers[1])
    assert executions(triton, "lookup")[1] - before <= 3  # at least two of them ran together


def test_only_requested_outputs_are_answered(triton: RunningTriton) -> None:
    result = infer(triton, "lookup", ["negative"], i=np.array([[2]]))
    assert [output.name for output in result.get_response().outputs] == ["negative"]
    assert result.as_numpy("negative")[0, 0] == -30


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((1, 4), np.float32), "unexpected shape"),
        (np.zeros((9, 3), np.float32), "batch-size"),
        (np.zeros((1, 3), np.float64), "data-type"),
    ],
)
def test_what_contradicts_the_configuration_is_refused(
    triton: RunningTriton, array: np.ndarray, message: str
) -> None:
    with pytest.raises(InferenceServerException, match=message):
        infer(triton, "echo_FP32", x=array)


def test_several_instances_answer(triton: RunningTriton) -> None:
    arrays = [np.full((1, 3), number, np.float32) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda array: infer(triton, "two_instances", x=array).as_numpy("y"), arrays))
    np.testing.assert_array_equal(np.concatenate(answers), np.concatenate(arrays))
    started = [line for line in triton.log if re.search(r"ModelInstanceInitialize: two_instances_\w+ ", line)]
    assert len(started) == 2


def test_instances_share_the_cores(triton: RunningTriton) -> None:
    each = max(1, len(os.sched_getaffinity(0)) // 2)
    assert any(f"two_instances: 2 instances, {each} threads each" in line for line in triton.log)


def test_an_accelerator_that_is_not_here_is_named_and_skipped(triton: RunningTriton) -> None:
    assert any("merging: tensorrt is not on this CPU" in line for line in triton.log)


def test_metrics_are_served(triton: RunningTriton) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{triton.metrics_port}/metrics", timeout=10) as response:
        assert b"nv_inference_count" in response.read()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (describe("INT64", 8), "is TYPE_INT64 in the configuration and TYPE_FP32 in the model"),
        (describe("FP32", 8, dims="[ 4 ]"), r"has dims \[4\] in the configuration and \[3\] in the model"),
        (describe("FP32", 8).replace('"y"', '"z"'), "'z' is not in the model, which has y"),
    ],
)
def test_a_configuration_that_contradicts_the_graph_does_not_load(
    triton: RunningTriton, tmp_path: Path, config: str, message: str
) -> None:
    echo(tmp_path, "wrong", TensorProto.FLOAT, config)
    files = {"file:1/model.onnx": (tmp_path / "wrong" / "1" / "model.onnx").read_bytes()}
    from google.protobuf import json_format, text_format
    from tritonclient.grpc import model_config_pb2

    parsed = text_format.Parse(config, model_config_pb2.ModelConfig())
    with (
        grpc.InferenceServerClient(triton.grpc_address) as client,
        pytest.raises(InferenceServerException, match=message),
    ):
        client.load_model("wrong", config=json_format.MessageToJson(parsed), files=files)
