"""The main job over the whole mesh, with the starter pack; and what breaks is borne."""

import io
import json
import struct
import time
import urllib.request
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from PIL import Image as Pillow
from pycocotools import mask as coco

from sightline.v1 import (
    collection_service_pb2,
    collection_service_pb2_grpc,
    embedding_service_pb2,
    embedding_service_pb2_grpc,
    image_pb2,
    image_service_pb2,
    image_service_pb2_grpc,
    model_service_pb2,
    model_service_pb2_grpc,
    search_service_pb2,
    search_service_pb2_grpc,
    segmentation_service_pb2,
    segmentation_service_pb2_grpc,
)
from tests.fixtures.pictures import drawing, encoded
from tests.fixtures.stack import GALLERY, Stack

# pycocotools' own: it speaks numpy 1's __array__.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

PARENT = "collections/scenes"
PER_FOLDER = 4
Search = search_service_pb2.SearchRequest
Item = image_service_pb2.BulkCreateImagesRequest
Answer = image_service_pb2.BulkCreateImagesResponse


@dataclass(frozen=True)
class Client:
    """Stubs on one channel to the running orchestrator."""

    images: Any
    search: Any
    segmentation: Any
    embedding: Any
    models: Any

    def bulk(self, items: list[Item]) -> dict[int, Answer]:
        return {each.index: each for each in self.images.BulkCreateImages(iter(items), timeout=280)}

    def hits(self, **fields: Any) -> list[search_service_pb2.Hit]:
        return list(self.search.Search(Search(parent=PARENT, **fields)).hits)

    def segmented(self) -> image_pb2.Image:
        """The image of the gallery with the most regions."""
        request = image_service_pb2.ListImagesRequest(
            parent=PARENT, page_size=100, filter='folder = "gallery"'
        )
        best = max(self.images.ListImages(request).images, key=lambda image: image.region_count)
        assert best.region_count > 0, "no image of the gallery has a region"
        assert isinstance(best, image_pb2.Image)
        return best

    def count(self) -> int:
        request = image_service_pb2.ListImagesRequest(parent=PARENT, page_size=1)
        return int(self.images.ListImages(request).total_size)


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[Client]:
    options = [("grpc.max_receive_message_length", 64 << 20), ("grpc.max_send_message_length", 64 << 20)]
    with grpc.insecure_channel(stack.orchestrator_address, options=options) as channel:
        collections = collection_service_pb2_grpc.CollectionServiceStub(channel)
        collections.CreateCollection(
            collection_service_pb2.CreateCollectionRequest(collection_id=PARENT.rpartition("/")[2])
        )
        yield Client(
            images=image_service_pb2_grpc.ImageServiceStub(channel),
            search=search_service_pb2_grpc.SearchServiceStub(channel),
            segmentation=segmentation_service_pb2_grpc.SegmentationServiceStub(channel),
            embedding=embedding_service_pb2_grpc.EmbeddingServiceStub(channel),
            models=model_service_pb2_grpc.ModelServiceStub(channel),
        )


def item(index: int, content: bytes, **fields: Any) -> Item:
    request = image_service_pb2.CreateImageRequest(parent=PARENT, content=content, **fields)
    return Item(index=index, request=request)


@pytest.fixture(scope="module")
def scenes(client: Client) -> dict[str, dict[str, Any]]:
    """The first pictures of each folder of the gallery, indexed: image name → its answer."""
    answers = [json.loads(line) for line in (GALLERY / "answers.jsonl").read_text().splitlines()]
    folders: dict[str, list[dict[str, Any]]] = {}
    for answer in answers:
        folders.setdefault(answer["folder"], []).append(answer)
    chosen = [answer for folder in folders.values() for answer in folder[:PER_FOLDER]]
    items = []
    for index, answer in enumerate(chosen):
        image = image_pb2.Image(
            display_name=Path(answer["file"]).name,
            folder=f"gallery/{answer['folder']}",
            caption=answer["caption"],
        )
        image.metadata.update({"background": answer["background"], "things": len(answer["things"])})
        items.append(item(index, (GALLERY / answer["file"]).read_bytes(), image=image))
    items.append(item(len(chosen), b"this is no picture"))
    results = client.bulk(items)
    assert sorted(results) == list(range(len(items)))
    bad = results.pop(len(chosen))
    assert bad.error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert [result.error.message for result in results.values() if result.HasField("error")] == []
    return {results[index].image.name: answer for index, answer in enumerate(chosen)}


