"""What nobody waits for is sent to Triton at its second priority, and what is asked at its default."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from tritonclient.grpc import service_pb2, service_pb2_grpc

from orchestrator.adapters.cache.memory import MemoryCache
from orchestrator.adapters.triton.client import TritonSession
from orchestrator.adapters.triton.models import TritonModels
from orchestrator.application.ports import Models

PACK = """
name = "small"
revision = "1"
[embedder]
image_model = "small_image"
dimension = 3
image_size = 8
[embedder.relevance]
scale = 10
bias = 0
[captioner]
model = "small_caption"
image_size = 8
max_tokens = 4
"""


class RecordingTriton(service_pb2_grpc.GRPCInferenceServiceServicer):  # type: ignore[misc]  # no stubs
    """Answers any picture with one vector or caption, and remembers the priorities that it was asked with."""

    def __init__(self) -> None:
        self.priorities: list[int] = []

    async def ModelConfig(self, request: Any, context: Any) -> Any:
        answer = service_pb2.ModelConfigResponse()
        answer.config.max_batch_size = 8
        return answer

    async def ModelInfer(self, request: Any, context: Any) -> Any:
        self.priorities.append(request.parameters["priority"].uint64_param)
        count = request.inputs[0].shape[0]
        answer = service_pb2.ModelInferResponse(model_name=request.model_name)
        if request.model_name == "small_caption":
            answer.outputs.add(name="caption", datatype="BYTES", shape=[count, 1])
            answer.raw_output_contents.append(b"\x03\0\0\0sea" * count)
        else:
            answer.outputs.add(name="embedding", datatype="FP32", shape=[count, 3])
            answer.raw_output_contents.append(np.tile(np.array([1, 0, 0], np.float32), count).tobytes())
        return answer


@pytest.fixture
async def recorded(tmp_path: Path) -> AsyncIterator[tuple[Models, RecordingTriton]]:
    (tmp_path / "small.toml").write_text(PACK)
    triton, server = RecordingTriton(), grpc.aio.server()
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(triton, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    session = TritonSession(address)
    yield TritonModels(session, tmp_path, None, MemoryCache()), triton
    await session.close()
    await server.stop(0)


async def test_bulk_goes_behind(recorded: tuple[Models, RecordingTriton]) -> None:
    models, triton = recorded
    embedder = models.embedder("small")
    picture = np.zeros((8, 8, 3), np.uint8)
    assert (await embedder.embed_pictures([picture])).tolist() == [[1, 0, 0]]
    await embedder.embed_pictures([picture] * 9, bulk=True)
    assert triton.priorities == [0, 2, 2]


async def test_captions_that_nobody_waits_for_go_behind(recorded: tuple[Models, RecordingTriton]) -> None:
    models, triton = recorded
    captioner = models.captioner("small")
    picture = np.zeros((8, 8, 3), np.uint8)
    assert await captioner.caption([picture]) == ["sea"]
    assert await captioner.caption([picture] * 9, bulk=True) == ["sea"] * 9
    assert triton.priorities == [0, 2, 2]


def test_equal_captioners_have_equal_stamps(tmp_path: Path) -> None:
    stamps = []
    for revision, size in (("1", 8), ("1", 8), ("2", 8), ("1", 16)):
        text = PACK.replace('revision = "1"', f'revision = "{revision}"')
        (tmp_path / "small.toml").write_text(text.replace("image_size = 8", f"image_size = {size}"))
        models = TritonModels(TritonSession("127.0.0.1:1"), tmp_path, None, MemoryCache())
        stamps.append(models.captioner("small").stamp)
    assert stamps[0] == stamps[1]
    assert len(set(stamps)) == 3
    assert all(stamp.startswith("small@") for stamp in stamps)
