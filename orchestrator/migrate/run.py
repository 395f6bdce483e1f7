"""Opens the engines that a migration's URLs name, and migrates one collection after another."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import partial
from typing import Any, TypeAlias, TypeVar
from urllib.parse import parse_qs, urlsplit

import structlog

from orchestrator.application.collections import every_collection
from orchestrator.application.migrate.files import FilesOutcome, migrate_files
from orchestrator.application.migrate.index import IndexOutcome, Report, migrate_index
from orchestrator.application.ports import Ports
from orchestrator.bootstrap import CannotStart, open_ports, vector_index
from orchestrator.domain.collection import Collection
from orchestrator.domain.errors import Unavailable
from orchestrator.domain.names import parse_collection
from orchestrator.settings import Settings
from orchestrator.tools import object_store, open_copies
from orchestrator.topology import CannotWork, pass_on_mark

_STORES = ("file", "s3", "gs")
_LONGEST_PAUSE = 10.0  # seconds

Result = TypeVar("Result")
Migration: TypeAlias = Callable[[Collection, Report], Awaitable[IndexOutcome | FilesOutcome]]
_log = structlog.get_logger("migrate")


class NoEngine(Exception):
    """What is wrong with a URL; the message bears nothing of it."""


async def migrate(settings: Settings, *, to: str, source: str, chosen: Sequence[str], tell: Report) -> bool:
    """Migrates the chosen collections, or all; whether all of each is there.

    `tell` hears how each stands, and last of each its outcome, with `stage` "done". An engine that does not
    answer is waited for. Raises NoEngine, CannotStart, NotFound, InvalidArgument.
    """
    _check(to)
    complete = True
    async with open_ports(settings) as ports, _opened(settings, ports, to, source) as run:
        async for collection in _chosen(ports, chosen):

            async def report(progress: dict[str, Any], name: str = str(collection.name)) -> None:
                await tell({"collection": name, **progress})

            outcome = await _patiently(partial(run, collection, report))
            await tell({"stage": "done", **asdict(outcome)})
            complete = complete and outcome.complete
    return complete


def index_settings(url: str) -> dict[str, Any]:
    """The settings of `qdrant://HOST:PORT`, `qdrants://HOST:PORT` (over TLS) or
    `pinecone://NAME?cloud=…&region=…`. Raises NoEngine."""
    parts = urlsplit(url)
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if "@" in parts.netloc or not parts.netloc or parts.path.strip("/"):
        raise NoEngine("an index is qdrant://HOST:PORT or pinecone://NAME, and its key is a setting")
    match parts.scheme:
        case "qdrant" | "qdrants" if not given:
            tls = parts.scheme == "qdrants"
            return {"index_engine": "qdrant", "index_address": parts.netloc, "index_tls": tls}
        case "pinecone" if given.keys() <= {"region", "cloud", "host"}:
            named = {f"pinecone_{name}": value for name, value in given.items()}
            return {"index_engine": "pinecone", "pinecone_index": parts.netloc, **named}
    raise NoEngine("an engine is qdrant://, qdrants://, pinecone://, file://, s3:// or gs://")


@asynccontextmanager
async def _opened(settings: Settings, ports: Ports, to: str, source: str) -> AsyncIterator[Migration]:
    if _is_store(to):
        kept = source or settings.blobs
        if not _is_store(kept) or kept.rstrip("/") == to.rstrip("/"):
            raise NoEngine("--from is another object store than --to")
        target_store = object_store(to)
        try:
            await pass_on_mark(ports.blobs, target_store)
        except CannotWork as error:
            raise CannotStart(f"the store that --to names cannot be used: {error}") from error
        yield partial(migrate_files, ports, object_store(kept), target_store)
        return
    target = vector_index(_with_index(settings, to))
    digest = hashlib.sha256(to.encode()).hexdigest()[:16]
    copies = open_copies(settings.data_dir / "migrations" / f"{digest}.sqlite")
    try:
        yield partial(migrate_index, ports, target, copies)
    finally:
        copies.close()
        await target.close()


def _with_index(settings: Settings, url: str) -> Settings:
    given = {name: getattr(settings, name) for name in Settings.model_fields}
    key = settings.migrate_api_key if settings.migrate_api_key.get_secret_value() else settings.index_api_key
    try:
        return Settings(**{**given, **index_settings(url), "index_api_key": key})
    except ValueError as error:
        raise NoEngine("its query says what no setting may be") from error


def _check(to: str) -> None:
    if not _is_store(to):
        index_settings(to)


def _is_store(url: str) -> bool:
    return urlsplit(url).scheme in _STORES


async def _chosen(ports: Ports, chosen: Sequence[str]) -> AsyncIterator[Collection]:
    if not chosen:
        async for collection in every_collection(ports):
            yield collection
    for name in chosen:
        full = name if "/" in name else f"collections/{name}"
        yield await ports.catalog.get_collection(parse_collection(full, "collection"))


async def _patiently(step: Callable[[], Awaitable[Result]]) -> Result:
    pause = 0.5
    while True:
        try:
            return await step()
        except Unavailable as error:
            _log.warning("migration waits", seconds=pause, because=error.message)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
