"""Fills another vector index from the kept vectors while the collection is served, and compares the two."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from orchestrator.application.ports import Kind, Ports, Record, VectorIndex, Work
from orchestrator.application.ports.copies import Copies
from orchestrator.application.settle import records_of
from orchestrator.domain.collection import Collection
from orchestrator.domain.names import EmbeddedName, ImageName, RecordName, RegionName, TextName

Report: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]

_WORKS = 64
_RECORDS = 512
_NAMES = 1000
_FEW = 256  # records that a pass may still find changed before the two are compared
_PASSES = 12
_SAMPLES = 200
_NEAR = 10
_KINDS = {ImageName: Kind.IMAGE, RegionName: Kind.REGION, TextName: Kind.TEXT}
_SAME = 0.999  # cosine of a vector and itself, as an engine may round it


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexOutcome:
    """How two indexes compare at the end.

    The checksums are sums over the names of all vectors, in any order; `sampled` vectors were searched for in
    the target by themselves. Not `complete`: records were written meanwhile that a further run copies.
    """

    collection: str
    vectors: int
    target_vectors: int
    checksum: str
    target_checksum: str
    sampled: int
    copied: int
    complete: bool


@dataclass(slots=True)
class _Comparison:
    vectors: int = 0
    target_vectors: int = 0
    checksum: int = 0
    target_checksum: int = 0
    sampled: int = 0
    wrong: int = 0

    @property
    def equal(self) -> bool:
        same = (self.vectors, self.checksum) == (self.target_vectors, self.target_checksum)
        return same and not self.wrong


async def migrate_index(
    ports: Ports, target: VectorIndex, copies: Copies, collection: Collection, report: Report
) -> IndexOutcome:
    """Copies what an index should hold of a collection to another, until the two are equal.

    The catalog's kept vectors are what is copied, with their attributes; what is written meanwhile is copied
    by a further pass, and what is no longer kept is taken out. Called again after it was cut short, it goes
    on. Raises NotFound, Unavailable.
    """
    await target.create_namespace(collection.namespace, collection.dimension)
    copied = 0
    compared = _Comparison()
    for _ in range(_PASSES):
        changed = await _copy(ports, target, copies, collection, report)
        copied += changed
        if changed > _FEW:
            continue
        compared = await _compare(ports, target, copies, collection)
        await report({"stage": "compare", **asdict(compared)})
        if compared.equal:
            break
    return IndexOutcome(
        collection=str(collection.name),
        vectors=compared.vectors,
        target_vectors=compared.target_vectors,
        checksum=f"{compared.checksum:016x}",
        target_checksum=f"{compared.target_checksum:016x}",
        sampled=compared.sampled,
        copied=copied,
        complete=compared.equal,
    )


async def _copy(
    ports: Ports, target: VectorIndex, copies: Copies, collection: Collection, report: Report
) -> int:
    """Copies the records that the target does not hold as they are; how many."""
    after: RecordName | None = None
    seen = changed = 0
    while works := await ports.catalog.kept_work(collection.name, limit=_WORKS, after=after):
        after = works[-1].record.name
        seen += len(works)
        known = await copies.versions([_key(collection, work.record.name) for work in works])
        new = [work for work in works if known.get(_key(collection, work.record.name)) != _version(work)]
        if new:
            await _write(target, collection, new)
            await copies.remember({_key(collection, work.record.name): _version(work) for work in new})
            changed += len(new)
        await report({"stage": "copy", "records": seen, "copied": changed})
    return changed


async def _write(target: VectorIndex, collection: Collection, works: Sequence[Work[Record]]) -> None:
    records = [record for work in works for record in records_of(work)]
    for start in range(0, len(records), _RECORDS):
        await target.upsert(collection.namespace, records[start : start + _RECORDS])
    gone = [str(name) for work in works for name in work.removed]
    if gone:
        await target.delete(collection.namespace, gone)


async def _compare(ports: Ports, target: VectorIndex, copies: Copies, collection: Collection) -> _Comparison:
    """Compares names, then a sample of vectors. What the target lacks is copied again by the next pass."""
    if target.lag:
        await asyncio.sleep(target.lag)
    # The target first: what then is not kept is of the past.
    held = {name async for name in target.names(collection.namespace)}
    found = _Comparison(target_vectors=len(held), target_checksum=_checksum(held))
    now = await ports.catalog.get_collection(collection.name)
    every = max(1, (now.image_count + now.region_count + now.text_count) // _SAMPLES)
    sample: list[EmbeddedName] = []
    after: EmbeddedName | None = None
    while names := await ports.catalog.kept_names(collection.name, limit=_NAMES, after=after):
        after = names[-1]
        texts = [str(name) for name in names]
        sample += [name for place, name in enumerate(names, found.vectors) if place % every == 0]
        found.vectors += len(texts)
        found.checksum = (found.checksum + _checksum(texts)) % 2**64
        lacking = [name for name in names if str(name) not in held]
        if lacking:
            await copies.forget([_key(collection, _record(name)) for name in lacking])
        held.difference_update(texts)
    left = list(held)
    for start in range(0, len(left), _NAMES):
        await target.delete(collection.namespace, left[start : start + _NAMES])
    if found.equal:
        await _search(ports, target, copies, collection, sample, found)
    return found


async def _search(
    ports: Ports,
    target: VectorIndex,
    copies: Copies,
    collection: Collection,
    names: Sequence[EmbeddedName],
    found: _Comparison,
) -> None:
    for name, stored in (await ports.catalog.get_vectors(names)).items():
        kind = _KINDS[type(name)]
        near = await target.search(collection.namespace, stored.vector, kind, limit=_NEAR)
        found.sampled += 1
        itself = [each.cosine for each in near if each.name == str(name)]
        # Beyond the nearest it may be behind others like it.
        if not near or (itself or [near[-1].cosine])[0] < _SAME:
            found.wrong += 1
            await copies.forget([_key(collection, _record(name))])


def _checksum(names: set[str] | list[str]) -> int:
    digests = (hashlib.blake2b(name.encode(), digest_size=8).digest() for name in names)
    return sum(int.from_bytes(digest, "big") for digest in digests) % 2**64


def _record(name: EmbeddedName) -> RecordName:
    return name.parent if isinstance(name, RegionName) else name


def _key(collection: Collection, name: RecordName) -> str:
    return f"{collection.namespace} {name}"


def _version(work: Work[Record]) -> str:
    return f"{work.record.uid} {work.revision}"
