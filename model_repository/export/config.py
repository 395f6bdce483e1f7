"""Writes Triton model configurations that load on the CPU binary and on the GPU image alike."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or output: its name, Triton's data type without `TYPE_` (`FP32`, `UINT8`, `STRING` …), and its
    shape without the batch dimension where the model batches. -1 is a dynamic size."""

    name: str
    data_type: str
    dims: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Warmup:
    """A request of zeros that Triton sends before the model counts as ready. `dims` gives the sizes of inputs
    whose own dims hold -1."""

    batch_size: int = 1
    dims: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """A Triton model's configuration; `text()` is its `config.pbtxt`.

    `max_batch_size` 0: the model does not batch and `dims` are whole shapes. `queue_delay_us` None: requests
    are not merged; otherwise the dynamic batcher waits that long for `preferred_batch_sizes`, and requests of
    the first of `priority_levels`, the default, go before the others. `tensorrt` names the accelerator that
    ONNX Runtime uses on a GPU, with kernels of `tensorrt_precision`; a CPU ignores it. `instance_kind` is
    KIND_AUTO for ONNX, since the CPU binary refuses KIND_GPU. `parameters` are strings, as Triton has them.
    """

    name: str
    backend: Literal["onnxruntime", "python"]
    inputs: Sequence[Tensor]
    outputs: Sequence[Tensor]
    max_batch_size: int = 0
    instance_count: int = 1
    instance_kind: Literal["KIND_AUTO", "KIND_CPU", "KIND_GPU"] = "KIND_AUTO"
    queue_delay_us: int | None = None
    preferred_batch_sizes: Sequence[int] = ()
    max_queue_size: int = 0
    priority_levels: int = 0
    decoupled: bool = False
    tensorrt: bool = False
    tensorrt_precision: Literal["FP32", "FP16"] = "FP32"
    parameters: Mapping[str, str] = field(default_factory=dict)
    warmup: Sequence[Warmup] = ()

    def text(self) -> str:
        """The configuration in protobuf's text format, one field a line."""
        lines = [
            f"name: {_quoted(self.name)}",
            f"backend: {_quoted(self.backend)}",
            f"max_batch_size: {self.max_batch_size}",
            *(_tensor("input", tensor) for tensor in self.inputs),
            *(_tensor("output", tensor) for tensor in self.outputs),
            f"instance_group {{ count: {self.instance_count} kind: {self.instance_kind} }}",
        ]
        if self.queue_delay_us is not None:
            lines.append(self._dynamic_batching(self.queue_delay_us))
        if self.decoupled:
            lines.append("model_transaction_policy { decoupled: true }")
        if self.tensorrt:
            half = self.tensorrt_precision == "FP16"
            lines.append(_TENSORRT.replace('  name: "tensorrt"', _HALF) if half else _TENSORRT)
        lines += (
            f"parameters {{ key: {_quoted(key)} value {{ string_value: {_quoted(value)} }} }}"
            for key, value in sorted(self.parameters.items())
        )
        lines += (self._warmup(number, warmup) for number, warmup in enumerate(self.warmup))
        return "\n".join(lines) + "\n"

    def _dynamic_batching(self, delay: int) -> str:
        preferred = "".join(f" preferred_batch_size: {size}" for size in self.preferred_batch_sizes)
        queue = (
            f" default_queue_policy {{ max_queue_size: {self.max_queue_size} }}"
            if self.max_queue_size
            else ""
        )
        levels = self.priority_levels
        priorities = f" priority_levels: {levels} default_priority_level: 1" if levels else ""
        return f"dynamic_batching {{{preferred} max_queue_delay_microseconds: {delay}{queue}{priorities} }}"

    def _warmup(self, number: int, warmup: Warmup) -> str:
        lines = [f'model_warmup {{ name: "warmup-{number}" batch_size: {warmup.batch_size}']
        for tensor in self.inputs:
            dims = warmup.dims.get(tensor.name, tensor.dims)
            if any(size < 0 for size in dims):
                raise ValueError(
                    f"warm-up of {self.name}: {tensor.name} has dynamic dims {dims}; say their sizes"
                )
            value = f"data_type: TYPE_{tensor.data_type} dims: {list(dims)} zero_data: true"
            lines.append(f"  inputs {{ key: {_quoted(tensor.name)} value {{ {value} }} }}")
        return "\n".join([*lines, "}"])


# The engine is built once and kept: building takes minutes for a large tower.
_TENSORRT = """optimization { execution_accelerators { gpu_execution_accelerator {
  name: "tensorrt"
  parameters { key: "trt_engine_cache_enable" value: "true" }
  parameters { key: "trt_engine_cache_path" value: "/tmp/trt-engines" }
} } }"""
_HALF = """  name: "tensorrt"
  parameters { key: "precision_mode" value: "FP16" }"""


def _tensor(kind: str, tensor: Tensor) -> str:
    name = _quoted(tensor.name)
    return f"{kind} {{ name: {name} data_type: TYPE_{tensor.data_type} dims: {list(tensor.dims)} }}"


def _quoted(text: str) -> str:
    return json.dumps(text)  # JSON's string escapes are a subset of the text format's
