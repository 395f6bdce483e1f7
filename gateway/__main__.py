"""`python -m gateway`: parse the settings, listen, serve until SIGTERM."""

from __future__ import annotations

import signal
import sys

import structlog
import uvicorn

from gateway import http_protocol, logs, settings
from gateway.app import create_app


class Server(uvicorn.Server):
    """A uvicorn server that says where it listens: the port may have been 0."""

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Starts to listen."""
        await super().startup(sockets)  # type: ignore[arg-type]
        for server in getattr(self, "servers", []):
            for listener in server.sockets:
                host, port = listener.getsockname()[:2]
                structlog.get_logger("gateway").info("listening", url=f"http://{host}:{port}")


def main(arguments: list[str] | None = None) -> int:
    """Serves until told to stop. Returns the exit status."""
    parsed = settings.parse(arguments)
    logs.configure(parsed)
    server = Server(
        uvicorn.Config(
            create_app(parsed),
            host=parsed.host,
            port=parsed.port,
            http=http_protocol.protocol(parsed),
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=parsed.shutdown_timeout,
        )
    )
    # uvicorn drains on SIGTERM, and then raises it again: a stop that was asked for is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.run()
    except KeyboardInterrupt:
        return 130
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
