"""A Triton that serves a staged tree, so that a model is compared there before it is installed."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from model_repository.triton_environment import TritonUnavailable, find_or_set_up
from model_repository.triton_server import ServerOptions, TritonFailed, TritonServer

MESSAGE_BYTES = 2**31 - 2**20  # of a message at most, and room for the configuration
_START_SECONDS = 1800  # a large model's warm-up on a slow machine


@dataclass(frozen=True, slots=True)
class StagedTriton:
    """Where the staged models answer. On a server that is not ours they have other names there."""

    address: str
    _names: Mapping[str, str] = field(default_factory=dict)

    def name(self, model: str) -> str:
        """The name under which that server knows the staged model."""
        return self._names.get(model, model)


@contextmanager
def staged_triton(tree: Path, running: str | None = None) -> Iterator[StagedTriton | None]:
    """Serves every model of `tree` while the block runs.

    With `running` (`host:port` of a Triton's gRPC, under explicit model control) they are sent to that server
    under passing names, and unloaded again; otherwise a local Triton is started over the tree. Yields None,
    having said why, where no local Triton can run. Raises `TritonFailed` where a model does not load, or does
    not answer inside the block.
    """
    from tritonclient.utils import InferenceServerException

    try:
        with _started_over(tree) if running is None else _sent_to(running, tree) as served:
            yield served
    except InferenceServerException as error:
        raise TritonFailed(f"Triton refuses what is staged: {error.message()}") from error


@contextmanager
def _started_over(tree: Path) -> Iterator[StagedTriton | None]:
    try:
        installation = find_or_set_up(print)
    except TritonUnavailable as error:
        print(f"Not compared on Triton: {error}")
        yield None
        return
    http, grpc, metrics = _free_ports()
    models = tuple(sorted(path.name for path in tree.iterdir()))
    options = ServerOptions(models=tree, load=models, http_port=http, grpc_port=grpc, metrics_port=metrics)
    errors: list[str] = []

    def keep_errors(line: str) -> None:
        if line.startswith("E"):  # as Triton's log marks them
            errors.append(line)

    with TritonServer(installation, options, keep_errors) as server:
        try:
            server.wait_until_ready(_START_SECONDS)
        except (TritonFailed, TimeoutError) as error:
            print(*errors, sep="\n")
            raise TritonFailed(str(error)) from error
        yield StagedTriton(server.grpc_address)


@contextmanager
def _sent_to(address: str, tree: Path) -> Iterator[StagedTriton]:
    import tritonclient.grpc as triton
    from google.protobuf import json_format, text_format
    from tritonclient.grpc import model_config_pb2

    for path in tree.iterdir():
        size = sum(each.stat().st_size for each in _files(path))
        if size > MESSAGE_BYTES:
            raise TritonFailed(
                f"{path.name} is {size / 1e9:.1f} GB, and a Triton that runs takes 2.1 GB: compare on a new "
                "one, without --triton"
            )
    names = {path.name: f"parity-{secrets.token_hex(4)}-{path.name}" for path in sorted(tree.iterdir())}
    loaded = []
    with triton.InferenceServerClient(address) as client:
        try:
            for model, passing in names.items():
                config = text_format.Parse(
                    (tree / model / "config.pbtxt").read_text(), model_config_pb2.ModelConfig()
                )
                config.name = passing
                for parameter in config.parameters.values():  # a model that calls another names it so
                    parameter.string_value = names.get(parameter.string_value, parameter.string_value)
                files = {
                    f"file:{path.relative_to(tree / model)}": path.read_bytes()
                    for path in _files(tree / model)
                }
                client.load_model(passing, config=json_format.MessageToJson(config), files=files)
                loaded.append(passing)
            yield StagedTriton(address, names)
        finally:
            for passing in reversed(loaded):
                client.unload_model(passing)


def _files(model: Path) -> list[Path]:
    return [path for path in model.glob("[0-9]*/**/*") if path.is_file()]


def _free_ports() -> list[int]:
    sockets = [socket.socket() for _ in range(3)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
