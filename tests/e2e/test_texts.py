"""Text records over the real mesh: from the terminal, over HTTP, and found beside pictures."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sightline import Sightline
from sightline.gallery import read_gallery
from tests.e2e.test_command_line import CommandLine, json_lines
from tests.fixtures.stack import Stack


@pytest.fixture
def sightline(stack: Stack, tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path, SIGHTLINE_ORCHESTRATOR_ADDRESS=stack.orchestrator_address)


@pytest.fixture
def notes(stack: Stack) -> Iterator[str]:
    """A collection to put texts into."""
    with Sightline(stack.orchestrator_address) as client:
        client.create_collection("notes", segmentation="off")
        yield "notes"
        client.delete_collection("notes", force=True)


def test_texts_are_added_once_and_found_beside_pictures(
    sightline: CommandLine, notes: str, tmp_path: Path
) -> None:
    things = [answer for answer in read_gallery() if len(answer.things) == 1][:12]
    names = list(dict.fromkeys(answer.things[0].name for answer in things))
    lines = [{"content": name, "folder": "things", "metadata": {"n": n}} for n, name in enumerate(names)]
    (tmp_path / "notes.jsonl").write_text(
        "\n".join([*map(json.dumps, lines), "", "{broken", '{"title": "no content"}'])
    )
    (tmp_path / "letter.txt").write_text("Dear Sir,\nplease find the goods enclosed.\n")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00")
    done = sightline(
        "texts", "add", "notes.jsonl", "letter.txt", "binary.txt", "-c", notes, "--folder", "shop"
    )
    assert done.returncode == 1, done.stdout
    assert f"{len(names) + 1} added, 0 already there, 3 failed" in done.stdout
    bad = [f"notes.jsonl:{len(names) + 2}: ", f"notes.jsonl:{len(names) + 3}: ", "binary.txt: "]
    assert [line.startswith(start) for line, start in zip(done.stderr.splitlines(), bad, strict=True)] == [
        True
    ] * 3
    again = json_lines(sightline("texts", "add", "letter.txt", "-c", notes, "--folder", "shop", "--json"))
    assert [line["state"] for line in again] == ["present"]

    listed = json_lines(sightline("texts", "list", "-c", notes, "-f", 'folder = "shop/things"', "--json"))
    assert [text["content"] for text in listed] == names
    assert names[0] in sightline("texts", "list", "-c", notes, "-n", "1").stdout
    assert json_lines(sightline("show", again[0]["text"], "--json"))[0]["displayName"] == "letter.txt"

    done = sightline("add", *(str(answer.path) for answer in things), "-c", notes)
    assert done.returncode == 0, done.stderr
    found = json_lines(sightline("search", names[0], "-t", "texts", "-c", notes, "-n", "1", "--json"))
    assert [hit["content"] for hit in found] == [names[0]]
    both = json_lines(
        sightline("search", names[0], "-t", "images_and_texts", "-c", notes, "-n", "2", "--json")
    )
    assert ["image" in hit for hit in both] == [True, False]
    shown = sightline("search", names[0], "-t", "images_and_texts", "-c", notes, "--save", "hits.png")
    assert shown.returncode == 0, shown.stderr
    assert f"collections/{notes}/texts/" in shown.stdout

    # A picture of a thing finds its name among the first.
    right = 0
    for answer in things:
        hits = json_lines(
            sightline("search", "--image", str(answer.path), "-t", "texts", "-c", notes, "-n", "3", "--json")
        )
        right += answer.things[0].name in [hit["content"] for hit in hits]
    assert right >= len(things) / 2

    done = sightline("texts", "delete", again[0]["text"])
    assert done.returncode == 0, done.stderr
    assert sightline("texts", "delete", again[0]["text"]).returncode == 1
    assert sightline("collections", "delete", notes).returncode == 1, "it holds texts"


def test_texts_come_and_go_over_http(stack: Stack, notes: str) -> None:
    with httpx.Client(base_url=f"{stack.gateway_url}/v1/", timeout=60) as http:
        parent = f"collections/{notes}"
        made = http.post(
            f"{parent}/texts?textId=one", json={"content": "a cat", "labels": [{"label": "pet"}]}
        )
        assert made.status_code == 200, made.text
        text = made.json()
        assert (text["name"], text["truncated"]) == (f"{parent}/texts/one", False)
        assert http.post(f"{parent}/texts?textId=one", json={"content": "x"}).status_code == 409
        refused = http.post(f"{parent}/texts", json={"content": " "})
        assert (refused.status_code, "text.content" in refused.text) == (400, True)
        batch = {"requests": [{"textId": "two", "text": {"content": "a dog"}}]}
        assert len(http.post(f"{parent}/texts:batchCreate", json=batch).json()["texts"]) == 1
        listed = http.get(f"{parent}/texts", params={"pageSize": 1, "filter": "labels:pet"}).json()
        assert ([each["content"] for each in listed["texts"]], listed["totalSize"]) == (["a cat"], "1")
        changed = http.patch(text["name"], json={"content": "a horse", "etag": text["etag"]})
        assert changed.status_code == 200, changed.text
        assert http.get(text["name"]).json() == changed.json()
        hits = http.post(
            f"{parent}:search", json={"text": "a horse", "target": "TEXTS", "pageSize": 1}
        ).json()
        assert [(hit["text"], hit["content"]) for hit in hits["hits"]] == [(text["name"], "a horse")]
        assert http.get(parent).json()["textCount"] == "2"
        assert http.delete(text["name"]).status_code == 200
        assert http.get(text["name"]).status_code == 404
        paths = http.get(f"{stack.gateway_url}/openapi.json").json()["paths"]
        assert {"get", "post"} <= paths["/v1/collections/{collection}/texts"].keys()
