"""TensorRT plans of an installed pack's towers and SAM encoder, built and compared in the official image.

python -m model_repository.export.tensorrt --pack clip-vit-b32 [--dry-run]
"""

from __future__ import annotations

import argparse
import os
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model_repository.export.install import Staging, staging
from model_repository.export.official_image import image
from model_repository.export.onnx_file import copy_graph
from model_repository.export.parity import Case, Distance, ParityError, check_triton, gate
from model_repository.export.precision import Precision, chosen
from model_repository.export.tensorrt_plan import (
    Profile,
    build_command,
    parse_config,
    plan_config,
    profile,
    serve_command,
)

ROOT = Path(__file__).parents[1]
# Of each part of a pack, the graphs that become plans, and those that stay with ONNX Runtime: SAM's decoder
# takes any number of prompts.
PARTS = {
    "embedder": (("image", "text_tower"), ()),
    "segmenter": (("sam_encoder",), ("sam_decoder",)),
}
LIMIT = 1e-4  # of L2-normalised embeddings in float32
FEATURE_LIMIT = 5e-3  # of SAM's float16 features, relative to the largest
RELATIVE = Distance(
    "relative difference",
    lambda answer, expected: float(np.abs(answer - expected).max() / np.abs(expected).max()),
)
START_SECONDS = 300
PIXEL_VALUES, TOKENS = 256, 100  # a published vocabulary has many more


class PlanError(Exception):
    """No plan can be built here, or the pack has nothing to build one from. One line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A model whose graph becomes a plan, and what it is held to."""

    name: str
    source: Path
    config: Any
    shapes: Profile
    limit: tuple[float, Distance]


def planned(pack: str, part: str, models: Path, packs: Path) -> list[Planned]:
    """The models of a part that become plans. PlanError where the pack is not installed, or is in int8."""
    precision = chosen(None, packs / f"{pack}.toml", part)
    if precision is Precision.INT8:
        raise PlanError(f"{pack} is in int8, which is for CPUs: make models PACK={pack} PRECISION=fp16 first")
    description = tomllib.loads((packs / f"{pack}.toml").read_text())[part]
    found = []
    for each in PARTS[part][0]:
        folder = models / f"{pack}_{each}"
        if not (folder / "1" / "model.onnx").is_file():
            continue  # an embedder without a text tower
        config = parse_config((folder / "config.pbtxt").read_text())
        limit = precision.limit(LIMIT) if part == "embedder" else (FEATURE_LIMIT, RELATIVE)
        found.append(
            Planned(
                name=folder.name,
                source=folder / "1" / "model.onnx",
                config=config,
                shapes=profile(config, int(description.get("context_length", 1))),
                limit=limit,
            )
        )
    return found


def parts_of(pack: str, models: Path, packs: Path) -> dict[str, list[Planned]]:
    """What of a pack becomes plans, by part. Raises PlanError where that is nothing."""
    path = packs / f"{pack}.toml"
    described = tomllib.loads(path.read_text()) if path.is_file() else {}
    found = {part: planned(pack, part, models, packs) for part in PARTS if part in described}
    found = {part: each for part, each in found.items() if each}
    if not found:
        raise PlanError(
            f"{pack} is not installed, or has neither towers nor SAM: make models PACK={pack} first"
        )
    return found


def check_machine() -> None:
    """Raises PlanError where docker or a GPU is missing."""
    needed = f"plans are built in {image()}, which needs docker, NVIDIA's container toolkit and a GPU"
    instead = "--dry-run (DRY_RUN=1 for make) prints the commands"
    if shutil.which("docker") is None:
        raise PlanError(f"{needed}: there is no docker here; {instead}")
    listed = shutil.which("nvidia-smi") and subprocess.run(
        ["nvidia-smi", "-L"], capture_output=True, text=True, check=False
    )
    if not listed or listed.returncode or "GPU" not in listed.stdout:
        raise PlanError(f"{needed}: nvidia-smi lists no GPU here; {instead}")


