"""What every vector index does. The engines: the fake, the edge server, Pinecone's contract, and a Qdrant
server where SIGHTLINE_TEST_QDRANT names its gRPC address. A reader sends the tokens of its writes along."""

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from orchestrator.adapters.index.pinecone import PineconeIndex
from orchestrator.adapters.index.pinecone_indexes import Serverless
from orchestrator.adapters.index.qdrant import QdrantIndex
from orchestrator.application.fusion import Hybrid, fuse
from orchestrator.application.ports import Kind, VectorIndex, VectorRecord
from orchestrator.domain.attributes import ancestors
from orchestrator.domain.embedding import Vector, Vectors
from orchestrator.domain.errors import InvalidArgument, Unavailable
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
from orchestrator.domain.lexical import document_terms, query_terms, rarity
from orchestrator.domain.names import ImageName, RegionName
from tests.fakes.index import MemoryIndex
from tests.fakes.pinecone import Cloud, Weather, running_pinecone
from tests.fakes.pinecone.server import API_KEY
from tests.fixtures.edge import edge_server  # noqa: F401 - a fixture
from tests.fixtures.tokens import ReadsItsWrites

QDRANT = os.environ.get("SIGHTLINE_TEST_QDRANT")
ENGINES = ["memory", "edge", "pinecone", *(["qdrant"] if QDRANT else [])]
DIMENSION = 16
EQ, NE, LT, LE, GT, GE = Operator


WHERE = Serverless(prefix="sightline-test", cloud="aws", region="us-east-1")


@pytest.fixture(scope="module")
def pinecone(shared: Path | None) -> Iterator[str]:
    """Writes are seen after a while, and one request in twenty is throttled."""
    cloud = Cloud(Weather(delay=0.05, throttled=0.05, slow=0.3))
    with running_pinecone(cloud, shared / "contracts" / "pinecone" if shared else None) as address:
        yield address
    assert {index.metric for index in cloud.indexes.values()} == {"dotproduct"}
    assert {429, 503} <= {status for _, _, status in cloud.seen}


@pytest.fixture(params=ENGINES)
async def index(request: pytest.FixtureRequest) -> AsyncIterator[VectorIndex]:
    match request.param:
        case "memory":
            yield ReadsItsWrites(MemoryIndex())
            return
        case "pinecone":
            address = request.getfixturevalue("pinecone")
            engine: Any = PineconeIndex(API_KEY, WHERE, host=address, lag=0.1)
        case name:
            address = QDRANT if name == "qdrant" else request.getfixturevalue("edge_server").address
            engine = QdrantIndex(str(address))
    yield ReadsItsWrites(engine)
    await engine.close()


@pytest.fixture
async def namespace(index: VectorIndex) -> AsyncIterator[str]:
    # What `Collection.namespace` looks like.
    name = f"test-{uuid4().hex[:12]}--clip-vit-b32@3d74acf9+preprocess/1"
    await index.create_namespace(name, DIMENSION)
    yield name
    await index.delete_namespace(name)


def unit(seed: int, dimension: int = DIMENSION) -> Vector:
    vector = np.random.default_rng(seed).standard_normal(dimension).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


def image(key: str, vector: Vector | None = None, **attributes: object) -> VectorRecord:
    name = ImageName("default", key)
    return VectorRecord(
        name=str(name),
        kind=Kind.IMAGE,
        vector=unit(sum(map(ord, key))) if vector is None else vector,
        attributes=attributes.pop("attributes", attributes),  # type: ignore[arg-type]
    )


def region(key: str, number: int, vector: Vector, attributes: Attributes) -> VectorRecord:
    name = RegionName("default", key, str(number))
    return VectorRecord(name=str(name), kind=Kind.REGION, vector=vector, attributes=attributes)


def key_of(name: str) -> str:
    return name.removeprefix("collections/default/images/")


async def found(index: VectorIndex, namespace: str, filter: Filter | None) -> set[str]:
    """The images that fulfil a filter, by search; count says the same."""
    hits = await index.search(namespace, unit(0), Kind.IMAGE, limit=100, filter=filter)
    assert await index.count(namespace, Kind.IMAGE, filter) == len(hits)
    return {key_of(hit.name) for hit in hits}


