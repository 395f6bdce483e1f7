"""Messages become domain objects and back, with nothing lost and nothing made up."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import InvalidArgument, Unimplemented
from orchestrator.domain.image import (
    Description,
    Exif,
    FileFacts,
    GeoPoint,
    Image,
    Label,
)
from orchestrator.domain.names import ImageName, RegionName
from orchestrator.domain.record_state import RecordState
from orchestrator.domain.region import (
    Box,
    Boxes,
    Everything,
    Mask,
    Origin,
    Point,
    Points,
    Region,
    Segment,
)
from orchestrator.grpc_api.translate.image import from_description, from_metadata, to_image
from orchestrator.grpc_api.translate.region import from_prompt, to_region
from orchestrator.grpc_api.translate.time import to_duration
from orchestrator.grpc_api.validation import LARGE_BYTES, validate
from sightline.v1 import image_pb2, region_pb2, segmentation_service_pb2

THEN = datetime(2026, 3, 4, 5, 6, 7, 890000, tzinfo=UTC)
Prompt = segmentation_service_pb2.Prompt

plain = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def image(**description: Any) -> Image:
    return Image(
        name=ImageName("default", "one"),
        facts=FileFacts(
            content_type="image/jpeg",
            width=30,
            height=20,
            size_bytes=5_000_000_000,
            sha256="ab" * 32,
            perceptual_hash="0123456789abcdef",
            exif=Exif(
                camera="FUJIFILM X100",
                taken_time=THEN,
                orientation=6,
                gps=GeoPoint(latitude=-33.5, longitude=151.25),
                iso=200,
            ),
        ),
        description=Description(**description),
        predicted_labels=(Label(label="dog", score=0.75),),
        captioner="blip-caption@1+2",
        state=RecordState.ACTIVE,
        region_count=3,
        create_time=THEN,
        update_time=THEN,
        etag="e",
    )


def unset_fields(message: Message) -> set[str]:
    told = {field.name for field, _ in message.ListFields()}
    return {field.name for field in message.DESCRIPTOR.fields} - told


def test_every_field_of_an_image_is_told() -> None:
    message = to_image(
        image(
            display_name="a",
            folder="b/c",
            source_uri="https://x",
            caption="d",
            labels=(Label(label="cat", score=0.5),),
            metadata={"k": {"n": [1, "two", None, True]}},
        )
    )
    unset = {field.name for field in message.DESCRIPTOR.fields} - {
        field.name for field, _ in message.ListFields()
    }
    assert unset == set()
    assert json_format.MessageToDict(message.metadata) == {"k": {"n": [1, "two", None, True]}}
    assert message.create_time.ToDatetime(UTC) == message.exif.taken_time.ToDatetime(UTC) == THEN
    assert (message.exif.gps.latitude, message.exif.camera) == (-33.5, "FUJIFILM X100")
    assert message.captioner == "blip-caption"


@given(st.dictionaries(st.text(max_size=8), plain, max_size=5))
def test_metadata_comes_back_as_it_went(metadata: dict[str, Any]) -> None:
    message = to_image(image(metadata=metadata))
    assert dict(from_description(message).metadata) == metadata


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_is_refused(number: float) -> None:
    message = image_pb2.Image()
    message.metadata.fields["a"].list_value.values.add().number_value = number
    with pytest.raises(InvalidArgument, match="finite"):
        from_metadata(message.metadata)


def test_a_region_is_told_with_its_image_and_mask() -> None:
    region = Region(
        name=RegionName("default", "one", "r"),
        segment=Segment(
            box=Box(x_min=1, y_min=2, x_max=3.5, y_max=4),
            mask=Mask(height=20, width=30, counts="abc"),
            area=7,
            predicted_iou=0.5,
            stability_score=0.25,
        ),
        labels=(Label(label="x"),),
        predicted_labels=(Label(label="y"),),
        origin=Origin.IMPORTED,
        create_time=THEN,
    )
    message = to_region(region)
    assert (message.image, list(message.mask.size)) == ("collections/default/images/one", [20, 30])
    unset = {field.name for field in message.DESCRIPTOR.fields} - {
        field.name for field, _ in message.ListFields()
    }
    assert unset == set()
    assert message.origin == region_pb2.Region.IMPORTED


def test_a_prompt_says_what_was_set_and_nothing_else() -> None:
    assert from_prompt(Prompt()) == Everything()
    everything = Prompt(everything=Prompt.Everything(quick=True, pred_iou_thresh=0, points_per_side=4))
    assert from_prompt(everything) == Everything(quick=True, pred_iou_thresh=0, points_per_side=4)
    points = Prompt(points=Prompt.Points(points=[Prompt.Point(x=1, y=2, background=True)], multimask=True))
    assert from_prompt(points) == Points(points=(Point(x=1, y=2, background=True),), multimask=True)
    boxes = Prompt(boxes=Prompt.Boxes(boxes=[region_pb2.Box(x_min=1, y_min=2, x_max=3, y_max=4)]))
    assert from_prompt(boxes) == Boxes(boxes=(Box(x_min=1, y_min=2, x_max=3, y_max=4),))
    with pytest.raises(Unimplemented) as refused:
        from_prompt(Prompt(text=""))
    assert refused.value.metadata == {"field": "prompt.text"}


@pytest.mark.parametrize("seconds", [0.0, 0.004, 1.0, 59.999999999, 1e6 + 0.25])
def test_durations_keep_nanoseconds(seconds: float) -> None:
    assert to_duration(seconds).ToNanoseconds() == pytest.approx(seconds * 1e9, abs=1)


def test_rules_hold_for_a_large_message_without_looking_at_its_bytes() -> None:
    request = segmentation_service_pb2.SegmentContentRequest(
        parent="collections/default", content=b"x" * (LARGE_BYTES + 1)
    )
    validate(request)
    request.parent = "nowhere"
    request.prompt.points.points.add(x=-1)
    with pytest.raises(InvalidArgument) as refused:
        validate(request)
    assert [violation.field for violation in refused.value.violations] == [
        "parent",
        "prompt.points.points[0].x",
    ]
    assert len(request.content) == LARGE_BYTES + 1
