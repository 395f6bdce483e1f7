"""The gRPC channel to the target."""

from __future__ import annotations

import grpc

from gateway.settings import Settings


def open_channel(settings: Settings) -> grpc.aio.Channel:
    """Opens the channel that the settings describe; it connects by itself, again and again."""
    options = [
        ("grpc.max_send_message_length", settings.max_message_bytes),
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.enable_retries", 0),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 5000),  # the time that one attempt to connect has
        ("grpc.max_reconnect_backoff_ms", 2000),
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 10_000),
    ]
    if settings.tls or settings.tls_ca:
        roots = settings.tls_ca.read_bytes() if settings.tls_ca else None
        return grpc.aio.secure_channel(settings.target, grpc.ssl_channel_credentials(roots), options=options)
    return grpc.aio.insecure_channel(settings.target, options=options)
