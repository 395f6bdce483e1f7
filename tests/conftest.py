"""What all tests share."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.fixtures.triton",
    "tests.fixtures.ports",
    "tests.fixtures.stack",
    "tests.fixtures.drawings",
    "tests.fixtures.postgres",
    "tests.fixtures.catalogs",
    "tests.fixtures.redis",
    "tests.fixtures.buckets",
]

ROOT = Path(__file__).parent.parent

# Tests never assert a time, and a busy machine draws slowly. CI draws the same examples each time.
settings.register_profile(
    "sightline",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("sightline")


@pytest.fixture(scope="session")
def shared() -> Path | None:
    """The folder of pictures and vectors beside the checkout, where there is one.

    Tests that use it have a committed or generated stand-in for where it is None.
    """
    folder = ROOT.parent / "shared"
    return folder if folder.is_dir() else None
