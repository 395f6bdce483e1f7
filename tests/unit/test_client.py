"""The client by itself: addresses, inputs, errors, masks, contact sheets."""

import hashlib
import io
import os
from pathlib import Path

import numpy as np
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import MessageToDict
from google.rpc import error_details_pb2, status_pb2
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pycocotools import mask as coco
from rich.console import Console

import sightline
from sightline._inputs import NewImage, describe
from sightline._settings import ClientSettings, read_settings
from sightline.cli.add import to_images
from sightline.cli.demo import TEXTS, TEXTS_FOR_REGIONS, thing_of
from sightline.cli.output import error_text, plain_table
from sightline.errors import from_status
from sightline.gallery import read_gallery
from sightline.masks import decode_runs, mask_picture
from sightline.sheet import Row, Tile, draw_marked, draw_sheet
from sightline.v1 import region_pb2


@pytest.mark.parametrize("address", ["localhost", ":50051", "host:", "host:99999", "host:ssh"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(sightline.ConfigurationError, match="HOST:PORT"):
        sightline.Sightline(address)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory without `.env`, and an environment without settings."""
    for name in [name for name in os.environ if name.startswith("SIGHTLINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_environment_and_env_file_say_how_a_server_is_reached(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_settings() == ClientSettings(address="127.0.0.1:50051", timeout=60, tls=False, tls_ca=None)
    (elsewhere / ".env").write_text("SIGHTLINE_ORCHESTRATOR_PORT=50052\nSIGHTLINE_CLIENT_TIMEOUT=5\n")
    assert (read_settings().address, read_settings().timeout) == ("127.0.0.1:50052", 5)
    monkeypatch.setenv("SIGHTLINE_ORCHESTRATOR_PORT", "50053")
    assert read_settings().address == "127.0.0.1:50053"
    for host in ("::1", "[::1]"):
        monkeypatch.setenv("SIGHTLINE_ORCHESTRATOR_HOST", host)
        assert read_settings().address == "[::1]:50053"
    monkeypatch.setenv("SIGHTLINE_ORCHESTRATOR_ADDRESS", "search.example:443")
    monkeypatch.setenv("SIGHTLINE_CLIENT_TLS", "true")
    monkeypatch.setenv("SIGHTLINE_CLIENT_TLS_CA", "ca.pem")
    assert read_settings() == ClientSettings(
        address="search.example:443", timeout=5, tls=True, tls_ca=Path("ca.pem")
    )
    assert "SIGHTLINE_CLIENT_TIMEOUT" not in os.environ
    with sightline.Sightline("other:1", timeout=9, tls=False) as client:
        assert (client.address, client.timeout) == ("other:1", 9)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIGHTLINE_ORCHESTRATOR_ADDRESS", "nonsense"),
        ("SIGHTLINE_CLIENT_TIMEOUT", "soon"),
        ("SIGHTLINE_CLIENT_TIMEOUT", "-1"),
        ("SIGHTLINE_CLIENT_TIMEOUT", "nan"),
        ("SIGHTLINE_CLIENT_TLS", "perhaps"),
        ("SIGHTLINE_CLIENT_TLS_CA", "nowhere.pem"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(sightline.ConfigurationError, match=value):
        sightline.Sightline(tls=name.endswith("_CA") or None)


def test_a_path_names_the_image_and_metadata_nests() -> None:
    image = describe(NewImage(picture="a/b/dog.jpg", labels=["dog"], metadata={"shop": {"id": 7}}))
    assert image.display_name == "dog.jpg"
    assert [label.label for label in image.labels] == ["dog"]
    assert MessageToDict(image.metadata) == {"shop": {"id": 7}}


def test_a_status_with_details_becomes_its_error() -> None:
    details = [
        error_details_pb2.ErrorInfo(reason="TOO_MANY_PIXELS", domain="sightline"),
        error_details_pb2.BadRequest(
            field_violations=[
                error_details_pb2.BadRequest.FieldViolation(field="content", description="too large")
            ]
        ),
        error_details_pb2.RetryInfo(retry_delay=Duration(seconds=2)),
    ]
    packed = []
    for detail in details:
        packed.append(AnyMessage())
        packed[-1].Pack(detail)
    error = from_status(status_pb2.Status(code=3, message="content: too large", details=packed))
    assert type(error) is sightline.InvalidArgument
    assert error.reason == "TOO_MANY_PIXELS"
    assert error.field_violations == (sightline.FieldViolation("content", "too large"),)
    assert error.retry_after == 2
    assert type(from_status(status_pb2.Status(code=99))) is sightline.InternalError


@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)).flatmap(
        lambda size: st.binary(min_size=size[0] * size[1], max_size=size[0] * size[1]).map(
            lambda data: (np.frombuffer(data, np.uint8) > 127).reshape(size)
        )
    )
)
def test_masks_are_read_as_coco_writes_them(pixels: np.ndarray) -> None:
    encoded = coco.encode(np.asfortranarray(pixels.astype(np.uint8)))
    mask = region_pb2.Mask(size=encoded["size"], counts=encoded["counts"].decode())
    assert np.array_equal(np.asarray(mask_picture(mask)) == 255, pixels)


@pytest.mark.parametrize("counts", ["\x01", "o", "é"])
def test_a_broken_mask_is_refused(counts: str) -> None:
    with pytest.raises(ValueError, match="encoding"):
        decode_runs(counts)


def test_a_mask_of_another_size_is_refused() -> None:
    encoded = coco.encode(np.asfortranarray(np.ones((4, 4), np.uint8)))
    with pytest.raises(ValueError, match="do not fill"):
        mask_picture(region_pb2.Mask(size=[5, 5], counts=encoded["counts"].decode()))


def test_a_file_to_add_is_read_once_and_keeps_its_id(tmp_path: Path) -> None:
    (tmp_path / "dog.png").write_bytes(b"a dog")
    missing = tmp_path / "missing.png"
    first, second = to_images([(tmp_path / "dog.png", "pets"), (missing, "")], "a caption")
    assert (first.picture, first.display_name, first.folder) == (b"a dog", "dog.png", "pets")
    assert first.image_id == hashlib.sha256(b"pets/dog.png\0a dog").hexdigest()[:32]
    assert (second.picture, second.image_id) == (missing, "")


def test_an_error_of_the_operating_system_has_no_number(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        (tmp_path / "none").read_bytes()
    assert error_text(caught.value) == f"No such file or directory: {tmp_path / 'none'}"


@pytest.mark.parametrize("width", [40, 100_000])
def test_a_table_cuts_nothing_off(width: int) -> None:
    name, digest = "a-name-of-a-file-" * 4, "5051f8f6220ba967e5bdb9240b77d7fb9ab71ede10a37c17dfd85847078d81bf"
    table = plain_table("", "file", "sha256")
    table.add_row("1", name, digest)
    console = Console(width=width, soft_wrap=True, file=io.StringIO())
    with console.capture() as capture:
        console.print(table)
    _, *lines = capture.get().splitlines()
    assert (name in capture.get() and digest in capture.get()) == (width > 100)
    assert sum(map(len, "".join(lines).split())) == len(f"1{name}{digest}")


@pytest.mark.parametrize("text", [*TEXTS, *TEXTS_FOR_REGIONS])
def test_the_demo_asks_for_what_the_gallery_shows(text: str) -> None:
    assert thing_of(text) in {thing.name for answer in read_gallery() for thing in answer.things}


def picture_file(width: int, height: int, **save: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (200, 200, 200)).save(buffer, "JPEG", **save)
    return buffer.getvalue()


def test_the_box_is_marked_where_it_is() -> None:
    tile = Tile(
        picture=picture_file(400, 200),
        width=800,
        height=400,
        box=region_pb2.Box(x_min=200, y_min=100, x_max=600, y_max=300),
    )
    marked = np.asarray(draw_marked(tile, 400)).astype(int)
    reddish = (marked[..., 0] - marked[..., 1]) > 100
    rows, columns = np.nonzero(reddish)
    assert (columns.min(), columns.max()) == (100, 299)
    assert (rows.min(), rows.max()) == (50, 149)


def test_a_turned_file_is_shown_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    tile = Tile(picture=picture_file(40, 20, exif=exif), width=20, height=40)
    assert draw_marked(tile, 100).size == (20, 40)


def test_a_sheet_has_a_line_for_every_five_hits() -> None:
    tile = Tile(
        picture=picture_file(50, 50), width=50, height=50, lines=("a line much longer than its tile " * 3,)
    )
    one = draw_sheet([Row(heading="five", tiles=[tile] * 5)])
    two = draw_sheet([Row(heading="five and the query", tiles=[tile] * 5, query=tile)])
    assert one.width == two.width
    assert two.height > one.height
