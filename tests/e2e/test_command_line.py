"""The command line over the real mesh, and the mesh that it starts by itself."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

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

    def __call__(self, *arguments: str, timeout: float = 240) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(SIGHTLINE), *arguments],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )


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
    hits = json.loads(done.stdout)
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
    (hit,) = json.loads(done.stdout)
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
        note = json.loads((tmp_path / "data" / "run" / "stack.json").read_text())
        supervisor = psutil.Process(note["pid"])
        family = [supervisor, *supervisor.children(recursive=True)]
        assert len(family) >= 5

        assert sightline("up").returncode == 0  # finds it running
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
