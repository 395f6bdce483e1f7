"""The segment model on a real Triton, over an encoder and a decoder that follow the contract: discs."""

import asyncio
import json
import uuid

import numpy as np
import pytest
import tritonclient.grpc.aio as triton
from tritonclient.grpc import InferInput
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from model_repository.segment import rle
from tests.fixtures import sam_stand_in

SIZE = (2 * sam_stand_in.SQUARE, sam_stand_in.SQUARE)  # twice as wide as high
KEPT = 3  # pictures whose features the cache holds
OUTPUTS = ("boxes", "rle", "predicted_iou", "stability_score", "area", "prompt_index")
WHITE = np.full((sam_stand_in.SQUARE, sam_stand_in.SQUARE, 3), 255, np.uint8)


@pytest.fixture(scope="module")
def address(triton_over, tmp_path_factory):
    tree = tmp_path_factory.mktemp("segment") / "models"
    sam_stand_in.write_pack(tree, "discs", cache_bytes=KEPT * sam_stand_in.FEATURE_BYTES)
    return triton_over(tree).grpc_address


@pytest.fixture
async def client(address):
    async with triton.InferenceServerClient(address) as client:
        yield client


def array(name, values):
    values = np.asarray(values)
    tensor = InferInput(name, list(values.shape), np_to_triton_dtype(values.dtype))
    tensor.set_data_from_numpy(values)
    return tensor


async def segment(client, parameters, *, pixels=WHITE, size=SIZE, image_hash=None, **prompts):
    digest = uuid.uuid4().bytes if image_hash is None else image_hash
    text = parameters if isinstance(parameters, bytes) else json.dumps(parameters).encode()
    inputs = [
        array("image_size", np.array(size, np.int32)),
        array("image_hash", np.array([digest], np.object_)),
        array("parameters", np.array([text], np.object_)),
    ]
    if pixels is not None:
        inputs.append(array("pixels", pixels))
    for name, values in prompts.items():
        inputs.append(array(name, np.array(values, np.int32 if name == "point_labels" else np.float32)))

    async def requests():
        yield {"model_name": "discs_segment", "inputs": inputs}

    async for result, error in client.stream_infer(requests()):
        if error is not None:
            raise error
        return {name: result.as_numpy(name) for name in OUTPUTS}
    raise AssertionError("the stream ended without an answer")


async def encodings(client):
    answer = await client.get_inference_statistics("discs_sam_encoder", as_json=True)
    return sum(int(stats["inference_stats"]["success"].get("count", 0)) for stats in answer["model_stats"])


def masks(answer, size=SIZE):
    return [rle.decode(counts, size[::-1]) for counts in answer["rle"]]


CLICK = {"point_coords": [[[100, 60]]], "point_labels": [[1]]}


async def test_a_click_answers_with_the_single_mask_in_the_upright_picture(client):
    answer = await segment(client, {"mode": "prompt"}, **CLICK)
    (mask,) = masks(answer)
    y, x = np.nonzero(mask)
    # A disc of radius 8 in the square is 32 wide and 16 high in a picture twice as wide.
    assert (x.mean(), y.mean()) == (pytest.approx(99.5, abs=1), pytest.approx(59.5, abs=1))
    assert np.ptp(x) + 1 == pytest.approx(32, abs=3)
    assert np.ptp(y) + 1 == pytest.approx(16, abs=2)
    assert answer["boxes"].tolist() == [[x.min(), y.min(), x.max() + 1, y.max() + 1]]
    assert answer["area"].tolist() == [mask.sum()]
    assert answer["predicted_iou"][0] == pytest.approx(0.9)
    assert 0.5 < answer["stability_score"][0] <= 1


async def test_several_prompts_of_several_lengths_answer_in_their_order(client):
    answer = await segment(
        client,
        {"mode": "prompt", "multimask_output": True},
        point_coords=[[[30, 30], [0, 0]], [[128, 64], [10, 10]], [[200, 100], [0, 0]]],
        point_labels=[[1, -1], [1, 0], [1, -1]],
        boxes=[[60, 90, 80, 110]],
    )
    assert answer["prompt_index"].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert answer["predicted_iou"].tolist() == pytest.approx([0.85, 0.95, 0.88] * 4)
    for row, centre in zip((0, 3, 6, 9), ((30, 30), (128, 64), (200, 100), (60, 90)), strict=True):
        assert masks(answer)[row][centre[1], centre[0]]


async def test_features_are_kept_and_their_loss_is_said(client):
    first = b"first" + uuid.uuid4().bytes
    with pytest.raises(InferenceServerException, match="FEATURES_MISSING"):
        await segment(client, {"mode": "prompt"}, pixels=None, image_hash=first, **CLICK)
    before = await encodings(client)
    told = await segment(client, {"mode": "prompt"}, image_hash=first, **CLICK)
    again = await segment(client, {"mode": "prompt"}, pixels=None, image_hash=first, **CLICK)
    assert again["rle"].tolist() == told["rle"].tolist()
    assert await encodings(client) == before + 1

    others = [uuid.uuid4().bytes for _ in range(KEPT)]  # as many as fit push the first one out
    for other in others:
        await segment(client, {"mode": "prompt"}, image_hash=other, **CLICK)
    with pytest.raises(InferenceServerException, match="FEATURES_MISSING"):
        await segment(client, {"mode": "prompt"}, pixels=None, image_hash=first, **CLICK)
    for other in others:
        await segment(client, {"mode": "prompt"}, pixels=None, image_hash=other, **CLICK)


