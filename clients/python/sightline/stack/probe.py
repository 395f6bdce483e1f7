"""Asks a gRPC server how it is, as containers do: `python -m sightline.stack.probe HOST:PORT`."""

import sys
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

TIMEOUT_SECONDS = 2.0


def grpc_serving(address: str) -> bool:
    """Whether the server as a whole says SERVING, within two seconds."""
    with grpc.insecure_channel(address) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        try:
            answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=TIMEOUT_SECONDS)
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def triton_ready(address: str) -> bool:
    """Whether a Triton server says that it is ready, within two seconds."""
    with grpc.insecure_channel(address) as channel:
        ask = channel.unary_unary(
            "/inference.GRPCInferenceService/ServerReady",
            request_serializer=bytes,
            response_deserializer=bytes,
        )
        try:
            answer = ask(b"", timeout=TIMEOUT_SECONDS)
        except grpc.RpcError:
            return False
    return bool(answer == b"\x08\x01")  # ServerReadyResponse: field 1, `ready`, is true


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m sightline.stack.probe HOST:PORT")
    sys.exit(not grpc_serving(sys.argv[1]))
