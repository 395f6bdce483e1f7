# Made from _async/models.py by generate_sync.py. Do not edit.
"""Calls on embeddings and model packs."""

from collections.abc import Iterator, Sequence

from sightline._inputs import PictureFile, collection_name, read_pictures
from sightline._sync.calls import Calls
from sightline.v1 import embedding_service_pb2, model_pb2, model_service_pb2
from sightline.v1.embedding_service_pb2 import Content


class Models(Calls):
    """`sightline.v1.EmbeddingService` and `sightline.v1.ModelService`."""

    def embed_texts(
        self, texts: Sequence[str], *, collection: str = "default"
    ) -> list[embedding_service_pb2.Embedding]:
        """Embeds texts with a collection's pack: `values` are float32, L2-normalised.

        Raises FailedPrecondition where the pack knows no texts, NotFound, Unavailable.
        """
        return self.embed_contents([Content(text=text) for text in texts], collection=collection)

    def embed_pictures(
        self, pictures: Sequence[PictureFile], *, collection: str = "default"
    ) -> list[embedding_service_pb2.Embedding]:
        """As `embed_texts`, of picture files. Raises InvalidArgument, NotFound, Unavailable, OSError."""
        read = read_pictures(pictures)
        contents = [Content(image=content) for content in read]
        return self.embed_contents(contents, collection=collection)

    def embed_contents(
        self, contents: Sequence[Content], *, collection: str = "default"
    ) -> list[embedding_service_pb2.Embedding]:
        """As `embed_texts`, of texts, pictures and stored things together, in their order.

        Raises InvalidArgument, NotFound, FailedPrecondition, Unavailable.
        """
        request = embedding_service_pb2.EmbedContentRequest(
            parent=collection_name(collection), contents=contents
        )
        answer = self._call(self._embeddings.EmbedContent, request)
        return list(answer.embeddings)

    def compare(
        self, rows: Sequence[Content], columns: Sequence[Content], *, collection: str = "default"
    ) -> list[list[float]]:
        """Cosine similarity, -1 to 1, of each row's content with each column's.

        Raises InvalidArgument, NotFound, FailedPrecondition, Unavailable.
        """
        request = embedding_service_pb2.CompareEmbeddingsRequest(
            parent=collection_name(collection), rows=rows, columns=columns
        )
        answer = self._call(self._embeddings.CompareEmbeddings, request)
        return [list(row.cosines) for row in answer.rows]

    def project(
        self, *, collection: str = "default", filter: str = "", max_points: int = 0
    ) -> embedding_service_pb2.ProjectEmbeddingsResponse:
        """A collection's images laid out in the plane, for a map.

        `max_points`: at most, the newest first; 0: 1,000. Raises InvalidArgument, NotFound.
        """
        request = embedding_service_pb2.ProjectEmbeddingsRequest(
            parent=collection_name(collection), filter=filter, max_points=max_points
        )
        return self._call(self._embeddings.ProjectEmbeddings, request)

    def get_pack(self, pack: str) -> model_pb2.Pack:
        """Gets a model pack by id. Raises NotFound."""
        return self._call(self._models.GetPack, model_service_pb2.GetPackRequest(name=f"packs/{pack}"))

    def list_packs(self) -> Iterator[model_pb2.Pack]:
        """The installed model packs, and which of their models are ready. Raises Unavailable."""
        request = model_service_pb2.ListPacksRequest()
        while True:
            page = self._call(self._models.ListPacks, request)
            for pack in page.packs:
                yield pack
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token
