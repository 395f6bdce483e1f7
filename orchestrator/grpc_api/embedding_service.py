"""EmbeddingService: translate, use case, translate."""

from orchestrator.application import embed
from orchestrator.application.ports import Ports
from orchestrator.domain.names import parse_collection
from orchestrator.grpc_api.interceptors import Context
from orchestrator.grpc_api.translate.embedding import (
    from_contents,
    to_comparison,
    to_embeddings,
    to_projection,
)
from sightline.v1 import embedding_service_pb2, embedding_service_pb2_grpc


class EmbeddingServicer(embedding_service_pb2_grpc.EmbeddingServiceServicer):
    """Embeddings over gRPC."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def EmbedContent(
        self, request: embedding_service_pb2.EmbedContentRequest, context: Context
    ) -> embedding_service_pb2.EmbedContentResponse:
        """Embeds texts and images."""
        embeddings = await embed.embed_content(
            self._ports,
            parent=parse_collection(request.parent, "parent"),
            contents=from_contents(request.contents, "contents"),
        )
        return to_embeddings(embeddings)

    async def CompareEmbeddings(
        self, request: embedding_service_pb2.CompareEmbeddingsRequest, context: Context
    ) -> embedding_service_pb2.CompareEmbeddingsResponse:
        """Compares contents with contents."""
        comparison = await embed.compare_embeddings(
            self._ports,
            parent=parse_collection(request.parent, "parent"),
            rows=from_contents(request.rows, "rows"),
            columns=from_contents(request.columns, "columns"),
        )
        return to_comparison(comparison)

    async def ProjectEmbeddings(
        self, request: embedding_service_pb2.ProjectEmbeddingsRequest, context: Context
    ) -> embedding_service_pb2.ProjectEmbeddingsResponse:
        """Lays stored vectors out in the plane."""
        projection = await embed.project_embeddings(
            self._ports,
            parent=parse_collection(request.parent, "parent"),
            filter=request.filter,
            max_points=request.max_points,
        )
        return to_projection(projection)
