"""Calls on imports."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence

import grpc

from sightline._async.import_operation import AsyncImportOperation
from sightline._async.operations import AsyncOperations
from sightline._inputs import ItemState, collection_name
from sightline._sources import SourceLike, to_source
from sightline.errors import DeadlineExceeded, Unavailable, from_rpc_error, from_status
from sightline.v1 import import_pb2, import_service_pb2

_PAUSES = (0.1, 1.0)  # seconds between looks: the first, and the longest


class AsyncImports(AsyncOperations):
    """`sightline.v1.ImportService`."""

    async def import_images(
        self,
        source: SourceLike,
        *,
        collection: str = "default",
        folder: str = "",
        delete_missing: bool = False,
        skip_duplicates: bool = False,
        validate_only: bool = False,
    ) -> AsyncImportOperation:
        """Starts an import of what a source holds: a folder, bucket, archive, data set, list of URLs or feed.

        It goes on in the server. Imported again, what is unchanged costs its listing, and what changed takes
        the place of what it was; with `delete_missing` what vanished is deleted. `folder` goes in front of
        each image's own; `skip_duplicates` leaves out what the collection holds byte for byte. With
        `validate_only` nothing is started. Raises InvalidArgument, NotFound for the collection,
        FailedPrecondition for a source that the server must not read.
        """
        request = import_service_pb2.ImportImagesRequest(
            parent=collection_name(collection),
            source=to_source(source),
            options=import_pb2.ImportOptions(
                folder=folder, delete_missing=delete_missing, skip_duplicates=skip_duplicates
            ),
            request_id=str(uuid.uuid4()),
            validate_only=validate_only,
        )
        operation = await self._call(self._imports.ImportImages, request)
        return AsyncImportOperation(self, operation.name)

    def import_operation(self, name: str) -> AsyncImportOperation:
        """An import by its operation's name or id. Raises nothing: its own calls do."""
        return AsyncImportOperation(self, name if "/" in name else f"operations/{name}")

    async def _import_status(self, name: str) -> import_pb2.ImportMetadata:
        operation = await self.get_operation(name)
        status = import_pb2.ImportMetadata()
        operation.metadata.Unpack(status)
        return status

    async def _watch_import(self, name: str) -> AsyncIterator[import_pb2.ImportMetadata]:
        self._check_open()
        request = import_service_pb2.WatchImportRequest(name=name)
        stream = self._imports.WatchImport(request, metadata=self._metadata)
        try:
            async for status in stream:
                yield status
        except grpc.RpcError as error:
            raise from_rpc_error(error, self.address) from error
        finally:
            stream.cancel()

    async def _wait_import(
        self,
        name: str,
        timeout: float | None,
        progress: Callable[[import_pb2.ImportMetadata], object] | None,
    ) -> import_pb2.ImportSummary:
        until = None if timeout is None else time.monotonic() + timeout
        pause, longest = _PAUSES
        while True:
            try:
                operation = await self.get_operation(name)
            except Unavailable:
                operation = None
            if operation is not None and progress is not None:
                status = import_pb2.ImportMetadata()
                operation.metadata.Unpack(status)
                progress(status)
            if operation is not None and operation.done:
                break
            if until is not None and time.monotonic() + pause > until:
                raise DeadlineExceeded(f"{name} is not done after {timeout:g} s")
            await asyncio.sleep(pause)
            pause = min(2 * pause, longest)
        if operation.HasField("error"):
            raise from_status(operation.error)
        summary = import_pb2.ImportSummary()
        operation.response.Unpack(summary)
        return summary

    async def _import_items(
        self, name: str, state: ItemState | None, page_size: int
    ) -> AsyncIterator[import_pb2.ImportItem]:
        request = import_service_pb2.ListImportItemsRequest(parent=name, page_size=page_size)
        if state is not None:
            request.state = import_pb2.ImportItem.State.Value(state.upper())
        while True:
            page = await self._call(self._imports.ListImportItems, request)
            for item in page.items:
                yield item
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def _retry_items(self, name: str, keys: Sequence[str]) -> int:
        request = import_service_pb2.RetryImportItemsRequest(parent=name, keys=keys)
        return (await self._call(self._imports.RetryImportItems, request)).retried_count

    async def _pause_import(self, name: str) -> import_pb2.ImportMetadata:
        return await self._call(self._imports.PauseImport, import_service_pb2.PauseImportRequest(name=name))

    async def _resume_import(self, name: str) -> import_pb2.ImportMetadata:
        return await self._call(self._imports.ResumeImport, import_service_pb2.ResumeImportRequest(name=name))
