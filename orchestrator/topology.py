"""Refuses, at start, stores and orchestrators that cannot work together; says which of several leads.

What can be known is known by three things: the file system that an SQLite catalog lies on; a row in the
catalog for each orchestrator that works on it; and the catalog's id, kept in a file of its object store too.
"""

import asyncio
import ipaddress
import os
import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog

from orchestrator.application.ports import Blobs
from orchestrator.application.ports.blobs import OWNER_KEY
from orchestrator.application.ports.peers import Peers
from orchestrator.domain.deployment import Orchestrator, refusal
from orchestrator.domain.errors import DataLoss, SightlineError
from orchestrator.domain.identifiers import new_id

BEAT_SECONDS = 10.0

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "lustre", "afs", "gpfs", "beegfs"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.gcsfuse", "fuse.rclone", "fuse.ceph"}
)

_log = structlog.get_logger(__name__)


class CannotWork(Exception):
    """A combination that cannot work; the message is the reason, in one line."""


def check_catalog_file(path: Path, mounts: str | None = None) -> None:
    """Raises CannotWork where an SQLite catalog lies on a network's file system.

    `mounts` is what /proc/self/mountinfo holds.
    """
    kind = file_system(path, mounts)
    if kind in NETWORK_FILE_SYSTEMS:
        raise CannotWork(
            f"it is an SQLite file on a file system of the network ({kind}), where its locks and its log do "
            "not hold: keep it on a disk of this machine, or use PostgreSQL (postgresql://…)"
        )


async def claim_blobs(peers: Peers, blobs: Blobs) -> None:
    """Marks the object store as this catalog's. Raises CannotWork where it is another's, or lost its mark.

    Two catalogs on one store would each delete the other's pictures as nobody's, and an orchestrator whose
    store is another than its peers' would serve half of the pictures.
    """
    id = await peers.catalog_id()
    found = await _mark(blobs)
    if found is None and await peers.blobs_are_marked():
        raise CannotWork(
            f"it is not the one that holds this catalog's pictures: it lacks the file {OWNER_KEY}. "
            "Orchestrators on several machines need one store that all can reach, such as a bucket; if the "
            f"pictures were moved there, write {id} into that file"
        )
    if found is None:
        await blobs.put(OWNER_KEY, id.encode())
        found = await _mark(blobs)
    if found != id:
        raise CannotWork(
            "it holds the pictures of another catalog, which would be deleted as nobody's: give this "
            "catalog a store, or a prefix in a bucket, of its own"
        )
    await peers.mark_blobs()


async def pass_on_mark(blobs: Blobs, target: Blobs) -> None:
    """Marks a further store, to which pictures are copied, as `blobs` is. Raises CannotWork where it is
    another catalog's."""
    own, found = await blobs.get(OWNER_KEY), await _mark(target)
    if found is not None and found != own.decode().strip():
        raise CannotWork("it holds the pictures of another catalog")
    await target.put(OWNER_KEY, own)


class Presence:
    """This orchestrator among those of its catalog."""

    def __init__(self, peers: Peers, engine: str, index: str) -> None:
        self._peers = peers
        self._leads = True
        self.itself = this_orchestrator(engine, index)

    async def join(self, *, catalog_is_file: bool) -> None:
        """Raises CannotWork, Unavailable."""
        refuse = partial(refusal, self.itself, catalog_is_file=catalog_is_file)
        gone = partial(has_ended, process=self.itself.process)
        if why := await self._peers.join(self.itself, refuse, gone):
            raise CannotWork(f"{why}. One that was killed counts as there for half a minute")
        self._heard(await self._peers.beat(self.itself))

    def leads(self) -> bool:
        """Whether it is to do what one orchestrator of a catalog does for all: the oldest that is there.

        For some seconds two may, or none: what they do is right all the same.
        """
        return self._leads

    async def keep(self, every: float = BEAT_SECONDS) -> None:
        """Says until it is cancelled that it is there."""
        while True:
            await asyncio.sleep(every)
            with suppress(SightlineError):  # the catalog told of it
                self._heard(await self._peers.beat(self.itself))

    async def leave(self) -> None:
        """Makes room at once."""
        with suppress(SightlineError):
            await self._peers.leave(self.itself.id)

    def _heard(self, alive: Sequence[Orchestrator]) -> None:
        leads = not alive or alive[0].id == self.itself.id
        if leads != self._leads:
            _log.info("leads" if leads else "follows", orchestrators=len(alive))
        self._leads = leads


def this_orchestrator(engine: str, index: str) -> Orchestrator:
    """This process; `index` is an address HOST:PORT, or a name where the engine has none."""
    host = index.rpartition(":")[0].strip("[]") or index
    return Orchestrator(
        id=new_id(),
        host=socket.gethostname(),
        machine=_machine(),
        network=_namespace("net"),
        process=_process(os.getpid()),
        index_engine=engine,
        index=index,
        index_is_local=engine != "pinecone" and _is_loopback(host),
        start_time=datetime.now(UTC),
    )


def has_ended(other: Orchestrator, *, process: str) -> bool:
    """Whether another orchestrator was a process that this one would see, and does not."""
    space, number, _ = other.process.split("/")
    return space == process.split("/")[0] and _process(int(number)) != other.process


def file_system(path: Path, mounts: str | None = None) -> str:
    """The kind of file system that a path lies on, or would; empty where that is not known."""
    mounts = _said("/proc/self/mountinfo") if mounts is None else mounts
    path = path.resolve()
    best, kind = -1, ""
    for line in mounts.splitlines():
        fields, _, rest = line.partition(" - ")
        place = re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), (fields.split(" ") + [""] * 5)[4])
        if place and path.is_relative_to(place) and len(place) >= best:
            best, kind = len(place), rest.split(" ")[0]
    return kind


async def _mark(blobs: Blobs) -> str | None:
    try:
        return (await blobs.get(OWNER_KEY)).decode(errors="replace").strip()
    except DataLoss:
        return None


def _process(number: int) -> str:
    """A process for good: the machine and namespace that its number is of, the number, and when it began."""
    fields = _said(f"/proc/{number}/stat").rpartition(")")[2].split()
    space = f"{_machine()}:{_namespace('pid')}"
    return f"{space}/{number}/{fields[19] if len(fields) > 19 else ''}"


def _machine() -> str:
    return _said("/proc/sys/kernel/random/boot_id") or socket.gethostname()


def _namespace(kind: str) -> str:
    try:
        return str(os.stat(f"/proc/self/ns/{kind}").st_ino)  # noqa: PTH116 — a link to no path
    except OSError:
        return socket.gethostname()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _said(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
