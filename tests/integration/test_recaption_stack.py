"""A captioner set on a collection with images, over the real mesh: whatever dies, all get captions."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sightline import NewImage, Sightline
from tests.fixtures.pictures import png
from tests.fixtures.stack import Stack, running_stack, with_starter
from tests.integration import test_triton_captioner as captioner

SIGHTLINE = Path(sys.executable).with_name("sightline")
COLOURS = {"#ff0000": "rød", "#00ff00": "green", "#0000ff": "blue"}
IMAGES = 18
PATIENCE = 240.0
SLOWLY = "        answers = []\n        time.sleep(0.5)\n"


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """The starter, and a captioner that takes half a second for two pictures."""
    models, packs = with_starter(tmp_path)
    captioner.write_captioner(models)
    slow = captioner.MODEL.replace("        answers = []\n", SLOWLY)
    (models / "tiny-caption_caption" / "1" / "model.py").write_text(slow)
    (packs / "tiny-caption.toml").write_text(captioner.PACK)
    with running_stack(tmp_path / "data", (models, packs)) as running:
        yield running


def until(done: Callable[[], bool], what: str) -> None:
    """Waits for something; fails where it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@pytest.mark.timeout(900)
def test_whatever_dies_all_images_are_captioned(stack: Stack) -> None:
    with Sightline(stack.orchestrator_address, timeout=120) as client:
        collection = client.create_collection("shop", segmentation="off")
        new = [
            NewImage(picture=png(colour, size=(40, 20 + number)), display_name=said)
            for number in range(IMAGES // len(COLOURS))
            for colour, said in COLOURS.items()
        ]
        new.append(NewImage(picture=png("white"), display_name="mine", caption="mine"))
        assert all(each.image is not None for each in client.create_images(new, collection="shop"))

        def left() -> int:
            return client.collection_statistics("shop").uncaptioned_image_count

        done = subprocess.run(
            [str(SIGHTLINE), "collections", "update", "shop", "--captioner", "tiny-caption", "--json"],
            env={**os.environ, "SIGHTLINE_ORCHESTRATOR_ADDRESS": stack.orchestrator_address},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        told = json.loads(done.stdout)
        assert told["captioner"] == "tiny-caption"
        assert 0 < int(told["statistics"]["uncaptionedImageCount"]) <= IMAGES

        until(lambda: left() < IMAGES, "captioning never began")
        stack.orchestrator.kill()
        stack.orchestrator.start()
        assert 0 < left() < IMAGES, "killed too late to show anything"
        assert list(client.search("a red circle", collection="shop"))  # meanwhile

        stack.triton.kill()
        log = stack.data / "orchestrator.log"
        until(lambda: "predicting anew waits" in log.read_text(), "it does not wait for Triton")
        waiting = left()
        assert waiting > 0
        assert len(list(client.list_images(collection="shop"))) == len(new)
        stack.triton.start(300)
        until(lambda: left() == 0, "not captioned in time")

        images = list(client.list_images(collection="shop"))
        assert len(images) == len(new)
        for image in images:
            if image.display_name == "mine":
                assert (image.caption, image.captioner) == ("mine", "")
            else:
                assert image.caption.startswith(f"mostly {image.display_name}, ")
                assert image.captioner == "tiny-caption"
        for said in COLOURS.values():
            hits = client.search("x", collection="shop", filter=f'caption: "{said}"', limit=99)
            assert {hit.display_name for hit in hits} == {said}
        shown = subprocess.run(
            [str(SIGHTLINE), "show", f"{collection.name}/statistics", "--json"],
            env={**os.environ, "SIGHTLINE_ORCHESTRATOR_ADDRESS": stack.orchestrator_address},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        assert json.loads(shown.stdout).get("uncaptionedImageCount", "0") == "0"
