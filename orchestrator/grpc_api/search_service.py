"""SearchService: translate, use case, translate."""

from orchestrator.application.duplicates import find_duplicates
from orchestrator.application.ports import Ports
from orchestrator.application.search import search
from orchestrator.domain.names import parse_collection
from orchestrator.grpc_api.interceptors import Context
from orchestrator.grpc_api.translate.search import from_search, to_duplicates, to_search_response
from sightline.v1 import search_service_pb2, search_service_pb2_grpc


class SearchServicer(search_service_pb2_grpc.SearchServiceServicer):
    """Searches over gRPC."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def Search(
        self, request: search_service_pb2.SearchRequest, context: Context
    ) -> search_service_pb2.SearchResponse:
        """Finds images or regions."""
        seconds = context.time_remaining()
        with self._ports.traffic.call():
            return to_search_response(await search(self._ports, from_search(request), seconds=seconds))

    async def FindDuplicates(
        self, request: search_service_pb2.FindDuplicatesRequest, context: Context
    ) -> search_service_pb2.FindDuplicatesResponse:
        """Finds groups of images that are nearly the same."""
        groups, token = await find_duplicates(
            self._ports,
            parent=parse_collection(request.parent, "parent"),
            min_similarity=round(request.min_similarity, 6),  # 0.95 came as a float of 32 bits
            filter=request.filter,
            page_size=request.page_size,
            page_token=request.page_token,
            seconds=context.time_remaining(),
        )
        return to_duplicates(groups, token)