async def test_the_nearest_come_first_with_their_cosine(index: VectorIndex, namespace: str) -> None:
    vectors = np.stack([unit(seed) for seed in range(50)])
    await index.upsert(namespace, [image(f"i{row}", vector) for row, vector in enumerate(vectors)])
    query = unit(99)
    cosines = vectors @ query
    order = np.argsort(-cosines)[:10]

    hits = await index.search(namespace, query, Kind.IMAGE, limit=10)

    assert [key_of(hit.name) for hit in hits] == [f"i{row}" for row in order]
    assert [hit.cosine for hit in hits] == pytest.approx(cosines[order].tolist(), abs=1e-5)


async def test_pages_continue_one_another_and_equals_stand_by_name(
    index: VectorIndex, namespace: str
) -> None:
    same = unit(7)
    await index.upsert(namespace, [image(f"s{number:03}", same) for number in range(60)])
    await index.upsert(namespace, [image("best", unit(8)), image("other", -unit(8))])
    names: list[str] = []
    for offset in range(0, 70, 9):
        hits = await index.search(namespace, unit(8), Kind.IMAGE, limit=9, offset=offset)
        names += [key_of(hit.name) for hit in hits]
    assert names == ["best", *(f"s{number:03}" for number in range(60)), "other"]


async def test_a_limit_of_none_finds_none(index: VectorIndex, namespace: str) -> None:
    await index.upsert(namespace, [image("a")])
    assert list(await index.search(namespace, unit(1), Kind.IMAGE, limit=0)) == []


async def test_kinds_are_apart(index: VectorIndex, namespace: str) -> None:
    await index.upsert(namespace, [image("a", unit(1)), region("a", 1, unit(1), {"folder": ["x"]})])
    [hit] = await index.search(namespace, unit(1), Kind.REGION, limit=10)
    assert hit.name == "collections/default/images/a/regions/1"
    assert hit.cosine == pytest.approx(1.0, abs=1e-5)
    assert await index.count(namespace, Kind.IMAGE) == 1
    assert await index.count(namespace, Kind.REGION, Comparison("folder", EQ, "x")) == 1


async def test_writing_again_replaces(index: VectorIndex, namespace: str) -> None:
    await index.upsert(namespace, [image("a", unit(1), caption="first")])
    for _ in range(2):
        await index.upsert(namespace, [image("a", unit(2), caption="second")])
    [hit] = await index.search(namespace, unit(2), Kind.IMAGE, limit=10)
    assert hit.cosine == pytest.approx(1.0, abs=1e-5)
    assert await found(index, namespace, Matches("caption", "first")) == set()
    assert await found(index, namespace, Matches("caption", "second")) == {"a"}


async def test_deleting_deletes_and_may_be_repeated(index: VectorIndex, namespace: str) -> None:
    records = [image("a"), image("b")]
    await index.upsert(namespace, records)
    for _ in range(2):
        await index.delete(namespace, [records[0].name])
    assert await found(index, namespace, None) == {"b"}
    await index.delete(namespace, [])
    await index.delete("no-such--namespace", [records[0].name])


async def test_names_are_all_there(index: VectorIndex, namespace: str) -> None:
    records = [image(f"i{number}") for number in range(5_100)]
    await index.upsert(namespace, records)
    names = [name async for name in index.names(namespace)]
    assert len(names) == len(records)
    assert set(names) == {record.name for record in records}


async def test_a_namespace_is_made_once_and_goes(index: VectorIndex, namespace: str) -> None:
    await index.upsert(namespace, [image("a")])
    await index.create_namespace(namespace, DIMENSION)
    assert await index.count(namespace, Kind.IMAGE) == 1
    for _ in range(2):
        await index.delete_namespace(namespace)
    assert await index.count(namespace, Kind.IMAGE) == 0
    assert [name async for name in index.names(namespace)] == []
    with pytest.raises(Unavailable):
        await index.search(namespace, unit(1), Kind.IMAGE, limit=1)
    with pytest.raises(Unavailable):
        await index.upsert(namespace, [image("a")])
    await index.create_namespace(namespace, DIMENSION)
    assert await index.count(namespace, Kind.IMAGE) == 0


