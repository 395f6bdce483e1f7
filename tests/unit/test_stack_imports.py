"""What a local stack lets imports read."""

from pathlib import Path

import pytest

from sightline.stack.services import services
from sightline.stack.settings import StackSettings


def roots(**said: str) -> str:
    found = {service.name: service for service in services(StackSettings(_env_file=None, **said))}  # type: ignore[call-arg, arg-type]
    return found["orchestrator"].environment["SIGHTLINE_IMPORT_ROOTS"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_on_loopback_the_orchestrator_decides(host: str) -> None:
    assert roots(gateway_host=host) == ""
    assert roots(gateway_host=host, import_roots="/pictures") == "/pictures"


def test_behind_an_open_gateway_a_folder_of_its_own(tmp_path: Path) -> None:
    assert roots(gateway_host="0.0.0.0", data_dir=str(tmp_path)) == str(tmp_path / "imports")
    assert roots(gateway_host="0.0.0.0", import_roots="/pictures") == "/pictures"
