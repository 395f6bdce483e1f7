"""`add`: puts files and folders into a collection."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from sightline import AlreadyExists, InvalidArgument, NewImage, Sightline
from sightline._inputs import PICTURE_SUFFIXES, read_picture
from sightline.cli.output import AsJson, Collection, Server, console, error_text, print_json
from sightline.results import CreateResult


@dataclass(slots=True)
class Tally:
    """What became of the files."""

    added: int = 0
    present: int = 0
    failed: int = 0


def find_files(paths: list[Path], folder: str) -> Iterator[tuple[Path, str]]:
    """Files with the folder that each is put in: named ones as they are, folders' pictures at any depth.

    Raises FileNotFoundError.
    """
    prefix = [folder.strip("/")] if folder.strip("/") else []
    for path in paths:
        if path.is_file():
            yield path, "/".join(prefix)
        elif path.is_dir():
            for found in sorted(path.rglob("*")):
                if found.suffix.lower() in PICTURE_SUFFIXES and found.is_file():
                    yield found, "/".join([*prefix, *found.relative_to(path).parts[:-1]])
        else:
            raise FileNotFoundError(f"{path} does not exist")


def image_id(name: str, folder: str, content: bytes) -> str:
    """An id that the same file in the same place gets again: adding it twice adds it once."""
    digest = hashlib.sha256(f"{folder}/{name}\0".encode())
    digest.update(content)
    return digest.hexdigest()[:32]


def to_images(files: list[tuple[Path, str]], caption: str) -> Iterator[NewImage]:
    """An image a file, under an id that stays. Each is read once, when its turn comes."""
    for path, folder in files:
        try:
            content = read_picture(path)
        except (OSError, InvalidArgument):
            yield NewImage(picture=path, folder=folder, caption=caption)  # the client's result says why
        else:
            yield NewImage(
                picture=content,
                image_id=image_id(path.name, folder, content),
                display_name=path.name,
                folder=folder,
                caption=caption,
            )


def add_images(
    client: Sightline,
    images: Iterable[NewImage],
    total: int,
    *,
    collection: str = "default",
    in_flight: int = 16,
) -> Iterator[CreateResult]:
    """A result an image, with a progress bar on standard error."""
    with Progress(
        TextColumn("indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console.stderr,
    ) as progress:
        task = progress.add_task("indexing", total=total, rate="")
        for result in client.create_images(images, collection=collection, in_flight=in_flight):
            _advance(progress, task)
            yield result


def _advance(progress: Progress, task: TaskID) -> None:
    speed = progress.tasks[task].speed
    progress.update(task, advance=1, rate=f"{speed:.1f} images/s" if speed else "")


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command()
    def add(
        paths: Annotated[
            list[Path], typer.Argument(metavar="PATH...", help="Picture files, and folders of them.")
        ],
        collection: Collection = "default",
        folder: Annotated[str, typer.Option(help="Folder to put them in; theirs go below it.")] = "",
        caption: Annotated[str, typer.Option(help="Caption for each.")] = "",
        in_flight: Annotated[int, typer.Option(min=1, max=256, help="Images under way at once.")] = 16,
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Add pictures to a collection. What is there already is left as it is, so it can be run again."""
        files = list(find_files(paths, folder))
        tally = Tally()
        with Sightline(server) as client:
            images = to_images(files, caption)
            for result in add_images(client, images, len(files), collection=collection, in_flight=in_flight):
                report(result, files[result.index][0], tally, as_json)
        if not as_json:
            console.stdout.print(
                f"{tally.added} added, {tally.present} already there, {tally.failed} failed", highlight=False
            )
        if tally.failed:
            raise typer.Exit(1)


def report(result: CreateResult, path: Path, tally: Tally, as_json: bool = False) -> None:
    """Counts what became of the file at `path`, and names a failure."""
    if result.ok:
        tally.added += 1
    elif isinstance(result.error, AlreadyExists):
        tally.present += 1
    else:
        tally.failed += 1
        said = result.error.strerror if isinstance(result.error, OSError) else result.error
        console.stderr.print(f"{path}: {said or result.error}", markup=False)
    if as_json:
        name = result.image.name if result.image is not None else ""
        print_json(
            {"file": str(path), "image": name, "error": error_text(result.error) if result.error else ""}
        )
