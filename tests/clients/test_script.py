"""Clients in every language do the same script of calls against one live mesh. See README.md."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from sightline import Sightline
from tests.clients.expected import CREATED, Expected
from tests.clients.languages import LANGUAGES
from tests.clients.stub_server import Collections, certificate_of_localhost, serving_collections
from tests.clients.toolchain import BUILD_SECONDS, build, need
from tests.fixtures.stack import GALLERY, Stack

pytestmark = pytest.mark.timeout(BUILD_SECONDS)

SCRIPT_SECONDS = 280
DRAWN = {
    "dog.jpg": "animals/animals-004.jpg",
    "chicken.jpg": "animals/animals-019.jpg",
    "rainbow.jpg": "nature/nature-021.jpg",
    "fire.jpg": "nature/nature-020.jpg",
}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the script reads, of the sample gallery."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, source in DRAWN.items():
        shutil.copy(GALLERY / source, folder / name)
    Image.open(GALLERY / "travel" / "travel-018.png").convert("RGB").save(folder / "tractor.bmp")
    (folder / "broken.jpg").write_text("this is no picture")
    return folder


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need("openssl")
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture
def flaky() -> Collections:
    return Collections(failures=2)


@pytest.fixture
def addresses(stack: Stack, flaky: Collections, certificates: Path) -> Iterator[dict[str, str]]:
    """Where the script finds its servers, as its environment says it."""
    credentials = certificate_of_localhost(certificates)
    with serving_collections(flaky) as failing, serving_collections(Collections(), credentials) as secure:
        yield {
            "SIGHTLINE_TARGET": stack.orchestrator_address,
            "SIGHTLINE_URL": stack.gateway_url,
            "SIGHTLINE_FLAKY_TARGET": f"127.0.0.1:{failing}",
            "SIGHTLINE_TLS_TARGET": f"localhost:{secure}",
            "SIGHTLINE_TLS_CA": str(certificates / "ca.pem"),
        }


def logged(stack: Stack, request_id: str) -> list[str]:
    """The lines of the orchestrator's log on calls that bore the id."""
    lines = (stack.data / "orchestrator.log").read_text().splitlines()
    return [line for line in lines if request_id in line]


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_client_does_the_script(
    name: str, stack: Stack, pictures: Path, addresses: dict[str, str], flaky: Collections
) -> None:
    language = LANGUAGES[name]
    need(*language.needs)
    for command in language.builds:
        build(*command, folder=language.folder)
    collection = f"script-{name}"
    with Sightline(stack.orchestrator_address) as sightline:
        sightline.create_collection(collection)
    given = {**addresses, "SIGHTLINE_COLLECTION": collection, "SIGHTLINE_PICTURES": str(pictures)}
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SIGHTLINE_")}

    done = subprocess.run(
        language.run,
        cwd=language.folder,
        env={**kept, **given},
        capture_output=True,
        text=True,
        timeout=SCRIPT_SECONDS,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    Expected(collection, pictures).check(steps, language.without)
    if "retry" not in language.without:
        assert flaky.calls == {"GetCollection": 3, "CreateCollection": 1}
    assert len(logged(stack, f"{collection}-pages")) == (len(CREATED) + 1) // 2
    until = time.monotonic() + 10
    while not (cancelled := logged(stack, f"{collection}-cancel")) and time.monotonic() < until:
        time.sleep(0.1)
    assert [line for line in cancelled if "SegmentImage" in line and "CANCELLED" in line], cancelled
