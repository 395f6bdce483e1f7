"""Files of folders: what is listed, what is read, and that nothing leads out of the root."""

import asyncio
import os
from pathlib import Path

import pytest

from orchestrator.adapters.sources.folder import DEEPEST, FolderStorage
from orchestrator.domain.errors import FailedPrecondition, InvalidArgument
from orchestrator.domain.import_source import FilesSource, SourceItem
from tests.fixtures.sources import contents, listed, sources_of


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path.resolve() / "tree"
    for name in ("a.jpg", "street/sign.PNG", "street/2026/car.webp", "street/notes.txt", "readme.md", ".jpg"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    (root / "street/sign.txt").write_text("a sign\nbeside a road\n")
    return root


def of(root: Path, pattern: str = "") -> FilesSource:
    return FilesSource(uri=root.as_uri(), pattern=pattern)


async def test_folders_become_folders_and_a_text_beside_a_picture_its_caption(tree: Path) -> None:
    items = {item.key: item for item in await listed(sources_of(), of(tree))}
    assert items.keys() == {"a.jpg", "street/sign.PNG", "street/2026/car.webp"}
    sign = items["street/sign.PNG"]
    assert (sign.description.folder, sign.description.display_name) == ("street", "sign.PNG")
    assert sign.description.caption == "a sign beside a road"
    assert sign.description.source_uri == (tree / "street/sign.PNG").as_uri()
    assert sign.size_bytes == len("street/sign.PNG")
    assert items["street/2026/car.webp"].description.folder == "street/2026"
    assert items["a.jpg"].description.caption == ""


async def test_a_pattern_narrows_them_down(tree: Path) -> None:
    assert set(await contents(sources_of(), of(tree, "street/**/*.webp"))) == {"street/2026/car.webp"}
    assert set(await contents(sources_of(), of(tree, "*.jpg"))) == {"a.jpg"}


async def test_a_changed_file_or_caption_has_another_fingerprint(tree: Path) -> None:
    async def prints() -> dict[str, str]:
        return {item.key: item.fingerprint for item in await listed(sources_of(), of(tree))}

    before = await prints()
    assert await prints() == before
    (tree / "street/sign.txt").write_text("another sign\n")
    (tree / "a.jpg").write_bytes(b"new")
    after = await prints()
    assert {key for key in after if after[key] != before[key]} == {"a.jpg", "street/sign.PNG"}


async def test_links_never_lead_out_of_the_root(tree: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.jpg").write_bytes(b"secret")
    (tree / "file.jpg").symlink_to(secret / "key.jpg")
    (tree / "folder").symlink_to(secret)
    (tree / "loop").symlink_to(tree)
    (tree / "inside.jpg").symlink_to("street/sign.PNG")
    (tree / "nowhere.jpg").symlink_to("gone.jpg")
    found = await contents(sources_of(), of(tree))
    assert b"secret" not in found.values()
    assert "leads out" in str(found["file.jpg"])
    assert "leads out" in str(found["folder/"])
    assert "loop/" not in found
    assert found["inside.jpg"] == b"street/sign.PNG"
    assert "nowhere.jpg" not in found
    storage = FolderStorage(tree)
    for path in (
        "../secret/key.jpg",
        "folder/key.jpg",
        "file.jpg",
        "/etc/passwd",
        "street/../../secret/key.jpg",
    ):
        with pytest.raises(InvalidArgument):
            await storage.read(path, limit=100)


async def test_a_file_swapped_for_a_link_a_pipe_or_nothing_is_not_read(tree: Path, tmp_path: Path) -> None:
    items = {item.key: item for item in await listed(sources_of(), of(tree))}
    (tmp_path / "secret").write_bytes(b"secret")
    (tree / "a.jpg").unlink()
    (tree / "a.jpg").symlink_to(tmp_path / "secret")
    (tree / "street/sign.PNG").unlink()
    os.mkfifo(tree / "street/sign.PNG")
    (tree / "street/2026/car.webp").unlink()
    async with sources_of().open(of(tree)) as source, asyncio.timeout(20):
        for item in items.values():
            with pytest.raises(InvalidArgument):
                await source.read(item)


async def test_a_file_that_has_grown_beyond_the_limit_is_not_read(tree: Path) -> None:
    storage = FolderStorage(tree)
    with pytest.raises(InvalidArgument, match="more than 3 bytes"):
        await storage.read("a.jpg", limit=3)
    assert await storage.read_range("a.jpg", 2, 2) == b"jp"
    assert await storage.read_range("a.jpg", 2, 2000) == b"jpg"
    version = (await storage.stat("a.jpg")).version
    (tree / "a.jpg").write_bytes(b"changed since")
    with pytest.raises(InvalidArgument, match="has changed"):
        await storage.read_range("a.jpg", 2, 2, version=version)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
async def test_folders_that_may_not_be_read_are_told_and_the_rest_goes_on(tree: Path) -> None:
    (tree / "street/2026").chmod(0)
    try:
        await _told(tree)
    finally:
        (tree / "street/2026").chmod(0o700)


async def test_a_folder_that_cannot_be_opened_is_told_and_the_rest_goes_on(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def refusing(path: object, flags: int, *arguments: int, dir_fd: int | None = None) -> int:
        if path == b"2026":
            raise PermissionError
        return opened(path, flags, *arguments, dir_fd=dir_fd)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refusing)
    await _told(tree)


async def _told(tree: Path) -> None:
    found = await contents(sources_of(), of(tree))
    assert found["street/2026/"] == "the folder cannot be read"
    assert found.keys() == {"a.jpg", "street/sign.PNG", "street/2026/"}


async def test_depth_has_an_end_and_names_need_not_be_utf8(tree: Path) -> None:
    deep = tree.joinpath(*["d"] * (DEEPEST + 1))
    deep.mkdir(parents=True)
    (deep / "a.jpg").write_bytes(b"x")
    (tree / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"latin")
    (tree / "bytes:x.jpg").write_bytes(b"plain")
    found = await contents(sources_of(), of(tree))
    assert any("folders deep" in str(value) for value in found.values())
    assert {b"latin", b"plain"} < set(found.values())  # type: ignore[arg-type]
    assert all(key.encode() for key in found)


async def test_only_what_may_be_read_is_read(tree: Path, tmp_path: Path) -> None:
    sources = sources_of([tree / "street"])
    assert set(await contents(sources, of(tree / "street"))) == {"sign.PNG", "2026/car.webp"}
    (tree / "street/out").symlink_to(tmp_path)
    for folder in (
        tree,
        tmp_path / "nowhere",
        tree / "street/out",
        tree / "street/../../tree",
        tree / "streets",
    ):
        with pytest.raises(FailedPrecondition, match="SIGHTLINE_IMPORT_ROOTS"):
            sources.check(FilesSource(uri=f"file://{folder}"))
    with pytest.raises(FailedPrecondition):
        sources_of([]).check(of(tree))


@pytest.mark.parametrize(
    "uri",
    ["", "tree", "file://tree/x", "http://x/y", "ftp://x/y", "file:", "s3://", "file:///a%00b", "s3://["],
)
def test_what_is_no_folder_is_refused(uri: str) -> None:
    with pytest.raises(InvalidArgument):
        sources_of().check(FilesSource(uri=uri))


async def test_a_folder_that_is_not_there_is_told(tree: Path) -> None:
    with pytest.raises(InvalidArgument):
        await listed(sources_of(), of(tree / "nowhere"))
    with pytest.raises(InvalidArgument):
        await listed(sources_of(), of(tree, "nowhere/*.jpg"))
    with pytest.raises(InvalidArgument):
        await listed(sources_of(), of(tree / "a.jpg"))


async def test_a_listing_may_be_left_and_begun_again(tree: Path) -> None:
    many = tree / "many"
    many.mkdir()
    for number in range(2_000):
        (many / f"{number}.jpg").touch()
    seen: list[SourceItem] = []
    async with sources_of().open(of(many)) as source:
        async for item in source.items():
            seen.append(item)
            if len(seen) == 5:
                break
    assert len(seen) == 5
    assert len(await listed(sources_of(), of(many))) == 2_000
