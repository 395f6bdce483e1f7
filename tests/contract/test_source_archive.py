"""Tar files and WebDataset's shards, and archives that were made to do harm."""

import io
import json
import tarfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from orchestrator.adapters.sources.archive import expand
from orchestrator.adapters.sources.tar import MAX_HEADER_BYTES, Member, TarStream
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument
from orchestrator.domain.image import MAX_CONTENT_BYTES
from orchestrator.domain.import_source import ArchiveSource, SourceItem
from tests.fixtures.source_worlds import tar_of
from tests.fixtures.sources import contents, listed, sources_of
from tests.fixtures.web_server import web_server


def saved(tmp_path: Path, content: bytes, name: str = "a.tar") -> ArchiveSource:
    (tmp_path / name).write_bytes(content)
    return ArchiveSource(uris=((tmp_path / name).as_uri(),))


async def items_of(tmp_path: Path, content: bytes) -> dict[str, SourceItem]:
    return {
        item.key.removeprefix("a.tar/"): item for item in await listed(sources_of(), saved(tmp_path, content))
    }


async def members_of(content: bytes, piece: int = 1000) -> list[Member]:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(content), piece):
            yield content[start : start + piece]

    return [member async for member in TarStream(pieces()).members()]


async def test_what_shares_a_name_is_one_sample(tmp_path: Path) -> None:
    told = {"url": "https://x/1.jpg", "caption": "of the JSON", "width": 3, "similarity": 0.5}
    content = tar_of(
        {
            "cats/1.jpg": b"one",
            "cats/1.json": json.dumps(told).encode(),
            "cats/1.txt": b"a cat\non a mat\n",
            "cats/1.cls": b"3",
            "cats/1.seg.png": b"a mask",
            "cats/2.json": json.dumps(told).encode(),
            "cats/2.png": b"two",
            "cats/3.left.jpg": b"left",
            "cats/3.right.jpg": b"right",
            "cats/4.txt": b"no picture",
            "notes.md": b"",
            "dogs/1.jpg": b"another one",
        }
    )
    items = await items_of(tmp_path, content)
    assert set(items) == {"cats/1.jpg", "cats/2.png", "cats/3.left.jpg", "cats/3.right.jpg", "dogs/1.jpg"}
    said = items["cats/1.jpg"].description
    assert (said.caption, said.folder, said.display_name) == ("a cat on a mat", "cats", "1.jpg")
    assert (said.source_uri, [label.label for label in said.labels]) == ("https://x/1.jpg", ["3"])
    assert said.metadata == {"url": "https://x/1.jpg", "width": 3, "similarity": 0.5}
    assert items["cats/2.png"].description.caption == "of the JSON"
    assert items["dogs/1.jpg"].description.source_uri.endswith("a.tar#dogs/1.jpg")
    found = await contents(sources_of(), saved(tmp_path, content))
    assert found["a.tar/cats/3.right.jpg"] == b"right"


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("piece", [7, 512, 1 << 20])
async def test_every_format_and_any_pieces(format: int, piece: int) -> None:
    long = "/".join(["d" * 40] * (2 if format == tarfile.USTAR_FORMAT else 8)) + "/é.jpg"
    names = {"a.jpg": b"x" * 511, long: b"y" * 513, "empty.jpg": b"", "./b//c.jpg": b"z"}
    content = tar_of(names, format=format)
    found = await members_of(content, piece)
    assert [member.name for member in found] == ["a.jpg", long, "empty.jpg", "b/c.jpg"]
    read = [content[member.offset : member.offset + member.size] for member in found]
    assert read == list(names.values())
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        assert [info.offset_data for info in archive] == [member.offset for member in found]


def with_members(*infos: tarfile.TarInfo) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for info in infos:
            archive.addfile(info, io.BytesIO(bytes(info.size)))
    return target.getvalue()


def info(name: str, type: bytes = tarfile.REGTYPE, **values: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type = type
    for key, value in values.items():
        setattr(made, key, value)
    return made


async def test_links_and_names_that_lead_out_are_that_members_failure(tmp_path: Path) -> None:
    content = with_members(
        info("link.jpg", tarfile.SYMTYPE, linkname="/etc/passwd"),
        info("hard.jpg", tarfile.LNKTYPE, linkname="../secret"),
        info("device.jpg", tarfile.CHRTYPE),
        info("pipe.jpg", tarfile.FIFOTYPE),
        info("folder.jpg", tarfile.DIRTYPE),
        info("../../out.jpg", size=3),
        info("/etc/absolute.jpg", size=3),
        info("good.jpg", size=3),
    )
    found = await contents(sources_of(), saved(tmp_path, content))
    assert found == {
        "a.tar/link.jpg": "is a link",
        "a.tar/hard.jpg": "is a link",
        "a.tar/../../out.jpg": "has a name that leads out of the archive",
        "a.tar/etc/absolute.jpg": bytes(3),
        "a.tar/good.jpg": bytes(3),
    }


async def test_sparse_files_and_large_ones_are_told_and_not_read(tmp_path: Path) -> None:
    sparse = info("sparse.jpg", size=4)
    sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.realsize": str(1 << 50)}
    large = info("large.jpg", size=MAX_CONTENT_BYTES + 1)
    items = await items_of(tmp_path, with_members(sparse, info("old.jpg", tarfile.GNUTYPE_SPARSE), large))
    assert items["sparse.jpg"].problem == items["old.jpg"].problem == "is a sparse file"
    assert "has more than" in items["large.jpg"].problem


def patched(content: bytes, at: int, value: bytes) -> bytes:
    """A header with a field changed, and the checksum that fits."""
    block = bytearray(content[:512])
    block[at : at + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = f"{sum(block):06o}\0 ".encode()
    return bytes(block) + content[512:]


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (lambda good: b"not a tar file at all".ljust(2000), "no tar file"),
        (lambda good: good[:700], "breaks off"),
        (lambda good: good[:100], "breaks off"),
        (lambda good: b"\x1f\x8b" + bytes(600), "compressed"),
        (lambda good: patched(good, 124, b"\xff" * 12), "no size|no tar file"),
        (lambda good: patched(good, 124, b"\x80" + b"\xff" * 11), "no size|breaks off"),
        (lambda good: patched(good, 124, b"77777777777\0"), "breaks off"),
        (lambda good: patched(patched(good, 156, b"x"), 124, b"00077777777\0"), "a header of more"),
        (lambda good: patched(patched(good, 156, b"L"), 124, b"77777777777\0"), "a header of more"),
        (
            lambda good: patched(patched(good, 156, b"g"), 124, b"00000000000\0")[:512] * 40,
            "too many headers",
        ),
    ],
)
async def test_archives_that_break_or_lie_end_with_a_reason(
    tmp_path: Path, broken: Callable[[bytes], bytes], why: str
) -> None:
    good = tar_of({"a.jpg": b"x" * 600, "b.jpg": b"y"})
    with pytest.raises(InvalidArgument, match=why):
        await members_of(broken(good))
    found = await items_of(tmp_path, broken(good))
    assert [item.key for item in found.values() if item.problem] == ["a.tar"]
    assert MAX_HEADER_BYTES < 1 << 20


