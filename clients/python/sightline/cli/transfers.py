"""`collections export` and `collections import`: a collection as a snapshot, out and in."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from google.longrunning import operations_pb2
from google.protobuf.json_format import MessageToDict
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from sightline import Sightline
from sightline.cli.options import AsJson, Server, complete_collection, examples
from sightline.cli.output import console, print_json, progress_bars
from sightline.errors import from_status
from sightline.v1 import collection_service_pb2 as pb

_PAUSE = 0.3  # seconds between looks

Place = Annotated[
    str,
    typer.Argument(metavar="PLACE", help="A folder of the server, s3://bucket/prefix or gs://bucket/prefix."),
]


def register(group: typer.Typer) -> None:
    """Adds the commands to those of collections."""

    @group.command(
        "export",
        epilog=examples(
            "sightline collections export shop s3://backups/shop-2026-11 --blobs",
            "sightline collections export shop /srv/snapshots/shop",
        ),
    )
    def export(
        id: Annotated[
            str, typer.Argument(metavar="ID", help="The collection.", autocompletion=complete_collection)
        ],
        place: Place,
        blobs: Annotated[bool, typer.Option("--blobs", help="The pictures' files too.")] = False,
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Write a collection as a snapshot: Parquet for records and vectors, and a manifest."""
        with Sightline(server) as client:
            begun = client.export_collection(id, to_uri(place), include_files=blobs)
            ended = follow(client, begun, pb.ExportCollectionMetadata())
            response = pb.ExportCollectionResponse()
            ended.response.Unpack(response)
        if as_json:
            print_json(told(response))
            return
        files = f", {response.file_count:,} files" if blobs else ""
        console.stderr.print(
            f"wrote {response.image_count:,} images, {response.region_count:,} regions, "
            f"{response.text_count:,} texts{files} to {response.destination_uri}",
            markup=False,
        )
        if response.missing_file_count:
            console.stderr.print(f"{response.missing_file_count:,} files are gone", markup=False)

    @group.command(
        "import", epilog=examples("sightline collections import s3://backups/shop-2026-11 shop-restored")
    )
    def import_(
        place: Place,
        id: Annotated[str, typer.Argument(metavar="ID", help="Collection; made where there is none.")],
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Read a snapshot into a collection, without embedding anything again."""
        with Sightline(server) as client:
            begun = client.import_collection(to_uri(place), id)
            ended = follow(client, begun, pb.ImportCollectionMetadata())
            response = pb.ImportCollectionResponse()
            ended.response.Unpack(response)
        if as_json:
            print_json(told(response))
            return
        console.stderr.print(
            f"added {response.image_count:,} images, {response.region_count:,} regions, "
            f"{response.text_count:,} texts to {response.collection}; {response.skipped_count:,} were there",
            markup=False,
        )
        if response.missing_file_count:
            lost = f"{response.missing_file_count:,} images have no file: they are found, and cannot be shown"
            console.stderr.print(lost, markup=False)


def to_uri(place: str) -> str:
    """A place as the server names it: a path is that of a folder."""
    return place if "://" in place else Path(place).absolute().as_uri()


def told(response: pb.ExportCollectionResponse | pb.ImportCollectionResponse) -> dict[str, Any]:
    """A response as JSON, noughts too."""
    return MessageToDict(response, always_print_fields_with_no_presence=True)


def follow(
    client: Sightline,
    operation: operations_pb2.Operation,
    metadata: pb.ExportCollectionMetadata | pb.ImportCollectionMetadata,
) -> operations_pb2.Operation:
    """Shows how an operation stands until it has ended. Raises what it failed with.

    It goes on when this is interrupted.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with progress_bars(*columns) as bars:
        task = bars.add_task("images and texts", total=None)
        try:
            while not operation.done:
                operation.metadata.Unpack(metadata)
                done = metadata.image_count + metadata.text_count
                if isinstance(metadata, pb.ImportCollectionMetadata):
                    done += metadata.skipped_count
                total = metadata.total_image_count + metadata.total_text_count
                bars.update(task, completed=done, total=total or None)
                time.sleep(_PAUSE)
                operation = client.get_operation(operation.name)
        except KeyboardInterrupt:
            console.stderr.print(f"{operation.name} goes on in the server", markup=False)
            raise
    if operation.HasField("error"):
        raise from_status(operation.error)
    return operation
