"""Starts the command line, which says all that is to be said: gRPC's core is told so before it is loaded."""

import os


def main() -> None:
    """Runs `sightline`. What gRPC logs is there again with GRPC_VERBOSITY in the environment."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from sightline.cli import main as run

    run()
