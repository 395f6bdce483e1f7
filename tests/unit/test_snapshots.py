"""Collections out of and into snapshots."""

import hashlib
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestrator.adapters.blobs.places import ObjectStorePlaces
from orchestrator.adapters.sources.places import Places as Folders
from orchestrator.application.collections import create_collection
from orchestrator.application.content import image_content
from orchestrator.application.images import delete_image, list_images
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.index_texts import CreateText, create_texts
from orchestrator.application.ports import Blobs, Ports
from orchestrator.application.regions import list_regions
from orchestrator.application.snapshots import export as exporting
from orchestrator.application.snapshots.export import export_collection
from orchestrator.application.snapshots.parts import read_manifest
from orchestrator.application.snapshots.restore import restore_collection
from orchestrator.application.texts import list_texts
from orchestrator.domain.collection import Segmentation
from orchestrator.domain.errors import DataLoss, FailedPrecondition, InvalidArgument, NotFound, SightlineError
from orchestrator.domain.image import Description, Label
from orchestrator.domain.names import CollectionName, EmbeddedName
from orchestrator.domain.text import TextFields
from tests.fakes.models import PACK
from tests.fixtures.buckets import Bucket
from tests.fixtures.crash import Death, Killed, mortal, recovered, recovered_texts
from tests.fixtures.pictures import drawing, encoded
from tests.fixtures.server import ports_over

SHOP, COPY = CollectionName("shop"), CollectionName("copy")
COLOURS = ("red", "green", "blue", "yellow", "purple")


async def silent(progress: Mapping[str, Any]) -> None:
    """Tells nobody."""


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_RECORDS_A_PART", 2)


@pytest.fixture
async def shop(ports: Ports) -> Ports:
    """Five pictures with a region each, and three texts, in `collections/shop`."""
    await create_collection(
        ports,
        collection_id="shop",
        display_name="A shop",
        embedder=PACK,
        segmenter=PACK,
        segmentation=Segmentation.QUICK,
        labels_vocabulary=("red", "blue"),
    )
    for number, colour in enumerate(COLOURS):
        description = Description(
            display_name=f"{colour}.png",
            folder=f"shelf/{number % 2}",
            labels=(Label(label=colour, score=0.5),),
            metadata={"price": number, "tags": ["a", "ü"]},
        )
        content = encoded(drawing("white", {colour: (8, 8, 40 + number, 40)}), "PNG")
        request = CreateImage(parent=SHOP, image_id=f"i{number}", content=content, description=description)
        await create_image(ports, request)
    texts = [
        CreateText(text_id=f"t{number}", fields=TextFields(content=f"a {colour} thing"))
        for number, colour in enumerate(COLOURS[:3])
    ]
    await create_texts(ports, SHOP, texts)
    return ports


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[Ports]:
    """Another installation."""
    (tmp_path / "elsewhere").mkdir()
    async with ports_over(tmp_path / "elsewhere") as found:
        yield found


@pytest.fixture
def uri(tmp_path: Path) -> str:
    return (tmp_path / "a snapshot").as_uri()


def place(ports: Ports, uri: str, *, create: bool = False) -> Blobs:
    return ports.places.open(uri, field="uri", create=create)


async def export(ports: Ports, uri: str, *, files: bool = True, export: str = "operations/1") -> Any:
    where = place(ports, uri, create=True)
    return await export_collection(ports, name=SHOP, place=where, files=files, export=export, report=silent)


async def restore(ports: Ports, uri: str, name: CollectionName = COPY) -> Any:
    return await restore_collection(ports, name=name, place=place(ports, uri), report=silent)


async def everything(ports: Ports, name: CollectionName) -> list[Any]:
    """What a collection holds, but for the ids, etags and uids that a copy has of its own."""

    def plain(record: Any) -> Any:
        named = record.name
        kept = replace(record, name=replace(named, collection="x"))
        return replace(kept, uid="", etag="") if hasattr(record, "uid") else kept

    found: list[Any] = []
    images, _, _ = await list_images(ports, parent=name, page_size=1000, order_by="name")
    for image in images:
        regions, _ = await list_regions(ports, parent=image.name)
        names: list[EmbeddedName] = [image.name, *(region.name for region in regions)]
        vectors = await ports.catalog.get_vectors(names)
        found += [plain(image), *map(plain, regions)]
        found += [vectors[each].vector.tobytes() for each in names]
    texts, _, _ = await list_texts(ports, parent=name)
    for text in sorted(texts, key=lambda each: each.name):
        kept = (await ports.catalog.get_vectors([text.name]))[text.name]
        found += [plain(text), kept.vector.tobytes()]
    return found


async def files_of(ports: Ports, name: CollectionName) -> list[bytes]:
    images, _, _ = await list_images(ports, parent=name, page_size=1000, order_by="name")
    return [(await image_content(ports, name=image.name))[1] for image in images]


