"""Starts a local Triton over a model tree: `python -m model_repository.serve`."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from model_repository.triton_environment import Installation, TritonUnavailable, find_or_set_up
from model_repository.triton_server import ServerOptions, TritonFailed, TritonServer

MODELS = Path(__file__).parent / "models"
_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def models_of(tree: Path, packs: Sequence[str] = ()) -> tuple[str, ...]:
    """The models of a Triton tree in order of their names: every one, or those of the packs named (models are
    named `<pack>_<part>`). Raises `TritonFailed` when the tree or a pack has none."""
    if not tree.is_dir():
        raise TritonFailed(f"there is no model tree at {tree}")
    every = sorted(path.name for path in tree.iterdir() if path.is_dir() and not path.name.startswith("."))
    for pack in packs:
        if not any(name.startswith(f"{pack}_") for name in every):
            raise TritonFailed(
                f"no model of pack {pack!r} in {tree}: install it with `make models PACK={pack}`"
            )
    chosen = tuple(name for name in every if not packs or any(name.startswith(f"{pack}_") for pack in packs))
    if not chosen:
        raise TritonFailed(f"the model tree at {tree} is empty")
    return chosen


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs until Triton ends or a signal asks for the end; the exit status is 0 when one did."""
    given = _parser().parse_args(arguments)
    for number in _ENDING:
        signal.signal(number, _end)
    if given.die_with_parent:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    try:
        installation = find_or_set_up(_say)
        if given.set_up_only:
            return 0
        _serve(installation, given)
    except _EndAsked:
        return 0
    except (TritonUnavailable, TritonFailed) as error:
        _say(f"error: {error}")
        return 1
    return 0


class _EndAsked(BaseException):
    """A signal asked for the end. Like KeyboardInterrupt it passes through code that catches errors."""


def _end(number: int, frame: FrameType | None) -> None:
    for other in _ENDING:
        signal.signal(other, signal.SIG_IGN)  # what follows is the orderly end: once is enough
    raise _EndAsked


def _serve(installation: Installation, given: argparse.Namespace) -> None:
    options = ServerOptions(
        models=given.models,
        load=tuple(given.load) if given.load else models_of(given.models, given.pack),
        host=given.host,
        http_port=given.http_port,
        grpc_port=given.grpc_port,
        metrics_port=given.metrics_port,
        log_verbose=given.log_verbose,
    )
    with TritonServer(installation, options, _pass_on) as server:
        server.wait_until_ready()
        ports = f"HTTP {options.http_port}, gRPC {options.grpc_port}, metrics {options.metrics_port}"
        _say(f"Triton is ready on {options.host}: {ports}; {len(options.load)} models.")
        status = server.wait()
        raise TritonFailed(f"Triton ended by itself with status {status}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _pass_on(line: str) -> None:
    with contextlib.suppress(
        OSError
    ):  # whoever read our log is gone; Triton's pipe must be read all the same
        os.write(2, f"{line}\n".encode())


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{port} is not a port")
    return port


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m model_repository.serve", description=__doc__)
    parser.add_argument("--models", type=Path, default=MODELS, metavar="DIR", help="the Triton tree")
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--load", nargs="+", default=[], metavar="MODEL", help="load these models only")
    chosen.add_argument("--pack", nargs="+", default=[], metavar="PACK", help="load these packs' models only")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--http-port", type=_port, default=8000)
    parser.add_argument("--grpc-port", type=_port, default=8001)
    parser.add_argument("--metrics-port", type=_port, default=8002)
    parser.add_argument("--log-verbose", action="store_true", help="Triton's verbose log")
    parser.add_argument(
        "--die-with-parent", action="store_true", help="end when the process that started this one does"
    )
    parser.add_argument(
        "--set-up-only", action="store_true", help="set Triton up if need be, and start nothing"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
