"""Images that are the same or nearly so are found in groups, a bounded part of a collection at a time."""

import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture
from PIL import ImageOps

from orchestrator.application import duplicates
from orchestrator.application.collections import ensure_default_collection
from orchestrator.application.duplicates import Group, find_duplicates
from orchestrator.application.images import delete_image
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.ports import Embedder, Ports
from orchestrator.application.rebuild_index import rebuild_indexes
from orchestrator.domain.collection import DEFAULT_COLLECTION, Segmentation
from orchestrator.domain.embedding import EmbeddingSpace, Vectors
from orchestrator.domain.errors import InvalidArgument, NotFound, Unavailable
from orchestrator.domain.image import Description, FileFacts, Image
from orchestrator.domain.likeness import Likeness, weakest_link
from orchestrator.domain.names import CollectionName, ImageName
from tests.fakes.index import MemoryIndex
from tests.fakes.models import ColourEmbedder, ColourModels
from tests.fixtures.images import image
from tests.fixtures.pictures import png


@pytest.fixture
async def mesh(ports: Ports) -> Ports:
    await ensure_default_collection(ports, Segmentation.OFF)
    await rebuild_indexes(ports)
    return ports


async def add(ports: Ports, **contents: bytes) -> None:
    for name, content in contents.items():
        description = Description(folder=name.partition("_")[0])
        request = CreateImage(
            parent=DEFAULT_COLLECTION, image_id=name, content=content, description=description
        )
        await create_image(ports, request)


async def found(ports: Ports, page_size: int = 0, **options: Any) -> list[tuple[set[str], float]]:
    """All groups, read page by page."""
    groups: list[Group] = []
    token = ""
    while True:
        page, token = await find_duplicates(
            ports, parent=DEFAULT_COLLECTION, page_size=page_size, page_token=token, **options
        )
        groups += page
        if not token:
            return [({name.image for name in group.images}, group.similarity) for group in groups]


def stripes(share: int) -> bytes:
    """A white picture, so many hundredths of it red."""
    return png("white", {"red": (0, 0, 95, round(share * 64 / 100) - 1)})


def resized(content: bytes, share: float, format: str = "PNG") -> bytes:
    with Picture.open(io.BytesIO(content)) as picture:
        upright = ImageOps.exif_transpose(picture)
        smaller = upright.resize((round(upright.width * share), round(upright.height * share)))
        file = io.BytesIO()
        smaller.convert("RGB").save(file, format, quality=85)
        return file.getvalue()


async def test_copies_and_near_copies_are_groups(mesh: Ports) -> None:
    red, blue = stripes(50), png("blue", {"yellow": (4, 4, 40, 30)})
    await add(
        mesh, a_red=red, b_blue=blue, c_red=red, d_green=png("green"), e_blue=resized(blue, 0.5), f_red=red
    )
    groups, token = await find_duplicates(mesh, parent=DEFAULT_COLLECTION)
    assert token == ""
    assert [[name.image for name in group.images] for group in groups] == [
        ["a_red", "c_red", "f_red"],
        ["b_blue", "e_blue"],
    ], "by their oldest images, and so are the groups"
    assert groups[0].similarity == 1
    assert 0.95 <= groups[1].similarity < 1
    assert await found(mesh, page_size=1) == await found(mesh)
    assert await found(mesh, min_similarity=1) == [({"a_red", "c_red", "f_red"}, 1.0)]
    assert await found(mesh, filter='folder != "c"') == [
        ({"a_red", "f_red"}, 1.0),
        ({"b_blue", "e_blue"}, groups[1].similarity),
    ]
    await delete_image(mesh, name=ImageName("default", "a_red"))
    assert (await found(mesh))[1] == ({"c_red", "f_red"}, 1.0)
    assert _models(mesh).embedded_texts == 0


async def test_what_is_alike_through_others_is_one_group(mesh: Ports) -> None:
    shares = [10, 20, 30, 40, 50]
    await add(mesh, **{f"s{share}": stripes(share) for share in reversed(shares)})
    least = 0.985
    ((names, similarity),) = await found(mesh, min_similarity=least)
    assert names == {f"s{share}" for share in shares}
    assert least <= similarity < 0.995