async def test_a_collection_comes_back_as_it_was_without_a_model(
    shop: Ports, elsewhere: Ports, uri: str
) -> None:
    written = await export(shop, uri)
    expected = {"images": 5, "regions": 5, "texts": 3, "files": 5, "missing_files": 0}
    assert written == {**expected, "total_images": 5, "total_texts": 3}
    elsewhere.models.gone = True  # type: ignore[attr-defined]
    read = await restore(elsewhere, uri)
    assert {name: read[name] for name in written} == written
    assert await everything(elsewhere, COPY) == await everything(shop, SHOP)
    assert await files_of(elsewhere, COPY) == await files_of(shop, SHOP)
    copy, original = await elsewhere.catalog.get_collection(COPY), await shop.catalog.get_collection(SHOP)
    assert copy.labels_vocabulary == original.labels_vocabulary == ("red", "blue")
    assert (copy.display_name, copy.segmentation) == ("A shop", Segmentation.QUICK)
    assert len(await recovered(elsewhere)) == 5
    assert len(await recovered_texts(elsewhere)) == 3


async def test_its_parts_are_parquet_that_anybody_reads(shop: Ports, uri: str, tmp_path: Path) -> None:
    await export(shop, uri)
    folder = tmp_path / "a snapshot"
    table = pa.concat_tables([pq.read_table(each) for each in sorted((folder / "images").iterdir())])
    assert table.column("image").to_pylist() == [f"i{number}" for number in range(5)]
    assert np.stack(table.column("vector").to_numpy()).shape == (5, 8)
    assert json.loads(table.column("metadata")[3].as_py()) == {"price": 3, "tags": ["a", "ü"]}
    for file, digest in zip(
        table.column("file").to_pylist(), table.column("sha256").to_pylist(), strict=True
    ):
        assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == digest
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["space"] == "colours@1+palette"
    for part in (*manifest["images"], *manifest["regions"], *manifest["texts"]):
        content = (folder / part["path"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (part["size_bytes"], part["sha256"])


@pytest.mark.parametrize("bytes", [1, 900, 10_000])
async def test_a_part_ends_by_its_bytes_too(
    shop: Ports, elsewhere: Ports, uri: str, monkeypatch: pytest.MonkeyPatch, *, bytes: int
) -> None:
    """Images with so many regions that one part could not be read again."""
    monkeypatch.setattr(exporting, "_RECORDS_A_PART", 256)
    monkeypatch.setattr(exporting, "_BYTES_A_PART", bytes)
    await export(shop, uri)
    manifest = await read_manifest(shop, place(shop, uri))
    assert [part.rows for part in manifest.images] == {1: [1] * 5, 900: [2, 2, 1], 10_000: [5]}[bytes]
    assert [part.rows for part in manifest.regions] == [part.rows for part in manifest.images]
    assert [part.rows for part in manifest.texts] == [3]
    await restore(elsewhere, uri)
    assert await everything(elsewhere, COPY) == await everything(shop, SHOP)


async def test_it_goes_through_a_bucket(shop: Ports, elsewhere: Ports, s3: Bucket) -> None:
    s3.throttled.refuse_every = 4
    await export(shop, s3.url)
    await restore(elsewhere, s3.url)
    assert await everything(elsewhere, COPY) == await everything(shop, SHOP)
    assert await files_of(elsewhere, COPY) == await files_of(shop, SHOP)


@pytest.mark.parametrize("after", [False, True])
async def test_an_export_that_is_killed_anywhere_goes_on_and_ends_the_same(
    shop: Ports, uri: str, tmp_path: Path, *, after: bool
) -> None:
    whole = (tmp_path / "whole").as_uri()
    await export(shop, whole)
    for step in itertools.count(1):
        death, mine = Death(step, after=after), f"{uri}-{step}"
        where = mortal(shop, death).places.open(mine, field="uri", create=True)
        call = export_collection(
            shop, name=SHOP, place=where, files=True, export="operations/1", report=silent
        )
        try:
            await call
        except Killed:
            manifest = tmp_path / f"a snapshot-{step}" / "manifest.json"
            if not manifest.exists():
                with pytest.raises(FailedPrecondition) as raised:
                    await restore(shop, mine)
                assert raised.value.reason == "SNAPSHOT_INCOMPLETE"
            await export(shop, mine)
        assert _contents(tmp_path / f"a snapshot-{step}") == _contents(tmp_path / "whole")
        if not death.struck:
            break
    assert step > 10


async def test_an_export_that_goes_on_writes_no_part_again(shop: Ports, uri: str, tmp_path: Path) -> None:
    where = mortal(shop, Death(6, after=False)).places.open(uri, field="uri", create=True)
    with pytest.raises(Killed):
        await export_collection(
            shop, name=SHOP, place=where, files=True, export="operations/1", report=silent
        )
    part = tmp_path / "a snapshot" / "images" / "00000.parquet"
    written = part.stat().st_mtime_ns
    await delete_image(shop, name=(await list_images(shop, parent=SHOP, order_by="name"))[0][0].name)
    await export(shop, uri)
    assert part.stat().st_mtime_ns == written
    assert (await restore(shop, uri))["images"] == 5


async def test_a_snapshot_is_not_written_over(shop: Ports, uri: str) -> None:
    await export(shop, uri)
    assert (await export(shop, uri))["images"] == 5  # the same export, once more
    with pytest.raises(FailedPrecondition) as raised:
        await export(shop, uri, export="operations/2")
    assert raised.value.reason == "DESTINATION_TAKEN"


@pytest.mark.parametrize("after", [False, True])
async def test_a_restoration_that_is_killed_anywhere_goes_on_and_ends_the_same(
    shop: Ports, uri: str, tmp_path: Path, *, after: bool
) -> None:
    await export(shop, uri)
    expected = await everything(shop, SHOP)
    step, struck = 1, True
    while struck:
        folder = tmp_path / f"{step}"
        folder.mkdir()
        async with ports_over(folder) as fresh:
            death = Death(step, after=after)
            try:
                await restore(mortal(fresh, death), uri)
            except* Killed:
                await restore(fresh, uri)
            struck = death.struck
            assert await everything(fresh, COPY) == expected
            assert len(await recovered(fresh)) == 5
            assert len(await recovered_texts(fresh)) == 3
        step += 3
    assert step > 20


async def test_what_is_there_already_stays(shop: Ports, uri: str) -> None:
    await export(shop, uri)
    await restore(shop, uri)
    images, _, _ = await list_images(shop, parent=COPY)
    await delete_image(shop, name=images[0].name)
    again = await restore(shop, uri)
    assert (again["images"], again["skipped"]) == (1, 7)
    assert await everything(shop, COPY) == await everything(shop, SHOP)


@pytest.mark.parametrize("damaged", ["images/00001.parquet", "regions/00000.parquet", "texts/00001.parquet"])
@pytest.mark.parametrize("how", ["changed", "missing"])
async def test_a_damaged_part_is_told_before_anything_is_shown(
    shop: Ports, uri: str, tmp_path: Path, damaged: str, how: str
) -> None:
    await export(shop, uri)
    file = tmp_path / "a snapshot" / damaged
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.unlink()
    if how == "changed":
        file.write_bytes(content)
    with pytest.raises(FailedPrecondition) as raised:
        await restore(shop, uri)
    assert (raised.value.reason, raised.value.metadata["part"]) == ("SNAPSHOT_DAMAGED", damaged)
    with pytest.raises(NotFound):
        await shop.catalog.get_collection(COPY)


async def test_a_damaged_picture_is_told(shop: Ports, uri: str, tmp_path: Path) -> None:
    await export(shop, uri)
    next((tmp_path / "a snapshot" / "files").rglob("i3.*")).write_bytes(b"another picture")
    with pytest.raises(FailedPrecondition) as raised:
        await restore(shop, uri)
    assert raised.value.reason == "SNAPSHOT_DAMAGED"


async def test_vectors_of_another_pack_are_refused(shop: Ports, uri: str, tmp_path: Path) -> None:
    await export(shop, uri)
    for changes, reason in (
        ({"space": "colours@2+palette"}, "SPACE_MISMATCH"),
        ({"dimension": 9}, "SPACE_MISMATCH"),
        ({"embedder": "clip-vit-b32"}, "PACK_NOT_INSTALLED"),
    ):
        rewrite(tmp_path / "a snapshot", **changes)
        with pytest.raises(FailedPrecondition) as raised:
            await restore(shop, uri)
        assert raised.value.reason == reason
        rewrite(tmp_path / "a snapshot", space="colours@1+palette", dimension=8, embedder=PACK)
    await create_collection(shop, collection_id="copy", embedder="wordless")
    with pytest.raises(FailedPrecondition) as raised:
        await restore(shop, uri)
    assert raised.value.reason == "SPACE_MISMATCH"


async def test_without_its_files_pictures_come_from_the_servers_own_store(
    shop: Ports, elsewhere: Ports, uri: str
) -> None:
    written = await export(shop, uri, files=False)
    assert (written["files"], written["missing_files"]) == (0, 0)
    assert (await restore(shop, uri))["missing_files"] == 0
    assert await files_of(shop, COPY) == await files_of(shop, SHOP)
    assert (await restore(elsewhere, uri))["missing_files"] == 5
    images, _, _ = await list_images(elsewhere, parent=COPY)
    assert len(images) == 5  # found, but not shown
    with pytest.raises(DataLoss):
        await image_content(elsewhere, name=images[0].name)


def _nan(table: pa.Table) -> pa.Table:
    flat = np.full(table.num_rows * 8, np.nan, np.float32)
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(flat), 8)
    place = table.schema.get_field_index("vector")
    return table.set_column(place, table.schema.field("vector"), vectors)


def _text(column: str, value: str) -> Any:
    def change(table: pa.Table) -> pa.Table:
        place = table.schema.get_field_index(column)
        return table.set_column(place, table.schema.field(column), pa.array([value] * table.num_rows))

    return change


@pytest.mark.parametrize(
    "lie",
    [
        _nan,
        lambda table: table.drop_columns(["folder"]),
        lambda table: table.append_column("more", pa.array([1] * table.num_rows)),
        lambda table: table.slice(0, 1),
        _text("image", "../../up"),
        _text("uid", "../../up"),
        _text("labels", "[[[["),
        _text("labels", '{"label": 1}'),
        _text("metadata", "[]"),
        _text("metadata", '{"a": "\\u0000"}'),
        _text("folder", "a\0b"),
        _text("sha256", "none"),
        _text("content_type", "text/html"),
        _text("exif", "{}x"),
    ],
)
async def test_a_part_that_holds_what_none_may_is_refused(
    shop: Ports, uri: str, tmp_path: Path, lie: Any
) -> None:
    """The manifest vouches for it: whoever wrote it may lie."""
    await export(shop, uri)
    part = tmp_path / "a snapshot" / "images" / "00000.parquet"
    pq.write_table(lie(pq.read_table(part)), part)
    rewrite(tmp_path / "a snapshot")
    with pytest.raises(InvalidArgument):
        await restore(shop, uri)
    with pytest.raises(NotFound):
        await shop.catalog.get_collection(COPY)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"format": "sightline-snapshot"}',
        b'{"version": 1}',
        b"\xff",
    ],
)
async def test_a_manifest_that_is_none_is_refused(
    shop: Ports, uri: str, tmp_path: Path, content: bytes
) -> None:
    await export(shop, uri)
    (tmp_path / "a snapshot" / "manifest.json").write_bytes(content)
    with pytest.raises(InvalidArgument):
        await restore(shop, uri)


