"""What clients are told by the environment and by the working directory's `.env`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

from sightline.errors import ConfigurationError

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = "50051"
DEFAULT_TIMEOUT: Final = 60.0
_BOOLEANS: Final = {"1": True, "true": True, "yes": True, "on": True} | dict.fromkeys(
    ("", "0", "false", "no", "off"), False
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """How a server is reached where the caller does not say.

    `address`: SIGHTLINE_ORCHESTRATOR_ADDRESS, else SIGHTLINE_ORCHESTRATOR_HOST and …_PORT.
    `timeout`: SIGHTLINE_CLIENT_TIMEOUT, seconds. `tls`: SIGHTLINE_CLIENT_TLS. `tls_ca`:
    SIGHTLINE_CLIENT_TLS_CA, a PEM file of the authorities that vouch for the server; without, gRPC's own.
    """

    address: str = f"{DEFAULT_HOST}:{DEFAULT_PORT}"
    timeout: float = DEFAULT_TIMEOUT
    tls: bool = False
    tls_ca: Path | None = None


def read_settings() -> ClientSettings:
    """Reads them; the environment goes before `.env`. Raises ConfigurationError, with the setting's name."""
    given = {**dotenv_values(".env"), **os.environ}
    host = given.get("SIGHTLINE_ORCHESTRATOR_HOST") or DEFAULT_HOST
    port = given.get("SIGHTLINE_ORCHESTRATOR_PORT") or DEFAULT_PORT
    authorities = given.get("SIGHTLINE_CLIENT_TLS_CA")
    return ClientSettings(
        address=given.get("SIGHTLINE_ORCHESTRATOR_ADDRESS") or f"{_bracketed(host)}:{port}",
        timeout=_seconds(given, "SIGHTLINE_CLIENT_TIMEOUT"),
        tls=_boolean(given, "SIGHTLINE_CLIENT_TLS"),
        tls_ca=Path(authorities) if authorities else None,
    )


def _bracketed(host: str) -> str:
    """The host as an address has it: an IPv6 one in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _seconds(given: Mapping[str, str | None], name: str) -> float:
    text = given.get(name) or str(DEFAULT_TIMEOUT)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ConfigurationError(f"{name} is {text!r}: it is a number of seconds above 0")
    return seconds


def _boolean(given: Mapping[str, str | None], name: str) -> bool:
    text = (given.get(name) or "").lower()
    if text not in _BOOLEANS:
        raise ConfigurationError(f"{name} is {text!r}: it is true or false")
    return _BOOLEANS[text]