async def test_a_page_looks_at_a_bounded_number(mesh: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    await add(
        mesh,
        **{f"x{n}": png("red" if n in (0, 7) else "white", {"blue": (n, n, n + 9, n + 9)}) for n in range(8)},
    )
    whole = await found(mesh, min_similarity=0.9999)
    monkeypatch.setattr(duplicates, "_CHUNK", 2)
    monkeypatch.setattr(duplicates, "SCANNED", 2)
    counted = Counting(mesh.index)
    few = replace(mesh, index=counted)  # type: ignore[arg-type]
    _, token = await find_duplicates(few, parent=DEFAULT_COLLECTION, min_similarity=0.9999)
    assert token
    assert counted.searches <= 8
    assert await found(mesh, min_similarity=0.9999) == whole
    assert await found(mesh, min_similarity=0.9999, seconds=0.0) == whole


async def test_more_copies_than_neighbours_are_one_group(
    mesh: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "_NEIGHBOURS", 4)
    await add(mesh, **{f"x{n:02}": png("red") for n in range(20)})
    ((names, similarity),) = await found(mesh)
    assert (len(names), similarity) == (20, 1.0)
    monkeypatch.setattr(duplicates, "MAX_GROUP", 12)
    (largest, *_) = await found(mesh)
    assert len(largest[0]) == 12


async def test_nonsense_is_refused(mesh: Ports) -> None:
    for options in ({"min_similarity": 1.5}, {"filter": "folder ="}, {"page_token": "x"}, {"page_size": -1}):
        with pytest.raises(InvalidArgument):
            await find_duplicates(mesh, parent=DEFAULT_COLLECTION, **options)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        await find_duplicates(mesh, parent=CollectionName("none"))
    assert await find_duplicates(mesh, parent=DEFAULT_COLLECTION) == ([], "")
    await add(mesh, red=png("red"))
    assert isinstance(mesh.index, MemoryIndex)
    mesh.index.down = True
    with pytest.raises(Unavailable):
        await find_duplicates(mesh, parent=DEFAULT_COLLECTION)


def test_hashes_that_agree_make_up_for_a_smaller_cosine() -> None:
    one, other = _hashed("f" * 16, "a"), _hashed("f" * 15 + "0", "b")
    between = Likeness().between
    assert between(one, other, 0.94) == 0.94
    assert between(one, other, 0.84) is None
    assert between(one, _hashed("f" * 14 + "00", "b"), 0.94) is None
    assert between(one, _hashed("0" * 16, "b"), 0.95) == 0.95
    assert between(one, _hashed("0" * 16, "a"), 0.0) == 1.0
    assert Likeness(least=0.98, least_hashed=0.98).between(one, other, 0.97) is None


def test_a_group_is_as_similar_as_its_weakest_link() -> None:
    assert weakest_link([(0.99, "a", "b"), (0.96, "a", "c"), (0.98, "b", "c")]) == 0.98
    assert weakest_link([]) == 1.0


@pytest.fixture
async def photographs(mesh: Ports, shared: Path | None) -> AsyncIterator[tuple[Ports, dict[str, bytes]]]:
    """Photographs and a real embedder of such; where there are none, drawings of many colours."""
    if shared is None:
        chance = np.random.default_rng(3)
        files = {}
        for n in range(12):
            fields = chance.integers(0, 256, (6, 8, 3), dtype=np.uint8).repeat(40, 0).repeat(40, 1)
            file = io.BytesIO()
            Picture.fromarray(fields).save(file, "PNG")
            files[f"drawing{n:02}"] = file.getvalue()
        yield mesh, files
        return
    models = PhotoModels(shared / "models/mobilenet_v2_embed/model.onnx")
    ports = replace(mesh, models=models)
    await ensure_default_collection(ports, Segmentation.OFF)  # empty, it is made anew in the models' space
    await rebuild_indexes(ports)
    paths = sorted((shared / "photos/near-duplicates").glob("*.jpg"))
    names = [path for path in paths if not path.stem.endswith("_corrupt")]
    yield ports, {path.stem: path.read_bytes() for path in names}


async def test_photographs_are_grouped_with_their_copies_alone(
    photographs: tuple[Ports, dict[str, bytes]],
) -> None:
    ports, files = photographs
    await add(ports, **files)
    originals = [name for name in files if "_" not in name]
    copied = originals[-3:]
    for n, name in enumerate(copied):
        await add(
            ports,
            **{
                f"copy{n}_same": files[name],
                f"copy{n}_small": resized(files[name], 0.6),
                f"copy{n}_jpeg": resized(files[name], 1, "JPEG"),
            },
        )
    groups = {frozenset(names): similarity for names, similarity in await found(ports)}
    for n, name in enumerate(copied):
        (own,) = [group for group in groups if name in group]
        assert own == {name, f"copy{n}_same", f"copy{n}_small", f"copy{n}_jpeg"}
    with_variants = [group for group in groups if not any(name in group for name in copied)]
    assert all(len({name.partition("_")[0] for name in group}) == 1 for group in with_variants), with_variants
    if "ukbench00120" in files:
        (own,) = with_variants
        assert {"ukbench00120", "ukbench00120_resize", "ukbench00120_hflip"} <= own


class Counting:
    """An index that counts its searches."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self.searches = 0

    def __getattr__(self, name: str) -> Any:
        self.searches += name == "search"
        return getattr(self._index, name)


class PhotoModels(ColourModels):
    """The pack `colours`, its image tower that of a real embedder."""

    def __init__(self, model: Path) -> None:
        super().__init__()
        self._photos = PhotoEmbedder(self, model)

    def embedder(self, pack: str) -> Embedder:
        return self._photos


class PhotoEmbedder(ColourEmbedder):
    """MobileNet V2's features, of pictures squashed to 224 x 224."""

    def __init__(self, models: ColourModels, model: Path) -> None:
        import onnxruntime

        super().__init__(models, "photos", text=False)
        self.space = EmbeddingSpace(pack="photos", revision="1", preprocessing="squash", dimension=1280)
        quiet = onnxruntime.SessionOptions()
        quiet.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(model), quiet)

    async def embed_pictures(self, pictures: Sequence[Any], *, bulk: bool = False) -> Vectors:
        squashed = [
            np.asarray(Picture.fromarray(each).resize((224, 224), Picture.Resampling.BICUBIC))
            for each in pictures
        ]
        vectors = self._session.run(None, {"input": np.stack(squashed)})[0]
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def _hashed(perceptual_hash: str, sha256: str) -> Image:
    one = image()
    facts: FileFacts = replace(one.facts, perceptual_hash=perceptual_hash, sha256=sha256)
    return replace(one, facts=facts)


def _models(ports: Ports) -> ColourModels:
    assert isinstance(ports.models, ColourModels)
    return ports.models
