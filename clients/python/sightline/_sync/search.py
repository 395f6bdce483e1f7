# Made from _async/search.py by generate_sync.py. Do not edit.
"""Calls that search."""

from collections.abc import Iterator, Sequence

from sightline._inputs import (
    BoxLike,
    Hybrid,
    PictureFile,
    RerankOptions,
    Target,
    collection_name,
    read_picture,
    to_box,
    to_target,
)
from sightline._sync.calls import Calls
from sightline.v1 import search_service_pb2
from sightline.v1.embedding_service_pb2 import Embedding
from sightline.v1.search_service_pb2 import SearchRequest

MOST_HITS_A_PAGE = 200


def search_request(
    text: str | None,
    *,
    collection: str,
    image: PictureFile | None,
    name: str | None,
    box: tuple[str, BoxLike] | None,
    vector: Sequence[float] | Embedding | None,
    target: Target,
    filter: str,
    page_size: int,
    min_relevance: float,
    rerank: bool | RerankOptions = False,
    hybrid: bool | Hybrid = False,
) -> SearchRequest:
    """The message for one query. Raises ValueError unless exactly one of the five was given."""
    if sum(given is not None for given in (text, image, name, box, vector)) != 1:
        raise ValueError("give exactly one of text, image, name, box and vector")
    request = SearchRequest(
        parent=collection_name(collection),
        target=to_target(target),
        filter=filter,
        page_size=page_size,
        min_relevance=min_relevance,
    )
    if isinstance(rerank, RerankOptions):
        request.rerank_options.CopyFrom(rerank)
    request.rerank = rerank is not False
    if isinstance(hybrid, Hybrid):
        request.hybrid.CopyFrom(hybrid)
    elif hybrid:
        request.hybrid.SetInParent()
    if text is not None:
        request.text = text
    elif image is not None:
        request.image.content = read_picture(image)
    elif name is not None:
        request.name = name
    elif box is not None:
        request.box.CopyFrom(SearchRequest.ImageBox(image=box[0], box=to_box(box[1])))
    elif isinstance(vector, Embedding):
        request.vector.CopyFrom(
            SearchRequest.Vector(
                values=vector.values,
                pack=vector.pack,
                revision=vector.revision,
                preprocessing=vector.preprocessing,
            )
        )
    elif vector is not None:
        request.vector.values.extend(vector)
    return request


class Search(Calls):
    """`sightline.v1.SearchService`."""

    def search_page(self, request: SearchRequest) -> search_service_pb2.SearchResponse:
        """One page as the server answers it, with its stages and how long each took.

        It sees what this client wrote. Raises InvalidArgument, NotFound, FailedPrecondition, Unavailable.
        """
        if request.consistency_token:
            return self._call(self._search.Search, request)
        request.consistency_token = self._tokens.of(request)
        try:
            return self._call(self._search.Search, request)
        finally:
            request.consistency_token = ""

    def find_duplicates(
        self,
        *,
        collection: str = "default",
        min_similarity: float = 0.0,
        filter: str = "",
        page_size: int = 0,
    ) -> Iterator[search_service_pb2.FindDuplicatesResponse.Group]:
        """Groups of images that are the same or nearly so, by their oldest images, fetched a page at a time.

        `min_similarity`: of the embeddings, 0 to 1; 0: 0.95, or 0.85 where perceptual hashes agree. `filter`:
        AIP-160, as in `search`. Raises InvalidArgument, NotFound, Unavailable.
        """
        request = search_service_pb2.FindDuplicatesRequest(
            parent=collection_name(collection),
            min_similarity=min_similarity,
            filter=filter,
            page_size=page_size,
        )
        while True:
            page = self._call(self._search.FindDuplicates, request)
            for group in page.groups:
                yield group
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def search(
        self,
        text: str | None = None,
        *,
        image: PictureFile | None = None,
        name: str | None = None,
        box: tuple[str, BoxLike] | None = None,
        vector: Sequence[float] | Embedding | None = None,
        collection: str = "default",
        target: Target = "images",
        filter: str = "",
        limit: int = 10,
        min_relevance: float = 0.0,
        rerank: bool | RerankOptions = False,
        hybrid: bool | Hybrid = False,
    ) -> Iterator[search_service_pb2.Hit]:
        """The nearest images, regions or texts, the best first, at most `limit`, fetched a page at a time.

        Exactly one query: `text`; `image`, a picture file; `name`, a stored image, region or text record;
        `box`, a stored image's name and a box in it; `vector`, an embedding, best as the server gave it.
        `filter` is an AIP-160 expression such as 'folder = "street" AND width > 800'. With `rerank` the
        collection's matcher looks at the best hits of a text again; with `hybrid` the text's words count too,
        by ranks, or by the weights of `Hybrid(vector_weight=…, lexical_weight=…)`. With the target
        "images_and_texts" a hit is either, and scores come from ranks. Raises what `search_page` raises,
        ValueError, OSError.
        """
        request = search_request(
            text,
            collection=collection,
            image=image,
            name=name,
            box=box,
            vector=vector,
            target=target,
            filter=filter,
            page_size=min(limit, MOST_HITS_A_PAGE),
            min_relevance=min_relevance,
            rerank=rerank,
            hybrid=hybrid,
        )
        left = limit
        while left > 0:
            page = self.search_page(request)
            for hit in page.hits[:left]:
                yield hit
            left -= len(page.hits)
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token
