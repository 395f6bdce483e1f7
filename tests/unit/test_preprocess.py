"""What the image tower sees, and packs that say how."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from orchestrator.adapters.triton.pack_table import PackError
from orchestrator.adapters.triton.packs import Preprocessing, read_packs
from orchestrator.adapters.triton.preprocess import preprocess, square
from orchestrator.domain.image import Picture


def noise(width: int, height: int) -> Picture:
    random = np.random.default_rng(width * 1000 + height)
    small = Image.fromarray(random.integers(0, 255, (height // 6 + 2, width // 6 + 2, 3), np.uint8))
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


def as_transformers_does(picture: Picture, size: int) -> np.ndarray:
    """CLIPImageProcessor with Pillow: the shorter edge to `size`, whole, then the centre."""
    height, width = picture.shape[:2]
    short, long = min(height, width), max(height, width)
    new_long = int(size * long / short)
    scaled = (size, new_long) if width <= height else (new_long, size)
    whole = Image.fromarray(picture).resize(scaled, Image.Resampling.BICUBIC)
    left, top = (whole.width - size) // 2, (whole.height - size) // 2
    return np.asarray(whole.crop((left, top, left + size, top + size)))


@pytest.mark.parametrize(
    ("width", "height"), [(300, 200), (200, 300), (224, 224), (97, 640), (640, 97), (33, 51), (1000, 999)]
)
def test_shortest_edge_is_what_transformers_does(width: int, height: int) -> None:
    picture = noise(width, height)
    (found,) = preprocess([picture], Preprocessing(image_size=64))
    expected = as_transformers_does(picture, 64)
    assert found.dtype == np.uint8
    assert np.abs(found.astype(int) - expected.astype(int)).max() <= 1  # rounding of the crop's edges


def test_an_absurd_shape_costs_no_memory() -> None:
    (found,) = preprocess([np.full((1, 65_535, 3), 7, np.uint8)], Preprocessing(image_size=224))
    assert found.shape == (224, 224, 3)
    assert (found == 7).all()


def test_squash_and_letterbox() -> None:
    picture = noise(120, 60)
    (squashed,) = preprocess([picture], Preprocessing(image_size=32, resize="squash", resample="bilinear"))
    assert np.array_equal(
        squashed, np.asarray(Image.fromarray(picture).resize((32, 32), Image.Resampling.BILINEAR))
    )
    (boxed,) = preprocess([picture], Preprocessing(image_size=32, resize="letterbox", pad_value=9))
    assert (boxed[:8] == 9).all()
    assert (boxed[24:] == 9).all()
    whole = Image.fromarray(picture).resize((32, 16), Image.Resampling.BICUBIC)
    assert np.array_equal(boxed[8:24], np.asarray(whole))
    assert square(picture, 64).shape == (64, 64, 3)


def test_many_sizes_make_one_batch() -> None:
    found = preprocess([noise(30, 40), noise(400, 30), noise(8, 8)], Preprocessing(image_size=16))
    assert found.shape == (3, 16, 16, 3)


GOOD = """
name = "small"
revision = "1"
[embedder]
image_model = "small_image"
dimension = 8
image_size = 32
[embedder.relevance]
scale = 10
bias = -5.0
"""


def stamp(folder: Path, text: str) -> str:
    (folder / "small.toml").write_text(text)
    embedder = read_packs(folder, None)["small"].embedder
    assert embedder is not None
    return embedder.space.stamp


def test_what_changes_vectors_changes_the_stamp(tmp_path: Path) -> None:
    first = stamp(tmp_path, GOOD)
    assert stamp(tmp_path, GOOD) == first
    assert stamp(tmp_path, GOOD.replace("scale = 10", "scale = 11")) == first
    assert stamp(tmp_path, GOOD.replace("image_size = 32", 'image_size = 32\nresize = "squash"')) != first
    assert stamp(tmp_path, GOOD.replace('revision = "1"', 'revision = "2"')) != first
    part = GOOD.replace("[embedder]", '[embedder]\nrevision = "1"').replace(
        'revision = "1"\n[', 'revision = "7"\n['
    )
    assert stamp(tmp_path, part) == first  # the segmenter changed, not the towers


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('name = "small"', 'name = "other"', "name must be the file's name"),
        ("dimension = 8", "", "embedder.dimension is missing"),
        ("dimension = 8", 'dimension = "8"', "embedder.dimension must be a whole number"),
        ("dimension = 8", "dimension = 0", "embedder.dimension must be"),
        ("image_size = 32", 'image_size = 32\nresize = "stretch"', "embedder.resize must be one of"),
        ("scale = 10", "", "embedder.relevance.scale is missing"),
        ("dimension = 8", 'dimension = 8\ntext_model = "t"\ntokenizer = "no.json"', "does not exist"),
        ("[embedder]", "[embedder", "small.toml"),
        ("[embedder.relevance]", "[embedder.relevancy]", "embedder.relevance.scale is missing"),
    ],
)
def test_a_wrong_pack_is_told_by_file_and_key(tmp_path: Path, old: str, new: str, words: str) -> None:
    (tmp_path / "small.toml").write_text(GOOD.replace(old, new))
    with pytest.raises(PackError) as caught:
        read_packs(tmp_path, None)
    assert "small.toml" in str(caught.value)
    assert words in str(caught.value)


def test_only_installed_parts_count(tmp_path: Path) -> None:
    packs, models = tmp_path / "packs", tmp_path / "models"
    packs.mkdir()
    segmenter = """
    [segmenter]
    encoder_model = "small_sam_encoder"
    decoder_model = "small_sam_decoder"
    segment_model = "small_segment"
    image_size = 64
    """
    (packs / "small.toml").write_text(GOOD + segmenter)
    assert read_packs(packs, models) == {}
    (models / "small_image").mkdir(parents=True)
    (models / "small_image" / "config.pbtxt").touch()
    pack = read_packs(packs, models)["small"]
    assert pack.embedder is not None
    assert pack.segmenter is None
    assert pack.models == ("small_image",)
    (packs / "later.toml").write_text(
        GOOD.replace("small", "later").replace('revision = "1"', 'revision = ""')
    )
    assert list(read_packs(packs, None)) == ["small"]  # no exporter has installed the other one yet
    elsewhere = read_packs(packs, None)["small"]
    assert elsewhere.segmenter is not None
    assert len(elsewhere.models) == 4