async def test_a_manifest_leads_to_no_other_files(shop: Ports, uri: str, tmp_path: Path) -> None:
    await export(shop, uri)
    (tmp_path / "secret").write_bytes(b"x")
    manifest = json.loads((tmp_path / "a snapshot" / "manifest.json").read_text())
    manifest["images"][0]["path"] = "../secret"
    (tmp_path / "a snapshot" / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(SightlineError):
        await restore(shop, uri)


async def test_places_are_those_that_the_settings_allow(shop: Ports, tmp_path: Path) -> None:
    own = (tmp_path / "blobs").as_uri()
    for inside in (own, own + "/below", tmp_path.as_uri()):
        with pytest.raises(FailedPrecondition) as raised:
            place(shop, inside, create=True)
        assert raised.value.reason == "PLACE_IS_THE_STORE"
    with pytest.raises(InvalidArgument):
        place(shop, (tmp_path / "none").as_uri())
    assert not (tmp_path / "none").exists()
    (tmp_path / "allowed").mkdir()
    (tmp_path / "allowed" / "link").symlink_to(tmp_path)
    some = ObjectStorePlaces(Folders([tmp_path / "allowed"]).check, own="s3://pictures/all")
    some.open((tmp_path / "allowed" / "new").as_uri(), field="uri", create=True)
    for outside in (
        tmp_path / "other",
        tmp_path / "allowed" / ".." / "other",
        tmp_path / "allowed" / "link" / "other",
    ):
        with pytest.raises(FailedPrecondition) as raised:
            some.open(outside.as_uri(), field="uri", create=True)
        assert raised.value.reason == "SOURCE_FORBIDDEN"
    for bucket in ("s3://pictures", "s3://pictures/all", "s3://pictures/all/below/"):
        with pytest.raises(FailedPrecondition):
            some.open(bucket, field="uri")
    some.open("s3://pictures/all-snapshots", field="uri")


def rewrite(folder: Path, **changes: Any) -> None:
    """Makes a manifest say that all parts are as they are now."""
    manifest = json.loads((folder / "manifest.json").read_text()) | changes
    for part in (*manifest["images"], *manifest["regions"], *manifest["texts"]):
        content = (folder / part["path"]).read_bytes()
        part |= {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def _contents(folder: Path) -> dict[str, bytes]:
    found = {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}
    manifest = json.loads(found.pop("manifest.json"))
    del manifest["create_time"]
    return {**found, "manifest": json.dumps(manifest).encode()}
