"""Resource names and the attributes that filters see."""

import pytest

from orchestrator.domain.attributes import ancestors, image_attributes
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.identifiers import new_id
from orchestrator.domain.image import Label
from orchestrator.domain.names import (
    IMAGE_ID,
    CollectionName,
    ImageName,
    RegionName,
    parse_collection,
    parse_image,
    parse_region,
    vector_id,
)
from tests.fixtures.images import START, image


def test_names_are_read_as_they_are_written() -> None:
    region = RegionName("default", "IMG_1.jpg", "3")
    assert parse_region(str(region)) == region
    assert parse_image(str(region.parent)) == region.parent == ImageName("default", "IMG_1.jpg")
    assert parse_collection(str(region.parent.parent)) == CollectionName("default")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "collections/",
        "collections/Upper",
        "images/a",
        "collections/a/images/",
        "collections/a/images/..",
        "collections/a/images/b/regions/",
        "collections/a/images/b/regions/c/d",
        "collections/a/images/b c",
        "collections/a/images/b\n",
    ],
)
def test_other_texts_are_no_names(name: str) -> None:
    for parse in (parse_collection, parse_image, parse_region):
        with pytest.raises(InvalidArgument) as caught:
            parse(name, "parent")
        assert caught.value.violations[0].field == "parent"


def test_vectors_have_ids_of_their_names() -> None:
    names: list[ImageName | RegionName] = [
        ImageName("a", "b"),
        ImageName("a", "c"),
        RegionName("a", "b", "c"),
    ]
    assert len({vector_id(str(name)) for name in names}) == 3
    assert vector_id(str(names[0])) == vector_id("collections/a/images/b")


def test_chosen_ids_are_valid_and_new() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(IMAGE_ID.fullmatch(each) for each in ids)


def test_a_file_belongs_to_one_creation() -> None:
    first, second = image("one"), image("one")
    assert first.name == second.name
    assert first.blob_key != second.blob_key


def test_filters_see_what_is_known() -> None:
    one = image(
        folder="a/b/c",
        labels=(Label(label="x"), Label(label="y")),
        metadata={"shop": {"id": 7, "open": True}, "tags": ["p", 2], "none": None, "empty": ""},
    )
    found = image_attributes(one)
    assert found["folder"] == ["a", "a/b", "a/b/c"] == ancestors("a/b/c")
    assert found["labels"] == ["x", "y"]
    assert found["metadata.shop.id"] == 7.0
    assert found["metadata.shop.open"] is True
    assert found["metadata.tags"] == ["p", 2.0]
    assert found["create_time"] == START.timestamp()
    assert not found.keys() & {"caption", "metadata.none", "metadata.empty", "exif.camera"}
