"""Duplicates over the real mesh: pictures of the gallery, and copies of some, resized or compressed anew."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from sightline import Sightline
from sightline.gallery import read_gallery
from tests.e2e.test_command_line import CommandLine, json_lines
from tests.fixtures.stack import Stack


@pytest.fixture
def twice(stack: Stack, tmp_path: Path) -> Iterator[tuple[CommandLine, list[set[str]]]]:
    """A collection with twenty pictures and copies of three of them, and the groups that these make."""
    sightline = CommandLine(tmp_path, SIGHTLINE_ORCHESTRATOR_ADDRESS=stack.orchestrator_address)
    with Sightline(stack.orchestrator_address) as client:
        client.create_collection("twice", segmentation="off")
        chosen = [answer.path for answer in read_gallery() if answer.path.suffix == ".jpg"][:20]
        groups = []
        for path in chosen[:3]:
            names = {kind: f"{path.stem}-{kind}.{kind[:3]}" for kind in ("png", "jpg")}
            with Image.open(path) as picture:
                half = (picture.width * 2 // 3, picture.height * 2 // 3)
                picture.resize(half).save(tmp_path / names["png"])
                picture.save(tmp_path / names["jpg"], quality=70)
            (tmp_path / f"copy-{path.name}").write_bytes(path.read_bytes())
            groups.append({path.name, *names.values(), f"copy-{path.name}"})
        copies = sorted(set().union(*groups) - {path.name for path in chosen})
        done = sightline("add", *map(str, chosen), *copies, "-c", "twice")
        assert done.returncode == 0, done.stderr
        yield sightline, groups
        client.delete_collection("twice", force=True)


def test_copies_are_found_and_nothing_else(
    stack: Stack, twice: tuple[CommandLine, list[set[str]]], tmp_path: Path
) -> None:
    sightline, expected = twice
    found = json_lines(sightline("duplicates", "-c", "twice", "--json", "--save", "sheet.png"))
    with Sightline(stack.orchestrator_address) as client:
        called = {image.name: image.display_name for image in client.list_images(collection="twice")}
    groups = [{called[name] for name in group["images"]} for group in found]
    for group in expected:
        assert group in groups, json.dumps([sorted(each) for each in groups])
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 1000
    exact = json_lines(sightline("duplicates", "-c", "twice", "--json", "--min-similarity", "1"))
    assert [len(group["images"]) for group in exact] == [2, 2, 2]
    assert all(group["similarity"] == 1 for group in exact)
    table = sightline("duplicates", "-c", "twice", "-n", "1")
    assert table.returncode == 0, table.stderr
    assert found[0]["images"][0] in table.stdout
    assert "no duplicates" in sightline("duplicates", "-c", "twice", "-f", "width < 2").stderr
    with httpx.Client(base_url=f"{stack.gateway_url}/v1/", timeout=60) as http:
        answer = http.get("collections/twice/duplicates", params={"minSimilarity": 1, "pageSize": 2}).json()
        assert len(answer["groups"]) == 2
        assert http.get("collections/twice/duplicates", params={"minSimilarity": 2}).status_code == 400
