"""ModelService: translate, use case, translate."""

from orchestrator.application.paging import clamp_page_size, decode_page_token, encode_page_token
from orchestrator.application.ports import Ports
from orchestrator.domain.errors import NotFound
from orchestrator.grpc_api.interceptors import Context
from orchestrator.grpc_api.translate.model import to_pack
from sightline.v1 import model_pb2, model_service_pb2, model_service_pb2_grpc


class ModelServicer(model_service_pb2_grpc.ModelServiceServicer):
    """Packs over gRPC. Answers with Triton gone too."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def GetPack(self, request: model_service_pb2.GetPackRequest, context: Context) -> model_pb2.Pack:
        """Gets a pack."""
        wanted = request.name.removeprefix("packs/")
        for pack in self._ports.models.packs():
            if pack.name == wanted:
                return to_pack(pack, await self._ports.models.ready())
        raise NotFound.resource(request.name)

    async def ListPacks(
        self, request: model_service_pb2.ListPacksRequest, context: Context
    ) -> model_service_pb2.ListPacksResponse:
        """Lists the installed packs."""
        size = clamp_page_size(request.page_size)
        after = decode_page_token(request.page_token, {"list": "packs"}) or ""
        packs = sorted(
            (pack for pack in self._ports.models.packs() if pack.name > after), key=lambda p: p.name
        )
        page = packs[:size]
        ready = await self._ports.models.ready()
        more = len(packs) > size
        return model_service_pb2.ListPacksResponse(
            packs=[to_pack(pack, ready) for pack in page],
            next_page_token=encode_page_token(page[-1].name, {"list": "packs"}) if more else "",
            default_embedder=self._ports.default_embedder,
            default_segmenter=self._ports.default_segmenter,
        )