async def test_namespaces_that_look_alike_are_apart(index: VectorIndex) -> None:
    names = [f"n{uuid4().hex}--a{character}b" for character in "@+_"]
    names += [names[0].replace("@", "_40_")]
    for name in names:
        await index.create_namespace(name, DIMENSION)
    await index.upsert(names[0], [image("a")])
    assert [await index.count(name, Kind.IMAGE) for name in names] == [1, 0, 0, 0]
    for name in names:
        await index.delete_namespace(name)


async def test_a_vector_of_another_length_is_refused(index: VectorIndex, namespace: str) -> None:
    with pytest.raises(InvalidArgument):
        await index.upsert(namespace, [image("a", unit(1, DIMENSION + 1))])
    with pytest.raises(InvalidArgument):
        await index.search(namespace, unit(1, DIMENSION + 1), Kind.IMAGE, limit=1)
    assert await index.count(namespace, Kind.IMAGE) == 0


async def test_it_is_ready(index: VectorIndex) -> None:
    assert await index.ready()


GALLERY: Mapping[str, Attributes] = {
    "car": {
        "folder": ancestors("street/north"),
        "caption": "A red Car, parked",
        "display_name": "IMG_2041.JPG",
        "labels": ["red car", "Tree"],
        "width": 640.0,
        "exif.camera": "X100",
        "create_time": 1_700_000_000.5,
        "metadata.shop.id": 7.0,
        "metadata.sold": True,
        "metadata.tags": ["a", 3.0, True],
    },
    "bus": {
        "folder": ancestors("street"),
        "caption": "bus",
        "labels": ["bus"],
        "width": 800.0,
        "metadata.shop.id": "7",
        "metadata.sold": False,
        'metadata.odd "key" [0].x%22': "yes",
    },
    "sea": {"folder": ancestors("streets"), "width": -1.5, "exif.camera": "x100"},
    "bare": {},
}

