"""How a client reaches its server: address, limits, retries, credentials."""

import os
from importlib.resources import files
from typing import Final

from sightline.errors import ConfigurationError

DEFAULT_ADDRESS: Final = "127.0.0.1:50051"
ADDRESS_VARIABLE: Final = "SIGHTLINE_ORCHESTRATOR_ADDRESS"
HOST_VARIABLE: Final = "SIGHTLINE_ORCHESTRATOR_HOST"
PORT_VARIABLE: Final = "SIGHTLINE_ORCHESTRATOR_PORT"
MAX_MESSAGE_BYTES: Final = 64 * 1024 * 1024
CHUNK_BYTES: Final = 64 * 1024


def resolve_address(address: str | None) -> str:
    """The address given, else that of the environment (whole, or as host and port), else 127.0.0.1:50051."""
    default_host, _, default_port = DEFAULT_ADDRESS.partition(":")
    host_and_port = (
        f"{os.environ.get(HOST_VARIABLE) or default_host}:{os.environ.get(PORT_VARIABLE) or default_port}"
    )
    found = address or os.environ.get(ADDRESS_VARIABLE) or host_and_port
    host, separator, port = found.rpartition(":")
    if not separator or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigurationError(f"{found!r} is no address: HOST:PORT is one, such as {DEFAULT_ADDRESS}")
    return found


def channel_options() -> list[tuple[str, str | int]]:
    """gRPC channel options: 64 MiB messages, keep-alive, and the retries of service_config.json."""
    return [
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.enable_retries", 1),
        ("grpc.service_config", files("sightline").joinpath("service_config.json").read_text()),
    ]
