"""`up`, `down`, `status`: the mesh on this machine."""

from typing import TYPE_CHECKING

import typer
from rich.live import Live
from rich.table import Table

from sightline import Sightline, SightlineError
from sightline.cli.options import AsJson, Server, examples
from sightline.cli.output import console, plain_table, print_json

if TYPE_CHECKING:
    from sightline.stack.control import Status
    from sightline.stack.settings import StackSettings

SERVICES = (
    "CollectionService",
    "ImageService",
    "SegmentationService",
    "TextService",
    "SearchService",
    "EmbeddingService",
    "ModelService",
)


def settings() -> "StackSettings":
    """The local stack's settings. Raises SightlineError where only the client is installed."""
    try:
        from sightline.stack.settings import StackSettings
    except ImportError as error:
        raise SightlineError(
            "this installation is the client alone: pip install 'sightline[server]'"
        ) from error
    return StackSettings()


def start() -> "StackSettings":
    """Starts the stack, shows its parts as they come to serve, and says with what settings."""
    chosen = settings()
    from sightline.stack.control import up

    with Live(console=console.stderr, refresh_per_second=8, transient=True) as live:
        up(chosen, lambda now: live.update(_progress(now)))
    table = plain_table("part", "where", header=False)
    table.add_row("web, OpenAPI", f"{chosen.gateway}/docs")
    table.add_row("HTTP", f"{chosen.gateway}/v1/collections/default")
    table.add_row("gRPC", chosen.orchestrator)
    table.add_row("Triton", chosen.triton)
    table.add_row("data", str(chosen.data_dir.resolve()))
    table.add_row("logs", str(chosen.log_dir))
    console.text.print(table)
    return chosen


def register(app: typer.Typer) -> None:
    """Adds the commands."""

    @app.command(
        epilog=examples(
            "sightline up", "SIGHTLINE_DATA_DIR=/srv/pictures SIGHTLINE_GATEWAY_PORT=80 sightline up"
        )
    )
    def up(as_json: AsJson = False) -> None:
        """Start Triton, the index, the orchestrator and the gateway in the background."""
        chosen = start()
        if as_json:
            places = {"data": str(chosen.data_dir.resolve()), "logs": str(chosen.log_dir)}
            servers = {
                "gateway": chosen.gateway,
                "orchestrator": chosen.orchestrator,
                "triton": chosen.triton,
            }
            print_json(servers | places)

    @app.command(epilog=examples("sightline down"))
    def down(as_json: AsJson = False) -> None:
        """Stop all of them."""
        chosen = settings()
        from sightline.stack.control import down

        place = chosen.data_dir.resolve()
        stopped = down(chosen)
        if as_json:
            print_json({"data": str(place), "stopped": stopped})
        elif stopped:
            console.stdout.print(f"stopped the stack of {place}", markup=False)
        else:
            console.stdout.print(
                f"no stack of {place} was running; one of another directory is stopped from there",
                markup=False,
            )

    @app.command(epilog=examples("sightline status", "sightline status --json | jq .serving"))
    def status(server: Server = None, as_json: AsJson = False) -> None:
        """Say what serves, which packs are ready, and what the collections hold."""
        with Sightline(server, timeout=5) as client:
            serving = {"server": client.is_serving()}
            if client.is_serving("sightline.v1.CollectionService"):
                serving |= {name: client.is_serving(f"sightline.v1.{name}") for name in SERVICES}
                packs, collections = list(client.list_packs()), list(client.list_collections())
            else:
                packs, collections = [], []
            if as_json:
                print_json(
                    {
                        "address": client.address,
                        "serving": serving,
                        "packs": {
                            pack.name: {model.name: model.ready for model in pack.models} for pack in packs
                        },
                        "collections": {
                            found.name: {"images": found.image_count, "regions": found.region_count}
                            for found in collections
                        },
                    }
                )
            else:
                _print_status(client.address, serving)
                for pack in packs:
                    ready = sum(model.ready for model in pack.models)
                    console.stdout.print(
                        f"{_sign(pack.ready)} {pack.name}: {ready} of {len(pack.models)} models ready"
                    )
                for found in collections:
                    counts = f"{found.image_count} images, {found.region_count} regions"
                    console.stdout.print(f"  {found.name}: {counts}, {found.embedder}")
        if not serving["server"]:
            raise typer.Exit(1)


def _progress(now: "Status") -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, serves in now.serving.items():
        table.add_row(_sign(serves), name, "serves" if serves else "starting …")
    return table


def _print_status(address: str, serving: dict[str, bool]) -> None:
    console.stdout.print(f"{_sign(serving['server'])} {address}")
    for name, serves in serving.items():
        if name != "server":
            console.stdout.print(f"  {_sign(serves)} {name}")
    if len(serving) == 1:
        console.stdout.print("nothing answers there; `sightline up` starts a local stack")


def _sign(good: bool) -> str:
    return "[green]●[/]" if good else "[red]○[/]"
