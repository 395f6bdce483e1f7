"""A served ONNX model as a TensorRT plan: its shape profile, its configuration, and the commands for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import text_format

from model_repository.export.official_image import image

TRTEXEC = "/usr/src/tensorrt/bin/trtexec"
USUAL_BATCH = 8
USUAL_LENGTH = 16  # tokens of a query
Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Profile:
    """The shapes of a plan's inputs, by name, batch included: the least, those it is tuned for, the most."""

    least: Shapes
    usual: Shapes
    most: Shapes

    def arguments(self) -> list[str]:
        """trtexec's arguments; none for a graph of fixed shapes, which takes no profile."""
        if self.least == self.most:
            return []
        named = {"min": self.least, "opt": self.usual, "max": self.most}
        return [f"--{name}Shapes={_written(shapes)}" for name, shapes in named.items()]


def parse_config(text: str) -> Any:
    """A `config.pbtxt` as tritonclient's `ModelConfig`."""
    from tritonclient.grpc import model_config_pb2

    return text_format.Parse(text, model_config_pb2.ModelConfig())


def profile(config: Any, longest: int) -> Profile:
    """A model's shapes: batches from one to its `max_batch_size`, and free sizes from one to `longest`."""
    batch = config.max_batch_size
    sizes = {"least": (1, 1), "usual": (USUAL_BATCH, USUAL_LENGTH), "most": (batch, longest)}

    def shapes(size: str) -> Shapes:
        several, length = sizes[size]
        first = (min(several, batch),) if batch else ()
        return {
            each.name: (*first, *(min(length, longest) if dim < 0 else dim for dim in each.dims))
            for each in config.input
        }

    return Profile(*(shapes(size) for size in sizes))


def plan_config(config: Any) -> str:
    """The configuration with which Triton serves the plan instead of the graph: same contract, on a GPU."""
    planned = type(config)()
    planned.CopyFrom(config)
    planned.ClearField("backend")
    planned.platform = "tensorrt_plan"
    planned.optimization.ClearField("execution_accelerators")
    if not planned.optimization.ByteSize():
        planned.ClearField("optimization")
    for group in planned.instance_group:
        group.kind = type(group).KIND_GPU
        group.profile[:] = ["0"]
    return text_format.MessageToString(planned)


def build_command(tree: Path, model: str, shapes: Profile, user: str) -> list[str]:
    """Builds `<tree>/<model>/1/model.plan` from the `model.onnx` beside it, in the official image.

    Strongly typed, the plan computes in the graph's own precision; without TF32, float32 is float32. `user`
    (`uid:gid`) owns the plan.
    """
    folder = f"/models/{model}/1"
    return [
        *("docker", "run", "--rm", "--gpus=all", f"--user={user}", f"--volume={tree}:/models", image()),
        *(TRTEXEC, f"--onnx={folder}/model.onnx", f"--saveEngine={folder}/model.plan"),
        *("--stronglyTyped", "--noTF32", "--skipInference", *shapes.arguments()),
    ]


def serve_command(tree: Path, models: Sequence[str], port: int, name: str) -> list[str]:
    """Serves the plans below `tree` from the official image, gRPC on 127.0.0.1 at `port`."""
    return [
        *("docker", "run", "--rm", f"--name={name}", "--gpus=all", "--shm-size=1gb"),
        *(f"--publish=127.0.0.1:{port}:8001", f"--volume={tree}:/models:ro", image()),
        *("tritonserver", "--model-repository=/models", "--model-control-mode=explicit"),
        *(f"--load-model={model}" for model in models),
    ]


def _written(shapes: Shapes) -> str:
    return ",".join(f"{name}:{'x'.join(map(str, shape))}" for name, shape in shapes.items())