CASES: list[tuple[Filter, set[str]]] = [
    # Folders: with what lies below.
    (Comparison("folder", EQ, "street"), {"car", "bus"}),
    (Comparison("folder", EQ, "street/north"), {"car"}),
    (Comparison("folder", NE, "street"), {"sea", "bare"}),
    (Matches("folder", "street", prefix=True), {"car", "bus", "sea"}),
    # Texts: exact, and the case counts.
    (Comparison("exif.camera", EQ, "X100"), {"car"}),
    (Comparison("caption", EQ, "bus"), {"bus"}),
    (Comparison("caption", EQ, "car"), set()),
    (Comparison("caption", EQ, "A red Car, parked"), {"car"}),
    # Numbers.
    (Comparison("width", EQ, 640.0), {"car"}),
    (Comparison("width", EQ, -1.5), {"sea"}),
    (Comparison("width", NE, 640.0), {"bus", "sea", "bare"}),
    (Comparison("width", LT, 640.0), {"sea"}),
    (Comparison("width", LE, 640.0), {"car", "sea"}),
    (Comparison("width", GT, 640.0), {"bus"}),
    (Comparison("width", GE, 640.0), {"car", "bus"}),
    (Comparison("create_time", GE, 1_700_000_000.5), {"car"}),
    (Comparison("create_time", GT, 1_700_000_000.5), set()),
    # A value of another type is another value.
    (Comparison("metadata.shop.id", EQ, 7.0), {"car"}),
    (Comparison("metadata.shop.id", EQ, "7"), {"bus"}),
    (Comparison("metadata.shop.id", NE, "7"), {"car", "sea", "bare"}),
    (Comparison("metadata.sold", EQ, True), {"car"}),
    (Comparison("metadata.sold", EQ, False), {"bus"}),
    (Comparison("metadata.sold", EQ, 1.0), set()),
    (Comparison("metadata.sold", EQ, "true"), set()),
    (Comparison("metadata.sold", NE, True), {"bus", "sea", "bare"}),
    (Matches("metadata.sold", "true"), set()),
    # Lists match when one item does.
    (Comparison("labels", EQ, "Tree"), {"car"}),
    (Comparison("labels", NE, "Tree"), {"bus", "sea", "bare"}),
    (Comparison("metadata.tags", EQ, 3.0), {"car"}),
    (Comparison("metadata.tags", EQ, True), {"car"}),
    (Comparison("metadata.tags", GT, 3.0), set()),
    # Words, in any order and case; all in one item.
    (Matches("caption", "CAR red"), {"car"}),
    (Matches("caption", "car blue"), set()),
    (Matches("caption", "ca"), set()),
    (Matches("caption", "!?"), set()),
    (Matches("labels", "Car"), {"car"}),
    (Matches("labels", "car tree"), set()),
    (Matches("display_name", "jpg"), {"car"}),
    (Matches("metadata.tags", "A"), {"car"}),
    # Prefixes, where the case counts.
    (Matches("caption", "A re", prefix=True), {"car"}),
    (Matches("caption", "a re", prefix=True), set()),
    (Matches("labels", "Tr", prefix=True), {"car"}),
    (Matches("exif.camera", "X", prefix=True), {"car"}),
    # Long ones, short ones, and none; several words where one text must have them all.
    (Matches("caption", "A red Car, par", prefix=True), {"car"}),
    (Matches("caption", "A red Car, pat", prefix=True), set()),
    (Not(Matches("caption", "A red Car, pat", prefix=True)), {"car", "bus", "sea", "bare"}),
    (Not(Matches("caption", "A red Car, par", prefix=True)), {"bus", "sea", "bare"}),
    (Matches("caption", "", prefix=True), {"car", "bus"}),
    (Matches("metadata.tags", "", prefix=True), {"car"}),
    (Matches("width", "", prefix=True), set()),
    (Matches("labels", "car red"), {"car"}),
    (Not(Matches("labels", "car tree")), {"car", "bus", "sea", "bare"}),
    (Not(Matches("labels", "red car")), {"bus", "sea", "bare"}),
    (And((Not(Matches("labels", "car tree")), Present("labels"))), {"car", "bus"}),
    (Or((Matches("labels", "car tree"), Comparison("labels", EQ, "bus"))), {"bus"}),
    (Or((Matches("labels", "red car"), Comparison("labels", EQ, "bus"))), {"car", "bus"}),
    # Present, absent.
    (Present("exif.camera"), {"car", "sea"}),
    (Present("metadata.sold"), {"car", "bus"}),
    (Present("metadata"), set()),
    (Not(Present("caption")), {"sea", "bare"}),
    (Comparison("no.such", EQ, "x"), set()),
    (Comparison("no.such", NE, "x"), {"car", "bus", "sea", "bare"}),
    (Comparison("no.such", LT, 5.0), set()),
    (Not(Comparison("no.such", LT, 5.0)), {"car", "bus", "sea", "bare"}),
    # Keys that look like paths.
    (Comparison('metadata.odd "key" [0].x%22', EQ, "yes"), {"bus"}),
    # And, or, not, in one another.
    (And((Comparison("folder", EQ, "street"), Comparison("width", GT, 700.0))), {"bus"}),
    (Or((Comparison("width", LT, 0.0), Comparison("labels", EQ, "bus"))), {"bus", "sea"}),
    (Not(And((Present("caption"), Comparison("width", GT, 700.0)))), {"car", "sea", "bare"}),
    (Not(Or((Present("caption"), Comparison("width", LT, 0.0)))), {"bare"}),
    (Not(Not(Comparison("folder", EQ, "streets"))), {"sea"}),
    (And((Or((Present("labels"), Present("width"))), Not(Comparison("labels", EQ, "bus")))), {"car", "sea"}),
    (And(()), {"car", "bus", "sea", "bare"}),
    (Or(()), set()),
]


