"""Serves ONNX models under Triton's Python backend as Triton's own `onnxruntime` backend does, on the CPU.

A Python-based backend: every instance of a Triton model with `backend: "onnxruntime"` runs this module in a
process of its own. It honours the same `config.pbtxt` as the C++ backend: one model tree loads on both.
Needs numpy 1 and onnxruntime.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import triton_python_backend_utils as pb_utils
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument

# ONNX Runtime's type name → (Triton's data type, numpy's).
TYPES: dict[str, tuple[str, Any]] = {
    "tensor(bool)": ("TYPE_BOOL", np.bool_),
    "tensor(uint8)": ("TYPE_UINT8", np.uint8),
    "tensor(uint16)": ("TYPE_UINT16", np.uint16),
    "tensor(uint32)": ("TYPE_UINT32", np.uint32),
    "tensor(uint64)": ("TYPE_UINT64", np.uint64),
    "tensor(int8)": ("TYPE_INT8", np.int8),
    "tensor(int16)": ("TYPE_INT16", np.int16),
    "tensor(int32)": ("TYPE_INT32", np.int32),
    "tensor(int64)": ("TYPE_INT64", np.int64),
    "tensor(float16)": ("TYPE_FP16", np.float16),
    "tensor(float)": ("TYPE_FP32", np.float32),
    "tensor(double)": ("TYPE_FP64", np.float64),
    "tensor(string)": ("TYPE_STRING", np.object_),
}
# The C++ backend's `optimization { graph { level } }`; 0, the default, is everything.
GRAPH_LEVELS = {
    -1: onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    0: onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
    1: onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    2: onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
}
DEFAULT_MAX_BATCH_SIZE = 4  # Triton's --backend-config=default-max-batch-size


class TritonPythonModel:
    """One instance of one ONNX model: a session of its own."""

    @staticmethod
    def auto_complete_config(auto_complete_model_config: Any) -> Any:
        """Fills in the inputs, outputs and batch size that `config.pbtxt` leaves out, from the ONNX graph."""
        config = auto_complete_model_config.as_dict()
        if config["input"] and config["output"]:
            return auto_complete_model_config
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = GRAPH_LEVELS[2]  # only the signature is read
        session = onnxruntime.InferenceSession(_path_from_command_line(), options, ["CPUExecutionProvider"])
        batch = config["max_batch_size"]
        if not batch and not config["input"] and not config["output"]:
            tensors = [*session.get_inputs(), *session.get_outputs()]
            if all(tensor.shape and not isinstance(tensor.shape[0], int) for tensor in tensors):
                batch = DEFAULT_MAX_BATCH_SIZE
                auto_complete_model_config.set_max_batch_size(batch)
                auto_complete_model_config.set_dynamic_batching()
        for key, tensors, add in (
            ("input", session.get_inputs(), auto_complete_model_config.add_input),
            ("output", session.get_outputs(), auto_complete_model_config.add_output),
        ):
            if not config[key]:
                for tensor in tensors:
                    dims = _dims(tensor.shape)[1 if batch else 0 :]
                    # Triton has no tensors of rank 0 in a configuration.
                    add({"name": tensor.name, "data_type": _triton_type(tensor), "dims": dims or [1]})
        return auto_complete_model_config

    def initialize(self, args: dict[str, str]) -> None:
        """Loads the model; raises `TritonModelException` where the configuration contradicts the graph."""
        config = json.loads(args["model_config"])
        self.batches = config["max_batch_size"] > 0
        filename = config.get("default_model_filename") or "model.onnx"
        path = Path(args["model_repository"]) / args["model_version"] / filename
        try:
            self.session = onnxruntime.InferenceSession(
                str(path), _session_options(config), providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise pb_utils.TritonModelException(f"ONNX Runtime cannot load {path.name}: {error}") from error
        self.input_types = {tensor.name: TYPES[tensor.type][1] for tensor in self.session.get_inputs()}
        _check(config, "input", self.session.get_inputs())
        _check(config, "output", self.session.get_outputs())
        self.outputs = [tensor["name"] for tensor in config["output"]]

    def execute(self, requests: list[Any]) -> list[Any]:
        """One answer a request, in their order. What Triton batched together runs as one; when that fails,
        each runs alone, so that a bad request fails by itself."""
        answers: list[Any] = [None] * len(requests)
        groups: dict[Any, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
        for index, request in enumerate(requests):
            if request.is_cancelled():
                answers[index] = _failure("the request was cancelled", pb_utils.TritonError.CANCELLED)
                continue
            try:
                feeds = {tensor.name(): self._feed(tensor) for tensor in request.inputs()}
            except Exception as error:
                answers[index] = _failure(str(error), pb_utils.TritonError.INVALID_ARG)
                continue
            shapes = tuple(sorted((name, array.shape[1:]) for name, array in feeds.items()))
            groups[shapes if self.batches else index].append((index, feeds))
        for members in groups.values():
            if len(members) == 1 or not self._run_together(members, requests, answers):
                for index, feeds in members:
                    answers[index] = self._run_alone(feeds, requests[index])
        return answers

    def finalize(self) -> None:
        """Lets go of the session before the process ends."""
        del self.session

    def _feed(self, tensor: Any) -> Any:
        array = tensor.as_numpy()
        if self.input_types[tensor.name()] is np.object_:
            texts = [
                value.decode() if isinstance(value, bytes) else str(value) for value in array.reshape(-1)
            ]
            return np.array(texts, dtype=np.object_).reshape(array.shape)
        return array

    def _wanted(self, request: Any) -> list[str]:
        asked = set(request.requested_output_names())
        return [name for name in self.outputs if name in asked] if asked else self.outputs

    def _run_alone(self, feeds: dict[str, Any], request: Any) -> Any:
        wanted = self._wanted(request)
        try:
            return _answer(wanted, self.session.run(wanted, feeds))
        except InvalidArgument as error:
            return _failure(str(error), pb_utils.TritonError.INVALID_ARG)
        except Exception as error:
            return _failure(str(error), pb_utils.TritonError.INTERNAL)

    def _run_together(self, members: list[Any], requests: list[Any], answers: list[Any]) -> bool:
        sizes = [next(iter(feeds.values())).shape[0] for _, feeds in members]
        bounds = np.cumsum(sizes)[:-1]
        wanted = [
            name
            for name in self.outputs
            if any(name in self._wanted(requests[index]) for index, _ in members)
        ]
        try:
            merged = {name: np.concatenate([feeds[name] for _, feeds in members]) for name in members[0][1]}
            results = self.session.run(wanted, merged)
        except Exception as error:
            pb_utils.Logger.log_warn(
                f"a batch of {len(members)} requests failed, running each alone: {error}"
            )
            return False
        if any(result.shape[:1] != (sum(sizes),) for result in results):
            return False  # not batch-first after all: only alone is its answer right
        parts = {name: np.split(result, bounds) for name, result in zip(wanted, results, strict=True)}
        for position, (index, _) in enumerate(members):
            names = self._wanted(requests[index])
            answers[index] = _answer(names, [parts[name][position] for name in names])
        return True


def _answer(names: list[str], arrays: list[Any]) -> Any:
    tensors = []
    for name, array in zip(names, arrays, strict=True):
        array = np.asarray(array)
        if array.dtype.kind in "OU":
            array = np.array([str(value).encode() for value in array.reshape(-1)], np.object_).reshape(
                array.shape
            )
        tensors.append(pb_utils.Tensor(name, np.ascontiguousarray(array)))
    return pb_utils.InferenceResponse(output_tensors=tensors)


def _failure(message: str, code: Any) -> Any:
    return pb_utils.InferenceResponse(error=pb_utils.TritonError(message, code))


def _session_options(config: dict[str, Any]) -> Any:
    parameters = {key: value["string_value"] for key, value in config.get("parameters", {}).items()}
    optimization = config.get("optimization", {})
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = GRAPH_LEVELS[int(optimization.get("graph", {}).get("level", 0))]
    # The C++ backend has its host to itself; this one shares its cores with the rest of the mesh, which would
    # wait while ONNX Runtime's threads spin between two operators.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    instances = sum(group.get("count", 1) for group in config.get("instance_group", []))
    if instances > 1:  # they share the cores
        threads = max(1, len(os.sched_getaffinity(0)) // instances)
        options.intra_op_num_threads = threads
        pb_utils.Logger.log_info(f"{config['name']}: {instances} instances, {threads} threads each")
    for key, value in parameters.items():
        if key == "intra_op_thread_count":
            options.intra_op_num_threads = int(value)
        elif key == "inter_op_thread_count":
            options.inter_op_num_threads = int(value)
        elif key == "execution_mode":
            parallel = int(value) == 1
            modes = onnxruntime.ExecutionMode
            options.execution_mode = modes.ORT_PARALLEL if parallel else modes.ORT_SEQUENTIAL
        elif key == "enable_mem_arena":
            options.enable_cpu_mem_arena = value not in ("0", "false")
        elif key == "enable_mem_pattern":
            options.enable_mem_pattern = value not in ("0", "false")
        elif key.startswith("session."):
            options.add_session_config_entry(key, value)
    for accelerators in optimization.get("execution_accelerators", {}).values():
        for accelerator in accelerators:
            pb_utils.Logger.log_info(
                f"{config['name']}: {accelerator['name']} is not on this CPU; going without it"
            )
    return options


def _check(config: dict[str, Any], key: str, tensors: list[Any]) -> None:
    batches = config["max_batch_size"] > 0
    graph = {tensor.name: tensor for tensor in tensors}
    configured = {tensor["name"]: tensor for tensor in config[key]}
    if key == "input" and set(graph) - set(configured):
        missing = ", ".join(sorted(set(graph) - set(configured)))
        raise pb_utils.TritonModelException(f"{config['name']}: the configuration lacks the input {missing}")
    for name, tensor in configured.items():
        where = f"{config['name']}: {key} {name!r}"
        if name not in graph:
            raise pb_utils.TritonModelException(
                f"{where} is not in the model, which has {', '.join(sorted(graph))}"
            )
        if _triton_type(graph[name]) != tensor["data_type"]:
            has = _triton_type(graph[name])
            raise pb_utils.TritonModelException(
                f"{where} is {tensor['data_type']} in the configuration and {has} in the model"
            )
        shape = _dims(graph[name].shape)
        if batches and (not shape or shape[0] != -1):
            raise pb_utils.TritonModelException(
                f"{where} cannot batch: its shape {shape} has no dynamic first size"
            )
        dims = tensor.get("reshape", {}).get("shape", tensor["dims"])
        dims = [int(size) for size in dims]
        inner = shape[1:] if batches else shape
        fits = len(dims) == len(inner) and all(
            -1 in pair or pair[0] == pair[1] for pair in zip(dims, inner, strict=True)
        )
        if not fits and not (dims == [1] and not inner):
            raise pb_utils.TritonModelException(
                f"{where} has dims {dims} in the configuration and {inner} in the model"
            )


def _dims(shape: list[Any]) -> list[int]:
    return [size if isinstance(size, int) and size >= 0 else -1 for size in shape]


def _triton_type(tensor: Any) -> str:
    if tensor.type not in TYPES:
        raise pb_utils.TritonModelException(
            f"{tensor.name!r} is {tensor.type}, which this backend does not serve"
        )
    return TYPES[tensor.type][0]


def _path_from_command_line() -> str:
    """The model's file: while a configuration is completed, the backend is given it nowhere else."""
    return Path("/proc/self/cmdline").read_bytes().split(b"\0")[1].decode()
