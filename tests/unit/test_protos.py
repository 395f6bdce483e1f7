"""The protos are clean, and what Python is generated from them is what is committed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROTOS = ROOT / "protos"
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def buf(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["buf", *arguments], cwd=PROTOS, env=ENVIRONMENT, capture_output=True, text=True)


def test_buf_lint_is_clean() -> None:
    done = buf("lint")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("commit", ["HEAD", "HEAD~1"])
def test_nothing_breaks_since_the_last_commit_nor_in_it(commit: str) -> None:
    known = subprocess.run(["git", "rev-parse", "--verify", "--quiet", commit], cwd=ROOT, capture_output=True)
    if known.returncode:
        pytest.skip(
            f"nothing was compared: {commit} is not here; a shallow clone has it after a fetch --deepen=1"
        )
    changed = subprocess.run(["git", "diff", "--quiet", commit, "--", "protos"], cwd=ROOT)
    if commit == "HEAD" and not changed.returncode:
        pytest.skip("nothing was compared: the protos are those of HEAD")
    done = buf("breaking", "--against", f"{ROOT / '.git'}#subdir=protos,ref={commit}")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("inputs", "committed"),
    [
        (["--path", "sightline"], ROOT / "clients" / "python" / "sightline" / "v1"),
        (["--path", "gateway"], ROOT / "gateway" / "v1"),
        (["third_party", "--path", "third_party/buf"], ROOT / "clients" / "python" / "buf" / "validate"),
    ],
)
def test_stubs_have_not_drifted(inputs: list[str], committed: Path, tmp_path: Path) -> None:
    done = buf("generate", "--template", "buf.gen.python.yaml", *inputs, "--output", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    fresh = {path.name: path.read_bytes() for path in tmp_path.rglob("*_pb2*")}
    kept = {
        path.name: path.read_bytes() for path in committed.glob("*_pb2*") if path.suffix in (".py", ".pyi")
    }
    assert fresh.keys() == kept.keys()
    assert [name for name in fresh if fresh[name] != kept[name]] == []


def test_the_descriptor_set_has_not_drifted(tmp_path: Path) -> None:
    target = tmp_path / "descriptors.binpb"
    done = buf("build", "--path", "sightline", "--path", "gateway", "--output", str(target))
    assert done.returncode == 0, done.stdout + done.stderr
    kept = ROOT / "clients" / "python" / "sightline" / "v1" / "descriptors.binpb"
    assert target.read_bytes() == kept.read_bytes()


def test_the_synchronous_client_has_not_drifted(tmp_path: Path) -> None:
    kept = ROOT / "clients" / "python"
    shutil.copy(kept / "generate_sync.py", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(kept / "sightline" / "_async", tmp_path / "sightline" / "_async")
    subprocess.run([sys.executable, "generate_sync.py"], cwd=tmp_path, check=True)
    made, committed = (
        {path.name: path.read_text() for path in (place / "sightline" / "_sync").glob("*.py")}
        for place in (tmp_path, kept)
    )
    assert made.keys() == committed.keys() >= {"client.py", "images.py"}
    assert [name for name in made if made[name] != committed[name]] == []
