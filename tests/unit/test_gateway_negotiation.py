"""Lists of weights, of any length that a header may have."""

from __future__ import annotations

import tracemalloc

from gateway.negotiation import qualities


def test_long_headers_are_not_kept() -> None:
    tracemalloc.start()
    try:
        for number in range(256):
            qualities(f"x{number}," + ",".join(f"{n:06}" for n in range(4000)))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1 << 20


def test_only_the_first_items_of_a_long_list_count() -> None:
    assert qualities("a," * 49 + "gzip") == {"a": 1, "gzip": 1}
    assert qualities("a," * 50 + "gzip") == {"a": 1}
    assert qualities(f"gzip, br{' ' * 600}, x{'y' * 600}")["br"] == 1
