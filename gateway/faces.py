"""Answers requests to /package.Service/Method by the protocol that their media type names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from gateway import connect, grpc_web, metadata, rpc
from gateway.codec import Codec
from gateway.connect import ConnectStream, ConnectUnary
from gateway.grpc_web import GrpcWeb
from gateway.methods import RpcMethod
from gateway.multipart import media_type
from gateway.reply import Reply
from gateway.request import HttpRequest, unsupported
from gateway.router import MethodNotAllowed
from gateway.rpc import Payloads, Wire
from gateway.settings import Settings


class RpcFaces:
    """Connect and gRPC-Web, for the methods of one schema."""

    def __init__(self, codec: Codec, settings: Settings) -> None:
        self._codec = codec
        self._settings = settings

    async def serve(
        self, method: RpcMethod, request: HttpRequest, request_id: str, scheme: str, reply: Reply,
        receive: Callable[[], Awaitable[Any]],
    ) -> None:  # fmt: skip
        """Answers one request. Raises MethodNotAllowed, RequestError (415), and Disconnected."""
        if request.method == "OPTIONS":
            await reply.empty(204, [(b"allow", ", ".join([*_verbs(method), "OPTIONS"]).encode())])
            return
        if request.method not in _verbs(method):
            raise MethodNotAllowed(_verbs(method))
        wire = self._wire(method, request, reply)

        def carried() -> metadata.Metadata:
            made = metadata.incoming(request.headers, request_id, request.client, scheme, custom=True)
            metadata.check_size(made, self._settings.max_metadata_bytes)
            return made

        code = await rpc.call(method, wire, carried, self._settings.timeout or None, receive)
        reply.code = code.name

    def _wire(self, method: RpcMethod, request: HttpRequest, reply: Reply) -> Wire:
        if request.method == "GET":
            kind, kinds = connect.query_kind(request.query), connect.UNARY
        else:
            kind = media_type(request.header("content-type") or "")
            kinds = (connect.STREAMS if method.streams else connect.UNARY) | grpc_web.KINDS
        if kind not in kinds:
            raise unsupported(kind, list(kinds))
        limit = self._settings.max_message_bytes
        payloads = Payloads(method, self._codec, request.body, limit, json=kinds[kind])
        if kind in grpc_web.KINDS:
            return GrpcWeb(request, reply, payloads, grpc_web.answer_kind(kind, request))
        face = ConnectStream if method.streams else ConnectUnary
        return face(request, reply, payloads, self._codec, kind)


def _verbs(method: RpcMethod) -> list[str]:
    return ["GET", "POST"] if method.reads_only and not method.streams else ["POST"]


def speaks_rpc(request: HttpRequest) -> bool:
    """Whether a request is of a protocol served here, whatever its path."""
    kind = media_type(request.header("content-type") or "")
    return (
        request.header("connect-protocol-version") is not None
        or kind in ("application/proto", *connect.STREAMS)
        or kind in grpc_web.KINDS
    )
