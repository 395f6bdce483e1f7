"""Which fields an update changes."""

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from orchestrator.domain.errors import InvalidArgument
from orchestrator.grpc_api.field_mask import masked_fields
from orchestrator.grpc_api.translate.image import CHANGEABLE
from sightline.v1.image_pb2 import Image

IMAGE = Image(name="collections/a/images/b", caption="new", width=3, etag="e")


@pytest.mark.parametrize(
    ("paths", "fields"),
    [
        ([], ("caption",)),
        (["*"], ("display_name", "folder", "source_uri", "caption", "labels", "metadata")),
        (["labels", "folder"], ("folder", "labels")),
        (["caption", "name", "etag", "caption"], ("caption",)),
    ],
)
def test_the_mask_names_what_changes(paths: list[str], fields: tuple[str, ...]) -> None:
    assert masked_fields(IMAGE, FieldMask(paths=paths), changeable=CHANGEABLE) == fields


@pytest.mark.parametrize(
    "path", ["width", "nonsense", "metadata.key", "caption.x", "exif.camera", "", "Caption"]
)
def test_a_path_that_cannot_change_is_refused_by_its_place(path: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        masked_fields(IMAGE, FieldMask(paths=["caption", path]), changeable=CHANGEABLE)
    assert [violation.field for violation in refused.value.violations] == ["update_mask.paths[1]"]


def test_a_star_stands_alone() -> None:
    with pytest.raises(InvalidArgument, match="alone"):
        masked_fields(IMAGE, FieldMask(paths=["*", "caption"]), changeable=CHANGEABLE)
