"""Ids that the server chooses."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> str:
    """A new id of 26 lower-case letters and digits that sorts by time: 48 bits of milliseconds since 1970,
    80 of chance, in Crockford's base 32 (the layout of ULID)."""
    number = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def new_etag() -> str:
    """A new etag: 16 hexadecimal digits of chance."""
    return secrets.token_hex(8)