def overlap(box: Any, truth: list[float]) -> float:
    """Intersection over union of two boxes."""
    width = min(box.x_max, truth[2]) - max(box.x_min, truth[0])
    height = min(box.y_max, truth[3]) - max(box.y_min, truth[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    of_box = (box.x_max - box.x_min) * (box.y_max - box.y_min)
    return float(both / (of_box + (truth[2] - truth[0]) * (truth[3] - truth[1]) - both))


def test_every_image_that_was_acknowledged_is_listed_as_it_was_described(
    client: Client, scenes: dict[str, dict[str, Any]]
) -> None:
    request = image_service_pb2.ListImagesRequest(parent=PARENT, page_size=9, filter='folder = "gallery"')
    found: dict[str, image_pb2.Image] = {}
    while True:
        page = client.images.ListImages(request)
        found |= {image.name: image for image in page.images}
        request.page_token = page.next_page_token
        if not request.page_token:
            break
    assert found.keys() == scenes.keys()
    for name, answer in scenes.items():
        image = found[name]
        assert (image.width, image.height, image.caption) == (
            answer["width"],
            answer["height"],
            answer["caption"],
        )
        assert image.metadata["background"] == answer["background"]


def test_words_find_the_pictures_that_show_them(client: Client, scenes: dict[str, dict[str, Any]]) -> None:
    words = {answer["things"][0]["name"] for answer in scenes.values()}
    right = 0
    for word in words:
        hits = client.hits(text=word, page_size=5)
        right += any(word in {thing["name"] for thing in scenes[hit.image]["things"]} for hit in hits)
    assert right / len(words) >= 0.6, f"{right} of {len(words)}"


def test_words_find_the_regions_that_show_them(client: Client, scenes: dict[str, dict[str, Any]]) -> None:
    words = sorted({answer["things"][0]["name"] for answer in scenes.values()})
    right = 0
    for word in words:
        for hit in client.hits(text=word, target=Search.REGIONS, page_size=10):
            mask = coco.decode({"size": list(hit.mask.size), "counts": hit.mask.counts})
            assert mask.shape == (hit.height, hit.width)
            rows, columns = mask.any(axis=1).nonzero()[0], mask.any(axis=0).nonzero()[0]
            assert abs(rows[0] - hit.box.y_min) <= 1
            assert abs(columns[-1] + 1 - hit.box.x_max) <= 1
            things = [thing for thing in scenes[hit.image]["things"] if thing["name"] == word]
            if any(overlap(hit.box, thing["box"]) >= 0.5 for thing in things):
                right += 1
                break
    assert right / len(words) >= 0.5, f"{right} of {len(words)}"


def test_a_picture_an_image_a_region_a_box_and_a_vector_find_their_like(
    client: Client, scenes: dict[str, dict[str, Any]]
) -> None:
    name = client.segmented().name
    answer = scenes[name]
    content = (GALLERY / answer["file"]).read_bytes()
    best, *_ = client.hits(image=Search.InlineImage(content=content))
    assert best.image == name
    assert best.score == pytest.approx(1, abs=1e-3)
    embed = embedding_service_pb2.EmbedContentRequest(parent=PARENT)
    embed.contents.add(name=name)
    (embedding,) = client.embedding.EmbedContent(embed).embeddings
    best, *_ = client.hits(vector=Search.Vector(values=embedding.values))
    assert best.image == name
    assert best.score == pytest.approx(1, abs=1e-3)
    assert name not in {hit.image for hit in client.hits(name=name)}
    regions = client.segmentation.ListRegions(
        segmentation_service_pb2.ListRegionsRequest(parent=name)
    ).regions
    assert regions
    box = Search.ImageBox(image=name, box=regions[0].box)
    assert regions[0].name in {hit.region for hit in client.hits(box=box, target=Search.REGIONS)}
    like = client.hits(name=regions[0].name, target=Search.REGIONS)
    assert regions[0].name not in {hit.region for hit in like}
    assert like[0].score >= like[-1].score


def test_filters_and_pages_hold_in_the_index(client: Client, scenes: dict[str, dict[str, Any]]) -> None:
    wanted = {name for name, answer in scenes.items() if answer["folder"] == "animals"}
    found: list[str] = []
    request = Search(parent=PARENT, text="an animal", filter='folder = "gallery/animals"', page_size=3)
    while True:
        page = client.search.Search(request)
        found += [hit.image for hit in page.hits]
        request.page_token = page.next_page_token
        if not request.page_token:
            break
    assert len(found) == len(wanted)
    assert set(found) == wanted
    few = {
        name
        for name, answer in scenes.items()
        if len(answer["things"]) < 3 and answer["background"] != "solid"
    }
    clause = 'metadata.things < 3 AND NOT metadata.background = "solid" AND folder = "gallery"'
    assert {hit.image for hit in client.hits(text="a thing", filter=clause, page_size=200)} == few


def test_content_comes_back_whole_small_and_cut_out(
    client: Client, scenes: dict[str, dict[str, Any]]
) -> None:
    name = client.segmented().name
    answer = scenes[name]
    whole = client.images.GetImageContent(image_service_pb2.GetImageContentRequest(name=name))
    assert whole.data == (GALLERY / answer["file"]).read_bytes()
    small = client.images.GetImageContent(image_service_pb2.GetImageContentRequest(name=name, max_pixels=64))
    assert max(Pillow.open(io.BytesIO(small.data)).size) == 64
    region = client.segmentation.ListRegions(
        segmentation_service_pb2.ListRegionsRequest(parent=name)
    ).regions[0]
    shown = client.segmentation.GetRegionContent(
        segmentation_service_pb2.GetRegionContentRequest(
            name=region.name, view=segmentation_service_pb2.GetRegionContentRequest.MASK
        )
    )
    picture = Pillow.open(io.BytesIO(shown.data))
    assert picture.size == (answer["width"], answer["height"])


def test_a_click_on_a_thing_cuts_it_out(client: Client, scenes: dict[str, dict[str, Any]]) -> None:
    right = asked = 0
    for name, answer in list(scenes.items())[:8]:
        thing = max(answer["things"], key=lambda each: each["area"])
        truth = coco.decode(thing["mask"])
        rows, columns = truth.nonzero()
        middle = len(rows) // 2
        request = segmentation_service_pb2.SegmentImageRequest(name=name)
        request.prompt.points.points.add(x=float(columns[middle]), y=float(rows[middle]))
        (region,) = client.segmentation.SegmentImage(request).regions
        ours = coco.decode({"size": list(region.mask.size), "counts": region.mask.counts})
        asked += 1
        right += (ours & truth).sum() / (ours | truth).sum() >= 0.5
    assert right / asked >= 0.5, f"{right} of {asked}"


def test_every_format_goes_in_and_what_is_no_picture_fails_alone(client: Client) -> None:
    picture = drawing("white", {"red": (0, 0, 40, 20)}, size=(120, 80))
    exif = Pillow.Exif()
    exif[0x0112] = 6  # the stored rows are the picture's columns: upright, it is 80 wide
    good = {
        "image/png": encoded(picture, "PNG"),
        "image/jpeg": encoded(picture, "JPEG", exif=exif),
        "image/gif": encoded(picture, "GIF", save_all=True, append_images=[drawing("blue", size=(120, 80))]),
        "image/bmp": encoded(picture, "BMP"),
        "image/tiff": encoded(picture, "TIFF"),
        "image/webp": encoded(picture, "WEBP"),
    }
    png = good["image/png"]
    hostile = {
        "empty": b"",
        "text": b"<svg>not a picture</svg>" * 100,
        "truncated": png[: len(png) // 2],
        "lying": b"\xff\xd8\xff\xe0" + png,
        "huge": _png_header(100_000, 100_000),
        "cut short": good["image/jpeg"][:200],
    }
    before = client.count()
    items = [item(index, content) for index, content in enumerate((*good.values(), *hostile.values()))]
    items[len(good) + 1].request.image.display_name = "holiday.jpg"
    answers = client.bulk(items)
    for index, kind in enumerate(good):
        image = answers[index].image
        upright = (80, 120) if kind == "image/jpeg" else (120, 80)
        assert (image.content_type, image.width, image.height) == (kind, *upright), answers[index]
    for index, what in enumerate(hostile, len(good)):
        error = answers[index].error
        assert error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0], (what, answers[index])
        bad = error_details_pb2.BadRequest()
        assert any(detail.Unpack(bad) for detail in error.details), what
        assert bad.field_violations[0].field == "content", what
    assert client.count() == before + len(good)
    for index in range(len(good)):
        client.images.DeleteImage(image_service_pb2.DeleteImageRequest(name=answers[index].image.name))
    assert client.count() == before


def _png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_the_gateway_tells_the_same(stack: Stack, client: Client, scenes: dict[str, dict[str, Any]]) -> None:
    word = next(iter(scenes.values()))["things"][0]["name"]
    body = json.dumps({"text": word, "pageSize": 3}).encode()
    request = urllib.request.Request(
        f"{stack.gateway_url}/v1/{PARENT}:search", body, {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        told = json.load(response)["hits"]
    hits = client.hits(text=word, page_size=3)
    assert [hit["image"] for hit in told] == [hit.image for hit in hits]
    with urllib.request.urlopen(f"{stack.gateway_url}{told[0]['thumbnailUri']}", timeout=30) as response:
        assert max(Pillow.open(io.BytesIO(response.read())).size) <= 256


def test_with_triton_killed_pictures_are_still_there_and_it_comes_back_by_itself(
    stack: Stack, client: Client, scenes: dict[str, dict[str, Any]]
) -> None:
    name = next(iter(scenes))
    packs = client.models.ListPacks(model_service_pb2.ListPacksRequest()).packs
    assert [pack.ready for pack in packs if pack.name == "packs/starter"] == [True]
    stack.triton.kill()
    try:
        until(lambda: not stack.serving("sightline.v1.SearchService"), 5)
        assert not stack.serving()
        assert stack.serving("sightline.v1.CollectionService")
        assert client.images.GetImage(image_service_pb2.GetImageRequest(name=name)).name == name
        assert client.count() >= len(scenes)
        content = image_service_pb2.GetImageContentRequest(name=name, max_pixels=48)
        assert client.images.GetImageContent(content).content_type == "image/jpeg"
        assert client.hits(name=name), "stored vectors need no model"
        packs = client.models.ListPacks(model_service_pb2.ListPacksRequest()).packs
        assert not any(pack.ready for pack in packs)
        with pytest.raises(grpc.RpcError) as refused:
            client.search.Search(Search(parent=PARENT, text="words never asked before"), timeout=60)
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        told = (refused.value.details() or "").lower()
        assert "model" in told or "triton" in told
        before = client.count()
        answer = client.bulk([item(0, encoded(drawing("green")))])[0]
        assert answer.error.code == grpc.StatusCode.UNAVAILABLE.value[0]
        assert client.count() == before
    finally:
        stack.triton.start()
    until(stack.serving, 20)
    assert client.hits(text="words never asked before")


def until(condition: Any, seconds: float) -> None:
    """Waits for a condition that is to hold within some seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)
