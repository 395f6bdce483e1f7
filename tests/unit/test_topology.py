"""What cannot work together is refused at start, with the reason; what can is not."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from orchestrator.adapters.blobs.object_store import ObjectStoreBlobs
from orchestrator.adapters.catalog.peer_rows import SqlPeers
from orchestrator.adapters.catalog.sql_catalog import SqlCatalog
from orchestrator.application.ports.blobs import OWNER_KEY
from orchestrator.bootstrap import CannotStart, open_ports
from orchestrator.domain.deployment import Orchestrator, refusal
from orchestrator.settings import Settings
from orchestrator.topology import (
    CannotWork,
    Presence,
    check_catalog_file,
    claim_blobs,
    file_system,
    has_ended,
    pass_on_mark,
    this_orchestrator,
)

ONE = Orchestrator(
    id="one",
    host="alpha",
    machine="m1",
    network="n1",
    process="m1:p1/7/100",
    index_engine="qdrant",
    index="127.0.0.1:6334",
    index_is_local=True,
    start_time=datetime(2030, 1, 1, tzinfo=UTC),
)
FAR: dict[str, Any] = {"host": "beta", "machine": "m2", "network": "n2"}
SHARED: dict[str, Any] = {"index": "index.internal:6334", "index_is_local": False}
PINECONE: dict[str, Any] = {"index_engine": "pinecone", "index": "s at Pinecone", "index_is_local": False}


@pytest.mark.parametrize(
    ("one", "other", "in_file"),
    [
        ({}, {}, True),  # two on one machine, SQLite and the embedded index
        ({}, {}, False),
        (SHARED, SHARED | FAR, False),
        ({}, SHARED | FAR, False),  # the other may mean this machine's index by its name
        (SHARED, SHARED | {"index": "10.0.0.7:6334"}, False),  # two names may mean one server
        (PINECONE, PINECONE | FAR, False),
        ({}, {"index": "localhost:6334"}, True),
        (SHARED, SHARED | {"network": "n2"}, True),  # two containers of one machine, the file in a volume
    ],
)
def test_what_can_work_together_is_let_in(one: dict[str, Any], other: dict[str, Any], in_file: bool) -> None:
    first, second = replace(ONE, **one), replace(ONE, **other)
    assert refusal(first, [second], catalog_is_file=in_file) is None
    assert refusal(second, [first], catalog_is_file=in_file) is None


@pytest.mark.parametrize(
    ("one", "other", "in_file", "why"),
    [
        (SHARED, SHARED | FAR, True, "PostgreSQL"),
        ({}, FAR, False, "SIGHTLINE_INDEX_ADDRESS"),  # each an embedded index of its own
        ({}, {"network": "n2"}, False, "SIGHTLINE_INDEX_ADDRESS"),  # two containers
        ({}, {"index": "127.0.0.1:7000"}, False, "SIGHTLINE_INDEX_ADDRESS"),
        (SHARED, PINECONE, False, "SIGHTLINE_INDEX_ENGINE"),
        (PINECONE, PINECONE | {"index": "t at Pinecone"}, False, "SIGHTLINE_PINECONE_INDEX"),
    ],
)
def test_what_cannot_is_refused_with_the_reason(
    one: dict[str, Any], other: dict[str, Any], in_file: bool, why: str
) -> None:
    first, second = replace(ONE, **one), replace(ONE, **other)
    for newcomer, there in ((first, second), (second, first)):
        said = refusal(newcomer, [ONE, there] if there == ONE else [there], catalog_is_file=in_file)
        assert said is not None
        assert why in said
        assert there.host in said


def nobody(other: Orchestrator) -> bool:
    """Nobody is known to have ended."""
    return False


MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:40 / /srv rw,relatime - nfs4 server:/export rw
41 22 0:41 / /srv/local\\040disk rw,relatime - xfs /dev/sdb1 rw
42 22 0:42 / /mnt/me rw - fuse.sshfs me@host:/ rw
"""


def test_the_file_system_of_a_path_is_known() -> None:
    kinds = {
        "/tmp/x": "ext4",
        "/srv": "nfs4",
        "/srv/data/catalog.sqlite": "nfs4",
        "/srv/local disk/a": "xfs",
        "/mnt/me/a": "fuse.sshfs",
        "/srvother/a": "ext4",
    }
    assert {path: file_system(Path(path), MOUNTS) for path in kinds} == kinds
    assert file_system(Path("/"), "") == ""
    assert file_system(Path.cwd())  # of this machine


def test_sqlite_on_a_network_s_file_system_is_refused() -> None:
    with pytest.raises(CannotWork, match=r"nfs4.*PostgreSQL"):
        check_catalog_file(Path("/srv/data/catalog.sqlite"), MOUNTS)
    check_catalog_file(Path("/srv/local disk/catalog.sqlite"), MOUNTS)


def test_this_process_knows_where_it_runs() -> None:
    one, two = this_orchestrator("qdrant", "localhost:6334"), this_orchestrator("qdrant", "[::1]:6334")
    assert one.id != two.id
    assert (one.machine, one.network, one.host) == (two.machine, two.network, two.host)
    assert one.index_is_local
    assert two.index_is_local
    assert not this_orchestrator("qdrant", "10.0.0.7:6334").index_is_local
    assert not this_orchestrator("pinecone", "localhost:1").index_is_local


@pytest.fixture
async def catalog(catalog_url: str) -> AsyncIterator[SqlCatalog]:
    catalog = SqlCatalog(catalog_url)
    await catalog.open()
    yield catalog
    await catalog.close()


