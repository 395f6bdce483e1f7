"""What the TypeScript package promises without a mesh, and what it packs."""

import json
import subprocess

import pytest

from tests.clients.languages import CLIENTS
from tests.clients.toolchain import BUILD_SECONDS, build, need

pytestmark = pytest.mark.timeout(BUILD_SECONDS)
FOLDER = CLIENTS / "typescript"


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    need("node", "npm")
    build("npm", "ci", "--silent", folder=FOLDER)


def test_transport_retries_and_pages() -> None:
    build("npm", "test", folder=FOLDER)


def test_the_package_holds_what_its_users_import() -> None:
    build("npm", "run", "build", folder=FOLDER)
    said = subprocess.run(
        ["npm", "pack", "--dry-run", "--json", "--ignore-scripts"],
        cwd=FOLDER,
        check=True,
        capture_output=True,
    )
    (packed,) = json.loads(said.stdout)
    files = {file["path"] for file in packed["files"]}
    manifest = json.loads((FOLDER / "package.json").read_text())
    for entry in manifest["exports"].values():
        assert {path.removeprefix("./") for path in entry.values()} <= files
    assert {"README.md", "LICENSE"} <= files
    assert not [name for name in files if name.startswith(("src/", "test/"))]


def test_the_packed_source_maps_hold_their_sources() -> None:
    build("npm", "run", "build", folder=FOLDER)
    maps = [json.loads(path.read_text()) for path in (FOLDER / "dist").rglob("*.js.map")]
    assert maps
    assert [each["file"] for each in maps if not all(each.get("sourcesContent", [None]))] == []


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
