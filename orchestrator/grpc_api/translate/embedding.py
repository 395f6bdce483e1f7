"""Contents and embeddings, as messages and back."""

from collections.abc import Iterable

from orchestrator.application.embed import (
    Comparison,
    Content,
    Embeddings,
    PictureContent,
    Projection,
    StoredContent,
    TextContent,
)
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.names import ImageName, RegionName, parse_image, parse_region
from sightline.v1 import embedding_service_pb2


def parse_image_or_region(name: str, field: str) -> ImageName | RegionName:
    """The name of an image or of a region. Raises InvalidArgument, naming `field`."""
    return parse_region(name, field) if name.count("/") > 3 else parse_image(name, field)


def from_contents(contents: Iterable[embedding_service_pb2.Content], field: str) -> list[Content]:
    """What to embed."""
    return [_from_content(content, f"{field}[{place}]") for place, content in enumerate(contents)]


def _from_content(content: embedding_service_pb2.Content, field: str) -> Content:
    match content.WhichOneof("content"):
        case "text":
            return TextContent(content.text)
        case "image":
            return PictureContent(content.image)
        case "name":
            return StoredContent(parse_image_or_region(content.name, f"{field}.name"))
    raise InvalidArgument.field(field, "is empty")


def to_embeddings(embeddings: Embeddings) -> embedding_service_pb2.EmbedContentResponse:
    """The answer of `EmbedContent`."""
    space = embeddings.space
    return embedding_service_pb2.EmbedContentResponse(
        embeddings=[
            embedding_service_pb2.Embedding(
                values=vector.tolist(),
                pack=space.pack,
                revision=space.revision,
                preprocessing=space.preprocessing,
            )
            for vector in embeddings.vectors
        ]
    )


def to_comparison(comparison: Comparison) -> embedding_service_pb2.CompareEmbeddingsResponse:
    """The answer of `CompareEmbeddings`."""
    return embedding_service_pb2.CompareEmbeddingsResponse(
        rows=[
            embedding_service_pb2.CompareEmbeddingsResponse.Row(
                cosines=cosines.tolist(), relevances=relevances.tolist()
            )
            for cosines, relevances in zip(comparison.cosines, comparison.relevances, strict=True)
        ]
    )


def to_projection(projection: Projection) -> embedding_service_pb2.ProjectEmbeddingsResponse:
    """The answer of `ProjectEmbeddings`."""
    return embedding_service_pb2.ProjectEmbeddingsResponse(
        points=[
            embedding_service_pb2.ProjectEmbeddingsResponse.Point(image=str(image), x=x, y=y)
            for image, (x, y) in zip(projection.images, projection.points.tolist(), strict=True)
        ],
        explained_variance=projection.explained_variance,
    )
