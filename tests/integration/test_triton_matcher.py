"""The matcher's adapter against a real Triton: a tiny graph to which words are colours, as in a BLIP pack."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from orchestrator.adapters.cache.memory import MemoryCache
from orchestrator.adapters.triton.client import TritonSession
from orchestrator.adapters.triton.models import TritonModels
from orchestrator.adapters.triton.pack_table import PackError
from orchestrator.domain.errors import InvalidArgument, Unavailable
from orchestrator.domain.image import Picture
from tests.fixtures.onnx_models import constant, write_model
from tests.fixtures.tokenizer import write_tokenizer
from tests.fixtures.triton import RunningTriton, running_triton

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}
SIZE, LENGTH, BATCH = 8, 6, 4

PACK = f"""
name = "tiny-itm"
title = "Tiny matcher"
licence = "Apache-2.0"
revision = ""

[matcher]
model = "tiny-itm_matcher"
image_size = {SIZE}
resize = "squash"
resample = "bicubic"
tokenizer = "tiny-itm/tokenizer.json"
context_length = {LENGTH}
pad_token_id = 0
revision = "0123456789ab"
"""


def write_matcher(tree: Path) -> None:
    """The logits of a mismatch and of a match: one minus, and, the share of the words' colours."""
    table = np.zeros((6, 3), np.float32)
    table[3:6] = np.eye(3) / 25.5
    make = helper.make_node
    write_model(
        tree,
        "tiny-itm_matcher",
        f"""backend: "onnxruntime"
        max_batch_size: {BATCH}
        input {{ name: "pixels" data_type: TYPE_UINT8 dims: [ {SIZE}, {SIZE}, 3 ] }}
        input {{ name: "input_ids" data_type: TYPE_INT64 dims: [ {LENGTH} ] }}
        output {{ name: "itm_logits" data_type: TYPE_FP32 dims: [ 2 ] }}""",
        [
            make("Cast", ["pixels"], ["real"], to=TensorProto.FLOAT),
            make("ReduceMean", ["real"], ["mean"], axes=[1, 2], keepdims=0),
            make("Gather", ["table", "input_ids"], ["words"], axis=0),
            make("ReduceSum", ["words", "one"], ["said"], keepdims=0),
            make("Mul", ["mean", "said"], ["both"]),
            make("ReduceSum", ["both", "one"], ["match"], keepdims=1),
            make("Sub", ["five", "match"], ["mismatch"]),
            make("Concat", ["mismatch", "match"], ["itm_logits"], axis=1),
        ],
        {
            "pixels": (TensorProto.UINT8, ("n", SIZE, SIZE, 3)),
            "input_ids": (TensorProto.INT64, ("n", LENGTH)),
        },
        {"itm_logits": (TensorProto.FLOAT, ("n", 2))},
        [
            numpy_helper.from_array(table, "table"),
            constant("one", [1]),
            helper.make_tensor("five", TensorProto.FLOAT, [], [5.0]),
        ],
    )


def write_pack(packs: Path, text: str = PACK) -> None:
    words = {"[PAD]": 0, "[CLS]": 1, "[SEP]": 2, "red": 3, "green": 4, "blue": 5}
    tokenizer = packs / "tiny-itm" / "tokenizer.json"
    write_tokenizer(tokenizer, words, unknown="[PAD]", around=("[CLS]", "[SEP]"))
    (packs / "tiny-itm.toml").write_text(text)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    write_matcher(root / "models")
    write_pack(root / "packs")
    return root


@pytest.fixture(scope="module")
def triton(repository: Path) -> Iterator[RunningTriton]:
    with running_triton(repository / "models") as running:
        yield running


@pytest.fixture
async def session(triton: RunningTriton) -> AsyncIterator[TritonSession]:
    session = TritonSession(triton.grpc_address)
    yield session
    await session.close()


def packs_of(repository: Path, session: TritonSession) -> TritonModels:
    return TritonModels(session, repository / "packs", repository / "models", MemoryCache())


def plain(colour: str, width: int = 50, height: int = 30) -> Picture:
    return np.full((height, width, 3), COLOURS[colour], np.uint8)


async def test_a_pack_may_hold_a_matcher_alone(repository: Path, session: TritonSession) -> None:
    models = packs_of(repository, session)
    (info,) = models.packs()
    assert (info.name, info.space, info.matcher_image_size) == ("tiny-itm", None, SIZE)
    assert (info.models, info.embedder_models) == (("tiny-itm_matcher",), ())
    assert await models.ready() == {"tiny-itm_matcher": True}
    with pytest.raises(InvalidArgument):
        models.embedder("tiny-itm")
    with pytest.raises(InvalidArgument, match="tiny-itm"):
        models.matcher("other")


async def test_pictures_match_what_is_said_of_them(repository: Path, session: TritonSession) -> None:
    matcher = packs_of(repository, session).matcher("tiny-itm")
    assert matcher.stamp.startswith("tiny-itm@0123456789ab+")
    names = [list(COLOURS)[number % 3] for number in range(2 * BATCH + 1)]  # more than Triton takes at once
    prepared = [await matcher.prepare(plain(name, 20 + number)) for number, name in enumerate(names)]
    assert {picture.shape for picture in prepared} == {(SIZE, SIZE, 3)}
    found = await matcher.match("green", prepared)
    assert found.dtype == np.float32
    of_match, of_mismatch = 1 / (1 + np.exp(5 - 20)), 1 / (1 + np.exp(5))
    wanted = [of_match if name == "green" else of_mismatch for name in names]
    assert found == pytest.approx(wanted, abs=1e-4)
    assert (await matcher.match("red", [])).shape == (0,)
    assert await matcher.match("red " * 99, prepared[:1]) == pytest.approx([1.0])  # cut off, not refused


async def test_a_matcher_that_is_gone_is_unavailable(repository: Path, tmp_path: Path) -> None:
    write_pack(tmp_path, PACK.replace("tiny-itm_matcher", "nobody_matcher"))
    session = TritonSession("127.0.0.1:1", timeout=0.5)
    matcher = TritonModels(session, tmp_path, None, MemoryCache()).matcher("tiny-itm")
    with pytest.raises(Unavailable):
        await matcher.match("red", [await matcher.prepare(plain("red"))])
    await session.close()


async def test_a_description_that_lacks_something_is_named(tmp_path: Path) -> None:
    write_pack(tmp_path, PACK.replace(f"context_length = {LENGTH}\n", ""))
    with pytest.raises(PackError, match=r"matcher\.context_length is missing"):
        TritonModels(TritonSession("127.0.0.1:1"), tmp_path, None, MemoryCache())
