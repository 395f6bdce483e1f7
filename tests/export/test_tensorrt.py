"""TensorRT plans: commands and configurations, without a GPU, and that nothing half-built is installed."""

import shlex
import shutil
import stat
import tomllib
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from model_repository.export import tensorrt
from model_repository.export.install import revision_of
from model_repository.export.tensorrt import check_machine, main, parts_of
from model_repository.export.tensorrt_plan import (
    build_command,
    parse_config,
    plan_config,
    profile,
    serve_command,
)
from tests.fixtures.official_image import parse_config as parse_as_the_image

REPOSITORY = Path(tensorrt.ROOT)
IMAGE = "nvcr.io/nvidia/tritonserver:25.08-py3"
TOWER = """
name: "tiny_text_tower" backend: "onnxruntime" max_batch_size: 32
input { name: "token_ids" data_type: TYPE_INT64 dims: -1 }
output { name: "embedding" data_type: TYPE_FP32 dims: 16 }
instance_group { count: 1 kind: KIND_AUTO }
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The starter, where it may be changed."""
    for model in (REPOSITORY / "models").glob("starter_*"):
        shutil.copytree(model, tmp_path / "models" / model.name)
    (tmp_path / "packs").mkdir()
    shutil.copy(REPOSITORY / "packs" / "starter.toml", tmp_path / "packs")
    return tmp_path


def places(root: Path) -> list[str]:
    return ["--pack", "starter", "--models", str(root / "models"), "--packs", str(root / "packs")]


def test_a_profile_spans_batches_and_lengths() -> None:
    found = profile(parse_config(TOWER), 77)
    assert (found.least, found.usual, found.most) == (
        {"token_ids": (1, 1)},
        {"token_ids": (8, 16)},
        {"token_ids": (32, 77)},
    )
    short = profile(parse_config(TOWER.replace("batch_size: 32", "batch_size: 4")), 12)
    assert (short.usual, short.most) == ({"token_ids": (4, 12)}, {"token_ids": (4, 12)})


def test_a_plan_is_built_in_the_pinned_image() -> None:
    shapes = profile(parse_config(TOWER), 77)
    assert build_command(Path("/tree"), "tiny_text_tower", shapes, "7:8") == [
        "docker",
        "run",
        "--rm",
        "--gpus=all",
        "--user=7:8",
        "--volume=/tree:/models",
        IMAGE,
        "/usr/src/tensorrt/bin/trtexec",
        "--onnx=/models/tiny_text_tower/1/model.onnx",
        "--saveEngine=/models/tiny_text_tower/1/model.plan",
        "--stronglyTyped",
        "--noTF32",
        "--skipInference",
        "--minShapes=token_ids:1x1",
        "--optShapes=token_ids:8x16",
        "--maxShapes=token_ids:32x77",
    ]
    serving = serve_command(Path("/tree"), ["a", "b"], 9001, "plans")
    assert serving[serving.index(IMAGE) :] == [
        IMAGE,
        "tritonserver",
        "--model-repository=/models",
        "--model-control-mode=explicit",
        "--load-model=a",
        "--load-model=b",
    ]
    assert "--publish=127.0.0.1:9001:8001" in serving


def test_fixed_shapes_take_no_profile() -> None:
    config = parse_config((REPOSITORY / "models" / "starter_sam_encoder" / "config.pbtxt").read_text())
    command = build_command(Path("/tree"), "starter_sam_encoder", profile(config, 1), "0:0")
    assert command[-1] == "--skipInference"


def test_the_configuration_keeps_the_contract_and_goes_to_the_gpu() -> None:
    path = REPOSITORY / "models" / "starter_image" / "config.pbtxt"
    before, after = (
        parse_as_the_image(path.read_text()),
        parse_as_the_image(plan_config(parse_config(path.read_text()))),
    )
    for field in ("name", "max_batch_size", "input", "output", "dynamic_batching", "model_warmup"):
        assert str(getattr(after, field)) == str(getattr(before, field))
    assert (after.platform, after.backend) == ("tensorrt_plan", "")  # type: ignore[attr-defined]
    assert not after.HasField("optimization")  # it spoke of ONNX Runtime's accelerators
    (group,) = after.instance_group  # type: ignore[attr-defined]
    assert (group.kind, list(group.profile), group.count) == (1, ["0"], 2)  # KIND_GPU


