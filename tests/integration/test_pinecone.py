"""Pinecone's own ways, against its published contract: limits, consistency, throttling, keys, indexes."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orchestrator.adapters.index.pinecone import PineconeIndex
from orchestrator.adapters.index.pinecone_indexes import Serverless
from orchestrator.adapters.index.pinecone_metadata import MAX_BYTES, metadata
from orchestrator.application.ports import Kind, VectorRecord
from orchestrator.bootstrap import CannotStart, open_ports
from orchestrator.domain.errors import (
    FailedPrecondition,
    InvalidArgument,
    ResourceExhausted,
    SightlineError,
    Unavailable,
)
from orchestrator.domain.filter import (
    And,
    Attributes,
    Comparison,
    Filter,
    Matches,
    Not,
    Operator,
    Or,
    Present,
)
from orchestrator.domain.names import ImageName, RegionName
from orchestrator.settings import Settings
from tests.fakes.pinecone import Cloud, Weather, running_pinecone
from tests.fakes.pinecone.server import API_KEY

DIMENSION = 8
NAMESPACE = "shop--starter@1+2"
WHERE = Serverless(prefix="sightline", cloud="aws", region="us-east-1")


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(Weather())


@pytest.fixture
def address(cloud: Cloud, shared: Path | None) -> Iterator[str]:
    with running_pinecone(cloud, shared / "contracts" / "pinecone" if shared else None) as found:
        yield found


@asynccontextmanager
async def opened(
    address: str, key: str = API_KEY, where: Serverless = WHERE, timeout: float = 30.0, patience: float = 5.0
) -> AsyncIterator[PineconeIndex]:
    index = PineconeIndex(key, where, host=address, timeout=timeout, patience=patience, lag=0.1)
    try:
        yield index
    finally:
        await index.close()


def record(number: int, dimension: int = DIMENSION, **attributes: Any) -> VectorRecord:
    vector = np.random.default_rng(number).standard_normal(dimension).astype(np.float32)
    return VectorRecord(
        name=str(ImageName("shop", f"i{number}")),
        kind=Kind.IMAGE,
        vector=vector / np.float32(np.linalg.norm(vector)),
        attributes=attributes,
        terms={number: 1.0},
    )


async def test_what_is_written_fits_into_requests(cloud: Cloud, address: str) -> None:
    async with opened(address) as index:
        await index.create_namespace("wide", 1_536)
        many = [record(number, 1_536, caption="word " * 50) for number in range(300)]
        await index.upsert("wide", many)
        await index.create_namespace(NAMESPACE, DIMENSION)
        await index.upsert(NAMESPACE, [record(number) for number in range(2_001)])
        assert await index.count("wide", Kind.IMAGE) == 300
        await index.delete(NAMESPACE, [record(number).name for number in range(2_000)])
        assert [name async for name in index.names(NAMESPACE)] == [record(2_000).name]
    upserts = [path for _, path, _ in cloud.seen if path == "/vectors/upsert"]
    deletes = [path for _, path, _ in cloud.seen if path == "/vectors/delete"]
    # More than 2 MB in each of the first; 1,000, 1,000 and 1 in the others.
    assert (len(upserts) >= 5 + 3, len(deletes)) == (True, 2)
    assert set(cloud.indexes) == {"sightline-8", "sightline-1536"}
    assert cloud.indexes["sightline-8"].spec == {"serverless": {"cloud": "aws", "region": "us-east-1"}}


async def test_attributes_that_do_not_fit_are_found_by_no_filter(address: str) -> None:
    async with opened(address) as index:
        await index.create_namespace(NAMESPACE, DIMENSION)
        long = " ".join(f"слово{number}" for number in range(4_000))
        await index.upsert(
            NAMESPACE,
            [
                record(1, caption=long, width=3.0, **{"metadata.note": "short"}),  # type: ignore[arg-type]
                record(2, caption="short", width=3.0),
                record(3),
            ],
        )

        async def found(filter: object) -> set[str]:
            hits = await index.search(
                NAMESPACE,
                record(1).vector,
                Kind.IMAGE,
                limit=9,
                filter=filter,  # type: ignore[arg-type]
            )
            return {hit.name.rpartition("/")[2] for hit in hits}

        equal = Comparison("caption", Operator.EQ, "short")
        assert await found(None) == {"i1", "i2", "i3"}
        assert await found(Present("caption")) == {"i1", "i2"}
        assert await found(Matches("caption", "слово3")) == set()
        assert await found(Not(Matches("caption", "слово3"))) == {"i2", "i3"}
        assert await found(Not(equal)) == {"i3"}
        assert await found(Not(Matches("caption", "shx", prefix=True))) == {"i2", "i3"}
        # What fits is there.
        assert await found(Comparison("metadata.note", Operator.EQ, "short")) == {"i1"}
        assert await found(And((Comparison("width", Operator.GE, 3.0), Not(equal)))) == set()
        assert await found(Or((Comparison("width", Operator.GE, 3.0), Not(equal)))) == {"i1", "i2", "i3"}


async def test_more_attributes_than_fit_are_written_and_found_by_no_filter(address: str) -> None:
    many: dict[str, Any] = {f"metadata.key{number:04}": float(number) for number in range(2_047)}
    async with opened(address) as index:
        await index.create_namespace(NAMESPACE, DIMENSION)
        await index.upsert(
            NAMESPACE, [record(1, folder="shop", caption="", **many), record(2, folder="shop")]
        )

        async def found(filter: Filter) -> set[str]:
            hits = await index.search(NAMESPACE, record(1).vector, Kind.IMAGE, limit=9, filter=filter)
            assert await index.count(NAMESPACE, Kind.IMAGE, filter) == len(hits)
            return {hit.name.rpartition("/")[2] for hit in hits}

        kept = metadata(many)["tags"]
        having = [name for name in many if f"{name}*" in kept]
        assert 100 < len(having) < len(many)
        for name in (having[0], next(name for name in many if name not in having)):
            here = {"i1"} if name in having else set()
            value = many[name]
            assert await found(Present(name)) == here
            assert await found(Not(Present(name))) == {"i2"}
            assert await found(Comparison(name, Operator.GE, value)) == here
            # Its outline alone is there, and what was left out wholly is known of no longer.
            assert await found(Not(Comparison(name, Operator.GE, value))) == {"i2"}
            assert await found(Not(Comparison(name, Operator.GT, value))) == {"i2"} | here
            assert await found(Comparison(name, Operator.EQ, value)) == set()
            assert await found(Not(Comparison(name, Operator.EQ, value + 1))) == {"i2"}
            assert await found(Not(Matches(name, "wor", prefix=True))) == {"i2"}


@pytest.mark.parametrize(
    "attributes",
    [
        {f"metadata.key{number:04}": "word " * 3 for number in range(2_047)},
        {f"metadata.{number}": [float(number), "слово", True] for number in range(1_500)},
        {"metadata." + "k" * 4_000 + str(number): number for number in range(20)},
        {"caption": "\x01" * 16_000, "labels": [f"{'label' * 50}{number}" for number in range(100)]},
    ],
)
def test_metadata_always_fits(attributes: Attributes) -> None:
    written = metadata(attributes)
    assert len(json.dumps(written, ensure_ascii=False).encode()) <= MAX_BYTES
    assert len(json.dumps(written, ensure_ascii=False).encode()) > MAX_BYTES // 2 or "caption" in attributes


async def test_a_token_is_waited_for_and_says_when_it_cannot_be(cloud: Cloud, address: str) -> None:
    cloud.weather.delay = 0.6
    async with opened(address) as index:
        await index.create_namespace(NAMESPACE, DIMENSION)
        token = await index.upsert(NAMESPACE, [record(1)])
        assert token is not None
        # Without the token the write is not seen yet; with it, it is.
        assert await index.search(NAMESPACE, record(1).vector, Kind.IMAGE, limit=9) == []
        [hit] = await index.search(NAMESPACE, record(1).vector, Kind.IMAGE, limit=9, token=token)
        assert hit.name == record(1).name
        # Other kinds were not written to: there is nothing to wait for.
        assert await index.search(NAMESPACE, record(1).vector, Kind.REGION, limit=9, token=token) == []
        with pytest.raises(InvalidArgument):
            await index.search(NAMESPACE, record(1).vector, Kind.IMAGE, limit=9, token="image=x")
    cloud.weather.delay = 60
    async with opened(address, patience=0.3) as index:
        token = await index.upsert(NAMESPACE, [record(2)])
        with pytest.raises(Unavailable) as caught:
            await index.search(NAMESPACE, record(2).vector, Kind.IMAGE, limit=9, token=token)
    assert (caught.value.reason, caught.value.retry_after) == ("WRITE_NOT_VISIBLE_YET", 1.0)


async def test_words_that_nobody_has_are_not_counted_at_each_search(cloud: Cloud, address: str) -> None:
    def queries() -> int:
        return sum(path == "/query" for _, path, _ in cloud.seen)

    invented = dict.fromkeys(range(100, 164), 1.0)
    async with opened(address) as index:
        await index.create_namespace(NAMESPACE, DIMENSION)
        await index.upsert(NAMESPACE, [record(1)])
        assert await index.search_words(NAMESPACE, invented, Kind.IMAGE, limit=9) == []
        asked = queries()
        for _ in range(3):
            assert await index.search_words(NAMESPACE, invented, Kind.IMAGE, limit=9) == []
        assert queries() == asked + 3
        # What came meanwhile is found all the same.
        cloud.weather.delay = 0.3
        token = await index.upsert(NAMESPACE, [record(100)])
        [hit] = await index.search_words(NAMESPACE, invented, Kind.IMAGE, limit=9, token=token)
        assert hit.name == record(100).name


async def test_a_token_speaks_for_all_that_was_written(cloud: Cloud, address: str) -> None:
    async with opened(address) as index:
        await index.create_namespace(NAMESPACE, DIMENSION)
        await index.upsert(NAMESPACE, [record(1)])
        part = VectorRecord(
            name=str(RegionName("shop", "i1", "1")),
            kind=Kind.REGION,
            vector=record(1).vector,
            attributes={},
        )
        assert await index.upsert(NAMESPACE, [part]) == "image=1,region=1"
        assert await index.upsert(NAMESPACE, [record(2)]) == "image=2,region=1"
        await index.delete(NAMESPACE, [part.name])
        assert await index.count(NAMESPACE, Kind.REGION) == 0


async def test_a_storm_passes_and_one_that_does_not_is_told_of(cloud: Cloud, address: str) -> None:
    async with opened(address, timeout=3.0) as index:
        await index.create_namespace(NAMESPACE, DIMENSION)
        cloud.weather.throttled = 0.3
        for number in range(20):
            await index.upsert(NAMESPACE, [record(number)])
        cloud.weather.throttled = 0.0
        assert await index.count(NAMESPACE, Kind.IMAGE) == 20
        cloud.weather.throttled = 1.0
        started = time.monotonic()
        with pytest.raises((ResourceExhausted, Unavailable)) as caught:
            await index.upsert(NAMESPACE, [record(1)])
        assert caught.value.retry_after
        assert time.monotonic() - started < 10
        assert not await index.ready()
        cloud.weather.throttled = 0.0


async def test_a_key_that_is_not_taken_is_told_and_never_logged(
    address: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "pcsk-not-to-be-seen"
    async with opened(address, key=secret) as index:
        with pytest.raises(Unavailable, match="API key") as caught:
            await index.create_namespace(NAMESPACE, DIMENSION)
        assert not await index.ready()
    told = caplog.text + "".join(capsys.readouterr()) + repr(caught.value) + repr(caught.value.__cause__)
    assert secret not in told


async def test_an_index_is_waited_for_and_made_once(cloud: Cloud, address: str) -> None:
    cloud.weather.slow = 0.5
    async with opened(address) as one, opened(address) as other:
        await asyncio.gather(*(each.create_namespace(NAMESPACE, DIMENSION) for each in (one, other)))
        await one.upsert(NAMESPACE, [record(1)])
        assert await other.count(NAMESPACE, Kind.IMAGE) == 1
    async with opened(address) as later:  # started again, and told of no namespace
        assert [name async for name in later.names(NAMESPACE)] == [record(1).name]
        [hit] = await later.search(NAMESPACE, record(1).vector, Kind.IMAGE, limit=1)
        assert hit.cosine == pytest.approx(1.0, abs=1e-5)
    assert list(cloud.indexes) == ["sightline-8"]


async def test_an_index_that_cannot_do_it_is_refused(cloud: Cloud, address: str) -> None:
    async with opened(address) as index:
        await index.create_namespace(NAMESPACE, DIMENSION)
    cloud.indexes["sightline-8"].metric = "cosine"
    async with opened(address) as index:
        with pytest.raises(FailedPrecondition, match="dotproduct"):
            await index.create_namespace(NAMESPACE, DIMENSION)
    async with opened(address, where=Serverless(prefix="else", cloud="aws", region="nowhere")) as index:
        with pytest.raises(SightlineError) as caught:
            await index.create_namespace(NAMESPACE, DIMENSION)
        assert "nowhere" in caught.value.message


async def test_one_that_is_not_there_is_unavailable() -> None:
    async with opened("http://127.0.0.1:9", timeout=5.0) as index:
        with pytest.raises(Unavailable):
            await index.create_namespace(NAMESPACE, DIMENSION)
        assert not await index.ready()


async def test_without_a_key_nothing_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PINECONE_API_KEY", raising=False)
    with pytest.raises(CannotStart, match="SIGHTLINE_INDEX_ENGINE"):
        async with open_ports(Settings(data_dir=tmp_path, index_engine="pinecone")):
            pass