def install_plans(pack: str, part: str, chosen_models: list[Planned], models: Path, packs: Path) -> str:
    """Builds, compares with the graphs on ONNX Runtime, installs; the pack's revision, which stays as it was.

    Raises PlanError or ParityError; then nothing was installed.
    """
    with staging(pack, models, packs) as staged:
        _stage(staged, part, chosen_models, models)
        user = f"{os.getuid()}:{os.getgid()}"
        for each in chosen_models:
            _run(build_command(staged.tree, each.name, each.shapes, user), f"{each.name}: no plan was built")
            if not (staged.tree / each.name / "1" / "model.plan").is_file():
                raise PlanError(f"{each.name}: trtexec left no plan")
        with _served(staged.tree, [each.name for each in chosen_models]) as address:
            figures = []
            for each in chosen_models:
                limit, distance = each.limit
                figures += check_triton(each.name, address, cases(each), limit, distance=distance)
        gate(figures)
        return staged.install(part, {"engine": "tensorrt"}, {})


def cases(model: Planned) -> list[Case]:
    """Seeded inputs at the profile's ends and its middle, and what the graph answers on ONNX Runtime."""
    import onnxruntime

    session = onnxruntime.InferenceSession(model.source, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    rng = np.random.default_rng(0)
    found = []
    for case, shapes in (
        ("least", model.shapes.least),
        ("usual", model.shapes.usual),
        ("most", model.shapes.most),
    ):
        inputs = {
            name: rng.integers(0, PIXEL_VALUES if name == "pixels" else TOKENS, shape).astype(
                np.uint8 if name == "pixels" else np.int64
            )
            for name, shape in shapes.items()
        }
        found.append(Case(case, inputs, dict(zip(names, session.run(names, inputs), strict=True))))
    return found


def _stage(staged: Staging, part: str, chosen_models: list[Planned], models: Path) -> None:
    for each in chosen_models:
        version = staged.tree / each.name / "1"
        version.mkdir(parents=True)
        copy_graph(each.source, version / "model.onnx")
        (version.parent / "config.pbtxt").write_text(plan_config(each.config))
    for other in PARTS[part][1]:  # unchanged, and part of the part's revision
        name = f"{staged.pack}_{other}"
        shutil.copytree(models / name, staged.tree / name)


@contextmanager
def _served(tree: Path, names: list[str]) -> Iterator[str]:
    import tritonclient.grpc as triton

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    container = f"sightline-plans-{secrets.token_hex(4)}"
    server = subprocess.Popen(serve_command(tree, names, port, container))
    try:
        with triton.InferenceServerClient(f"127.0.0.1:{port}") as client:
            deadline = time.monotonic() + START_SECONDS
            while not _ready(client, names):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise PlanError("the image's Triton did not load the plans; its log is above")
                time.sleep(1)
        yield f"127.0.0.1:{port}"
    finally:
        subprocess.run(["docker", "stop", container], capture_output=True, check=False)
        server.wait(60)


def _ready(client: Any, names: list[str]) -> bool:
    from tritonclient.utils import InferenceServerException

    try:
        return all(client.is_model_ready(name) for name in names)
    except InferenceServerException:
        return False


def _run(command: list[str], failed: str) -> None:
    if (status := subprocess.run(command, check=False).returncode) != 0:
        raise PlanError(f"{failed}: docker ended with status {status}, and the lines above say why")


def _show(parts: dict[str, list[Planned]], models: Path) -> None:
    user = f"{os.getuid()}:{os.getgid()}"
    for each in (model for found in parts.values() for model in found):
        print(shlex.join(build_command(models.absolute(), each.name, each.shapes, user)))
        print(f"# {each.name}/config.pbtxt\n{plan_config(each.config)}")


def main(arguments: list[str] | None = None) -> int:
    """The command line; 1 with one line on stderr where nothing could be built."""
    parser = argparse.ArgumentParser(prog="python -m model_repository.export.tensorrt", description=__doc__)
    parser.add_argument("--pack", required=True, help="an installed pack, in fp32 or fp16")
    parser.add_argument(
        "--dry-run", action="store_true", help="print commands and configurations, run nothing"
    )
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--packs", type=Path, default=ROOT / "packs")
    given = parser.parse_args(arguments)
    try:
        parts = parts_of(given.pack, given.models, given.packs)
        if given.dry_run:
            _show(parts, given.models)
            return 0
        check_machine()
        for part, found in parts.items():
            revision = install_plans(given.pack, part, found, given.models, given.packs)
            print(f"{given.pack}: revision {revision} in {given.models}, its {part} with TensorRT")
    except (PlanError, ParityError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
