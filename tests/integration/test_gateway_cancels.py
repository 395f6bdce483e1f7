"""A client that hangs up over HTTP ends the call at every server behind: gateway, orchestrator, Triton."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.pictures import drawing, encoded
from tests.fixtures.stack import Stack, running_stack, with_starter

# In a model's place: waits to be let go, and writes down what happens to each request meanwhile.
SLOW = """
import time
from pathlib import Path

import numpy as np
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def initialize(self, args):
        self.folder = Path(args["model_repository"])
        self.outputs = OUTPUTS

    def execute(self, requests):
        return [self.answer(request) for request in requests]

    def answer(self, request):
        self.say("asked")
        while not (self.folder / "go").exists():
            if request.is_cancelled():
                self.say("cancelled")
                error = pb_utils.TritonError("cancelled", pb_utils.TritonError.CANCELLED)
                return pb_utils.InferenceResponse(error=error)
            time.sleep(0.01)
        self.say("answered")
        tensors = [pb_utils.Tensor(name, np.ones(*of)) for name, of in self.outputs.items()]
        return pb_utils.InferenceResponse(output_tensors=tensors)

    def say(self, word):
        with (self.folder / "said").open("a") as file:
            file.write(word + "\\n")
"""
EMBEDDING = '{"embedding": ((1, 128), np.float32)}'
FEATURES = (
    '{"image_embed": ((1, 96, 12, 12), np.float16), "high_res_0": ((1, 12, 48, 48), np.float16),'
    ' "high_res_1": ((1, 24, 24, 24), np.float16)}'
)


class SlowModel:
    """A model of the running mesh that waits to be let go, and what it has said so far."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def said(self) -> list[str]:
        file = self._folder / "said"
        return file.read_text().split() if file.exists() else []

    async def until_it_said(self, *words: str) -> None:
        async with asyncio.timeout(10):  # far below every deadline on the way
            while self.said() != list(words):
                await asyncio.sleep(0.02)

    def let_go(self) -> None:
        (self._folder / "go").touch()

    def hold(self) -> None:
        for name in ("go", "said"):
            (self._folder / name).unlink(missing_ok=True)


def slow_down(model: Path, outputs: str) -> None:
    """Puts the slow model in the place of a model of the tree, under its name and with its tensors."""
    config = (model / "config.pbtxt").read_text().partition("optimization {")[0]
    (model / "config.pbtxt").write_text(config.replace('"onnxruntime"', '"python"'))
    (model / "1" / "model.py").write_text(SLOW.replace("OUTPUTS", outputs))


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The starter's mesh, with a text tower and an encoder of pictures that wait to be let go."""
    root = tmp_path_factory.mktemp("slow")
    models, packs = with_starter(root)
    slow_down(models / "starter_text", EMBEDDING)
    slow_down(models / "starter_sam_encoder", FEATURES)
    with running_stack(root / "data", (models, packs)) as running:
        yield running


def slow_model(mesh: Stack, name: str) -> SlowModel:
    slow = SlowModel(mesh.data.parent / "models" / name)
    slow.hold()
    return slow


@asynccontextmanager
async def asking(mesh: Stack, path: str, body: dict[str, Any]) -> AsyncIterator[asyncio.Task[httpx.Response]]:
    """A call on a connection of its own, which is closed with the block."""
    async with httpx.AsyncClient(base_url=mesh.gateway_url, timeout=None) as http:
        call = asyncio.create_task(http.post(path, json=body))
        try:
            yield call
        finally:
            call.cancel()
            await asyncio.wait([call])


async def metric(mesh: Stack, name: str, model: str) -> int:
    """What Triton counts of a model: the sum of a metric's lines."""
    async with httpx.AsyncClient() as http:
        lines = (await http.get(mesh.triton_metrics_url)).text.splitlines()
    wanted = [line for line in lines if line.startswith(name + "{") and f'model="{model}"' in line]
    assert wanted, name
    return sum(int(line.rpartition(" ")[2]) for line in wanted)


def search(mesh: Stack, text: str) -> Any:
    return asking(mesh, "/v1/collections/default:search", {"text": text})


async def test_a_model_that_works_is_told(mesh: Stack) -> None:
    text_tower = slow_model(mesh, "starter_text")
    async with search(mesh, "a red car") as call:
        await text_tower.until_it_said("asked")
        assert not call.done()
    await text_tower.until_it_said("asked", "cancelled")


async def test_what_waits_for_a_model_never_runs(mesh: Stack) -> None:
    text_tower = slow_model(mesh, "starter_text")
    async with search(mesh, "a green car") as first:
        await text_tower.until_it_said("asked")
        async with search(mesh, "a blue car"):
            async with asyncio.timeout(10):
                while await metric(mesh, "nv_inference_pending_request_count", "starter_text") != 1:
                    await asyncio.sleep(0.02)
        text_tower.let_go()
        assert (await first).status_code == 200
    async with search(mesh, "a white car") as last:
        assert (await last).status_code == 200
    assert text_tower.said() == ["asked", "answered"] * 2


def segment(mesh: Stack, colour: str) -> Any:
    picture = base64.b64encode(encoded(drawing(colour))).decode()
    return asking(mesh, "/v1/collections/default:segment", {"content": picture})


async def test_a_segmentation_goes_no_further(mesh: Stack) -> None:
    encoder = slow_model(mesh, "starter_sam_encoder")
    decoded = [await metric(mesh, "nv_inference_exec_count", "starter_sam_decoder")]
    for shade, hung_up in enumerate((False, True, False)):
        encoder.hold()
        async with segment(mesh, f"rgb({shade}, 9, 9)") as call:
            await encoder.until_it_said("asked")
            if not hung_up:
                encoder.let_go()
                assert (await call).status_code == 200
        encoder.let_go()
        await encoder.until_it_said("asked", "answered")
        decoded.append(await metric(mesh, "nv_inference_exec_count", "starter_sam_decoder"))
    assert decoded[1] > decoded[0]
    # The last one waited for its turn behind whatever the one in the middle did.
    assert decoded[3] - decoded[1] == decoded[1] - decoded[0]
