"""What every command has in common: `--json`, examples, exit status, completion of shells."""

import contextlib
import io
import json
import os
import re
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console
from rich.text import Text

from sightline import FieldViolation, InvalidArgument, cli
from sightline.cli import app
from sightline.cli.search import hits_table
from sightline.v1.search_service_pb2 import Hit

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


def run_python(source: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60)


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


@pytest.mark.parametrize("arguments", [["search"], ["search", "x", "--nonsense"], ["search", "x", "-n", "0"]])
def test_a_usage_error_is_json_where_that_was_asked_for(arguments: list[str]) -> None:
    done = run(*arguments, "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert json.loads(done.stderr)["error"].keys() == {"type", "message"}
    assert json.loads(done.stderr)["error"]["type"] == "UsageError"


def test_grpcs_own_log_is_not_on_standard_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_in_clear() -> None:
            with contextlib.suppress(OSError):  # until the listener is closed
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer_in_clear, daemon=True).start()
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        tls = {"SIGHTLINE_ORCHESTRATOR_ADDRESS": address, "SIGHTLINE_CLIENT_TLS": "1"}
        done = run("search", "x", "--json", **tls, SIGHTLINE_CLIENT_TIMEOUT="10")
        loud = run("search", "x", "--json", **tls, SIGHTLINE_CLIENT_TIMEOUT="10", GRPC_VERBOSITY="INFO")
        listener.shutdown(socket.SHUT_RDWR)
    assert done.returncode == loud.returncode == 1
    assert json.loads(done.stderr)["error"]["code"] == "UNAVAILABLE"
    assert "ssl_transport_security" in loud.stderr  # what it would have said


def test_an_interruption_is_json_where_that_was_asked_for() -> None:
    interrupted = textwrap.dedent("""
        import sys
        from sightline.cli import main, show

        def interrupt(*_):
            raise KeyboardInterrupt

        show.Sightline = interrupt
        sys.argv = ["sightline", "show", "collections/default", "--json"]
        main()
    """)
    done = run_python(interrupted)
    assert (done.returncode, done.stdout) == (130, "")
    assert json.loads(done.stderr) == {"error": {"type": "KeyboardInterrupt", "message": "interrupted"}}


@pytest.mark.parametrize("command", ["up", "down"])
def test_a_client_alone_says_what_a_stack_needs(command: str) -> None:
    alone = f"""
import sys
sys.modules["pydantic_settings"] = None
from sightline.cli import main
sys.argv = ["sightline", "{command}"]
main()
"""
    done = run_python(alone)
    assert (done.returncode, done.stdout) == (1, "")
    assert "pip install 'sightline[server]'" in done.stderr
    assert "Traceback" not in done.stderr


def shown(text: str) -> str:
    """A help text as the terminal has it, where `[name]` is markup."""
    return Text.from_markup(text).plain


@pytest.mark.parametrize("name", COMMANDS)
def test_no_help_loses_words_to_markup(name: str) -> None:
    command = COMMANDS[name]
    for text in [command.help, *(parameter.help or "" for parameter in command.params)]:
        for line in shown(text).splitlines():
            assert not re.search(r"\S  +\S", line), line


def test_a_name_in_brackets_is_in_the_help() -> None:
    (calibrate,) = [each for each in COMMANDS["eval"].params if each.name == "calibrate"]
    assert "[embedder.relevance]" in shown(calibrate.help)
    assert "[embedder.region_relevance]" in shown(calibrate.help)


def test_a_folder_without_pictures_is_said_as_such(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    done = run("add", str(tmp_path), "--server", NOBODY)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"no picture in {tmp_path}" in done.stderr


def test_a_violation_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    said = [FieldViolation("filter", "is no filter"), FieldViolation("text", "is empty")]
    cli._say(InvalidArgument("filter: is no filter", field_violations=said))
    assert capsys.readouterr().err.split() == (
        ["error:", "InvalidArgument:", "filter:", "is", "no", "filter", "text:", "is", "empty"]
    )


@pytest.mark.parametrize("region", ["", "collections/default/images/one/regions/1"])
def test_a_hit_is_printed_with_its_name(region: str) -> None:
    hit = Hit(image="collections/default/images/one", region=region, display_name="dog.jpg", folder="pets")
    printed = Console(width=200, file=io.StringIO())
    with printed.capture() as capture:
        printed.print(hits_table([hit]))
    heading, line = capture.get().splitlines()
    assert heading.split()[-1] == "name"
    assert line.split()[-2:] == ["pets/dog.jpg", hit.region or hit.image]


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
