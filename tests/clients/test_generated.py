"""Google's linter finds nothing, and every language's stubs are what the protos give."""

import json
import os
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from tests.clients.toolchain import BUILD_SECONDS, ROOT, build, need

pytestmark = pytest.mark.timeout(BUILD_SECONDS)

PROTOS = ROOT / "protos"
GENERATED = {
    "typescript": "clients/typescript/src/gen",
    "go": "clients/go/sightlinev1",
    "java": "clients/java/src/generated/java",
    "rust": "clients/rust/src/gen",
}


@pytest.fixture(scope="module")
def tools() -> dict[str, str]:
    """An environment with what protos/tools pins on its PATH."""
    need("make", "go", "cargo", "mvn", "npm")
    build("make", "protos/.tools/.ready")
    folders = [PROTOS / ".tools" / "bin", Path(sys.executable).parent]
    return {**os.environ, "PATH": os.pathsep.join([*map(str, folders), os.environ["PATH"]])}


def run(environment: dict[str, str], *command: str) -> None:
    done = subprocess.run(command, cwd=PROTOS, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def fresh(tools: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree like the checkout's, with newly generated stubs in it."""
    root = tmp_path_factory.mktemp("generated")
    for template in ("buf.gen.yaml", "buf.gen.published.yaml"):
        run(tools, "buf", "generate", "--template", template, "--output", str(root / "protos"))
    return root


def own_protos() -> list[str]:
    """The files that are ours, as api-linter is given them."""
    paths = [path for room in ("gateway", "sightline") for path in sorted((PROTOS / room).rglob("*.proto"))]
    return [str(path.relative_to(PROTOS)) for path in paths]


def test_the_api_follows_googles_proposals(tools: dict[str, str]) -> None:
    options = "--config api-linter.yaml --set-exit-status --output-format github -I third_party"
    run(tools, "api-linter", *options.split(), *own_protos())


def test_every_exception_to_them_is_needed(tools: dict[str, str]) -> None:
    files = own_protos()
    command = ["api-linter", "--output-format", "json", "-I", "third_party", *files]
    said = subprocess.run(command, cwd=PROTOS, env=tools, check=True, capture_output=True)
    found = {
        (problem["rule_id"], file["file_path"])
        for file in json.loads(said.stdout)
        for problem in file["problems"]
    }
    for exception in yaml.safe_load((PROTOS / "api-linter.yaml").read_text()):
        paths = {name for pattern in exception["included_paths"] for name in files if fnmatch(name, pattern)}
        needed = {rule for rule, name in found if name in paths}
        assert set(exception["disabled_rules"]) <= needed, exception["included_paths"]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("language", GENERATED)
def test_stubs_have_not_drifted(language: str, fresh: Path) -> None:
    made, kept = contents(fresh / GENERATED[language]), contents(ROOT / GENERATED[language])
    assert made.keys() == kept.keys()
    assert made
    assert [name for name in made if made[name] != kept[name]] == []


def test_all_clients_share_one_service_config() -> None:
    source = (ROOT / "clients" / "python" / "sightline" / "service_config.json").read_text().strip()
    copies = {
        "typescript": "src/service_config.ts",
        "go": "service_config.json",
        "java": "src/main/resources/dev/sightline/service_config.json",
        "rust": "src/service_config.json",
    }
    assert copies.keys() == GENERATED.keys()
    for language, copy in copies.items():
        assert source in (ROOT / "clients" / language / copy).read_text(), language
