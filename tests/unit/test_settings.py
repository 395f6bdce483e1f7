"""Settings: flags over the environment over `.env` over defaults; ranges; nothing secret shown."""

from pathlib import Path

import pytest

from orchestrator.settings import Settings, parse


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SIGHTLINE_{name.upper()}", raising=False)


def test_the_defaults_work_and_keep_everything_in_the_data_directory(tmp_path: Path) -> None:
    settings = parse([])
    assert settings.address == "127.0.0.1:50051"
    assert settings.catalog == f"sqlite:///{tmp_path}/.sightline/catalog.sqlite"
    assert settings.blobs == f"file://{tmp_path}/.sightline/blobs"
    assert settings.packs_dir.parts[-2:] == ("model_repository", "packs")


def test_flags_win_over_the_environment_and_it_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(
        "SIGHTLINE_ORCHESTRATOR_PORT=1\nSIGHTLINE_EMBEDDER=file\nSIGHTLINE_GATEWAY_PORT=9\n"
    )
    assert parse([]).orchestrator_port == 1
    monkeypatch.setenv("SIGHTLINE_ORCHESTRATOR_PORT", "2")
    assert parse([]).orchestrator_port == 2
    settings = parse(["--orchestrator-port", "3"])
    assert (settings.orchestrator_port, settings.embedder) == (3, "file")


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_ORCHESTRATOR_PORT", "")
    assert parse([]).orchestrator_port == 50051


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--orchestrator-port", "65536"),
        ("--orchestrator-port", "http"),
        ("--drain-seconds", "-1"),
        ("--max-creates", "0"),
        ("--segmentation", "SOME"),
        ("--log-level", "loud"),
    ],
)
def test_a_value_out_of_range_ends_with_status_2_and_names_the_setting(
    flag: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([flag, value])
    assert ended.value.code == 2
    assert f"SIGHTLINE_{flag.strip('-').replace('-', '_').upper()}: " in capsys.readouterr().err


def test_help_lists_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(f"--{name.replace('_', '-')}" in shown for name in Settings.model_fields)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:hunter2@db/sightline", "postgresql://me:***@db/sightline"),
        ("postgresql://me:hunter2/@:x@db/sightline", "postgresql://me:***@db/sightline"),
        (
            "postgresql://db/x?user=me&password=hunter2&sslmode=require",
            "postgresql://db/x?user=me&password=***&sslmode=require",
        ),
        ("postgresql://db/x?sslpassword=hunter2", "postgresql://db/x?sslpassword=***"),
        ("sqlite:////tmp/a@b.sqlite", "sqlite:////tmp/a@b.sqlite"),
    ],
)
def test_passwords_are_not_shown(monkeypatch: pytest.MonkeyPatch, url: str, shown: str) -> None:
    monkeypatch.setenv("SIGHTLINE_CATALOG_URL", url)
    told = parse([]).shown()
    assert told["catalog_url"] == shown
    assert "hunter2" not in str(told)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        parse([]).drain_seconds = 1  # type: ignore[misc]


def test_an_ipv6_host_is_bracketed() -> None:
    assert parse(["--orchestrator-host", "::1"]).address == "[::1]:50051"
