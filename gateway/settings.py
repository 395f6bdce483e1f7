"""The gateway's settings: flags first, then the environment and `.env`, then defaults that work."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1 << 20
SCHEMES = re.compile(r"^(?:(?:bearer(?::[\w.-]+)?|basic|apikey:[\w.-]+)(?:, *|$))*$")


class Settings(BaseSettings):
    """Every setting, with its range. A field `x` is the flag `--x` and SIGHTLINE_GATEWAY_X.

    The target, and how to log, are also taken from what the orchestrator goes by.
    """

    model_config = SettingsConfigDict(
        env_prefix="SIGHTLINE_GATEWAY_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    target: str = Field(
        "127.0.0.1:50051",
        min_length=1,
        validation_alias=AliasChoices("SIGHTLINE_GATEWAY_TARGET", "SIGHTLINE_ORCHESTRATOR_ADDRESS"),
        description="address of the gRPC server, as gRPC names it (HOST:PORT, dns:///…, unix:…)",
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    workers: int = Field(1, ge=1, le=256, description="processes that share the port")
    descriptors: Path | None = Field(
        None,
        description="FileDescriptorSet file: comments for OpenAPI, and routes where there is no reflection",
    )
    http_rules: Path | None = Field(
        None,
        description="YAML or JSON file of HTTP rules, a google.api.Service, for methods that bear none; its"
        " rules take the place of a method's own",
    )
    reread_interval: float = Field(
        30.0,
        ge=0,
        le=86400,
        description="seconds between looks at the services of a target that stays connected, and at the files"
        " above; 0: none",
    )
    tls: bool = Field(False, description="speak TLS to the target")
    tls_ca: Path | None = Field(None, description="PEM file of the authorities that vouch for the target")
    timeout: float = Field(
        300.0, ge=0, le=86400, description="seconds for a unary call without Grpc-Timeout; 0: without end"
    )
    max_body_bytes: int = Field(64 * MIB, ge=1, description="largest request body")
    max_message_bytes: int = Field(
        64 * MIB, ge=1, le=2**31 - 1, description="largest gRPC message, both ways"
    )
    max_buffered_bytes: int = Field(
        1024 * MIB, ge=1, description="request bodies held at once, over all requests and WebSockets"
    )
    max_parts: int = Field(1000, ge=1, description="most parts of a form")
    idle_timeout: float = Field(30.0, gt=0, description="longest wait, in seconds, for more of a body")
    min_rate: int = Field(
        256,
        ge=0,
        description="least bytes a second, after the first idle_timeout, of a body that is waited for and of"
        " an answer that is read; 0: none",
    )
    head_timeout: float = Field(20.0, gt=0, description="seconds that a request's head may take to come")
    write_timeout: float = Field(
        60.0, gt=0, description="longest wait, in seconds, for a client to read more of an answer"
    )
    max_header_bytes: int = Field(
        32 << 10, ge=1024, description="largest head of a request: its line and its headers"
    )
    max_headers: int = Field(100, ge=1, description="most headers of a request")
    max_metadata_bytes: int = Field(
        7 << 10, ge=1024, description="most metadata, as gRPC counts it, that a request's headers become"
    )
    compress: bool = Field(True, description="compress answers with what Accept-Encoding names")
    shutdown_timeout: int = Field(20, ge=0, description="seconds that open requests have at shutdown")
    cors_origins: str = Field(
        "", description="origins that browsers may call from, comma-separated; * for all; empty: none"
    )
    allowed_hosts: str = Field(
        "",
        description="names in Host that are served beside localhost, the host above and, unless that is"
        " loopback, IP addresses; comma-separated; * for all",
    )
    title: str = Field("", description="title of the OpenAPI document; empty: the services' package")
    rpc: bool = Field(
        True, description="serve every method at /package.Service/Method too: Connect, gRPC-Web"
    )
    heartbeat: float = Field(
        15.0, gt=0, le=3600, description="seconds of quiet between signs of life in server-sent events"
    )
    max_connections: int = Field(
        10_000, ge=1, description="most connections open at once; who comes beyond is asked to come again"
    )
    max_websockets: int = Field(1000, ge=0, description="most WebSockets open at once")
    max_websocket_message_bytes: int = Field(
        4 * MIB, ge=1, description="largest message to a WebSocket, within max_message_bytes"
    )
    docs: bool = Field(True, description="serve /docs, /redoc and /openapi.json")
    security: str = Field(
        "",
        pattern=SCHEMES.pattern,
        description="how the OpenAPI document says that callers prove who they are: bearer, bearer:FORMAT,"
        " basic, apikey:METADATA-KEY; comma-separated alternatives; empty: not said",
    )
    log_format: Literal["json", "console"] = Field(
        "console",
        validation_alias=AliasChoices("SIGHTLINE_GATEWAY_LOG_FORMAT", "SIGHTLINE_LOG_FORMAT"),
        description="json or console",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info",
        validation_alias=AliasChoices("SIGHTLINE_GATEWAY_LOG_LEVEL", "SIGHTLINE_LOG_LEVEL"),
        description="least level logged",
    )

    @property
    def websocket_limit(self) -> int:
        """The most bytes of a message to a WebSocket."""
        return min(self.max_websocket_message_bytes, self.max_message_bytes)

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of `cors_origins`."""
        return _listed(self.cors_origins)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names of `allowed_hosts`."""
        return _listed(self.allowed_hosts)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def parse(arguments: Sequence[str] | None = None) -> Settings:
    """Settings from flags over the environment. Exits with a usage message where one is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m gateway", description="Serves the HTTP rules of a gRPC server as HTTP and JSON."
    )
    for name, field in Settings.model_fields.items():
        flag = "--" + name.replace("_", "-")
        default = "" if field.default in (None, "") else f" (default: {field.default})"
        options: dict[str, Any] = {"dest": name, "default": None, "help": f"{field.description}{default}"}
        if field.annotation is bool:
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, **options)
        else:
            parser.add_argument(flag, metavar=name.rpartition("_")[2].upper(), **options)
    given = {name: value for name, value in vars(parser.parse_args(arguments)).items() if value is not None}
    try:
        return Settings(**given)
    except ValueError as error:
        parser.error(_first_lines(error))


def _first_lines(error: ValueError) -> str:
    errors = getattr(error, "errors", None)
    if errors is None:
        return str(error)
    return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in errors())
