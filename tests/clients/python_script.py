"""The script of calls with the Python SDK: the reference for the other languages. See README.md."""

import asyncio
import hashlib
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc

from sightline import AsyncSightline, CallError, NewImage
from sightline.v1.import_pb2 import ImportSource, ImportSummary
from sightline.v1.import_service_pb2 import ImportImagesRequest
from sightline.v1.import_service_pb2_grpc import ImportServiceStub
from sightline.v1.search_service_pb2 import Hit, SearchRequest, SearchResponse

PICTURES = Path(os.environ["SIGHTLINE_PICTURES"])
COLLECTION = os.environ["SIGHTLINE_COLLECTION"]
TARGET = os.environ["SIGHTLINE_TARGET"]
PARENT = f"collections/{COLLECTION}"


def say(step: str, **fields: Any) -> None:
    print(json.dumps({"step": step, **fields}), flush=True)  # noqa: T201


def told(error: CallError) -> dict[str, Any]:
    return {
        "code": error.code.name,
        "message": error.message,
        "reason": error.reason,
        "fields": [violation.field for violation in error.field_violations],
    }


async def error_of(call: Awaitable[object]) -> dict[str, Any]:
    try:
        await call
    except CallError as error:
        return told(error)
    return {"code": "OK"}


def tagged(step: str) -> AsyncSightline:
    """A client whose calls the server's log knows again."""
    return AsyncSightline(TARGET, metadata=[("x-request-id", f"{COLLECTION}-{step}")])


async def watch_health() -> None:
    async with AsyncSightline(TARGET) as client:
        async for status in client.watch_health("sightline.v1.SearchService"):
            say("health", status=status)
            break


async def create(client: AsyncSightline) -> None:
    dog = NewImage(picture=PICTURES / "dog.jpg", image_id="dog", folder="script/animals", labels=["pet"])
    image = await client.create_image(dog, collection=COLLECTION)
    fields = ("name", "display_name", "folder", "width", "height", "size_bytes", "sha256")
    labels = [label.label for label in image.labels]
    say("create", labels=labels, **{field: getattr(image, field) for field in fields})


async def upload(client: AsyncSightline) -> None:
    tractor = NewImage(picture=PICTURES / "tractor.bmp", image_id="tractor")
    image = await client.upload_image(tractor, collection=COLLECTION)
    say("upload", name=image.name, size_bytes=image.size_bytes, sha256=image.sha256)


async def bulk(client: AsyncSightline) -> None:
    files = [PICTURES / name for name in ("chicken.jpg", "broken.jpg", "rainbow.jpg", "fire.jpg")]
    given = [NewImage(picture=file, image_id=file.stem) for file in files]
    results = {}
    async for result in client.create_images(given, collection=COLLECTION):
        got = told(result.error) if isinstance(result.error, CallError) else {"name": result.image.name}  # type: ignore[union-attr]
        results[result.index] = {"index": result.index, **got}
    say("bulk", results=[results[index] for index in sorted(results)])


async def content(client: AsyncSightline) -> None:
    body = await client.image_content(f"{PARENT}/images/dog")
    say("content", content_type=body.content_type, sha256=hashlib.sha256(body.data).hexdigest())


async def pages() -> None:
    async with tagged("pages") as client:
        images = client.list_images(collection=COLLECTION, order_by="name", page_size=2)
        say("pages", names=[image.name async for image in images])


def hit_of(hit: Hit) -> dict[str, Any]:
    found = {"image": hit.image, "score": hit.score, "relevance": hit.relevance}
    if hit.region:
        box = [hit.box.x_min, hit.box.y_min, hit.box.x_max, hit.box.y_max]
        found |= {"region": hit.region, "box": box}
    return found


async def search(client: AsyncSightline) -> None:
    async def find(**query: Any) -> SearchResponse:
        return await client.search_page(SearchRequest(parent=PARENT, page_size=3, **query))

    answer = await find(text="a rainbow")
    hits = [hit_of(hit) for hit in answer.hits]
    say("search_text", hits=hits, stages=[stage.name for stage in answer.stages])
    picture = SearchRequest.InlineImage(content=(PICTURES / "dog.jpg").read_bytes())
    say("search_picture", hits=[hit_of(hit) for hit in (await find(image=picture)).hits])
    answer = await find(text="a dog", target=SearchRequest.REGIONS)
    say("search_regions", hits=[hit_of(hit) for hit in answer.hits])


async def errors(client: AsyncSightline) -> None:
    say("not_found", **await error_of(client.get_image(f"{PARENT}/images/missing")))
    request = SearchRequest(parent=PARENT, text="a rainbow")
    wrong = SearchRequest(parent=PARENT, text="a rainbow", filter="width >")
    say("bad_request", **await error_of(client.search_page(wrong)))
    async with AsyncSightline(TARGET, timeout=0.001) as hasty:
        say("deadline", code=(await error_of(hasty.search_page(request)))["code"])


async def cancel() -> None:
    async with tagged("cancel") as client:
        call = asyncio.create_task(client.segment_image(f"{PARENT}/images/dog", quick=False))
        await asyncio.sleep(0.3)
        call.cancel()
        try:
            await call
            say("cancel", code="OK")
        except asyncio.CancelledError:
            say("cancel", code="CANCELLED")


async def retry() -> None:
    async with AsyncSightline(os.environ["SIGHTLINE_FLAKY_TARGET"]) as client:
        collection = await client.get_collection("default")
        unretried = await error_of(client.create_collection("other"))
        say("retry", name=collection.name, unretried=unretried["code"])


async def tls() -> None:
    authority = await asyncio.to_thread(Path(os.environ["SIGHTLINE_TLS_CA"]).read_bytes)
    credentials = grpc.ssl_channel_credentials(authority)
    async with AsyncSightline(os.environ["SIGHTLINE_TLS_TARGET"], credentials=credentials) as client:
        name = (await client.get_collection("default")).name
    strange = grpc.ssl_channel_credentials()
    async with AsyncSightline(os.environ["SIGHTLINE_TLS_TARGET"], credentials=strange) as stranger:
        say("tls", name=name, untrusted=(await error_of(stranger.get_collection("default")))["code"])


async def operation() -> None:
    files = ImportSource.Files(uri=PICTURES.as_uri(), pattern="fire.jpg")
    async with grpc.aio.insecure_channel(TARGET) as channel, AsyncSightline(TARGET) as client:
        imports = ImportServiceStub(channel)
        begun = await imports.ImportImages(
            ImportImagesRequest(parent=PARENT, source=ImportSource(files=files))
        )
        done, summary = await client.wait_operation(begun.name), ImportSummary()
        assert done.response.Unpack(summary)
    counts = summary.counts
    items = counts.done + counts.duplicate
    say("operation", name=done.name, begun=begun.name, items=items, failed=counts.failed)


async def main() -> None:
    await watch_health()
    async with AsyncSightline(TARGET) as client:
        steps: tuple[Callable[[AsyncSightline], Awaitable[None]], ...] = (create, upload, bulk, content)
        for step in steps:
            await step(client)
        await pages()
        await search(client)
        await errors(client)
    await cancel()
    await retry()
    await tls()
    await operation()


if __name__ == "__main__":
    asyncio.run(main())
