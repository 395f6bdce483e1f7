"""ImportService: translate, use case, translate."""

import asyncio
from collections.abc import AsyncIterator

from google.longrunning import operations_pb2

from orchestrator.application.imports import face
from orchestrator.application.ports import Ports
from orchestrator.domain.names import parse_collection, parse_operation
from orchestrator.domain.operation import Operation
from orchestrator.grpc_api.faces import FACES
from orchestrator.grpc_api.interceptors import Context
from orchestrator.grpc_api.schedule_methods import ScheduleMethods
from orchestrator.grpc_api.translate.imports import from_plan, from_state, to_item, to_metadata
from orchestrator.grpc_api.translate.operation import to_operation
from sightline.v1 import import_pb2, import_service_pb2

WATCH_PAUSE = 0.5  # seconds


class ImportServicer(ScheduleMethods):
    """Imports over gRPC."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def ImportImages(
        self, request: import_service_pb2.ImportImagesRequest, context: Context
    ) -> operations_pb2.Operation:
        """Starts an import."""
        plan = from_plan(parse_collection(request.parent, "parent"), request.source, request.options)
        operation = await face.start_import(
            self._ports, plan, request_id=request.request_id, validate_only=request.validate_only
        )
        message = await to_operation(self._ports, operation, FACES)
        if request.validate_only:
            message.name = ""
        return message

    async def ListImportItems(
        self, request: import_service_pb2.ListImportItemsRequest, context: Context
    ) -> import_service_pb2.ListImportItemsResponse:
        """Lists the items of an import."""
        found, token = await face.list_items_of(
            self._ports,
            parse_operation(request.parent, "parent"),
            states=from_state(request.state),
            page_size=request.page_size,
            page_token=request.page_token,
        )
        return import_service_pb2.ListImportItemsResponse(
            items=[to_item(each) for each in found], next_page_token=token
        )

    async def RetryImportItems(
        self, request: import_service_pb2.RetryImportItemsRequest, context: Context
    ) -> import_service_pb2.RetryImportItemsResponse:
        """Tries failed items again."""
        retried, operation = await face.retry_items(
            self._ports, parse_operation(request.parent, "parent"), request.keys
        )
        return import_service_pb2.RetryImportItemsResponse(
            retried_count=retried, metadata=await self._metadata(operation)
        )

    async def PauseImport(
        self, request: import_service_pb2.PauseImportRequest, context: Context
    ) -> import_pb2.ImportMetadata:
        """Pauses an import."""
        return await self._metadata(await face.pause_import(self._ports, parse_operation(request.name)))

    async def ResumeImport(
        self, request: import_service_pb2.ResumeImportRequest, context: Context
    ) -> import_pb2.ImportMetadata:
        """Goes on with an import."""
        return await self._metadata(await face.resume_import(self._ports, parse_operation(request.name)))

    async def WatchImport(
        self, request: import_service_pb2.WatchImportRequest, context: Context
    ) -> AsyncIterator[import_pb2.ImportMetadata]:
        """Streams an import's progress until it has ended."""
        name, told = parse_operation(request.name), None
        while True:
            operation = await face.get_import(self._ports, name)
            message = await self._metadata(operation)
            if message != told:
                yield message
                told = message
            if operation.state.done:
                return
            await asyncio.sleep(WATCH_PAUSE)

    async def _metadata(self, operation: Operation) -> import_pb2.ImportMetadata:
        return to_metadata(await face.import_status(self._ports, operation))
