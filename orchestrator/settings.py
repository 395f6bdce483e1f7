"""The orchestrator's settings: flags first, then the environment and `.env`, then defaults that work."""

import argparse
import ipaddress
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "SIGHTLINE_"
MIB = 1 << 20

_PASSWORD = re.compile(r"(?<=://)([^/@:]*):.*@|(?<=[?&])((?:ssl)?password)=[^&]*")
_REPOSITORY = Path(__file__).resolve().parent.parent / "model_repository"


class Settings(BaseSettings):
    """Every setting, with its range. A field `x_y` is the flag `--x-y` and SIGHTLINE_X_Y."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        validate_default=True,
    )

    orchestrator_host: str = Field("127.0.0.1", min_length=1, description="address to listen on")
    orchestrator_port: int = Field(
        50051, ge=0, le=65535, description="port to listen on; 0 takes a free one and prints it"
    )
    data_dir: Path = Field(Path(".sightline"), description="where the catalog and the pictures are kept")
    triton_address: str = Field(
        "127.0.0.1:8001", min_length=1, description="Triton's gRPC address, HOST:PORT"
    )
    index_engine: Literal["qdrant", "pinecone"] = Field(
        "qdrant",
        description="engine of the vector index: qdrant, which the embedded one speaks too, or pinecone",
    )
    index_address: str = Field(
        "127.0.0.1:6334", min_length=1, description="gRPC address of the edge server or of Qdrant, HOST:PORT"
    )
    index_tls: bool = Field(False, description="speak TLS to the index")
    index_api_key: SecretStr = Field(SecretStr(""), description="Qdrant's or Pinecone's API key")
    migrate_api_key: SecretStr = Field(
        SecretStr(""), description="API key of the index that is migrated to; empty: that of the one in use"
    )
    qdrant_shards: int = Field(
        0, ge=0, le=1024, description="shards of a collection made in Qdrant; 0: as its server says"
    )
    qdrant_replicas: int = Field(
        0,
        ge=0,
        le=64,
        description="copies of each shard of a collection made in Qdrant; 0: as its server says",
    )
    qdrant_write_consistency: int = Field(
        0,
        ge=0,
        le=64,
        description="copies that must have a write before it is acknowledged; 0: as its server says",
    )
    pinecone_index: str = Field(
        "sightline",
        pattern=r"^[a-z0-9]([a-z0-9-]{0,36}[a-z0-9])?$",
        description="what Pinecone's indexes are called; the length of their vectors is put behind it",
    )
    pinecone_cloud: Literal["aws", "gcp", "azure"] = Field(
        "aws", description="cloud in which a missing Pinecone index is made, serverless"
    )
    pinecone_region: str = Field("us-east-1", min_length=1, description="region in which it is made")
    pinecone_host: str = Field("", description="address of Pinecone's control plane; empty: Pinecone's own")
    catalog_url: str = Field(
        "",
        description="catalog: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE; e"
        "mpty: catalog.sqlite in the data directory",
    )
    blobs_url: str = Field(
        "",
        description="where the pictures lie: file:///…, s3://bucket/prefix, gs://bucket/prefix; "
        "empty: blobs in the data directory",
    )
    import_roots: str = Field(
        "",
        description="folders below which imports may read the server's files, and snapshots may lie, "
        "separated by colons; empty: any folder where the orchestrator listens on loopback alone, else none",
    )
    fetch_allow: str = Field(
        "",
        description="hosts (.suffix: all below it), addresses and networks that URLs may be fetched from "
        "though they are private, on any port; comma-separated",
    )
    fetch_timeout: float = Field(30, gt=0, le=3600, description="seconds that a file may take to be fetched")
    fetch_idle_timeout: float = Field(
        10, gt=0, le=600, description="longest wait, in seconds, for a host to connect, or to send more"
    )
    fetch_at_once: int = Field(32, ge=1, le=1024, description="URLs fetched at once")
    fetch_per_host: int = Field(4, ge=1, le=256, description="URLs fetched at once from one host")
    fetch_rate: float = Field(10, gt=0, le=10_000, description="requests begun a second to one host")
    fetch_user_agent: str = Field(
        "Sightline/0.1",
        min_length=1,
        max_length=500,
        pattern=r"^[\x20-\x7e]+$",
        description="what hosts are told of who fetches",
    )
    reddit_url: str = Field(
        "https://www.reddit.com", min_length=1, description="where subreddits' listings are read"
    )
    job_lease: float = Field(
        15,
        ge=1,
        le=600,
        description="seconds after which other orchestrators take over the operations, and imports' items, "
        "of one that says nothing more",
    )
    operation_days: float = Field(
        30,
        gt=0,
        le=36500,
        description="days after which an operation that ended is forgotten, with its items, but for the "
        "newest run of each schedule",
    )
    import_items: int = Field(
        8, ge=1, le=1024, description="items of imports under way at once in this orchestrator"
    )
    import_items_beside: int = Field(
        1, ge=1, le=1024, description="of these, while this orchestrator answers searches"
    )
    import_bytes: int = Field(
        128 * MIB, ge=1, description="bytes of imported files in this orchestrator's memory at once"
    )
    packs_dir: Path = Field(_REPOSITORY / "packs", description="folder of the model packs' descriptions")
    models_dir: Path = Field(
        _REPOSITORY / "models",
        description="Triton's model tree, where it is at hand: packs that are not in it are not offered",
    )
    embedder: str = Field(
        "starter", min_length=1, description="pack that embeds where a collection names none"
    )
    segmenter: str = Field("starter", description="pack that segments where a collection names none")
    segmentation: Literal["OFF", "QUICK", "FULL"] = Field(
        "QUICK", description="how much of each new image of `collections/default` is segmented"
    )
    max_creates: int = Field(32, ge=1, le=1024, description="images created at once, over all calls")
    max_waiting: int = Field(128, ge=0, le=65536, description="images that wait for one of these places")
    max_bulk_in_flight: int = Field(
        16, ge=1, le=1024, description="items of one bulk stream under way at once"
    )
    max_rpcs: int = Field(512, ge=1, le=65536, description="calls served at once; more are refused")
    decoders: int = Field(0, ge=0, le=256, description="pictures decoded at once; 0: one a core, at most 8")
    cache_url: SecretStr = Field(
        SecretStr(""),
        description="Redis that keeps embeddings and thumbnails, redis://USER:PASSWORD@HOST:PORT/NUMBER, or "
        "rediss:// with TLS; empty: memory",
    )
    cache_bytes: int = Field(256 * MIB, ge=0, description="bytes of embeddings and thumbnails kept in memory")
    cache_seconds: float = Field(3600, gt=0, description="how long they are kept")
    triton_timeout: float = Field(120, gt=0, le=3600, description="seconds that a model may take")
    health_interval: float = Field(1, ge=0.1, le=60, description="seconds between looks at the engines")
    recover_interval: float = Field(
        5, ge=1, le=3600, description="seconds between looks for writes and deletions that were cut short"
    )
    drain_seconds: float = Field(20, ge=0, le=600, description="seconds that open calls have at shutdown")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level logged")
    log_format: Literal["json", "console"] = Field("console", description="json or console")

    @property
    def catalog(self) -> str:
        """The catalog's URL."""
        path = (self.data_dir / "catalog.sqlite").absolute()
        return self.catalog_url or f"sqlite:///{path}"

    @property
    def blobs(self) -> str:
        """The object store's URL."""
        return self.blobs_url or (self.data_dir / "blobs").absolute().as_uri()

    @property
    def readable_folders(self) -> list[Path] | None:
        """The folders below which imports may read; None: any folder."""
        if self.import_roots:
            return [Path(root).absolute() for root in self.import_roots.split(os.pathsep) if root]
        return None if _is_loopback(self.orchestrator_host) else []

    @property
    def fetch_allowed(self) -> list[str]:
        """The hosts and networks that may be fetched from though they are private."""
        return [entry for entry in map(str.strip, self.fetch_allow.split(",")) if entry]

    @property
    def address(self) -> str:
        """Where the server listens: `host:port`, an IPv6 host in brackets."""
        host = f"[{self.orchestrator_host}]" if ":" in self.orchestrator_host else self.orchestrator_host
        return f"{host}:{self.orchestrator_port}"

    def shown(self) -> dict[str, Any]:
        """All settings as they may be logged: passwords in URLs are hidden."""
        return {
            name: value if isinstance(value, int | float) else _PASSWORD.sub(_hidden, str(value))
            for name, value in self.model_dump().items()
        }