def test_a_dry_run_prints_what_would_be_run(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*places(pack), "--dry-run"]) == 0
    commands = [
        shlex.split(line) for line in capsys.readouterr().out.splitlines() if line.startswith("docker")
    ]
    built = [next(word for word in command if word.startswith("--onnx=")) for command in commands]
    assert built == [
        f"--onnx=/models/starter_{part}/1/model.onnx" for part in ("image", "text_tower", "sam_encoder")
    ]
    length = tomllib.loads((pack / "packs" / "starter.toml").read_text())["embedder"]["context_length"]
    assert f"--maxShapes=token_ids:32x{length}" in commands[1]
    assert not list(pack.rglob("*.plan"))


@pytest.mark.parametrize(("commands", "missing"), [([], "no docker"), (["docker"], "no GPU")])
def test_a_machine_that_cannot_is_told_what_it_needs(
    pack: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    commands: list[str],
    missing: str,
) -> None:
    on_path(tmp_path / "bin", monkeypatch, dict.fromkeys(commands, "exit 1"))
    assert main(places(pack)) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert missing in said
    assert "container toolkit and a GPU" in said
    assert "--dry-run" in said


def test_a_build_that_fails_installs_nothing(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    on_path(tmp_path / "bin", monkeypatch, {"docker": "echo $@; exit 3", "nvidia-smi": "echo GPU 0: one"})
    check_machine()
    before = sorted(pack.rglob("*"))
    assert main(places(pack)) == 1
    shown = capfd.readouterr()
    assert "starter_image: no plan was built: docker ended with status 3" in shown.err
    assert f"{IMAGE} /usr/src/tensorrt/bin/trtexec" in shown.out
    assert sorted(pack.rglob("*")) == before


@pytest.mark.parametrize(("drift", "status"), [(0.0, 0), (0.01, 1)])
def test_a_plan_is_installed_if_it_answers_as_its_graph(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drift: float, status: int
) -> None:
    """docker and Triton's answers are stood in for: what is real is the staging, the gate and the install."""
    build = 'for word in "$@"; do case $word in --volume=*) tree=${word#--volume=}; tree=${tree%%:/models};; '
    build += "--saveEngine=*) plan=${word#--saveEngine=/models/};; esac; done; echo plan > $tree/$plan"
    on_path(tmp_path / "bin", monkeypatch, {"docker": build, "nvidia-smi": "echo GPU 0: one"})
    monkeypatch.setattr(tensorrt, "_served", lambda tree, names: nullcontext("127.0.0.1:1"))
    sources = {
        each.name: each
        for parts in parts_of("starter", pack / "models", pack / "packs").values()
        for each in parts
    }
    monkeypatch.setattr(
        "model_repository.export.parity.ask_triton",
        lambda address, model, inputs, outputs: {
            name: answer + np.asarray(drift, answer.dtype)
            for case in tensorrt.cases(sources[model])
            if all(np.array_equal(case.inputs[name], inputs[name]) for name in inputs)
            for name, answer in case.expected.items()
        },
    )
    revision = revision_of(pack / "models", "starter")
    described = (pack / "packs" / "starter.toml").read_text()
    assert main(places(pack)) == status
    plans = sorted(path.parent.parent.name for path in pack.rglob("model.plan"))
    if status:
        assert plans == []
        assert (pack / "packs" / "starter.toml").read_text() == described
        return
    assert plans == ["starter_image", "starter_sam_encoder", "starter_text_tower"]
    after = tomllib.loads((pack / "packs" / "starter.toml").read_text())
    assert (after["embedder"]["engine"], after["segmenter"]["engine"]) == ("tensorrt", "tensorrt")
    before = tomllib.loads(described)
    for part in ("embedder", "segmenter"):  # the same vectors: what is indexed stays good
        assert after[part]["revision"] == before[part]["revision"]
    assert after["revision"] == revision == revision_of(pack / "models", "starter")


def test_int8_stays_on_the_cpu(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = pack / "packs" / "starter.toml"
    path.write_text(path.read_text().replace('precision = "fp32"', 'precision = "int8"'))
    assert main([*places(pack), "--dry-run"]) == 1
    assert "PRECISION=fp16" in capsys.readouterr().err


def test_a_pack_that_is_not_installed_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*places(tmp_path), "--dry-run"]) == 1
    assert "make models PACK=starter first" in capsys.readouterr().err


def on_path(folder: Path, monkeypatch: pytest.MonkeyPatch, scripts: dict[str, str]) -> None:
    """A PATH of these commands alone."""
    folder.mkdir()
    for name, script in scripts.items():
        path = folder / name
        path.write_text(f"#!{shutil.which('sh')}\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))
