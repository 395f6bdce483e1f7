"""What every client's script must print, step by step."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

Step = dict[str, Any]

CREATED = ["chicken", "dog", "fire", "rainbow", "tractor"]
STEPS = [
    *("health", "create", "upload", "bulk", "content", "pages"),
    *("search_text", "search_picture", "search_regions"),
    *("not_found", "bad_request", "deadline", "cancel", "retry", "tls", "operation"),
]


class Expected:
    """A method a step: it fails where the step is not what the mesh and the pictures make it."""

    def __init__(self, collection: str, pictures: Path) -> None:
        self._images = f"collections/{collection}/images"
        self._pictures = pictures

    def check(self, steps: list[Step], without: frozenset[str] = frozenset()) -> None:
        """Compares all steps of a run, which may leave some out."""
        assert [step["step"] for step in steps] == [name for name in STEPS if name not in without]
        for step in steps:
            getattr(self, step["step"])(step)

    def _file(self, name: str) -> dict[str, Any]:
        content = (self._pictures / name).read_bytes()
        return {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}

    def _named(self, image: str) -> str:
        return f"{self._images}/{image}"

    def health(self, step: Step) -> None:
        assert step["status"] == "SERVING"

    def create(self, step: Step) -> None:
        described = {"display_name": "dog.jpg", "folder": "script/animals", "labels": ["pet"]}
        size = {"width": 384, "height": 288}
        assert step == {
            "step": "create", "name": self._named("dog"), **described, **size, **self._file("dog.jpg")
        }  # fmt: skip

    def upload(self, step: Step) -> None:
        assert step == {"step": "upload", "name": self._named("tractor"), **self._file("tractor.bmp")}

    def bulk(self, step: Step) -> None:
        chicken, broken, rainbow, fire = step["results"]
        assert chicken == {"index": 0, "name": self._named("chicken")}
        assert rainbow == {"index": 2, "name": self._named("rainbow")}
        assert fire == {"index": 3, "name": self._named("fire")}
        assert broken.pop("message")
        assert broken == {
            "index": 1, "code": "INVALID_ARGUMENT", "reason": "NOT_A_PICTURE", "fields": ["content"]
        }  # fmt: skip

    def content(self, step: Step) -> None:
        assert step["content_type"] == "image/jpeg"
        assert step["sha256"] == self._file("dog.jpg")["sha256"]

    def pages(self, step: Step) -> None:
        assert step["names"] == [self._named(image) for image in CREATED]

    def _hits(self, step: Step) -> list[dict[str, Any]]:
        """The hits, the best first; each says how good."""
        hits: list[dict[str, Any]] = step["hits"]
        assert len(hits) == 3
        assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
        assert all(0 <= hit["relevance"] <= 1 for hit in hits)
        return hits

    def search_text(self, step: Step) -> None:
        assert self._hits(step)[0]["image"] == self._named("rainbow")
        assert {"embed", "nearest_neighbours"} <= set(step["stages"])

    def search_picture(self, step: Step) -> None:
        best = self._hits(step)[0]
        assert best["image"] == self._named("dog")
        assert best["score"] == pytest.approx(1, abs=1e-3)

    def search_regions(self, step: Step) -> None:
        hits = self._hits(step)
        assert hits[0]["image"] == self._named("dog")
        for hit in hits:
            assert hit["region"].startswith(f"{hit['image']}/regions/")
            x_min, y_min, x_max, y_max = hit["box"]
            assert 0 <= x_min < x_max
            assert 0 <= y_min < y_max

    def not_found(self, step: Step) -> None:
        assert (step["code"], step["fields"]) == ("NOT_FOUND", [])
        assert self._named("missing") in step["message"]
        assert step["reason"] == "RESOURCE_NOT_FOUND"

    def bad_request(self, step: Step) -> None:
        assert (step["code"], step["fields"]) == ("INVALID_ARGUMENT", ["filter"])
        assert step["reason"] == "INVALID_ARGUMENT"

    def deadline(self, step: Step) -> None:
        assert step["code"] == "DEADLINE_EXCEEDED"

    def cancel(self, step: Step) -> None:
        assert step["code"] == "CANCELLED"

    def retry(self, step: Step) -> None:
        assert step == {"step": "retry", "name": "collections/default", "unretried": "UNAVAILABLE"}

    def tls(self, step: Step) -> None:
        assert step == {"step": "tls", "name": "collections/default", "untrusted": "UNAVAILABLE"}

    def operation(self, step: Step) -> None:
        assert step["name"] == step["begun"]
        assert step["name"].startswith("operations/")
        assert (step["items"], step["failed"]) == (1, 0)
