"""How deep JSON nests, told as its bytes come: parsers take time that grows with the square of it."""

import numpy as np

from orchestrator.domain.errors import InvalidArgument

DEEPEST = 64


class DepthGuard:
    """Follows brackets that stand outside of texts. Raises InvalidArgument where they nest too deep."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_text = False
        self._left = b""

    def send(self, piece: bytes) -> None:
        """Takes the next bytes."""
        piece = self._left + piece
        slashes = len(piece) - len(piece.rstrip(b"\\"))
        self._left = b"\\" if slashes % 2 else b""  # what it escapes is yet to come
        piece = piece[: len(piece) - len(self._left)].replace(b"\\\\", b"").replace(b'\\"', b"")
        letters = np.frombuffer(piece, np.uint8)
        quotes = letters == ord('"')
        inside = (np.cumsum(quotes, dtype=np.int64) + self._in_text) % 2 == 1
        opening = (letters == ord("[")) | (letters == ord("{"))
        closing = (letters == ord("]")) | (letters == ord("}"))
        steps = opening.astype(np.int64) - closing
        depths = self._depth + np.cumsum(np.where(inside, 0, steps))
        if depths.max(initial=0) > DEEPEST:
            raise InvalidArgument(f"the JSON nests deeper than {DEEPEST}", reason="SOURCE_BROKEN")
        if len(letters):
            self._depth, self._in_text = int(depths[-1]), bool(inside[-1])
