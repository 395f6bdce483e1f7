"""`add`: puts files and folders into a collection."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from sightline import AlreadyExists, InvalidArgument, NewImage, Sightline, SightlineError
from sightline._inputs import PICTURE_SUFFIXES, collection_name, read_picture
from sightline.cli.options import STDIN, AsJson, Collection, Server, examples, read_input
from sightline.cli.output import console, error_json, print_json, progress_bars
from sightline.results import CreateResult


@dataclass(slots=True)
class Tally:
    """What became of the files."""

    added: int = 0
    present: int = 0
    failed: int = 0

    def __str__(self) -> str:
        return f"{self.added} added, {self.present} already there, {self.failed} failed"


def find_files(paths: list[Path], folder: str) -> Iterator[tuple[Path, str]]:
    """Files with the folder that each is put in: named ones as they are, folders' pictures at any depth.

    Raises FileNotFoundError.
    """
    prefix = [folder.strip("/")] if folder.strip("/") else []
    for path in paths:
        if path == STDIN or path.is_file():
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


def to_images(files: list[tuple[Path, str]], caption: str, name: str = "") -> Iterator[NewImage]:
    """An image a file, under an id that stays. Each is read once, when its turn comes.

    `name` is that of the picture on standard input.
    """
    for path, folder in files:
        called = name if path == STDIN else path.name
        try:
            content = read_picture(read_input(path))
        except (OSError, InvalidArgument):
            yield NewImage(picture=path, folder=folder, caption=caption)  # the client's result says why
        else:
            yield NewImage(
                picture=content,
                image_id=image_id(called, folder, content),
                display_name=called,
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
    """A result an image, with a progress bar on standard error where that is a terminal."""
    with progress_bars(
        TextColumn("indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
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

    @app.command(
        epilog=examples(
            "sightline add ~/Pictures",
            "sightline add beach.jpg --folder summer/2024 --caption 'a beach'",
            "curl -s https://example.org/a.jpg | sightline add - --name a.jpg",
            "sightline add ~/Pictures --json | jq -r 'select(.state == \"failed\").file'",
        )
    )
    def add(
        paths: Annotated[
            list[Path],
            typer.Argument(
                metavar="PATH...",
                help="Picture files, folders of them, - for standard input.",
            ),
        ],
        collection: Collection = "default",
        folder: Annotated[str, typer.Option(help="Folder to put them in; theirs go below it.")] = "",
        caption: Annotated[str, typer.Option(help="Caption for each.")] = "",
        name: Annotated[str, typer.Option(help="Name of what comes from standard input.")] = "",
        in_flight: Annotated[int, typer.Option(min=1, max=256, help="Images under way at once.")] = 16,
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Add pictures to a collection. What is there already is left as it is, so it can be run again.

        Exit status 1 where a file failed, and where there is no picture at all.
        """
        files = list(find_files(paths, folder))
        if not files:
            endings = ", ".join(sorted(PICTURE_SUFFIXES))
            raise SightlineError(
                f"no picture in {', '.join(map(str, paths))}: its name would end in {endings}"
            )
        tally = Tally()
        with Sightline(server) as client:
            images = to_images(files, caption, name)
            try:
                for result in add_images(
                    client, images, len(files), collection=collection, in_flight=in_flight
                ):
                    report(result, files[result.index][0], tally, collection)
            except KeyboardInterrupt:
                console.stderr.print(f"interrupted: {tally}, of {len(files)}; run again, it adds the others")
                raise
        console.text.print(str(tally))
        if tally.failed:
            raise typer.Exit(1)


def report(result: CreateResult, path: Path, tally: Tally, collection: str = "default") -> None:
    """Counts what became of the file at `path`, and names a failure. With --json, a line for each."""
    told: dict[str, Any] = {"file": str(path)}
    if result.image is not None:
        tally.added += 1
        told |= {"state": "added", "image": result.image.name}
    elif isinstance(result.error, AlreadyExists):
        tally.present += 1
        there = f"{collection_name(collection)}/images/{result.new.image_id}"
        told |= {"state": "present", "image": there}
    elif result.error is not None:
        tally.failed += 1
        told |= {"state": "failed", "error": error_json(result.error)}
        said = result.error.strerror if isinstance(result.error, OSError) else result.error
        console.stderr.print(f"{path}: {said or result.error}", markup=False)
    if console.as_json:
        print_json(told)