async def test_filters_mean_the_same_everywhere(index: VectorIndex, namespace: str) -> None:
    records = [image(key, attributes=attributes) for key, attributes in GALLERY.items()]
    await index.upsert(namespace, records)
    answers = [(filter, await found(index, namespace, filter)) for filter, _ in CASES]
    assert [pair for pair in zip(answers, CASES, strict=True) if pair[0] != pair[1]] == []


@pytest.mark.parametrize("value", ["a", True])
async def test_only_numbers_have_an_order(index: VectorIndex, namespace: str, value: str | bool) -> None:
    with pytest.raises(InvalidArgument):
        await index.search(
            namespace, unit(1), Kind.IMAGE, limit=1, filter=Not(Comparison("caption", LT, value))
        )


CAPTIONS = {
    "a": "a red car in the rain",
    "b": "a red red umbrella",
    "c": "a blue car",
    "d": "a dog",
    "e": "ein Hund im Regen",
}


def worded(key: str, text: str, **attributes: object) -> VectorRecord:
    found = {"caption": text, **attributes}
    return replace(image(key, attributes=found), terms=document_terms(found))  # type: ignore[arg-type]


async def matches(
    index: VectorIndex, namespace: str, text: str, *, limit: int = 10, filter: Filter | None = None
) -> list[tuple[str, float]]:
    hits = await index.search_words(namespace, query_terms(text), Kind.IMAGE, limit=limit, filter=filter)
    return [(key_of(hit.name), hit.score) for hit in hits]


async def test_words_are_found_by_how_much_and_how_rarely_they_are_said(
    index: VectorIndex, namespace: str
) -> None:
    records = [worded(key, text) for key, text in CAPTIONS.items()]
    await index.upsert(namespace, records)

    def rare(term: int) -> float:
        return rarity(len(records), sum(term in record.terms for record in records))

    for query in ("red", "a red car", "RED umbrella!", "Hund", "regen rain", "a"):
        expected = {
            key_of(record.name): sum(record.terms[each] * rare(each) for each in common)
            for record in records
            if (common := record.terms.keys() & query_terms(query).keys())
        }
        found = await matches(index, namespace, query)
        assert dict(found) == pytest.approx(expected, rel=1e-3), query
        assert [key for key, _ in found] == sorted(expected, key=lambda key: (-round(expected[key], 4), key))


async def test_words_are_filtered_limited_and_of_a_kind(index: VectorIndex, namespace: str) -> None:
    part = replace(region("a", 1, unit(1), {"caption": "a red car"}), terms=query_terms("red car"))
    images = [worded(key, text, width=float(len(text))) for key, text in CAPTIONS.items()]
    await index.upsert(namespace, [part, *images])
    assert [key for key, _ in await matches(index, namespace, "red car", limit=1)] == ["a"]
    short = Comparison("width", LT, 15.0)
    assert [key for key, _ in await matches(index, namespace, "red car", filter=short)] == ["c"]
    [hit] = await index.search_words(namespace, query_terms("car"), Kind.REGION, limit=10)
    assert hit.name == part.name
    assert await matches(index, namespace, "nobody says this") == []
    assert await matches(index, namespace, "!?") == []
    assert await matches(index, namespace, "car", limit=0) == []


async def test_words_go_and_come_with_their_records(index: VectorIndex, namespace: str) -> None:
    await index.upsert(namespace, [worded("a", "a red car"), worded("b", "a red bus")])
    await index.upsert(namespace, [worded("a", "a blue car")])
    assert [key for key, _ in await matches(index, namespace, "red")] == ["b"]
    await index.upsert(namespace, [image("b")])
    assert await matches(index, namespace, "red") == []
    await index.delete(namespace, [worded("a", "").name])
    assert await matches(index, namespace, "car") == []
    await index.delete_namespace(namespace)
    with pytest.raises(Unavailable):
        await matches(index, namespace, "car")


