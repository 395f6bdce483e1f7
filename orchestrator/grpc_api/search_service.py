"""SearchService: translate, use case, translate."""

from orchestrator.application.ports import Ports
from orchestrator.application.search import search
from orchestrator.domain.errors import Unimplemented
from orchestrator.grpc_api.interceptors import Context
from orchestrator.grpc_api.translate.search import from_search, to_search_response
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
        return to_search_response(await search(self._ports, from_search(request), seconds=seconds))

    async def FindDuplicates(
        self, request: search_service_pb2.FindDuplicatesRequest, context: Context
    ) -> search_service_pb2.FindDuplicatesResponse:
        """Not offered yet."""
        raise Unimplemented("FindDuplicates is not offered yet", metadata={"method": "FindDuplicates"})
