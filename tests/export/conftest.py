"""What all exporters' tests share."""

from collections.abc import Iterator
from typing import Any

import pytest

from model_repository.export.install import Staging
from tests.fixtures.official_image import check_tree


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
