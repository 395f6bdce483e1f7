"""Pictures of every kind are read alike, and nothing hostile is."""

import contextlib
import io
import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import imagehash
import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco

from orchestrator.adapters.imaging.pictures import PillowPictures
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.region import Box, Mask
from orchestrator.domain.rle import decode_mask, decode_runs, encode_runs, mask_area

PHOTOS = Path(__file__).parents[3] / "shared" / "photos"


@pytest.fixture
def pictures() -> Iterator[PillowPictures]:
    made = PillowPictures(workers=2)
    yield made
    made.close()


def scene(width: int = 60, height: int = 40) -> Image.Image:
    """Red above left, green above right, blue below: tells every turn and flip apart."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = (255, 0, 0)
    pixels[: height // 2, width // 2 :] = (0, 255, 0)
    pixels[height // 2 :] = (0, 0, 255)
    return Image.fromarray(pixels)


def written(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def near(found: np.ndarray, expected: tuple[int, int, int], tolerance: int = 12) -> bool:
    return bool(np.abs(found.astype(int) - expected).max() <= tolerance)


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("GIF", "image/gif"),
        ("BMP", "image/bmp"),
        ("TIFF", "image/tiff"),
        ("WEBP", "image/webp"),
    ],
)
async def test_every_format_is_read(pictures: PillowPictures, kind: str, content_type: str) -> None:
    content = written(scene(), kind)
    read = await pictures.decode(content)
    assert read.facts.content_type == content_type
    assert (read.facts.width, read.facts.height, read.facts.size_bytes) == (60, 40, len(content))
    assert read.pixels.shape == (40, 60, 3)
    assert read.pixels.dtype == np.uint8
    assert near(read.pixels[5, 5], (255, 0, 0))
    assert near(read.pixels[5, 50], (0, 255, 0))
    assert near(read.pixels[35, 30], (0, 0, 255))
    assert len(read.facts.sha256) == 64
    assert read.facts.exif is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
async def test_the_picture_is_upright(pictures: PillowPictures, kind: str, orientation: int) -> None:
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # EXIF orientation → Pillow's inverse transposition
    stored = scene().transpose(Image.Transpose(undo[orientation])) if orientation > 1 else scene()
    exif = Image.Exif()
    exif[0x0112] = orientation
    read = await pictures.decode(written(stored, kind, exif=exif))
    assert (read.facts.width, read.facts.height) == (60, 40)
    assert near(read.pixels[5, 5], (255, 0, 0))
    assert near(read.pixels[5, 50], (0, 255, 0))
    assert near(read.pixels[35, 30], (0, 0, 255))


async def test_transparency_lies_over_white(pictures: PillowPictures) -> None:
    half = Image.new("RGBA", (8, 8), (200, 0, 0, 0))
    half.paste((0, 0, 200, 128), (4, 0, 8, 8))
    read = await pictures.decode(written(half, "PNG"))
    assert near(read.pixels[0, 0], (255, 255, 255), 0)
    assert near(read.pixels[0, 7], (127, 127, 227), 2)
    palette = Image.new("P", (8, 8), 0)
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.paste(1, (4, 0, 8, 8))
    read = await pictures.decode(written(palette, "PNG", transparency=0))
    assert near(read.pixels[0, 0], (255, 255, 255), 0)
    assert near(read.pixels[0, 7], (200, 100, 50), 0)
    grey = Image.new("LA", (8, 8), (90, 255))
    assert near((await pictures.decode(written(grey, "PNG"))).pixels[3, 3], (90, 90, 90), 0)


async def test_deep_and_unusual_colours(pictures: PillowPictures) -> None:
    ramp = np.linspace(0, 65_535, 64, dtype=np.uint16).reshape(8, 8)
    for kind in ("PNG", "TIFF"):
        read = await pictures.decode(written(Image.fromarray(ramp), kind))
        assert np.array_equal(read.pixels[..., 0], ramp >> 8)
    real = (ramp / 65_535).astype(np.float32)
    real[0, 0] = np.nan
    read = await pictures.decode(written(Image.fromarray(real), "TIFF"))
    assert np.abs(read.pixels[..., 1].astype(int) - (ramp >> 8)).max() <= 1
    cmyk = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    for kind in ("JPEG", "TIFF"):
        assert near((await pictures.decode(written(cmyk, kind))).pixels[4, 4], (255, 0, 0), 4)
    for mode, colour in (("1", 1), ("L", 255)):
        read = await pictures.decode(written(Image.new(mode, (9, 9), colour), "PNG"))
        assert near(read.pixels[4, 4], (255, 255, 255), 0)


async def test_a_gif_shows_its_first_frame(pictures: PillowPictures) -> None:
    frames = [Image.new("RGB", (10, 10), colour) for colour in ("red", "blue")]
    content = written(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert near((await pictures.decode(content)).pixels[5, 5], (255, 0, 0))


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


HOSTILE = {
    "empty": (b"", "empty"),
    "text": (b"not a picture at all, whatever the name says .jpg", "no picture"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>", "no picture"),
    "pgm": (b"P5 2 2 255 abcd", "no picture"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n", "no picture"),
    "png of 100,000 x 100,000": (png_header(100_000, 100_000), "megapixels"),
    "png of 10,001 x 10,000": (png_header(10_001, 10_000), "megapixels"),
    "png of 70,000 x 1": (png_header(70_000, 1), "65,535"),
    "png without pixels": (png_header(64, 64), "damaged"),
    "png of no width": (png_header(0, 10), "picture"),
    "gif of 65,535 x 65,535": (b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\2\0;", "picture"),
    "bmp of 100,000 x 100,000": (
        b"BM"
        + struct.pack("<IHHI", 0, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, 10**5, 10**5, 1, 24, 0, 0, 0, 0, 0, 0),
        "megapixels",
    ),
    "too many bytes": (b"\x89PNG\r\n\x1a\n" + bytes(32 * 2**20), "32 MiB"),
    "only a signature": (b"\xff\xd8\xff\xe0", "picture"),
    "jpeg of a thousand scans": (
        written(scene(), "JPEG")[:-2] + b"\xff\xda\0\2" * 1000 + b"\xff\xd9",
        "scans",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_files_are_refused(pictures: PillowPictures, name: str) -> None:
    content, words = HOSTILE[name]
    with pytest.raises(InvalidArgument) as caught:
        await pictures.decode(content, "image.content")
    (violation,) = caught.value.violations
    assert violation.field == "image.content"
    assert words in violation.description


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
async def test_truncated_files_are_refused(pictures: PillowPictures, kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(3).integers(0, 255, (64, 64, 3), np.uint8))
    content = written(noise, kind)
    for part in (0.01, 0.1, 0.5, 0.8):
        with pytest.raises(InvalidArgument):
            await pictures.decode(content[: int(len(content) * part)])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
async def test_damaged_files_are_read_or_refused_but_never_crash(pictures: PillowPictures, kind: str) -> None:
    content = written(scene(), kind)
    random = np.random.default_rng(7)
    for _ in range(60):
        damaged = bytearray(content)
        for place in random.integers(0, len(content), 4):
            damaged[place] = random.integers(0, 256)
        with contextlib.suppress(InvalidArgument):
            assert (await pictures.decode(bytes(damaged))).pixels.ndim == 3


async def test_what_the_camera_wrote(pictures: PillowPictures) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "FUJIFILM\0", "X100", 6
    shot = exif.get_ifd(0x8769)
    shot |= {0x9003: "2026:03:01 12:30:00", 0x9011: "+02:00", 0xA434: "23 mm f/2"}
    shot |= {0x829A: 0.005, 0x829D: 2.8, 0x8827: 400, 0x920A: 23.0}
    exif.get_ifd(0x8825).update(
        {1: "S", 2: (33.0, 51.0, 36.0), 3: "E", 4: (151.0, 12.0, 0.0), 5: b"\x01", 6: 12.5}
    )
    found = (await pictures.decode(written(scene(), "JPEG", exif=exif))).facts.exif
    assert found is not None
    assert (found.camera, found.lens, found.orientation, found.iso) == ("FUJIFILM X100", "23 mm f/2", 6, 400)
    assert found.taken_time == datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
    assert found.exposure_seconds == pytest.approx(0.005)
    assert [found.f_number, found.focal_length_mm] == pytest.approx([2.8, 23.0])
    assert found.gps is not None
    assert found.gps.latitude == pytest.approx(-33.86)
    assert found.gps.longitude == pytest.approx(151.2)
    assert found.gps.altitude_metres == pytest.approx(-12.5)


async def test_lies_of_the_camera_are_tolerated(pictures: PillowPictures) -> None:
    exif = Image.Exif()
    exif[0x0110], exif[0x0112] = "Liar\x01 One", 77
    shot = exif.get_ifd(0x8769)
    shot |= {0x9003: "0000:00:00 00:00:00", 0x829D: float("inf")}
    exif.get_ifd(0x8825).update({1: "N", 2: (91.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)})
    found = (await pictures.decode(written(scene(), "JPEG", exif=exif))).facts.exif
    assert found is not None
    assert (found.camera, found.orientation, found.taken_time, found.gps) == ("Liar One", 1, None, None)
    read = await pictures.decode(written(scene(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff rubbish"))
    assert (read.facts.width, read.facts.height) == (60, 40)


async def test_perceptual_hash_is_imagehashs_and_survives_resizing(pictures: PillowPictures) -> None:
    noise = np.random.default_rng(5).integers(0, 255, (6, 9, 3), np.uint8)
    big = Image.fromarray(noise).resize((900, 600), Image.Resampling.BICUBIC)
    small = big.resize((300, 200), Image.Resampling.LANCZOS)
    found = [(await pictures.decode(written(each, "PNG"))).facts.perceptual_hash for each in (big, small)]
    assert all(len(each) == 16 for each in found)
    assert found[1] == str(imagehash.phash(small))
    assert imagehash.hex_to_hash(found[0]) - imagehash.hex_to_hash(found[1]) <= 4


def opened(answer: tuple[str, bytes], content_type: str) -> Image.Image:
    assert answer[0] == content_type
    return Image.open(io.BytesIO(answer[1]))


async def test_thumbnails_are_smaller_and_never_larger(pictures: PillowPictures) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = written(scene(600, 400), "JPEG", exif=exif)  # upright: 400 x 600
    assert opened(await pictures.thumbnail(content, 150), "image/jpeg").size == (100, 150)
    assert opened(await pictures.thumbnail(content, 5000), "image/jpeg").size == (400, 600)
    crop = opened(
        await pictures.thumbnail(content, 0, Box(x_min=10.5, y_min=0, x_max=99.2, y_max=50)), "image/jpeg"
    )
    assert crop.size == (90, 50)
    with pytest.raises(InvalidArgument) as caught:
        await pictures.thumbnail(content, 0, Box(x_min=400, y_min=0, x_max=500, y_max=50))
    assert caught.value.violations[0].field == "crop"


def rle_of(mask: np.ndarray) -> Mask:
    found = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    return Mask(height=mask.shape[0], width=mask.shape[1], counts=found["counts"].decode())


async def test_cutouts_and_masks(pictures: PillowPictures) -> None:
    shown = np.zeros((40, 60), bool)
    shown[5:15, 10:20] = True
    shown[5, 10] = False
    mask, box = rle_of(shown), Box(x_min=10, y_min=5, x_max=20, y_max=15)
    cut = np.asarray(opened(await pictures.cutout(written(scene(), "PNG"), box, mask, 0), "image/png"))
    assert cut.shape == (10, 10, 4)
    assert np.array_equal(cut[..., 3] == 255, shown[5:15, 10:20])
    whole = np.asarray(opened(await pictures.cutout(written(scene(), "PNG"), box, None, 0), "image/png"))
    assert (whole[..., 3] == 255).all()
    white = np.asarray(opened(await pictures.mask_picture(mask, 0), "image/png"))
    assert np.array_equal(white == 255, shown)
    assert opened(await pictures.mask_picture(mask, 30), "image/png").size == (30, 20)
    with pytest.raises(InvalidArgument):
        await pictures.cutout(written(scene(8, 8), "PNG"), Box(x_min=0, y_min=0, x_max=4, y_max=4), mask, 0)


@pytest.mark.parametrize("seed", range(8))
def test_masks_decode_as_pycocotools_does(seed: int) -> None:
    random = np.random.default_rng(seed)
    height, width = random.integers(1, 400, 2)
    mask = random.random((height, width)) < random.choice([0.001, 0.5, 0.999])
    if seed % 2:
        mask[: height // 2] = True  # long runs
    assert np.array_equal(decode_mask(rle_of(mask)), mask)
    assert mask_area(rle_of(mask)) == mask.sum()
    assert encode_runs(decode_runs(rle_of(mask))) == rle_of(mask).counts


def test_no_mask_has_more_letters_than_its_pixels_can_need() -> None:
    checkered = np.indices((40, 60)).sum(axis=0) % 2 == 0
    halves = np.zeros((40, 60), bool)
    halves[:, ::20] = True
    for mask in (checkered, ~checkered, halves):
        assert np.array_equal(decode_mask(rle_of(mask)), mask)
    filled = Mask(height=1, width=9, counts="9" + "0" * 40)
    with pytest.raises(InvalidArgument) as caught:
        mask_area(filled, "region.mask")
    assert "letters" in caught.value.violations[0].description
    assert mask_area(Mask(height=1, width=9, counts="9" + "00")) == 0


@pytest.mark.parametrize(
    "counts", ["", "é", "0", "zzzz", "o" * 99, "P" * 9, "1O1", "\0\0", "~~~~0", "_" * 300_000]
)
def test_hostile_masks_are_refused(counts: str) -> None:
    with pytest.raises(InvalidArgument):
        decode_mask(Mask(height=40, width=60, counts=counts))
    with pytest.raises(InvalidArgument):
        decode_mask(Mask(height=10**6, width=10**6, counts=counts))


@pytest.mark.skipif(not PHOTOS.is_dir(), reason="no shared photographs beside the checkout")
@pytest.mark.parametrize(
    "name", sorted(path.name for path in (PHOTOS / "formats").glob("*")) if PHOTOS.is_dir() else []
)
async def test_photographs_of_the_wild(pictures: PillowPictures, name: str) -> None:
    content = (PHOTOS / "formats" / name).read_bytes()
    try:
        with Image.open(io.BytesIO(content)) as image:
            kind = image.format
    except OSError:
        kind = None
    if kind in {"PNG", "JPEG", "MPO", "GIF", "BMP", "TIFF", "WEBP"}:
        assert (await pictures.decode(content)).pixels.size
    else:
        with pytest.raises(InvalidArgument):
            await pictures.decode(content)
