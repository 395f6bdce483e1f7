"""Object stores by their URLs: a directory, a bucket of S3 or one of GCS."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote, urlsplit

from obstore.store import GCSStore, LocalStore, S3Store

if TYPE_CHECKING:  # obstore has these for type checkers alone
    from obstore.store import ClientConfig, RetryConfig

Bucket: TypeAlias = S3Store | GCSStore

_RETRY: RetryConfig = {
    "max_retries": 10,
    "retry_timeout": timedelta(seconds=30),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=5), "base": 2},
}
"""Throttling (429, 503), other errors of the server and broken connections are tried again, ever later."""

_S3_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_GCS_ENDPOINTS = ("GOOGLE_BASE_URL", "STORAGE_EMULATOR_HOST")


def open_store(url: str) -> Bucket | LocalStore:
    """The store of `file:///a/directory`, `s3://bucket/prefix` or `gs://bucket/prefix`.

    Credentials, region and endpoint of a bucket are those of the environment, as its cloud's own SDKs name
    them; nothing is asked yet. Raises ValueError for another URL; OSError, and what obstore raises.
    """
    parts = urlsplit(url)
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("its URL holds more than a place: credentials belong in the environment")
    if parts.scheme == "file":
        return LocalStore(unquote(parts.path), mkdir=True)
    if parts.scheme not in ("s3", "gs") or not parts.netloc:
        raise ValueError("its URL is none of file:///a/directory, s3://bucket/prefix, gs://bucket/prefix")
    if parts.scheme == "s3":
        return S3Store.from_url(url, client_options=_client(_S3_ENDPOINTS), retry_config=_RETRY)
    options = _client(_GCS_ENDPOINTS)
    if emulator := os.environ.get("STORAGE_EMULATOR_HOST"):
        base = emulator if "://" in emulator else f"http://{emulator}"
        token = "emulator"  # noqa: S105 — asks for none: without any, Google is asked for one
        return GCSStore.from_url(
            url, client_options=options, retry_config=_RETRY, base_url=base, bearer_token=token
        )
    return GCSStore.from_url(url, client_options=options, retry_config=_RETRY)


def local_root(url: str) -> Path | None:
    """The directory of a `file:` URL; None for another."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _client(endpoints: tuple[str, ...]) -> ClientConfig:
    """Without TLS only where whoever runs the server named an endpoint without it."""
    named = next((os.environ[name] for name in endpoints if os.environ.get(name)), "https://")
    return {
        "allow_http": not named.startswith("https://"),
        "connect_timeout": timedelta(seconds=5),
        "read_timeout": timedelta(seconds=20),
        "timeout": timedelta(seconds=120),
    }
