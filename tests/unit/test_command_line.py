"""What every command has in common: `--json`, examples, exit status, completion of shells."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer

from sightline.cli import app

SIGHTLINE = Path(sys.executable).with_name("sightline")
NOBODY = "127.0.0.1:1"


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that call it."""
    root: Any = group or typer.main.get_command(app)
    for name, command in root.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = {" ".join(path): command for path, command in commands()}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SIGHTLINE), *arguments],
        env={**os.environ, "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def test_there_are_commands() -> None:
    assert {"add", "search", "segment", "show", "status", "up", "down", "demo", "eval"} < set(COMMANDS)
    assert {"collections list", "collections create"} < set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_json_and_explains_itself(name: str) -> None:
    command = COMMANDS[name]
    assert "--json" in {option for parameter in command.params for option in parameter.opts}
    assert command.help
    assert command.epilog.startswith("Examples:")
    assert all(parameter.help for parameter in command.params if parameter.name != "help")
    assert f"sightline {name}" in command.epilog


def test_help_has_no_colour_where_it_is_piped() -> None:
    done = run("search", "--help", TERM="xterm-256color")
    assert done.returncode == 0
    assert 'sightline search "a red umbrella" --save hits.png' in done.stdout
    assert "\x1b" not in done.stdout


def test_the_version_is_told() -> None:
    assert run("--version").stdout == f"sightline {version('sightline')}\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--version"], 0),
        (["status", "--server", NOBODY], 1),
        (["search", "x", "--server", NOBODY], 1),
        (["search"], 2),
        (["nonsense"], 2),
        (["search", "x", "--nonsense"], 2),
        (["search", "x", "--limit", "0"], 2),
        (["collections", "create", "x", "--segmentation", "some"], 2),
        (["show", "x/y/z", "--view", "some"], 2),
    ],
)
def test_the_exit_status_says_what_became_of_it(arguments: list[str], code: int) -> None:
    done = run(*arguments)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("address", [NOBODY, "nonsense"])
def test_an_error_is_json_where_that_was_asked_for(address: str) -> None:
    done = run("search", "x", "--json", "--server", address)
    assert (done.returncode, done.stdout) == (1, "")
    error = json.loads(done.stderr)["error"]
    expected = {
        NOBODY: ("Unavailable", "UNAVAILABLE", "NO_SERVER"),
        "nonsense": ("ConfigurationError", None, None),
    }
    assert (error["type"], error.get("code"), error.get("reason")) == expected[address]
    assert address in error["message"]


def test_completion_is_installed_for_the_shell_that_asks(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{SIGHTLINE} --install-completion; exit $?"],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "bash completion installed" in done.stdout
    script = tmp_path / ".bash_completions" / "sightline.sh"
    assert str(script) in (tmp_path / ".bashrc").read_text()
    asked = f"source {script}; COMP_WORDS=(sightline col); COMP_CWORD=1; _sightline_completion sightline"
    done = subprocess.run(
        ["bash", "-c", f'{asked}; echo "${{COMPREPLY[@]}}"'],
        env={**os.environ, "PATH": f"{SIGHTLINE.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "collections\n", done.stderr
