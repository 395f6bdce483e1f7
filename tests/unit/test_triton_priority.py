"""What is indexed is sent to Triton at its second priority, and what is asked at its default."""

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
from orchestrator.application.ports import Embedder

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
"""


class RecordingTriton(service_pb2_grpc.GRPCInferenceServiceServicer):  # type: ignore[misc]  # no stubs
    """Answers any picture with one vector, and remembers the priorities that it was asked with."""

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
        answer.outputs.add(name="embedding", datatype="FP32", shape=[count, 3])
        answer.raw_output_contents.append(np.tile(np.array([1, 0, 0], np.float32), count).tobytes())
        return answer


@pytest.fixture
async def recorded(tmp_path: Path) -> AsyncIterator[tuple[Embedder, RecordingTriton]]:
    (tmp_path / "small.toml").write_text(PACK)
    triton, server = RecordingTriton(), grpc.aio.server()
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(triton, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    session = TritonSession(address)
    yield TritonModels(session, tmp_path, None, MemoryCache()).embedder("small"), triton
    await session.close()
    await server.stop(0)


async def test_bulk_goes_behind(recorded: tuple[Embedder, RecordingTriton]) -> None:
    embedder, triton = recorded
    picture = np.zeros((8, 8, 3), np.uint8)
    assert (await embedder.embed_pictures([picture])).tolist() == [[1, 0, 0]]
    await embedder.embed_pictures([picture] * 9, bulk=True)
    assert triton.priorities == [0, 2, 2]
