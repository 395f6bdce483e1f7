"""The model adapters against a real Triton: tiny towers that know colours, and the real segment model."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from onnx import NodeProto, TensorProto, helper, numpy_helper

from model_repository.export.sam2_segment import write_segment
from orchestrator.adapters.cache.memory import MemoryCache
from orchestrator.adapters.triton.client import TritonSession
from orchestrator.adapters.triton.models import TritonModels
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument, Unavailable
from orchestrator.domain.image import Picture
from orchestrator.domain.region import Box, Boxes, Everything, Point, Points, Segment
from orchestrator.domain.rle import decode_mask
from tests.fixtures.onnx_models import constant, write_model
from tests.fixtures.tokenizer import write_tokenizer
from tests.fixtures.triton import RunningTriton, running_triton

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}
SIZE, SQUARE, LENGTH = 16, 64, 6

PACK = f"""
name = "tiny"
title = "Tiny"
revision = "0123456789ab"
licence = "Apache-2.0"

[embedder]
image_model = "tiny_image"
text_model = "tiny_text"
dimension = 3
image_size = {SIZE}
tokenizer = "tiny/tokenizer.json"
context_length = {LENGTH}
pad_token_id = 0

[embedder.relevance]
scale = 20.0
bias = -10.0

[segmenter]
encoder_model = "tiny_sam_encoder"
decoder_model = "tiny_sam_decoder"
segment_model = "tiny_segment"
image_size = {SQUARE}
"""


def normalised(name: str) -> NodeProto:
    return helper.make_node("LpNormalization", [name], ["embedding"], axis=1, p=2)


def write_towers(tree: Path) -> None:
    """A picture is its mean colour; a text the sum of its words' colours."""
    write_model(
        tree,
        "tiny_image",
        f"""backend: "onnxruntime"
        max_batch_size: 8
        input {{ name: "pixels" data_type: TYPE_UINT8 dims: [ {SIZE}, {SIZE}, 3 ] }}
        output {{ name: "embedding" data_type: TYPE_FP32 dims: [ 3 ] }}
        dynamic_batching {{
          max_queue_delay_microseconds: 100 priority_levels: 2 default_priority_level: 1
        }}""",
        [
            helper.make_node("Cast", ["pixels"], ["real"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["real"], ["mean"], axes=[1, 2], keepdims=0),
            normalised("mean"),
        ],
        {"pixels": (TensorProto.UINT8, ("n", SIZE, SIZE, 3))},
        {"embedding": (TensorProto.FLOAT, ("n", 3))},
    )
    table = np.zeros((7, 3), np.float32)
    table[1:3] = 1e-4  # the tokens that open and close a text
    table[3:6] = np.eye(3)
    write_model(
        tree,
        "tiny_text",
        f"""backend: "onnxruntime"
        max_batch_size: 4
        input {{ name: "token_ids" data_type: TYPE_INT64 dims: [ {LENGTH} ] }}
        output {{ name: "embedding" data_type: TYPE_FP32 dims: [ 3 ] }}""",
        [
            helper.make_node("Gather", ["table", "token_ids"], ["words"], axis=0),
            helper.make_node("ReduceSum", ["words", "one"], ["sum"], keepdims=0),
            normalised("sum"),
        ],
        {"token_ids": (TensorProto.INT64, ("n", LENGTH))},
        {"embedding": (TensorProto.FLOAT, ("n", 3))},
        [numpy_helper.from_array(table, "table"), constant("one", [1])],
    )


def write_segmenter(tree: Path) -> None:
    """A thing is what has the colour under the prompt's middle."""
    side = SQUARE // 4
    features = {"image_embed": 3, "high_res_0": 3, "high_res_1": 3}
    outputs = "\n".join(
        f'output {{ name: "{name}" data_type: TYPE_FP16 dims: [ 1, {side}, {side}, 3 ] }}'
        for name in features
    )
    write_model(
        tree,
        "tiny_sam_encoder",
        f"""backend: "onnxruntime"
        max_batch_size: 0
        input {{ name: "pixels" data_type: TYPE_UINT8 dims: [ 1, {SQUARE}, {SQUARE}, 3 ] }}
        {outputs}""",
        [
            helper.make_node("Cast", ["pixels"], ["real"], to=TensorProto.FLOAT),
            helper.make_node("Slice", ["real", "from", "to", "axes", "steps"], ["small"]),
            *(helper.make_node("Cast", ["small"], [name], to=TensorProto.FLOAT16) for name in features),
        ],
        {"pixels": (TensorProto.UINT8, (1, SQUARE, SQUARE, 3))},
        {name: (TensorProto.FLOAT16, (1, side, side, 3)) for name in features},
        [
            constant("from", [2, 2]),
            constant("to", [SQUARE, SQUARE]),
            constant("axes", [1, 2]),
            constant("steps", [4, 4]),
        ],
    )
    inputs = "\n".join(
        f'input {{ name: "{name}" data_type: TYPE_FP16 dims: [ 1, {side}, {side}, 3 ] }}' for name in features
    )
    make = helper.make_node
    write_model(
        tree,
        "tiny_sam_decoder",
        f"""backend: "onnxruntime"
        max_batch_size: 0
        {inputs}
        input {{ name: "point_coords" data_type: TYPE_FP32 dims: [ -1, -1, 2 ] }}
        input {{ name: "point_labels" data_type: TYPE_INT32 dims: [ -1, -1 ] }}
        input {{ name: "mask_input" data_type: TYPE_FP32 dims: [ -1, 1, {side}, {side} ] }}
        input {{ name: "has_mask_input" data_type: TYPE_FP32 dims: [ -1 ] }}
        output {{ name: "low_res_masks" data_type: TYPE_FP32 dims: [ -1, 4, {side}, {side} ] }}
        output {{ name: "iou_scores" data_type: TYPE_FP32 dims: [ -1, 4 ] }}
        instance_group {{ count: 2 kind: KIND_CPU }}""",
        [
            make("ReduceMean", ["point_coords"], ["middle"], axes=[1], keepdims=0),
            make("Div", ["middle", "four"], ["small"]),
            make("Clip", ["small", "least", "most"], ["inside"]),
            make("Gather", ["inside", "swap"], ["rows_first"], axis=1),
            make("Cast", ["rows_first"], ["index"], to=TensorProto.INT64),
            make("Cast", ["image_embed"], ["picture"], to=TensorProto.FLOAT),
            make("Squeeze", ["picture", "zero"], ["plane"]),
            make("GatherND", ["plane", "index"], ["colour"]),
            make("Unsqueeze", ["colour", "one_two"], ["wanted"]),
            make("Sub", ["picture", "wanted"], ["difference"]),
            make("Abs", ["difference"], ["distance"]),
            make("ReduceSum", ["distance", "last"], ["far"], keepdims=0),
            make("Sub", ["twenty", "far"], ["steep"]),
            make("Clip", ["steep", "minus_twenty", "twenty"], ["logits"]),
            make("Unsqueeze", ["logits", "one"], ["single"]),
            make("Tile", ["single", "fourfold"], ["low_res_masks"]),
            make("ReduceMean", ["low_res_masks"], ["mean"], axes=[2, 3], keepdims=0),
            make("Mul", ["mean", "nought"], ["nothing"]),
            make("Add", ["nothing", "sure"], ["iou_scores"]),
        ],
        {
            **{name: (TensorProto.FLOAT16, (1, side, side, 3)) for name in features},
            "point_coords": (TensorProto.FLOAT, ("n", "k", 2)),
            "point_labels": (TensorProto.INT32, ("n", "k")),
            "mask_input": (TensorProto.FLOAT, ("m", 1, side, side)),
            "has_mask_input": (TensorProto.FLOAT, ("m",)),
        },
        {
            "low_res_masks": (TensorProto.FLOAT, ("n", 4, side, side)),
            "iou_scores": (TensorProto.FLOAT, ("n", 4)),
        },
        [
            *(constant(name, values) for name, values in _WHOLE.items()),
            *(helper.make_tensor(name, TensorProto.FLOAT, [], [value]) for name, value in _REAL.items()),
            helper.make_tensor("most", TensorProto.FLOAT, [], [side - 1]),
        ],
    )
    write_segment(tree / "tiny_segment", "tiny_segment", ("tiny_sam_encoder", "tiny_sam_decoder"), SQUARE)


_WHOLE = {"swap": [1, 0], "zero": [0], "one": [1], "one_two": [1, 2], "last": [3], "fourfold": [1, 4, 1, 1]}
_REAL = {"four": 4.0, "least": 0.0, "twenty": 20.0, "minus_twenty": -20.0, "nought": 0.0, "sure": 0.9}


def write_pack(packs: Path) -> None:
    words = {"[PAD]": 0, "[BOS]": 1, "[EOS]": 2, "red": 3, "green": 4, "blue": 5, "[UNK]": 6}
    write_tokenizer(packs / "tiny" / "tokenizer.json", words, unknown="[UNK]", around=("[BOS]", "[EOS]"))
    (packs / "tiny.toml").write_text(PACK)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    write_towers(root / "models")
    write_segmenter(root / "models")
    write_pack(root / "packs")
    return root


@pytest.fixture(scope="module")
def triton(repository: Path) -> Iterator[RunningTriton]:
    with running_triton(repository / "models") as running:
        yield running


@dataclass
class Counted:
    """A LazyPicture that counts how often its pixels were asked for."""

    picture: Picture
    sha256: str
    decodings: int = 0
    width: int = field(init=False)
    height: int = field(init=False)

    def __post_init__(self) -> None:
        self.height, self.width = self.picture.shape[:2]

    async def pixels(self) -> Picture:
        self.decodings += 1
        return self.picture


def plain(colour: str, width: int = 50, height: int = 30) -> Picture:
    return np.full((height, width, 3), COLOURS[colour], np.uint8)


def scene() -> Picture:
    """128 x 96: a red and a blue rectangle on green."""
    picture = plain("green", 128, 96).copy()
    picture[12:36, 16:48] = COLOURS["red"]
    picture[48:84, 64:112] = COLOURS["blue"]
    return picture


RED, BLUE = Box(x_min=16, y_min=12, x_max=48, y_max=36), Box(x_min=64, y_min=48, x_max=112, y_max=84)


def iou(found: Box, true: Box) -> float:
    width = min(found.x_max, true.x_max) - max(found.x_min, true.x_min)
    height = min(found.y_max, true.y_max) - max(found.y_min, true.y_min)
    both = max(0.0, width) * max(0.0, height)
    return both / (found.area + true.area - both)


def shows(segment: Segment, true: Box) -> bool:
    """Whether box and mask of a segment lie around a rectangle."""
    assert segment.mask is not None
    pixels = decode_mask(segment.mask)
    assert pixels.shape == (96, 128)
    assert int(pixels.sum()) == segment.area
    inside = pixels[int(true.y_min) : int(true.y_max), int(true.x_min) : int(true.x_max)].sum()
    return iou(segment.box, true) > 0.8 and inside / segment.area > 0.8


async def test_packs_and_their_readiness(repository: Path, triton: RunningTriton) -> None:
    session = TritonSession(triton.grpc_address)
    models = TritonModels(session, repository / "packs", repository / "models", MemoryCache())
    (info,) = models.packs()
    assert (info.name, info.title, info.has_text, info.context_length) == ("tiny", "Tiny", True, LENGTH)
    assert (info.image_size, info.segmenter_image_size) == (SIZE, SQUARE)
    assert info.space is not None
    assert info.space.stamp.startswith("tiny@0123456789ab+")
    ready = await models.ready()
    assert set(ready) == {
        f"tiny_{part}" for part in ("image", "text", "sam_encoder", "sam_decoder", "segment")
    }
    assert all(ready.values())
    with pytest.raises(InvalidArgument, match="tiny"):
        models.embedder("large")
    with pytest.raises(InvalidArgument):
        models.segmenter("large")
    await session.close()


async def test_pictures_and_texts_meet(repository: Path, triton: RunningTriton) -> None:
    session = TritonSession(triton.grpc_address)
    models = TritonModels(session, repository / "packs", repository / "models", MemoryCache())
    embedder = models.embedder("tiny")
    names = [list(COLOURS)[number % 3] for number in range(20)]  # more than Triton takes at once
    pictures = await embedder.embed_pictures(
        [plain(name, 20 + 3 * place) for place, name in enumerate(names)]
    )
    assert pictures.shape == (20, 3)
    assert pictures.dtype == np.float32
    in_bulk = await embedder.embed_pictures([plain(names[0], 20)], bulk=True)
    assert np.allclose(in_bulk[0], pictures[0], atol=1e-5)
    assert np.allclose(np.linalg.norm(pictures, axis=1), 1, atol=1e-5)
    texts = await embedder.embed_texts([*names, "red red red red red red blue"])
    assert texts.truncated == (False,) * 20 + (True,)
    assert np.argmax(pictures @ texts.vectors[:20].T, axis=1).tolist() == [
        names.index(name) for name in names
    ]
    assert (np.sum(pictures * texts.vectors[:20], axis=1) > 0.99).all()
    assert (await embedder.embed_pictures([])).shape == (0, 3)
    assert (await embedder.embed_texts([])).vectors.shape == (0, 3)
    await session.close()


async def test_a_click_needs_no_pixels_once_the_picture_is_encoded(
    repository: Path, triton: RunningTriton
) -> None:
    session = TritonSession(triton.grpc_address)
    models = TritonModels(session, repository / "packs", repository / "models", MemoryCache())
    segmenter = models.segmenter("tiny")
    picture = Counted(scene(), "a" * 64)
    (red,) = await segmenter.segment(picture, Points(points=(Point(x=30, y=20),)))
    assert shows(red, RED)
    assert 0.8 <= red.predicted_iou <= 1
    assert picture.decodings == 1
    (blue,) = await segmenter.segment(picture, Points(points=(Point(x=90, y=60),)))
    assert shows(blue, BLUE)
    three = await segmenter.segment(picture, Points(points=(Point(x=90, y=60),), multimask=True))
    assert len(three) == 3
    both = await segmenter.segment(picture, Boxes(boxes=(BLUE, RED)))
    assert shows(both[0], BLUE)
    assert shows(both[1], RED)
    everything = await segmenter.segment(picture, Everything(quick=True))
    assert any(shows(each, RED) for each in everything)
    assert any(shows(each, BLUE) for each in everything)
    assert picture.decodings == 1
    with pytest.raises(InvalidArgument) as caught:
        await segmenter.segment(picture, Everything(points_per_side=10_000))
    assert caught.value.violations[0].field == "prompt"
    await session.close()


async def test_a_pack_without_text_says_so(repository: Path, triton: RunningTriton, tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(PACK.replace('text_model = "tiny_text"', ""))
    session = TritonSession(triton.grpc_address)
    embedder = TritonModels(session, tmp_path, repository / "models", MemoryCache()).embedder("tiny")
    assert not embedder.has_text
    assert (await embedder.embed_pictures([plain("red")])).shape == (1, 3)
    with pytest.raises(FailedPrecondition):
        await embedder.embed_texts(["red"])
    await session.close()


async def test_triton_gone_is_unavailable_and_back_is_well(repository: Path) -> None:
    with running_triton(repository / "models") as triton:
        session = TritonSession(triton.grpc_address)
        models = TritonModels(session, repository / "packs", repository / "models", MemoryCache())
        embedder, segmenter = models.embedder("tiny"), models.segmenter("tiny")
        red = (await embedder.embed_texts(["red"])).vectors
        await embedder.embed_pictures([plain("red")])
    models = TritonModels(session, repository / "packs", repository / "models", MemoryCache())
    with pytest.raises(Unavailable) as caught:
        await embedder.embed_pictures([plain("red")])
    assert "Triton is unavailable" in caught.value.message
    assert caught.value.retry_after
    with pytest.raises(Unavailable):
        await segmenter.segment(Counted(scene(), "b" * 64), Everything(quick=True))
    assert not any((await models.ready()).values())
    assert np.array_equal((await embedder.embed_texts(["red"])).vectors, red)  # asked before: remembered
    port = str(triton.grpc_port)
    with running_triton(repository / "models", "--grpc-port", port):
        async with asyncio.timeout(30):  # the channel tries to connect again once a second
            while not await session.is_ready("tiny_image", 1.0):
                await asyncio.sleep(0.2)
        assert (await embedder.embed_pictures([plain("red")])).shape == (1, 3)
        assert len(await segmenter.segment(Counted(scene(), "b" * 64), Boxes(boxes=(RED,)))) == 1
        models = TritonModels(session, repository / "packs", repository / "models", MemoryCache())
        assert all((await models.ready()).values())
    await session.close()


async def test_a_model_that_is_not_loaded_is_unavailable(triton: RunningTriton) -> None:
    session = TritonSession(triton.grpc_address)
    with pytest.raises(Unavailable, match="nobody_image"):
        await session.infer("nobody_image", {"pixels": np.zeros((1, 2), np.uint8)}, ["embedding"])
    with pytest.raises(Unavailable, match="nobody_segment"):
        await session.stream("nobody_segment", {"pixels": np.zeros((1, 2), np.uint8)}, ["boxes"], 5.0)
    assert not await session.is_ready("nobody_image", 1.0)
    await session.close()
