"""Servers that a mesh is not: one that fails before it answers, and one behind TLS."""

import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc

from sightline.v1 import collection_pb2, collection_service_pb2_grpc

_Servicer: Any = (
    collection_service_pb2_grpc.CollectionServiceServicer
)  # what is not overridden is UNIMPLEMENTED


class Collections(_Servicer):  # type: ignore[misc]
    """GetCollection answers after `failures` times UNAVAILABLE; CreateCollection never does. Counts calls."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.calls: Counter[str] = Counter()

    def GetCollection(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.calls["GetCollection"] += 1
        if self.calls["GetCollection"] <= self.failures:
            context.abort(grpc.StatusCode.UNAVAILABLE, "not yet")
        return collection_pb2.Collection(name=request.name)

    def CreateCollection(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.calls["CreateCollection"] += 1
        context.abort(grpc.StatusCode.UNAVAILABLE, "never")


@contextmanager
def serving_collections(
    servicer: Collections, credentials: grpc.ServerCredentials | None = None
) -> Iterator[int]:
    """The port of a server of it, on the loopback."""
    server = grpc.server(ThreadPoolExecutor(4))
    collection_service_pb2_grpc.add_CollectionServiceServicer_to_server(servicer, server)
    if credentials is None:
        port = server.add_insecure_port("127.0.0.1:0")
    else:
        port = server.add_secure_port("localhost:0", credentials)
    server.start()
    try:
        yield port
    finally:
        server.stop(None).wait()


def certificate_of_localhost(folder: Path) -> grpc.ServerCredentials:
    """Makes a certificate for localhost, signed by the authority that lies in `folder`/ca.pem afterwards."""

    def make(name: str, subject: str, *options: str) -> None:
        files = ["-keyout", f"{name}.key", "-out", f"{name}.pem"]
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        subprocess.run(
            ["openssl", "req", "-x509", *key, *files, "-subj", f"/CN={subject}", "-days", "2", *options],
            cwd=folder,
            check=True,
            capture_output=True,
        )

    def extension(value: str) -> tuple[str, str]:
        return "-addext", value

    make("ca", "Sightline's tests", *extension("keyUsage=critical,keyCertSign"))
    leaf = (
        "basicConstraints=critical,CA:FALSE",
        "subjectAltName=DNS:localhost",
        "extendedKeyUsage=serverAuth",
    )
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key")
    make("server", "localhost", *signed, *(part for each in leaf for part in extension(each)))
    pair = (folder / "server.key").read_bytes(), (folder / "server.pem").read_bytes()
    return grpc.ssl_server_credentials([pair])