async def test_features_are_those_of_the_picture(client):
    black = await segment(client, {"mode": "prompt"}, pixels=np.zeros_like(WHITE), **CLICK)
    assert black["area"].tolist() == [0]
    assert black["boxes"].tolist() == [[0, 0, 0, 0]]
    assert not masks(black)[0].any()


async def test_requests_for_one_unseen_picture_encode_it_once(client):
    before, digest = await encodings(client), uuid.uuid4().bytes
    clicks = [segment(client, {"mode": "prompt"}, image_hash=digest, **CLICK) for _ in range(6)]
    answers = await asyncio.gather(*clicks)
    assert len({answer["rle"][0] for answer in answers}) == 1
    assert await encodings(client) == before + 1


async def test_everything_is_segmented_and_duplicates_are_suppressed(client):
    answer = await segment(client, {"mode": "automatic", "stability_score_thresh": 0.5, "points_per_side": 4})
    scores = answer["predicted_iou"]
    assert len(scores) >= 16
    assert (np.diff(scores) <= 0).all()
    assert scores.min() > 0.8
    assert set(answer["prompt_index"]) <= set(range(16))
    for mask, box, area in zip(masks(answer), answer["boxes"].astype(int), answer["area"], strict=True):
        assert mask[box[1] : box[3], box[0] : box[2]].sum() == mask.sum() == area
    few = await segment(client, {"mode": "quick", "stability_score_thresh": 0.5, "max_masks": 3})
    assert len(few["rle"]) == 3


async def test_nothing_found_is_an_empty_answer(client):
    answer = await segment(client, {"mode": "automatic", "pred_iou_thresh": 1.0, "points_per_side": 2})
    assert answer["boxes"].shape == (0, 4)
    assert [len(answer[name]) for name in OUTPUTS] == [0] * len(OUTPUTS)


async def test_a_click_does_not_wait_behind_automatic_masks(client):
    digest = uuid.uuid4().bytes
    await segment(client, {"mode": "prompt"}, image_hash=digest, **CLICK)
    # Each takes thousands of decodings, one point at a time.
    long = {"mode": "automatic", "points_per_side": 64, "points_per_batch": 1}
    automatic = [asyncio.create_task(segment(client, long, image_hash=digest)) for _ in range(4)]
    try:
        await asyncio.sleep(0.2)
        for _ in range(5):
            answer = await segment(client, {"mode": "prompt"}, pixels=None, image_hash=digest, **CLICK)
            assert answer["area"][0] > 0
        cold = await segment(client, {"mode": "prompt"}, **CLICK)  # and one that has to be encoded
        assert cold["area"][0] > 0
        assert not any(task.done() for task in automatic)
    finally:
        for task in automatic:
            task.cancel()
        await asyncio.gather(*automatic, return_exceptions=True)


@pytest.mark.parametrize(
    ("parameters", "request_", "field"),
    [
        (b"no json", {}, "parameters"),
        (b"[" * 9_999, {}, "parameters"),
        ({"mode": "everything"}, {}, "parameters.mode"),
        ({"mode": "quick", "points": 3}, {}, "points"),
        ({"mode": "quick", "points_per_side": 65}, {}, "parameters.points_per_side"),
        ({"mode": "quick", "points_per_side": True}, {}, "parameters.points_per_side"),
        ({"mode": "quick", "box_nms_thresh": "NaN"}, {}, "parameters.box_nms_thresh"),
        (b'{"mode": "quick", "pred_iou_thresh": NaN}', {}, "parameters.pred_iou_thresh"),
        ({"mode": "automatic", "crop_n_layers": 1}, {}, "parameters.crop_n_layers"),
        ({"mode": "automatic"}, CLICK, "point_coords"),
        ({"mode": "prompt"}, {}, "point_coords, boxes"),
        ({"mode": "prompt"}, {"point_coords": [[[1, 1]]]}, "point_labels"),
        ({"mode": "prompt"}, {**CLICK, "point_labels": [[1, 1]]}, "point_coords"),
        ({"mode": "prompt"}, {**CLICK, "point_labels": [[2]]}, "point_labels"),
        ({"mode": "prompt"}, {**CLICK, "point_labels": [[-1]]}, "point_labels"),
        ({"mode": "prompt"}, {**CLICK, "point_coords": [[[257, 1]]]}, "point_coords"),
        ({"mode": "prompt"}, {**CLICK, "point_coords": [[[float("nan"), 1]]]}, "point_coords"),
        ({"mode": "prompt"}, {"boxes": [[10, 10, 10, 20]]}, "boxes"),
        ({"mode": "prompt"}, {"boxes": [[0, 0, 300, 20]]}, "boxes"),
        ({"mode": "prompt", "combine": True}, {"boxes": [[0, 0, 30, 20]]}, "combine"),
        ({"mode": "prompt"}, {"boxes": np.tile([0, 0, 9, 9], (257, 1))}, "boxes"),
        ({"mode": "quick"}, {"size": (0, 10)}, "image_size"),
        ({"mode": "quick"}, {"size": (60_000, 60_000)}, "image_size"),
        ({"mode": "quick"}, {"image_hash": b""}, "image_hash"),
    ],
)
async def test_what_is_wrong_is_named(client, parameters, request_, field):
    with pytest.raises(InferenceServerException, match="INVALID_ARGUMENT: ") as raised:
        await segment(client, parameters, **request_)
    assert field in str(raised.value)
