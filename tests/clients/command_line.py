"""The script of calls with programs for the terminal: curl or grpcurl, as the first argument says."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import grpc

from tests.clients.curl import Curl
from tests.clients.failed import Failed
from tests.clients.grpcurl import Grpcurl

Json = dict[str, Any]
CANCEL_SECONDS = 0.3
NAMES = {code.value[0]: code.name for code in grpc.StatusCode}


class Program(Protocol):
    """How a program does what the steps need. Requests and answers are proto3 JSON; errors are Failed."""

    def health(self, service: str) -> str: ...

    def create(self, picture: Path, request: Json) -> Json: ...

    def upload(self, picture: Path, request: Json) -> Json: ...

    def call(self, method: str, request: Json, *, request_id: str = "") -> Json: ...

    def command(self, method: str, request: Json, *, request_id: str) -> Sequence[str]: ...

    def content(self, name: str) -> tuple[str, bytes]: ...


def say(step: str, **fields: Any) -> None:
    print(json.dumps({"step": step, **fields}), flush=True)  # noqa: T201


def told(status: Json) -> Json:
    details = {detail["@type"].rpartition(".")[2]: detail for detail in status.get("details", ())}
    bad = details.get("BadRequest", {})
    violations = bad.get("fieldViolations") or bad.get(
        "field_violations", ()
    )  # grpcurl knows the proto's name
    return {
        "code": NAMES[status["code"]],
        "message": status["message"],
        "reason": details.get("ErrorInfo", {}).get("reason", ""),
        "fields": [violation["field"] for violation in violations],
    }


def error_of(call: Callable[[], object]) -> Json:
    try:
        call()
    except Failed as error:
        return told(error.status)
    return {"code": "OK"}


def found(hit: Json) -> Json:
    fields = {"image": hit["image"], "score": hit["score"], "relevance": hit["relevance"]}
    if hit.get("region"):
        box = [hit["box"].get(side, 0) for side in ("xMin", "yMin", "xMax", "yMax")]
        fields |= {"region": hit["region"], "box": box}
    return fields


def described(image: Json) -> Json:
    return {"name": image["name"], "size_bytes": int(image["sizeBytes"]), "sha256": image["sha256"]}


def put_in(program: Program, parent: str, pictures: Path) -> None:
    """`create`, `upload` and, of grpcurl alone, `bulk`: a form of several files gives none of them an id."""
    image = {"displayName": "dog.jpg", "folder": "script/animals", "labels": [{"label": "pet"}]}
    dog = program.create(pictures / "dog.jpg", {"parent": parent, "imageId": "dog", "image": image})
    labels = [label["label"] for label in dog["labels"]]
    names = {"display_name": dog["displayName"], "folder": dog["folder"], "labels": labels}
    say("create", **described(dog), **names, width=dog["width"], height=dog["height"])
    tractor = program.upload(pictures / "tractor.bmp", {"parent": parent, "imageId": "tractor"})
    say("upload", **described(tractor))
    files = [pictures / name for name in ("chicken.jpg", "broken.jpg", "rainbow.jpg", "fire.jpg")]
    if isinstance(program, Grpcurl):
        answers = sorted(program.bulk(parent, files), key=lambda answer: int(answer["index"]))
        results = [
            {"name": each["image"]["name"]} if "image" in each else told(each["error"]) for each in answers
        ]
        say("bulk", results=[{"index": index, **result} for index, result in enumerate(results)])
        return
    for file in files:
        if file.stem != "broken":
            program.create(file, {"parent": parent, "imageId": file.stem, "image": {}})


def read(program: Program, parent: str, collection: str) -> None:
    """`content` and `pages`."""
    content_type, content = program.content(f"{parent}/images/dog")
    say("content", content_type=content_type, sha256=hashlib.sha256(content).hexdigest())
    names: list[str] = []
    request = {"parent": parent, "orderBy": "name", "pageSize": 2}
    while True:
        page = program.call("ListImages", request, request_id=f"{collection}-pages")
        names += [image["name"] for image in page["images"]]
        if not page.get("nextPageToken"):
            break
        request["pageToken"] = page["nextPageToken"]
    say("pages", names=names)


def search(program: Program, parent: str, pictures: Path) -> None:
    """The three searches."""
    query: Json = {"parent": parent, "pageSize": 3}
    answer = program.call("Search", {**query, "text": "a rainbow"})
    stages = [stage["name"] for stage in answer["stages"]]
    say("search_text", hits=[found(hit) for hit in answer["hits"]], stages=stages)
    content = base64.b64encode((pictures / "dog.jpg").read_bytes()).decode()
    answer = program.call("Search", {**query, "image": {"content": content}})
    say("search_picture", hits=[found(hit) for hit in answer["hits"]])
    answer = program.call("Search", {**query, "text": "a dog", "target": "REGIONS"})
    say("search_regions", hits=[found(hit) for hit in answer["hits"]])


def fail(program: Program, parent: str) -> None:
    """`not_found`, `bad_request` and, of curl alone, `deadline`: grpcurl's holds for its connection too."""
    say("not_found", **error_of(lambda: program.call("GetImage", {"name": f"{parent}/images/missing"})))
    rainbow = {"parent": parent, "text": "a rainbow"}
    say("bad_request", **error_of(lambda: program.call("Search", {**rainbow, "filter": "width >"})))
    if isinstance(program, Curl):
        say("deadline", code=error_of(lambda: program.call("Search", rainbow, milliseconds=1))["code"])


def cancel(program: Program, parent: str, collection: str) -> None:
    """Ends the program in the middle of its call; the server's log tells what came of it."""
    request = {"name": f"{parent}/images/dog", "prompt": {"everything": {}}}
    command = program.command("SegmentImage", request, request_id=f"{collection}-cancel")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(CANCEL_SECONDS)
        code = "CANCELLED" if process.poll() is None else "OK"
        process.kill()
    say("cancel", code=code)


def main() -> None:
    programs: dict[str, Callable[[], Program]] = {"curl": Curl, "grpcurl": Grpcurl}
    program = programs[sys.argv[1]]()
    collection, pictures = os.environ["SIGHTLINE_COLLECTION"], Path(os.environ["SIGHTLINE_PICTURES"])
    parent = f"collections/{collection}"
    say("health", status=program.health("sightline.v1.SearchService"))
    put_in(program, parent, pictures)
    read(program, parent, collection)
    search(program, parent, pictures)
    fail(program, parent)
    cancel(program, parent, collection)
    if isinstance(program, Grpcurl):
        say("tls", name=program.collection_over_tls(), untrusted=program.code_of_a_stranger())


if __name__ == "__main__":
    main()