async def test_one_of_two_that_cannot_work_together_joins(catalog: SqlCatalog) -> None:
    peers = SqlPeers(catalog.database)

    def refuse(newcomer: Orchestrator) -> Any:
        return lambda others: refusal(newcomer, others, catalog_is_file=False)

    for turn in range(5):
        near, far = (replace(ONE, id=f"{turn}a"), replace(ONE, id=f"{turn}b", **FAR))
        said = await asyncio.gather(*(peers.join(each, refuse(each), nobody) for each in (near, far)))
        assert sorted(why is None for why in said) == [False, True]
        for each in (near, far):
            await peers.leave(each.id)


async def test_who_is_silent_is_gone(catalog: SqlCatalog) -> None:
    patient, hasty = SqlPeers(catalog.database), SqlPeers(catalog.database, silent=timedelta(0))
    assert await patient.join(ONE, lambda others: None, nobody) is None
    assert (
        await patient.join(replace(ONE, id="two"), lambda others: f"{len(others)} there", nobody) == "1 there"
    )
    assert (
        await hasty.join(replace(ONE, id="two"), lambda others: "there" if others else None, nobody) is None
    )
    late = replace(ONE, id="three", start_time=ONE.start_time + timedelta(hours=1))
    assert [each.id for each in await patient.beat(late)] == ["two", "three"]
    assert [each.id for each in await patient.beat(ONE)] == ["one", "two", "three"]  # it was away


async def test_who_was_killed_on_this_machine_is_gone_at_once(catalog: SqlCatalog) -> None:
    peers = SqlPeers(catalog.database)
    here = this_orchestrator("qdrant", "127.0.0.1:6334")
    space, number, began = here.process.split("/")
    dead = [
        replace(here, id="reused", process=f"{space}/{number}/1{began}"),
        replace(here, id="ended", process=f"{space}/{2**22 + 1}/{began}"),
    ]
    far = replace(here, id="far", process=f"elsewhere/{number}/{began}")
    for each in (*dead, far, here):
        assert await peers.join(each, lambda others: None, nobody) is None
    newcomer = replace(here, id="new")
    seen: list[str] = []

    def refuse(others: Sequence[Orchestrator]) -> None:
        seen.extend(each.id for each in others)

    await peers.join(newcomer, refuse, partial(has_ended, process=newcomer.process))
    assert sorted(seen) == sorted(["far", here.id])
    assert sorted(each.id for each in await peers.beat(newcomer)) == sorted(["far", here.id, "new"])


async def test_the_oldest_that_is_there_leads(catalog: SqlCatalog) -> None:
    peers = SqlPeers(catalog.database)
    first = Presence(peers, "qdrant", "127.0.0.1:6334")
    second = Presence(peers, "qdrant", "127.0.0.1:6334")
    await first.join(catalog_is_file=True)
    await second.join(catalog_is_file=True)
    assert (first.leads(), second.leads()) == (True, False)
    keeping = asyncio.create_task(second.keep(every=0.01))
    await first.leave()
    async with asyncio.timeout(30):
        while not second.leads():
            await asyncio.sleep(0.01)
    keeping.cancel()


async def test_a_store_of_pictures_belongs_to_one_catalog(tmp_path: Path) -> None:
    stores = [ObjectStoreBlobs((tmp_path / name).as_uri()) for name in ("a", "b")]
    catalogs = [SqlCatalog(f"sqlite:///{tmp_path}/{name}.sqlite") for name in ("a", "b")]
    for each in catalogs:
        await each.open()
    mine, other = (SqlPeers(each.database) for each in catalogs)
    for _ in range(2):
        await claim_blobs(mine, stores[0])
    with pytest.raises(CannotWork, match="another catalog"):  # its sweep would delete them
        await claim_blobs(other, stores[0])
    with pytest.raises(CannotWork, match="lacks the file"):  # as on another machine, with a folder of its own
        await claim_blobs(mine, stores[1])
    third = ObjectStoreBlobs((tmp_path / "c").as_uri())
    for _ in range(2):
        await pass_on_mark(stores[0], third)  # pictures are copied there
    await claim_blobs(mine, third)
    await third.put(OWNER_KEY, b"another")
    with pytest.raises(CannotWork, match="another catalog"):
        await pass_on_mark(stores[0], third)
    await stores[1].put(OWNER_KEY, (await mine.catalog_id()).encode() + b"\n")  # moved there, as one is told
    await claim_blobs(mine, stores[1])
    for each in catalogs:
        await each.close()


async def test_the_orchestrator_does_not_start_on_them(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    async with open_ports(settings), open_ports(settings, serving=True) as ports:
        assert ports.leads()  # what does not serve is not followed
    async with open_ports(settings, serving=True) as ports:
        assert ports.leads()
        async with open_ports(settings, serving=True) as beside:
            assert not beside.leads()
        with pytest.raises(CannotStart, match=r"SIGHTLINE_CATALOG_URL.*SIGHTLINE_INDEX_ADDRESS"):
            async with open_ports(Settings(data_dir=tmp_path, index_address="127.0.0.1:1")):
                pass
        with pytest.raises(CannotStart, match=r"SIGHTLINE_BLOBS_URL.*lacks the file"):
            async with open_ports(Settings(data_dir=tmp_path, blobs_url=(tmp_path / "other").as_uri())):
                pass
    async with open_ports(Settings(data_dir=tmp_path, index_address="127.0.0.1:1")) as ports:
        assert ports.leads()  # those of before have left
