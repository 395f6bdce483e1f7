"""`python -m orchestrator`: reads the settings and serves until SIGTERM or SIGINT.

Exit status: 0 after an orderly end, 1 where it could not start, 2 for settings that make no sense.
"""

import asyncio
import gc
import os
import signal
import sys

# Before numpy is loaded. The cores are Triton's: a small product that waits for a second one takes a hundred
# times as long as on one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import structlog
import uvloop

from orchestrator.bootstrap import CannotStart, serve
from orchestrator.grpc_api.server import PortTaken
from orchestrator.log import configure_logging
from orchestrator.settings import Settings, parse


def main() -> int:
    """Runs the orchestrator; returns the exit status."""
    settings = parse()
    configure_logging(settings.log_level, settings.log_format)
    try:
        uvloop.run(_run(settings))
    except (PortTaken, CannotStart) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


async def _run(settings: Settings) -> None:
    log = structlog.get_logger("orchestrator")
    log.info("starting", **settings.shown())
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)

    def started(port: int) -> None:
        # What start-up made stays to the end, and a call makes some thousand objects: the collector need not
        # walk through the one, nor come several times a call.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000)
        log.info("listening", host=settings.orchestrator_host, port=port)

    await serve(settings, ended, started)


if __name__ == "__main__":
    sys.exit(main())
