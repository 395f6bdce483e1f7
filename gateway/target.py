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
from gateway.channel import open_channel
from gateway.codec import Codec
from gateway.descriptors import DescriptorError, Files, NoReflection
from gateway.http_rules import HttpRulesError, Rules, read_rules
from gateway.methods import RpcMethod, compile_methods
from gateway.router import Router
from gateway.routes import Route, compile_routes
from gateway.schema import Schema
from gateway.settings import Settings
from gateway.watched import WatchedFile

_log = structlog.get_logger("gateway")

_REFLECTION_TIMEOUT = 10.0
_HEALTH_TIMEOUT = 2.0
_FIRST_RETRY, _LAST_RETRY = 0.2, 5.0
# A server that lets nobody, or not the gateway, ask for its services.
_REFUSED = (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)


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

    They are read whenever the target has come, or come back, at the interval of the settings, when a file has
    changed, and when `reread` is called. A target that no longer serves reflection has no services but those
    of the descriptor file. Use as an async context manager, in the event loop that makes the calls.
    """

    def __init__(self, settings: Settings, changed: Callable[[Services], None] = lambda _: None) -> None:
        self._settings = settings
        self._changed = changed
        self._file: WatchedFile[Files] | None = None
        self._rules: WatchedFile[Rules] | None = None
        self._reflected: Files | None = None
        self._mute = False  # it has been said that the target serves no reflection
        self._fingerprint: object = None
        self._channel: Any = None  # a grpc.aio.Channel, once there is a loop
        self._due = asyncio.Event()
        self._always = False
        self._tasks: list[asyncio.Task[None]] = []
        self.services: Services | None = None

    async def __aenter__(self) -> Target:
        """Opens the channel; the target need not be there.

        Raises DescriptorError and HttpRulesError for a bad file.
        """
        self._channel = open_channel(self._settings)
        try:
            if self._settings.descriptors is not None:
                self._file = WatchedFile(self._settings.descriptors, descriptors.read_file)
            if self._settings.http_rules is not None:
                self._rules = WatchedFile(self._settings.http_rules, read_rules)
            self._install()
        except BaseException:
            await self._channel.close()
            raise
        self._tasks = [asyncio.create_task(self._watch_connection()), asyncio.create_task(self._follow())]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._channel is not None:
            await self._channel.close()

    def reread(self) -> None:
        """Has the files and the services read again, soon."""
        self._always = True
        self._due.set()

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

    async def _watch_connection(self) -> None:
        while True:
            state = self._channel.get_state(try_to_connect=True)
            if state is grpc.ChannelConnectivity.SHUTDOWN:
                return
            if state is grpc.ChannelConnectivity.READY:
                self._due.set()
            await self._channel.wait_for_state_change(state)

    async def _follow(self) -> None:
        """Reads files and services whenever it is time to."""
        retry = 0.0  # seconds until a reading that failed is tried again; 0: none has
        while True:
            wait = min(filter(None, (retry, self._settings.reread_interval)), default=0.0)
            if self.services is None:  # what stands in front of the target may have come before it
                wait = min(wait, _LAST_RETRY)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait or None):
                    await self._due.wait()
            self._due.clear()  # before the reading: what changes during it is not missed
            always, self._always = self._always, False
            try:
                await asyncio.to_thread(self._refresh_files, always)
                self._install()
                known = True
                if self._channel.get_state() is grpc.ChannelConnectivity.READY:
                    known = await self._read_services()
                retry = 0.0 if known else min(max(retry * 2, _FIRST_RETRY), _LAST_RETRY)
            except DescriptorError as error:
                _log.error("services not read", reason=str(error))
            except Exception:  # whatever a target sends, the next reading has its chance
                _log.exception("services not read")

    def _refresh_files(self, always: bool) -> None:
        """Reads the files that have changed. One that is wrong is named, and what it held before stands."""
        for file in (self._file, self._rules):
            try:
                if file is not None:
                    file.refresh(always=always)
            except (DescriptorError, HttpRulesError) as error:
                _log.error("file not read", reason=str(error))

    async def _read_services(self) -> bool:
        """Asks the target for its services. Returns False where it failed, and is to be tried again."""
        try:
            self._reflected = await descriptors.reflect(self._channel, _REFLECTION_TIMEOUT)
            self._mute = False
            self._install()
        except NoReflection as error:
            self._without_reflection(str(error))
        except grpc.aio.AioRpcError as error:
            if self._channel.get_state() is not grpc.ChannelConnectivity.READY:
                return True  # the target is gone again: its return starts anew
            if self._file is None or error.code() not in _REFUSED:
                _log.warning("reflection failed", code=error.code().name)
                return False
            self._without_reflection(error.details() or error.code().name)
        except DescriptorError as error:
            _log.error("reflection failed", reason=str(error))
            return False
        return True

    def _without_reflection(self, reason: str) -> None:
        self._reflected = None
        if self._file is None and not self._mute:
            _log.error("no routes", reason=reason)
        self._mute = True
        self._install()

    def _install(self) -> None:
        """Makes the services of what is known, where that has changed. Raises DescriptorError."""
        file = self._file.value if self._file is not None else None
        rules = self._rules.value if self._rules is not None else {}
        sources = [source for source in (self._reflected, file) if source is not None]
        fingerprint = ([source.fingerprint() for source in sources], rules)
        if fingerprint == self._fingerprint:
            return
        if not sources:
            self.services, self._fingerprint = None, fingerprint
            return
        schema = Schema(*sources)
        codec = Codec(schema.pool)
        routes, problems = compile_routes(schema, codec, self._channel, rules)
        for problem in problems:
            _log.error("rule left out", reason=problem)
        router = Router((route.http_method, route.template, route) for route in routes)
        methods = compile_methods(schema, self._channel)
        self.services = Services(schema, codec, tuple(routes), router, methods)
        self._fingerprint = fingerprint
        _log.info("services read", services=[s.full_name for s in schema.services], routes=len(routes))
        self._changed(self.services)