def clip_vectors(shared: Path | None) -> tuple[Vectors, Vectors]:
    """Pictures' and texts' vectors: real ones, or drawn around directions that both share."""
    if shared is not None:
        kept = np.load(shared / "vectors" / "clip_vit_b32.npz")
        return kept["image_embedding"], kept["text_embedding"][:100]
    generator = np.random.default_rng(5)
    concepts = generator.standard_normal((100, 512))
    drawn = concepts[generator.integers(0, 100, 1200)] + generator.standard_normal((1200, 512))
    pictures, texts = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (drawn, concepts))
    return pictures.astype(np.float32), texts.astype(np.float32)


async def test_real_vectors_are_found_as_an_exact_search_finds_them(
    index: VectorIndex, shared: Path | None
) -> None:
    pictures, texts = clip_vectors(shared)
    namespace = f"test-{uuid4().hex[:12]}--recall@1+1"
    await index.create_namespace(namespace, 512)
    await index.upsert(namespace, [image(f"p{row}", vector) for row, vector in enumerate(pictures)])
    hit = 0
    for text in texts:
        exact = {f"p{row}" for row in np.argsort(-(pictures @ text))[:10]}
        neighbours = await index.search(namespace, text, Kind.IMAGE, limit=10)
        hit += len(exact & {key_of(neighbour.name) for neighbour in neighbours})
    await index.delete_namespace(namespace)
    assert hit / (10 * len(texts)) >= 0.99


async def test_real_vectors_and_words_are_fused_as_exact_ones_are(
    index: VectorIndex, shared: Path | None
) -> None:
    """Scores are on one scale everywhere, and so is the order that they come to."""
    pictures, texts, captions, queries = clip_words(shared)
    records = [
        replace(
            image(f"p{row}", vector, attributes={"caption": captions[row]}),
            terms=document_terms({"caption": captions[row]}),
        )
        for row, vector in enumerate(pictures)
    ]
    namespace = f"test-{uuid4().hex[:12]}--fused@1+1"
    exact = MemoryIndex()
    for each in (index, exact):
        await each.create_namespace(namespace, 512)
        await each.upsert(namespace, records)
    same = {how: 0 for how in (Hybrid(), Hybrid(vector_weight=0.7, lexical_weight=0.3))}
    for query, vector in list(zip(queries, texts, strict=True))[:20]:
        orders = []
        for each in (index, exact):
            near = await each.search(namespace, vector, Kind.IMAGE, limit=1_000)
            worded_ = await each.search_words(namespace, query_terms(query), Kind.IMAGE, limit=1_000)
            orders.append((near, worded_))
        (near, worded_), (exact_near, exact_worded) = orders
        assert [hit.cosine for hit in near[:10]] == pytest.approx(
            [hit.cosine for hit in exact_near[:10]], abs=1e-3
        )
        assert [hit.score for hit in worded_[:50]] == pytest.approx(
            [hit.score for hit in exact_worded[:50]], rel=1e-2
        )
        for how in same:
            ours, theirs = fuse(near, worded_, how)[:10], fuse(exact_near, exact_worded, how)[:10]
            same[how] += len({each.name for each in ours} & {each.name for each in theirs})
    await index.delete_namespace(namespace)
    assert all(found >= 0.97 * 10 * 20 for found in same.values()), same


def clip_words(shared: Path | None) -> tuple[Vectors, Vectors, list[str], list[str]]:
    """Pictures' and queries' vectors, what is said of each picture, and the queries."""
    if shared is None:
        pictures, texts = clip_vectors(None)
        names = [f"thing{number}" for number in range(len(texts))]
        nearest = np.argsort(-(pictures @ texts.T), axis=1)[:, :2]
        return pictures, texts, [" ".join(names[each] for each in row) for row in nearest], names
    kept = np.load(shared / "vectors" / "clip_vit_b32.npz")
    queries = [str(kept["text"][row]) for row in kept["query"]]
    captions = ["a photo"] * len(kept["image_embedding"])
    for query, row in zip(kept["relevant_query"], kept["relevant_image"], strict=True):
        captions[row] += f" of {queries[query]}"
    return kept["image_embedding"], kept["text_embedding"][kept["query"]], captions, queries
