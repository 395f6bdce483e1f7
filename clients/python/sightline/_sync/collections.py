# Made from _async/collections.py by generate_sync.py. Do not edit.
"""Calls on collections."""

import uuid
from collections.abc import Iterator, Sequence

from google.longrunning import operations_pb2
from google.protobuf.field_mask_pb2 import FieldMask

from sightline._inputs import Segmentation, collection_name
from sightline._sync.calls import Calls
from sightline.v1 import collection_pb2, collection_service_pb2


class Collections(Calls):
    """`sightline.v1.CollectionService`."""

    def create_collection(
        self,
        collection_id: str,
        *,
        display_name: str = "",
        embedder: str = "",
        segmenter: str = "",
        segmentation: Segmentation | None = None,
        matcher: str = "",
        captioner: str = "",
        labels_vocabulary: Sequence[str] = (),
    ) -> collection_pb2.Collection:
        """Creates a collection; packs and the segmentation left out are the server's.

        `collection_id`: lower-case letters, digits and hyphens, a letter first, at most 63.
        `labels_vocabulary` is what images and regions are labelled from; without, what the embedder's pack
        brings. Raises AlreadyExists, FailedPrecondition, InvalidArgument.
        """
        collection = collection_pb2.Collection(
            display_name=display_name,
            embedder=embedder,
            segmenter=segmenter,
            matcher=matcher,
            captioner=captioner,
            labels_vocabulary=labels_vocabulary,
        )
        if segmentation:
            collection.segmentation = collection_pb2.Collection.Segmentation.Value(segmentation.upper())
        request = collection_service_pb2.CreateCollectionRequest(
            collection_id=collection_id, collection=collection
        )
        return self._call(self._collections.CreateCollection, request)

    def get_collection(self, collection: str = "default") -> collection_pb2.Collection:
        """Gets a collection by id or name. Raises NotFound."""
        request = collection_service_pb2.GetCollectionRequest(name=collection_name(collection))
        return self._call(self._collections.GetCollection, request)

    def list_collections(self, *, page_size: int = 0) -> Iterator[collection_pb2.Collection]:
        """All collections, by name, fetched a page at a time. Raises Unavailable."""
        request = collection_service_pb2.ListCollectionsRequest(page_size=page_size)
        while True:
            page = self._call(self._collections.ListCollections, request)
            for collection in page.collections:
                yield collection
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def update_collection(
        self, collection: collection_pb2.Collection, fields: Sequence[str]
    ) -> collection_pb2.Collection:
        """Writes the named fields. With its etag, only over what was read.

        Other labels, or another captioner, come to the images that are there in the background:
        `collection_statistics` says how many are left. Raises Aborted, NotFound.
        """
        request = collection_service_pb2.UpdateCollectionRequest(
            collection=collection, update_mask=FieldMask(paths=fields)
        )
        return self._call(self._collections.UpdateCollection, request)

    def delete_collection(self, collection: str, *, force: bool = False) -> None:
        """Deletes a collection; with `force`, all that it holds. Raises FailedPrecondition, NotFound."""
        request = collection_service_pb2.DeleteCollectionRequest(
            name=collection_name(collection), force=force
        )
        self._call(self._collections.DeleteCollection, request)

    def collection_statistics(self, collection: str = "default") -> collection_pb2.CollectionStatistics:
        """What its vector index holds, and how many images wait for labels or a caption.

        Raises NotFound, Unavailable.
        """
        name = f"{collection_name(collection)}/statistics"
        request = collection_service_pb2.GetCollectionStatisticsRequest(name=name)
        return self._call(self._collections.GetCollectionStatistics, request)

    def export_collection(
        self, collection: str, destination_uri: str, *, include_files: bool = False
    ) -> operations_pb2.Operation:
        """Has the server write a collection as a snapshot, and gives the operation: `wait_operation` waits.

        `destination_uri`: `file:///folder` of the server, `s3://bucket/prefix` or `gs://bucket/prefix`.
        `include_files`: the pictures too. Raises NotFound, InvalidArgument, FailedPrecondition.
        """
        request = collection_service_pb2.ExportCollectionRequest(
            name=collection_name(collection),
            destination_uri=destination_uri,
            include_files=include_files,
            request_id=str(uuid.uuid4()),
        )
        return self._call(self._collections.ExportCollection, request)

    def import_collection(self, source_uri: str, collection_id: str) -> operations_pb2.Operation:
        """Has the server read a snapshot into a collection, and gives the operation: `wait_operation` waits.

        What the collection holds already stays as it is. Raises InvalidArgument, FailedPrecondition for
        vectors of another pack and a snapshot that is not whole.
        """
        request = collection_service_pb2.ImportCollectionRequest(
            collection_id=collection_name(collection_id).removeprefix("collections/"),
            source_uri=source_uri,
            request_id=str(uuid.uuid4()),
        )
        return self._call(self._collections.ImportCollection, request)
