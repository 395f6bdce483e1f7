"""The command line over the real mesh, and the mesh that it starts by itself."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

import psutil
import pytest
from PIL import Image

from sightline import Sightline
from sightline.gallery import read_gallery
from tests.fixtures.stack import GALLERY, Stack
from tests.fixtures.triton import free_ports

SIGHTLINE = Path(sys.executable).with_name("sightline")


class CommandLine:
    """`sightline`, pointed at one server."""

    def __init__(self, directory: Path, **environment: str) -> None:
        self.directory = directory
        self.environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", **environment}

    def __call__(
        self, *arguments: str, timeout: float = 240, stdin: Path = Path(os.devnull)
    ) -> subprocess.CompletedProcess[str]:
        with stdin.open() as given:
            return self._run(arguments, timeout, given)

    def _run(
        self, arguments: tuple[str, ...], timeout: float, stdin: IO[str]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(SIGHTLINE), *arguments],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=stdin,
        )


def json_lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """What `--json` printed: a line for each thing."""
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def sightline(stack: Stack, tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path, SIGHTLINE_ORCHESTRATOR_ADDRESS=stack.orchestrator_address)


def test_a_collection_labels_from_a_list_and_anew_when_it_changes(
    sightline: CommandLine, tmp_path: Path
) -> None:
    chosen = [answer for answer in read_gallery() if len(answer.things) == 1][:10]
    names = list(dict.fromkeys(answer.things[0].name for answer in chosen))
    (tmp_path / "labels.txt").write_text("red circle\n\nblue square\nred circle\n")
    done = sightline(
        "collections", "create", "labelled", "--labels", "labels.txt", "--segmentation", "off", "--json"
    )
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert (made["labelsVocabulary"], made["segmentation"]) == (["red circle", "blue square"], "OFF")
    assert sightline("add", *(str(answer.path) for answer in chosen), "-c", "labelled").returncode == 0
    (tmp_path / "labels.txt").write_text("\n".join(names))
    done = sightline("collections", "update", "labelled", "--labels", "labels.txt")
    assert done.returncode == 0, done.stderr
    assert "labelled" in sightline("collections", "list").stdout
    deadline = time.monotonic() + 60
    with Sightline(sightline.environment["SIGHTLINE_ORCHESTRATOR_ADDRESS"]) as client:
        while client.collection_statistics("labelled").unlabelled_image_count:
            assert time.monotonic() < deadline, "not relabelled in time"
            time.sleep(0.2)
    done = sightline("search", "-c", "labelled", "x", "-f", "predicted_labels:*", "--json")
    hits = json_lines(done)
    assert {label["label"] for hit in hits for label in hit["predictedLabels"]} <= set(names)
    said = {answer.path.name: answer.things[0].name for answer in chosen}
    right = [
        hit for hit in hits if said[hit["displayName"]] in {each["label"] for each in hit["predictedLabels"]}
    ]
    assert right, "the starter knows none of ten drawings"
    done = sightline("search", "-c", "labelled", "x", "--rerank")
    assert (done.returncode, "no matcher" in done.stderr) == (1, True)
    done = sightline("search", "-c", "labelled", "x", "--rerank", "--allow-skip")
    assert (done.returncode, "reranking was skipped" in done.stderr) == (0, True)
    assert sightline("collections", "update", "labelled").returncode == 2
    assert sightline("collections", "delete", "labelled").returncode == 1
    assert sightline("collections", "delete", "labelled", "--force").returncode == 0


def test_a_folder_is_added_once_and_found(sightline: CommandLine, tmp_path: Path) -> None:
    done = sightline("status")
    assert done.returncode == 0, done.stderr
    shelf = tmp_path / "shelf" / "deep"
    shelf.mkdir(parents=True)
    chosen = read_gallery()[3]
    (shelf / chosen.path.name).write_bytes(chosen.path.read_bytes())
    (shelf / "notes.txt").write_text("not a picture, and not taken for one")
    (tmp_path / "shelf" / "broken.png").write_bytes(b"not a picture")

    done = sightline("add", "shelf", "--folder", "mine")
    assert done.returncode == 1
    assert "1 added, 0 already there, 1 failed" in done.stdout
    assert "broken.png" in done.stderr
    (tmp_path / "shelf" / "broken.png").unlink()
    done = sightline("add", "shelf", "--folder", "mine")
    assert done.returncode == 0, done.stderr
    assert "0 added, 1 already there, 0 failed" in done.stdout

    done = sightline(
        "search", "--image", str(chosen.path), "-f", 'folder = "mine"', "--json", "--save", "sheet.png"
    )
    assert done.returncode == 0, done.stderr
    (hit,) = json_lines(done)
    assert hit["folder"] == "mine/deep"
    assert hit["score"] > 0.99
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 1000

    done = sightline("show", hit["image"], "--save", "copy.bin")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "copy.bin").read_bytes() == chosen.path.read_bytes()


def test_a_picture_is_segmented_and_drawn(sightline: CommandLine, tmp_path: Path) -> None:
    answer = next(answer for answer in read_gallery() if len(answer.things) == 1)
    x_min, y_min, x_max, y_max = answer.things[0].box
    point = f"{(x_min + x_max) / 2},{(y_min + y_max) / 2}"
    done = sightline("segment", str(answer.path), "--point", point, "--json", "--save", "masks.png")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["regions"]) == 1
    assert (tmp_path / "masks.png").stat().st_size > 1000
    done = sightline("segment", str(answer.path))
    assert done.returncode == 0, done.stderr
    assert "predicted IoU" in done.stdout


def test_a_file_may_come_from_standard_input(sightline: CommandLine, tmp_path: Path) -> None:
    chosen = read_gallery()[7]
    added = ("add", "-", "--name", "piped.png", "--folder", "piped", "--json")
    (told,) = json_lines(sightline(*added, stdin=chosen.path))
    assert (told["file"], told["state"]) == ("-", "added")
    (again,) = json_lines(sightline(*added, stdin=chosen.path))
    assert again == {"file": "-", "state": "present", "image": told["image"]}
    (hit,) = json_lines(
        sightline("search", "--image", "-", "-f", 'folder = "piped"', "--json", stdin=chosen.path)
    )
    assert (hit["image"], hit["displayName"]) == (told["image"], "piped.png")
    (answer,) = json_lines(sightline("segment", "-", "--json", "--save", "piped.jpg", stdin=chosen.path))
    assert answer["regions"]
    with Image.open(tmp_path / "piped.jpg") as drawn, Image.open(chosen.path) as given:
        assert drawn.size == given.size
    (tmp_path / "labels.txt").write_text("koala\nkiwi\n")
    create = ("collections", "create", "piped", "--labels", "-", "--json")
    (made,) = json_lines(sightline(*create, stdin=tmp_path / "labels.txt"))
    assert made["labelsVocabulary"] == ["koala", "kiwi"]
    assert made in json_lines(sightline("collections", "list", "--json"))
    assert json_lines(sightline("collections", "delete", "piped", "--json")) == [
        {"deleted": "collections/piped"}
    ]


def test_each_file_has_a_line_of_json(sightline: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"not a picture")
    chosen = read_gallery()[8]
    done = sightline("add", "broken.png", str(chosen.path), "--folder", "lines", "--json")
    assert done.returncode == 1
    told = {line["file"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert told[str(chosen.path)]["state"] == "added"
    failure = told["broken.png"]["error"]
    assert told["broken.png"]["state"] == "failed"
    assert (failure["code"], failure["fieldViolations"][0]["field"]) == ("INVALID_ARGUMENT", "content")
    assert "1 added, 0 already there, 1 failed" in done.stderr


def test_a_failure_is_json_too(sightline: CommandLine) -> None:
    done = sightline("show", "collections/default/images/none", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    error = json.loads(done.stderr)["error"]
    assert (error["type"], error["code"]) == ("NotFound", "NOT_FOUND")


def test_names_of_collections_and_packs_are_completed(sightline: CommandLine) -> None:
    def completed(*words: str) -> list[str]:
        asked = {"_SIGHTLINE_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(("sightline", *words))}
        asked["COMP_CWORD"] = str(len(words))
        shell = CommandLine(sightline.directory, **{**sightline.environment, **asked})
        done = shell()
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.split()

    assert completed("search", "x", "-c", "def") == ["default"]
    assert completed("collections", "update", "def") == ["default"]
    assert completed("collections", "create", "new", "--embedder", "st") == ["starter"]
    assert completed("search", "x", "-t", "r") == ["regions"]
    assert completed("search", "x", "-s", "127.0.0.1:1", "-c", "def") == []


def start_adding(
    sightline: CommandLine, *arguments: str, stderr: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(SIGHTLINE), "add", *arguments],
        cwd=sightline.directory,
        env=sightline.environment,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


def test_an_interrupted_add_says_how_far_it_was(sightline: CommandLine) -> None:
    # In the background a shell ignores SIGINT, and so would the children of the tests.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    adding = start_adding(sightline, str(GALLERY), "--folder", "halted", "--in-flight", "1", "--json")
    assert adding.stdout is not None
    assert json.loads(adding.stdout.readline())["state"] == "added"
    adding.send_signal(signal.SIGINT)
    _, said = adding.communicate(timeout=60)
    assert adding.returncode == 130, said
    told, error = said.splitlines()
    assert re.fullmatch(r"interrupted: [1-9]\d* added, .* run again, it adds the others", told)
    assert json.loads(error)["error"]["type"] == "KeyboardInterrupt"


def test_who_stops_reading_is_told_nothing_more(sightline: CommandLine) -> None:
    with start_adding(sightline, str(GALLERY), "--folder", "unread", "--in-flight", "1", "--json") as adding:
        assert adding.stdout is not None
        assert adding.stderr is not None
        adding.stdout.readline()
        adding.stdout.close()
        assert adding.stderr.read() == ""
    assert adding.returncode == 1


def test_bars_and_colours_are_for_terminals(sightline: CommandLine) -> None:
    chosen = str(read_gallery()[9].path)
    done = sightline("add", chosen, "--folder", "plain")
    assert (done.returncode, done.stderr) == (0, "")
    sightline.environment.pop("NO_COLOR")
    sightline.environment["TERM"] = "xterm-256color"
    done = sightline("status")
    assert "\x1b" not in done.stdout + done.stderr
    terminal, end = os.openpty()
    adding = start_adding(sightline, chosen, "--folder", "plain", stderr=end)
    os.close(end)
    stdout, _ = adding.communicate(timeout=60)
    shown = os.read(terminal, 65536).decode()
    os.close(terminal)
    assert "indexing" in shown
    assert "\x1b[" in shown
    assert stdout == "0 added, 1 already there, 0 failed\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["search"], 2, "exactly one"),
        (["search", "x", "-t", "songs"], 2, "'images', 'regions'"),
        (["search", "x", "-f", "folder = ("], 1, "filter"),
        (["search", "--image", "missing.png"], 1, "missing.png"),
        (["search", "x", "--save", "hits.txt"], 2, ".txt"),
        (["show", "collections/default/images/none"], 1, "does not exist"),
        (["show", "nonsense"], 2, "is no name"),
        (["segment", "x.png", "--point", "1"], 2, "2 numbers"),
        (["add", "nowhere"], 1, "does not exist"),
        (["add", "."], 1, "no picture in ."),
        (["search", "x", "--server", "nonsense"], 1, "HOST:PORT"),
        (["search", "x", "--server", "127.0.0.1:1"], 1, "nobody answers at 127.0.0.1:1; `sightline up`"),
        (["search", "x", "--timeout", "0"], 2, "--timeout"),
    ],
)
def test_mistakes_are_named(sightline: CommandLine, arguments: list[str], code: int, said: str) -> None:
    done = sightline(*arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_collection_goes_out_comes_in_and_is_converted(stack: Stack, tmp_path: Path) -> None:
    sightline = CommandLine(
        tmp_path,
        SIGHTLINE_ORCHESTRATOR_ADDRESS=stack.orchestrator_address,
        SIGHTLINE_DATA_DIR=str(stack.data),
        SIGHTLINE_INDEX_ADDRESS=stack.index_address,
    )
    assert sightline("collections", "create", "outgoing").returncode == 0
    files = [str(file) for file in sorted((GALLERY / "shapes").iterdir())[:4]]
    assert sightline("add", *files, "-c", "outgoing").returncode == 0
    (exported,) = json_lines(sightline("collections", "export", "outgoing", "snapshot", "--blobs", "--json"))
    assert exported["imageCount"] == exported["fileCount"] != "0"
    (imported,) = json_lines(sightline("collections", "import", "snapshot", "brought", "--json"))
    assert imported["imageCount"] == exported["imageCount"]
    asked = ("search", "a red circle", "--json", "-n", "3")
    found = [
        [
            (hit["image"].rpartition("/")[2], hit["score"])
            for hit in json_lines(sightline(*asked, "-c", where))
        ]
        for where in ("outgoing", "brought")
    ]
    assert found[0] == found[1] != []
    (written,) = json_lines(sightline("convert", "to-faiss", "snapshot", "index", "--json"))
    counts = (exported["imageCount"], exported["regionCount"], exported["textCount"])
    assert written["vectors"] == sum(map(int, counts))
    to = (tmp_path / "pictures").as_uri()
    *_, moved = json_lines(sightline("migrate", "--to", to, "-c", "brought", "--json"))
    assert (moved["complete"], str(moved["files"])) == (True, exported["imageCount"])
    for made in ("outgoing", "brought"):
        assert sightline("collections", "delete", made, "--force").returncode == 0


def test_up_starts_what_down_ends(tmp_path: Path) -> None:
    http, triton, metrics, index, orchestrator, gateway = free_ports(6)
    sightline = CommandLine(
        tmp_path,
        SIGHTLINE_TRITON_HTTP_PORT=str(http),
        SIGHTLINE_TRITON_GRPC_PORT=str(triton),
        SIGHTLINE_TRITON_METRICS_PORT=str(metrics),
        SIGHTLINE_INDEX_PORT=str(index),
        SIGHTLINE_ORCHESTRATOR_PORT=str(orchestrator),
        SIGHTLINE_GATEWAY_PORT=str(gateway),
        SIGHTLINE_DATA_DIR=str(tmp_path / "data"),
    )
    try:
        done = sightline("up")
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"127.0.0.1:{gateway}/docs" in done.stdout
        assert "\x1b" not in done.stdout + done.stderr
        note = json.loads((tmp_path / "data" / "run" / "stack.json").read_text())
        supervisor = psutil.Process(note["pid"])
        family = [supervisor, *supervisor.children(recursive=True)]
        assert len(family) >= 5

        (told,) = json_lines(sightline("up", "--json"))  # finds it running
        assert (told["orchestrator"], told["data"]) == (f"127.0.0.1:{orchestrator}", str(tmp_path / "data"))
        assert json.loads((tmp_path / "data" / "run" / "stack.json").read_text())["pid"] == supervisor.pid

        os.kill(note["services"]["index"]["pid"], signal.SIGKILL)
        _wait_for_restart(tmp_path, "index")
        done = sightline("up")  # waits until all serve again
        assert done.returncode == 0, done.stdout + done.stderr
        family = [*family, *supervisor.children(recursive=True)]

        done = sightline("down")
        assert done.stdout.strip() == f"stopped the stack of {tmp_path / 'data'}", done.stderr
        _, alive = psutil.wait_procs(family, timeout=10)
        assert alive == []
        assert f"no stack of {tmp_path / 'data'} was running" in sightline("down").stdout
        assert json_lines(sightline("down", "--json")) == [{"data": str(tmp_path / "data"), "stopped": False}]
    finally:
        sightline("down")


def test_a_taken_port_is_named_with_the_setting_that_moves_it(stack: Stack, tmp_path: Path) -> None:
    taken = stack.gateway_url.rpartition(":")[2]
    ports = iter(free_ports(5))
    sightline = CommandLine(
        tmp_path,
        SIGHTLINE_TRITON_HTTP_PORT=str(next(ports)),
        SIGHTLINE_TRITON_GRPC_PORT=str(next(ports)),
        SIGHTLINE_TRITON_METRICS_PORT=str(next(ports)),
        SIGHTLINE_INDEX_PORT=str(next(ports)),
        SIGHTLINE_ORCHESTRATOR_PORT=str(next(ports)),
        SIGHTLINE_GATEWAY_PORT=taken,
    )
    done = sightline("up")
    assert done.returncode == 1
    assert taken in done.stderr
    assert "SIGHTLINE_GATEWAY_PORT" in done.stderr
    assert "another directory" in done.stderr


def test_only_the_working_directorys_env_file_counts(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / ".env").write_text("SIGHTLINE_ORCHESTRATOR_ADDRESS=above:1\nSIGHTLINE_DATA_DIR=above\n")
    (tmp_path / "below" / ".env").write_text("SIGHTLINE_DATA_DIR=here\n")
    sightline = CommandLine(tmp_path / "below", SIGHTLINE_ORCHESTRATOR_PORT=str(free_ports(1)[0]))
    sightline.environment.pop("SIGHTLINE_ORCHESTRATOR_ADDRESS", None)
    sightline.environment.pop("SIGHTLINE_DATA_DIR", None)
    assert "above" not in sightline("status").stdout
    assert str(tmp_path / "below" / "here") in sightline("down").stdout
    (tmp_path / "below" / ".env").unlink()
    assert str(tmp_path / "below" / ".sightline") in sightline("down").stdout


def _wait_for_restart(tmp_path: Path, name: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        note = json.loads((tmp_path / "data" / "run" / "stack.json").read_text())
        if note["services"][name]["starts"] > 1:
            return
        time.sleep(0.2)
    raise AssertionError(f"{name} was not started again")


def test_the_gallery_is_read_with_its_answers() -> None:
    answers = read_gallery(GALLERY)
    assert len(answers) > 150
    for answer in answers:
        with Image.open(io.BytesIO(answer.path.read_bytes())) as picture:
            width, height = picture.size
        for thing in answer.things:
            assert 0 <= thing.box[0] < thing.box[2] <= width
            assert 0 <= thing.box[1] < thing.box[3] <= height
