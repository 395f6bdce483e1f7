"""The services of a stack: how each is started, and the ports that it takes."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from sightline.stack.settings import StackSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One process: its command, its environment, and its ports by the setting that moves each."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, tuple[str, int]] = field(default_factory=dict)


def services(settings: StackSettings) -> list[Service]:
    """In the order in which they start; engines that run elsewhere are left out."""
    python = (sys.executable, "-m")
    found = []
    if not settings.triton_address:
        models = ("--models", str(settings.models_dir)) if settings.models_dir else ()
        found.append(
            Service(
                name="triton",
                command=(
                    *python,
                    "model_repository.serve",
                    *models,
                    *("--host", settings.triton_host),
                    *("--http-port", str(settings.triton_http_port)),
                    *("--grpc-port", str(settings.triton_grpc_port)),
                    *("--metrics-port", str(settings.triton_metrics_port)),
                ),
                ports={
                    "SIGHTLINE_TRITON_HTTP_PORT": (settings.triton_host, settings.triton_http_port),
                    "SIGHTLINE_TRITON_GRPC_PORT": (settings.triton_host, settings.triton_grpc_port),
                    "SIGHTLINE_TRITON_METRICS_PORT": (settings.triton_host, settings.triton_metrics_port),
                },
            )
        )
    if settings.index_engine == "qdrant" and not settings.index_address:
        found.append(
            Service(
                name="index",
                command=(
                    *python,
                    "orchestrator.adapters.index.edge_server",
                    *("--data", str(settings.data_dir / "index")),
                    *("--host", settings.index_host),
                    *("--port", str(settings.index_port)),
                ),
                ports={"SIGHTLINE_INDEX_PORT": (settings.index_host, settings.index_port)},
            )
        )
    found.append(
        Service(
            name="orchestrator",
            command=(*python, "orchestrator"),
            environment={
                "SIGHTLINE_DATA_DIR": str(settings.data_dir),
                "SIGHTLINE_TRITON_ADDRESS": settings.triton,
                "SIGHTLINE_INDEX_ADDRESS": settings.index,
                "SIGHTLINE_IMPORT_ROOTS": settings.importable,
                "SIGHTLINE_ORCHESTRATOR_HOST": settings.orchestrator_host,
                "SIGHTLINE_ORCHESTRATOR_PORT": str(settings.orchestrator_port),
            },
            ports={"SIGHTLINE_ORCHESTRATOR_PORT": (settings.orchestrator_host, settings.orchestrator_port)},
        )
    )
    found.append(
        Service(
            name="gateway",
            command=(*python, "gateway"),
            environment={
                "SIGHTLINE_GATEWAY_TARGET": settings.orchestrator,
                "SIGHTLINE_GATEWAY_HOST": settings.gateway_host,
                "SIGHTLINE_GATEWAY_PORT": str(settings.gateway_port),
                "SIGHTLINE_GATEWAY_DESCRIPTORS": descriptors(),
                "SIGHTLINE_GATEWAY_HTTP_RULES": str(files("sightline.stack").joinpath("http_rules.yaml")),
                "SIGHTLINE_GATEWAY_TITLE": "Sightline",
            },
            ports={"SIGHTLINE_GATEWAY_PORT": (settings.gateway_host, settings.gateway_port)},
        )
    )
    return found


def descriptors() -> str:
    """The API's descriptor set, whose comments become the OpenAPI document's."""
    return str(files("sightline.v1").joinpath("descriptors.binpb"))
