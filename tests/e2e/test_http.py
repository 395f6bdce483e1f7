"""The mesh over HTTP, as curl and browsers call it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import google_crc32c
import httpx
import pytest

from sightline.gallery import Answer, read_gallery
from tests.fixtures.stack import Stack


@pytest.fixture(scope="module")
def http(stack: Stack) -> Iterator[httpx.Client]:
    """A client, with `collections/http` to work in."""
    with httpx.Client(base_url=stack.gateway_url, timeout=60) as client:
        made = client.post("/v1/collections?collectionId=http", json={"segmentation": "QUICK"})
        assert made.status_code == 200, made.text
        yield client


@pytest.fixture(scope="module")
def answers() -> list[Answer]:
    return read_gallery()


def media_type(path: Path) -> str:
    return {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}[path.suffix]


def test_a_form_creates_what_a_form_finds(http: httpx.Client, answers: list[Answer]) -> None:
    path = answers[0].path
    file = {"file": (path.name, path.read_bytes(), media_type(path))}
    made = http.post(
        "/v1/collections/http/images",
        files={**file, "image": (None, json.dumps({"folder": "http/form", "labels": [{"label": "x"}]}))},
    )
    assert made.status_code == 200, made.text
    image = made.json()
    assert (image["folder"], image["displayName"], image["state"]) == ("http/form", path.name, "ACTIVE")

    found = http.post(
        "/v1/collections/http:search",
        files={**file, "request": (None, json.dumps({"filter": 'folder = "http"', "pageSize": 1}))},
    )
    assert found.status_code == 200, found.text
    (hit,) = found.json()["hits"]
    assert hit["image"] == image["name"]
    assert hit["components"]["vector"] == pytest.approx(hit["score"])
    assert [stage["name"] for stage in found.json()["stages"]]

    content = http.get(f"/v1/{image['name']}:content")
    assert content.content == path.read_bytes()
    assert content.headers["content-type"] == media_type(path)
    thumbnail = http.get(hit["thumbnailUri"])
    assert thumbnail.status_code == 200
    assert len(thumbnail.content) < len(content.content)


def test_bare_bytes_create_too(http: httpx.Client, answers: list[Answer]) -> None:
    path = answers[1].path
    made = http.post(
        "/v1/collections/http/images?imageId=bare",
        content=path.read_bytes(),
        headers={"content-type": media_type(path)},
    )
    assert made.status_code == 200, made.text
    assert made.json()["name"] == "collections/http/images/bare"
    again = http.post(
        "/v1/collections/http/images?imageId=bare",
        content=path.read_bytes(),
        headers={"content-type": media_type(path)},
    )
    assert again.status_code == 409
    assert again.json()["code"] == 6


def test_a_file_streams_up(http: httpx.Client, answers: list[Answer]) -> None:
    path = answers[5].path
    checksum = google_crc32c.value(path.read_bytes())
    said = (None, json.dumps({"folder": "http/streamed"}))
    file = (path.name, path.read_bytes(), media_type(path))

    def parts(image_id: str, checksum: int) -> list[tuple[str, Any]]:
        return [
            ("image", said),
            ("image_id", (None, image_id)),
            ("file", file),
            ("crc32c", (None, str(checksum))),
        ]

    made = http.post("/v1/collections/http/images:upload", files=parts("streamed", checksum))
    assert made.status_code == 200, made.text
    assert made.json()["name"] == "collections/http/images/streamed"
    assert (made.json()["folder"], made.json()["displayName"]) == ("http/streamed", path.name)

    content = http.get("/v1/collections/http/images/streamed:content", headers={"Range": "bytes=100-199"})
    assert (content.status_code, content.content) == (206, path.read_bytes()[100:200])

    broken = http.post("/v1/collections/http/images:upload", files=parts("broken", checksum ^ 1))
    assert (broken.status_code, broken.json()["code"]) == (500, 15)

    bare = http.post(
        "/v1/collections/http/images:upload?start.imageId=streamed-bare",
        content=path.read_bytes(),
        headers={"content-type": "application/octet-stream"},
    )
    assert bare.status_code == 200, bare.text
    assert bare.json()["name"] == "collections/http/images/streamed-bare"


def test_several_files_are_answered_one_by_one(http: httpx.Client, answers: list[Answer]) -> None:
    good = [("file", (a.path.name, a.path.read_bytes(), media_type(a.path))) for a in answers[2:4]]
    made = http.post(
        "/v1/collections/http/images", files=[*good, ("file", ("bad.png", b"no picture", "image/png"))]
    )
    assert made.status_code == 200, made.text
    results = {int(item.get("index", 0)): item for item in made.json()}
    assert sorted(results) == [0, 1, 2]
    assert results[0]["image"]["displayName"] == answers[2].path.name
    assert results[2]["error"]["code"] == 3


def test_regions_are_segmented_kept_and_shown(http: httpx.Client, answers: list[Answer]) -> None:
    answer = next(answer for answer in answers if len(answer.things) == 1)
    made = http.post(
        "/v1/collections/http/images",
        content=answer.path.read_bytes(),
        headers={"content-type": media_type(answer.path)},
    ).json()
    x_min, y_min, x_max, y_max = answer.things[0].box
    point = {"x": (x_min + x_max) / 2, "y": (y_min + y_max) / 2}
    done = http.post(
        f"/v1/{made['name']}:segment", json={"prompt": {"points": {"points": [point]}}, "keep": True}
    )
    assert done.status_code == 200, done.text
    (region,) = done.json()["regions"]
    assert region["origin"] == "PROMPTED"
    for view, kind in (("CROP", "image/jpeg"), ("CUTOUT", "image/png"), ("MASK", "image/png")):
        shown = http.get(f"/v1/{region['name']}:content", params={"view": view})
        assert shown.status_code == 200, shown.text
        assert shown.headers["content-type"] == kind
    listed = http.get(f"/v1/{made['name']}/regions").json()["regions"]
    assert region["name"] in {each["name"] for each in listed}


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"vector": {"values": [1]}, "rerank": True}, 400, "rerank"),
        ({"vector": {"values": [1]}, "hybrid": {"vectorWeight": 1}}, 400, "hybrid"),
        ({"text": "x", "positive": [{"text": "y"}]}, 501, "positive"),
        ({"text": "x", "negative": [{"text": "y"}]}, 501, "negative"),
        ({"text": "x", "target": "TEXTS", "rerank": True}, 400, "rerank"),
        ({"text": "x", "filter": "folder ="}, 400, "filter"),
        ({"text": "x", "pageToken": "made-up"}, 400, "page_token"),
        ({}, 400, "query"),
    ],
)
def test_what_is_wrong_is_named(http: httpx.Client, body: dict[str, object], status: int, field: str) -> None:
    answer = http.post("/v1/collections/http:search", json=body)
    assert answer.status_code == status, answer.text
    assert field in answer.text


def test_the_documentation_is_served_whole(http: httpx.Client) -> None:
    document = http.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert "/v1/collections/{collection}:search" in document["paths"]
    page = http.get("/docs")
    assert page.status_code == 200
    assert "http://" not in page.text.replace("http://127.0.0.1", "")
    assert "https://" not in page.text