def _hidden(found: re.Match[str]) -> str:
    user, name = found.groups()
    return f"{user}:***@" if name is None else f"{name}=***"


def parse(arguments: Sequence[str] | None = None) -> Settings:
    """Settings from flags over the environment. Exits with status 2 and a message where one is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m orchestrator",
        description="Serves sightline.v1 over gRPC.",
        epilog="Each flag --x-y is also the setting SIGHTLINE_X_Y in the environment or in .env.",
    )
    for name, field in Settings.model_fields.items():
        default = f" (default: {field.default})" if str(field.default) else ""
        parser.add_argument(
            "--" + name.replace("_", "-"),
            dest=name,
            metavar=name.rpartition("_")[2].upper(),
            help=f"{field.description}{default}".replace("%", "%%"),
        )
    given = {name: value for name, value in vars(parser.parse_args(arguments)).items() if value is not None}
    try:
        return Settings(**given)
    except ValueError as error:
        parser.error(_why(error))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _why(error: ValueError) -> str:
    errors = getattr(error, "errors", None)
    if errors is None:
        return "the settings make no sense"
    # The values themselves stay out: they may hold passwords.
    return "; ".join(f"{PREFIX}{'.'.join(map(str, item['loc'])).upper()}: {item['msg']}" for item in errors())
