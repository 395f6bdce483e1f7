"""Runs the HTTP server: in this process, or in several that share a port."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from functools import partial
from socket import socket
from typing import Any

import structlog
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from gateway import http_protocol, logs, socket_protocol
from gateway.app import create_app
from gateway.body import Budget
from gateway.settings import Settings

_log = structlog.get_logger("gateway")

# A worker that says nothing for so many seconds is replaced; one that starts on a busy machine is slow too.
_SILENCE = 60


def serve(settings: Settings) -> int:
    """Serves until SIGTERM or SIGINT, and lets open requests end. Returns the exit status."""
    # uvicorn drains on SIGTERM, and then raises it again: a stop that was asked for is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if settings.workers > 1:
        return _serve_together(settings)
    budget = Budget(settings.max_buffered_bytes)
    server = _Server(_config(settings, budget, create_app(settings, budget)))
    try:
        server.run()
    except KeyboardInterrupt:
        return 130
    return 0 if server.started else 1


def _serve_together(settings: Settings) -> int:
    part = part_of(settings)
    budget = Budget(part.max_buffered_bytes)  # each worker has a copy, which its parts share
    config = _config(
        part,
        budget,
        partial(_worker, part, budget),
        factory=True,
        workers=settings.workers,
        timeout_worker_healthcheck=_SILENCE,
    )
    listener = config.bind_socket()
    listener.listen(config.backlog)  # who connects before a worker is up waits for one
    _say_where(listener, workers=settings.workers)
    workers = _Workers(config, [listener])
    workers.run()
    return 1 if any(process.exitcode == STARTUP_FAILURE for process in workers.processes) else 0


def part_of(settings: Settings) -> Settings:
    """The settings of one of the workers, which divide what may be held and open at once.

    Each may hold one whole body, however many they are.
    """
    held, workers = settings.max_buffered_bytes, settings.workers
    return settings.model_copy(
        update={
            "max_buffered_bytes": max(held // workers, min(held, settings.max_body_bytes)),
            "max_connections": -(-settings.max_connections // workers),
            "max_websockets": -(-settings.max_websockets // workers),
        }
    )


def _config(settings: Settings, budget: Budget, app: Any, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=http_protocol.protocol(settings),
        ws=socket_protocol.protocol(settings, budget),
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_timeout,
        ws_max_size=settings.websocket_limit,
        **more,
    )


def _worker(settings: Settings, budget: Budget) -> Any:
    """Makes the application of a worker, in its process."""
    logs.configure(settings)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    return create_app(settings, budget)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


class _Server(uvicorn.Server):
    """A server that says where it listens: the port may have been 0."""

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        for server in getattr(self, "servers", []):
            for listener in server.sockets:
                _say_where(listener, workers=1)


class _Workers(Multiprocess):
    """Keeps the workers running: one that ended, or no longer answers, is replaced.

    They accept from one socket, so a connection that a worker had not taken yet waits for another one.
    """

    def init_processes(self) -> None:
        super().init_processes()
        self._listen_for_their_end()

    def keep_subprocess_alive(self) -> None:
        before = self._pids()
        super().keep_subprocess_alive()
        now = self._pids()
        if now != before:
            self._listen_for_their_end()
            _log.warning(
                "a worker ended and was replaced", ended=sorted(before - now), new=sorted(now - before)
            )

    def terminate_all(self) -> None:
        for listener in self.sockets:  # with the last worker's copy the port is closed
            listener.close()
        super().terminate_all()

    def handle_hup(self) -> None:
        for pid in self._pids():
            os.kill(pid, signal.SIGHUP)

    def _listen_for_their_end(self) -> None:
        """Leaves a worker alone with its end of the pipe: then a ping fails as soon as it is gone."""
        for process in self.processes:
            process.child_conn.close()

    def _pids(self) -> set[int]:
        return {process.pid for process in self.processes if process.pid is not None}


def _say_where(listener: socket, workers: int) -> None:
    host, port = listener.getsockname()[:2]
    _log.info("listening", url=f"http://{f'[{host}]' if ':' in host else host}:{port}", workers=workers)
