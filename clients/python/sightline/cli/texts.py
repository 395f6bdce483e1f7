"""`texts`: adds, lists and deletes text records."""

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from sightline import AlreadyExists, CreateTextResult, NewText, Sightline, SightlineError
from sightline._inputs import collection_name
from sightline.cli.add import Tally
from sightline.cli.options import STDIN, AsJson, Collection, Server, examples
from sightline.cli.output import console, error_json, error_text, plain_table, print_json
from sightline.v1 import text_pb2

JSON_LINES = frozenset({".jsonl", ".ndjson"})
_FIELDS = frozenset(field.name for field in fields(NewText))
_SHOWN = 80  # letters of a content in a table


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a text came from: a file, of JSON lines which one, or the command line."""

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file or "--content"


def text_id(new: NewText) -> str:
    """An id that the same text in the same place gets again: adding it twice adds it once."""
    said = [new.folder, new.display_name, new.content]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


def read_texts(
    paths: list[Path], content: str | None, folder: str
) -> Iterator[tuple[Source, NewText | Exception]]:
    """The texts of files and of the command line, or why one is none."""
    if content is not None:
        yield Source(), NewText(content=content, folder=folder)
    for path in paths:
        try:
            yield from _from_file(path, folder)
        except (OSError, UnicodeDecodeError) as error:
            yield Source(file=str(path)), error


def _from_file(path: Path, folder: str) -> Iterator[tuple[Source, NewText | Exception]]:
    if path != STDIN and path.suffix.lower() not in JSON_LINES:
        said = path.read_text(encoding="utf-8")
        yield Source(file=str(path)), NewText(content=said, display_name=path.name, folder=folder)
        return
    with sys.stdin if path == STDIN else path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield Source(file=str(path), line=number), _from_json(line, folder)


def _from_json(line: str, folder: str) -> NewText | Exception:
    try:
        said = json.loads(line)
    except ValueError as error:
        return error
    if not isinstance(said, dict) or not isinstance(said.get("content"), str):
        return ValueError("is no object with a content")
    if unknown := said.keys() - _FIELDS:
        return ValueError(f"{', '.join(sorted(unknown))}: known are {', '.join(sorted(_FIELDS))}")
    if not isinstance(said.get("labels", []), list):
        return ValueError("labels are a list")
    below = "/".join(part for part in (folder.strip("/"), str(said.get("folder", ""))) if part)
    return NewText(**said | {"folder": below})


def report(source: Source, result: CreateTextResult | Exception, tally: Tally, collection: str) -> None:
    """Counts what became of a text, and names a failure. With --json, a line for each."""
    told: dict[str, Any] = {"file": source.file} | ({"line": source.line} if source.line else {})
    error = result if isinstance(result, Exception) else result.error
    if isinstance(result, CreateTextResult) and result.text is not None:
        tally.added += 1
        told |= {"state": "added", "text": result.text.name}
    elif isinstance(result, CreateTextResult) and isinstance(error, AlreadyExists):
        tally.present += 1
        told |= {"state": "present", "text": f"{collection_name(collection)}/texts/{result.new.text_id}"}
    elif error is not None:
        tally.failed += 1
        told |= {"state": "failed", "error": error_json(error)}
        console.stderr.print(f"{source}: {error_text(error)}", markup=False)
    if console.as_json:
        print_json(told)


def texts_table(found: list[text_pb2.Text]) -> Table:
    """One line a text record: its name, folder, title and the beginning of its content."""
    table = plain_table("name", "folder", "title", "content")
    for each in found:
        said = " ".join(each.content.split())
        short = said if len(said) <= _SHOWN else f"{said[:_SHOWN]} …"
        table.add_row(each.name, each.folder, each.display_name, short)
    return table


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(no_args_is_help=True, help="Add, list and delete text records.")
    app.add_typer(group, name="texts")

    @group.command(
        epilog=examples(
            "sightline texts add notes.jsonl",
            "sightline texts add *.md --folder notes",
            "sightline texts add --content 'a red umbrella on the beach'",
            """jq -c '{content: .body, display_name: .title}' posts.jsonl | sightline texts add -""",
        )
    )
    def add(
        paths: Annotated[
            list[Path] | None,
            typer.Argument(
                metavar="PATH...",
                help="JSON lines (.jsonl, .ndjson, - for standard input), or text files, one record each.",
            ),
        ] = None,
        content: Annotated[str | None, typer.Option(help="The content of one record.")] = None,
        collection: Collection = "default",
        folder: Annotated[str, typer.Option(help="Folder to put them in; theirs go below it.")] = "",
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Add texts to a collection. What is there already is left as it is, so it can be run again.

        A line of JSON is an object with `content` and, as it likes, `text_id`, `display_name`, `folder`,
        `labels`, `metadata`, `source_uri`. Exit status 1 where a text failed, and where there is none at all.
        """
        if not paths and content is None:
            raise typer.BadParameter("give PATH or --content")
        tally, sources = Tally(), list[Source]()

        def good() -> Iterator[NewText]:
            for source, new in read_texts(paths or [], content, folder):
                if isinstance(new, Exception):
                    report(source, new, tally, collection)
                else:
                    sources.append(source)
                    yield replace(new, text_id=new.text_id or text_id(new))

        with Sightline(server) as client:
            try:
                for result in client.create_texts(good(), collection=collection):
                    report(sources[result.index], result, tally, collection)
            except KeyboardInterrupt:
                console.stderr.print(f"interrupted: {tally}; run again, it adds the others")
                raise
        if not tally.added + tally.present + tally.failed:
            raise SightlineError(f"no text in {', '.join(map(str, paths or []))}")
        console.text.print(str(tally))
        if tally.failed:
            raise typer.Exit(1)

    @group.command(
        "list",
        epilog=examples(
            "sightline texts list -f 'content:umbrella'", "sightline texts list --json | jq -r .content"
        ),
    )
    def list_(
        filter: Annotated[
            str, typer.Option("--filter", "-f", help="""AIP-160, such as 'folder = "notes"'.""")
        ] = "",
        limit: Annotated[int | None, typer.Option("--limit", "-n", min=1, help="Records at most.")] = None,
        collection: Collection = "default",
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """List the text records of a collection, the oldest first."""
        shown: list[text_pb2.Text] = []
        with Sightline(server) as client:
            for number, text in enumerate(client.list_texts(collection=collection, filter=filter)):
                if number == limit:
                    break
                if as_json:
                    print_json(text)
                else:
                    shown.append(text)
        if not as_json:
            console.stdout.print(texts_table(shown))

    @group.command(epilog=examples("sightline texts delete collections/default/texts/note-1"))
    def delete(
        names: Annotated[list[str], typer.Argument(metavar="NAME...", help="collections/C/texts/T.")],
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Delete text records."""
        with Sightline(server) as client:
            for name in names:
                client.delete_text(name)
                if as_json:
                    print_json({"deleted": name})
                console.stderr.print(f"deleted {name}", markup=False)
