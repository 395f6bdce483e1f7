"""A pack's checkpoint, from a hub of ours over real HTTP: whole, cut, killed, corrupted, refused, kept."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from transformers import CLIPModel

from model_repository.export import clip, download, sam2, staged_parity
from model_repository.export.checkpoint_cache import Checkpoint
from model_repository.export.clip_checkpoint import load_checkpoint
from model_repository.export.download import obtain
from model_repository.export.hub import Hub
from model_repository.export.install import revision_of
from model_repository.export.source import DownloadError, read_source
from orchestrator.adapters.triton.packs import read_packs
from tests.export.blip_checkpoints import no_triton
from tests.export.test_export_clip import checkpoint as clip_checkpoint  # noqa: F401
from tests.fixtures.hub import FakeHub, running_hub

WEIGHTS = random.Random(1).randbytes(600_000)
SHA256 = hashlib.sha256(WEIGHTS).hexdigest()
REPOSITORY = "someone/some-sam"


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with running_hub(FakeHub(REPOSITORY, {"weights.pt": WEIGHTS, "config.json": b"{}"})) as running:
        yield running


class Place:
    """A folder of descriptions, with one pack, and a cache."""

    def __init__(self, root: Path, hub: FakeHub) -> None:
        self.packs, self.cache, self.hub = root / "packs", root / "cache", hub
        self.packs.mkdir()
        self.folder = self.cache / "some" / hub.commit
        self.describe()

    def describe(self, revision: str = "", weights: str = "", rest: str = "") -> None:
        (self.packs / "some.toml").write_text(
            f'name = "some"\nlicence = "MIT"\nsource = "hub:{REPOSITORY}"\nsource_revision = "{revision}"\n'
            f'revision = ""\n\n[[source_files]]\npath = "weights.pt"\n{weights}\n{rest}'
        )

    def obtain(self, given: str | None = None) -> Checkpoint:
        impatient = Hub(endpoint=self.hub.address, attempts=3, backoff=0.01)
        return obtain("some", self.packs, given, cache=self.cache, hub=impatient)

    def refused(self, given: str | None = None) -> str:
        with pytest.raises(DownloadError) as raised:
            self.obtain(given)
        assert "\n" not in str(raised.value)
        return str(raised.value)

    def command(self, *more: str) -> list[str]:
        module = [sys.executable, "-m", "model_repository.export.download", "some"]
        return [*module, "--packs", str(self.packs), "--cache", str(self.cache), *more]

    def environment(self) -> dict[str, str]:
        return {**os.environ, "HF_ENDPOINT": self.hub.address}

    def run(self, *more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*more), env=self.environment(), capture_output=True, text=True, timeout=60
        )

    def kept(self) -> list[str]:
        return sorted(each.name for each in self.folder.glob("*"))


@pytest.fixture
def place(tmp_path: Path, hub: FakeHub) -> Place:
    return Place(tmp_path, hub)


def test_a_checkpoint_is_fetched_whole(place: Place) -> None:
    had = place.obtain()
    assert had.path == place.folder / "weights.pt"
    assert had.path.read_bytes() == WEIGHTS
    assert (had.commit, had.files["weights.pt"].sha256) == (place.hub.commit, SHA256)
    assert place.kept() == ["weights.pt"]


def test_several_files_make_a_folder_and_only_what_the_pack_names_is_fetched(place: Place) -> None:
    place.hub.files["other.bin"] = WEIGHTS
    alternatives = '[[source_files]]\npath = ["none.json", "config.json"]\n'
    rest = alternatives + '[[source_files]]\npath = "no"\noptional = true'
    place.describe(rest=rest)
    assert place.obtain().path == place.folder
    assert place.kept() == ["config.json", "weights.pt"]


def test_nothing_is_asked_of_the_hub_when_a_pinned_checkpoint_is_there(place: Place) -> None:
    place.describe(place.hub.commit, f'sha256 = "{SHA256}"\nsize = {len(WEIGHTS)}')
    first = place.obtain()
    place.hub.requests.clear()
    assert place.obtain() == first
    assert place.hub.requests == []


def test_what_is_not_pinned_is_taken_from_the_cache_when_the_hub_is_away(
    place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    first = place.obtain()
    place.hub.status = 503
    assert place.obtain() == first
    assert f"Taking {place.hub.commit}" in capfd.readouterr().err


def test_a_connection_that_ends_early_is_resumed(place: Place) -> None:
    place.hub.cut_after = [200_000, 100_000]
    assert place.obtain().path.read_bytes() == WEIGHTS
    asked = [each for _, path, each in place.hub.requests if "resolve" in path]
    assert asked == [None, "bytes=200000-", "bytes=300000-"]
    assert place.hub.sent == len(WEIGHTS)


def test_storage_on_another_host_is_resumed_and_sees_no_token(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    place.hub.redirect, place.hub.cut_after = True, [200_000]
    assert place.obtain().path.read_bytes() == WEIGHTS
    stored = [each for _, path, each in place.hub.requests if path.startswith("/storage/")]
    assert stored == [None, "bytes=200000-"]
    for path, token in place.hub.tokens:
        assert token == (None if path.startswith("/storage/") else "Bearer hf_secret")


def test_a_hub_without_ranges_is_read_from_the_start(place: Place) -> None:
    place.hub.cut_after, place.hub.ranges = [200_000], False
    assert place.obtain().path.read_bytes() == WEIGHTS


def test_attempts_without_progress_end_and_the_next_run_goes_on(place: Place) -> None:
    place.hub.cut_after = [200_000, 0, 0, 0]
    assert "run the same again to go on" in place.refused()
    assert place.kept() == ["weights.pt.part"]
    place.hub.requests.clear()
    assert place.obtain().path.read_bytes() == WEIGHTS
    assert (
        "GET",
        f"/{REPOSITORY}/resolve/{place.hub.commit}/weights.pt",
        "bytes=200000-",
    ) in place.hub.requests
    assert place.kept() == ["weights.pt"]


@pytest.mark.parametrize(
    ("blow", "said"), [(signal.SIGKILL, ""), (signal.SIGINT, "run the same again to go on")]
)
def test_a_download_that_is_stopped_goes_on_where_it_was(place: Place, blow: int, said: str) -> None:
    place.hub.pause = 0.1
    part = place.folder / "weights.pt.part"
    # In the background a shell ignores SIGINT, and so would the children of the tests.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        place.command(), env=place.environment(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    deadline = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size > 100_000):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(blow)
    shown = process.communicate()[1]
    assert said in shown
    assert "Traceback" not in shown
    had = part.stat().st_size
    assert place.kept() == ["weights.pt.part"]
    place.hub.pause, place.hub.requests = 0.0, []
    done = place.run()
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(place.folder / "weights.pt")
    assert (place.folder / "weights.pt").read_bytes() == WEIGHTS
    assert [each for _, path, each in place.hub.requests if "resolve" in path] == [f"bytes={had}-"]


def test_corrupted_bytes_are_refused_and_removed(place: Place) -> None:
    place.hub.corrupt = 1
    assert "did not arrive as it should and was removed, run the same again: sha256" in place.refused()
    assert place.kept() == []
    assert place.obtain().path.read_bytes() == WEIGHTS


def test_a_corrupted_part_is_fetched_anew(place: Place) -> None:
    place.folder.mkdir(parents=True)
    (place.folder / "weights.pt.part").write_bytes(b"x" * 1000)
    assert place.obtain().path.read_bytes() == WEIGHTS


def test_a_cached_file_that_changed_is_fetched_anew(place: Place) -> None:
    place.describe(place.hub.commit)
    place.obtain().path.write_bytes(WEIGHTS[:-1] + b"x")
    assert place.obtain().path.read_bytes() == WEIGHTS


def test_another_hash_than_the_pinned_one_is_refused_before_it_is_fetched(place: Place) -> None:
    place.describe(weights=f'sha256 = "{"0" * 64}"')
    message = place.refused()
    assert f"sha256 {SHA256}, not {'0' * 64}" in message
    assert "packs/some.toml" in message
    assert place.hub.sent == 0


def test_a_pin_holds_where_the_hub_announces_nothing(place: Place) -> None:
    place.hub.announce = False
    place.describe(weights=f'sha256 = "{"0" * 64}"')
    assert f"sha256 {SHA256}, not {'0' * 64}" in place.refused()
    assert place.kept() == []


def test_a_pin_holds_for_what_was_fetched_before_it(place: Place) -> None:
    place.obtain()
    place.describe(place.hub.commit, f'sha256 = "{"0" * 64}"')
    assert "is not what some pins" in place.refused()


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (
            401,
            "RepoNotFound",
            "no such repository, or a private one (401): correct source in the pack, or set",
        ),
        (401, "", "refuses (401): set HF_TOKEN"),
        (403, "GatedRepo", "access must be asked for on the repository's page (403): then set HF_TOKEN"),
        (403, "", "refuses (403): set HF_TOKEN"),
        (404, "RepoNotFound", "no such repository, or a private one (404)"),
        (503, "", "answers 503: try again later"),
    ],
)
def test_a_refusal_is_said_in_one_line(place: Place, status: int, code: str, said: str) -> None:
    place.hub.status, place.hub.error_code = status, code
    assert said in place.refused()
    assert len(place.hub.requests) == (3 if status == 503 else 1)


def test_a_revision_or_a_file_that_is_not_there_is_named(place: Place) -> None:
    place.describe("f" * 40)
    assert f"{REPOSITORY} at {'f' * 40}: no such revision (404)" in place.refused()
    place.describe(rest='[[source_files]]\npath = "none.bin"')
    assert "has no none.bin: correct source_files" in place.refused()
    assert place.hub.sent == 0


def test_a_hub_that_is_down_is_said_in_one_line(place: Place) -> None:
    place.hub.address = "http://127.0.0.1:9"
    assert "http://127.0.0.1:9 cannot be reached" in place.refused()
    done = place.run("--from", str(place.packs / "none.pt"))
    assert (done.returncode, done.stderr) == (
        1,
        f"{place.packs}/none.pt: no such file or folder, nor the id of a hub repository\n",
    )


def test_a_full_disk_is_said_before_anything_is_fetched(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(place.packs)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert "weights.pt needs 600,000 bytes more" in place.refused()
    assert place.hub.sent == 0


def test_a_disk_that_fills_up_is_said_in_one_line(place: Place) -> None:
    place.folder.mkdir(parents=True)
    (place.folder / "weights.pt.part").symlink_to("/dev/full")
    assert "the disk is full: free some space" in place.refused()


def test_a_checkpoint_that_is_there_is_compared_with_the_pins(place: Place, tmp_path: Path) -> None:
    place.describe(weights=f'sha256 = "{SHA256}"')
    (tmp_path / "good").mkdir()
    good = tmp_path / "good" / "weights.pt"
    good.write_bytes(WEIGHTS)
    assert place.obtain(str(good)).path == place.obtain(str(good.parent)).path == good
    bad = tmp_path / "bad.pt"
    bad.write_bytes(WEIGHTS[1:])
    assert f"{bad} is not the file that some pins: sha256" in place.refused(str(bad))
    (tmp_path / "empty").mkdir()
    assert "has no weights.pt, which some needs" in place.refused(str(tmp_path / "empty"))
    assert place.hub.requests == []


def test_a_checkpoint_that_is_there_is_pinned_under_the_names_of_the_repository(
    place: Place, tmp_path: Path
) -> None:
    (tmp_path / "mine.pt").write_bytes(WEIGHTS)
    done = place.run("--from", str(tmp_path / "mine.pt"), "--pin")
    assert (done.returncode, done.stderr) == (1, f"{tmp_path}/mine.pt: no weights.pt: nothing was pinned\n")
    (tmp_path / "mine.pt").rename(tmp_path / "weights.pt")
    assert place.run("--from", str(tmp_path / "weights.pt"), "--pin").returncode == 0
    pack = tomllib.loads((place.packs / "some.toml").read_text())
    assert pack["source_files"] == [{"path": "weights.pt", "sha256": SHA256, "size": len(WEIGHTS)}]
    assert (pack["source_revision"], place.hub.requests) == ("", [])


def test_two_downloads_at_once_fetch_once(place: Place) -> None:
    place.hub.pause = 0.02
    both = [
        subprocess.Popen(place.command(), env=place.environment(), stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert {each.communicate()[0].strip() for each in both} == {str(place.folder / "weights.pt")}
    assert place.hub.sent == len(WEIGHTS)


def test_another_repository_is_fetched_but_never_pinned(place: Place) -> None:
    place.hub.repository, place.hub.files = (
        "someone/else",
        {"config.json": b"{}", "model.safetensors": WEIGHTS},
    )
    before = (place.packs / "some.toml").read_text()
    done = place.run("--from", "someone/else", "--pin")
    assert f"names {REPOSITORY}: someone/else cannot be pinned there" in done.stderr
    assert (done.returncode, place.kept()) == (1, ["config.json", "model.safetensors"])
    assert (place.packs / "some.toml").read_text() == before


def test_pinning_writes_what_was_fetched(place: Place) -> None:
    shown = place.run()
    assert f"weights.pt: 600,000 bytes, sha256 {SHA256}" in shown.stderr
    assert "--pin writes these" in shown.stderr
    assert "some.toml pins 1 files" in place.run("--pin").stderr
    pack = tomllib.loads((place.packs / "some.toml").read_text())
    assert (pack["source_revision"], pack["licence"]) == (place.hub.commit, "MIT")
    assert pack["source_files"] == [{"path": "weights.pt", "sha256": SHA256, "size": len(WEIGHTS)}]
    place.hub.requests.clear()
    assert "--pin" not in place.run().stderr
    assert place.hub.requests == []


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ('sha256 = "abc"', "sha256 must be 64 hexadecimal digits"),
        ("size = -1", "size must be a number of bytes"),
        ('[[source_files]]\npath = "../x"', "path must name a file of the repository"),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(place: Place, weights: str, said: str) -> None:
    place.describe(weights=weights)
    assert said in place.refused()


def test_the_packs_of_this_repository_say_where_they_come_from(tmp_path: Path) -> None:
    for name in ("tiny", "small", "base-plus", "large"):
        source = read_source(f"sam2.1-{name}", download.PACKS)
        assert source is not None
        assert source.repository == f"facebook/sam2.1-hiera-{name}"
        assert [file.paths for file in source.files] == [(f"sam2.1_hiera_{name.replace('-', '_')}.pt",)]
    clip = read_source("clip-vit-b32", download.PACKS)
    assert clip is not None
    assert len(clip.files) == 5
    # The server reads the same files, and serves no pack before its models are there.
    read_packs(download.PACKS, tmp_path)


def test_a_clip_goes_from_the_hub_into_the_tree_and_again_without_it(
    clip_checkpoint: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = {each.name: each.read_bytes() for each in clip_checkpoint.iterdir()}
    packs, models = tmp_path / "packs", tmp_path / "models"
    packs.mkdir()
    (packs / "tiny.toml").write_text(
        'name = "tiny"\nlicence = "MIT"\nsource = "hub:some/clip"\nsource_revision = ""\nrevision = ""\n'
    )
    monkeypatch.setenv("SIGHTLINE_CHECKPOINTS_DIR", str(tmp_path / "cache"))
    export = ["--pack", "tiny", "--models", str(models), "--packs", str(packs)]
    with running_hub(FakeHub("some/clip", files)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        assert clip.main(export) == 0
        pack = tomllib.loads((packs / "tiny.toml").read_text())
        assert pack["source_revision"] == hub.commit
        assert pack["revision"] == revision_of(models, "tiny")
        assert {each.name for each in models.glob("tiny_*")} == {"tiny_image", "tiny_text", "tiny_text_tower"}
        assert read_packs(packs, models)["tiny"].embedder is not None
        hub.requests.clear()
        hub.files["model.safetensors"] += b"x"
        assert download.main(["tiny", "--packs", str(packs), "--pin"]) == 0
        assert hub.requests == []
    assert read_packs(packs, models)["tiny"].revision == pack["revision"]
    (tmp_path / "elsewhere").mkdir()
    broken = tmp_path / "elsewhere" / "model.safetensors"
    for name, content in files.items():
        (broken.parent / name).write_bytes(content)
    broken.write_bytes(files["model.safetensors"] + b"x")
    capsys.readouterr()
    assert clip.main([*export, "--checkpoint", str(broken.parent)]) == 1
    assert f"{broken} is not the file that tiny pins" in capsys.readouterr().err


INDEX = "model.safetensors.index.json"


@pytest.fixture(scope="module")
def sharded(clip_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    """The same CLIP, its weights in several files, as transformers saves a large one."""
    folder = tmp_path_factory.mktemp("sharded")
    shutil.copytree(
        clip_checkpoint, folder, ignore=shutil.ignore_patterns("*.safetensors"), dirs_exist_ok=True
    )
    CLIPModel.from_pretrained(clip_checkpoint).save_pretrained(folder, max_shard_size="50KB")
    assert len(shards(folder)) >= 3
    return folder


def shards(folder: Path) -> list[str]:
    named = set(json.loads((folder / INDEX).read_text())["weight_map"].values())
    assert not (folder / "model.safetensors").exists()
    return sorted(named)


class ShardedPlace(Place):
    """A pack whose checkpoint the hub has in shards."""

    def __init__(self, root: Path, folder: Path, hub: FakeHub) -> None:
        hub.files = {each.name: each.read_bytes() for each in folder.iterdir()}
        super().__init__(root, hub)

    def describe(self, revision: str = "", weights: str = "", rest: str = "") -> None:
        files = [f'[[source_files]]\npath = "{name}"\n' for name in ("config.json", "tokenizer.json")]
        files += [
            '[[source_files]]\npath = ["preprocessor_config.json", "processor_config.json"]\n',
            f'[[source_files]]\npath = ["model.safetensors", "pytorch_model.bin"]\n{weights}\n',
        ]
        (self.packs / "some.toml").write_text(
            f'name = "some"\nlicence = "MIT"\nsource = "hub:{REPOSITORY}"\nsource_revision = "{revision}"\n'
            f'revision = ""\n\n{"".join(files)}{rest}'
        )


@pytest.fixture
def sharded_place(tmp_path: Path, sharded: Path, hub: FakeHub) -> ShardedPlace:
    return ShardedPlace(tmp_path, sharded, hub)


def test_shards_are_fetched_pinned_and_checked_like_any_file(
    sharded_place: ShardedPlace, sharded: Path
) -> None:
    place = sharded_place
    place.hub.files["other.safetensors"] = WEIGHTS
    assert place.run("--pin").returncode == 0
    fetched = ["config.json", "preprocessor_config.json", "tokenizer.json", INDEX, *shards(sharded)]
    assert place.kept() == sorted(fetched)
    for name in fetched:
        assert (place.folder / name).read_bytes() == (sharded / name).read_bytes()
    pins = tomllib.loads((place.packs / "some.toml").read_text())["source_files"]
    assert {each["path"]: each["sha256"] for each in pins} == {
        name: hashlib.sha256((sharded / name).read_bytes()).hexdigest() for name in fetched
    }
    place.hub.requests.clear()
    assert place.obtain().path == place.folder
    assert place.hub.requests == []
    # One shard changes under the same name: that one is fetched again, and the pin still holds.
    second = place.folder / shards(sharded)[1]
    second.write_bytes(second.read_bytes()[:-1] + b"x")
    assert place.obtain().path == place.folder
    assert [path.rsplit("/", 1)[1] for _, path, _ in place.hub.requests if "resolve" in path] == [second.name]
    shutil.rmtree(place.cache)
    place.hub.files[second.name] = place.hub.files[second.name][:-1] + b"x"
    assert f"{second.name} of {REPOSITORY} is not what some pins: sha256" in place.refused()
    assert place.hub.files[second.name] != (sharded / second.name).read_bytes()


def test_a_shard_that_was_cut_is_resumed(sharded_place: ShardedPlace, sharded: Path) -> None:
    first, second, *_ = shards(sharded)
    place = sharded_place
    fetch_order = ["config", "tokenizer", "preprocessor", "index", first]
    whole = [10**9] * (len(fetch_order) - 1)
    place.hub.cut_after = [*whole, 20_000, 0, 0, 0]
    assert f"{first} of {REPOSITORY}" in (said := place.refused())
    assert "run the same again to go on" in said
    assert f"{first}.part" in place.kept()
    assert second not in place.kept()
    place.hub.requests.clear()
    assert place.obtain().path == place.folder
    ranges = {path.rsplit("/", 1)[1]: each for _, path, each in place.hub.requests if "resolve" in path}
    assert ranges[first] == "bytes=20000-"
    assert set(ranges) == set(shards(sharded))
    for name in shards(sharded):
        assert (place.folder / name).read_bytes() == (sharded / name).read_bytes()


def test_a_shard_that_is_missing_is_named_before_any_is_fetched(
    sharded_place: ShardedPlace, sharded: Path, tmp_path: Path
) -> None:
    place, lost = sharded_place, shards(sharded)[1]
    del place.hub.files[lost]
    models = tmp_path / "models"
    export = ["--pack", "some", "--models", str(models), "--packs", str(place.packs)]
    count = len(shards(sharded))
    problem = f"lacks 1 of the {count} shards that {INDEX} names, the first {lost}"
    assert f"{REPOSITORY} at {place.hub.commit} {problem}" in place.refused()
    assert place.kept() == [INDEX]
    shutil.copytree(sharded, folder := tmp_path / "incomplete")
    (folder / lost).unlink()
    assert f"{folder} {problem}" in place.refused(str(folder))
    # Nor with a pack that nobody described.
    for pack in ("some", "other"):
        assert clip.main([*export, "--pack", pack, "--checkpoint", str(folder)]) == 1
    assert not models.exists()


@pytest.mark.parametrize("index", [b"", b"[]", b'{"weight_map": {}}', b'{"weight_map": {"a": "../b"}}'])
def test_an_index_that_names_nothing_is_refused(sharded_place: ShardedPlace, index: bytes) -> None:
    sharded_place.hub.files[INDEX] = index
    assert f"{REPOSITORY} at {sharded_place.hub.commit}: {INDEX}" in sharded_place.refused()


def test_a_sharded_clip_is_the_whole_one(
    sharded: Path,
    clip_checkpoint: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found, expected = (load_checkpoint(str(each)).model.state_dict() for each in (sharded, clip_checkpoint))
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    # Of which a shard is cut short is none.
    shutil.copytree(sharded, folder := tmp_path / "cut")
    cut = folder / shards(sharded)[0]
    cut.write_bytes(cut.read_bytes()[:-1000])
    places = ["--models", str(tmp_path / "models"), "--packs", str(tmp_path / "packs")]
    assert clip.main(["--pack", "cut", "--checkpoint", str(folder), *places]) == 1
    said = capsys.readouterr().err.splitlines()[-1]  # after transformers' progress
    assert said.startswith(f"{folder} is not a CLIP checkpoint in transformers' layout: ")
    assert not (tmp_path / "models").exists()


def test_a_sharded_clip_goes_from_the_hub_into_the_tree(
    sharded_place: ShardedPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staged_parity, "staged_triton", no_triton)
    monkeypatch.setenv("SIGHTLINE_CHECKPOINTS_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_ENDPOINT", sharded_place.hub.address)
    places = ["--models", str(tmp_path / "models"), "--packs", str(sharded_place.packs)]
    assert clip.main(["--pack", "some", *places]) == 0
    pack = tomllib.loads((sharded_place.packs / "some.toml").read_text())
    assert (pack["source_revision"], pack["revision"]) == (
        sharded_place.hub.commit,
        revision_of(tmp_path / "models", "some"),
    )


def test_a_published_segmenter_is_fetched_by_its_size_and_refused_by_its_pin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIGHTLINE_CHECKPOINTS_DIR", str(tmp_path / "cache"))
    with running_hub(FakeHub("facebook/sam2.1-hiera-tiny", {"sam2.1_hiera_tiny.pt": WEIGHTS})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        export = ["--config", "tiny", "--packs", str(tmp_path), "--models", str(tmp_path / "models")]
        assert sam2.main([*export, "--pack", "mine", "--checkpoint", "hub"]) == 1
        kept = tmp_path / "cache" / "mine" / hub.commit / "sam2.1_hiera_tiny.pt"
        assert kept.read_bytes() == WEIGHTS
        assert f"{kept} does not fit the configuration" in capsys.readouterr().err
        pinned = (
            (download.PACKS / "sam2.1-tiny.toml")
            .read_text()
            .replace('.pt"\n', f'.pt"\nsha256 = "{"0" * 64}"\n')
        )
        (tmp_path / "sam2.1-tiny.toml").write_text(pinned)
        assert sam2.main([*export, "--pack", "sam2.1-tiny", "--checkpoint", str(kept)]) == 1
        assert "is not the file that sam2.1-tiny pins" in capsys.readouterr().err
        assert sam2.main([*export, "--pack", "sam2.1-tiny", "--checkpoint", "a/b.pt"]) == 1
        assert capsys.readouterr().err == "a/b.pt: no such file\n"
    assert not (tmp_path / "models").exists()
