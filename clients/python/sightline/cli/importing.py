"""`import`: has the server import what sources hold, and shows how far it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from sightline import ImportOperation, Sightline, SourceKind, to_source
from sightline.cli.options import AsJson, Collection, Server, examples
from sightline.cli.output import console, print_json, progress_bars
from sightline.v1 import import_pb2

Kind = Annotated[
    SourceKind | None,
    typer.Option("--as", help="What the sources are, where it is not told from their names."),
]
Folder = Annotated[str, typer.Option(help="Folder to put them in; theirs go below it.")]
DeleteMissing = Annotated[
    bool, typer.Option("--delete-missing", help="Delete what an earlier import made and the source lost.")
]
SkipDuplicates = Annotated[
    bool, typer.Option("--skip-duplicates", help="Leave out what the collection holds byte for byte.")
]
Pattern = Annotated[str, typer.Option(help="Of folders and buckets: a glob of paths, such as '**/*.jpg'.")]
Coco = Annotated[str, typer.Option(metavar="PATH", help="COCO's annotations of the pictures.")]
Roboflow = Annotated[str, typer.Option(metavar="PATH", help="A folder with Roboflow's annotations.")]
Column = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="ROLE=NAME",
        help="Of tables: which column is image, caption, text, label or url; metadata=NAME keeps one.",
    ),
]
Split = Annotated[str, typer.Option(help="Of data sets: the split; else train.")]
Listing = Annotated[str, typer.Option(metavar="new|hot|top", help="Of subreddits: the listing.")]
Limit = Annotated[int, typer.Option(min=0, max=1000, help="Of subreddits: posts; 0: 100.")]

_ROLES = ("image", "caption", "text", "label")


def read_sources(
    given: list[str],
    kind: SourceKind | None,
    *,
    pattern: str = "",
    coco: str = "",
    roboflow: str = "",
    columns: list[str] | None = None,
    split: str = "",
    listing: str = "",
    limit: int = 0,
) -> list[import_pb2.ImportSource]:
    """A source for each that was named; tar files are one together. Raises ValueError, BadParameter."""
    options: dict[str, Any] = {"pattern": pattern, "split": split, "listing": listing, "limit": limit}
    options = {name: value for name, value in options.items() if value} | _columns(columns or [])
    for format, uri in (("COCO", coco), ("ROBOFLOW", roboflow)):
        if uri:
            annotations = import_pb2.ImportSource.Annotations(
                format=import_pb2.ImportSource.Annotations.Format.Value(format),
                uri=to_source(uri, kind="files").files.uri,
            )
            options["annotations"] = annotations
    sources = [to_source(each, kind=kind, **options) for each in given]
    archives = [each for each in sources if each.HasField("archive")]
    for other in archives[1:]:
        archives[0].archive.uris.extend(other.archive.uris)
        sources.remove(other)
    return sources


def _columns(given: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in given:
        role, _, name = each.partition("=")
        if role in _ROLES and name:
            found[f"{role}_column"] = name
        elif role == "url" and name:
            found["url_column"] = name
        elif role == "metadata" and name:
            found.setdefault("columns", []).append(name)
        else:
            raise typer.BadParameter(
                f"--column {each}: it is image=, caption=, text=, label=, url= or metadata="
            )
    return found


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command(
        "import",
        epilog=examples(
            "sightline import ~/Pictures --delete-missing",
            "sightline import 's3://bucket/photos/**/*.jpg' -c photos",
            "sightline import shards/*.tar",
            "sightline import photos --coco annotations.json",
            "sightline import hf://owner/name --split test --column caption=text",
            "sightline import urls.csv r/EarthPorn https://example.org/feed.xml --no-wait",
        ),
    )
    def import_(
        sources: Annotated[
            list[str],
            typer.Argument(
                metavar="SOURCE...",
                help="Folders and globs, s3:// and gs://, *.tar, *.parquet, *.csv and *.jsonl of URLs, "
                "hf://OWNER/NAME, feeds' URLs, r/NAME; paths are the server's.",
            ),
        ],
        collection: Collection = "default",
        folder: Folder = "",
        delete_missing: DeleteMissing = False,
        skip_duplicates: SkipDuplicates = False,
        kind: Kind = None,
        pattern: Pattern = "",
        coco: Coco = "",
        roboflow: Roboflow = "",
        column: Column = None,
        split: Split = "",
        listing: Listing = "",
        limit: Limit = 0,
        wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Stay until it has ended.")] = True,
        cancel: Annotated[
            bool, typer.Option("--cancel-on-interrupt", help="Ctrl-C cancels it, and does not only leave it.")
        ] = False,
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Import what sources hold, in the server. Run again, it costs a listing and what is new or changed.

        Ctrl-C leaves the import to the server. Exit status 1 where an item failed.
        """
        asked = read_sources(
            sources,
            kind,
            pattern=pattern,
            coco=coco,
            roboflow=roboflow,
            columns=column,
            split=split,
            listing=listing,
            limit=limit,
        )
        with Sightline(server) as client:
            begun = [
                client.import_images(
                    each,
                    collection=collection,
                    folder=folder,
                    delete_missing=delete_missing,
                    skip_duplicates=skip_duplicates,
                )
                for each in asked
            ]
            if not wait:
                for operation in begun:
                    say_status(operation.status())
                return
            if any([follow(operation, cancel=cancel) for operation in begun]):
                raise typer.Exit(1)


