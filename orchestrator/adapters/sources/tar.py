"""Tar files as they come, member by member: nothing is unpacked, no header is believed beyond its bounds."""

import tarfile
from collections.abc import AsyncIterator
from dataclasses import dataclass

from orchestrator.domain.errors import InvalidArgument

BLOCK = tarfile.BLOCKSIZE
MAX_HEADER_BYTES = 64 * 1024
"""Bytes of one extended header (pax, GNU): names have hundreds."""

_MOST_HEADERS = 16
_LARGEST = 1 << 62
_FILES = frozenset({tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE})
_PAX = frozenset({tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE})
_LINKS = frozenset({tarfile.LNKTYPE, tarfile.SYMTYPE})


@dataclass(frozen=True, slots=True)
class Member:
    """A member: where its bytes begin in the archive, and how many they are. A `problem` says why its bytes
    are not to be read."""

    name: str
    offset: int
    size: int
    problem: str = ""


class TarStream:
    """Reads a tar archive from pieces of its bytes, once, from front to back.

    Raises InvalidArgument, saying at which byte, for what is no tar archive, is compressed, or breaks off.
    """

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self._buffer = bytearray()
        self._position = 0  # of the buffer's first byte
        self._content: tuple[int, int] = (0, 0)  # offset and size of the present member

    async def members(self) -> AsyncIterator[Member]:
        """Files, and what has a problem; folders are passed over. `read` reads the one that came last."""
        while (member := await self._next()) is not None:
            self._content = (member.offset, member.size)
            if member.name:
                yield member
            offset, size = self._content
            await self._skip_to(offset + -(-size // BLOCK) * BLOCK)

    async def read(self) -> bytes:
        """The bytes of the member that came last: once, and of small ones alone."""
        offset, size = self._content
        await self._skip_to(offset)
        return await self._take(size)

    async def _next(self) -> Member | None:
        """The next member; without a name where there is nothing to say of it."""
        longname, pax = "", dict[str, str]()
        for _ in range(_MOST_HEADERS):
            header = await self._header()
            if header is None:
                return None
            if header.type in _PAX:
                pax |= _parse_pax(await self._extension(header.size))
            elif header.type == tarfile.GNUTYPE_LONGNAME:
                longname = (await self._extension(header.size)).rstrip(b"\0").decode("utf-8", "replace")
            elif header.type in (tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK):
                await self._extension(header.size)
            else:
                return self._member(header, longname, pax)
        raise self._broken("has too many headers for one member")

    def _member(self, header: tarfile.TarInfo, longname: str, pax: dict[str, str]) -> Member:
        name = pax.get("path") or longname or header.name
        size = header.size
        if (told := pax.get("size", "")).isdigit():
            size = int(told[:19])
        if not 0 <= size <= _LARGEST:
            raise self._broken("has a member of no size that there is")
        if header.type in _LINKS:
            return Member(name, self._position, 0, "is a link")
        if header.type == tarfile.GNUTYPE_SPARSE or any(key.startswith("GNU.sparse.") for key in pax):
            return Member(name, self._position, size, "is a sparse file")
        if header.type not in _FILES or header.isdir() or name.endswith("/"):
            return Member("", self._position, size if header.type in _FILES else 0)
        if ".." in name.split("/"):
            return Member(name, self._position, size, "has a name that leads out of the archive")
        return Member(
            "/".join(part for part in name.split("/") if part not in ("", ".")), self._position, size
        )

    async def _header(self) -> tarfile.TarInfo | None:
        block = await self._take(BLOCK, at_end=True)
        if not block.strip(b"\0"):
            return None
        if self._position == BLOCK and block.startswith(
            (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
        ):
            raise InvalidArgument("is compressed: only plain tar files can be read from anywhere within")
        try:
            return tarfile.TarInfo.frombuf(block, "utf-8", "replace")
        except (tarfile.TarError, ValueError) as error:
            raise self._broken("is no tar file") from error

    async def _extension(self, size: int) -> bytes:
        if not 0 <= size <= MAX_HEADER_BYTES:
            raise self._broken(f"has a header of more than {MAX_HEADER_BYTES} bytes")
        content = await self._take(size)
        await self._take(-size % BLOCK)
        return content

    async def _take(self, size: int, *, at_end: bool = False) -> bytes:
        while len(self._buffer) < size:
            piece = await anext(self._pieces, None)
            if piece is None:
                if at_end and not self._buffer:
                    return b""
                raise self._broken("breaks off")
            self._buffer += piece
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._position += size
        return taken

    async def _skip_to(self, position: int) -> None:
        while self._position + len(self._buffer) < position:
            self._position += len(self._buffer)
            self._buffer.clear()
            piece = await anext(self._pieces, None)
            if piece is None:
                raise self._broken("breaks off")
            self._buffer += piece
        del self._buffer[: position - self._position]
        self._position = position

    def _broken(self, why: str) -> InvalidArgument:
        return InvalidArgument(f"{why}, at byte {self._position}", reason="SOURCE_BROKEN")


def _parse_pax(content: bytes) -> dict[str, str]:
    """Records `LENGTH KEY=VALUE\\n`; what follows a broken one is left out."""
    found: dict[str, str] = {}
    while content:
        digits, _, rest = content.partition(b" ")
        length = int(digits) if digits.isdigit() and len(digits) < 8 else 0
        record, content = content[len(digits) + 1 : length], content[length:]
        key, equals, value = record.rstrip(b"\n").partition(b"=")
        if not rest or not equals or not length:
            break
        found[key.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
    return found
