"""The gRPC server behind the gateway: its channel, its health, and its services as they are now."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
import structlog
from grpc_health.v1 import health_pb2

from gateway import descriptors
from gateway.codec import Codec
from gateway.descriptors import DescriptorError, Files, NoReflection
from gateway.methods import RpcMethod, compile_methods
from gateway.router import Router
from gateway.routes import Route, compile_routes
from gateway.schema import Schema
from gateway.settings import Settings

_log = structlog.get_logger("gateway")

_REFLECTION_TIMEOUT = 10.0
_HEALTH_TIMEOUT = 2.0
_FIRST_RETRY, _LAST_RETRY = 0.2, 5.0


@dataclass(frozen=True, slots=True)
class Services:
    """What the target serves: replaced as a whole when it changes."""

    schema: Schema
    codec: Codec
    routes: tuple[Route, ...]
    router: Router[Route]
    methods: Mapping[str, RpcMethod]


class Target:
    """Keeps a channel to the target, and `services` up to date: None until they are known.

    Use as an async context manager, in the event loop that makes the calls.
    """

    def __init__(self, settings: Settings, changed: Callable[[Services], None] = lambda _: None) -> None:
        self._settings = settings
        self._changed = changed
        self._file: Files | None = None
        self._fingerprint: object = None
        self._channel: Any = None  # a grpc.aio.Channel, once there is a loop
        self._task: asyncio.Task[None] | None = None
        self.services: Services | None = None

    async def __aenter__(self) -> Target:
        """Opens the channel; the target need not be there. Raises DescriptorError for a bad file."""
        self._channel = _open(self._settings)
        try:
            if self._settings.descriptors is not None:
                self._file = descriptors.read_file(self._settings.descriptors)
                self._install(self._file)
        except BaseException:
            await self._channel.close()
            raise
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._channel is not None:
            await self._channel.close()

    async def health(self, service: str) -> tuple[bool, str]:
        """Whether the target says that it serves, and the status it gives.

        A target without `grpc.health.v1` counts as serving while it answers.
        """
        check = self._channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            answer = await check(health_pb2.HealthCheckRequest(service=service), timeout=_HEALTH_TIMEOUT)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNIMPLEMENTED:
                return True, "UNKNOWN"
            if error.code() is grpc.StatusCode.NOT_FOUND:
                return False, "SERVICE_UNKNOWN"
            return False, "UNREACHABLE"
        name = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
        return answer.status == health_pb2.HealthCheckResponse.SERVING, name

    async def _follow(self) -> None:
        """Reads the services whenever the target has come, or come back."""
        while True:
            state = self._channel.get_state(try_to_connect=True)
            if state is grpc.ChannelConnectivity.SHUTDOWN:
                return
            if state is grpc.ChannelConnectivity.READY:
                await self._read_until_known()
            # The state before the reading: a change during it is not missed.
            await self._channel.wait_for_state_change(state)

    async def _read_until_known(self) -> None:
        wait = _FIRST_RETRY
        while True:
            try:
                self._install(await descriptors.reflect(self._channel, _REFLECTION_TIMEOUT))
                return
            except NoReflection as error:
                if self._file is None:
                    _log.error("no routes", reason=str(error))
                return
            except grpc.aio.AioRpcError as error:
                if self._channel.get_state() is not grpc.ChannelConnectivity.READY:
                    return  # the target is gone again: its return starts anew
                _log.warning("reflection failed", code=error.code().name)
            except DescriptorError as error:
                _log.error("reflection failed", reason=str(error))
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LAST_RETRY)

    def _install(self, files: Files) -> None:
        fingerprint = files.fingerprint()
        if fingerprint == self._fingerprint:
            return
        extra = [self._file] if self._file is not None and self._file is not files else []
        schema = Schema(files, *extra)
        codec = Codec(schema.pool)
        routes, problems = compile_routes(schema, codec, self._channel)
        for problem in problems:
            _log.error("rule left out", reason=problem)
        router = Router((route.http_method, route.template, route) for route in routes)
        methods = compile_methods(schema, self._channel)
        self.services = Services(schema, codec, tuple(routes), router, methods)
        self._fingerprint = fingerprint
        _log.info("services read", services=[s.full_name for s in schema.services], routes=len(routes))
        self._changed(self.services)


def _open(settings: Settings) -> grpc.aio.Channel:
    options = [
        ("grpc.max_send_message_length", settings.max_message_bytes),
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.enable_retries", 0),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 5000),  # the time that one attempt to connect has
        ("grpc.max_reconnect_backoff_ms", 2000),
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 10_000),
    ]
    if settings.tls or settings.tls_ca:
        roots = settings.tls_ca.read_bytes() if settings.tls_ca else None
        return grpc.aio.secure_channel(settings.target, grpc.ssl_channel_credentials(roots), options=options)
    return grpc.aio.insecure_channel(settings.target, options=options)
