"""How a client reaches its server: address, limits, retries, credentials."""

from importlib.resources import files
from pathlib import Path
from typing import Final

import grpc

from sightline.errors import ConfigurationError

MAX_MESSAGE_BYTES: Final = 64 * 1024 * 1024
CHUNK_BYTES: Final = 64 * 1024


def check_address(address: str) -> str:
    """The address, which is HOST:PORT. Raises ConfigurationError."""
    host, separator, port = address.rpartition(":")
    if not separator or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigurationError(f"{address!r} is no address: HOST:PORT is one, such as 127.0.0.1:50051")
    return address


def tls_credentials(authorities: Path | None) -> grpc.ChannelCredentials:
    """TLS with the authorities of a PEM file, else with gRPC's own. Raises ConfigurationError."""
    try:
        return grpc.ssl_channel_credentials(authorities.read_bytes() if authorities else None)
    except OSError as error:
        raise ConfigurationError(f"SIGHTLINE_CLIENT_TLS_CA: {authorities}: {error.strerror}") from error


def channel_options() -> list[tuple[str, str | int]]:
    """gRPC channel options: 64 MiB messages, keep-alive, and the retries of service_config.json."""
    return [
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.enable_retries", 1),
        ("grpc.per_rpc_retry_buffer_size", MAX_MESSAGE_BYTES),  # else a picture above 256 KiB is sent once
        ("grpc.service_config", files("sightline").joinpath("service_config.json").read_text()),
    ]
