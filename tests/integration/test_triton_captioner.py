"""The captioner's adapter against a real Triton: a tiny Python model in the place of a BLIP pack's loop."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest

from orchestrator.adapters.cache.memory import MemoryCache
from orchestrator.adapters.triton.client import TritonSession
from orchestrator.adapters.triton.models import TritonModels
from orchestrator.domain.errors import InvalidArgument, Unavailable
from tests.fixtures.triton import RunningTriton, running_triton

SIZE, BATCH = 8, 2

PACK = f"""
name = "tiny-caption"
title = "Tiny captioner"
licence = "Apache-2.0"

[captioner]
model = "tiny-caption_caption"
image_size = {SIZE}
resize = "squash"
resample = "bicubic"
max_tokens = 4
revision = "0123456789ab"
"""

CONFIG = f"""
backend: "python"
max_batch_size: {BATCH}
input {{ name: "pixels" data_type: TYPE_UINT8 dims: [ {SIZE}, {SIZE}, 3 ] }}
output {{ name: "caption" data_type: TYPE_STRING dims: [ 1 ] }}
output {{ name: "token_ids" data_type: TYPE_INT64 dims: [ -1 ] }}
instance_group {{ count: 1 kind: KIND_CPU }}
dynamic_batching {{ priority_levels: 2 default_priority_level: 1 }}
"""

MODEL = """
import time

import numpy as np
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        answers = []
        for request in requests:
            pixels = pb_utils.get_input_tensor_by_name(request, "pixels").as_numpy()
            if pixels[0, 0, 0].tolist() == [0, 0, 0]:
                answers.append(pb_utils.InferenceResponse(error=pb_utils.TritonError("too dark")))
                continue
            if pixels[0, 0, 0].tolist() == [7, 7, 7]:
                time.sleep(0.7)
            words = ["rød", "green", "blue"]
            tokens = pixels.mean(axis=(1, 2)).argmax(axis=1).astype(np.int64)
            captions = [f" mostly {words[token]}, {len(pixels)} together".encode() for token in tokens]
            outputs = [
                pb_utils.Tensor("caption", np.array(captions, np.object_).reshape(-1, 1)),
                pb_utils.Tensor("token_ids", tokens[:, None]),
            ]
            answers.append(pb_utils.InferenceResponse(output_tensors=outputs))
        return answers
"""


def write_captioner(tree: Path) -> None:
    """A caption is the strongest colour, and how many pictures were looked at together."""
    model = tree / "tiny-caption_caption"
    (model / "1").mkdir(parents=True)
    (model / "config.pbtxt").write_text(CONFIG)
    (model / "1" / "model.py").write_text(MODEL)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    write_captioner(root / "models")
    (root / "packs").mkdir()
    (root / "packs" / "tiny-caption.toml").write_text(PACK)
    return root


@pytest.fixture(scope="module")
def triton(repository: Path) -> Iterator[RunningTriton]:
    with running_triton(repository / "models") as running:
        yield running


@pytest.fixture
async def models(repository: Path, triton: RunningTriton) -> AsyncIterator[TritonModels]:
    session = TritonSession(triton.grpc_address)
    yield TritonModels(session, repository / "packs", repository / "models", MemoryCache())
    await session.close()


async def test_a_pack_may_hold_a_captioner_alone(models: TritonModels) -> None:
    (info,) = models.packs()
    assert (info.name, info.captioner_image_size, info.captioner_max_tokens) == ("tiny-caption", SIZE, 4)
    assert (info.space, info.matcher_image_size, info.embedder_models) == (None, None, ())
    assert await models.ready() == {"tiny-caption_caption": True}
    with pytest.raises(InvalidArgument, match="tiny-caption"):
        models.captioner("other")


async def test_every_picture_gets_its_caption(models: TritonModels) -> None:
    captioner = models.captioner("tiny-caption")
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    pictures = [np.full((20 + place, 30, 3), colour, np.uint8) for place, colour in enumerate(colours)]
    captions = await captioner.caption(pictures)  # more than Triton takes at once
    assert captions == ["mostly rød, 2 together", "mostly green, 2 together", "mostly blue, 1 together"]
    assert await captioner.caption([]) == []


async def test_a_picture_that_somebody_waits_for_goes_before_bulk(models: TritonModels) -> None:
    captioner, ended = models.captioner("tiny-caption"), list[str]()
    slow = np.full((9, 9, 3), 7, np.uint8)

    async def ask(who: str, *, bulk: bool) -> None:
        await captioner.caption([slow], bulk=bulk)
        ended.append(who)

    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(ask("bulk", bulk=True))
        await asyncio.sleep(0.3)  # all are in Triton's queue, and the first under way
        group.create_task(ask("waited for", bulk=False))
    assert ended.index("waited for") < 6


async def test_what_the_model_says_of_itself_reaches_no_caller(models: TritonModels) -> None:
    with pytest.raises(Exception, match=r"^model tiny-caption_caption failed$"):
        await models.captioner("tiny-caption").caption([np.zeros((9, 9, 3), np.uint8)])


async def test_a_captioner_that_is_gone_is_unavailable(repository: Path) -> None:
    session = TritonSession("127.0.0.1:1", timeout=0.5)
    captioner = TritonModels(session, repository / "packs", None, MemoryCache()).captioner("tiny-caption")
    with pytest.raises(Unavailable):
        await captioner.caption([np.zeros((9, 9, 3), np.uint8)])
    await session.close()
