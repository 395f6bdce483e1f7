"""TextService: translate, use case, translate."""

from google.protobuf.empty_pb2 import Empty

from orchestrator.application import texts
from orchestrator.application.index_texts import create_all_texts, create_text
from orchestrator.application.ports import Ports
from orchestrator.domain.names import parse_collection, parse_text
from orchestrator.grpc_api.field_mask import masked_fields
from orchestrator.grpc_api.interceptors import Context
from orchestrator.grpc_api.translate.text import CHANGEABLE, from_batch, from_changes, from_create, to_text
from sightline.v1 import text_pb2, text_service_pb2, text_service_pb2_grpc


class TextServicer(text_service_pb2_grpc.TextServiceServicer):
    """Text records over gRPC."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def CreateText(
        self, request: text_service_pb2.CreateTextRequest, context: Context
    ) -> text_pb2.Text:
        """Creates a text record."""
        made = await create_text(
            self._ports,
            parse_collection(request.parent, "parent"),
            from_create(request),
            validate_only=request.validate_only,
        )
        return to_text(made)

    async def BatchCreateTexts(
        self, request: text_service_pb2.BatchCreateTextsRequest, context: Context
    ) -> text_service_pb2.BatchCreateTextsResponse:
        """Creates text records, all or none."""
        made = await create_all_texts(self._ports, *from_batch(request))
        return text_service_pb2.BatchCreateTextsResponse(texts=map(to_text, made))

    async def GetText(self, request: text_service_pb2.GetTextRequest, context: Context) -> text_pb2.Text:
        """Gets a text record."""
        return to_text(await texts.get_text(self._ports, parse_text(request.name)))

    async def ListTexts(
        self, request: text_service_pb2.ListTextsRequest, context: Context
    ) -> text_service_pb2.ListTextsResponse:
        """Lists text records."""
        found, token, total = await texts.list_texts(
            self._ports,
            parent=parse_collection(request.parent, "parent"),
            page_size=request.page_size,
            page_token=request.page_token,
            filter=request.filter,
        )
        return text_service_pb2.ListTextsResponse(
            texts=map(to_text, found), next_page_token=token, total_size=total
        )

    async def UpdateText(
        self, request: text_service_pb2.UpdateTextRequest, context: Context
    ) -> text_pb2.Text:
        """Changes a text record."""
        text = request.text
        fields = masked_fields(text, request.update_mask, changeable=CHANGEABLE)
        changed = await texts.update_text(
            self._ports,
            name=parse_text(text.name, "text.name"),
            changes=from_changes(text, fields),
            etag=text.etag,
        )
        return to_text(changed)

    async def DeleteText(self, request: text_service_pb2.DeleteTextRequest, context: Context) -> Empty:
        """Deletes a text record."""
        await texts.delete_text(
            self._ports,
            name=parse_text(request.name),
            etag=request.etag,
            allow_missing=request.allow_missing,
        )
        return Empty()
