"""Settings: flags over environment over defaults, and ranges."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway import settings
from gateway.body import Budget
from gateway.descriptors import DescriptorError, read_file
from gateway.server import _config


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("GATEWAY_TARGET", "ORCHESTRATOR_ADDRESS", "GATEWAY_PORT", "GATEWAY_HOST"):
        monkeypatch.delenv(f"SIGHTLINE_{name}", raising=False)


def test_defaults() -> None:
    parsed = settings.parse([])
    assert (parsed.target, parsed.host, parsed.port) == ("127.0.0.1:50051", "127.0.0.1", 8080)
    assert parsed.max_body_bytes == parsed.max_message_bytes == 64 << 20
    assert parsed.origins == ()


def test_environment_file_and_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("SIGHTLINE_GATEWAY_PORT=1\nSIGHTLINE_ORCHESTRATOR_ADDRESS=file:1\nOTHER=1\n")
    assert (settings.parse([]).port, settings.parse([]).target) == (1, "file:1")
    monkeypatch.setenv("SIGHTLINE_ORCHESTRATOR_ADDRESS", "env:1")
    monkeypatch.setenv("SIGHTLINE_GATEWAY_PORT", "2")
    assert (settings.parse([]).port, settings.parse([]).target) == (2, "env:1")
    parsed = settings.parse(["--port", "3", "--target", "flag:1", "--no-docs", "--cors-origins", "a, b"])
    assert (parsed.port, parsed.target, parsed.docs, parsed.origins) == (3, "flag:1", False, ("a", "b"))


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("SIGHTLINE_GATEWAY_TARGET=\n")
    monkeypatch.setenv("SIGHTLINE_GATEWAY_PORT", "")
    assert (settings.parse([]).port, settings.parse([]).target) == (8080, "127.0.0.1:50051")


@pytest.mark.parametrize(
    "flags", [["--port", "x"], ["--port", "65536"], ["--timeout", "-1"], ["--log-level", "no"]]
)
def test_wrong_settings_are_named(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        settings.parse(flags)
    assert refused.value.code == 2
    assert flags[0].strip("-").replace("-", "_") in capsys.readouterr().err


def test_descriptor_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(DescriptorError, match="cannot be read"):
        read_file(tmp_path / "nothing")
    (tmp_path / "junk").write_bytes(b"\xff\xff\xff")
    with pytest.raises(DescriptorError, match="not a FileDescriptorSet"):
        read_file(tmp_path / "junk")


def test_messages_to_websockets_are_small_by_default() -> None:
    assert settings.parse([]).websocket_limit == 4 << 20
    assert settings.parse(["--max-message-bytes", "1000"]).websocket_limit == 1000
    assert settings.parse(["--max-websocket-message-bytes", "2000"]).websocket_limit == 2000
    assert _config(settings.parse([]), Budget(1), None).ws_max_size == 4 << 20
