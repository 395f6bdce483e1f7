"""What a local stack is started with, from SIGHTLINE_… in the environment or `.env`."""

from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class StackSettings(BaseSettings):
    """Addresses and folders. A stack with ports and a data directory of its own runs beside others."""

    model_config = SettingsConfigDict(
        env_prefix="SIGHTLINE_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data_dir: Path = Field(Path(".sightline"), description="catalog, pictures, index, logs and process state")
    triton_host: str = Field("127.0.0.1", description="address that the local Triton listens on")
    triton_http_port: int = Field(8000, ge=1, le=65535, description="Triton's HTTP port")
    triton_grpc_port: int = Field(8001, ge=1, le=65535, description="Triton's gRPC port")
    triton_metrics_port: int = Field(8002, ge=1, le=65535, description="Triton's metrics port")
    triton_address: str = Field(
        "", description="gRPC address of a Triton that runs already; none is started then"
    )
    models_dir: Path | None = Field(
        None, description="Triton's model tree; the one of this installation if unset"
    )
    index_engine: Literal["qdrant", "pinecone"] = Field(
        "qdrant", description="engine of the vector index; the embedded one is started for qdrant alone"
    )
    index_host: str = Field("127.0.0.1", description="address that the embedded index listens on")
    index_port: int = Field(6334, ge=1, le=65535, description="the embedded index's gRPC port")
    index_address: str = Field(
        "", description="gRPC address of a Qdrant that runs already; no index is started then"
    )
    orchestrator_host: str = Field("127.0.0.1", description="address that the orchestrator listens on")
    orchestrator_port: int = Field(50051, ge=1, le=65535, description="the orchestrator's gRPC port")
    import_roots: str = Field("", description="folders below which imports may read the server's files")
    gateway_host: str = Field("127.0.0.1", description="address that the gateway listens on")
    gateway_port: int = Field(8080, ge=1, le=65535, description="the gateway's HTTP port")

    @property
    def triton(self) -> str:
        """Triton's gRPC address."""
        return self.triton_address or f"{self.triton_host}:{self.triton_grpc_port}"

    @property
    def index(self) -> str:
        """The index's gRPC address."""
        return self.index_address or f"{self.index_host}:{self.index_port}"

    @property
    def orchestrator(self) -> str:
        """The orchestrator's gRPC address."""
        return f"{self.orchestrator_host}:{self.orchestrator_port}"

    @property
    def gateway(self) -> str:
        """The gateway's HTTP address."""
        return f"http://{self.gateway_host}:{self.gateway_port}"

    @property
    def importable(self) -> str:
        """The folders that imports may read. The orchestrator knows who reaches itself, not who reaches the
        gateway before it: where that is not this machine alone, a folder of the stack's own."""
        if self.import_roots or _is_loopback(self.gateway_host):
            return self.import_roots
        return str((self.data_dir / "imports").absolute())

    @property
    def run_dir(self) -> Path:
        """Where the running stack is noted."""
        return self.data_dir / "run"

    @property
    def log_dir(self) -> Path:
        """Where each service's log lies."""
        return self.data_dir / "logs"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
