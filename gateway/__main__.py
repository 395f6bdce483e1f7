"""`python -m gateway`: parse the settings, serve until SIGTERM."""

from __future__ import annotations

import sys

from gateway import logs, server, settings


def main(arguments: list[str] | None = None) -> int:
    """Serves until told to stop. Returns the exit status."""
    parsed = settings.parse(arguments)
    logs.configure(parsed)
    return server.serve(parsed)


if __name__ == "__main__":
    sys.exit(main())
