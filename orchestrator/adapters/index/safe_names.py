"""Namespaces as engines take their names: letters, digits, dots, hyphens and underscores."""

import hashlib
import re

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]")
_LONGEST = 200


def safe_name(namespace: str) -> str:
    """A namespace's name: other characters become `_HEX_`, so that two namespaces never share one. Very long
    names end in a hash."""
    safe = _UNSAFE.sub(lambda found: f"_{ord(found[0]):x}_", namespace)
    if len(safe) > _LONGEST:
        digest = hashlib.sha256(namespace.encode()).hexdigest()
        safe = f"{safe[: _LONGEST - len(digest) - 1]}_{digest}"
    return safe
