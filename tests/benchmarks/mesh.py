"""The mesh of a run: Triton, the edge server, the orchestrator and the gateway, each a process as in `up`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.settings import Settings
from tests.benchmarks.packs import Packs
from tests.fixtures.service import Service
from tests.fixtures.stack import answers, serving
from tests.fixtures.triton import free_ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """Addresses of a running mesh, its data, and its processes: name → pid, once they run."""

    data: Path
    packs: Packs
    triton: str
    index: str
    orchestrator: str
    gateway: str
    pids: dict[str, int] = field(default_factory=dict)

    def settings(self) -> Settings:
        """Those of its orchestrator, for a look at its engines from here."""
        return Settings(
            data_dir=self.data,
            triton_address=self.triton,
            index_address=self.index,
            packs_dir=self.packs.packs,
            models_dir=self.packs.models,
            embedder=self.packs.embedder,
            segmenter=self.packs.segmenter or "",
            segmentation="OFF",
        )


@contextmanager
def running_mesh(
    data: Path, packs: Packs, *, prepare: Callable[[Mesh], None] | None = None, build_threshold: int = 0
) -> Iterator[Mesh]:
    """A mesh over a directory, ready; ended with the block.

    `prepare` is called when the engines run and the orchestrator does not yet. With `build_threshold` the
    index builds its graph once so many vectors are in, not before.
    """
    http, triton, metrics, index, orchestrator, gateway = free_ports(6)
    mesh = Mesh(
        data=data,
        packs=packs,
        triton=f"127.0.0.1:{triton}",
        index=f"127.0.0.1:{index}",
        orchestrator=f"127.0.0.1:{orchestrator}",
        gateway=f"http://127.0.0.1:{gateway}",
    )
    threshold = ["--build-threshold", str(build_threshold)] if build_threshold else []
    engines = [
        _service(
            data,
            "model_repository.serve",
            [
                *("--models", str(packs.models), "--http-port", str(http), "--grpc-port", str(triton)),
                *("--metrics-port", str(metrics), "--die-with-parent"),
            ],
            lambda: answers(f"http://127.0.0.1:{http}/v2/health/ready"),
        ),
        _service(
            data,
            "orchestrator.adapters.index.edge_server",
            ["--data", str(data / "index"), "--port", str(index), *threshold],
            lambda: serving(mesh.index),
        ),
    ]
    faces = [
        _service(
            data,
            "orchestrator",
            [
                *("--orchestrator-port", str(orchestrator), "--data-dir", str(data)),
                *("--triton-address", mesh.triton, "--index-address", mesh.index),
                *("--packs-dir", str(packs.packs), "--models-dir", str(packs.models)),
                *("--embedder", packs.embedder, "--segmenter", packs.segmenter or ""),
                *("--segmentation", "OFF"),
            ],
            lambda: serving(mesh.orchestrator),
        ),
        _service(
            data,
            "gateway",
            ["--port", str(gateway), "--target", mesh.orchestrator],
            lambda: answers(f"{mesh.gateway}/readyz"),
        ),
    ]
    with ExitStack() as ending:
        _start(engines, ending)
        if prepare is not None:
            prepare(mesh)
        _start(faces, ending)
        names = ("triton", "index", "orchestrator", "gateway")
        mesh.pids.update(zip(names, (each.pid for each in engines + faces), strict=True))
        yield mesh


def _start(services: list[Service], ending: ExitStack) -> None:
    for service in services:
        ending.callback(service.stop)
        service.launch()
    for service in services:
        service.wait_until_ready(300)


def _service(data: Path, module: str, arguments: list[str], ready: Callable[[], bool]) -> Service:
    name = module.rpartition(".")[2]
    return Service(module, arguments, ready=ready, log=data / f"{name}.log", directory=data)
