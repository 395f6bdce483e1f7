"""Imports over gRPC, of sources in memory: what becomes of items, again, changed, vanished, failing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.longrunning import operations_pb2

from orchestrator.application.imports.budget import Budget
from orchestrator.application.imports.job import import_kind
from orchestrator.application.jobs import MOST, Jobs
from orchestrator.application.ports import Ports
from orchestrator.application.ports.sources import NO_TURN
from orchestrator.domain.errors import InvalidArgument, ResourceExhausted, Unavailable
from orchestrator.domain.image import Description, Label
from orchestrator.domain.import_source import AnnotatedRegion, SourceItem
from orchestrator.domain.region import Box
from sightline.v1 import image_pb2, image_service_pb2, import_pb2, segmentation_service_pb2
from sightline.v1 import import_service_pb2 as pb
from tests.fakes.sources import MemorySources
from tests.fixtures.import_files import picture
from tests.fixtures.server import RunningServer, ports_over, running_server

PARENT = "collections/default"
ITEM = import_pb2.ImportItem
WAIT = 60.0
FILES = import_pb2.ImportSource.Files(uri="file:///somewhere")


class Importer:
    """A server whose imports read a source in memory."""

    def __init__(self, server: RunningServer, sources: MemorySources) -> None:
        self.server, self.sources = server, sources

    async def start(
        self, request_id: str = "", files: import_pb2.ImportSource.Files | None = None, **options: Any
    ) -> str:
        request = pb.ImportImagesRequest(
            parent=PARENT, request_id=request_id, options=import_pb2.ImportOptions(**options)
        )
        request.source.files.CopyFrom(files or FILES)
        return str((await self.server.imports.ImportImages(request)).name)

    async def wait(self, name: str) -> operations_pb2.Operation:
        request = operations_pb2.WaitOperationRequest(name=name)
        return await self.server.operations.WaitOperation(request, timeout=WAIT)

    async def run(self, **options: Any) -> dict[str, int]:
        """One import; its counts that are not zero."""
        operation = await self.wait(await self.start(**options))
        assert operation.done
        assert not operation.HasField("error"), operation.error
        summary = import_pb2.ImportSummary()
        assert operation.response.Unpack(summary)
        return counted(summary.counts)

    async def metadata(self, name: str) -> import_pb2.ImportMetadata:
        found = await self.server.operations.GetOperation(operations_pb2.GetOperationRequest(name=name))
        metadata = import_pb2.ImportMetadata()
        assert found.metadata.Unpack(metadata)
        return metadata

    async def items(self, name: str, **asked: Any) -> list[import_pb2.ImportItem]:
        request = pb.ListImportItemsRequest(parent=name, **asked)
        return list((await self.server.imports.ListImportItems(request)).items)

    async def all_images(self) -> list[image_pb2.Image]:
        request = image_service_pb2.ListImagesRequest(parent=PARENT, page_size=1000)
        return list((await self.server.images.ListImages(request)).images)

    async def images(self) -> dict[str, image_pb2.Image]:
        """All images, by folder and name; none twice."""
        found = await self.all_images()
        by_path = {"/".join(filter(None, (each.folder, each.display_name))): each for each in found}
        assert len(by_path) == len(found)
        return by_path


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT):
        while not true():
            await asyncio.sleep(0.02)


def counted(counts: import_pb2.ImportCounts) -> dict[str, int]:
    return {field.name: value for field, value in counts.ListFields() if field.name != "content_bytes"}


@pytest.fixture
async def importer(tmp_path: Path) -> AsyncIterator[Importer]:
    async with ports_over(tmp_path) as made:
        sources = MemorySources()
        ports = replace(made, sources=sources)
        async with running_server(ports) as server, working(ports):
            yield Importer(server, sources)


@asynccontextmanager
async def working(ports: Ports, items: int = 4) -> AsyncIterator[None]:
    jobs = Jobs(ports.operations, [import_kind(ports, Budget(items, 1 << 20))], every=0.05)
    task = asyncio.create_task(jobs.keep_running())
    yield
    task.cancel()
    await asyncio.wait([task])


def fill(sources: MemorySources, number: int) -> None:
    for each in range(number):
        sources.put(f"folder-{each % 2}/picture-{each}.png", picture(each))


async def test_it_embeds_behind_what_is_waited_for(importer: Importer) -> None:
    fill(importer.sources, 6)
    await importer.run()
    models = importer.server.models
    assert models.embedded_in_bulk == models.embedded_pictures >= 6


async def test_what_a_source_holds_is_imported_each_once(importer: Importer) -> None:
    fill(importer.sources, 20)
    assert await importer.run(folder="trip") == {"done": 20}
    found = await importer.images()
    assert sorted(found) == sorted(f"trip/{key}" for key in importer.sources.items)
    assert len(importer.sources.reads) == 20


async def test_a_second_import_of_the_same_costs_a_listing(importer: Importer) -> None:
    fill(importer.sources, 10)
    await importer.run()
    before = await importer.images()
    importer.sources.reads.clear()
    assert await importer.run() == {"unchanged": 10}
    assert importer.sources.reads == []
    assert await importer.images() == before


async def test_without_fingerprints_what_is_the_same_is_read_and_not_embedded(importer: Importer) -> None:
    for each in range(3):
        importer.sources.put(f"{each}.png", picture(each), fingerprint=None)
    await importer.run()
    before = await importer.images()
    embedded = importer.server.models.embedded_pictures
    assert await importer.run() == {"unchanged": 3}
    assert importer.server.models.embedded_pictures == embedded
    assert await importer.images() == before


async def test_what_changed_takes_the_place_of_what_was(importer: Importer) -> None:
    fill(importer.sources, 4)
    await importer.run()
    key = "folder-1/picture-1.png"
    old = (await importer.images())[key]
    importer.sources.put(key, picture(100))
    assert await importer.run() == {"unchanged": 3, "done": 1}
    found = await importer.images()
    assert len(found) == 4
    assert found[key].sha256 != old.sha256
    assert await importer.run() == {"unchanged": 4}


async def test_what_is_said_anew_changes_the_image_and_embeds_nothing(importer: Importer) -> None:
    importer.sources.put("a.png", picture(1), caption="one")
    await importer.run()
    old = (await importer.images())["a.png"]
    importer.sources.describe("a.png", "two")
    embedded = importer.server.models.embedded_pictures
    assert await importer.run() == {"done": 1}
    new = (await importer.images())["a.png"]
    assert (new.name, new.caption) == (old.name, "two")
    assert importer.server.models.embedded_pictures == embedded


async def test_what_vanished_is_deleted_when_asked(importer: Importer) -> None:
    fill(importer.sources, 4)
    await importer.run()
    importer.sources.remove("folder-0/picture-0.png")
    assert await importer.run() == {"unchanged": 3}
    assert len(await importer.images()) == 4
    assert await importer.run(delete_missing=True) == {"unchanged": 3, "deleted": 1}
    assert "folder-0/picture-0.png" not in await importer.images()


async def test_a_retry_deletes_nothing_that_later_imports_brought(importer: Importer) -> None:
    fill(importer.sources, 2)
    importer.sources.put("late.png", b"not written yet")
    first = await importer.start(delete_missing=True)
    await importer.wait(first)
    importer.sources.put("new-1.png", picture(11))
    importer.sources.put("new-2.png", picture(12))
    assert await importer.run() == {"unchanged": 2, "done": 2, "failed": 1}
    importer.sources.put("late.png", picture(9))
    await importer.server.imports.RetryImportItems(pb.RetryImportItemsRequest(parent=first))
    await importer.wait(first)
    assert sorted(await importer.images()) == sorted(importer.sources.items)
    assert counted((await importer.metadata(first)).counts) == {"done": 3}


async def test_an_import_that_was_paused_deletes_nothing_that_another_brought(importer: Importer) -> None:
    fill(importer.sources, 8)
    importer.sources.gate = asyncio.Event()
    first = await importer.start(delete_missing=True)
    await until(lambda: bool(importer.sources.reads))
    await importer.server.imports.PauseImport(pb.PauseImportRequest(name=first))
    importer.sources.gate.set()
    importer.sources.put("new.png", picture(50))
    await importer.run()
    await importer.server.imports.ResumeImport(pb.ResumeImportRequest(name=first))
    await importer.wait(first)
    assert sorted(await importer.images()) == sorted(importer.sources.items)


async def test_imports_of_one_source_follow_each_other(importer: Importer) -> None:
    fill(importer.sources, 8)
    importer.sources.gate = asyncio.Event()
    first = await importer.start(delete_missing=True)
    await until(lambda: bool(importer.sources.reads))
    second = await importer.start(delete_missing=True)
    async with asyncio.timeout(WAIT):
        while first not in (await importer.metadata(second)).waiting_reason:
            await asyncio.sleep(0.05)
    assert importer.sources.listings == 1
    importer.sources.put("new.png", picture(50))
    importer.sources.gate.set()
    await importer.wait(first)
    await importer.wait(second)
    assert counted((await importer.metadata(second)).counts) == {"unchanged": 8, "done": 1}
    assert (await importer.metadata(second)).waiting_reason == ""
    assert sorted(await importer.images()) == sorted(importer.sources.items)


async def test_a_source_said_otherwise_is_the_same(importer: Importer) -> None:
    fill(importer.sources, 3)
    await importer.run()
    for said in (
        import_pb2.ImportSource.Files(uri="file:///somewhere/"),
        import_pb2.ImportSource.Files(uri="FILE:///else/..//somewhere", pattern="**/*.png"),
    ):
        assert await importer.run(files=said) == {"unchanged": 3}
    importer.sources.remove("folder-0/picture-0.png")
    narrow = import_pb2.ImportSource.Files(uri="file:///somewhere", pattern="folder-1/*")
    assert await importer.run(files=narrow, delete_missing=True) == {"unchanged": 2}
    assert await importer.run(files=said, delete_missing=True) == {"unchanged": 2, "deleted": 1}


async def test_a_source_that_holds_nothing_any_more_deletes_nothing(importer: Importer) -> None:
    fill(importer.sources, 2)
    await importer.run()
    importer.sources.items.clear()
    operation = await importer.wait(await importer.start(delete_missing=True))
    assert operation.error.code == grpc.StatusCode.FAILED_PRECONDITION.value[0]
    assert len(await importer.images()) == 2


async def test_a_source_listed_in_part_deletes_nothing(importer: Importer) -> None:
    fill(importer.sources, 2)
    await importer.run()
    importer.sources.remove("folder-0/picture-0.png")
    importer.sources.put_item(SourceItem(key="locked", problem="the folder may not be listed"))
    operation = await importer.wait(name := await importer.start(delete_missing=True))
    assert operation.error.code == grpc.StatusCode.FAILED_PRECONDITION.value[0]
    assert len(await importer.images()) == 2
    (failed,) = await importer.items(name, state=ITEM.FAILED)
    assert (failed.key, failed.error.message) == ("locked", "the folder may not be listed")


async def test_what_could_not_be_listed_fails_again_and_goes_with_its_operation(importer: Importer) -> None:
    fill(importer.sources, 2)
    importer.sources.put_item(SourceItem(key="locked", problem="the folder may not be listed"))
    name = await importer.start()
    await importer.wait(name)
    await importer.server.imports.RetryImportItems(pb.RetryImportItemsRequest(parent=name))
    await importer.wait(name)
    (failed,) = await importer.items(name, state=ITEM.FAILED)
    assert (failed.error.message, failed.tries) == ("the folder may not be listed", 1)
    assert "locked" not in importer.sources.reads
    await importer.server.operations.DeleteOperation(operations_pb2.DeleteOperationRequest(name=name))
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await importer.items(name)
    assert raised.value.code() is grpc.StatusCode.NOT_FOUND


async def test_an_image_that_was_deleted_since_comes_back(importer: Importer) -> None:
    fill(importer.sources, 2)
    await importer.run()
    gone = (await importer.images())["folder-0/picture-0.png"]
    await importer.server.images.DeleteImage(image_service_pb2.DeleteImageRequest(name=gone.name))
    assert await importer.run() == {"unchanged": 1, "done": 1}
    assert len(await importer.images()) == 2


async def test_exact_duplicates_are_left_out_when_asked(importer: Importer) -> None:
    for each in range(6):
        importer.sources.put(f"{each}.png", picture(each % 2))
    name = await importer.start(skip_duplicates=True)
    await importer.wait(name)
    assert counted((await importer.metadata(name)).counts) == {"done": 2, "duplicate": 4}
    skipped = await importer.items(name, state=ITEM.SKIPPED)
    assert {each.skip_reason for each in skipped} == {ITEM.DUPLICATE}
    images = {each.name for each in (await importer.images()).values()}
    assert {each.image for each in skipped} == images
    assert await importer.run(skip_duplicates=True) == {"unchanged": 6}
    assert len(await importer.images()) == 2


async def test_a_picture_that_is_renamed_stays(importer: Importer) -> None:
    fill(importer.sources, 1)
    importer.sources.put("a.png", picture(7))
    await importer.run(skip_duplicates=True)
    old = (await importer.images())["a.png"]
    importer.sources.remove("a.png")
    importer.sources.put("b.png", picture(7))
    ran = await importer.run(skip_duplicates=True, delete_missing=True)
    assert ran == {"unchanged": 1, "duplicate": 1, "deleted": 1}
    assert {each.name for each in (await importer.images()).values()} > {old.name}
    assert await importer.run(skip_duplicates=True, delete_missing=True) == {"unchanged": 1, "done": 1}
    assert (await importer.images())["b.png"].name == old.name
    importer.sources.remove("b.png")
    assert await importer.run(delete_missing=True) == {"unchanged": 1, "deleted": 1}
    assert len(await importer.images()) == 1


async def test_a_picture_stays_while_another_file_has_it(importer: Importer) -> None:
    for key in ("a.png", "b.png"):
        importer.sources.put(key, picture(7))
    await importer.run(skip_duplicates=True)
    (old,) = (await importer.images()).values()
    importer.sources.put(old.display_name, picture(8))
    assert await importer.run(skip_duplicates=True) == {"unchanged": 1, "done": 1}
    assert old.name in {each.name for each in await importer.all_images()}
    await importer.run(skip_duplicates=True)
    assert sorted(await importer.images()) == ["a.png", "b.png"]


async def test_a_picture_that_moves_while_another_takes_its_place_stays(importer: Importer) -> None:
    importer.sources.put("a.png", picture(7))
    await importer.run(skip_duplicates=True)
    (old,) = (await importer.images()).values()
    importer.sources.put("a.png", picture(8))
    importer.sources.put("b.png", picture(7))
    await importer.run(skip_duplicates=True, delete_missing=True)
    found = {each.sha256 for each in await importer.all_images()}
    assert len(found) == len(await importer.all_images()) == 2
    assert old.sha256 in found
    await importer.run(skip_duplicates=True, delete_missing=True)
    assert sorted(await importer.images()) == ["a.png", "b.png"]


async def test_a_duplicate_of_what_fails_is_no_duplicate(importer: Importer) -> None:
    for each in range(3):
        importer.sources.put(f"{each}.png", b"no picture")
    assert await importer.run(skip_duplicates=True) == {"failed": 3}


async def test_an_item_fails_alone_and_says_why(importer: Importer) -> None:
    fill(importer.sources, 3)
    importer.sources.put("text.png", b"no picture at all")
    importer.sources.put("gone.png", picture(50))
    importer.sources.failures["gone.png"] = [InvalidArgument("the file is larger than 32 MiB")]
    name = await importer.start()
    assert (await importer.wait(name)).WhichOneof("result") == "response"
    metadata = await importer.metadata(name)
    assert counted(metadata.counts) == {"done": 3, "failed": 2}
    assert {each.key for each in metadata.errors} == {"text.png", "gone.png"}
    failed = {each.key: each for each in await importer.items(name, state=ITEM.FAILED)}
    assert failed["gone.png"].error.message == "the file is larger than 32 MiB"
    assert failed["text.png"].error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]


async def test_what_failed_is_tried_again_when_asked(importer: Importer) -> None:
    fill(importer.sources, 3)
    importer.sources.put("late.png", b"not written yet")
    importer.sources.put("never.png", b"no picture")
    name = await importer.start()
    await importer.wait(name)
    importer.sources.put("late.png", picture(9))
    request = pb.RetryImportItemsRequest(parent=name, keys=["late.png"])
    retried = await importer.server.imports.RetryImportItems(request)
    assert retried.retried_count == 1
    assert (await importer.wait(name)).done
    assert counted((await importer.metadata(name)).counts) == {"done": 4, "failed": 1}
    assert len(await importer.images()) == 4
    assert not (await importer.server.imports.RetryImportItems(request)).retried_count


async def test_a_source_that_does_not_answer_is_asked_again(importer: Importer) -> None:
    fill(importer.sources, 3)
    importer.sources.failures["folder-0/picture-0.png"] = [Unavailable("the host is down")]
    name = await importer.start()
    await importer.wait(name)
    (item, *_) = await importer.items(name)
    assert (item.key, item.state, item.tries) == ("folder-0/picture-0.png", ITEM.DONE, 2)


async def test_models_that_are_away_are_waited_for(importer: Importer) -> None:
    fill(importer.sources, 4)
    importer.server.models.gone = True
    name = await importer.start()
    async with asyncio.timeout(WAIT):
        while not (await importer.metadata(name)).waiting_reason:
            await asyncio.sleep(0.05)
    importer.server.models.gone = False
    await importer.wait(name)
    metadata = await importer.metadata(name)
    assert counted(metadata.counts) == {"done": 4}
    assert metadata.waiting_reason == ""


async def test_an_import_is_paused_resumed_and_cancelled(importer: Importer) -> None:
    fill(importer.sources, 30)
    importer.sources.gate = asyncio.Event()
    name = await importer.start()
    async with asyncio.timeout(WAIT):
        while not importer.sources.reads:
            await asyncio.sleep(0.02)
    paused = await importer.server.imports.PauseImport(pb.PauseImportRequest(name=name))
    assert paused.state == import_pb2.ImportMetadata.PAUSED
    await asyncio.sleep(0.3)
    importer.sources.gate.set()
    await asyncio.sleep(0.3)
    assert await importer.images() == {}
    await importer.server.imports.ResumeImport(pb.ResumeImportRequest(name=name))
    await importer.wait(name)
    assert len(await importer.images()) == 30
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await importer.server.imports.PauseImport(pb.PauseImportRequest(name=name))
    assert raised.value.code() is grpc.StatusCode.FAILED_PRECONDITION

    importer.sources.gate = asyncio.Event()
    for each in range(30, 40):
        importer.sources.put(f"{each}.png", picture(each))
    second = await importer.start()
    async with asyncio.timeout(WAIT):
        while len(importer.sources.reads) < 31:
            await asyncio.sleep(0.02)
    await importer.server.operations.CancelOperation(operations_pb2.CancelOperationRequest(name=second))
    assert (await importer.wait(second)).error.code == grpc.StatusCode.CANCELLED.value[0]
    await asyncio.sleep(0.3)
    importer.sources.gate.set()
    await asyncio.sleep(0.3)
    assert len(await importer.images()) == 30
    with pytest.raises(grpc.aio.AioRpcError):
        await importer.server.imports.RetryImportItems(pb.RetryImportItemsRequest(parent=second))
    importer.sources.gate = None
    assert await importer.run() == {"unchanged": 30, "done": 10}


async def test_annotations_become_regions_with_their_labels(importer: Importer) -> None:
    def annotated(label: str) -> SourceItem:
        box = Box(x_min=2, y_min=2, x_max=40, y_max=14)
        region = AnnotatedRegion(box=box, labels=(Label(label=label),))
        said = Description(display_name="a.png")
        return SourceItem(key="a.png", fingerprint=label, description=said, regions=(region,))

    importer.sources.put_item(annotated("cat"), picture(1))
    assert await importer.run() == {"done": 1}
    image = (await importer.images())["a.png"]
    for label in ("cat", "dog"):
        request = segmentation_service_pb2.ListRegionsRequest(parent=image.name)
        (region,) = (await importer.server.segmentation.ListRegions(request)).regions
        assert [each.label for each in region.labels] == [label]
        assert region.origin == region.IMPORTED
        assert (region.box.x_max, region.box.y_max) == (24, 14)
        importer.sources.put_item(annotated("dog"), picture(1))
        await importer.run()


async def test_texts_are_imported_beside_pictures(importer: Importer) -> None:
    said = Description(display_name="row 1", folder="notes")
    importer.sources.put_item(SourceItem(key="1", fingerprint="a", text="a red car", description=said))
    importer.sources.put("a.png", picture(1))
    assert await importer.run() == {"done": 2}
    importer.sources.put_item(SourceItem(key="1", fingerprint="b", text="a blue car", description=said))
    assert await importer.run() == {"done": 1, "unchanged": 1}
    assert await importer.run() == {"unchanged": 2}
    importer.sources.remove("1")
    assert await importer.run(delete_missing=True) == {"unchanged": 1, "deleted": 1}


async def test_a_request_sent_again_starts_no_second_import(importer: Importer) -> None:
    fill(importer.sources, 1)
    token = "0b0e5f1c-3f0a-4a55-9b1f-0d8e5a1b2c3d"
    first = await importer.start(request_id=token)
    assert await importer.start(request_id=token) == first
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await importer.start(request_id=token, folder="other")
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_what_makes_no_sense_is_refused(importer: Importer) -> None:
    async def refused(request: pb.ImportImagesRequest) -> grpc.StatusCode:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await importer.server.imports.ImportImages(request)
        return raised.value.code()

    request = pb.ImportImagesRequest(parent=PARENT)
    assert await refused(request) is grpc.StatusCode.INVALID_ARGUMENT
    request.source.SetInParent()
    assert await refused(request) is grpc.StatusCode.INVALID_ARGUMENT
    request.source.files.uri = "file:///somewhere"
    request.parent = "collections/nowhere"
    assert await refused(request) is grpc.StatusCode.NOT_FOUND
    request.parent, request.validate_only = PARENT, True
    assert (await importer.server.imports.ImportImages(request)).name == ""
    listed = await importer.server.operations.ListOperations(operations_pb2.ListOperationsRequest())
    assert not listed.operations


async def test_progress_is_streamed_to_the_end(importer: Importer) -> None:
    fill(importer.sources, 12)
    name = await importer.start()
    seen = [each async for each in importer.server.imports.WatchImport(pb.WatchImportRequest(name=name))]
    assert seen[-1].state == import_pb2.ImportMetadata.SUCCEEDED
    assert counted(seen[-1].counts) == {"done": 12}
    assert all(each.operation == name for each in seen)


async def test_items_are_listed_page_by_page_in_the_order_of_the_source(importer: Importer) -> None:
    fill(importer.sources, 9)
    name = await importer.start()
    await importer.wait(name)
    keys, token = [], ""
    while True:
        request = pb.ListImportItemsRequest(parent=name, page_size=4, page_token=token)
        page = await importer.server.imports.ListImportItems(request)
        keys += [each.key for each in page.items]
        token = page.next_page_token
        if not token:
            break
    assert keys == list(importer.sources.items)


async def test_two_processes_share_an_import_and_nothing_is_read_twice(importer: Importer) -> None:
    fill(importer.sources, 60)
    async with working(importer.server.ports):
        assert await importer.run() == {"done": 60}
    assert len(importer.sources.reads) == 60
    assert len(await importer.images()) == 60


async def test_an_import_whose_source_does_not_answer_says_so(importer: Importer) -> None:
    importer.sources.silent = Unavailable("the host does not answer")
    name = await importer.start()
    async with asyncio.timeout(WAIT):
        while (await importer.metadata(name)).waiting_reason != "the host does not answer":
            await asyncio.sleep(0.05)
    fill(importer.sources, 2)
    importer.sources.silent = None
    assert (await importer.wait(name)).done
    assert (await importer.metadata(name)).waiting_reason == ""
    assert len(await importer.images()) == 2


async def test_a_source_is_opened_for_work_only_where_there_is_some(importer: Importer) -> None:
    fill(importer.sources, 3)
    await importer.run()
    assert importer.sources.opened == 2
    assert await importer.run() == {"unchanged": 3}
    assert importer.sources.opened == 3


async def test_imports_that_wait_for_another_of_their_source_let_others_work(importer: Importer) -> None:
    fill(importer.sources, 1)
    importer.sources.gate = asyncio.Event()
    names = [await importer.start() for _ in range(MOST + 2)]
    async with asyncio.timeout(WAIT):
        while not all(
            ["same source" in (await importer.metadata(each)).waiting_reason for each in names[1:]]
        ):
            await asyncio.sleep(0.05)
    importer.sources.gate.set()
    for name in names[1:-1]:
        await importer.server.operations.CancelOperation(operations_pb2.CancelOperationRequest(name=name))
    assert (await importer.wait(names[0])).done
    assert (await importer.wait(names[-1])).done


async def test_items_that_wait_for_their_turn_use_up_no_tries(importer: Importer) -> None:
    importer.sources.put("a.png", picture(1))
    crowded = [ResourceExhausted("too many wait", reason=NO_TURN) for _ in range(2)]
    importer.sources.failures["a.png"] = [*crowded, Unavailable("away")]
    name = await importer.start()
    assert (await importer.wait(name)).done
    (item,) = await importer.items(name)
    assert (item.state, item.tries) == (ITEM.DONE, 2)