async def test_what_came_before_the_break_is_kept_and_the_next_archive_is_read(tmp_path: Path) -> None:
    first = tar_of({"1.jpg": b"x" * 600, "2.jpg": b"y" * 600, "3.jpg": b"z" * 600})
    (tmp_path / "b.tar").write_bytes(tar_of({"4.jpg": b"4"}))
    source = saved(tmp_path, first[: 3 * 512 + 1024 + 700])
    both = ArchiveSource(uris=(*source.uris, (tmp_path / "b.tar").as_uri()))
    found = await contents(sources_of(), both)
    assert found["a.tar/1.jpg"] == b"x" * 600
    assert found["b.tar/4.jpg"] == b"4"
    assert "breaks off" in str(found["a.tar"])


async def test_a_name_that_is_there_twice_is_told(tmp_path: Path) -> None:
    content = with_members(info("a.jpg", size=1), info("b.jpg", size=1), info("a.jpg", size=2))
    found = await contents(sources_of(), saved(tmp_path, content))
    assert len(found) == 3
    assert "is there twice" in found.values()


async def test_archives_with_the_same_name_do_not_mix(tmp_path: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.tar").write_bytes(tar_of({"1.jpg": name.encode()}))
    source = ArchiveSource(uris=tuple((tmp_path / name / "a.tar").as_uri() for name in ("x", "y")))
    assert list((await contents(sources_of(), source)).values()) == [b"x", b"y"]


async def test_reading_stays_in_the_sources_own_archives(tmp_path: Path) -> None:
    source = saved(tmp_path, tar_of({"1.jpg": b"x"}))
    (tmp_path / "secret.tar").write_bytes(b"secret")
    other = {"shard": (tmp_path / "secret.tar").as_uri(), "offset": 0, "size": 6, "version": ""}
    async with sources_of().open(source) as opened:
        with pytest.raises(InvalidArgument):
            await opened.read(SourceItem(key="x", locator=other))


async def test_a_host_without_ranges_is_told(tmp_path: Path) -> None:
    async with web_server() as web:
        web.pages["/a.tar"] = tar_of({"1.jpg": b"x"})
        (found,) = (await contents(sources_of(), ArchiveSource(uris=(f"{web.address}/a.tar",)))).values()
        assert "does not answer ranges" in str(found)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument):
        sources_of().check(ArchiveSource(uris=()))
    with pytest.raises(InvalidArgument):
        sources_of().check(ArchiveSource(uris=("ftp://x/a.tar",)))
    with pytest.raises(FailedPrecondition):
        sources_of([tmp_path / "other"]).check(saved(tmp_path, b""))


async def test_a_range_of_numbers_names_many_archives(tmp_path: Path) -> None:
    for number in range(8, 12):
        (tmp_path / f"x-{number:03}.tar").write_bytes(tar_of({"1.jpg": str(number).encode()}))
    found = await contents(sources_of(), ArchiveSource(uris=(f"{tmp_path.as_uri()}/x-{{008..011}}.tar",)))
    assert found == {f"x-{number:03}.tar/1.jpg": str(number).encode() for number in range(8, 12)}
    assert list(expand("x-{8..10}.tar")) == ["x-8.tar", "x-9.tar", "x-10.tar"]
    for wrong in ("x-{0..999999}.tar", "x-{5..4}.tar"):
        with pytest.raises(InvalidArgument):
            sources_of().check(ArchiveSource(uris=(f"file:///{wrong}",)))


async def test_a_folder_of_archives_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "shards").mkdir()
    (tmp_path / "shards/a.tar").write_bytes(tar_of({"1.jpg": b"x"}))
    (tmp_path / "shards/more").symlink_to(tmp_path)
    found = await contents(sources_of(), ArchiveSource(uris=((tmp_path / "shards").as_uri(),)))
    assert found == {"a.tar/1.jpg": b"x", "more/": "is a link that leads out of the folder"}
