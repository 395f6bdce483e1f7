"""CollectionService: translate, use case, translate."""

from google.longrunning import operations_pb2
from google.protobuf.empty_pb2 import Empty

from orchestrator.application import collections
from orchestrator.application.ports import Ports
from orchestrator.application.snapshots.operations import begin_export, begin_import
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.names import CollectionName, parse_collection
from orchestrator.grpc_api.faces import FACES
from orchestrator.grpc_api.field_mask import masked_fields
from orchestrator.grpc_api.interceptors import Context
from orchestrator.grpc_api.translate.collection import (
    CHANGEABLE,
    from_changes,
    from_segmentation,
    to_collection,
    to_statistics,
)
from orchestrator.grpc_api.translate.operation import to_operation
from sightline.v1 import collection_pb2, collection_service_pb2, collection_service_pb2_grpc


class CollectionServicer(collection_service_pb2_grpc.CollectionServiceServicer):
    """Collections over gRPC."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def CreateCollection(
        self, request: collection_service_pb2.CreateCollectionRequest, context: Context
    ) -> collection_pb2.Collection:
        """Creates a collection."""
        created = await collections.create_collection(
            self._ports,
            collection_id=request.collection_id,
            display_name=request.collection.display_name,
            embedder=request.collection.embedder,
            segmenter=request.collection.segmenter,
            segmentation=from_segmentation(request.collection.segmentation),
            matcher=request.collection.matcher,
            captioner=request.collection.captioner,
            labels_vocabulary=tuple(request.collection.labels_vocabulary),
        )
        return to_collection(created)

    async def GetCollection(
        self, request: collection_service_pb2.GetCollectionRequest, context: Context
    ) -> collection_pb2.Collection:
        """Gets a collection."""
        return to_collection(await collections.get_collection(self._ports, parse_collection(request.name)))

    async def ListCollections(
        self, request: collection_service_pb2.ListCollectionsRequest, context: Context
    ) -> collection_service_pb2.ListCollectionsResponse:
        """Lists collections."""
        found, token = await collections.list_collections(
            self._ports, page_size=request.page_size, page_token=request.page_token
        )
        return collection_service_pb2.ListCollectionsResponse(
            collections=[to_collection(each) for each in found], next_page_token=token
        )

    async def UpdateCollection(
        self, request: collection_service_pb2.UpdateCollectionRequest, context: Context
    ) -> collection_pb2.Collection:
        """Changes a collection."""
        collection = request.collection
        name = parse_collection(collection.name, "collection.name")
        fields = masked_fields(collection, request.update_mask, changeable=CHANGEABLE)
        if not request.update_mask.paths:
            await self._keep_embedder(name, collection.embedder)
        changed = await collections.update_collection(
            self._ports, name=name, changes=from_changes(collection, fields), etag=collection.etag
        )
        return to_collection(changed)

    async def DeleteCollection(
        self, request: collection_service_pb2.DeleteCollectionRequest, context: Context
    ) -> Empty:
        """Deletes a collection."""
        name = parse_collection(request.name)
        await collections.delete_collection(self._ports, name=name, force=request.force, etag=request.etag)
        return Empty()

    async def GetCollectionStatistics(
        self, request: collection_service_pb2.GetCollectionStatisticsRequest, context: Context
    ) -> collection_pb2.CollectionStatistics:
        """Tells what a collection's index holds."""
        name = parse_collection(request.name.removesuffix("/statistics"))
        return to_statistics(name, await collections.collection_statistics(self._ports, name))

    async def _keep_embedder(self, name: CollectionName, asked: str) -> None:
        if asked and asked != (await collections.get_collection(self._ports, name)).embedder:
            raise InvalidArgument.field("collection.embedder", "cannot be changed")

    async def ExportCollection(
        self, request: collection_service_pb2.ExportCollectionRequest, context: Context
    ) -> operations_pb2.Operation:
        """Has a collection written as a snapshot."""
        begun = await begin_export(
            self._ports,
            name=parse_collection(request.name),
            uri=request.destination_uri,
            files=request.include_files,
            request_id=request.request_id,
        )
        return await to_operation(self._ports, begun, FACES)

    async def ImportCollection(
        self, request: collection_service_pb2.ImportCollectionRequest, context: Context
    ) -> operations_pb2.Operation:
        """Has a snapshot read into a collection."""
        begun = await begin_import(
            self._ports,
            collection_id=request.collection_id,
            uri=request.source_uri,
            request_id=request.request_id,
        )
        return await to_operation(self._ports, begun, FACES)
