"""What all exporters' tests share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model_repository.export.install import Staging
from sightline import Sightline
from tests.export.exporting import export
from tests.fixtures.official_image import check_tree
from tests.fixtures.stack import Stack, running_stack


@pytest.fixture(scope="session", autouse=True)
def checked_against_the_official_image() -> Iterator[None]:
    """Whatever an exporter installs in any test keeps to the image's operator sets and fields."""
    install = Staging.install

    def checked(self: Staging, *arguments: Any, **named: Any) -> str:
        assert check_tree(self.tree)
        return install(self, *arguments, **named)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Staging, "install", checked)
        yield


@pytest.fixture(scope="module")
def exported(
    request: pytest.FixtureRequest, checkpoint: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with `models/` and `packs/`, into which the module's `EXPORTER` exported its `checkpoint`,
    compared on a Triton of its own."""
    root = tmp_path_factory.mktemp("exported")
    assert export(request.module.EXPORTER, checkpoint, root) == 0
    return root


@pytest.fixture(scope="module")
def served(root: Path) -> Iterator[Stack]:
    """The mesh over the module's `root`: every pack in its `models/` and `packs/`."""
    with running_stack(root / "data", (root / "models", root / "packs")) as running:
        yield running


@pytest.fixture(scope="module")
def client(served: Stack) -> Iterator[Sightline]:
    """An SDK client of `served`."""
    with Sightline(served.orchestrator_address) as opened:
        yield opened