def follow(operation: ImportOperation, *, cancel: bool = False) -> int:
    """Shows an import until it has ended, and then what became of it; how many items failed."""
    try:
        with progress_of(operation) as advance:
            operation.wait(progress=advance)
    except KeyboardInterrupt:
        if cancel:
            operation.cancel()
            console.stderr.print(f"cancelled {operation.name}")
        else:
            id = operation.name.partition("/")[2]
            console.stderr.print(f"{operation.name} goes on; `sightline jobs watch {id}` shows it again")
        raise
    status = operation.status()
    say_status(status)
    return status.counts.failed


@contextmanager
def progress_of(operation: ImportOperation) -> Iterator[Any]:
    """A bar on standard error where that is a terminal; what it gives takes how the import stands."""
    with progress_bars(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[done]}"),
        TextColumn("{task.fields[rate]}"),
        TextColumn("{task.fields[note]}", style="dim", markup=False),
    ) as progress:
        task = progress.add_task("listing", total=None, done="", rate="", note="")
        yield lambda status: _show(progress, task, status)


def _show(progress: Progress, task: TaskID, status: import_pb2.ImportMetadata) -> None:
    counts = status.counts
    total = counts.pending + counts.done + counts.unchanged + counts.duplicate + counts.failed
    ended = total - counts.pending
    rate = f"{status.items_per_second:.1f}/s" if status.items_per_second else ""
    if status.HasField("remaining_duration"):
        seconds = status.remaining_duration.seconds
        rate += f", {seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02} left"
    failed = f"{counts.failed:,} failed" if counts.failed else ""
    state = import_pb2.ImportMetadata.State.Name(status.state)
    progress.update(
        task,
        description="paused" if state == "PAUSED" else "importing" if status.listed else "listing",
        total=total or None,
        completed=ended,
        done=f"{ended:,}/{total:,}{'' if status.listed else '+'}",
        rate=rate,
        note=f"waits: {status.waiting_reason}" if status.waiting_reason else failed,
    )


def say_status(status: import_pb2.ImportMetadata) -> None:
    """One import as a line of JSON, or in words."""
    if console.as_json:
        print_json(status)
        return
    counts, state = status.counts, import_pb2.ImportMetadata.State.Name(status.state).lower()
    numbers = {
        "pending": counts.pending,
        "imported": counts.done,
        "unchanged": counts.unchanged,
        "duplicates": counts.duplicate,
        "failed": counts.failed,
        "deleted": counts.deleted,
    }
    told = ", ".join(f"{number:,} {what}" for what, number in numbers.items() if number) or "nothing yet"
    console.stdout.print(f"{status.operation} {state}: {told}", markup=False)
    if status.waiting_reason:
        console.stderr.print(f"  waits: {status.waiting_reason}", markup=False)
    for each in status.errors:
        console.stderr.print(f"  {each.key}: {each.error.message}", markup=False)
    if counts.failed > len(status.errors):
        id = status.operation.partition("/")[2]
        console.stderr.print(f"  … `sightline jobs items {id} --state failed` lists them all")
