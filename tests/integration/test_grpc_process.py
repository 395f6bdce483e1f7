"""`python -m orchestrator` as a process: it starts with every engine away, and ends in order."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from sightline.v1 import (
    collection_service_pb2,
    collection_service_pb2_grpc,
    image_service_pb2,
    image_service_pb2_grpc,
)
from tests.fixtures.service import ROOT, Service
from tests.fixtures.stack import serving
from tests.fixtures.triton import free_ports

PACK = """
name = "tiny"
title = "Tiny"
revision = "1"
[embedder]
image_model = "tiny_image"
dimension = 4
image_size = 8
[embedder.relevance]
scale = 1.0
bias = 0.0
"""


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[tuple[Service, str]]:
    """An orchestrator whose Triton and index are not there, and its address."""
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "tiny.toml").write_text(PACK)
    (tmp_path / "models" / "tiny_image").mkdir(parents=True)
    (tmp_path / "models" / "tiny_image" / "config.pbtxt").touch()
    port, nobody, nobody_either = free_ports(3)
    address = f"127.0.0.1:{port}"
    service = Service(
        "orchestrator",
        f"--orchestrator-port {port} --triton-address 127.0.0.1:{nobody} --embedder tiny --segmenter="
        f" --index-address 127.0.0.1:{nobody_either} --packs-dir packs --models-dir models".split(),
        ready=lambda: serving(address, "sightline.v1.CollectionService"),
        log=tmp_path / "log",
        directory=tmp_path,
        environment={"SIGHTLINE_INDEX_API_KEY": "hunter2", "SIGHTLINE_LOG_FORMAT": "json"},
    )
    service.start()
    yield service, address
    service.stop()


def test_without_engines_it_serves_what_needs_none(alone: tuple[Service, str]) -> None:
    service, address = alone
    assert not serving(address)
    assert not serving(address, "sightline.v1.ImageService")
    with grpc.insecure_channel(address) as channel:
        collections = collection_service_pb2_grpc.CollectionServiceStub(channel)
        request = collection_service_pb2.ListCollectionsRequest()
        (default,) = collections.ListCollections(request).collections
        assert (default.name, default.embedder, default.segmenter) == ("collections/default", "tiny", "")
        images = image_service_pb2_grpc.ImageServiceStub(channel)
        listed = images.ListImages(image_service_pb2.ListImagesRequest(parent=default.name))
        assert listed.total_size == 0
        statistics = collection_service_pb2.GetCollectionStatisticsRequest(name=f"{default.name}/statistics")
        with pytest.raises(grpc.RpcError) as refused:
            collections.GetCollectionStatistics(statistics)
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert service.stop() == 0
    log = service.tail()
    assert '"method": "ImageService/ListImages"' in log
    assert "hunter2" not in log


def test_it_starts_over_its_own_data_again(alone: tuple[Service, str]) -> None:
    service, address = alone
    service.kill()
    service.start()
    assert serving(address, "sightline.v1.CollectionService")


def run(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "orchestrator", *arguments],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'clients' / 'python'}", "SIGHTLINE_LOG_LEVEL": "error"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run(tmp_path, "--orchestrator-port", str(port))
    assert ended.returncode == 1
    assert f"error: cannot listen on 127.0.0.1:{port}: the port is taken" in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--catalog-url", "nonsense"), "SIGHTLINE_CATALOG_URL"),
        (("--blobs-url", "nonsense://x"), "SIGHTLINE_BLOBS_URL"),
        (("--data-dir", "/proc/nowhere"), "SIGHTLINE_CATALOG_URL"),
    ],
)
def test_what_cannot_be_opened_is_said_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    ended = run(tmp_path, *arguments)
    assert ended.returncode == 1
    last = ended.stderr.splitlines()[-1]
    assert last.startswith("error: ")
    assert told in last
    assert "Traceback" not in ended.stderr
